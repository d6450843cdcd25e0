"""Pure: conversation tests: what the caller does, and what must be said or happen. The format, and who was right.

A conversation is rehearsed by whoever can make a call: `Rehearsal` says what the caller does next, and is told
what came of it. The same file is played against the engine, through the whole call by text, or spoken.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from ivr.flow.matching import is_action, says, short
from ivr.flow.problems import FlowProblems, Problem
from ivr.flow.schema_steps import Part
from ivr.flow.yaml_lines import Document, read_yaml
from ivr.model.commands import Action


def _list(raw: Any) -> Any:
    return raw if isinstance(raw, list | tuple) else [raw]


Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]


class Reply(Part):
    """A recorded answer of a service."""

    status: int = 200
    body: Any = None
    error: str = ""


class Turn(Part):
    """One line of a conversation: something the caller does, or something that must be so."""

    caller: str | None = None
    mood: Literal["amber", "red"] | None = None
    """How the caller sounds, where their words alone do not say it."""

    press: str | None = None
    silence: int | None = Field(default=None, ge=1, le=9)
    trouble: str | None = None
    hang_up: bool | None = None
    bot: Texts | None = None
    not_bot: Texts | None = None
    happens: dict[str, Any] | None = None
    at: str | None = None
    language: str | None = None
    ended: str | None = None


class Conversation(Part):
    name: str
    language: str = ""
    facts: dict[str, Any] = {}
    replies: dict[str, Reply | tuple[Reply, ...] | str] = {}
    talk: tuple[Turn, ...] = Field(min_length=1)


class ConversationFile(Part):
    flow: str
    language: str = ""
    understanding: Literal["any", "real"] = "any"
    facts: dict[str, Any] = {}
    replies: dict[str, Reply | tuple[Reply, ...] | str] = {}
    conversations: tuple[Conversation, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Act:
    """What the caller does next. `begin` is the call being answered."""

    kind: Literal["begin", "say", "press", "silence", "trouble", "hang_up"]
    text: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of an act, until the caller is expected to do something again or the call is over."""

    said: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    """Everything but speech, in order: `Fetch`, `JoinQueue`, `Transfer`, `Note`, `TakeMessage`, `HangUp`."""

    step: str = ""
    language: str = ""
    ended: str = ""
    """Reason of the hang-up; empty while the call goes on."""


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation with what its file says for all of them."""

    file: str
    flow: str
    """Path of the flow file as the test file names it, relative to the folder above."""

    name: str
    language: str
    facts: Mapping[str, Any]
    replies: Mapping[str, Reply | tuple[Reply, ...] | str]
    """By step: what a fetch gets (several: one after the other, the last for ever), or the outcome of a queue,
    transfer or message as a word."""

    talk: tuple[tuple[int, Turn], ...]
    """Each turn with its line."""

    real: bool = False
    """Only the real understanding can play it: its callers say dates, or things in words that no phrase has."""


def read_conversations(text: str, file: str) -> list[Script]:
    """The conversations of one test file.

    Raises:
        FlowProblems: the file has mistakes.
    """
    document = read_yaml(text, file)
    try:
        read = ConversationFile.model_validate(document.content)
    except ValidationError as error:
        raise FlowProblems(_told(error, document, file)) from error
    scripts = []
    for number, one in enumerate(read.conversations):
        talk = tuple(
            (document.line(("conversations", str(number), "talk", str(turn))), one.talk[turn])
            for turn in range(len(one.talk))
        )
        language = one.language or read.language
        facts, replies = {**read.facts, **one.facts}, {**read.replies, **one.replies}
        scripts.append(Script(file, read.flow, one.name, language, facts, replies, talk, read.understanding == "real"))
    return scripts


def _told(error: ValidationError, document: Document, file: str) -> Iterator[Problem]:
    every = error.errors()
    for finding in [one for one in every if one["type"] != "too_short"] or every:
        path = tuple(str(part) for part in finding["loc"])
        why = f"'{'.'.join(path[-2:])}': {finding['msg']}."
        yield Problem(file, document.line(path), "", why, "See docs/flows.md, conversation tests.", code="conversation")


@dataclass(slots=True)
class Rehearsal:
    """One conversation being played. Ask `next_act()`, do it, tell `take()`; in the end read `failures`."""

    script: Script
    failures: list[str] = field(default_factory=list)
    _position: int = -1
    _left: int = 0
    _last: Happened = field(default_factory=Happened)
    _said: tuple[str, ...] = ()

    def next_act(self) -> Act | None:
        """What the caller does now; None when the conversation is over."""
        if self._position < 0:
            self._position = 0
            return Act("begin")
        if self._left:
            self._left -= 1
            return Act("silence")
        while self._position < len(self.script.talk):
            line, turn = self.script.talk[self._position]
            self._position += 1
            self._check(line, turn)
            act = _act(turn)
            if act is not None and self._last.ended:
                self._fail(line, f"the call is already over ({self._last.ended})")
                return None
            if act is not None:
                self._left = (turn.silence or 1) - 1
                return act
        return None

    def take(self, happened: Happened) -> None:
        self._last = happened

    def _fail(self, line: int, why: str) -> None:
        self.failures.append(f"{self.script.file}:{line}: {self.script.name}: {why}")

    def _check(self, line: int, turn: Turn) -> None:
        last = self._last
        said = " ".join(last.said)
        for text in turn.bot or ():
            if not says(said, text):
                self._fail(line, f"expected to hear '{text}', but heard '{said}'")
        for text in turn.not_bot or ():
            if says(said, text):
                self._fail(line, f"must not hear '{text}', but heard '{said}'")
        for kind, wanted in (turn.happens or {}).items():
            if not any(is_action(action, kind, wanted) for action in last.actions):
                self._fail(
                    line, f"expected {kind} {wanted}, but there was {[short(action) for action in last.actions]}"
                )
        for what, wanted, got in (
            ("to be at step", turn.at, last.step.rpartition(".")[2]),
            ("the language", turn.language, last.language),
            ("the call to end with", turn.ended, last.ended),
        ):
            if wanted is not None and wanted != got:
                self._fail(line, f"expected {what} '{wanted}', but it was '{got}'")


def _act(turn: Turn) -> Act | None:
    if turn.caller is not None:
        return Act("say", turn.caller, turn.mood or "")
    if turn.press is not None:
        return Act("press", turn.press)
    if turn.silence is not None:
        return Act("silence")
    if turn.trouble is not None:
        return Act("trouble", turn.trouble)
    return Act("hang_up") if turn.hang_up else None


def rehearse(script: Script, drive: Callable[[Act], Happened]) -> list[str]:
    """Play a conversation; what went differently, empty if nothing did."""
    rehearsal = Rehearsal(script)
    while (act := rehearsal.next_act()) is not None:
        rehearsal.take(drive(act))
    return rehearsal.failures


async def rehearse_live(script: Script, drive: Callable[[Act], Awaitable[Happened]]) -> list[str]:
    """The same with a call that takes its time."""
    rehearsal = Rehearsal(script)
    while (act := rehearsal.next_act()) is not None:
        rehearsal.take(await drive(act))
    return rehearsal.failures
