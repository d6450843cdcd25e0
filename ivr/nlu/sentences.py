"""Whole sentences that a flow's patterns allow: the intent and every value by its place, without any guessing.

In "a medium roast medium latte" the list matcher alone cannot tell the size from the roast; the pattern can.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ivr.model.meaning import SlotRule, SlotValue, Vocabulary
from ivr.model.pattern_walk import PatternWalk
from ivr.model.patterns import Pattern, pattern_of
from ivr.nlu.cleanup import clean, joined, pieces, spelled, without_courtesy

MOST_WORDS = 60
"""A longer utterance is no sentence of a pattern."""


class Slots(Protocol):
    """Reads the value of a slot that has no list."""

    def asked(self, rule: SlotRule, text: str) -> SlotValue | None: ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """An utterance that is a whole sentence of one intent."""

    intent: str
    slots: tuple[SlotValue, ...]
    open: bool
    """The sentence could go on: "can I get a latte", "with milk"."""


class SentenceReader:
    """The patterns of one flow in one language. Built once, read by all calls."""

    def __init__(self, vocabulary: Vocabulary, slots: Slots) -> None:
        self._vocabulary = vocabulary
        self._language = vocabulary.language
        self._slots = slots
        self._patterns = tuple(
            (intent.name, pattern_of(pattern)) for intent in vocabulary.intents for pattern in intent.patterns
        )
        self._normal = lru_cache(maxsize=4096)(self._read_words)
        self._rules = {rule.name: rule for rule in vocabulary.slots}
        self._lists = {rule.name: self._ways(rule) for rule in vocabulary.slots if rule.values}

    def __reduce__(self) -> "tuple[type[SentenceReader], tuple[Vocabulary, Slots]]":
        """A kept understanding builds it anew: quicker than reading it back."""
        return SentenceReader, (self._vocabulary, self._slots)

    def read(self, text: str) -> Sentence | None:
        """The sentence that `text` is, None if it is none, or one of two intents."""
        if not self._patterns:
            return None
        said = [spelled(clean(text, self._language, repeats=kept), self._language) for kept in (True, False)]
        bare = [without_courtesy(words, self._language) for words in said]
        for words in dict.fromkeys((*said, *bare)):
            parts = self._parts(words)
            found = [sentence for name, tree in self._patterns if (sentence := self._whole(name, tree, parts))]
            if found and len({sentence.intent for sentence in found}) == 1:
                return found[0]
        return None

    def _whole(self, name: str, tree: Pattern, parts: tuple[str, ...]) -> Sentence | None:
        if not 0 < len(parts) <= MOST_WORDS:
            return None
        walk = PatternWalk(parts, self._lists, self._normal)
        for spans in walk.wholes(tree):
            values = [self._value(*span, parts) for span in spans]
            if all(values):
                return Sentence(name, tuple(value for value in values if value), walk.may_go_on(tree))
        return None

    def _value(self, slot: str, start: int, end: int, parts: tuple[str, ...]) -> SlotValue | None:
        said = joined(list(parts[start:end]), self._language)
        if slot in self._lists:
            return SlotValue(slot, self._lists[slot][parts[start:end]], said)
        rule = self._rules.get(slot)
        return self._slots.asked(rule, said) if rule else None

    def _ways(self, rule: SlotRule) -> dict[tuple[str, ...], str]:
        ways: dict[tuple[str, ...], str] = {}
        for value, phrases in rule.values.items():
            for phrase in (value, *phrases):
                ways.setdefault(self._normal(phrase), value)
        return ways

    def _parts(self, text: str) -> tuple[str, ...]:
        return tuple(pieces(text.replace("'", ""), self._language))

    def _read_words(self, phrase: str) -> tuple[str, ...]:
        return self._parts(spelled(clean(phrase, self._language, repeats=True), self._language))
