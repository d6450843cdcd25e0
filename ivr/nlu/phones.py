"""Pure: telephone numbers as people say them, checked against the numbering plans of `phonenumbers`."""

import re

import phonenumbers

from ivr.nlu import numbers_en, numbers_zh
from ivr.nlu.reading import Reading

_FEWEST, _MOST = 3, 15
"""ITU-T E.164: at most 15 digits; short codes have three."""
_UNSURE = 0.55


def read_phone(text: str, language: str, region: str, length: tuple[int, int] | None = None) -> Reading | None:
    """The telephone number in the words: in E.164 where the plan knows it, else its digits with less confidence.

    Args:
        text: the caller's words.
        language: `en` or `zh`.
        region: ISO country whose plan reads numbers without a country code, "CN", "US".
        length: fewest and most digits the step takes.
    """
    reader = numbers_zh.read_digits if language.startswith("zh") else numbers_en.read_digits
    found = reader(text, length)
    if not found or not _FEWEST <= len(found.value) <= _MOST:
        return None
    international = bool(re.search(r"^\W*(?:plus|\+|加)", text.strip().lower()))
    try:
        number = phonenumbers.parse(("+" if international else "") + found.value, None if international else region)
    except phonenumbers.NumberParseException:
        return Reading(found.value, found.said, _UNSURE)
    if phonenumbers.is_valid_number(number):
        return Reading(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), found.said)
    fits = length is not None and length[0] <= len(found.value) <= length[1]
    return Reading(found.value, found.said, 1.0 if fits else _UNSURE)
