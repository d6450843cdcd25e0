"""Pure: English numbers, amounts of money and strings of digits, as people say them on the telephone."""

import re
from decimal import Decimal

from ivr.nlu.reading import Reading, amount, plain
from ivr.nlu.words_en import DIGITS, SCALES, TEENS, TENS, UNITS, cardinal, words_of

_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_NOTES = {
    "$", "£", "€", "dollar", "dollars", "buck", "bucks", "pound", "pounds", "quid", "euro", "euros", "yuan", "rmb",
    "kuai", "renminbi",
}  # fmt: skip
_COINS = {"cent", "cents", "pence", "p", "penny", "pennies", "fen"}
_SOUNDS_LIKE_DIGIT = {
    "for": 4, "fore": 4, "to": 2, "too": 2, "won": 1, "ate": 8, "tree": 3, "free": 3, "fife": 5, "niner": 9, "sex": 6,
}  # fmt: skip
_CORRECTION = re.compile(r"\b(?:no wait|no sorry|sorry|i mean|correction|wait|no|actually)\b")


def read_number(text: str) -> Reading | None:
    """The first number in the words: "two and a half" is 2.5, "half a million" 500000, "minus five" -5."""
    words = words_of(text)
    for at in range(len(words)):
        found = _number(words, at)
        if found:
            value, end = found
            return Reading(plain(value), " ".join(words[at:end]))
    return None


def read_money(text: str) -> Reading | None:
    """The first amount: "twelve dollars and fifty cents", "twelve fifty", "fifty pence", "$3.20", "five grand"."""
    words = words_of(text)
    for at in range(len(words)):
        found = _number(words, at)
        if found:
            value, end = _with_coins(words, at, *found)
            return Reading(amount(value), " ".join(words[at:end]))
    return None


def names_money(text: str) -> bool:
    """Whether a currency is said, so that the number is money even if nobody asked for money."""
    return any(word in _NOTES or word in _COINS and word != "p" for word in words_of(text))


def _number(words: list[str], at: int) -> tuple[Decimal, int] | None:
    if words[at] in ("minus", "negative") and at + 1 < len(words):
        positive = _number(words, at + 1)
        return (-positive[0], positive[1]) if positive else None
    if words[at : at + 2] == ["half", "a"] and words[at + 2 : at + 3] and words[at + 2] in {**SCALES, "dozen": 12}:
        return Decimal({**SCALES, "dozen": 12}[words[at + 2]]) / 2, at + 3
    if re.fullmatch(r"\d+\.\d+", words[at]):
        value, end = Decimal(words[at]), at + 1
    elif whole := cardinal(words, at):
        value, end = _with_decimals(words, Decimal(whole[0]), whole[1])
    elif words[at] == "point" and words[at + 1 : at + 2] and words[at + 1] in DIGITS:
        value, end = _with_decimals(words, Decimal(0), at)
    else:
        return None
    if words[end : end + 3] == ["and", "a", "half"]:
        value, end = value + Decimal("0.5"), end + 3
    if words[end : end + 1] and words[end] in SCALES:
        value, end = value * SCALES[words[end]], end + 1
    return value, end


def _with_decimals(words: list[str], value: Decimal, end: int) -> tuple[Decimal, int]:
    if words[end : end + 1] not in (["point"], ["."]):
        return value, end
    here, places = end + 1, ""
    while here < len(words) and (words[here] in DIGITS or words[here].isdigit()):
        places += str(DIGITS.get(words[here], words[here]))
        here += 1
    if not places and (pair := cardinal(words, here)):
        places, here = str(pair[0]), pair[1]
    return (Decimal(f"{value}.{places}"), here) if places else (value, end)


def _with_coins(words: list[str], at: int, value: Decimal, end: int) -> tuple[Decimal, int]:
    if words[end : end + 1] and words[end] in _COINS:
        return value / 100, end + 1
    noted = end < len(words) and words[end] in _NOTES or at > 0 and words[at - 1] in _NOTES
    here = end + (end < len(words) and words[end] in _NOTES)
    coins_at = here + (words[here : here + 1] == ["and"])
    coins = cardinal(words, coins_at) if coins_at < len(words) else None
    if not coins or coins[0] >= 100 or value != value.to_integral_value():
        return value, here
    says_coins = words[coins[1] : coins[1] + 1] != [] and words[coins[1]] in _COINS
    bare_pair = coins[1] == len(words) and coins_at == here and value < 1000
    if says_coins or noted or bare_pair:
        return value + Decimal(coins[0]) / 100, coins[1] + says_coins
    return value, here


def read_digits(text: str, length: tuple[int, int] | None = None) -> Reading | None:
    """Digits said one by one, in pairs or with "double": "four double two one", "nine hundred" (900), "oh seven".

    Args:
        text: the caller's words.
        length: fewest and most digits; helps to drop what the caller took back ("… no, four four three one").
    """
    digits, said = _digits(words_of(text))
    if length and not length[0] <= len(digits) <= length[1]:
        for correction in reversed(list(_CORRECTION.finditer(text.lower()))):
            again, said_again = _digits(words_of(text[correction.end() :]))
            if length[0] <= len(again) <= length[1]:
                return Reading(again, said_again)
    return Reading(digits, said) if digits else None


def _digits(words: list[str]) -> tuple[str, str]:
    digits, said = "", []
    times = 1
    here = 0
    while here < len(words):
        word, after = words[here], words[here + 1] if here + 1 < len(words) else ""
        piece, used = _piece(word, after)
        if word in _TIMES and (after in DIGITS or after.isdigit()):
            times = _TIMES[word]
            said.append(word)
        elif piece and not (word == "o" and not digits):
            digits, times = digits + piece * times, 1
            said += words[here : here + used]
        elif word in _SOUNDS_LIKE_DIGIT and digits and (after in DIGITS or after.isdigit()):
            digits += str(_SOUNDS_LIKE_DIGIT[word])
            said.append(word)
        here += max(used, 1)
    return digits, " ".join(said)


def _piece(word: str, after: str) -> tuple[str, int]:
    """Digits that a word (with the next one) stands for in a string of digits, and how many words it took."""
    if word in DIGITS:
        if after in ("hundred", "thousand") and word in UNITS:
            return str(DIGITS[word]) + ("00" if after == "hundred" else "000"), 2
        return str(DIGITS[word]), 1
    if word in TEENS:
        return str(TEENS[word]), 1
    if word in TENS:
        return (str(TENS[word] + UNITS[after]), 2) if UNITS.get(after, 0) > 0 else (str(TENS[word]), 1)
    if word.replace(".", "").isdigit():
        return word.replace(".", ""), 1
    return "", 0
