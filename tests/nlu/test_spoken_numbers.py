"""Numbers, money and digit strings as people say them."""

import pytest

from ivr.nlu import numbers_en, numbers_zh

NUMBERS_EN = [
    ("two hundred and five", "205"), ("two and a half", "2.5"), ("half a million", "500000"), ("minus five", "-5"),
    ("one point five million", "1500000"), ("a hundred and twenty", "120"), ("a dozen", "12"), ("1,200", "1200"),
    ("three thousand four hundred and twenty one", "3421"), ("3.5", "3.5"), ("twenty-five", "25"), ("five k", "5000"),
    ("two thousand and twenty six", "2026"), ("twelve hundred", "1200"), ("zero point seven five", "0.75"),
    ("nine", "9"), ("a nine", "9"), ("3 thousand 500", "3500"), ("ten million two hundred thousand", "10200000"),
    ("a couple of", "2"), ("three dozen", "36"), ("point five", "0.5"), ("half a dozen", "6"), ("zero", "0"),
    ("three point one four", "3.14"), ("two point fifty", "2.5"), ("a thousand", "1000"), ("negative", None),
    ("no numbers here", None), ("nineteen and three", "19"),
]  # fmt: skip
MONEY_EN = [
    ("twelve dollars and fifty cents", "12.50"), ("twelve fifty", "12.50"), ("fifty pence", "0.50"), ("$3.20", "3.20"),
    ("five grand", "5000"), ("two hundred bucks", "200"), ("three pounds twenty", "3.20"), ("twenty", "20"),
    ("a hundred and twenty dollars", "120"), ("ninety nine cents", "0.99"), ("£5 20", "5.20"),
    ("one thousand two hundred and eighty yuan", "1280"), ("half a million dollars", "500000"), ("nothing", None),
]  # fmt: skip
DIGITS_EN = [
    ("four double two one", "4221"), ("nine hundred", "900"), ("oh seven", "07"), ("triple nine", "999"),
    ("my number is four four two one", "4421"), ("double oh seven", "007"), ("twenty one forty five", "2145"),
    ("eight hundred five five five one two three four", "8005551234"), ("4 4 2 1", "4421"), ("one 2 three 4", "1234"),
    ("nineteen eighty four", "1984"), ("one for two", "142"), ("two thousand", "2000"), ("oh oh seven", "007"),
    ("o o seven", "7"), ("none of them", ""), ("thirty", "30"), ("12.34", "1234"),
]  # fmt: skip
NUMBERS_ZH = [
    ("三千五", "3500"), ("一万二", "12000"), ("三点五", "3.5"), ("两个半", "2.5"), ("百分之五", "5"), ("负三", "-3"),
    ("一千零五", "1005"), ("十", "10"), ("二十一", "21"), ("一百二", "120"), ("三万五", "35000"), ("两百五十", "250"),
    ("一亿三千万", "130000000"), ("三个亿", "300000000"), ("三点五万", "35000"), ("九分", "9"), ("9", "9"),
    ("一百零二", "102"), ("两千零二十六", "2026"), ("半个", "0.5"), ("百分之二点五", "2.5"), ("没有", None),
    ("二零二六", "2026"), ("12万", "120000"),
]  # fmt: skip
MONEY_ZH = [
    ("八块五", "8.50"), ("三百二十元", "320"), ("五毛", "0.50"), ("一千二百八十元五角", "1280.50"), ("三万五", "35000"),
    ("八块五毛三", "8.53"), ("十二块", "12"), ("一百块钱", "100"),
    ("两块半", "2.50"), ("5块", "5"), ("三块零五分", "3.05"),
    ("五分钱", "0.05"), ("三毛五", "0.35"), ("没钱", None), ("半块", "0.50"),
]  # fmt: skip
DIGITS_ZH = [
    ("四四二一", "4421"), ("幺三八", "138"), ("三个八", "888"), ("尾号四四二一", "4421"), ("零五七一", "0571"),
    ("幺三八零零幺三八零零零", "13800138000"), ("1 3 8", "138"), ("二十一三十五", "2135"), ("两个五三个六", "55666"),
    ("洞拐", "07"), ("等一下", ""), ("两百零一", "201"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "value"), NUMBERS_EN)
def test_english_numbers(said: str, value: str | None) -> None:
    found = numbers_en.read_number(said)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(("said", "value"), MONEY_EN)
def test_english_money(said: str, value: str | None) -> None:
    found = numbers_en.read_money(said)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(("said", "value"), DIGITS_EN)
def test_english_digits(said: str, value: str) -> None:
    found = numbers_en.read_digits(said)
    assert (found.value if found else "") == value


@pytest.mark.parametrize(("said", "value"), NUMBERS_ZH)
def test_chinese_numbers(said: str, value: str | None) -> None:
    found = numbers_zh.read_number(said)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(("said", "value"), MONEY_ZH)
def test_chinese_money(said: str, value: str | None) -> None:
    found = numbers_zh.read_money(said)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(("said", "value"), DIGITS_ZH)
def test_chinese_digits(said: str, value: str) -> None:
    found = numbers_zh.read_digits(said)
    assert (found.value if found else "") == value


def test_digits_taken_back_are_dropped_where_the_length_is_known() -> None:
    english = numbers_en.read_digits("four four two no four four three one", (4, 4))
    chinese = numbers_zh.read_digits("四四二幺不对四四三幺", (4, 4))
    assert (english and english.value, chinese and chinese.value) == ("4431", "4431")
    assert numbers_en.read_digits("one two no three", (4, 4)) == numbers_en.read_digits("one two no three")
    unclear = numbers_zh.read_digits("四四不对三", (4, 4))
    assert unclear
    assert unclear.value == "443"


def test_only_a_named_currency_makes_an_unasked_number_money() -> None:
    assert numbers_en.names_money("twelve dollars")
    assert not numbers_en.names_money("at two p m")
    assert numbers_zh.names_money("五毛")
    assert not numbers_zh.names_money("五点")
