"""Whole sentences that a flow's patterns allow: the intent and every value by its place, without any guessing.

In "a medium roast medium latte" the list matcher alone cannot tell the size from the roast; the pattern can.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ivr.model.meaning import SlotRule, SlotValue, Vocabulary
from ivr.model.patterns import AnyOrder, InTurn, Literal, Maybe, OneOf, Pattern, Value, pattern_of
from ivr.nlu.cleanup import clean, joined, pieces, spelled, without_courtesy

MOST_WORDS = 60
"""A longer utterance is no sentence of a pattern."""

LONGEST_VALUE = 6
"""Words of a value that is not on a list."""

_Spans = tuple[tuple[str, int, int], ...]
_Ends = Iterator[tuple[int, _Spans]]


class Slots(Protocol):
    """Reads the value of a slot that has no list."""

    def asked(self, rule: SlotRule, said: str, /) -> SlotValue | None: ...


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
        walk = _Walk(parts, self._lists, self._normal)
        for end, spans in walk.ends(tree, 0):
            values = [self._value(*span, parts) for span in spans] if end == len(parts) else [None]
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


class _Walk:
    """One utterance held against patterns: how far each of their parts reaches."""

    def __init__(
        self,
        parts: tuple[str, ...],
        lists: Mapping[str, Mapping[tuple[str, ...], str]],
        normal: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._parts = parts
        self._lists = lists
        self._normal = normal
        self._looked_behind = False

    def may_go_on(self, tree: Pattern) -> bool:
        """Whether some longer sentence begins with all these words."""
        for _ in self.ends(tree, 0):
            pass
        return self._looked_behind

    def ends(self, part: Pattern, at: int) -> _Ends:
        """Where `part` may end that begins at word `at`, with the values it took on its way."""
        match part:
            case Literal(words):
                yield from self._literal(self._normal(words), at)
            case Value(slot):
                yield from self._value(slot, at)
            case InTurn(parts):
                yield from self._in_turn(parts, at)
            case OneOf(ways):
                for way in ways:
                    yield from self.ends(way, at)
            case Maybe(inner):
                yield from self.ends(inner, at)
                yield at, ()
            case AnyOrder(values):
                for value in values:
                    rest = AnyOrder(tuple(other for other in values if other is not value))
                    yield from self._in_turn((value, rest), at)
                yield at, ()

    def _in_turn(self, parts: tuple[Pattern, ...], at: int) -> _Ends:
        if not parts:
            yield at, ()
            return
        for middle, spans in self.ends(parts[0], at):
            for end, more in self._in_turn(parts[1:], middle):
                yield end, (*spans, *more)

    def _literal(self, words: tuple[str, ...], at: int) -> _Ends:
        heard = self._parts[at : at + len(words)]
        if heard == words:
            yield at + len(words), ()
        elif heard == words[: len(heard)]:
            self._looked_behind = True

    def _value(self, slot: str, at: int) -> _Ends:
        ways = self._lists.get(slot)
        if ways is None:
            for end in range(min(at + LONGEST_VALUE, len(self._parts)), at, -1):
                yield end, ((slot, at, end),)
            self._looked_behind |= at == len(self._parts)
            return
        for words in ways:
            yield from ((end, ((slot, at, end),)) for end, _ in self._literal(words, at))
