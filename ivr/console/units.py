"""Pure: figures in words: percent, seconds, counts, and what a figure is out of."""

from typing import Protocol

from ivr.console.clocks import lasting

UNITS = {"share": " %", "seconds": " s"}
LONG_SECONDS = 60.0
"""From here on minutes are easier to read than seconds."""


class Measured(Protocol):
    """`ivr.web.reports.FigureShape` is one."""

    @property
    def numerator(self) -> float: ...

    @property
    def denominator(self) -> float: ...

    @property
    def interval(self) -> tuple[float, float] | None: ...

    @property
    def percentiles(self) -> dict[str, float]: ...


def amount(value: float | None, unit: str) -> str:
    """92 %, 4.2 s, 3:05, 1,204; a dash where there is none."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.0f} %" if value in (0.0, 1.0) or abs(value) >= 0.1 else f"{100 * value:.1f} %"
    if unit == "seconds":
        return lasting(value) if value >= LONG_SECONDS else f"{value:.1f} s"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def on_axis(unit: str) -> str:
    """What stands behind the numbers of an axis; shares are drawn as percent."""
    return UNITS.get(unit, "")


def of_what(figure: Measured, kind: str, *, bare: bool = False) -> str:
    """12 / 40 · 18 % – 45 %; for means the percentiles instead; for plain counts nothing.

    Args:
        bare: only numerator and denominator.
    """
    if kind == "count":
        return "\u00a0"
    parts = [f"{figure.numerator:,.0f} / {figure.denominator:,.0f}"]
    if figure.interval and figure.denominator and not bare:
        parts.append(f"{figure.interval[0]:.0%} – {figure.interval[1]:.0%}")
    spread = figure.percentiles
    if "0.5" in spread and "0.95" in spread and not bare:
        parts.append(f"P50 {spread['0.5']:.1f} · P95 {spread['0.95']:.1f}")
    return " · ".join(parts)
