"""Pure: figures in words: percent, seconds, counts, and what a figure is out of."""

import math
from typing import Protocol

from ivr.console.clocks import lasting

UNITS = {"share": "%", "seconds": " s"}
NARROW = 0.04
"""An interval."""

LONG_SECONDS = 60.0
"""From here on minutes are easier to read than seconds."""


class Measured(Protocol):
    """`ivr.web.reports.FigureShape` is one."""

    @property
    def name(self) -> str: ...

    @property
    def value(self) -> float | None: ...

    @property
    def numerator(self) -> float: ...

    @property
    def denominator(self) -> float: ...

    @property
    def interval(self) -> tuple[float, float] | None: ...

    @property
    def percentiles(self) -> dict[str, float]: ...


def amount(value: float | None, unit: str) -> str:
    """92%, 4.2 s, 3:05, 1,204; a dash where there is none."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.0f}%" if value in (0.0, 1.0) or abs(value) >= 0.1 else f"{100 * value:.1f}%"
    if unit == "seconds":
        return lasting(value) if value >= LONG_SECONDS else f"{value:.1f} s"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def on_axis(unit: str) -> str:
    """What stands behind the numbers of an axis; shares are drawn as percent."""
    return UNITS.get(unit, "")


def of_what(figure: Measured, kind: str, unit: str = "", *, bare: bool = False) -> str:
    """12 / 40 · 18% – 45% for shares; n and percentiles for means; n and margin for NPS; for plain counts nothing.

    Args:
        bare: only what it is divided by.
    """
    if kind == "count":
        return "\u00a0"
    if kind == "share":
        parts = [f"{figure.numerator:,.0f} / {figure.denominator:,.0f}"]
    elif kind == "ratio" and unit == "share":
        parts = [f"{lasting(figure.numerator)} / {lasting(figure.denominator)}"]
    else:
        parts = [f"n = {figure.denominator:,.0f}"]
    if not bare:
        parts += _how_sure(figure, unit)
    return " · ".join(parts)


def _how_sure(figure: Measured, unit: str) -> list[str]:
    if figure.interval and figure.denominator:
        return [between(figure.interval)]
    if figure.name == "nps" and figure.value is not None and figure.denominator:
        return [f"≤ ±{_widest_margin(figure.value, figure.denominator):.1f}"]
    spread = figure.percentiles
    if "0.5" in spread and "0.95" in spread:
        return [f"P50 {amount(spread['0.5'], unit)}", f"P95 {amount(spread['0.95'], unit)}"]
    return []


def _widest_margin(nps: float, n: float) -> float:
    """Half width of the 95 % interval in points (domain.md 2.3.8) if nobody were passive: the sum does not keep how
    many were, and with passives the interval is narrower."""
    return 1.96 * math.sqrt((1 - (nps / 100) ** 2) / n) * 100


def between(interval: tuple[float, float]) -> str:
    """18% – 45%; with a decimal where the whole percents would hide how wide it is."""
    low, high = interval
    digits = 1 if high - low < NARROW else 0
    return f"{low:.{digits}%} – {high:.{digits}%}"
