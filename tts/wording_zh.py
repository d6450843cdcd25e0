"""Pure: Mandarin words for numbers, money, dates, times, telephone numbers, codes, distances and lengths of time.

1 is read 幺 in digit strings so that nobody hears 七. 2 is 两 before a measure word and before 千, 万, 亿 in front.
"""

import re
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

_DIGITS = "零一二三四五六七八九"
_SPOKEN_DIGITS = "零幺二三四五六七八九"
_SCALES = ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"))
_WEEKDAYS = "一二三四五六日"
_CURRENCIES = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "HKD": "港元", "JPY": "日元"}
_HUNDREDTHS = {"USD": "美分", "EUR": "欧分", "GBP": "便士", "HKD": "分"}
_PARTS_OF_DAY = ((6, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
"""(before this hour, name)."""


def number(value: object, option: str = "") -> str:
    """1280.5 → "一千二百八十点五"."""
    given = as_number(value)
    words = _whole(int(abs(given)))
    if decimals := decimals_of(given):
        words += "点" + "".join(_DIGITS[int(digit)] for digit in decimals)
    return "负" + words if given < 0 else words


def ordinal(value: object, option: str = "") -> str:
    """22 → "第二十二"."""
    return "第" + _plain(as_whole(value))


def percent(value: object, option: str = "") -> str:
    """12.5 → "百分之十二点五"."""
    words = number(value)
    return "负百分之" + words[1:] if words.startswith("负") else "百分之" + words


def money(value: object, option: str = "CNY") -> str:
    """1280 → "一千二百八十元", 0.5 → "五角", 3.05 → "三元零五分"; `option` is an ISO 4217 code."""
    currency = (option or "CNY").upper()
    if currency not in _CURRENCIES:
        raise ValueError(f"no words for currency {currency!r}: use one of {', '.join(_CURRENCIES)}")
    if currency == "JPY":
        value = rounded(as_number(value))
    negative, whole, hundredths = in_hundredths(value)
    words = _counted(whole) + _CURRENCIES[currency] if whole or not hundredths else ""
    if hundredths:
        words += _jiao_and_fen(whole, hundredths) if currency == "CNY" else _counted(hundredths) + _HUNDREDTHS[currency]
    return ("负" if negative else "") + words


def day(value: object, option: str = "") -> str:
    """2026-11-22 → "十一月二十二日，星期日"; with option "year" → "二零二六年十一月…"."""
    given = as_date(value)
    words = f"{_whole(given.month)}月{_whole(given.day)}日，星期{_WEEKDAYS[given.weekday()]}"
    return "".join(_DIGITS[int(digit)] for digit in str(given.year)) + "年" + words if option == "year" else words


def clock(value: object, option: str = "") -> str:
    """15:30 → "下午三点半", 9:05 → "上午九点零五分"; seconds are left out."""
    given = as_time(value)
    part = next(name for before, name in _PARTS_OF_DAY if given.hour < before)
    hour = given.hour if given.hour <= 12 else given.hour - 12
    if given.minute == 0:
        minutes = ""
    elif given.minute == 30:
        minutes = "半"
    else:
        minutes = ("零" if given.minute < 10 else "") + _whole(given.minute) + "分"
    return f"{part}{_counted(hour)}点{minutes}"


def phone(value: object, option: str = "") -> str:
    """ "13812345678" → "幺三八，幺二三四，五六七八": mobile numbers 3-4-4, others as written or as usual."""
    text = str(value).strip()
    groups = digit_groups(text.removeprefix("+"))
    digits = "".join(groups)
    abroad = text.startswith("+")
    if abroad and digits.startswith("86") and len(digits) == 13:
        groups = [digits[:2], *cut(digits[2:], 3, 4)]
    elif len(digits) == 11 and digits.startswith("1") and not abroad:
        groups = cut(digits, 3, 4)
    elif len(groups) == 1:
        groups = cut(digits, 3, 3) if len(digits) == 10 else fours(digits)
    return ("加" if abroad else "") + "，".join(map(_spelled, groups))


def digits(value: object, option: str = "") -> str:
    """ "4721" → "四七二幺"; long runs are said in fours, as on a bank card."""
    groups = digit_groups(value)
    return "，".join(_spelled(group) for group in (fours(groups[0]) if len(groups) == 1 else groups))


def code(value: object, option: str = "") -> str:
    """ "A17" → "A 幺七": letters alone, digits one by one."""
    runs = re.findall(r"[0-9]+|[^\W\d_]", str(value))
    if not runs:
        raise ValueError("no letter and no digit")
    return " ".join(_spelled(run) if run[0] in "0123456789" else run.upper() for run in runs)


def distance(value: object, option: str = "") -> str:
    """Metres: 350 → "三百五十米", 1234 → "一点二公里"."""
    meters = as_meters(value)
    if meters < 1000 and (near := rounded(meters / 10) * 10) < 1000:
        return _counted_number(near if meters >= 10 else rounded(meters)) + "米"
    kilometers = rounded(meters / 1000, "0.1") if meters < 10_000 else rounded(meters / 1000)
    return _counted_number(kilometers) + "公里"


def duration(value: object, option: str = "") -> str:
    """Seconds: 130 → "大约两分钟"; with option "exact" → "两分十秒"."""
    seconds = as_seconds(value)
    if option == "exact":
        hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
        minute = "分" if rest else "分钟"
        parts = ((hours, "小时"), (minutes, minute), (rest, "秒"))
        return "".join(_counted(count) + unit for count, unit in parts if count) or "零秒"
    if seconds < 45:
        return "不到一分钟"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return f"大约{_counted(minutes)}分钟"
    hours, minutes = divmod((minutes + 2) // 5 * 5, 60)
    return f"大约{_counted(hours)}小时" + (f"{_counted(minutes)}分钟" if minutes else "")


def _whole(count: int) -> str:
    """A whole number alone: 12 → 十二, 2000 → 两千."""
    words = _plain(count)
    return "两" + words[1:] if re.match("二[千万亿]", words) else words


def _plain(count: int) -> str:
    if count < 10_000:
        words = _below_ten_thousand(count)
        return words[1:] if words.startswith("一十") else words
    size, scale = next((size, scale) for size, scale in _SCALES if count >= size)
    head, rest = divmod(count, size)
    words = _plain(head) + scale
    if not rest:
        return words
    return words + ("零" if rest < size // 10 else "") + (_below_ten_thousand(rest) if rest < 10_000 else _inner(rest))


def _inner(count: int) -> str:
    """A part of a larger number: ten is 一十 there."""
    words = _plain(count)
    return "一" + words if words.startswith("十") else words


def _below_ten_thousand(count: int) -> str:
    words, skipped = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, count = divmod(count, size)
        if digit:
            words += ("零" if skipped and words else "") + _DIGITS[digit] + unit
        skipped = not digit
    return words or "零"


def _counted(count: int) -> str:
    """Before a measure word: 2 → 两."""
    return "两" if count == 2 else _whole(count)


def _counted_number(count: Decimal) -> str:
    return "两" if count == 2 else number(count)


def _jiao_and_fen(whole: int, hundredths: int) -> str:
    jiao, fen = divmod(hundredths, 10)
    words = _counted(jiao) + "角" if jiao else ("零" if whole else "")
    return words + (_counted(fen) + "分" if fen else "")


def _spelled(digits: str) -> str:
    return "".join(_SPOKEN_DIGITS[int(digit)] for digit in digits)


WORDINGS: Mapping[str, Callable[[object, str], str]] = {
    "number": number, "ordinal": ordinal, "percent": percent, "money": money, "date": day, "time": clock,
    "phone": phone, "digits": digits, "code": code, "distance": distance, "duration": duration,
}  # fmt: skip
