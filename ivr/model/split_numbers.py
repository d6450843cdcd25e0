"""Pure: a card number told in pieces: "4111 1111", a breath, "1111 1111". No turn holds it, all of them together do."""

from dataclasses import dataclass, field, replace

from ivr.model.digit_runs import digit_runs
from ivr.model.redaction import LONGEST, kind_of_pieces

BEFORE, AFTER, BETWEEN = 16, 12, 8
"""Characters that may stand before a piece that goes on ("and then "), after one that is gone on with (" and"), and
between two of one turn (" uh ")."""

QUIET_TURNS = 1
"""So many turns without a digit ("go on?" "yes") may come between two pieces."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One run of digits in one turn."""

    turn: int
    digits: str
    may_go_on: bool
    """It begins where a number could go on: at the beginning of the turn, or soon after the piece before."""

    may_be_gone_on_with: bool


@dataclass(frozen=True, slots=True)
class SplitNumber:
    kind: str
    pieces: tuple[Piece, ...]

    @property
    def digits(self) -> str:
        return "".join(piece.digits for piece in self.pieces)


@dataclass(slots=True)
class SplitNumbers:
    """The digits of one speaker, turn by turn."""

    turn: int = 0
    _open: list[Piece] = field(default_factory=list)
    """Pieces that could be the beginning of a number, in order."""

    _quiet: int = 0

    def heard(self, text: str) -> tuple[SplitNumber, ...]:
        """The next turn; the numbers of more than one piece that it completed."""
        self.turn += 1
        pieces = _pieces(text, self.turn)
        if not pieces:
            self._quiet += 1
            if self._quiet > QUIET_TURNS:
                self._open.clear()
            return ()
        self._quiet = 0
        found: list[SplitNumber] = []
        for piece in pieces:
            if not piece.may_go_on or not (self._open and self._open[-1].may_be_gone_on_with):
                self._open.clear()
            self._open.append(piece)
            if number := self._number():
                found.append(number)
        return tuple(found)

    def _number(self) -> SplitNumber | None:
        """The longest that ends with the last piece."""
        total = 0
        longest: SplitNumber | None = None
        for first in range(len(self._open) - 1, -1, -1):
            total += len(self._open[first].digits)
            if total > LONGEST:
                break
            pieces = tuple(self._open[first:])
            if len(pieces) > 1 and (kind := kind_of_pieces([piece.digits for piece in pieces])):
                longest = SplitNumber(kind, pieces)
        return longest


def _pieces(text: str, turn: int) -> list[Piece]:
    runs = digit_runs(text)
    pieces: list[Piece] = []
    for at, run in enumerate(runs):
        room = run.start - runs[at - 1].end if at else run.start
        pieces.append(Piece(turn, run.digits, room <= (BETWEEN if at else BEFORE), may_be_gone_on_with=True))
    if pieces and len(text) - runs[-1].end > AFTER:
        pieces[-1] = replace(pieces[-1], may_be_gone_on_with=False)
    return pieces
