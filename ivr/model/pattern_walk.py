"""Pure: an utterance held against sentence patterns, word by word: what fits, and which words are the values."""

from collections.abc import Callable, Iterator, Mapping

from ivr.model.patterns import AnyOrder, InTurn, Literal, Maybe, OneOf, Pattern, Value

LONGEST_VALUE = 6
"""Words of a value that is not on a list."""

Words = tuple[str, ...]
Spans = tuple[tuple[str, int, int], ...]
"""Slot, first word, word after the last."""

Ends = Iterator[tuple[int, Spans]]


class PatternWalk:
    """One utterance.

    Args:
        parts: its words, normal.
        lists: for each slot with a list, the value of each way to say it, in normal words.
        normal: how the words of a pattern are written normally.
    """

    def __init__(
        self,
        parts: Words,
        lists: Mapping[str, Mapping[Words, str]],
        normal: Callable[[str], Words],
    ) -> None:
        self._parts = parts
        self._lists = lists
        self._normal = normal
        self._looked_behind = False

    def wholes(self, tree: Pattern) -> Iterator[Spans]:
        """Each way in which all the words are one sentence of the pattern."""
        return (spans for end, spans in self.ends(tree, 0) if end == len(self._parts))

    def may_go_on(self, tree: Pattern) -> bool:
        """Whether some longer sentence begins with all these words."""
        for _ in self.ends(tree, 0):
            pass
        return self._looked_behind

    def ends(self, part: Pattern, at: int) -> Ends:
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
            case _:
                values = part.parts
                for value in values:
                    rest = AnyOrder(tuple(other for other in values if other is not value))
                    yield from self._in_turn((value, rest), at)
                yield at, ()

    def _in_turn(self, parts: tuple[Pattern, ...], at: int) -> Ends:
        if not parts:
            yield at, ()
            return
        for middle, spans in self.ends(parts[0], at):
            for end, more in self._in_turn(parts[1:], middle):
                yield end, (*spans, *more)

    def _literal(self, words: Words, at: int) -> Ends:
        heard = self._parts[at : at + len(words)]
        if heard == words:
            yield at + len(words), ()
        elif heard == words[: len(heard)]:
            self._looked_behind = True

    def _value(self, slot: str, at: int) -> Ends:
        ways = self._lists.get(slot)
        if ways is None:
            for end in range(min(at + LONGEST_VALUE, len(self._parts)), at, -1):
                yield end, ((slot, at, end),)
            self._looked_behind |= at == len(self._parts)
            return
        for words in ways:
            yield from ((end, ((slot, at, end),)) for end, _ in self._literal(words, at))
