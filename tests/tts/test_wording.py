"""What the caller hears for a value, kind by kind, in both languages."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.wording import KINDS, WORDINGS, worded
from tts.wording_values import LARGEST

Case = tuple[str, object, str, str, str]

CASES: tuple[Case, ...] = (
    ("number", 0, "", "zero", "零"),
    ("number", 10, "", "ten", "十"),
    ("number", 12, "", "twelve", "十二"),
    ("number", 101, "", "one hundred and one", "一百零一"),
    ("number", 115, "", "one hundred and fifteen", "一百一十五"),
    ("number", 200, "", "two hundred", "二百"),
    ("number", 1005, "", "one thousand and five", "一千零五"),
    ("number", 2000, "", "two thousand", "两千"),
    ("number", 2012, "", "two thousand and twelve", "两千零一十二"),
    ("number", 10010, "", "ten thousand and ten", "一万零一十"),
    ("number", 12345, "", "twelve thousand three hundred and forty-five", "一万二千三百四十五"),
    ("number", 20000, "", "twenty thousand", "两万"),
    ("number", 100120000, "", "one hundred million one hundred and twenty thousand", "一亿零一十二万"),
    ("number", 123456789, "",
     "one hundred and twenty-three million four hundred and fifty-six thousand seven hundred and eighty-nine",
     "一亿二千三百四十五万六千七百八十九"),
    ("number", 2 * 10**12, "", "two trillion", "两万亿"),
    ("number", "1,280.50", "", "one thousand two hundred and eighty point five", "一千二百八十点五"),
    ("number", 0.1 + 0.2, "", "zero point three", "零点三"),
    ("number", Decimal("-3.07"), "", "minus three point zero seven", "负三点零七"),
    ("ordinal", 1, "", "first", "第一"),
    ("ordinal", 2, "", "second", "第二"),
    ("ordinal", "12", "", "twelfth", "第十二"),
    ("ordinal", 20, "", "twentieth", "第二十"),
    ("ordinal", 22, "", "twenty-second", "第二十二"),
    ("ordinal", 101, "", "one hundred and first", "第一百零一"),
    ("ordinal", 2000, "", "two thousandth", "第二千"),
    ("percent", "12.5%", "", "twelve point five percent", "百分之十二点五"),
    ("percent", -3, "", "minus three percent", "负百分之三"),
    ("money", "1280", "CNY", "one thousand two hundred and eighty yuan", "一千二百八十元"),
    ("money", "¥1,280.50", "cny", "one thousand two hundred and eighty yuan and fifty fen", "一千二百八十元五角"),
    ("money", 3.05, "CNY", "three yuan and five fen", "三元零五分"),
    ("money", 0.05, "CNY", "five fen", "五分"),
    ("money", 0.22, "CNY", "twenty-two fen", "两角两分"),
    ("money", 2, "CNY", "two yuan", "两元"),
    ("money", 0, "CNY", "zero yuan", "零元"),
    ("money", 1.01, "USD", "one dollar and one cent", "一美元一美分"),
    ("money", 2.5, "USD", "two dollars and fifty cents", "两美元五十美分"),
    ("money", "2.675", "EUR", "two euros and sixty-eight cents", "两欧元六十八欧分"),
    ("money", -89, "GBP", "minus eighty-nine pounds", "负八十九英镑"),
    ("money", 1.01, "GBP", "one pound and one penny", "一英镑一便士"),
    ("money", 100.2, "HKD", "one hundred Hong Kong dollars and twenty cents", "一百港元二十分"),
    ("money", 999.5, "JPY", "one thousand yen", "一千日元"),
    ("date", "2026-11-22", "", "Sunday, November twenty-second", "十一月二十二日，星期日"),
    ("date", date(2026, 10, 1), "", "Thursday, October first", "十月一日，星期四"),
    ("date", datetime(2026, 12, 31, 9), "year", "Thursday, December thirty-first, twenty twenty-six",
     "二零二六年十二月三十一日，星期四"),
    ("date", "1905-01-02T10:00:00", "year", "Monday, January second, nineteen oh five", "一九零五年一月二日，星期一"),
    ("date", "2005-03-01", "year", "Tuesday, March first, two thousand and five", "二零零五年三月一日，星期二"),
    ("date", "1900-01-01", "year", "Monday, January first, nineteen hundred", "一九零零年一月一日，星期一"),
    ("time", "15:30", "", "three thirty in the afternoon", "下午三点半"),
    ("time", "9:05", "", "nine oh five in the morning", "上午九点零五分"),
    ("time", time(7), "", "seven o'clock in the morning", "早上七点"),
    ("time", "00:00", "", "midnight", "凌晨零点"),
    ("time", "00:30:59", "", "twelve thirty in the morning", "凌晨零点半"),
    ("time", "12:00", "", "noon", "中午十二点"),
    ("time", "2026-11-22T14:15:00+08:00", "", "two fifteen in the afternoon", "下午两点十五分"),
    ("time", datetime(2026, 11, 22, 22, 0), "", "ten o'clock in the evening", "晚上十点"),
    ("phone", "13812345678", "", "one three eight, one two three four, five six seven eight",
     "幺三八，幺二三四，五六七八"),
    ("phone", "+8613812345678", "", "plus eight six, one three eight, one two three four, five six seven eight",
     "加八六，幺三八，幺二三四，五六七八"),
    ("phone", "+14155550123", "", "plus one, four one five, five five five, zero one two three",
     "加幺四幺五，五五五零，幺二三"),
    ("phone", "+44 20 7946 0018", "", "plus four four, two zero, seven nine four six, zero zero one eight",
     "加四四，二零，七九四六，零零幺八"),
    ("phone", "(415) 555-0123", "", "four one five, five five five, zero one two three", "四幺五，五五五，零幺二三"),
    ("phone", 4008001234, "", "four zero zero, eight zero zero, one two three four", "四零零，八零零，幺二三四"),
    ("phone", "0571-8765-4321", "", "zero five seven one, eight seven six five, four three two one",
     "零五七幺，八七六五，四三二幺"),
    ("phone", "5550123", "", "five five five, zero one two three", "五五五零，幺二三"),
    ("phone", "95555", "", "nine five five five five", "九五五五五"),
    ("digits", "4721", "", "four seven two one", "四七二幺"),
    ("digits", "6222021234567890123", "",
     "six two two two, zero two one two, three four five six, seven eight nine zero, one two three",
     "六二二二，零二幺二，三四五六，七八九零，幺二三"),
    ("digits", "1234 5678", "", "one two three four, five six seven eight", "幺二三四，五六七八"),
    ("code", "A17", "", "A, one seven", "A 幺七"),
    ("code", "cn-2026-x9", "", "C, N, two zero two six, X, nine", "C N 二零二六 X 九"),
    ("distance", 7, "", "seven meters", "七米"),
    ("distance", 2, "", "two meters", "两米"),
    ("distance", 347, "", "three hundred and fifty meters", "三百五十米"),
    ("distance", 996, "", "one kilometer", "一公里"),
    ("distance", 1234, "", "one point two kilometers", "一点二公里"),
    ("distance", "2000", "", "two kilometers", "两公里"),
    ("distance", 15400, "", "fifteen kilometers", "十五公里"),
    ("duration", 20, "", "less than a minute", "不到一分钟"),
    ("duration", 60, "", "about one minute", "大约一分钟"),
    ("duration", 130.4, "", "about two minutes", "大约两分钟"),
    ("duration", 3590, "", "about one hour", "大约一小时"),
    ("duration", 5400, "", "about one hour and thirty minutes", "大约一小时三十分钟"),
    ("duration", 0, "exact", "zero seconds", "零秒"),
    ("duration", 5, "exact", "five seconds", "五秒"),
    ("duration", 130, "exact", "two minutes and ten seconds", "两分十秒"),
    ("duration", 7320, "exact", "two hours and two minutes", "两小时两分钟"),
    ("duration", 3723, "exact", "one hour, two minutes and three seconds", "一小时两分三秒"),
)  # fmt: skip

WRONG: tuple[tuple[str, object, str], ...] = (
    ("number", "twelve", ""),
    ("number", True, ""),
    ("number", "NaN", ""),
    ("number", LARGEST, ""),
    ("number", None, ""),
    ("ordinal", 1.5, ""),
    ("money", 5, "XAU"),
    ("date", "tomorrow", ""),
    ("time", "25:00", ""),
    ("phone", "call me", ""),
    ("phone", "", ""),
    ("digits", "12a4", ""),
    ("code", "--", ""),
    ("distance", -1, ""),
    ("duration", -1, ""),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]} {case[2]}")
def test_a_value_is_worded_for_the_ear(case: Case) -> None:
    kind, value, option, english, chinese = case
    assert (worded(kind, value, "en-US", option), worded(kind, value, "zh-CN", option)) == (english, chinese)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("kind", "value", "option"), WRONG)
def test_a_value_that_does_not_fit_is_refused(kind: str, value: object, option: str, language: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the message of datetime's own parser is Python's affair
        worded(kind, value, language, option)


def test_a_kind_nobody_knows_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(ValueError, match="no wording called 'colour': use one of number, ordinal"):
        worded("colour", "red", "en")


def test_money_without_a_currency_is_that_of_the_language() -> None:
    assert (worded("money", 2, "en"), worded("money", 2, "zh")) == ("two dollars", "两元")


def test_a_language_without_wordings_is_worded_in_english() -> None:
    assert worded("number", 2, "ko") == "two"


def test_both_languages_word_the_same_kinds() -> None:
    assert {language: tuple(table) for language, table in WORDINGS.items()} == {"en": KINDS, "zh": KINDS}


def chinese_value(words: str) -> int:
    """Reads a Chinese whole number back, by the rule of the scales: an independent check of the wording."""
    total = section = digit = 0
    for char in words.replace("两", "二"):
        if char in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(char)
        elif char in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    return total + section + digit


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_a_chinese_number_reads_back_as_itself(count: int) -> None:
    assert chinese_value(worded("number", count, "zh")) == count


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_an_english_number_reads_back_as_itself(count: int) -> None:
    small = {worded("number", number, "en"): number for number in range(100)}
    total = section = 0
    for word in worded("number", count, "en").replace(" and ", " ").split():
        if word == "hundred":
            section *= 100
        elif word in ("thousand", "million", "billion"):
            total, section = total + section * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word], 0
        else:
            section += small[word]
    assert total + section == count
