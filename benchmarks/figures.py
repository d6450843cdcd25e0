"""Pure: percentiles of what was measured, and plain tables of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ivr.model.percentiles import percentile
from telephony.standin.trace import FarTurn

PARTS = ("total", "end_of_turn", "recognition", "understanding_and_flow", "first_audio")
"""As the server splits a turn, in `turns[].latency` of a call."""


@dataclass(frozen=True, slots=True)
class Spread:
    count: int
    p50: float | None
    p95: float | None
    p99: float | None


def spread(values: Iterable[float]) -> Spread:
    known = list(values)
    return Spread(len(known), percentile(known, 0.5), percentile(known, 0.95), percentile(known, 0.99))


@dataclass(frozen=True, slots=True)
class Figures:
    """One load. Times are seconds."""

    callers: int
    calls: int
    latency: Spread
    """At the far end: end of the caller's last word to the first audible sample of the answer."""

    keys: Spread
    """The same after the last key of an entry."""

    barge_in: Spread
    lost: int
    cut_off: int
    talked_over: int
    gaps: int
    """Holes in the server's speech: its late frames."""

    gap_seconds: float
    troubles: tuple[str, ...]
    driver_late: Spread
    """How late this program sent its own frames."""

    driver_late_share: float
    """Share of its frames that left more than 20 ms late."""

    driver_cores: float
    server_cores: float
    server_rss_mb: float
    machine_busy: float
    split: Mapping[str, Spread] = field(default_factory=dict)
    """The server's own account of its turns, by part."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def count(turns: Sequence[FarTurn], outcome: str) -> int:
    return sum(turn.outcome == outcome for turn in turns)


def split_of(calls: Iterable[Mapping[str, Any]]) -> dict[str, Spread]:
    """Spread of each part of the server's latency over the spoken turns of these calls."""
    turns = [turn["latency"] for call in calls for turn in call["turns"] if turn["heard"] and turn["latency"]]
    return {part: spread(latency[part] for latency in turns if part in latency) for part in PARTS}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, numbers to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def far_end_table(all_figures: Sequence[Figures]) -> str:
    head = ("callers", "calls", "turns", "p50", "p95", "p99", "keys p95", "barge-in p50", "p95", "n")
    more = ("lost", "cut off", "talked over", "late frames", "driver late p99", "> 20 ms", "driver cores")
    last = ("server cores", "RSS MB", "machine busy")
    return table((*head, *more, *last), [_row(figures) for figures in all_figures])


def _row(figures: Figures) -> tuple[str, ...]:
    return (
        *(str(figures.callers), str(figures.calls), str(figures.latency.count)),
        *(seconds(figures.latency.p50), seconds(figures.latency.p95), seconds(figures.latency.p99)),
        seconds(figures.keys.p95),
        *(seconds(figures.barge_in.p50), seconds(figures.barge_in.p95), str(figures.barge_in.count)),
        *(str(figures.lost), str(figures.cut_off), str(figures.talked_over), str(figures.gaps)),
        *(seconds(figures.driver_late.p99), f"{figures.driver_late_share:.2%}", f"{figures.driver_cores:.2f}"),
        *(f"{figures.server_cores:.2f}", f"{figures.server_rss_mb:.0f}", f"{figures.machine_busy:.0%}"),
    )


def split_table(all_figures: Sequence[Figures]) -> str:
    """Median and 95th percentile of each part, as the server measured them."""
    head = ("callers", "turns", *(f"{part} p50 / p95" for part in PARTS))
    rows = []
    for figures in all_figures:
        parts = [figures.split.get(part, spread(())) for part in PARTS]
        cells = [f"{seconds(part.p50)} / {seconds(part.p95)}" for part in parts]
        rows.append((str(figures.callers), str(parts[0].count), *cells))
    return table(head, rows)


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
