"""Pure: likely words earn a reading a bonus while it spells them and lose it if they break off (shallow fusion).

So "bird's nest" is found among the readings although "birds messed" sounds the same on the telephone.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from asr.tokens import Tokens

BONUS_PER_LETTER = 0.25
"""Log-probability per letter of a likely phrase. Higher values put names into sentences that have none.
Not fitted: no benchmark measures it yet."""


class Spot(NamedTuple):
    """Where a reading stands among the likely phrases."""

    earned: int
    """Letters of whole phrases so far."""

    spelled: str
    """Letters of the phrase under way, empty if none."""

    between: bool
    """A word may begin here."""


class Leaning:
    """Likely phrases, plain (`tokens.plain`), seen through a vocabulary. Shared by all calls of a step."""

    start = Spot(0, "", True)

    def __init__(self, phrases: Iterable[str], tokens: Tokens) -> None:
        self._whole = frozenset(phrases)
        self._tokens = tokens
        self._next: dict[str, set[str]] = {}
        for phrase in self._whole:
            for at, letter in enumerate(phrase):
                self._next.setdefault(phrase[:at], set()).add(letter)
        self._likely: dict[tuple[str, bool], NDArray[np.int64]] = {}

    def bonus(self, spot: Spot) -> float:
        """For what is spelled so far."""
        return BONUS_PER_LETTER * (spot.earned + len(spot.spelled))

    def kept(self, spot: Spot) -> float:
        """For what is spelled if the text ends here."""
        return BONUS_PER_LETTER * (spot.earned + (len(spot.spelled) if spot.spelled in self._whole else 0))

    def after(self, spot: Spot, token: int) -> Spot:
        """Where one more token leads."""
        piece = self._tokens.pieces[token]
        for letter in piece:
            spot = self._step(spot, letter)
        return spot if piece else Spot(spot.earned, "", False)

    def likely(self, spot: Spot) -> NDArray[np.int64]:
        """Tokens that spell on in a likely phrase, shape (n,)."""
        key = (spot.spelled, spot.between)
        if key not in self._likely:
            found: list[int] = []
            self._gather(Spot(0, *key), "", self._tokens.index.everything(), found)
            self._likely[key] = np.array(found, np.int64)
        return self._likely[key]

    def _step(self, spot: Spot, letter: str) -> Spot:
        longer = spot.spelled + letter
        goes_on = (spot.spelled or spot.between) and letter in self._next.get(spot.spelled, ())
        if letter != " ":
            return Spot(spot.earned, longer, False) if goes_on else Spot(spot.earned, "", False)
        earned = spot.earned
        if spot.spelled in self._whole:
            earned += len(spot.spelled)
            goes_on = False
        return Spot(earned, longer, False) if goes_on else Spot(earned, "", True)

    def _gather(self, spot: Spot, piece: str, inside: range, found: list[int]) -> None:
        letters = set(self._next.get(spot.spelled, ())) if spot.spelled or spot.between else set()
        for letter in sorted(letters if piece else letters | {" "}):
            longer = piece + letter
            narrower = self._tokens.index.narrow(inside, longer)
            if narrower:
                following = self._step(spot, letter) if letter != " " or spot.spelled else Spot(0, "", True)
                if following.spelled:
                    found.extend(self._tokens.index.exactly(narrower, longer))
                self._gather(following, longer, narrower, found)
