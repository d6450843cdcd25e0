"""Pure: words for the ear: amounts, dates, times and digits as a person would say them, in English and Chinese.

`WORDINGS` is a table of plain functions, kind by kind, that a flow's templates can use as filters; it depends on no
voice. What does not fit its kind raises ValueError, so that a flow can fall back on the text as it is.
"""

from collections.abc import Callable, Mapping

from tts import wording_en, wording_zh

Wording = Callable[[object, str], str]
"""(value, option) → words. Values may be numbers, Decimal, date, time, datetime, or the text of one."""

WORDINGS: Mapping[str, Mapping[str, Wording]] = {"en": wording_en.WORDINGS, "zh": wording_zh.WORDINGS}
"""By language ("en", "zh"), then by kind: number, ordinal, percent, money, date, time, phone, digits, code,
distance, duration. Options: money takes an ISO 4217 currency, date "year", duration "exact"."""

KINDS = tuple(wording_en.WORDINGS)


def worded(kind: str, value: object, language: str, option: str = "") -> str:
    """`value` in words, e.g. worded("money", "1280", "en", "CNY") → "one thousand two hundred and eighty yuan".

    A language without wordings of its own is worded in English.

    Raises:
        ValueError: no such kind, or the value does not fit it.
    """
    table = WORDINGS.get(language.split("-")[0].lower(), wording_en.WORDINGS)
    if kind not in table:
        raise ValueError(f"no wording called {kind!r}: use one of {', '.join(table)}")
    return table[kind](value, option)
