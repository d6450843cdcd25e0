"""Pure: how far the cases of a campaign got and how fast, made ready to be drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.campaigns.ledger import Breach, Entry, Goal, Percentiles, percentiles
from ivr.console.charts import BLUE, GREEN, GREY, ORANGE, RED, TEXT, THIN, Options, grid

STAGES = ("received", "accepted", "dialled", "ringing", "answered", "verified", "acted", "reported")
"""Of the funnel, in the order they are reached; the goals of a campaign may begin earlier, at `occurred`."""

TO_OUTCOME = Goal("event_to_outcome", "received", "reported", 0.0)
"""Has no limit of its own: how long it takes until the customer's systems are told."""

SLICES = 24


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    count: int
    of_received: float | None
    """Share of the cases that came in; None: none did."""


def funnel(stages: Mapping[str, int]) -> list[Stage]:
    """Every stage in order, also those that nobody reached."""
    received = stages.get("received", 0)
    return [Stage(one, stages.get(one, 0), stages.get(one, 0) / received if received else None) for one in STAGES]


def funnel_plot(names: Sequence[str], stages: Sequence[Stage]) -> Options:
    """Lying bars that grow narrower."""
    shown = [
        {"value": one.count, "label": {"formatter": f"{one.count:,}" + _share(one.of_received)},
         "itemStyle": {"color": GREEN if one.name == "reported" else BLUE}}
        for one in stages
    ]  # fmt: skip
    return {
        "animation": False, "grid": {**grid(), "right": 96},
        "yAxis": {"type": "category", "data": list(names), "inverse": True, "axisLabel": TEXT,
                  "axisTick": {"show": False}, "axisLine": {"show": False}},
        "xAxis": {"type": "value", "show": False},
        "series": [{"type": "bar", "data": shown, "barMaxWidth": 26,
                    "label": {"show": True, "position": "right", "color": GREY}}],
    }  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else f"  {value:.0%}"


@dataclass(frozen=True, slots=True)
class Slice:
    """Cases that came in within a stretch of time."""

    begin: datetime
    took: Percentiles


def sliced(entries: Sequence[Entry], goal: Goal, since: datetime, until: datetime, slices: int = SLICES) -> list[Slice]:
    """Percentiles of a goal for equal stretches from `since` to `until`, by when the case came in."""
    width = (until - since) / slices
    groups: dict[int, list[Entry]] = {}
    for one in entries:
        came = one.times.get("received")
        if came is not None and since <= came < until:
            groups.setdefault(int((came - since) / width), []).append(one)
    return [Slice(since + width * at, percentiles(groups.get(at, ()), goal)) for at in range(slices)]


def percentiles_plot(names: Sequence[str], slices: Sequence[Slice], limit: float) -> Options:
    """Three lines, seconds, with the limit of the goal; a limit of 0 is none."""
    lines: dict[str, tuple[str, list[float | None]]] = {
        "p50": (GREEN, [one.took.p50 for one in slices]), "p95": (ORANGE, [one.took.p95 for one in slices]),
        "p99": (RED, [one.took.p99 for one in slices]),
    }  # fmt: skip
    series: list[Options] = [
        {"name": name, "type": "line", "data": [None if one is None else round(one, 3) for one in values],
         "color": colour, "symbolSize": 6, "connectNulls": True}
        for name, (colour, values) in lines.items()
    ]  # fmt: skip
    if limit:
        series[0]["markLine"] = {
            "silent": True, "symbol": "none", "lineStyle": {"color": GREY, "type": "dashed"},
            "label": {"color": GREY, "formatter": f"{limit:g} s", "position": "insideEndTop"},
            "data": [{"yAxis": limit}],
        }  # fmt: skip
    return {
        "animation": False, "grid": grid(top=32), "legend": {"top": 0, "textStyle": TEXT},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(names), "axisTick": {"show": False},
                  "axisLabel": {**TEXT, "hideOverlap": True}},
        "yAxis": {"type": "value", "axisLabel": {**TEXT, "formatter": "{value} s"}, "splitLine": THIN},
        "series": series,
    }  # fmt: skip


def reasons_of(late: Sequence[Breach]) -> list[tuple[str, int]]:
    """What stood in the way, most frequent first."""
    return Counter(reason for one in late for reason in dict.fromkeys(one.reason.split(","))).most_common()
