"""Pure: English words for numbers, money, dates, times, telephone numbers, codes, distances and lengths of time."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from tts.wording_values import (
    as_date,
    as_meters,
    as_number,
    as_seconds,
    as_time,
    as_whole,
    cut,
    decimals_of,
    digit_groups,
    fours,
    in_hundredths,
    rounded,
)

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_IRREGULAR_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_CURRENCIES = {
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "CNY": ("yuan", "yuan", "fen", "fen"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "JPY": ("yen", "yen", "", ""),
}


def number(value: object, option: str = "") -> str:
    """1280.5 → "one thousand two hundred and eighty point five"."""
    given = as_number(value)
    words = _whole(int(abs(given)))
    if decimals := decimals_of(given):
        words += " point " + _spelled(decimals)
    return "minus " + words if given < 0 else words


def ordinal(value: object, option: str = "") -> str:
    """22 → "twenty-second"."""
    words = number(as_whole(value))
    cut_at = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut_at], words[cut_at:]
    if last in _IRREGULAR_ORDINALS:
        return head + _IRREGULAR_ORDINALS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def percent(value: object, option: str = "") -> str:
    """12.5 → "twelve point five percent"."""
    return number(value) + " percent"


def money(value: object, option: str = "USD") -> str:
    """1280 CNY → "one thousand two hundred and eighty yuan"; `option` is an ISO 4217 code."""
    currency = (option or "USD").upper()
    if currency not in _CURRENCIES:
        raise ValueError(f"no words for currency {currency!r}: use one of {', '.join(_CURRENCIES)}")
    unit, units, part, parts = _CURRENCIES[currency]
    if not part:
        value = rounded(as_number(value))
    negative, whole, hundredths = in_hundredths(value)
    said = []
    if whole or not hundredths:
        said.append(f"{_whole(whole)} {unit if whole == 1 else units}")
    if hundredths:
        said.append(f"{_whole(hundredths)} {part if hundredths == 1 else parts}")
    return ("minus " if negative else "") + " and ".join(said)


def day(value: object, option: str = "") -> str:
    """2026-11-22 → "Sunday, November twenty-second"; with option "year" → "…, twenty twenty-six"."""
    given = as_date(value)
    words = f"{_WEEKDAYS[given.weekday()]}, {_MONTHS[given.month - 1]} {ordinal(given.day)}"
    return f"{words}, {_year(given.year)}" if option == "year" else words


def clock(value: object, option: str = "") -> str:
    """15:30 → "three thirty in the afternoon"; seconds are left out."""
    given = as_time(value)
    if not given.minute and given.hour in (0, 12):
        return "midnight" if given.hour == 0 else "noon"
    hour = _whole(given.hour % 12 or 12)
    minutes = (" oh " if given.minute < 10 else " ") + _whole(given.minute) if given.minute else " o'clock"
    part = "in the morning" if given.hour < 12 else "in the afternoon" if given.hour < 18 else "in the evening"
    return f"{hour}{minutes} {part}"


def phone(value: object, option: str = "") -> str:
    """ "+1 415 555 0123" → "plus one, four one five, five five five, zero one two three"; as written, else as usual."""
    text = str(value).strip()
    is_abroad = text.startswith("+")
    groups = digit_groups(text.removeprefix("+"))
    if len(groups) == 1:
        groups = _phone_groups(groups[0], is_abroad)
    return ("plus " if is_abroad else "") + ", ".join(map(_spelled, groups))


def digits(value: object, option: str = "") -> str:
    """ "4721" → "four seven two one"; long runs are said in fours, as on a bank card."""
    groups = digit_groups(value)
    return ", ".join(_spelled(group) for group in (fours(groups[0]) if len(groups) == 1 else groups))


def code(value: object, option: str = "") -> str:
    """ "A17" → "A, one seven": letters alone, digits one by one; a comma parts them, or "A" would be read "uh"."""
    return ", ".join(_spoken_runs(str(value)))


def distance(value: object, option: str = "") -> str:
    """Metres: 350 → "three hundred and fifty meters", 1234 → "one point two kilometers"."""
    meters = as_meters(value)
    if meters < 1000 and (near := rounded(meters / 10) * 10) < 1000:
        return _counted(near if meters >= 10 else rounded(meters), "meter")
    kilometers = rounded(meters / 1000, "0.1") if meters < 10_000 else rounded(meters / 1000)
    return _counted(kilometers, "kilometer")


def duration(value: object, option: str = "") -> str:
    """Seconds: 130 → "about two minutes"; with option "exact" → "two minutes and ten seconds"."""
    seconds = as_seconds(value)
    if option == "exact":
        parts = ((seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second"))
        said = [_counted(Decimal(count), unit) for count, unit in parts if count] or ["zero seconds"]
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    if seconds < 45:
        return "less than a minute"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return "about " + _counted(Decimal(minutes), "minute")
    hours, minutes = divmod((minutes + 2) // 5 * 5, 60)
    words = "about " + _counted(Decimal(hours), "hour")
    return words + (" and " + _counted(Decimal(minutes), "minute") if minutes else "")


def _whole(count: int) -> str:
    if count < 20:
        return _SMALL[count]
    if count < 100:
        return _TENS[count // 10] + ("-" + _SMALL[count % 10] if count % 10 else "")
    if count < 1000:
        return f"{_SMALL[count // 100]} hundred" + (" and " + _whole(count % 100) if count % 100 else "")
    size, scale = next((size, scale) for size, scale in _SCALES if count >= size)
    rest = count % size
    if not rest:
        return f"{_whole(count // size)} {scale}"
    return f"{_whole(count // size)} {scale} " + ("and " if rest < 100 else "") + _whole(rest)


def _year(year: int) -> str:
    """As years are said: 1905 → "nineteen oh five", 2005 → "two thousand and five", 2026 → "twenty twenty-six"."""
    century, rest = divmod(year, 100)
    if century % 10 == 0 and rest < 10:
        return _whole(year)
    if not rest:
        return _whole(century) + " hundred"
    return _whole(century) + (" oh " if rest < 10 else " ") + _whole(rest)


def _spelled(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


def _phone_groups(digits: str, is_abroad: bool) -> list[str]:
    if is_abroad and digits.startswith("1"):
        return cut(digits, 1, 3, 3)
    if is_abroad and digits.startswith("86"):
        return cut(digits, 2, 3, 4)
    if len(digits) == 11 and digits.startswith("1"):
        return cut(digits, 3, 4)
    return cut(digits, 3, 3) if len(digits) == 10 else cut(digits, 3) if len(digits) == 7 else fours(digits)


def _spoken_runs(text: str) -> list[str]:
    runs: list[str] = []
    was_digit = False
    for char in text:
        if char.isascii() and char.isdigit():
            runs[len(runs) - was_digit :] = [(runs[-1] + " " if was_digit else "") + _SMALL[int(char)]]
        elif char.isalpha():
            runs.append(char.upper())
        was_digit = char.isascii() and char.isdigit()
    if not runs:
        raise ValueError("no letter and no digit")
    return runs


def _counted(count: Decimal, unit: str) -> str:
    return f"{number(count)} {unit}" + ("" if count == 1 else "s")


WORDINGS: Mapping[str, Callable[[object, str], str]] = {
    "number": number, "ordinal": ordinal, "percent": percent, "money": money, "date": day, "time": clock,
    "phone": phone, "digits": digits, "code": code, "distance": distance, "duration": duration,
}  # fmt: skip
