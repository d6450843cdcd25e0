"""Pure: digits as recognizers misspell them where no grammar holds them to digits: "for", "to", "ate", "won".

Only where a number is asked for, and only when nothing else was said: "for two" may be a table for two.
"""

import re
from typing import Final

from ivr.model.digit_runs import MISSPELT
from ivr.model.meaning import SlotRule
from ivr.nlu.words_en import UNITS, is_number_word

_NAMES: Final = {str(value): name for name, value in UNITS.items()}
_SOUNDS_LIKE: Final = {**{word: _NAMES[digit] for word, digit in MISSPELT.items()}, "niner": "nine"}
_AROUND: Final = re.compile(
    r"^(?:(?:it's|it is|that's|um|uh|press|number|option|the number|the|a) )*|(?: (?:please|thanks|thank you))*$"
)


def as_digits(said: str, rule: SlotRule) -> str:
    """The digits that the words sound like, as words; "" where they are none, or all are digits as they stand.

    Args:
        said: cleaned English text with figures as words.
        rule: the slot that is asked for; only its length is looked at.
    """
    words = _AROUND.sub("", said).split()
    digits = [_SOUNDS_LIKE.get(word, word) for word in words]
    if not words or digits == words or not all(digit in UNITS or digit == "oh" for digit in digits):
        return ""
    least, most = rule.length or (1, 1)
    fits = rule.kind == "digits" and least <= len(digits) <= most
    alone = not any(is_number_word(word) for word in words) and (rule.kind != "digits" or not rule.length)
    return " ".join(digits) if fits or (alone and len(digits) == 1) else ""
