"""A flow small enough to read in one go: a table from step and reply to what happens next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.flow.fill import fill
from ivr.flow.progress import Answer, FlowState, Frame, Outcome, Progress, Reply, Silence, Trouble
from ivr.flow.sentences import sentence
from ivr.model.commands import Action
from ivr.model.meaning import Expect, Meaning

Step = Callable[[Reply | None], tuple[str, tuple[Action, ...], Expect | None]]


@dataclass(slots=True)
class TableDialogue:
    """`table[step]` says what leads where: reply in words → (next step, actions, expect)."""

    table: Mapping[str, Mapping[str, tuple[str, tuple[Action, ...], Expect | None]]]
    name: str = "table"
    version: str = "1"
    replies: list[Reply] = field(default_factory=list)

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress:
        return self._go("", "begin", FlowState((Frame(self.name, ""),), language))

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        self.replies.append(reply)
        return self._go(state.step, in_words(reply), state)

    def sentence(self, name: str, language: str, **places: str) -> str:
        return fill(sentence(name, language, {}), places, language, {})

    def worded(self, kind: str, value: str, language: str) -> str:
        return value

    def _go(self, step: str, said: str, state: FlowState) -> Progress:
        rules = self.table[step]
        target, actions, expect = rules.get(said) or rules["else"]
        return Progress(
            FlowState((Frame(self.name, target),), state.language), actions, (target,), expect, said in rules
        )


def in_words(reply: Reply) -> str:
    match reply:
        case Answer():
            return reply.digits or reply.text
        case Silence():
            return "silence"
        case Outcome(name=name):
            return name
        case Trouble(what=what):
            return what


def meaning(text: str, *, backchannel: bool = False) -> Meaning:
    return Meaning(text=text, backchannel=backchannel, complete=True)
