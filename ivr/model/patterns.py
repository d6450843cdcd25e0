"""Pure: sentence patterns of a flow: "[please] (get|give) me a [{size}] [{roast}] {drink}" is many sentences in one.

`(a|b)` is one of several, `[a]` may be left out, `[a|b]` both, `{slot}` is a value. Optional values side by side come
in any order. A phrase without brackets is an example; a phrase with brackets tells every way to say it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_IN_ANY_ORDER = 4
"""More optional values side by side keep their order: sixteen orders are the most a caller or a decoder can bear."""

SAMPLES = 20
"""Example sentences made of one pattern: as many as an intent should have."""

_SIGN = re.compile(r"([()\[\]|])|\{\s*(\w+)\s*\??\s*\}")
_CLOSES = {"(": ")", "[": "]"}
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Literal:
    """Words as they are."""

    words: str


@dataclass(frozen=True, slots=True)
class Value:
    """Any value of a slot."""

    slot: str


@dataclass(frozen=True, slots=True)
class InTurn:
    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    part: "Pattern"


@dataclass(frozen=True, slots=True)
class AnyOrder:
    """Each of the values at most once."""

    parts: tuple[Value, ...]


Pattern = Literal | Value | InTurn | OneOf | Maybe | AnyOrder


def is_pattern(phrase: str) -> bool:
    """Whether a phrase of a flow tells every way to say it, and is not one example."""
    return any(sign in phrase for sign in "([|")


def fault_in(phrase: str) -> str:
    """What is wrong with the brackets of a phrase, in words; empty if nothing is."""
    open_: list[str] = []
    for found in _SIGN.finditer(phrase):
        sign = found[1] or ""
        if sign in _CLOSES:
            open_.append(_CLOSES[sign])
        elif sign in (")", "]") and (not open_ or open_.pop() != sign):
            return f"there is a '{sign}' too many"
        elif sign == "|" and not open_:
            return "'|' stands outside of brackets"
    if open_:
        return f"a '{open_[-1]}' is missing"
    return "" if _says_something(pattern_of(phrase)) else "every part of it may be left out"


@lru_cache(maxsize=1024)
def pattern_of(phrase: str) -> Pattern:
    """The tree of a phrase. Brackets that do not match are read as if they ended with the phrase."""
    pieces: list[str] = []
    last = 0
    for found in _SIGN.finditer(phrase):
        pieces += [phrase[last : found.start()].strip(), found[0]]
        last = found.end()
    pieces.append(phrase[last:].strip())
    return _alternatives([piece for piece in pieces if piece], "")


def sentences(phrase: str, count: int = SAMPLES) -> tuple[str, ...]:
    """At most `count` different sentences of a pattern, spread over all it can say; slots stay `{slot}`."""
    if not is_pattern(phrase):
        return (phrase,)
    tree = pattern_of(phrase)
    said = (" ".join(_said(tree, _Choices(turn))) for turn in range(count * _TRIES))
    return tuple(dict.fromkeys(text for text in said if text))[:count]


class _Choices:
    """The same choices each time for the same seed (Park and Miller's generator)."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 7919 + 1) * 48271 % 2147483647

    def below(self, count: int) -> int:
        self._state = self._state * 48271 % 2147483647
        return self._state * count // 2147483647


def _alternatives(pieces: list[str], end: str) -> Pattern:
    """What stands before the bracket `end`, which is taken away from `pieces` with it."""
    ways: list[list[Pattern]] = [[]]
    while pieces:
        piece = pieces.pop(0)
        if piece == end:
            break
        if piece == "|":
            ways.append([])
        elif piece == "(":
            ways[-1].append(_alternatives(pieces, ")"))
        elif piece == "[":
            ways[-1].append(Maybe(_alternatives(pieces, "]")))
        elif piece not in (")", "]"):
            named = _SIGN.fullmatch(piece)
            ways[-1].append(Value(named[2]) if named else Literal(piece))
    parts = [_in_turn(way) for way in ways if way]
    return parts[0] if len(parts) == 1 else OneOf(tuple(parts))


def _in_turn(way: list[Pattern]) -> Pattern:
    parts: list[Pattern] = []
    row: list[Value] = []
    for part in [*way, InTurn(())]:
        if isinstance(part, Maybe) and isinstance(part.part, Value) and len(row) < MOST_IN_ANY_ORDER:
            row.append(part.part)
            continue
        parts += [AnyOrder(tuple(row))] if len(row) > 1 else [Maybe(value) for value in row]
        parts.append(part)
        row = []
    parts.pop()
    return parts[0] if len(parts) == 1 else InTurn(tuple(parts))


def _says_something(part: Pattern) -> bool:
    match part:
        case Maybe() | AnyOrder():
            return False
        case InTurn(parts):
            return any(_says_something(each) for each in parts)
        case OneOf(parts):
            return bool(parts) and all(_says_something(each) for each in parts)
        case _:
            return True


def _said(part: Pattern, choices: _Choices) -> Iterator[str]:
    match part:
        case Literal(words):
            yield words
        case Value(slot):
            yield f"{{{slot}}}"
        case InTurn(parts):
            for each in parts:
                yield from _said(each, choices)
        case OneOf(parts):
            if parts:
                yield from _said(parts[choices.below(len(parts))], choices)
        case Maybe(inner):
            if choices.below(2):
                yield from _said(inner, choices)
        case _:
            kept = [value for value in part.parts if choices.below(2)]
            while kept:
                yield from _said(kept.pop(choices.below(len(kept))), choices)
