"""Pure: English number words, and the cardinal number that starts at a given word."""

import re

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "nought": 0, "naught": 0, "nil": 0,
}  # fmt: skip
DIGITS = {**UNITS, "oh": 0, "o": 0}
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 1_000, "grand": 1_000, "k": 1_000, "million": 10**6, "billion": 10**9}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_ROUND = {"hundred", "dozen", "couple", *SCALES}
_ANY = 10**12
_WORD = re.compile(r"[a-z']+|\d+(?:\.\d+)?|[.:%$£€]")


def words_of(text: str) -> list[str]:
    """Lower-case words, whole or decimal figures, and the signs that matter to numbers."""
    lowered = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower().replace("’", "'").replace("-", " "))
    lowered = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1 m", lowered)
    return _WORD.findall(lowered)


def is_number_word(word: str) -> bool:
    return word in UNITS or word in TEENS or word in TENS or word.isdigit()


def _place(word: str) -> tuple[int, int, int] | None:
    """(value, the place it fills, the place that must still be open) of a word below a hundred, or of figures."""
    if word in UNITS:
        return UNITS[word], 1, 9
    if word in TEENS:
        return TEENS[word], 1, 99
    if word in TENS:
        return TENS[word], 10, 99
    if word.isdigit():
        return int(word), 0, 10 ** len(word) - 1 if len(word) > 2 else 99
    return None


def cardinal(words: list[str], at: int, joins: bool = True) -> tuple[int, int] | None:
    """The cardinal number beginning at word `at`: (its value, the index after it), or None.

    Args:
        words: from `words_of`.
        at: index of the first word.
        joins: whether "and" may stand inside ("two hundred and five").
    """
    total = group = 0
    open_place = open_scale = _ANY
    here = at
    if words[at : at + 1] == ["a"] and words[at + 1 : at + 2] and words[at + 1] in _ROUND:
        if words[at + 1] == "couple":
            return 2, at + 2 + (words[at + 2 : at + 3] == ["of"])
        group, open_place, here = 1, 1, at + 1
    while here < len(words):
        word = words[here]
        place = _place(word)
        if place and place[2] < open_place and not (open_place == 10 and place[0] == 0):
            group, open_place = group + place[0], place[1]
        elif word == "hundred" and 0 < group < 100 and here > at:
            group, open_place = group * 100, 100
        elif word == "dozen" and group and here > at:
            group, open_place = group * 12, 0
        elif word in SCALES and group and here > at and SCALES[word] < open_scale:
            total, group, open_place = total + group * SCALES[word], 0, SCALES[word]
            open_scale = open_place
        elif not (word == "and" and joins and open_place >= 100 and here > at and _continues(words, here + 1)):
            break
        here += 1
    return (total + group, here) if here > at else None


def _continues(words: list[str], at: int) -> bool:
    return at < len(words) and is_number_word(words[at])


def ordinal(words: list[str], at: int) -> tuple[int, int] | None:
    """The ordinal at word `at` ("twenty first", "3 rd"): (its value, the index after it), or None."""
    if at >= len(words):
        return None
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word in ORDINALS:
        return ORDINALS[word], at + 1
    if word in ("twenty", "thirty") and ORDINALS.get(after, 10) < 10:
        return TENS[word] + ORDINALS[after], at + 2
    if word.isdigit() and after in ("st", "nd", "rd", "th"):
        return int(word), at + 2
    return None
