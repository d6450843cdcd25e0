"""Pure: what a step expects to hear, what was recognized, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AnswerKind = Literal["open", "yes_no", "choice", "digits", "number", "money", "date", "time", "free", "none"]
"""What a step waits for. `open`: any request in the caller's own words (intents). `choice`: one of the
phrases. `free`: words kept as they are (a place, a comment). `none`: nothing is asked just now."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How key presses are gathered while a step waits."""

    least: int = 1
    most: int = 1
    end_key: str = "#"
    between_seconds: float = 3.0
    """Longest gap between two keys (domain.md 2.9.1)."""

    choices: Mapping[str, str] = field(default_factory=dict)
    """Keys that mean something by themselves (menu keys, `0`, `*`), and what; a single such key is
    answered at once unless it may be the first of a longer entry."""


@dataclass(frozen=True, slots=True)
class SlotRule:
    """One value a step can use, whether it asked for it or not."""

    name: str
    kind: str
    """A built-in kind (number, digits, money, date, time, duration, phone, city, person, yes_no, text) or the
    name of a list in the flow."""

    length: tuple[int, int] | None = None
    """Fewest and most digits, for `digits` and `phone`."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a list: each value and the ways to say it."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What the step waits for: tells recognizer, end-of-turn detection and understanding what fits.

    All times are seconds. A flow may override any of them for one step; 0 means the default of its kind.
    """

    step: str = ""
    flow: str = ""
    """Whose vocabulary the words belong to; the conductor fills it in."""

    kind: AnswerKind = "open"
    language: str = "en"
    phrases: tuple[str, ...] = ()
    """Things the caller is likely to say here, in words. For `choice` and `yes_no` they are all of them."""

    patterns: tuple[str, ...] = ()
    """Whole sentences the caller may say here (`ivr.model.patterns`), with `{slot}` for a value of `slots`."""

    intents: tuple[str, ...] = ()
    """Intents that lead somewhere from here; empty with kind `open` means every intent of the flow."""

    slots: tuple[SlotRule, ...] = ()
    knowledge: tuple[str, ...] = ()
    """Knowledge files (`KnowledgeQuestions.source`) in which the words are to be looked up."""

    keys: KeyRule = field(default_factory=KeyRule)
    barge_in: bool = True
    secret: bool = False
    """Keys only; never journaled, never logged, not recorded."""

    no_input_seconds: float = 0.0
    end_of_turn_seconds: float = 0.0
    longest_seconds: float = 0.0
    """Longest utterance; after it the turn is taken as ended (VoiceXML maxspeechtimeout)."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word with its time in seconds from the start of the utterance."""

    text: str
    start: float
    end: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read an utterance."""

    text: str
    confidence: float = 1.0
    """0 to 1, comparable within one engine only."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recognizer made of an utterance: best first, empty when it heard no words."""

    hypotheses: tuple[Hypothesis, ...] = ()
    words: tuple[Word, ...] = ()
    engine: str = ""
    fits: bool = False
    """The best hypothesis came out of the step's grammar (or equals one of its phrases)."""

    seconds: float = 0.0
    """Time the recognizer took."""

    @property
    def text(self) -> str:
        return self.hypotheses[0].text if self.hypotheses else ""

    @property
    def confidence(self) -> float:
        return self.hypotheses[0].confidence if self.hypotheses else 0.0


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A value found in the caller's words."""

    name: str
    value: str
    """Canonical: digits as digits, a date as YYYY-MM-DD, a time as HH:MM, money as a decimal number."""

    said: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """One intent and the calibrated chance, 0 to 1, that it is the right one."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class KnowledgeGuess:
    """The entry of one knowledge file whose question comes nearest to the words."""

    source: str
    entry: str
    confidence: float
    """Likeness, 0 to 1; the flow decides from where it is an answer."""

    values: tuple[SlotValue, ...] = ()
    """Values of the lists that the entry's questions speak of, as far as they were said."""


Control = Literal[
    "", "agent", "repeat", "help", "back", "start_over", "goodbye", "hold_on", "yes", "no", "dont_know",
    "louder", "slower",
]  # fmt: skip
"""Universal commands (domain.md 2.9.5, 4.0), understood at every step; yes and no are among them because
a confirmation may come with content: "yes, on Saturday"."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an utterance means at a step. An empty Meaning is a no-match."""

    text: str = ""
    """The hypothesis it was read from."""

    guesses: tuple[IntentGuess, ...] = ()
    """Best first; empty when no intent of the flow comes near."""

    slots: tuple[SlotValue, ...] = ()
    control: Control = ""
    control_confidence: float = 0.0
    complete: bool = False
    """The words already answer what the step asks, and do not end as if more would come."""

    backchannel: bool = False
    """Nothing but "uh-huh", "mm", "okay": the caller listens and does not want the floor."""

    answers: tuple[KnowledgeGuess, ...] = ()
    """The nearest entry of each knowledge file looked into (`Expect.knowledge`), however far it is."""

    @property
    def intent(self) -> str:
        return self.guesses[0].intent if self.guesses else ""

    @property
    def confidence(self) -> float:
        return self.guesses[0].confidence if self.guesses else 0.0

    def slot(self, name: str) -> SlotValue | None:
        return next((value for value in self.slots if value.name == name), None)

    def answer(self, source: str) -> KnowledgeGuess | None:
        return next((guess for guess in self.answers if guess.source == source), None)


@dataclass(frozen=True, slots=True)
class IntentExamples:
    """One thing callers ask for, and how they say it."""

    name: str
    phrases: tuple[str, ...]
    """5 to 20. `{slot}` stands for a value: "find a branch near {place}"."""

    kind: Literal["question", "task", "chitchat", "control"] = "task"
    patterns: tuple[str, ...] = ()
    """Phrases with brackets (`ivr.model.patterns`); `phrases` holds some sentences of each already."""


@dataclass(frozen=True, slots=True)
class KnowledgeQuestions:
    """The questions of one knowledge file, in one language."""

    source: str
    entries: Mapping[str, tuple[str, ...]]
    """Name of each entry, its question and paraphrases; `{list}` stands for a value of a list."""

    lists: tuple[SlotRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All a flow says about its callers' words in one language; what an `Understanding` is built from."""

    flow: str
    language: str
    intents: tuple[IntentExamples, ...] = ()
    slots: tuple[SlotRule, ...] = ()
    """Every slot of the flow, lists with their values and synonyms."""

    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Additional phrases for the universal commands, by `Control` name."""

    out_of_scope: tuple[str, ...] = ()
    """Things callers say that the flow cannot do."""

    knowledge: tuple[KnowledgeQuestions, ...] = ()
