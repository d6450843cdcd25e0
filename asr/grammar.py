"""Pure: a small grammar of words, walked letter by letter: what a caller may still say after these letters.

A recognizer asks which letters can follow (`letters`, `step`), whether a text may end here (`is_full`), and how a
text that fits is written plainly (`read`): "Double 4, two" -> "four four two".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Place = tuple[frozenset[int], str]
"""Where a text stands: the nodes it may have reached, and the letters of the word under way."""

Part = Callable[["Grammar", int, int], None]
"""Draws itself into a grammar from one node to another."""


class Grammar:
    """Nodes joined by words. Immutable once built; the caches only save work, so threads may share it."""

    def __init__(self, part: Part) -> None:
        self._arcs: list[list[tuple[str, str, int]]] = []
        self._skips: list[list[int]] = []
        self._steps: dict[tuple[Place, str], Place | None] = {}
        begin, self._end = self.node(), self.node()
        part(self, begin, self._end)
        self._numerals = {s for arcs in self._arcs for s, _, _ in arcs if s[0].isdigit()}
        self.start: Place = (self._closed({begin}), "")

    def node(self) -> int:
        self._arcs.append([])
        self._skips.append([])
        return len(self._arcs) - 1

    def word(self, begin: int, spelling: str, says: str, end: int) -> None:
        """Hearing `spelling` leads from `begin` to `end` and is written as `says`."""
        self._arcs[begin].append((spelling, says, end))

    def skip(self, begin: int, end: int) -> None:
        """`end` can be reached from `begin` without a word."""
        self._skips[begin].append(end)

    def letters(self, place: Place) -> set[str]:
        """Every letter (or the space) that can come next."""
        nodes, prefix = place
        size = len(prefix)
        found = {s[size] for n in nodes for s, _, _ in self._arcs[n] if len(s) > size and s.startswith(prefix)}
        after = self._after(place)
        if prefix and after:
            found.add(" ")
            if prefix[-1].isdigit():
                found |= {s[0] for n in after for s, _, _ in self._arcs[n] if s[0].isdigit()}
        return found

    def step(self, place: Place, letter: str) -> Place | None:
        """Where one more letter leads, None if it leaves the grammar. Spaces between words count once."""
        key = (place, letter)
        if key not in self._steps:
            self._steps[key] = self._step(place, letter)
        return self._steps[key]

    def walk(self, place: Place | None, text: str) -> Place | None:
        for letter in text:
            place = self.step(place, letter) if place else None
        return place

    def is_full(self, place: Place) -> bool:
        """True if a text may end here."""
        return self._end in self._after(place)

    def read(self, text: str) -> str | None:
        """A plain text (`tokens.plain`) as the grammar writes it; None if it is not in the grammar."""
        nodes, _ = self.start
        found: dict[int, tuple[str, ...]] = dict.fromkeys(nodes, ())
        for word in _split(text, self._numerals):
            following: dict[int, tuple[str, ...]] = {}
            for node, said in found.items():
                for spelling, says, end in self._arcs[node]:
                    if spelling == word:
                        for reached in self._closed({end}):
                            following.setdefault(reached, (*said, says))
            found = following
        said_all = found.get(self._end)
        return " ".join(" ".join(said_all).split()) if said_all else None

    def _step(self, place: Place, letter: str) -> Place | None:
        nodes, prefix = place
        if letter == " ":
            if not prefix:
                return place
            after = self._after(place)
            return (after, "") if after else None
        longer = prefix + letter
        staying = frozenset(n for n in nodes if any(s.startswith(longer) for s, _, _ in self._arcs[n]))
        if staying:
            return staying, longer
        if prefix and prefix[-1].isdigit() and letter.isdigit():
            after = self._after(place)
            return self._step((after, ""), letter) if after else None
        return None

    def _after(self, place: Place) -> frozenset[int]:
        nodes, prefix = place
        if not prefix:
            return nodes
        return self._closed({end for n in nodes for s, _, end in self._arcs[n] if s == prefix})

    def _closed(self, nodes: set[int]) -> frozenset[int]:
        open_, seen = list(nodes), set(nodes)
        while open_:
            for node in self._skips[open_.pop()]:
                if node not in seen:
                    seen.add(node)
                    open_.append(node)
        return frozenset(seen)


def _split(text: str, numerals: set[str]) -> list[str]:
    """Words of a plain text; figures the grammar does not know as one word fall into single figures."""
    words: list[str] = []
    for word in text.split():
        words.extend(word if word.isdigit() and word not in numerals else (word,))
    return words


def one_of(parts: Iterable[Part]) -> Part:
    chosen = tuple(parts)

    def draw(grammar: Grammar, begin: int, end: int) -> None:
        for part in chosen:
            part(grammar, begin, end)

    return draw


def in_turn(*parts: Part) -> Part:
    def draw(grammar: Grammar, begin: int, end: int) -> None:
        for part in parts[:-1]:
            following = grammar.node()
            part(grammar, begin, following)
            begin = following
        parts[-1](grammar, begin, end)

    return draw


def maybe(part: Part) -> Part:
    def draw(grammar: Grammar, begin: int, end: int) -> None:
        inner = grammar.node()
        grammar.skip(begin, inner)
        part(grammar, inner, end)
        grammar.skip(inner, end)

    return draw


def any_order(parts: Sequence[Part]) -> Part:
    """Each of a few parts at most once, in whatever order."""

    def draw(grammar: Grammar, begin: int, end: int) -> None:
        said = [begin, *(grammar.node() for _ in range((1 << len(parts)) - 1))]
        for done, node in enumerate(said):
            grammar.skip(node, end)
            for at, part in enumerate(parts):
                if not done >> at & 1:
                    part(grammar, node, said[done | 1 << at])

    return draw


def repeated(part: Part) -> Part:
    """Once or more."""

    def draw(grammar: Grammar, begin: int, end: int) -> None:
        first, last = grammar.node(), grammar.node()
        grammar.skip(begin, first)
        part(grammar, first, last)
        grammar.skip(last, first)
        grammar.skip(last, end)

    return draw


def word(spellings: Sequence[str], says: str) -> Part:
    def draw(grammar: Grammar, begin: int, end: int) -> None:
        for spelling in spellings:
            grammar.word(begin, spelling, says, end)

    return draw
