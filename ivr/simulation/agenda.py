"""Pure: what is still to come in a simulated day, in order of time; and the dice, one stream for each purpose."""

import heapq
import math
from dataclasses import dataclass, field
from itertools import count

from ivr.routing.chance import Chance
from ivr.routing.happenings import Happening
from ivr.simulation.plan import Callers


@dataclass(frozen=True, slots=True)
class Arrives:
    callers: Callers
    number: int


@dataclass(frozen=True, slots=True)
class LosesPatience:
    entry_id: str


@dataclass(frozen=True, slots=True)
class Listens:
    """A waiting caller may be told something."""

    entry_id: str
    callers: Callers


@dataclass(frozen=True, slots=True)
class HasWritten:
    agent_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Counting:
    """The figures begin, or end."""

    begins: bool


Item = Arrives | LosesPatience | Listens | HasWritten | Counting | Happening


@dataclass(slots=True)
class Agenda:
    _items: list[tuple[float, int, Item]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def put(self, at: float, item: Item) -> None:
        """What is never to happen is left out."""
        if not math.isinf(at):
            heapq.heappush(self._items, (at, next(self._numbers), item))

    @property
    def next_at(self) -> float:
        return self._items[0][0] if self._items else math.inf

    def pop(self) -> Item:
        return heapq.heappop(self._items)[2]


@dataclass(slots=True)
class Dice:
    """A change in one place leaves what is drawn elsewhere alone, so that two plans can be compared."""

    seed: int
    _streams: dict[str, Chance] = field(default_factory=dict)

    def of(self, purpose: str) -> Chance:
        if purpose not in self._streams:
            spread = int.from_bytes(purpose.encode(), "big") % (1 << 61)
            self._streams[purpose] = Chance(self.seed * 0x9E3779B1 + spread)
        return self._streams[purpose]
