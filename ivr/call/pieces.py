"""Pure: what must be taken back of a call when a number turns out to have been told in pieces, over several turns."""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace

from ivr.model.calls import Turn
from ivr.model.digit_runs import digit_runs
from ivr.model.events import AgentSaid, Heard
from ivr.model.meaning import Meaning, SlotValue
from ivr.model.redacted_events import BLANKED
from ivr.model.split_numbers import SplitNumber, SplitNumbers

REMEMBERED = 24
"""Turns that can still be taken back: a card number said digit by digit, and some to spare."""

TELLS = 5
"""So many digits in a row of a known number are not repeated; the last four may be (PCI DSS 3.4)."""

SHORTEST_PIECE = 3
"""Of a piece that nobody may repeat either; two digits are in everything."""


_KEY = re.compile(r"\d")


@dataclass(slots=True)
class _Turn:
    real: Heard
    shown: Heard


@dataclass(frozen=True, slots=True)
class Correction:
    """An event that was told, and what should have been."""

    told: Heard | AgentSaid
    instead: Heard | AgentSaid


@dataclass(frozen=True, slots=True)
class KeysTold:
    """Keys that were told, from when to when, and turned out to be part of a number."""

    began: float
    ended: float


@dataclass(slots=True)
class Pieces:
    """Of one call."""

    kinds: Set[str]
    _split: SplitNumbers = field(default_factory=SplitNumbers)
    _turns: dict[int, _Turn] = field(default_factory=dict)
    _keyed: dict[int, KeysTold] = field(default_factory=dict)
    """Entries with keys among the turns."""

    _known: list[SplitNumber] = field(default_factory=list)
    _corrections: list[Correction | KeysTold] = field(default_factory=list)
    _silent: list[tuple[float, float]] = field(default_factory=list)
    _agent: SplitNumbers = field(default_factory=SplitNumbers)
    _by_agent: dict[int, tuple[AgentSaid, float]] = field(default_factory=dict)
    """What an agent said, as it was told, and when that was."""

    _silent_agent: list[tuple[float, float]] = field(default_factory=list)

    def heard(self, real: Heard, shown: Heard) -> Heard:
        """The next turn of the caller as it may be told. What must be taken back of earlier ones waits in
        `corrections` and `seconds`."""
        found = self._found(real.text)
        turn = self._split.turn
        self._turns[turn] = _Turn(real, self.cleaned(shown))
        self._know(found)
        return self._turns[turn].shown

    def keyed(self, keys: str, began: float, ended: float) -> bool:
        """Keys of one entry: half of a number may be said and half be keyed. True: they complete one; what was told of
        it is in `corrections`, and these keys for the record."""
        digits = "".join(key for key in keys if key.isdigit())
        if len(digits) < SHORTEST_PIECE:
            return False
        found = self._found(digits)
        self._keyed[self._split.turn] = KeysTold(began, ended)
        self._know(found)
        return bool(found)

    def agent_said(self, real: str, shown: AgentSaid, at: float) -> AgentSaid:
        """The same of an agent who reads a number back, or aloud."""
        found = [number for number in self._agent.heard(real) if number.kind in self.kinds]
        turn = self._agent.turn
        self._by_agent[turn] = shown, at
        self._by_agent.pop(turn - REMEMBERED, None)
        for number in found:
            self._known.append(number)
            for told in sorted({piece.turn for piece in number.pieces} & set(self._by_agent)):
                self._take_back_agents(told, number, is_new=told == turn)
        return self._by_agent[turn][0]

    def _take_back_agents(self, turn: int, number: SplitNumber, *, is_new: bool) -> None:
        told, at = self._by_agent[turn]
        mine = frozenset(piece.digits for piece in number.pieces if piece.turn == turn)
        instead = replace(told, text=_replaced(told.text, mine, number.kind))
        self._by_agent[turn] = instead, at
        if not is_new and instead != told:
            self._corrections.append(Correction(told, instead))
        self._silent_agent.append((at - told.seconds, at))

    def agents_seconds(self) -> list[tuple[float, float]]:
        """As `seconds`, of the agent's sound."""
        done, self._silent_agent = self._silent_agent, []
        return done

    def _found(self, text: str) -> list[SplitNumber]:
        found = [number for number in self._split.heard(text) if number.kind in self.kinds]
        self._turns.pop(self._split.turn - REMEMBERED, None)
        self._keyed.pop(self._split.turn - REMEMBERED, None)
        return found

    def _know(self, found: Sequence[SplitNumber]) -> None:
        for number in found:
            self._known.append(number)
            turns = {piece.turn for piece in number.pieces}
            for told in sorted(turns & set(self._turns)):
                self._take_back(told, number, is_new=told == self._split.turn)
            self._corrections += [self._keyed[told] for told in sorted(turns & set(self._keyed))]

    def corrections(self) -> list[Correction | KeysTold]:
        """Since they were last asked for."""
        done, self._corrections = self._corrections, []
        return done

    def seconds(self) -> list[tuple[float, float]]:
        """Of the caller's sound that must be silent, as times of the call; since they were last asked for."""
        done, self._silent = self._silent, []
        return done

    def clean(self, text: str) -> str:
        """A text without what is known to be a part of such a number: what we repeat, note or hand over."""
        for number in self._known:
            text = _without(text, frozenset({one.digits for one in number.pieces}), number)
        return text

    def cleaned(self, shown: Heard) -> Heard:
        if not self._known or (text := self.clean(shown.text)) == shown.text:
            return shown
        words = tuple(replace(word, text=BLANKED) if digit_runs(word.text) else word for word in shown.words)
        return replace(shown, text=text, alternatives=(), words=words, meaning=_meaning(shown.meaning, text))

    def _take_back(self, turn: int, number: SplitNumber, *, is_new: bool) -> None:
        mine = frozenset(piece.digits for piece in number.pieces if piece.turn == turn)
        told, real = self._turns[turn].shown, self._turns[turn].real
        text = _replaced(told.text, mine, number.kind)
        spoken = [word for word in real.words if digit_runs(word.text)]
        words = tuple(replace(word, text=BLANKED) if digit_runs(word.text) else word for word in told.words)
        instead = replace(told, text=text, alternatives=(), words=words, meaning=_meaning(told.meaning, text))
        self._turns[turn] = _Turn(real, instead)
        if not is_new and instead != told:
            self._corrections.append(Correction(told, instead))
        began, ended = real.times.began, real.times.ended
        timed = [(began + word.start, began + word.end) for word in spoken if word.end]
        self._silent += timed or [(began, ended)]


def reworded(turn: Turn, corrections: Sequence[Correction | KeysTold], clean: Callable[[str], str]) -> Turn:
    """A turn of the record, corrected, and what we said in it cleaned."""
    heard, keys = clean(turn.heard), turn.keys
    for one in corrections:
        if isinstance(one, KeysTold):
            keys = _KEY.sub(BLANKED, keys) if one.began <= turn.began_at <= one.ended else keys
        elif isinstance(one.told, Heard) and turn.heard == one.told.text and turn.began_at == one.told.times.began:
            heard = one.instead.text
    return replace(turn, heard=heard, keys=keys, said=tuple(map(clean, turn.said)))


def _without(text: str, pieces: frozenset[str], number: SplitNumber) -> str:
    parts = frozenset(
        run.digits
        for run in digit_runs(text)
        if (run.digits in pieces and len(run.digits) >= SHORTEST_PIECE)
        or (len(run.digits) >= TELLS and run.digits in number.digits)
    )
    return _replaced(text, parts, number.kind)


def _replaced(text: str, digits: frozenset[str], kind: str) -> str:
    shown, done = "", 0
    for run in digit_runs(text):
        if run.digits in digits:
            shown, done = f"{shown}{text[done : run.start]}<{kind.upper()}>", run.end
    return shown + text[done:]


def _meaning(meaning: Meaning, text: str) -> Meaning:
    """What was understood without any value that has digits: pieces of a number are no values by themselves."""
    slots = tuple(
        SlotValue(one.name, _digitless(one.value), _digitless(one.said), one.confidence) for one in meaning.slots
    )
    return replace(meaning, text=text if meaning.text else "", slots=slots)


def _digitless(value: str) -> str:
    return BLANKED if digit_runs(value) else value
