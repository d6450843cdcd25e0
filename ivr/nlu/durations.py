"""Pure: lengths of time in English and Chinese, as ISO 8601: "an hour and a half" is PT1H30M, 两周 P2W."""

import re

from ivr.nlu.numbers_zh import NUMERAL, whole
from ivr.nlu.reading import Reading
from ivr.nlu.words_en import cardinal, words_of

_UNITS_EN = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_LONG_EN = {"month": "M", "year": "Y"}
_UNITS_ZH = {
    "秒钟": 1,
    "秒": 1,
    "分钟": 60,
    "小时": 3600,
    "钟头": 3600,
    "天": 86_400,
    "周": 604_800,
    "星期": 604_800,
    "礼拜": 604_800,
}
_ZH = re.compile(f"({NUMERAL}+|半)个?(半)?(秒钟|秒|分钟|小时|钟头|天|周|星期|礼拜|个?月|年)(半)?")


def read_duration(text: str, language: str) -> Reading | None:
    """The length of time in the words, all parts of it together, or None."""
    return _chinese(text) if language.startswith("zh") else _english(text)


def _english(text: str) -> Reading | None:
    words = words_of(text)
    seconds, said, here = 0.0, [], 0
    while here < len(words):
        count, end = _count(words, here)
        unit = words[end].rstrip("s") if count and end < len(words) else ""
        if unit in _LONG_EN:
            return Reading(f"P{int(count)}{_LONG_EN[unit]}", " ".join(words[here : end + 1]))
        if unit not in _UNITS_EN:
            here += 1
            continue
        seconds += count * _UNITS_EN[unit]
        after = end + 1
        if words[after : after + 3] == ["and", "a", "half"]:
            seconds, after = seconds + _UNITS_EN[unit] / 2, after + 3
        said += words[here:after]
        here = after
    return Reading(_iso(seconds), " ".join(said)) if seconds else None


def _count(words: list[str], at: int) -> tuple[float, int]:
    if words[at : at + 3] in (["half", "an", "hour"], ["half", "a", "day"], ["half", "a", "minute"]):
        return 0.5, at + 2
    if words[at : at + 4] in (["quarter", "of", "an", "hour"],):
        return 0.25, at + 3
    found = cardinal(words, at)
    if not found:
        return (1.0, at + 1) if words[at] in ("a", "an") else (0.0, at)
    half = words[found[1] : found[1] + 3] == ["and", "a", "half"]
    return found[0] + 0.5 * half, found[1] + 3 * half


def _chinese(text: str) -> Reading | None:
    seconds, said = 0.0, ""
    for match in _ZH.finditer(text):
        count = 0.5 if match[1] == "半" else whole(match[1])
        if match[3].endswith("月"):
            return Reading(f"P{int(count)}M", match[0])
        if match[3] == "年":
            return Reading("P6M" if count == 0.5 else f"P{int(count)}Y", match[0])
        halves = 0.5 if match[2] or match[4] else 0
        seconds += (count + halves) * _UNITS_ZH[match[3]]
        said += match[0]
    return Reading(_iso(seconds), said) if seconds else None


def _iso(seconds: float) -> str:
    left = round(seconds)
    if left % 604_800 == 0:
        return f"P{left // 604_800}W"
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3600)
    minutes, rest = divmod(left, 60)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if count)
    return "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
