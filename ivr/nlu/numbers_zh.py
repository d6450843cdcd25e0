"""Pure: Chinese numbers, amounts of money and strings of digits, as people say them on the telephone."""

import re
from decimal import Decimal

from ivr.nlu.reading import Reading, amount, plain

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "洞": 0, "幺": 1, "两": 2, "俩": 2, "拐": 7, "勾": 9,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_SCALES = {"万": 10**4, "亿": 10**8}
NUMERAL = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟\\d]"
_ONE_DIGIT = "[零〇洞一幺二两三四五六七八九\\d]"
_REPEATED = re.compile(f"([两二三四3-4])个({_ONE_DIGIT})")
_COUNTED = re.compile(f"[一二三四五六七八九][百千]{NUMERAL}*|[一二三四五六七八九]?十(?:[一二三四五六七八九](?!十))?")
_PERCENT = re.compile(f"百分之({NUMERAL}+)(?:点({NUMERAL}+))?")
_NUMBER = re.compile(f"({NUMERAL}+)(半)?(?:[点.]({NUMERAL}+))?(?:个?(半))?")
_MONEY = re.compile(
    f"({NUMERAL}+)?(半)?(?:[点.]({NUMERAL}+))?(?:块|元|圆)(?:钱)?"
    f"(?:(半)|零({_ONE_DIGIT})分?|({_ONE_DIGIT})(?![十百千万亿])[毛角]?(?:({_ONE_DIGIT})分?)?)?"
)
_DIMES = re.compile(f"({NUMERAL}+)[毛角]({_ONE_DIGIT})?分?")
_CENTS = re.compile(f"({NUMERAL}+)分钱")
_CORRECTION = re.compile("不对|不是|说错了|错了|哦不|应该是")


def whole(numeral: str) -> int:
    """The value of a numeral: 三千五 is 3500, 一万二 12000, 一千零五 1005, 二零二六 2026.

    Args:
        numeral: only characters of `NUMERAL`, at least one.
    """
    if re.fullmatch(r"\d+", numeral):
        return int(numeral)
    if not any(character in _TENS or character in _SCALES for character in numeral):
        return int("".join(_digit(character) for character in numeral))
    total = section = current = 0
    place, after_zero = 1, False
    for character in re.findall(r"\d+|\D", numeral):
        if character in _TENS:
            section += (current or 1) * _TENS[character]
            current, place, after_zero = 0, _TENS[character], False
        elif character in _SCALES:
            section, current = section + current, 0
            total = (total + section) * _SCALES[character] if character == "亿" else total + section * _SCALES["万"]
            section, place, after_zero = 0, _SCALES[character], False
        else:
            current = int(_digit(character))
            after_zero = after_zero or current == 0
    if current and place > 10 and not after_zero and current < 10:
        current *= place // 10  # 三万五, 一百二: the last figure counts the next place down
    return total + section + current


def _digit(character: str) -> str:
    return str(DIGITS.get(character, character))


def _spoken_places(numeral: str) -> tuple[str, int]:
    """Decimal places and the scale after them: 五万 in "三点五万" is ("5", 10000)."""
    scale = 1
    while numeral and numeral[-1] in _SCALES:
        scale, numeral = scale * _SCALES[numeral[-1]], numeral[:-1]
    return "".join(_digit(character) for character in numeral if character in DIGITS or character.isdigit()), scale


def read_number(text: str) -> Reading | None:
    """The first number: 三千五 3500, 三点五 3.5, 一万二 12000, 两个半 2.5, 百分之五 5, 负三 -3, 半 0.5."""
    flat = re.sub("个(?=[万亿])", "", text)
    match = _PERCENT.search(flat)
    if match:
        return Reading(plain(_decimal(match[1], match[2])), match[0])
    match = _NUMBER.search(flat)
    if not match:
        return Reading("0.5", "半") if "半" in flat else None
    value = _decimal(match[1], match[3])
    if match[2] or match[4]:
        value += Decimal("0.5")
    negative = flat[: match.start()].endswith(("负", "零下"))
    return Reading(plain(-value if negative else value), match[0])


def _decimal(numeral: str, places: str | None) -> Decimal:
    value = Decimal(whole(numeral))
    if places:
        figures, scale = _spoken_places(places)
        value = Decimal(f"{value}.{figures or 0}") * scale
    return value


def read_money(text: str) -> Reading | None:
    """The first amount: 八块五 8.50, 三百二十元 320, 五毛 0.50, 一千二百八十元五角 1280.50, 三万五 35000."""
    flat = re.sub("个(?=[万亿])", "", text)
    match = _MONEY.search(flat)
    if match and (match[1] or match[2]):
        value = _decimal(match[1], match[3]) if match[1] else Decimal(0)
        value += Decimal("0.5") if match[4] or match[2] else Decimal(0)
        value += Decimal(_digit(match[6])) / 10 if match[6] else 0
        value += Decimal(_digit(match[5] or match[7] or "0")) / 100
        return Reading(amount(value), match[0])
    match = _DIMES.search(flat)
    if match:
        return Reading(amount(Decimal(whole(match[1])) / 10 + Decimal(_digit(match[2] or "0")) / 100), match[0])
    match = _CENTS.search(flat)
    if match:
        return Reading(amount(Decimal(whole(match[1])) / 100), match[0])
    number = read_number(flat)
    return Reading(amount(Decimal(number.value)), number.said) if number else None


def names_money(text: str) -> bool:
    """Whether a currency is said, so that the number is money even if nobody asked for money."""
    return bool(_MONEY.search(text) or _DIMES.search(text) or _CENTS.search(text))


def read_digits(text: str, length: tuple[int, int] | None = None) -> Reading | None:
    """Digits said one by one: 幺 is 1, 洞 0, 三个八 888, 尾号四四二一 4421; also 二十一 in a run of digits.

    Args:
        text: the caller's words.
        length: fewest and most digits; helps to drop what the caller took back (…不对,四四三一).
    """
    found = _digits(text)
    if length and found and not length[0] <= len(found.value) <= length[1]:
        for correction in reversed(list(_CORRECTION.finditer(text))):
            again = _digits(text[correction.end() :])
            if again and length[0] <= len(again.value) <= length[1]:
                return again
    return found


def _digits(text: str) -> Reading | None:
    spoken = re.sub(r"一(?=下|点|个[^一二两三四五六七八九零\d])|第一|两位|四位|后四", "", text)
    spoken = _REPEATED.sub(lambda run: _digit(run[2]) * int(_digit(run[1])), spoken)
    spoken = _COUNTED.sub(lambda run: str(whole(run[0])), spoken)
    digits = "".join(_digit(character) for character in spoken if character in DIGITS or character.isdigit())
    return Reading(digits, "".join(re.findall(f"{NUMERAL}|[幺洞拐勾个]", text))) if digits else None
