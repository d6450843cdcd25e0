"""Pure: the number that somebody is called back on: from keys or words to E.164, and back to what is read out.

What is typed has mostly no country code, so the country of the line it is typed on stands in for it.
"""

import phonenumbers


def full_number(typed: str, *like: str) -> str:
    """A number in E.164, or empty text if it is none.

    Args:
        typed: digits as keyed or said; `+` or `00` begins one with its country code.
        like: numbers (E.164, best first) whose country a number without one belongs to.
    """
    text = typed.strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, phonenumbers.region_code_for_country_code(_country(like)))
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def as_read_out(number: str, *like: str) -> str:
    """A number (E.164) as it is written in its country, in groups; with the country code if the first number of
    `like` that has one is of another country."""
    read = phonenumbers.parse(number, None)
    home = _country(like) == read.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(read, style))


def _country(like: tuple[str, ...]) -> int:
    """Country code of the first number that has one, or 0."""
    for number in like:
        try:
            return phonenumbers.parse(number, None).country_code or 0
        except phonenumbers.NumberParseException:
            continue
    return 0
