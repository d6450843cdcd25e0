"""Pure: what may stand in a step. The verb of a step says what it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.flow.queueing import MOST_PRIORITY, readable

Severity = Literal["low", "moderate", "severe"]
Confirmation = Literal["auto", "none", "implicit", "explicit"]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]
Entry = Annotated[str, Field(pattern=r"^([0-9]{1,2}|[*#])$")]
"""Keys of one answer: a scale up to ten has one of two."""


class Part(BaseModel):
    """Every piece of a flow file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


def _words(raw: Any) -> Any:
    if isinstance(raw, str | int | float):
        return {"": (str(raw),)}
    if isinstance(raw, list | tuple):
        return {"": tuple(raw)}
    if not isinstance(raw, Mapping):
        return raw
    return {name: tuple(text) if isinstance(text, list | tuple) else (text,) for name, text in raw.items()}


Words = Annotated[Mapping[str, tuple[str, ...]], BeforeValidator(_words)]
"""Text by language. `""` is the language of a flow that has one. Several texts are said one after the other
time (first, second, third) where a step asks again, and are synonyms where a step listens."""


def _names(raw: Any) -> Any:
    return (raw,) if isinstance(raw, str) else raw


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Confidence(Part):
    """Zones of domain.md 2.9.3: at or above `accept` believed, `implicit` repeated in passing, `explicit` asked."""

    accept: float = Field(default=0.80, ge=0, le=1)
    implicit: float = Field(default=0.60, ge=0, le=1)
    explicit: float = Field(default=0.40, ge=0, le=1)
    margin: float = Field(default=0.15, ge=0, le=1)
    heard: bool = False
    """How surely the words were heard counts too: a value is as sure as the less sure of both."""


class Listening(Part):
    """What every step that waits for the caller can say about it."""

    intents: dict[str, str] = {}
    keys: dict[Key, str] = {}
    also: Names = ()
    knowledge: str | None = None
    help: Words = {}
    no_input: Words = {}
    no_match: Words = {}
    tries: int | None = Field(default=None, ge=1, le=5)
    on_no_input: str | None = None
    on_no_match: str | None = None
    yes: str | None = None
    no: str | None = None
    dont_know: str | None = None
    severity: Severity = "low"
    confidence: Confidence | None = None
    barge_in: bool = True
    no_input_seconds: float = Field(default=0.0, ge=0, le=60)
    end_of_turn_seconds: float = Field(default=0.0, ge=0, le=5)
    longest_seconds: float = Field(default=0.0, ge=0, le=120)


class SayStep(Part):
    say: Words
    barge_in: bool = True
    voice: str = ""
    then: str


class AskStep(Listening):
    ask: Words


class CollectStep(Listening):
    collect: Names
    prompt: Words
    each: dict[str, Words] = {}
    then: str
    confirm: Confirmation = "auto"
    check: str = ""
    check_failed: Words = {}
    always: bool = False
    end_key: Key = "#"
    between_seconds: float = Field(default=3.0, gt=0, le=10)


class ConfirmStep(Listening):
    confirm: Words
    yes: str = Field()
    no: str = Field()
    correct: dict[str, str] = {}


class Choice(Part):
    name: str = ""
    hear: Words = {}
    key: Key | None = None
    then: str


class MenuStep(Listening):
    menu: Words
    choices: tuple[Choice, ...] = Field(min_length=1)
    remember: str = ""


class Case(Part):
    when: str
    then: str


class BranchStep(Part):
    branch: tuple[Case, ...] = Field(min_length=1)
    otherwise: str
    error: str | None = None


class SetStep(Part):
    set: dict[str, Any]
    language: str | None = None
    error: str | None = None
    then: str


class FetchStep(Part):
    fetch: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    body: Any = None
    headers: dict[str, str] = {}
    timeout_seconds: float = Field(default=4.0, gt=0, le=30)
    retries: int = Field(default=1, ge=0, le=3)
    remember: dict[str, str] = {}
    filler: Words = {}
    filler_always: bool = False
    then: str
    on: dict[str, str] = {}
    failed: str | None = None


class AnswerStep(Part):
    answer: str
    threshold: float = Field(default=0.60, ge=0, le=1)
    then: str
    not_found: str | None = None


class Ring(Part):
    """Whom a caller is offered to for a while; the next step widens the circle."""

    skills: Annotated[Names, AfterValidator(readable)] = ()
    any_of: Annotated[Names, AfterValidator(readable)] = ()
    agents: Names = ()
    seconds: float | None = Field(default=None, gt=0)


def _rings(rings: tuple[Ring, ...]) -> tuple[Ring, ...]:
    if any(ring.seconds is None for ring in rings[:-1]):
        raise ValueError("every step but the last needs `seconds`: the next one begins when they are over")
    return rings


class QueueStep(Part):
    queue: str
    skills: Annotated[Names, AfterValidator(readable)] = ()
    steps: Annotated[tuple[Ring, ...], AfterValidator(_rings)] = ()
    emergency: bool = False
    priority: int = Field(default=0, ge=0, le=MOST_PRIORITY)
    reason: str = ""
    summary: Words = {}
    handoff: Names = ()
    on: dict[str, str] = {}
    otherwise: str | None = None


class TransferStep(Part):
    transfer: str
    reason: str = ""
    summary: Words = {}
    handoff: Names = ()
    timeout_seconds: float = Field(default=30.0, gt=0, le=120)
    on: dict[str, str] = {}
    otherwise: str | None = None


class NoteStep(Part):
    note: dict[str, str]
    then: str


class MessageStep(Part):
    message: str
    longest_seconds: float = Field(default=60.0, gt=0, le=300)
    then: str
    otherwise: str | None = None


class SubflowStep(Part):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)
    subflow: str
    give: dict[str, Any] = {}
    take: dict[str, str] = {}
    on: dict[str, str] = {}
    then: str


class ReturnStep(Part):
    back_to_caller: str = Field(alias="return", default="")


class HangUpStep(Part):
    hangup: str
    survey: bool = True


class SurveyStep(Part):
    survey: str


ListeningStep = AskStep | CollectStep | ConfirmStep | MenuStep
Step = (
    SayStep
    | AskStep
    | CollectStep
    | ConfirmStep
    | MenuStep
    | BranchStep
    | SetStep
    | FetchStep
    | AnswerStep
    | QueueStep
    | TransferStep
    | NoteStep
    | MessageStep
    | SubflowStep
    | ReturnStep
    | HangUpStep
    | SurveyStep
)

VERBS: Mapping[str, type[Part]] = {
    "say": SayStep,
    "ask": AskStep,
    "collect": CollectStep,
    "confirm": ConfirmStep,
    "menu": MenuStep,
    "branch": BranchStep,
    "set": SetStep,
    "fetch": FetchStep,
    "answer": AnswerStep,
    "queue": QueueStep,
    "transfer": TransferStep,
    "note": NoteStep,
    "message": MessageStep,
    "subflow": SubflowStep,
    "return": ReturnStep,
    "hangup": HangUpStep,
    "survey": SurveyStep,
}
"""Verb to the shape of its step; where a step has two of these words, the earlier one that knows the other wins."""
