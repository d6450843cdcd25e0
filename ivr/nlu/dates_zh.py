"""Pure: Chinese dates, read against a given "now": 下周六, 大后天, 五月三号, 三天以后, 月底, 国庆节."""

import re
from datetime import date, datetime, time, timedelta

from ivr.nlu.numbers_zh import DIGITS, whole
from ivr.nlu.times_zh import read_time
from ivr.nlu.when import When

COUNT = r"(?:[零〇一二两三四五六七八九十百]+|\d+)"
_NEAR = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "大后天": 3, "后天": 2, "明天": 1, "明早": 1, "明晚": 1,
    "明儿": 1, "今天": 0, "今晚": 0, "今早": 0, "今儿": 0, "当天": 0,
}  # fmt: skip
_NEAR_DAY = re.compile("|".join(sorted(_NEAR, key=len, reverse=True)))
_FEASTS = {
    "国庆节": (10, 1), "国庆": (10, 1), "元旦": (1, 1), "圣诞节": (12, 25), "劳动节": (5, 1), "五一": (5, 1),
    "情人节": (2, 14), "儿童节": (6, 1), "平安夜": (12, 24),
}  # fmt: skip
_FEAST = re.compile("|".join(sorted(_FEASTS, key=len, reverse=True)))
_HALF_HOUR = re.compile("(?<!个)半个?(?:小时|钟头)(?:以后|之后|后)")
_LATER = re.compile(f"({COUNT})个?(半)?(小时|钟头|分钟|天|周|星期|礼拜|月|年)(半)?(?:以后|之后|后)")
_YEAR_MONTH_DAY = re.compile(
    r"(?:([零〇一二三四五六七八九]{4}|[零〇一二三四五六七八九]{2}|\d{4}|\d{2}|今|明|后)年)?"
    f"(?:({COUNT})月份?|(这个?月|本月|下下个?月|下个?月))(?:({COUNT})[号日]?)?"
)
_DAY = re.compile(f"({COUNT})[号日]")
_WEEKDAY = re.compile(r"(?<!不)(?<!不是)(下下|下|这|本|上)?个?(?:周|星期|礼拜)([一二三四五六日天末1-6])")
_WEEKDAYS = {character: at for at, character in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEKS_ON = {"下下": 14, "下": 7, "上": -7}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ONE_DAY = timedelta(days=1)
_Found = tuple[date, str] | None


def read_when(text: str, now: datetime) -> When:
    """Day and time of day in the words; both None where there is neither.

    Args:
        text: the caller's words.
        now: the caller's local time, against which 明天 is read.
    """
    moment = _moment_from_now(text, now)
    if moment:
        return moment
    for reader in (_iso, _later, _near_day, _month_and_day, _weekday, _day_of_month, _month_end, _feast):
        found = reader(text, now.date())
        if found:
            clock = read_time(text.replace(found[1], " ") if found[1] not in ("明早", "明晚") else text)
            said = found[1] + (clock[1] if clock else "")
            return When(found[0], clock[0] if clock else None, said, reader is not _day_of_month)
    clock = read_time(text)
    return When(None, clock[0], clock[1]) if clock else When()


def _moment_from_now(text: str, now: datetime) -> When | None:
    match = _HALF_HOUR.search(text)
    minutes = 30
    if not match:
        match = _LATER.search(text)
        if not match or match[3] not in ("小时", "钟头", "分钟"):
            return None
        minutes = whole(match[1]) * (1 if match[3] == "分钟" else 60)
        minutes += 30 if match[2] or match[4] else 0
    moment = now + timedelta(minutes=minutes)
    return When(moment.date(), time(moment.hour, moment.minute), match[0], True)


def _iso(text: str, today: date) -> _Found:
    match = _ISO.search(text)
    return _checked(int(match[1]), int(match[2]), int(match[3]), match[0]) if match else None


def _later(text: str, today: date) -> _Found:
    match = _LATER.search(text)
    if not match or (count := whole(match[1])) > 999:
        return None
    if match[3] == "天":
        return today + _ONE_DAY * count, match[0]
    if match[3] in ("月", "年"):
        first = _first_of_month(today, count * (12 if match[3] == "年" else 1))
        return first.replace(day=min(today.day, 28)), match[0]
    return today + _ONE_DAY * 7 * count, match[0]


def _near_day(text: str, today: date) -> _Found:
    match = _NEAR_DAY.search(text)
    return (today + _ONE_DAY * _NEAR[match[0]], match[0]) if match else None


def _month_and_day(text: str, today: date) -> _Found:
    match = _YEAR_MONTH_DAY.search(text)
    if not match or not (match[2] or match[4]):
        return None
    day = whole(match[4]) if match[4] else 1
    if not match[2]:
        first = _first_of_month(today, 0 if match[3][0] in "这本" else match[3].count("下"))
        return _checked(first.year, first.month, day, match[0])
    year = _year(match[1], today) if match[1] else today.year
    found = _checked(year, whole(match[2]), day, match[0])
    if found and not match[1] and found[0] < today:
        return _checked(year + 1, found[0].month, found[0].day, match[0])
    return found


def _year(said: str, today: date) -> int:
    if said in "今明后":
        return today.year + "今明后".index(said)
    year = int("".join(str(DIGITS.get(character, character)) for character in said))
    return year if year > 99 else year + (1900 if year > 40 else 2000)


def _weekday(text: str, today: date) -> _Found:
    match = _WEEKDAY.search(text)
    if not match:
        return None
    at = _WEEKDAYS[match[2]] if match[2] in _WEEKDAYS else int(match[2]) - 1
    day = today - _ONE_DAY * today.weekday() + _ONE_DAY * (at + _WEEKS_ON.get(match[1] or "", 0))
    return (day + _ONE_DAY * 7 if not match[1] and day < today else day), match[0]


def _day_of_month(text: str, today: date) -> _Found:
    match = _DAY.search(text)
    if not match or not 1 <= whole(match[1]) <= 31 or text[match.end() : match.end() + 1] == "线":
        return None
    for months_on in range(3):
        first = _first_of_month(today, months_on)
        found = _checked(first.year, first.month, whole(match[1]), match[0])
        if found and found[0] >= today:
            return found
    return None


def _month_end(text: str, today: date) -> _Found:
    match = re.search("(下个?)?月底", text)
    return (_first_of_month(today, 2 if match[1] else 1) - _ONE_DAY, match[0]) if match else None


def _feast(text: str, today: date) -> _Found:
    match = _FEAST.search(text)
    if not match:
        return None
    month, day = _FEASTS[match[0]]
    return date(today.year + ((month, day) < (today.month, today.day)), month, day), match[0]


def _first_of_month(day: date, months_on: int) -> date:
    months = day.month - 1 + months_on
    return date(day.year + months // 12, months % 12 + 1, 1)


def _checked(year: int, month: int, day: int, said: str) -> _Found:
    try:
        return date(year, month, day), said
    except ValueError:
        return None
