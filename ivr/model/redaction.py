"""Pure: find what must not be kept in the caller's words: card, identity, phone and account numbers, codes, addresses.

Numbers count however they were said: "4111 1111", "four one double one", "四幺幺幺". Only spans are returned, so that
text, word times and sound can be blanked alike; what was found is never part of the answer (domain.md 2.11).
"""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

REDACTION_VERSION = "1"
"""Kept with what was redacted, so that it is known which rules were applied."""

NUMBER_LENGTH = 9
"""Runs of at least so many digits that fit nothing else are taken for an account number."""

SHORTEST_SECRET = 3
"""A code after a word like CVV or PIN has at least so many digits."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) hold something of `kind`."""

    start: int
    end: int
    kind: str
    """card, identity, phone, account, code, email."""


_ONES = {
    **{str(digit): str(digit) for digit in range(10)},
    **dict(
        zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], "0123456789", strict=True)
    ),
    **{word: str(digit) for digit, word in enumerate("零一二三四五六七八九")},
    **{"oh": "0", "o": "0", "nought": "0", "〇": "0", "洞": "0", "幺": "1", "两": "2", "拐": "7", "勾": "9"},
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
_TIMES = {"double": 2, "triple": 3, "treble": 3}

_WORDS = "|".join(
    sorted((w for w in (*_ONES, *_TENS, *_TEENS, *_TIMES, "hundred") if w.isascii()), key=len, reverse=True)
)
_CHINESE = "".join(w for w in _ONES if len(w) == 1 and not w.isascii())
_PIECE = re.compile(rf"\d|[{_CHINESE}]|\b(?:{_WORDS})\b|[xX](?![a-zA-Z])", re.IGNORECASE)
_GLUE = re.compile(r"[\s,.\-–()+/、,。的]*")
"""What may stand between the digits of one number."""

_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w.+-]+\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+\b|[\w.+-]+\s*艾特\s*[\w-]+\s*点\s*\w+",
    re.I,
)
_SECRET = re.compile(
    r"cvv2?|cvc2?|security\s+code|pin(?:\s+code)?\b|pass\s?(?:word|code)|one[- ]time\s+(?:code|password)"
    r"|verification\s+code|安全码|验证码|校验码|动态码|密码|口令",
    re.I,
)
_SECRET_REACH = 24
"""Characters after such a word in which the code must begin ("my PIN is …")."""

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""ISO 7064 MOD 11-2, as GB 11643-1999 prescribes for the 18-digit identity number."""


@dataclass(slots=True)
class _Run:
    """Digits said one after another, and the characters each came from."""

    digits: str
    where: list[tuple[int, int]]
    plus: bool = False


EVERY_KIND = frozenset({"card", "identity", "phone", "account", "code", "email"})

FACT_KINDS = frozenset({"card", "identity", "code"})
"""What a fact of a call, or a note of an agent, may not hold. A task needs the number to call back and the account it
is about."""


def sensitive_spans(text: str, kinds: Set[str] = EVERY_KIND) -> tuple[Span, ...]:
    """Everything of `kinds` in `text` that must not be kept, in order, not overlapping."""
    found: list[Span] = [Span(*match.span(), "email") for match in _EMAIL.finditer(text)]
    secrets = [match.end() for match in _SECRET.finditer(text)]
    for run in _runs(text):
        kind = _kind(run, secrets)
        if kind:
            found.append(Span(run.where[0][0], run.where[-1][1], kind))
    return _apart([span for span in found if span.kind in kinds])


def redact(text: str, kinds: Set[str] = EVERY_KIND) -> str:
    """`text` with `<CARD>`, `<PHONE>` … in place of what must not be kept."""
    parts: list[str] = []
    done = 0
    for span in sensitive_spans(text, kinds):
        parts += [text[done : span.start], f"<{span.kind.upper()}>"]
        done = span.end
    return "".join([*parts, text[done:]])


def sensitive_words(words: Iterable[str], separator: str = " ", kinds: Set[str] = EVERY_KIND) -> list[bool]:
    """For each recognized word whether any part of it lies in something sensitive: these are blanked in the sound."""
    given, starts, at = list(words), [], 0
    for word in given:
        starts.append(at)
        at += len(word) + len(separator)
    spans = sensitive_spans(separator.join(given), kinds)
    return [
        any(start < span.end and start + len(word) > span.start for span in spans)
        for start, word in zip(starts, given, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits said one after another, as digits, and the characters they came from."""

    digits: str
    start: int
    end: int


def digit_runs(text: str) -> tuple[DigitRun, ...]:
    """Every number in `text` however it was said, in order."""
    return tuple(DigitRun(run.digits, run.where[0][0], run.where[-1][1]) for run in _runs(text))


def kind_of_digits(digits: str) -> str:
    """card, identity, phone, account; empty: an ordinary number."""
    return _kind(_Run(digits, [(0, 0)]), [])


def _apart(found: list[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


def _runs(text: str) -> list[_Run]:
    runs: list[_Run] = []
    last_end = -1
    times, tens = 1, ""
    for piece in _PIECE.finditer(text):
        said = piece.group().lower()
        joined = bool(runs) and _GLUE.fullmatch(text, last_end, piece.start()) is not None
        if said == "x" and not (joined and len(runs[-1].digits) == 17):
            continue
        if not joined:
            runs.append(_Run("", [], plus=text[: piece.start()].rstrip().endswith("+")))
            times, tens = 1, ""
        last_end = piece.end()
        if said in _TIMES:
            times = _TIMES[said]
            continue
        run = runs[-1]
        digits = _digits(said, run)
        if tens and len(digits) == 1 and digits != "0" and run.digits.endswith("0"):
            run.digits, digits = run.digits[:-1], digits  # "forty one" is 41, not 401
        run.digits += digits * times
        run.where += [piece.span()] * max(1, len(digits) * times)
        times, tens = 1, said if said in _TENS else ""
    return [run for run in runs if run.digits]


def _digits(said: str, run: _Run) -> str:
    if said == "hundred":  # "four hundred": the zeros of a number read in hundreds
        return "00"
    if said in _TENS:
        return _TENS[said] + "0"
    return _TEENS.get(said) or _ONES.get(said, "X")


def _kind(run: _Run, secrets: list[int]) -> str:
    digits, begins = run.digits, run.where[0][0]
    plain = digits.isdigit()
    if len(digits) == 18 and _is_identity(digits):
        return "identity"
    if plain and 13 <= len(digits) <= 19 and _luhn(digits):
        return "card"
    if plain and _is_phone(digits, run.plus):
        return "phone"
    if len(digits) >= SHORTEST_SECRET and any(0 <= begins - end <= _SECRET_REACH for end in secrets):
        return "code"
    return "account" if len(digits) >= NUMBER_LENGTH else ""


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_identity(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _IDENTITY_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def _is_phone(digits: str, plus: bool) -> bool:
    """A Chinese mobile or trunk number, a North American number, or anything said with its plus."""
    if plus and 7 <= len(digits) <= 15:
        return True
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}|0\d{2,3}\d{7,8}", digits):
        return True
    return bool(re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits))
