"""Pure: find what must not be kept in the caller's words: card, identity, phone and account numbers, codes, addresses.

Numbers count however they were said: "4111 1111", "four one double one", "四幺幺幺". Only spans are returned, so that
text, word times and sound can be blanked alike; what was found is never part of the answer (domain.md 2.11).
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from ivr.model.digit_runs import SOUNDS_LIKE, DigitRun, digit_runs

REDACTION_VERSION = "2"
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


_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w.+-]+(?:\s+(?:dot|point|underscore|dash|hyphen)\s+[\w.+-]+)*\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+\b"
    r"|[a-z0-9_.+-]+\s*(?:艾特|小老鼠|圈\s*[aA])\s*[\w-]+(?:\s*点\s*\w+)+",
    re.I,
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
"""Nobody says a date like this; with the hour after it, it would read like a telephone number."""

_SECRET = re.compile(
    r"cvv2?|cvc2?|(?:security|access|verification|authori[sz]ation|one[- ]time|secret)\s+(?:code|number|password)"
    r"|\b(?:the|my|your|this)\s+code\b|pin(?:\s+(?:code|number))?\b|pass\s?(?:word|code)"
    r"|(?:digits|numbers?)\s+on\s+the\s+back|背面[^,。]{0,6}位|安全码|验证码|校验码|动态码|密码|口令",
    re.I,
)
_SECRET_REACH = 40
"""Characters after such a word in which the code must begin ("my PIN, well, I think it is …")."""

_LONGEST_SECRET = 8

_ACCOUNT = re.compile(r"\b(?:account|card)\s+(?:number|no\b)|账号|帐号|账户|卡号", re.I)
_ACCOUNT_REACH, _SHORTEST_ACCOUNT = 16, 6
"""A number that is called one is one though it is short."""

_BETWEEN = re.compile(
    r"(?:[\s,.\-–…;、,。]"
    r"|\b(?:uh+|um+|erm?|ah+|h?mm+|okay|ok|then|and|next|now|so|dash|hyphen|slash|space|comma|followed|by|it|is|its"
    r"|it's|that's|yes|yeah|right|again|wait|sorry|well|like|let|me|see|the|finally|last|ending"
    rf"|{'|'.join(SOUNDS_LIKE)})\b"
    r"|嗯+|呃+|额|啊|哦|那个|然后|接着|再|还有|后面|最后|杠|横|空格|是|我看看|等一下)*",
    re.I,
)
_LONGEST_BETWEEN = 30
"""What people say between two groups of one number, and how many characters of it. What is told like this must prove
itself by its check digit, or by being told as such numbers are."""

_ALIKE = re.compile(rf"\b(?:{'|'.join(SOUNDS_LIKE)})\b", re.I)
_ALIKE_BEFORE = re.compile(rf"\b(?P<word>{'|'.join(SOUNDS_LIKE)})\s+$", re.I)

LONGEST = 19
"""Digits of the longest card number (ISO/IEC 7812-1)."""

CARD_BEGINS = "3456"
"""First digits of the cards that people have; one digit heard wrongly must not keep the other fifteen."""

MISHEARD = (15, 16, 19)

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""ISO 7064 MOD 11-2, as GB 11643-1999 prescribes for the 18-digit identity number."""


EVERY_KIND = frozenset({"card", "identity", "phone", "account", "code", "email"})

FACT_KINDS = frozenset({"card", "identity", "code"})
"""What a fact of a call, or a note of an agent, may not hold. A task needs the number to call back and the account it
is about."""


def sensitive_spans(text: str, kinds: Set[str] = EVERY_KIND) -> tuple[Span, ...]:
    """Everything of `kinds` in `text` that must not be kept, in order, not overlapping."""
    found: list[Span] = [Span(*match.span(), "email") for match in _EMAIL.finditer(text)]
    text = _DATE.sub("d" * 10, text)
    runs = digit_runs(text)
    secrets = [match.end() for match in _SECRET.finditer(text)]
    named = [match.end() for match in _ACCOUNT.finditer(text)]
    for run in runs:
        if kind := _kind(run.digits, has_plus=run.has_plus) or _named_kind(run, secrets, named):
            found.append(Span(run.start, run.end, kind))
    for chain in _chains(text, runs):
        found += _told_in_pieces(text, chain, secrets)
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


def kind_of_pieces(pieces: Sequence[str]) -> str:
    """The same of a number that was told in pieces, with a breath or other words between them."""
    digits = "".join(pieces)
    kind = _kind(digits) if len(digits) <= LONGEST else ""
    if kind == "identity" or (kind == "card" and _may_begin_a_card(digits)):
        return kind
    if kind == "phone":
        return kind if _told_in_groups(pieces) else ""
    is_like_a_card = len(digits) in MISHEARD and digits[0] in CARD_BEGINS
    return "account" if is_like_a_card and all(len(piece) >= 4 for piece in pieces) else ""


def _told_in_groups(pieces: Sequence[str]) -> bool:
    """As telephone numbers are: 138 0013 8000, 415 555 0123. Two other numbers may look like one by chance."""
    ends = {sum(map(len, pieces[:count])) for count in range(1, len(pieces))}
    groups: dict[int, set[int]] = {10: {3, 6}, 11: {1, 3, 4, 7}, 13: {2, 5, 9}}
    return ends <= groups.get(sum(map(len, pieces)), set())


def _apart(found: Iterable[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end:
            kept[-1] = Span(kept[-1].start, span.end, kept[-1].kind)
    return tuple(kept)


def _chains(text: str, runs: Sequence[DigitRun]) -> list[list[DigitRun]]:
    """Runs with nothing between them but what people say between two groups of one number."""
    chains: list[list[DigitRun]] = []
    for run in runs:
        before = chains[-1][-1].end if chains else -1
        near = chains and run.start - before <= _LONGEST_BETWEEN
        if near and _BETWEEN.fullmatch(text, before, run.start):
            chains[-1].append(run)
        else:
            chains.append([run])
    return chains


def _told_in_pieces(text: str, chain: Sequence[DigitRun], secrets: Sequence[int]) -> list[Span]:
    """Numbers of more than one run, or with a word that only sounds like a digit; the longest from each beginning."""
    found: list[Span] = []
    total = sum(len(run.digits) for run in chain)
    if SHORTEST_SECRET <= total <= _LONGEST_SECRET and _is_within(chain[0].start, secrets, _SECRET_REACH):
        found.append(Span(chain[0].start, chain[-1].end, "code"))
    for first in range(len(chain)):
        for last in range(len(chain) - 1, first - 1, -1):
            if span := _number_of(text, chain[first : last + 1]):
                found.append(span)
                break
    return found


def _number_of(text: str, runs: Sequence[DigitRun]) -> Span | None:
    start, end = runs[0].start, runs[-1].end
    if len(runs) > 1 and (kind := kind_of_pieces([run.digits for run in runs])):
        return Span(start, end, kind)
    begins = _ALIKE_BEFORE.search(text, max(0, start - 8), start)
    if not begins and not _ALIKE.search(text, start, end):
        return None
    guessed = "".join(_guessed(text, runs))
    for given, begin in ((guessed, start), *(((_alike(begins["word"]) + guessed, begins.start()),) if begins else ())):
        if _is_card(given) and _may_begin_a_card(given):
            return Span(begin, end, "card")
    return None


def _guessed(text: str, runs: Sequence[DigitRun]) -> list[str]:
    """The digits, with those of words between them that only sound like one."""
    parts = [runs[0].digits]
    for before, run in pairwise(runs):
        parts += [_alike(word.group()) for word in _ALIKE.finditer(text, before.end, run.start)]
        parts.append(run.digits)
    return parts


def _alike(word: str) -> str:
    return SOUNDS_LIKE[word.lower()]


def _is_within(start: int, ends: Iterable[int], reach: int) -> bool:
    return any(0 <= start - end <= reach for end in ends)


def _named_kind(run: DigitRun, secrets: Sequence[int], named: Sequence[int]) -> str:
    """What a short number is because of the word before it."""
    if len(run.digits) >= SHORTEST_SECRET and _is_within(run.start, secrets, _SECRET_REACH):
        return "code"
    is_account = len(run.digits) >= _SHORTEST_ACCOUNT and _is_within(run.start, named, _ACCOUNT_REACH)
    return "account" if is_account else ""


def _kind(digits: str, *, has_plus: bool = False) -> str:
    if len(digits) == 18 and _is_identity(digits):
        return "identity"
    if _is_card(digits):
        return "card"
    if digits.isdigit() and _is_phone(digits, has_plus):
        return "phone"
    if len(digits) < NUMBER_LENGTH:
        return ""
    return "card" if _holds_a_card(digits) else "account"


def _is_card(digits: str) -> bool:
    return digits.isdigit() and 13 <= len(digits) <= LONGEST and _luhn(digits)


def _may_begin_a_card(digits: str) -> bool:
    """Two dates after one another ("from 2026-11-25 to 2026-12-01") do not, nor do telephone numbers."""
    return re.match(r"[3-9]|2[1-9]", digits) is not None


def _holds_a_card(digits: str) -> bool:
    """Its date or its code was said on with it, without a pause."""
    lengths = ((16, tuple(CARD_BEGINS)), (15, ("34", "37")))
    return any(
        digits[at:].startswith(begins) and _is_card(digits[at : at + length])
        for length, begins in lengths
        for at in range(len(digits) - length + 1)
    )


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
