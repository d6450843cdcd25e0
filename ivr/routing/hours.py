"""Pure: when a queue is open: a week, holidays, a time zone. Right across midnight and clock changes (domain.md 2.2.7).

Written in YAML as a supervisor would say it::

    hours:
      time_zone: Asia/Shanghai
      weekly: {mon-fri: "08:30-12:00, 13:30-18:00", sat: "09:00-13:00"}
      holidays: {2026-10-01: closed, 2026-12-24: "09:00-12:00"}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.model.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 400
"""Over a year: what does not open within it never does."""

SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes after local midnight; a span that ends before it begins goes on past midnight."""

    begins: int
    ends: int


Day = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    zone: ZoneInfo
    weekly: tuple[Day, ...]
    """Seven, Monday first."""

    holidays: Mapping[date, Day] = field(default_factory=dict)
    """Days with hours of their own; none: closed."""

    def is_open(self, at: datetime) -> bool:
        """`at` is aware."""
        return any(begins <= at < ends for begins, ends in self._around(at, 1))

    def opens_next(self, at: datetime) -> datetime | None:
        """`at` itself where it is open, else when it opens, in UTC; None: not within 400 days."""
        if self.is_open(at):
            return at
        return next((begins for begins, _ in self._around(at, LOOK_AHEAD_DAYS) if begins > at), None)

    def closes_next(self, at: datetime) -> datetime | None:
        """When the present opening ends, in UTC; None: closed, or open round the clock for 400 days."""
        until = at
        for begins, ends in self._around(at, LOOK_AHEAD_DAYS):
            if begins <= until < ends:
                until = ends
        local_end = at.astimezone(self.zone).date() + timedelta(days=LOOK_AHEAD_DAYS)
        return until if at < until and until.astimezone(self.zone).date() < local_end else None

    def _around(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Openings as instants in UTC, in order, from the day before `at` on."""
        today = at.astimezone(self.zone).date()
        for ahead in range(-1, days):
            day = today + timedelta(days=ahead)
            for span in self.holidays.get(day, self.weekly[day.weekday()]):
                begins = self._instant(day, span.begins, 0)
                last_day = day + timedelta(days=1) if span.ends <= span.begins else day
                yield begins, self._instant(last_day, span.ends, 1)

    def _instant(self, day: date, minutes: int, fold: int) -> datetime:
        """A clock time that comes twice begins an opening the first time and ends it the second time."""
        day, minutes = (day + timedelta(days=1), 0) if minutes == 24 * 60 else (day, minutes)
        local = datetime.combine(day, time(minutes // 60, minutes % 60, fold=fold), self.zone)
        return local.astimezone(UTC)


def always_open(time_zone: str = "UTC") -> OpeningHours:
    return OpeningHours(ZoneInfo(time_zone), ((Span(0, 24 * 60),),) * 7)


def read_hours(written: Mapping[str, Any]) -> OpeningHours:
    """Opening hours as they stand in a YAML file (see above).

    Raises:
        ConfigError: says which part is wrong and how to write it.
    """
    unknown = set(written) - {"time_zone", "weekly", "holidays"}
    if unknown:
        raise ConfigError(f"hours: {sorted(unknown)[0]}: not known; there are time_zone, weekly and holidays")
    weekly = written.get("weekly") or {}
    holidays = written.get("holidays") or {}
    for name, part in (("weekly", weekly), ("holidays", holidays)):
        if not isinstance(part, Mapping):
            raise ConfigError(f'hours: {name}: write days and their hours, like mon-fri: "08:00-18:00"')
    week: list[Day] = [()] * 7
    for days, spans in weekly.items():
        for number in _days(str(days)):
            week[number] = read_spans(spans, f"weekly: {days}")
    special = {_date(day): read_spans(spans, f"holidays: {day}") for day, spans in holidays.items()}
    return OpeningHours(_zone(written.get("time_zone", "UTC")), tuple(week), special)


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"hours: time_zone: there is no {name}; write it like Europe/Berlin") from error


def _days(written: str) -> list[int]:
    """Of `mon`, `mon-fri`, `sat, sun`, `sat-mon` or `daily`: 0 for Monday."""
    found: list[int] = []
    for part in written.lower().replace(" ", "").split(","):
        first, _, last = ("mon-sun" if part == "daily" else part).partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ConfigError(f"hours: weekly: {written}: write days like mon, mon-fri, 'sat, sun' or daily")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    return found


def _date(written: Any) -> date:
    try:
        return written if type(written) is date else date.fromisoformat(str(written))
    except ValueError as error:
        raise ConfigError(f"hours: holidays: {written}: write the day like 2026-12-25") from error


def read_spans(written: Any, where: str) -> Day:
    """Of "08:00-12:00, 13:00-18:00", or closed.

    Raises:
        ConfigError: says how to write it.
    """
    text = "" if written is None or written is False else str(written).strip().lower()
    if text in ("", "closed"):
        return ()
    spans = []
    for part in text.split(","):
        match = SPAN.fullmatch(part.strip())
        numbers = [int(number) for number in match.groups()] if match else []
        if not numbers or max(numbers[1], numbers[3]) > 59:
            raise ConfigError(f'hours: {where}: write "08:00-12:00, 13:00-18:00", or closed')
        span = Span(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])
        if span.begins >= 24 * 60 or span.ends > 24 * 60:
            raise ConfigError(f"hours: {where}: a day ends at 24:00; past midnight is written 22:00-06:00")
        spans.append(span)
    return tuple(sorted(spans, key=lambda span: span.begins))
