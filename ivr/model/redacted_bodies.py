"""Pure: answers of other systems as the journal may keep them: structure, names and ordinary values, no numbers that
must not be kept (domain.md 2.11)."""

import re
from collections.abc import Set
from typing import Any

from ivr.model.redaction import redact

HIDDEN = "•"

_SECRET = re.compile(r"^(.*_)?(pin|cvv2?|cvc2?|otp|pass(word|code|wd)|secret|token)$", re.I)
_KINDS = {
    "card": re.compile(r"^(.*_)?(pan|card_?(number|no))$", re.I),
    "phone": re.compile(r"^(.*_)?(phone|mobile|tel|telephone|msisdn|phone_?number)$", re.I),
    "email": re.compile(r"^(.*_)?e?mail(_address)?$", re.I),
    "identity": re.compile(r"^(.*_)?(id_?(number|card)|identity|ssn|passport(_no)?)$", re.I),
    "account": re.compile(r"^(.*_)?(account_?(number|no)|iban)$", re.I),
}
"""Names under which such a value stands, whatever it looks like."""

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
_IN_NUMBERS = frozenset({"card", "identity"})
"""Of a bare number only these can be told for certain: nine digits may be an amount."""


def redacted_body(body: Any, kinds: Set[str]) -> Any:
    """The same shape; strings and numbers without what `kinds` name. Deeper than 20 levels nothing is kept."""
    return _value(body, kinds, 20)


def _value(value: Any, kinds: Set[str], depth: int) -> Any:
    if depth == 0:
        return HIDDEN
    match value:
        case dict():
            return {name: _named(str(name), each, kinds, depth) for name, each in value.items()}
        case list():
            return [_value(each, kinds, depth - 1) for each in value]
        case str():
            # "2026-11-25 10:30" reads like a telephone number.
            sure = kinds - {"phone", "account"} if _MOMENT.search(value) else kinds
            return redact(value, sure)
        case int() if not isinstance(value, bool):
            shown = redact(str(value), kinds & _IN_NUMBERS)
            return value if shown == str(value) else shown
        case _:
            return value


def _named(name: str, value: Any, kinds: Set[str], depth: int) -> Any:
    if not isinstance(value, str | int) or isinstance(value, bool) or value in ("", 0):
        return _value(value, kinds, depth - 1)
    if "code" in kinds and _SECRET.match(name):
        return HIDDEN
    for kind, names in _KINDS.items():
        if kind in kinds and names.match(name):
            return f"<{kind.upper()}>"
    return _value(value, kinds, depth - 1)
