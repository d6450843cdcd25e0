"""Pure: the whole sentences a step may hear, as one grammar: the patterns of its intents with their values.

A supervisor who writes "(can I get|give me) a [{size}] {drink}" says all that can come, so a recognizer reads the
sound against exactly that. Patterns with values that cannot be listed (names, dates) are left to free speech.
"""

from functools import lru_cache

from asr.answers import FILLERS, digits_part, likely_phrases, number_part, phrase_part, phrase_parts
from asr.grammar import Grammar, Part, any_order, in_turn, maybe, one_of, word
from ivr.model.meaning import Expect
from ivr.model.patterns import AnyOrder, InTurn, Literal, Maybe, OneOf, Pattern, Value, pattern_of

_COURTESIES = ("please", "thanks", "thank you")

_Values = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Name, kind and ways to say it of each slot."""


def request_grammar(expect: Expect) -> Grammar | None:
    """The sentences of an open question, None where the step has no pattern that can be followed."""
    if expect.kind != "open" or not expect.patterns or expect.language.split("-")[0] != "en":
        return None
    values = tuple(
        (rule.name, rule.kind, tuple(way for value, ways in rule.values.items() for way in (value, *ways)))
        for rule in expect.slots
    )
    return _grammar(expect.patterns, values, expect.phrases)


def is_request(expect: Expect, text: str) -> bool:
    """Whether a text of the grammar is a sentence of a pattern, not a short phrase such as "that's all", which noise
    comes near too easily to be believed without being heard freely."""
    return text not in likely_phrases(expect)


@lru_cache(maxsize=128)
def _grammar(patterns: tuple[str, ...], values: _Values, phrases: tuple[str, ...]) -> Grammar | None:
    """Built once per step and shared by all calls. The step's other phrases compete with the patterns: where one of
    them comes nearest, the sound is no sentence of a pattern (`is_request`)."""
    sentences = [part for part in (_part(pattern_of(pattern), values) for pattern in patterns) if part]
    if not sentences:
        return None
    whole = in_turn(maybe(word(FILLERS, "")), one_of(sentences), maybe(one_of(phrase_parts(_COURTESIES))))
    return Grammar(one_of((whole, *phrase_parts(phrases))))


def _part(pattern: Pattern, values: _Values) -> Part | None:
    """None if the pattern cannot be followed."""
    match pattern:
        case Literal(words):
            return phrase_part(words)
        case Value(slot):
            return _value(slot, values)
        case Maybe(inner):
            part = _part(inner, values)
            return maybe(part) if part else None
        case _:
            return _together(pattern, values)


def _together(pattern: InTurn | OneOf | AnyOrder, values: _Values) -> Part | None:
    found = [_part(inner, values) for inner in pattern.parts]
    parts = [part for part in found if part]
    if not parts or len(parts) < len(found):
        return None
    if isinstance(pattern, InTurn):
        return in_turn(*parts)
    return one_of(parts) if isinstance(pattern, OneOf) else any_order(parts)


def _value(slot: str, values: _Values) -> Part | None:
    kind, ways = next(((kind, ways) for name, kind, ways in values if name == slot), ("", ()))
    if ways:
        return one_of(phrase_parts(ways))
    return {"number": number_part, "digits": digits_part}[kind]() if kind in ("number", "digits") else None
