"""Pure: one engine step under way: the state as it changes, and all that is done on the way.

The only object of the engine that changes; it never leaves it (`progress()` gives the immutable result).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ivr.flow.fill import HIDDEN, as_text, fill
from ivr.flow.flow import Flow, words_in
from ivr.flow.progress import FlowState, Frame, Progress
from ivr.flow.schema import AGAIN, FlowFile
from ivr.flow.schema_steps import Step, Words
from ivr.flow.sentences import sentence
from ivr.model.commands import Action, Note, Say

LONGEST_BACK = 20
"""Listening steps kept for "go back"."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something the engine itself asks before it goes on: is this what you meant?"""

    kind: Literal["intent", "slot", "choose", "need", "person"]
    name: str = ""
    """The intent or slot in question."""

    value: str = ""
    options: tuple[str, ...] = ()
    """Intents to choose from."""


@dataclass(slots=True)
class Walk:
    flow: Flow
    state: FlowState
    actions: list[Action] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    matched: bool = True
    intent: str = ""

    @property
    def frame(self) -> Frame:
        return self.state.stack[-1]

    @property
    def file(self) -> FlowFile:
        return self.flow.file(self.frame)

    @property
    def step(self) -> Step:
        return self.flow.step(self.frame)

    @property
    def variables(self) -> Mapping[str, Any]:
        """Those of the running flow, and `language`."""
        return {**self.frame.variables, "language": self.state.language}

    @property
    def question(self) -> Question | None:
        asked: Question | None = self.state.pending.get("question")
        return asked

    def keep(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def pend(self, **changes: Any) -> None:
        """Keep something of the engine's own between two replies."""
        self.keep(pending={**self.state.pending, **changes})

    def drop(self, *names: str) -> None:
        self.keep(pending={name: value for name, value in self.state.pending.items() if name not in names})

    def remember(self, values: Mapping[str, Any]) -> None:
        top = replace(self.frame, variables={**self.frame.variables, **values})
        self.keep(stack=(*self.state.stack[:-1], top))

    def go(self, target: str) -> None:
        """Make `target` the step to enter next."""
        if target != AGAIN or not self.state.back:
            name = self.file.start if target == AGAIN else target
            self.keep(stack=(*self.state.stack[:-1], replace(self.frame, step=name)))
            return
        known = self.frame.variables
        stack = self.state.back[-1]
        if len(stack) == len(self.state.stack) and stack[-1].flow == self.frame.flow:
            stack = (*stack[:-1], replace(stack[-1], variables=known))
        self.keep(stack=stack, back=self.state.back[:-1])

    def words(self, words: Words, nth: int = 0) -> str:
        """The nth text (the last if there are fewer) in the caller's language, filled; empty if there is none."""
        texts = words_in(words, self.state.language)
        return self.filled(texts[min(nth, len(texts) - 1)]) if texts else ""

    def filled(self, text: str) -> str:
        return fill(text, self.variables, self.state.language, self.flow.wording, self.file.secrets)

    def own(self, name: str, **places: str) -> str:
        """One of the engine's own sentences (`ivr.flow.sentences`)."""
        text = sentence(name, self.state.language, self.file.sentences)
        return fill(text, places, self.state.language, {})

    def say(self, text: str, *, barge_in: bool = True, voice: str = "") -> None:
        """Speak, if there is anything to say."""
        if text.strip():
            here = f"{self.frame.flow}.{self.frame.step}"
            self.actions.append(Say(text.strip(), barge_in, language=self.state.language, voice=voice, step=here))

    def note(self, name: str, value: str) -> None:
        self.actions.append(Note(name, value))

    def facts(self, also: tuple[str, ...] = ()) -> dict[str, str]:
        """What a person who takes over must know: the intent, what was chosen by keys, every slot known, `also` these.
        No secrets."""
        known: dict[str, str] = {"language": self.state.language}
        for frame in self.state.stack:
            file = self.flow.file(frame)
            for name in ("intent", *file.slots, *also):
                value = as_text(frame.variables.get(name))
                if value and name not in file.secrets and isinstance(frame.variables[name], str | int | float):
                    known[name] = value
        if chosen := self.state.pending.get("chosen"):
            known["chosen"] = chosen
        return known

    def summary(self, facts: Mapping[str, str]) -> str:
        """One line for the agent's screen, made of what is known."""
        intent, chosen = facts.get("intent", ""), facts.get("chosen", "")
        parts = [self.title(intent)] if intent else [self.label(chosen)] if chosen else []
        known = {name: value for name, value in facts.items() if name not in ("language", "intent", "chosen")}
        return "; ".join([*parts, *(f"{self.label(name)}: {value}" for name, value in known.items())])

    def label(self, name: str) -> str:
        """How a slot, a variable or a step is called for people to read."""
        words = (self.words(file.labels.get(name, {})) for file in self.flow.files.values())
        return next(filter(None, words), name.replace("_", " "))

    def title(self, intent: str) -> str:
        """How an intent is called when it is spoken."""
        known = self.flow.intent(intent)
        return (self.words(known.title) if known else "") or intent.replace("_", " ")

    def spoken(self, slot: str, value: str) -> str:
        """A value as it is read back."""
        rule = self.file.slots[slot]
        if rule.secret:
            return HIDDEN
        ways = words_in(self.file.lists.get(rule.kind, {}).get(value, {}), self.state.language)
        if ways:
            return ways[0]
        worded = self.flow.wording.get(rule.kind)
        return worded(value, self.state.language) if worded else value

    def progress(self) -> Progress:
        """The result; the caller of the engine adds what is expected now."""
        return Progress(self.state, tuple(self.actions), tuple(self.path), None, self.matched, self.intent)
