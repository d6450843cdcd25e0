"""Pure: English dates and times against a given "now": "next Friday at ten", "in three days", "the 5th of May"."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from ivr.nlu.calendar_en import WEEKDAYS, day_of_month, month_and_day, named_day
from ivr.nlu.times_en import read_time
from ivr.nlu.when import When
from ivr.nlu.words_en import cardinal, words_of

_WRITTEN = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b|\b(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\b")


def read_when(text: str, now: datetime) -> When:
    """Day and time of day in the words; both None where there is neither.

    Args:
        text: the caller's words; 3/4 is the fourth of March.
        now: the caller's local time, against which "tomorrow" is read.
    """
    written = _written_day(text, now)
    if written:
        return written
    words = words_of(text.lower().replace("o'clock", "oclock").replace("o clock", "oclock"))
    later = _from_now(words, now)
    if later:
        return later
    day, day_words, named = None, set[int](), False
    for reader in _DAY_READERS:
        found = reader(words, now.date())
        if found:
            (day, day_words), named = found, reader is not day_of_month
            break
    clock = read_time(words, day_words)
    taken = day_words | (clock[1] if clock else set())
    said = " ".join(words[min(taken) : max(taken) + 1]) if taken else ""
    return When(day, clock[0] if clock else None, said, named)


def _written_day(text: str, now: datetime) -> When | None:
    match = _WRITTEN.search(text)
    if not match:
        return None
    year, month, day = match[1] or match[6], match[2] or match[4], match[3] or match[5]
    number = int(year) + 2000 * (len(year) == 2) if year else now.year
    try:
        found = date(number, int(month), int(day))
    except ValueError:
        return None
    if not year and found < now.date():
        found = _same_day(found, number + 1)
    rest = words_of(text[: match.start()] + " , " + text[match.end() :])
    clock = read_time(rest, set())
    return When(found, clock[0] if clock else None, match[0], True)


def _same_day(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _from_now(words: list[str], now: datetime) -> When | None:
    """ "in two hours", "three days from now", "a week from tuesday", "half an hour later"."""
    for at, word in enumerate(words):
        if words[at : at + 4] == ["in", "half", "an", "hour"]:
            return _moment(now + timedelta(minutes=30), "in half an hour")
        start = at + 1 if word == "in" else at
        one = words[start : start + 1] in (["a"], ["an"])
        count = (1, start + 1) if one else cardinal(words, start, joins=False) if start < len(words) else None
        if not count or count[1] >= len(words):
            continue
        unit, here = words[count[1]].rstrip("s"), count[1] + 1
        base, end = _starting_point(words, here, now)
        if word != "in" and base is None:
            continue
        said = " ".join(words[at:end])
        if unit in ("minute", "hour"):
            return _moment((base or now) + timedelta(**{unit + "s": count[0]}), said)
        if unit in ("day", "week", "month", "year") and count[0] < 1000:
            clock = read_time(words, set(range(at, end)))
            return When(_later((base or now).date(), unit, count[0]), clock[0] if clock else None, said, True)
    return None


def _starting_point(words: list[str], at: int, now: datetime) -> tuple[datetime | None, int]:
    """From when "from now", "later", "from tomorrow" or "from tuesday" counts; None where nothing says so."""
    if words[at : at + 2] == ["from", "now"] or words[at : at + 2] == ["from", "today"]:
        return now, at + 2
    if words[at : at + 1] in (["later"], ["hence"]):
        return now, at + 1
    if words[at : at + 1] == ["from"] and at + 1 < len(words):
        if words[at + 1] == "tomorrow":
            return now + timedelta(days=1), at + 2
        if words[at + 1] in WEEKDAYS:
            return now + timedelta(days=(WEEKDAYS[words[at + 1]] - now.weekday() - 1) % 7 + 1), at + 2
    return None, at


def _moment(moment: datetime, said: str) -> When:
    return When(moment.date(), moment.time().replace(second=0, microsecond=0), said, True)


def _later(day: date, unit: str, count: int) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.month - 1 + count * (12 if unit == "year" else 1)
    return date(day.year + months // 12, months % 12 + 1, min(day.day, 28))


DayReader = Callable[[list[str], date], tuple[date, set[int]] | None]
_DAY_READERS: tuple[DayReader, ...] = (month_and_day, named_day, day_of_month)
