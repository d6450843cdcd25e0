"""Dates, times and lengths of time as people say them, on Monday 2 March 2026, half past nine."""

import pytest

from ivr.nlu import dates_en, dates_zh
from ivr.nlu.durations import read_duration
from ivr.nlu.times_en import part_of_day
from ivr.nlu.times_zh import part_of_day as part_of_day_zh
from ivr.nlu.when import When
from tests.nlu.conftest import MONDAY

ENGLISH = [
    ("tomorrow", "2026-03-03"), ("tomorrow at ten", "2026-03-03 10:00"), ("next friday", "2026-03-13"),
    ("next friday at half past three", "2026-03-13 15:30"), ("the fifth of may", "2026-05-05"),
    ("may the fifth", "2026-05-05"), ("in three days", "2026-03-05"), ("in two hours", "2026-03-02 11:30"),
    ("a week from tuesday", "2026-03-10"), ("the day after tomorrow", "2026-03-04"), ("saturday morning", "2026-03-07"),
    ("saturday at nine a.m.", "2026-03-07 09:00"), ("twenty first of june twenty twenty seven", "2027-06-21"),
    ("march third", "2026-03-03"), ("the 15th", "2026-03-15"), ("quarter to nine", "08:45"),
    ("three thirty p m", "15:30"), ("five o'clock", "17:00"), ("noon on wednesday", "2026-03-04 12:00"),
    ("tonight at eight", "2026-03-02 20:00"), ("not monday, tuesday", "2026-03-03"), ("next week", "2026-03-09"),
    ("next month", "2026-04-01"), ("this weekend", "2026-03-07"), ("end of the month", "2026-03-31"),
    ("3/14", "2026-03-14"), ("2026-05-01", "2026-05-01"), ("january second nineteen eighty four", "1984-01-02"),
    ("at 5", "17:00"), ("ten fifteen", "10:15"), ("two thirty", "14:30"), ("ten past four", "16:10"),
    ("twenty five to six", "17:35"), ("seven in the evening", "19:00"), ("monday week", "2026-03-16"),
    ("april 5 2027", "2027-04-05"), ("i may go", ""), ("four oh five", "16:05"), ("last monday", "2026-02-23"),
    ("half an hour later", "2026-03-02 10:30"), ("three weeks from now", "2026-03-23"), ("in a month", "2026-04-02"),
    ("february 29th", "2028-02-29"), ("12:45", "12:45"), ("march the third", "2026-03-03"),
    ("between ten and eleven on thursday", "2026-03-05 10:00"), ("the twenty second at 3 pm", "2026-03-22 15:00"),
    ("in half an hour", "2026-03-02 10:00"), ("midnight", "00:00"), ("five minutes past nine", "09:05"),
    ("a day from tomorrow", "2026-03-04"), ("two days from today", "2026-03-04"), ("yesterday", "2026-03-01"),
    ("may thirty first", "2026-05-31"), ("the thirty first", "2026-03-31"), ("january twenty oh five", "20:05"),
    ("the first of january two thousand and five", "2005-01-01"), ("february thirtieth", ""), ("99/45", ""),
    ("twelve a m", "00:00"), ("next weekend", "2026-03-14"),
    ("tuesday next week", "2026-03-10"), ("1/5/27", "2027-01-05"),
    ("2/1", "2027-02-01"), ("the second of march nineteen oh one", "1901-03-02"), ("good morning", ""), ("", ""),
]  # fmt: skip
CHINESE = [
    ("明天", "2026-03-03"), ("后天下午三点", "2026-03-04 15:00"), ("下周六", "2026-03-14"), ("大后天", "2026-03-05"),
    ("五月三号", "2026-05-03"), ("三天以后", "2026-03-05"), ("月底", "2026-03-31"), ("下个月五号", "2026-04-05"),
    ("国庆节", "2026-10-01"), ("周六上午", "2026-03-07"), ("星期三九点半", "2026-03-04 09:30"),
    ("两个小时后", "2026-03-02 11:30"), ("半小时以后", "2026-03-02 10:00"), ("二零二七年一月一号", "2027-01-01"),
    ("九点一刻", "09:15"), ("差五分八点", "07:55"), ("中午", "12:00"),
    ("晚上七点二十", "19:20"), ("十五号", "2026-03-15"),
    ("下下周一", "2026-03-16"), ("这周末", "2026-03-07"), ("明早八点", "2026-03-03 08:00"), ("三点半", "15:30"),
    ("昨天", "2026-03-01"), ("一个半小时后", "2026-03-02 11:00"), ("不是周六是周日", "2026-03-08"), ("半夜", "00:00"),
    ("明天早上十点", "2026-03-03 10:00"), ("2026-05-01", "2026-05-01"), ("凌晨两点", "02:00"), ("两周后", "2026-03-16"),
    ("十二月二十五号下午两点四十五", "2026-12-25 14:45"), ("三个月后", "2026-06-02"), ("明年二月三号", "2027-02-03"),
    ("二月三十号", ""), ("元旦", "2027-01-01"), ("一月五号", "2027-01-05"), ("上周五", "2026-02-27"), ("十号线", ""),
    ("差一刻九点", "08:45"), ("中午一点", "13:00"), ("三点五块", ""), ("八四年五月六号", "1984-05-06"), ("你好", ""),
    ("三十分钟之后", "2026-03-02 10:00"), ("周日", "2026-03-08"), ("下个月底", "2026-04-30"), ("一年后", "2027-03-02"),
    ("三十一号", "2026-03-31"), ("九九号", ""), ("二十五点", ""), ("2026-13-01", ""), ("本月八号", "2026-03-08"),
]  # fmt: skip
DURATIONS_EN = [
    ("half an hour", "PT30M"), ("an hour and a half", "PT1H30M"), ("two weeks", "P2W"), ("three days", "P3D"),
    ("ten minutes", "PT10M"), ("two and a half hours", "PT2H30M"), ("six months", "P6M"), ("a year", "P1Y"),
    ("one hour and twenty minutes", "PT1H20M"), ("a quarter of an hour", "PT15M"), ("ninety seconds", "PT1M30S"),
    ("soon", ""),
]  # fmt: skip
DURATIONS_ZH = [
    ("半小时", "PT30M"), ("一个半小时", "PT1H30M"), ("两周", "P2W"), ("三天", "P3D"), ("十分钟", "PT10M"),
    ("一小时二十分钟", "PT1H20M"), ("三个月", "P3M"), ("半年", "P6M"), ("两年", "P2Y"), ("不久", ""),
]  # fmt: skip


def written(when: When) -> str:
    parts = [when.day.isoformat() if when.day else "", when.clock.strftime("%H:%M") if when.clock else ""]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("said", "expected"), ENGLISH)
def test_english_days_and_times(said: str, expected: str) -> None:
    assert written(dates_en.read_when(said, MONDAY)) == expected


@pytest.mark.parametrize(("said", "expected"), CHINESE)
def test_chinese_days_and_times(said: str, expected: str) -> None:
    assert written(dates_zh.read_when(said, MONDAY)) == expected


@pytest.mark.parametrize(
    ("said", "expected", "language"),
    [(*row, "en") for row in DURATIONS_EN] + [(*row, "zh") for row in DURATIONS_ZH],
)
def test_lengths_of_time(said: str, expected: str, language: str) -> None:
    found = read_duration(said, language)
    assert (found.value if found else "") == expected


def test_parts_of_the_day_without_an_hour() -> None:
    assert [part_of_day([word]) for word in ("morning", "afternoon", "tonight", "noon")] == [
        "morning", "afternoon", "evening", "",
    ]  # fmt: skip
    assert [part_of_day_zh(said) for said in ("上午", "下午", "晚上", "中午")] == [
        "morning",
        "afternoon",
        "evening",
        "",
    ]
