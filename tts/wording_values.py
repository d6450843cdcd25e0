"""Pure: what a value to be worded is: a number, a date, a time, digits. Shared by all languages."""

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

LARGEST = 10**15
"""Amounts from here on have no everyday words in either language."""

_FINEST = "0.000001"
_NOT_NUMBER = re.compile(r"[,\s$€£¥%]")


def as_number(value: object) -> Decimal:
    """A finite number below `LARGEST`, to six decimals so that 0.1 + 0.2 is 0.3; texts may carry thousands separators,
    a currency sign or a percent sign.

    Raises:
        ValueError: it is none.
    """
    text = _NOT_NUMBER.sub("", str(value))
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= LARGEST:
        raise ValueError("not a number that can be said")
    return rounded(number, _FINEST)


def as_whole(value: object) -> int:
    """A number without decimals.

    Raises:
        ValueError: it is none.
    """
    number = as_number(value)
    if number != number.to_integral_value():
        raise ValueError("not a whole number")
    return int(number)


def in_hundredths(value: object) -> tuple[bool, int, int]:
    """An amount as (is negative, units, hundredths), rounded half up.

    Raises:
        ValueError: it is none.
    """
    cents = int((as_number(value) * 100).to_integral_value(ROUND_HALF_UP))
    return cents < 0, abs(cents) // 100, abs(cents) % 100


def rounded(number: Decimal, to: str = "1") -> Decimal:
    """Rounded half up to a multiple of a power of ten, "0.1" or "1"."""
    return number.quantize(Decimal(to), ROUND_HALF_UP)


def decimals_of(number: Decimal) -> str:
    """Digits after the point, without closing zeros: "5" for 12.50, "" for 12."""
    return f"{abs(number):f}".partition(".")[2].rstrip("0")


def as_date(value: object) -> date:
    """A date, a datetime's date, or ISO 8601 text of either.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return datetime.fromisoformat(str(value).strip()).date()


def as_time(value: object) -> time:
    """A time, a datetime's time, or text: "15:30", "15:30:00", ISO 8601.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    text = str(value).strip()
    if re.fullmatch(r"\d:\d\d(:\d\d)?", text):
        text = "0" + text
    return datetime.fromisoformat(text).time() if "-" in text else time.fromisoformat(text)


def as_seconds(value: object) -> int:
    """A length of time in whole seconds.

    Raises:
        ValueError: it is no number, or below zero.
    """
    seconds = int(rounded(as_number(value)))
    if seconds < 0:
        raise ValueError("a length of time below zero")
    return seconds


def as_meters(value: object) -> Decimal:
    """Raises:
    ValueError: it is no number, or below zero.
    """
    meters = as_number(value)
    if meters < 0:
        raise ValueError("a distance below zero")
    return meters


def digit_groups(value: object) -> list[str]:
    """Runs of digits as they are written: "1234 5678" → ["1234", "5678"].

    Raises:
        ValueError: there is no digit, or something other than digits and separators.
    """
    text = str(value).strip()
    if not re.fullmatch(r"[\d\s().\-/]*", text, re.ASCII) or not re.search(r"\d", text, re.ASCII):
        raise ValueError("not digits")
    return re.findall(r"\d+", text)


def cut(digits: str, *sizes: int) -> list[str]:
    """Digits cut into groups of the given sizes; what is left over is a group of its own."""
    groups = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return [group for group in [*groups, digits] if group]


def fours(digits: str) -> list[str]:
    """Groups of four as on a bank card; a lone last digit or pair joins the group before it."""
    groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    if len(groups) > 1 and len(groups[-1]) < 3:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups
