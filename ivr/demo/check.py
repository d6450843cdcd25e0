"""Pure: does the record of a call show what its script says it must? What differs is said in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from telephony.standin.trace import CallTrace


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


OneOf = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Values of which one must be there; a single one may be written without a list. Empty: anything."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedSurvey(_Strict):
    status: OneOf = ()
    answers: dict[str, str] = {}


class Expected(_Strict):
    """What must be true of a call. Everything not written is free."""

    ended_by: OneOf = ()
    """As the far end saw it: caller, server, network, carrier, refused, broken."""

    end_reason: OneOf = ()
    outcome: OneOf = ()
    handled_by: OneOf = ()
    disconnect_by: OneOf = ()
    path: tuple[str, ...] = ()
    """Steps passed, in this order, with any others between them; with or without the name of their flow."""

    turns_at_least: int = 0
    interruptions_at_least: int = 0
    """Times the caller spoke or pressed over a prompt and the server let go of it."""

    notes: dict[str, str] = {}
    survey: ExpectedSurvey | None = None


_FIELDS = ("end_reason", "outcome", "handled_by", "disconnect_by")


def differences(expected: Expected, record: Mapping[str, Any] | None, trace: CallTrace) -> tuple[str, ...]:
    """What is not as expected, one sentence each; empty when the call went as its script says.

    Args:
        record: the JSON of `GET /api/calls/{id}`; None where the server remembers no such call.
    """
    found = list(_far_end(expected, trace))
    if record is None:
        return (*found, "the server has no record of the call")
    return (*found, *_fields(expected, record), *_passed(expected, record), *_survey(expected, record))


def _far_end(expected: Expected, trace: CallTrace) -> Iterator[str]:
    if trace.trouble:
        yield f"the call broke: {trace.trouble}"
    yield from _one_of("ended_by", expected.ended_by, trace.ended_by)
    yield from (f"the caller: {what}" for what in trace.missed)
    for turn in trace.turns:
        if turn.outcome == "lost":
            what = "key" if turn.kind == "keys" else "words"
            yield f"no answer came to the caller's {what} “{turn.words}” at {turn.began_at:.1f} s"
    let_go = sum(turn.cleared_at is not None for turn in trace.turns)
    if let_go < expected.interruptions_at_least:
        yield f"{let_go} interruptions stopped the server, not {expected.interruptions_at_least} or more"


def _fields(expected: Expected, record: Mapping[str, Any]) -> Iterator[str]:
    for name in _FIELDS:
        yield from _one_of(name, getattr(expected, name), str(record.get(name, "")))
    turns = sum(bool(turn.get("heard") or turn.get("keys")) for turn in record.get("turns", ()))
    if turns < expected.turns_at_least:
        yield f"the record has {turns} turns of the caller, not {expected.turns_at_least} or more"
    notes = record.get("notes", {})
    for name, value in expected.notes.items():
        yield from _one_of(f"note {name}", (value,), str(notes.get(name, "")))


def _passed(expected: Expected, record: Mapping[str, Any]) -> Iterator[str]:
    ahead = iter([str(step) for step in record.get("path", ())])
    for wanted in expected.path:
        # An iterator remembers its place: each step is looked for behind the one before.
        if not any(step == wanted or step.endswith(f".{wanted}") for step in ahead):
            yield f"step {wanted} was not passed (in this order); path: {' '.join(record.get('path', ())) or 'none'}"
            return


def _survey(expected: Expected, record: Mapping[str, Any]) -> Iterator[str]:
    if expected.survey is None:
        return
    survey = record.get("survey")
    if not survey:
        yield "there is no survey record; every answered call must have one"
        return
    yield from _one_of("survey status", expected.survey.status, str(survey.get("status", "")))
    answers = survey.get("answers", {})
    for name, value in expected.survey.answers.items():
        yield from _one_of(f"survey answer {name}", (value,), str(answers.get(name, "")))


def _one_of(what: str, wanted: Sequence[str], found: str) -> Iterator[str]:
    if wanted and found not in wanted:
        yield f"{what} is {found or 'empty'}, not {' or '.join(wanted)}"
