"""Pure: English names of days: months with a day, weekdays, "tomorrow", "the fifth", "next week"."""

from datetime import date, timedelta

from ivr.nlu.words_en import TEENS, TENS, UNITS, cardinal, ordinal

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = {name: number for number, name in enumerate(_DAY_NAMES)} | {
    "mon": 0, "tues": 1, "tue": 1, "wed": 2, "thurs": 3, "thu": 3, "fri": 4, "sat": 5,
    **{name + "s": number for number, name in enumerate(_DAY_NAMES)},
}  # fmt: skip
_ALSO_WORDS = {"may", "march", "mar", "sat", "sun", "wed"}
_ONE_DAY = timedelta(days=1)
Found = tuple[date, set[int]] | None


def month_and_day(words: list[str], today: date) -> Found:
    """ "march the third", "the third of march twenty twenty seven", "5 may"; without a year the next such day."""
    for at, word in enumerate(words):
        if word not in MONTHS:
            continue
        day = _day_after(words, at) or _day_before(words, at)
        if not day or (word in _ALSO_WORDS and not day[3] and day[1] != at):
            continue
        year = _year(words, day[2])
        end = year[1] if year else day[2]
        found = _such_day(year[0] if year else None, MONTHS[word], day[0], today)
        if found:
            return found, set(range(day[1], end))
    return None


def _such_day(year: int | None, month: int, day: int, today: date) -> date | None:
    """That day; without a year the next one, up to eight years ahead (29 February)."""
    for candidate in (year,) if year else range(today.year, today.year + 9):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _day_after(words: list[str], month_at: int) -> tuple[int, int, int, bool] | None:
    """(day, first word, word after, said as an ordinal) for a day said after its month."""
    at = month_at + 1 + (words[month_at + 1 : month_at + 2] == ["the"])
    found = ordinal(words, at)
    if found:
        return found[0], month_at, found[1], True
    number = cardinal(words, at, joins=False) if at < len(words) else None
    if number and 1 <= number[0] <= 31 and not _year(words, at):
        return number[0], month_at, number[1], False
    return None


def _day_before(words: list[str], month_at: int) -> tuple[int, int, int, bool] | None:
    for at in range(max(0, month_at - 4), month_at):
        found = ordinal(words, at)
        number = found or (None if words[at] == "a" else cardinal(words, at, joins=False))
        if number and (number[1] == month_at or words[number[1] : month_at] == ["of"]) and 1 <= number[0] <= 31:
            return number[0], at, month_at + 1, found is not None or words[number[1] : month_at] == ["of"]
    return None


def _year(words: list[str], at: int) -> tuple[int, int] | None:
    """ "twenty twenty six", "nineteen eighty four", "two thousand and one", "2026"."""
    if at >= len(words):
        return None
    if words[at].isdigit() and len(words[at]) == 4 and words[at][:2] in ("19", "20"):
        return int(words[at]), at + 1
    if words[at] in ("nineteen", "twenty"):
        century = 100 * (TEENS.get(words[at]) or TENS[words[at]])
        if words[at + 1 : at + 2] == ["oh"] and words[at + 2 : at + 3] and words[at + 2] in UNITS:
            return century + UNITS[words[at + 2]], at + 3
        rest = cardinal(words, at + 1, joins=False) if at + 1 < len(words) else None
        return (century + rest[0], rest[1]) if rest and 10 <= rest[0] <= 99 else None
    if words[at : at + 2] == ["two", "thousand"]:
        found = cardinal(words, at)
        return found if found and 2000 <= found[0] < 2100 else None
    return None


def named_day(words: list[str], today: date) -> Found:
    """ "today", "the day after tomorrow", "next friday", "this weekend", "next week", "end of the month"."""
    return _near_day(words, today) or _weekday(words, today) or _period(words, today)


def _near_day(words: list[str], today: date) -> Found:
    text = " ".join(words)
    for at, word in enumerate(words):
        if word == "tomorrow":
            return today + _ONE_DAY * (2 if "day after tomorrow" in text else 1), {at}
        if word in ("today", "tonight"):
            return today, {at}
        if word == "yesterday":
            return today - _ONE_DAY * (2 if "day before yesterday" in text else 1), {at}
    return None


def _weekday(words: list[str], today: date) -> Found:
    """The coming such day; "next" means the one in next week; "not monday" is passed over."""
    for at, word in enumerate(words):
        if word not in WEEKDAYS or word in _ALSO_WORDS and words[max(0, at - 1)] not in ("on", "next", "this"):
            continue
        before = words[max(0, at - 2) : at]
        if before[-1:] in (["not"], ["except"]) or before in (["not", "on"], ["except", "on"]):
            continue
        ahead = (WEEKDAYS[word] - today.weekday()) % 7 or 7
        if before[-1:] == ["last"]:
            return today - _ONE_DAY * ((today.weekday() - WEEKDAYS[word]) % 7 or 7), {at - 1, at}
        if before[-1:] == ["next"] and ahead < 7 and WEEKDAYS[word] > today.weekday():
            ahead += 7
        if words[at + 1 : at + 2] == ["week"] or words[at + 1 : at + 3] == ["next", "week"]:
            same_week = words[at + 1 : at + 3] == ["next", "week"] and WEEKDAYS[word] <= today.weekday()
            ahead += 0 if same_week else 7
        return today + _ONE_DAY * ahead, {at}
    return None


def _period(words: list[str], today: date) -> Found:
    text = " ".join(words)
    if "weekend" in words:
        ahead = (5 - today.weekday()) % 7
        return today + _ONE_DAY * (ahead + (7 if "next weekend" in text else 0)), {words.index("weekend")}
    if "end of the month" in text or "end of month" in text:
        return _first_of_month(today, 1) - _ONE_DAY, {words.index("month")}
    if "next week" in text:
        return today + _ONE_DAY * (7 - today.weekday()), {words.index("week")}
    if "next month" in text:
        return _first_of_month(today, 1), {words.index("month")}
    return None


def _first_of_month(day: date, months_on: int) -> date:
    months = day.month - 1 + months_on
    return date(day.year + months // 12, months % 12 + 1, 1)


def day_of_month(words: list[str], today: date) -> Found:
    """ "the fifth", "on the twenty first": the next such day."""
    for at in range(len(words) - 1):
        found = ordinal(words, at + 1) if words[at] == "the" else None
        if not found or words[found[1] : found[1] + 1] in (["of"], ["one"], ["time"]):
            continue
        for months_on in range(3):
            first = _first_of_month(today, months_on)
            try:
                day = first.replace(day=found[0])
            except ValueError:
                continue
            if day >= today:
                return day, set(range(at, found[1]))
    return None
