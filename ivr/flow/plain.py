"""Pure: the plainest understanding: words that equal a phrase of the flow, and nothing near it.

The engine falls back on it when nobody told it what the words mean; conversation tests can run on it without
any model. It fills the same `Meaning` as a real understanding (`ivr.model.ports.Understanding`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from ivr.flow.sentences import control_phrases
from ivr.model.meaning import (
    Control,
    Expect,
    Hypothesis,
    IntentGuess,
    KnowledgeGuess,
    Meaning,
    SlotRule,
    SlotValue,
    Vocabulary,
)
from ivr.model.pattern_walk import PatternWalk, Spans
from ivr.model.patterns import pattern_of
from ivr.model.unfinished import part_that_is_said

_NOT_WORDS = re.compile(r"[^\w\s']+")
_SPACE = re.compile(r"\s+")
_PLACE = re.compile(r"\\{(\w+)\\}")
_DIGITS = ("number", "digits", "phone", "money")
FREE = ("text", "city", "person")
LEADS = {"yes", "no"}
"""Controls that may come with content after them: "no, Haidian"."""


def plain_words(text: str) -> str:
    """Lower case, no punctuation, single spaces."""
    return _SPACE.sub(" ", _NOT_WORDS.sub(" ", text.casefold().replace("\u2019", "'"))).strip()


class PlainUnderstanding:
    """One flow in one language. Thread-safe: it only reads what it made at the start."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._slots = {rule.name: rule for rule in vocabulary.slots}
        self._intents = [
            (examples.name, self._pattern(phrase)) for examples in vocabulary.intents for phrase in examples.phrases
        ]
        self._questions = [
            (known.source, name, self._pattern(question), {rule.name: rule for rule in known.lists})
            for known in vocabulary.knowledge
            for name, questions in known.entries.items()
            for question in questions
        ]
        self._chinese = vocabulary.language.startswith("zh")
        self._trees = [
            (examples.name, pattern_of(pattern)) for examples in vocabulary.intents for pattern in examples.patterns
        ]
        self._ways = {
            rule.name: {self._parts(way): value for value, ways in rule.values.items() for way in (value, *ways)}
            for rule in vocabulary.slots
            if rule.values
        }
        self._controls: dict[str, str] = {}
        for controls in (control_phrases(vocabulary.language), vocabulary.controls):
            for name, phrases in controls.items():
                self._controls.update({plain_words(phrase): name for phrase in phrases})

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        """Meaning of the first hypothesis that has one; else an empty one with the first text."""
        for hypothesis in hypotheses:
            meaning = self._read(hypothesis.text, expect)
            if meaning.guesses or meaning.slots or meaning.control or meaning.answers:
                return meaning
        return Meaning(text=hypotheses[0].text if hypotheses else "")

    def _read(self, text: str, expect: Expect) -> Meaning:
        words = plain_words(text)
        control = self._controls.get(words, "")
        rest = words
        if not control:
            control, rest = self._lead(words)
        guesses, slots = self._intent(words if not control else rest, expect)
        found = {slot.name: slot for slot in slots}
        for rule in expect.slots:
            if rule.kind in FREE and not rule.values and not (expect.kind == "free" and not control or rest != words):
                continue
            value = self._value(rule, rest)
            if value:
                found.setdefault(rule.name, SlotValue(rule.name, value, words))
        sure = 1.0 if control else 0.0
        answers = tuple(self._answers(rest if control and rest != words else words, expect))
        complete = bool(control or guesses or found or answers)
        return Meaning(text, guesses, tuple(found.values()), cast(Control, control), sure, complete, answers=answers)

    def _answers(self, words: str, expect: Expect) -> Iterator[KnowledgeGuess]:
        for source, name, pattern, lists in self._questions:
            match = pattern.fullmatch(words) if source in expect.knowledge else None
            if match:
                read = ((slot, _value(lists[slot], said)) for slot, said in match.groupdict().items() if slot in lists)
                yield KnowledgeGuess(source, name, 1.0, tuple(SlotValue(slot, value) for slot, value in read if value))

    def _lead(self, words: str) -> tuple[str, str]:
        """A yes or no at the beginning, and what comes after it."""
        head, _, rest = words.partition(" ")
        name = self._controls.get(head, "")
        return (name, rest) if rest and name in LEADS else ("", words)

    def _intent(self, words: str, expect: Expect) -> tuple[tuple[IntentGuess, ...], tuple[SlotValue, ...]]:
        for name, tree in self._trees if words else ():
            for spans in PatternWalk(self._parts(words), self._ways, self._parts).wholes(tree):
                if not expect.intents or name in expect.intents:
                    return (IntentGuess(name, 1.0),), self._spanned(spans, words)
        for name, pattern in self._intents:
            match = pattern.fullmatch(words)
            if match and (not expect.intents or name in expect.intents):
                values = (self._canonical(slot, said) for slot, said in match.groupdict().items())
                return (IntentGuess(name, 1.0),), tuple(value for value in values if value)
        return (), ()

    def _spanned(self, spans: Spans, words: str) -> tuple[SlotValue, ...]:
        space = "" if self._chinese else " "
        parts = self._parts(words)
        found = (self._canonical(slot, space.join(parts[start:end])) for slot, start, end in spans)
        return tuple(value for value in found if value)

    def _parts(self, text: str) -> tuple[str, ...]:
        """Words; in Chinese, characters."""
        words = plain_words(text)
        return tuple(words.replace(" ", "")) if self._chinese else tuple(words.split())

    def _canonical(self, name: str, said: str) -> SlotValue | None:
        value = self._value(self._slots[name], said) if name in self._slots else said
        return SlotValue(name, value, said) if value else None

    def _value(self, rule: SlotRule, words: str) -> str | None:
        value = _value(rule, words)
        if value is None or rule.values or rule.kind not in FREE:
            return value
        return part_that_is_said(value, "zh" if self._chinese else "en")

    def _pattern(self, phrase: str) -> re.Pattern[str]:
        text = re.escape(_SPACE.sub(" ", re.sub(r"[^\w\s'{}]+", " ", phrase.casefold())).strip())
        return re.compile(_PLACE.sub(r"(?P<\1>.+)", text))


def _value(rule: SlotRule, words: str) -> str | None:
    if rule.values:
        return _listed(rule.values, words)
    if rule.kind in _DIGITS:
        digits = words.replace(" ", "")
        return digits if digits.isdecimal() else None
    return words if rule.kind in FREE else None


def _listed(values: Mapping[str, Iterable[str]], words: str) -> str | None:
    for value, ways in values.items():
        if words == plain_words(value) or any(words == plain_words(way) for way in ways):
            return value
    return None
