"""Pure: the diary of a made-up appliance service: which half-days are free, who has which visit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

FARTHEST_DAYS = 28
"""Days ahead that can be booked."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Half a day or an evening."""

    day: date
    window: str


@dataclass(frozen=True, slots=True)
class Visit:
    reference: str
    order: str
    phone: str
    kind: str
    slot: Slot
    reserve: Slot | None = None
    note: str = ""


class Taken(Exception):
    """The slot has no technician left; control flow inside the example only."""


class Diary:
    """Visits by reference. A slot takes as many visits, reserves included, as there are technicians."""

    def __init__(self, free: Mapping[int, Sequence[str]], technicians: int) -> None:
        """`free`: windows worked, by weekday (Monday is 0)."""
        self._free = free
        self._technicians = technicians
        self._visits: dict[str, Visit] = {}

    def is_free(self, slot: Slot, today: date, ignoring: str = "") -> bool:
        """`ignoring` is a visit whose own places do not count: it is about to move."""
        ahead = (slot.day - today).days
        if not 0 < ahead <= FARTHEST_DAYS or slot.window not in self._free[slot.day.weekday()]:
            return False
        others = [visit for visit in self._visits.values() if visit.reference != ignoring]
        return sum((visit.slot == slot) + (visit.reserve == slot) for visit in others) < self._technicians

    def nearest(self, slot: Slot | None, today: date, count: int) -> list[Slot]:
        """Free slots nearest to the one wanted, that one left out; the earliest where none is wanted."""
        free = [each for each in self._all(today) if each != slot and self.is_free(each, today)]
        if slot is None:
            return free[:count]
        return sorted(free, key=lambda each: abs((each.day - slot.day).days))[:count]

    def reserve_for(self, slot: Slot, today: date) -> Slot | None:
        """The free slot after it, on another day."""
        return next((each for each in self._all(today) if each.day > slot.day and self.is_free(each, today)), None)

    def book(self, visit: Visit, today: date) -> None:
        """Raises Taken where a slot is not free."""
        for slot in (visit.slot, visit.reserve):
            if slot is not None and not self.is_free(slot, today):
                raise Taken
        self._visits[visit.reference] = visit

    def move(self, reference: str, slot: Slot, today: date) -> Visit:
        """The visit at its new time; its reserve is given back.

        Raises:
            KeyError: there is no such visit.
            Taken: the new slot is not free.
        """
        visit = self._visits[reference]
        if not self.is_free(slot, today, ignoring=reference):
            raise Taken
        self._visits[reference] = replace(visit, slot=slot, reserve=None)
        return self._visits[reference]

    def cancel(self, reference: str) -> None:
        """Raises KeyError where there is no such visit."""
        del self._visits[reference]

    def of_phone(self, phone: str) -> Visit | None:
        """The next visit of a caller."""
        own = [visit for visit in self._visits.values() if visit.phone == phone]
        return min(own, key=lambda visit: visit.slot.day, default=None)

    def _all(self, today: date) -> Iterator[Slot]:
        for ahead in range(1, FARTHEST_DAYS + 1):
            day = today + timedelta(days=ahead)
            yield from (Slot(day, window) for window in self._free[day.weekday()])
