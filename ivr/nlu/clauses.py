"""Pure: a long utterance taken apart: "can you freeze my card, it ends in 4421" asks in its first half."""

import re

from ivr.nlu.cleanup import clean, is_chinese, tidy

MOST = 3
"""Clauses looked at."""

_BREAK_EN = re.compile(r"[,.;!?]+(?=\s|$)|\b(?:and|but|because|so|since)\b")
_BREAK_ZH = re.compile(r"[,.;!?，。；！？、]+|因为|所以|但是|不过|然后")
_FEWEST_EN, _FEWEST_ZH = 3, 3


def clauses(text: str, language: str) -> tuple[str, ...]:
    """Parts of the words that may mean something by themselves; none where there is only one.

    Args:
        text: as recognized, with its punctuation; clauses are words or characters, at least three.
    """
    chinese = is_chinese(language)
    parts = (_BREAK_ZH if chinese else _BREAK_EN).split(tidy(text))
    long = [part.strip() for part in parts if _size(part, language) >= (_FEWEST_ZH if chinese else _FEWEST_EN)]
    return tuple(long[:MOST]) if len(parts) > 1 else ()


def _size(part: str, language: str) -> int:
    said = clean(part, language)
    return len(said) if is_chinese(language) else len(said.split())
