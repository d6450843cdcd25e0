"""Every event survives the journal unchanged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.errors import StoreError
from ivr.model.events import CallerHungUp, CallEvent, Heard, TimerFired, TurnTimes
from ivr.model.journal import EVENTS, _read, event_from_json, event_to_json
from ivr.model.meaning import Hypothesis, IntentGuess, Meaning, SlotValue, Word

words = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def drawn(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field, every nested field drawn too, floats without NaN (it never equals itself)."""
    arguments = get_args(hint)
    if hint is float:
        return st.floats(allow_nan=False)
    if hint is Any:
        return json_values
    if get_origin(hint) is tuple:
        return st.lists(drawn(arguments[0]), max_size=2).map(tuple)
    if get_origin(hint) is Mapping:
        return st.dictionaries(words, drawn(arguments[1]), max_size=3)
    if is_dataclass(hint):
        return filled(hint)
    return words if hint is str else st.from_type(hint)


def filled(kind: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: drawn(hint) for name, hint in get_type_hints(kind).items()})


@pytest.mark.parametrize("kind", get_args(CallEvent), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_comes_back_from_json_as_it_went(kind: type) -> None:
    @given(filled(kind))
    def round_trip(event: CallEvent) -> None:
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event

    round_trip()


def test_the_journal_knows_every_member_of_the_closed_union() -> None:
    assert set(EVENTS.values()) == set(get_args(CallEvent))


def test_a_spoken_turn_keeps_words_alternatives_meaning_and_times() -> None:
    heard = Heard(
        "find a branch",
        0.9,
        (Hypothesis("find a ranch", 0.4),),
        (Word("find", 0.0, 0.3),),
        Meaning(
            "find a branch", (IntentGuess("branch_lookup", 0.97),), (SlotValue("place", "nest"),), "yes", 0.8, True
        ),
        TurnTimes(1.0, 2.0, 0.4, 0.1),
        "moonshine",
    )
    assert event_from_json(json.loads(json.dumps(event_to_json(heard)))) == heard


def test_fields_of_a_newer_version_are_left_out_and_missing_ones_take_their_default() -> None:
    assert event_from_json({"kind": "CallerHungUp", "fields": {"mood": "good"}}) == CallerHungUp()


@pytest.mark.parametrize("stored", [{}, {"kind": "Sneezed", "fields": {}}, {"kind": "TimerFired", "fields": None}])
def test_an_entry_of_an_unknown_kind_is_a_store_error(stored: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="unknown kind"):
        event_from_json(stored)


def test_an_entry_that_lacks_a_field_without_default_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="TimerFired lacks a field"):
        event_from_json({"kind": TimerFired.__name__, "fields": {}})


def test_a_field_type_nobody_taught_the_journal_is_refused_loudly() -> None:
    @dataclass(frozen=True)
    class Odd:
        when: int | str

    with pytest.raises(StoreError, match="teach ivr/model/journal.py"):
        _read(Odd.__annotations__["when"], 3)
