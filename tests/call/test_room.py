"""Who hears whom, sample by sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ivr.call.room import EVERYBODY, NOBODY, Place, Role, Room, gain
from ivr.model.audio import AudioFrame
from ivr.model.errors import NotThere

MUSIC = 77


class Steps:
    """Music that says where it is."""

    def frame(self, rate: int, index: int) -> NDArray[np.int16]:
        return np.full(rate // 50, MUSIC + index, np.int16)


def room(*parties: tuple[str, Role], rate: int = 8000) -> Room:
    made = Room(Steps())
    for name, role in parties:
        made.join(name, role, rate, NOBODY if role == "supervisor" else EVERYBODY)
    return made


def frame(value: int, rate: int = 8000) -> AudioFrame:
    return AudioFrame(np.full(rate // 50, value, "<i2").tobytes(), rate)


def steady(made: Room, says: dict[str, int]) -> dict[str, int]:
    """The last sample each hears once everybody has said the same for two frames."""
    for _ in range(2):
        for name, value in says.items():
            made.put(name, frame(value, made.places[name].rate))
        heard = made.mix()
    return {name: int(each.samples[-1]) for name, each in heard.items()}


CALL: tuple[tuple[str, Role], ...] = (("caller", "caller"), ("anna", "agent"))
SAYS = {"caller": 1, "anna": 10, "bob": 100, "sue": 1000}


def says(made: Room) -> dict[str, int]:
    return {name: SAYS[name] for name in made.places}


def test_in_a_bridge_each_hears_the_other_and_not_themselves() -> None:
    assert steady(room(*CALL), {"caller": 1, "anna": 10}) == {"caller": 10, "anna": 1}


def test_a_held_caller_hears_music_and_the_agent_nothing_of_it() -> None:
    made = room(*CALL)
    made.hold("caller")
    assert steady(made, says(made)) == {"caller": MUSIC + 1, "anna": 0}
    made.resume("caller")
    assert steady(made, says(made)) == {"caller": 10, "anna": 1}
    made.hold("caller")
    assert steady(made, says(made))["caller"] == MUSIC + 3


def test_what_was_said_on_hold_is_not_heard_after_it() -> None:
    made = room(*CALL)
    made.hold("caller")
    for _ in range(5):
        made.put("caller", frame(9))
    made.resume("caller")
    assert made.waiting("caller") == 2
    made.resume("anna")
    assert not made.places["anna"].held


def test_who_is_muted_hears_and_is_not_heard() -> None:
    made = room(*CALL)
    made.mute("anna")
    assert steady(made, says(made)) == {"caller": 0, "anna": 1}
    made.mute("anna", False)
    assert steady(made, says(made)) == {"caller": 10, "anna": 1}


def test_a_supervisor_listens_whispers_and_barges_in() -> None:
    made = room(*CALL, ("sue", "supervisor"))
    assert steady(made, says(made)) == {"caller": 10, "anna": 1, "sue": 11}
    made.whisper("sue", "anna")
    assert steady(made, says(made)) == {"caller": 10, "anna": 1001, "sue": 11}
    made.barge("sue")
    assert steady(made, says(made)) == {"caller": 1010, "anna": 1001, "sue": 11}
    made.monitor("sue")
    assert steady(made, says(made)) == {"caller": 10, "anna": 1, "sue": 11}


def test_a_consultation_is_held_from_the_caller_and_a_conference_is_everybody() -> None:
    made = room(*CALL, ("bob", "agent"))
    made.hold("caller")
    assert steady(made, says(made)) == {"caller": MUSIC + 1, "anna": 100, "bob": 10}
    made.resume("caller")
    assert steady(made, says(made)) == {"caller": 110, "anna": 101, "bob": 11}
    made.leave("anna")
    assert steady(made, says(made)) == {"caller": 100, "bob": 1}


def test_a_bot_is_heard_by_one_agent_and_hears_nothing() -> None:
    made = room(*CALL)
    made.join("bot", "bot", 8000, frozenset({"anna"}))
    for _ in range(20):
        made.put("bot", frame(500))
    assert made.waiting("bot") == 20
    assert steady(made, {"caller": 1, "anna": 10}) == {"caller": 10, "anna": 501}


def test_loud_voices_together_are_clipped_and_do_not_wrap() -> None:
    made = room(*CALL, ("bob", "agent"))
    assert steady(made, {"caller": 30000, "anna": 30000, "bob": -3})["bob"] == 32767
    assert steady(made, {"caller": -30000, "anna": -30000, "bob": 3})["bob"] == -32768


@pytest.mark.parametrize("rates", [(8000, 48000), (16000, 8000), (48000, 16000)])
def test_lines_of_different_rates_hear_each_other_at_their_own(rates: tuple[int, int]) -> None:
    made = Room(Steps())
    made.join("caller", "caller", rates[0])
    made.join("anna", "agent", rates[1])
    for _ in range(4):
        made.put("caller", frame(500, rates[0]))
        made.put("anna", frame(3000, rates[1]))
        heard = made.mix()
    assert {name: each.rate for name, each in heard.items()} == {"caller": rates[0], "anna": rates[1]}
    assert {each.seconds for each in heard.values()} == {0.02}
    assert heard["caller"].samples == pytest.approx(3000, abs=8)
    assert heard["anna"].samples == pytest.approx(500, abs=4)


def test_a_line_that_changes_its_rate_is_still_heard() -> None:
    made = room(*CALL)
    pcm = np.full(1200, 400, "<i2").tobytes()
    made.put("caller", AudioFrame(pcm[:1000], 16000))
    made.put("caller", AudioFrame(pcm[1000:], 16000))
    assert made.waiting("caller") == 3
    made.mix()
    assert made.mix()["anna"].samples == pytest.approx(400, abs=4)


def test_time_left_out_is_left_out_for_all() -> None:
    made = room(*CALL)
    for name in ("caller", "anna"):
        for _ in range(5):
            made.put(name, frame(1))
    made.catch_up()
    assert [made.waiting(name) for name in ("caller", "anna")] == [2, 2]


def test_names_are_taken_once_and_strangers_are_not_there() -> None:
    made = room(*CALL)
    with pytest.raises(ValueError, match="already"):
        made.join("anna", "agent", 8000)
    with pytest.raises(ValueError, match="20 ms"):
        made.join("bob", "agent", 11025)
    made.leave("bob")
    for ask in (made.hold, made.resume, made.mute, made.monitor, made.barge, made.waiting):
        with pytest.raises(NotThere, match="bob"):
            ask("bob")
    assert "anna" in made
    assert "bob" not in made


def test_an_empty_room_is_quiet() -> None:
    assert room().mix() == {}
    assert room().gains()[1].shape == (0, 0)


NAMES = ("a", "b", "c", "d")
PLACES = st.builds(
    Place,
    role=st.sampled_from(["caller", "agent", "supervisor", "bot"]),
    rate=st.sampled_from([8000, 16000, 48000]),
    audience=st.none() | st.frozensets(st.sampled_from(NAMES)),
    held=st.booleans(),
    muted=st.booleans(),
)


@given(st.dictionaries(st.sampled_from(NAMES), PLACES, min_size=1))
def test_nobody_hears_themselves_the_held_the_muted_or_what_is_not_for_them(places: dict[str, Place]) -> None:
    for listener, hears in places.items():
        for speaker, speaks in places.items():
            for_them = speaks.audience is None or listener in speaks.audience
            silent = listener == speaker or hears.held or hears.role == "bot" or speaks.held or speaks.muted
            assert gain(listener, speaker, places) == (1.0 if for_them and not silent else 0.0)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(-32768, 32767), min_size=1),
    st.lists(st.tuples(st.sampled_from(["hold", "resume", "mute", "monitor", "barge"]), st.sampled_from(NAMES))),
)
def test_everybody_hears_exactly_their_row_of_the_matrix(said: dict[str, int], done: list[tuple[str, str]]) -> None:
    made = room(*((name, "agent") for name in said))
    for what, name in done:
        if name in made:
            getattr(made, what)(name)
    names, gains = made.gains()
    heard = steady(made, said)
    for row, name in enumerate(names):
        if not made.places[name].held:
            wanted = sum(gains[row, column] * said[other] for column, other in enumerate(names))
            assert heard[name] == max(-32768, min(32767, wanted))
        else:
            assert heard[name] >= MUSIC
