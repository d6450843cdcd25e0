"""Pure: which tokens keep a text inside a grammar. Worked out once per place of a grammar, for all calls."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from asr.grammar import Grammar, Place
from asr.tokens import PieceIndex


@dataclass(frozen=True, slots=True)
class Choices:
    """The tokens that may come next and where each leads; `full` if the text may end here."""

    tokens: NDArray[np.int64]
    """Shape (n,)."""

    places: tuple[Place, ...]
    full: bool


@dataclass(slots=True)
class TokenGrammar:
    """A grammar seen through a vocabulary. Filling the cache twice from two threads gives the same entries."""

    grammar: Grammar
    index: PieceIndex
    _known: dict[Place, Choices] = field(default_factory=dict)

    def choices(self, place: Place) -> Choices:
        if place not in self._known:
            found: list[tuple[int, Place]] = []
            self._gather(place, place, "", self.index.everything(), found)
            self._known[place] = Choices(
                np.array([token for token, _ in found], np.int64),
                tuple(reached for _, reached in found),
                self.grammar.is_full(place),
            )
        return self._known[place]

    def _gather(self, origin: Place, place: Place, piece: str, inside: range, found: list[tuple[int, Place]]) -> None:
        """Walk the vocabulary and the grammar together, one letter at a time."""
        for letter in sorted(self.grammar.letters(place) | self._space_after(origin, piece)):
            narrower = self.index.narrow(inside, piece + letter)
            reached = self.grammar.step(place, letter) if narrower else None
            if reached is None:
                continue
            longer = piece + letter
            if longer.strip() or origin[1]:
                found.extend((token, reached) for token in self.index.exactly(narrower, longer))
            self._gather(origin, reached, longer, narrower, found)

    def _space_after(self, origin: Place, piece: str) -> set[str]:
        """A token may bring its own space even where the text already has one, once."""
        return {" "} if not piece and not origin[1] else set()
