"""Pure: what a grammar read out of the caller's words, before it has the name of a slot."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    value: str
    """Canonical, as in `SlotValue.value`."""

    said: str = ""
    confidence: float = 1.0


def plain(value: Decimal) -> str:
    """A number without an exponent or needless zeros: 3, 2.5, -40."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def amount(value: Decimal) -> str:
    """Money: whole, or with exactly two places: 40, 12.50."""
    rounded = value.quantize(Decimal("0.01"))
    return plain(rounded) if rounded == rounded.to_integral_value() else format(rounded, "f")
