"""Small flows written in a test, and a caller who says exactly what they mean."""

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from ivr.flow.engine import advance, begin
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts, read_flow
from ivr.flow.progress import Answer, Outcome, Progress, Silence, Trouble
from ivr.model.commands import Action, Say
from ivr.model.meaning import Control, IntentGuess, Meaning, SlotValue


def write(body: str, head: str = "") -> str:
    """A whole flow: `body` is its steps, `head` what stands before them. Starts at `start`, ends at `bye`."""
    steps = dedent(body).strip("\n").replace("\n", "\n  ")
    person = "" if "person:" in body else "  person: { queue: people, otherwise: bye }\n"
    top = f"flow: test\nstart: start\n{dedent(head).strip()}\nagent: person\n"
    return f"{top}steps:\n  {steps}\n{person}  bye: {{ hangup: done }}\n"


def flow(body: str, head: str = "", **others: str) -> Flow:
    texts = {"test.yaml": write(body, head), **{f"{name}.yaml": dedent(text) for name, text in others.items()}}
    return flow_of_texts(texts, "test.yaml")


def findings(text: str, **others: str) -> list[str]:
    """Everything found wrong with a flow text, as it is shown to its writer."""
    texts = {"test.yaml": dedent(text), **{f"{name}.yaml": dedent(other) for name, other in others.items()}}

    def read(path: Any) -> str:
        if str(path) not in texts:
            raise FileNotFoundError(path)
        return texts[str(path)]

    return [str(problem) for problem in read_flow("test.yaml", read=read)[1]]


class Call:
    """One call of a flow; keeps what the last reply did."""

    def __init__(self, of: Flow, facts: Mapping[str, Any] | None = None, language: str = "") -> None:
        self.flow = of
        self.last: Progress = begin(of, facts, language)

    @property
    def said(self) -> list[str]:
        return [action.text for action in self.last.actions if isinstance(action, Say)]

    @property
    def done(self) -> list[Action]:
        return [action for action in self.last.actions if not isinstance(action, Say)]

    @property
    def at(self) -> str:
        return self.last.state.step

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.last.state.variables

    def reply(self, reply: Answer | Silence | Outcome | Trouble) -> "Call":
        self.last = advance(self.flow, self.last.state, reply)
        return self

    def says(self, text: str) -> "Call":
        """Words that nobody has read yet."""
        return self.reply(Answer(text))

    def means(
        self, *guesses: tuple[str, float], control: Control = "", sure: float = 1.0, text: str = "…", **slots: Any
    ) -> "Call":
        """An utterance as an understanding would read it; a slot as a value or as (value, confidence)."""
        values = tuple(
            SlotValue(name, value[0], value[0], value[1]) if isinstance(value, tuple) else SlotValue(name, value)
            for name, value in slots.items()
        )
        read = tuple(IntentGuess(name, confidence) for name, confidence in guesses)
        return self.reply(Answer(text, meaning=Meaning(text, read, values, control, sure if control else 0.0)))

    def presses(self, digits: str) -> "Call":
        return self.reply(Answer(digits=digits))

    def silent(self) -> "Call":
        return self.reply(Silence())

    def trouble(self) -> "Call":
        return self.reply(Trouble("hearing"))

    def comes(self, outcome: str, value: Any = None, **facts: str) -> "Call":
        return self.reply(Outcome(outcome, value, facts))
