"""Pure: digits that are said one after another, however they are said: "4111", "four one double one", "四幺三个幺"."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits said one after another, as digits, and the characters they came from."""

    digits: str
    """X may be the last of eighteen (an identity number)."""

    start: int
    end: int
    has_plus: bool = False
    """A plus stands before it, as before telephone numbers."""


_ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ONES = {
    **dict(zip(_ENGLISH, "0123456789", strict=True)),
    **{word: str(digit) for digit, word in enumerate("零一二三四五六七八九")},
    **{word: str(digit) for digit, word in enumerate("壹贰叁肆伍陆柒捌玖", 1)},
    **{
        "oh": "0",
        "o": "0",
        "nought": "0",
        "nil": "0",
        "〇": "0",
        "洞": "0",
        "幺": "1",
        "两": "2",
        "拐": "7",
        "勾": "9",
    },
}
_TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], "23456789", strict=True)
)  # "forty one eleven": card numbers are also read in pairs
_TEENS = dict(
    zip(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        map(str, range(10, 20)),
        strict=True,
    )
)
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_MANY = {
    **{f"{name}s": digit for name, digit in zip(_ENGLISH, "0123456789", strict=True)},
    "zeroes": "0", "ohs": "0", "sixes": "6",
}  # fmt: skip
"""Of "four ones", "three zeros"."""

MISSPELT = {
    "won": "1", "to": "2", "too": "2", "tree": "3", "free": "3", "for": "4", "fore": "4", "fife": "5", "sicks": "6",
    "ate": "8", "nein": "9",
}  # fmt: skip
"""What recognizers write for a digit where they do not expect one. Never a digit by itself."""

SOUNDS_LIKE = {**MISSPELT, "wan": "1", "sex": "6", "hate": "8", "owe": "0"}
"""The same and what is rarer: better to hide a word too many than to keep a number."""

_WORDS = "|".join(
    sorted((w for w in (*_ONES, *_TENS, *_TEENS, *_TIMES, "hundred") if w.isascii()), key=len, reverse=True)
)
_CHINESE = "".join(w for w in _ONES if len(w) == 1 and not w.isascii())
_COUNTS = "|".join(_ENGLISH[2:7])
_PIECE = re.compile(
    rf"(?P<times>[2-6二两三四五六])\s*个\s*(?P<digit>[0-9{_CHINESE}])"
    rf"|\b(?P<count>{_COUNTS})\s+(?P<many>{'|'.join(sorted(_MANY, key=len, reverse=True))})\b"
    rf"|\d|[{_CHINESE}]|\b(?:{_WORDS})\b|\bex\b|叉|艾克斯|x(?![a-z])",
    re.IGNORECASE,
)
_GLUE = re.compile(r"[\s,.\-–—‐()+/、,。的_*|'\"~\u200b-\u200d\u2060\ufeff\u00ad]*")
"""What may stand between the digits of one number."""

_LAST = frozenset({"x", "ex", "叉", "艾克斯"})
"""The check character of an identity number that is ten."""


@dataclass(slots=True)
class _Run:
    start: int
    end: int
    has_plus: bool
    digits: str = ""
    times: int = 1
    tens: bool = False
    """The last piece was a word like "forty", whose nought a digit may replace."""


def digit_runs(text: str) -> tuple[DigitRun, ...]:
    """Every number in `text`, in order."""
    runs: list[_Run] = []
    for piece in _PIECE.finditer(text):
        said = piece.group().lower()
        joined = bool(runs) and _GLUE.fullmatch(text, runs[-1].end, piece.start()) is not None
        if said in _LAST and not (joined and len(runs[-1].digits) == 17):
            continue
        if not joined:
            runs.append(_Run(piece.start(), piece.end(), text[: piece.start()].rstrip().endswith("+")))
        runs[-1].end = piece.end()
        _add(runs[-1], said, piece)
    return tuple(DigitRun(run.digits, run.start, run.end, run.has_plus) for run in runs if run.digits)


def _add(run: _Run, said: str, piece: re.Match[str]) -> None:
    if said in _TIMES:
        run.times, run.tens = _TIMES[said], False
        return
    digits = _digits(said, piece)
    if run.tens and len(digits) == 1 and digits != "0":
        run.digits = run.digits[:-1]  # "forty one" is 41, not 401
    run.digits += digits * run.times
    run.times, run.tens = 1, said in _TENS


def _digits(said: str, piece: re.Match[str]) -> str:
    if times := piece["times"]:
        return _digit(piece["digit"]) * int(_digit(times))
    if count := piece["count"]:
        return _MANY[piece["many"].lower()] * _ENGLISH.index(count.lower())
    if said == "hundred":  # "four hundred": the zeros of a number read in hundreds
        return "00"
    if said in _TENS:
        return _TENS[said] + "0"
    return _TEENS.get(said) or _digit(said)


def _digit(said: str) -> str:
    if said in _LAST:
        return "X"
    return _ONES.get(said) or str(int(said))
