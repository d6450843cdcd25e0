"""Pure: Chinese clock times: 下午三点半, 九点一刻, 差五分八点, 中午, 晚上七点二十."""

import re
from datetime import time

from ivr.nlu.numbers_zh import whole

_COUNT = r"(?:[零〇一二两三四五六七八九十]+|\d+)"
_CLOCK = re.compile(f"({_COUNT})(?:点钟?|时|:)(?:(半)|([一三])刻|过?({_COUNT})分?)?")
_TO = re.compile(f"差({_COUNT}|一刻)分?钟?(?:到)?({_COUNT})点")
_PRICE = re.compile(f"({_COUNT})点(?:{_COUNT})?(?:块|元|个百分|万|亿)")
_AFTERNOON = re.compile("下午|晚|傍晚|午后|夜里")
_MORNING = re.compile("上午|早|凌晨|清晨")


def read_time(text: str) -> tuple[time, str] | None:
    """The clock time in the words and what said it. A bare hour from one to seven is the afternoon's."""
    match = _TO.search(text)
    if match:
        minutes = 15 if match[1] == "一刻" else whole(match[1])
        hour = whole(match[2])
        if 0 < minutes < 60 and 0 < hour <= 24:
            return time((_hour(text, hour) - 1) % 24, 60 - minutes), match[0]
    match = _CLOCK.search(text)
    if match and not _PRICE.search(text):
        hour = whole(match[1])
        minutes = 30 if match[2] else {"一": 15, "三": 45}[match[3]] if match[3] else whole(match[4] or "零")
        if hour <= 24 and minutes < 60:
            return time(_hour(text, hour), minutes), match[0]
    if "中午" in text:
        return time(12, 0), "中午"
    if "半夜" in text or "午夜" in text:
        return time(0, 0), "半夜" if "半夜" in text else "午夜"
    return None


def _hour(text: str, hour: int) -> int:
    if _MORNING.search(text):
        return hour % 24
    if _AFTERNOON.search(text) and hour < 12:
        return hour + 12
    if "中午" in text:
        return hour + 12 if hour < 3 else hour
    return hour + 12 if 1 <= hour <= 7 else hour % 24


def part_of_day(text: str) -> str:
    """morning, afternoon or evening, or "": for callers who name no hour."""
    if re.search("上午|早上|早晨|清晨|明早|今早", text):
        return "morning"
    if re.search("下午|午后", text):
        return "afternoon"
    return "evening" if re.search("晚", text) else ""
