"""Pure: plots of insight as ECharts options: a figure over time with its interval, by group, reasons, topics."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.console.charts import BLUE, GREEN, GREY, ORANGE, RED, TEXT, THIN, Options, called, grid

BAND = "rgba(59,130,246,.18)"
WHISKER = """(params, api) => {
  const at = api.value(0), low = api.coord([api.value(1), at]), high = api.coord([api.value(2), at]);
  const style = {stroke: "#8a94a6", lineWidth: 1.5};
  const line = (x1, y1, x2, y2) => ({type: "line", shape: {x1, y1, x2, y2}, style});
  const end = ([x, y]) => line(x, y - 4, x, y + 4);
  return {type: "group", children: [line(low[0], low[1], high[0], high[1]), end(low), end(high)]};
}"""
"""Draws the 95 % interval over a lying bar."""


@dataclass(frozen=True, slots=True)
class Point:
    """One group or interval of a plot."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    is_good: bool | None = None
    """On target; None: no target."""


def over_time(points: Sequence[Point], unit: str, goal: float | None = None) -> Options:
    """A line with the band of its interval; gaps where there is nothing to divide by."""
    names = [one.name for one in points]
    value = {"type": "line", "data": [one.value for one in points], "symbolSize": 6, "color": BLUE,
             "showSymbol": len(points) <= 60, "lineStyle": {"width": 2}, "name": "value"}  # fmt: skip
    if goal is not None:
        value["markLine"] = {"silent": True, "symbol": "none", "lineStyle": {"color": GREEN, "type": "dashed"},
                             "label": {"color": GREEN, "formatter": f"{goal:g}{unit}", "position": "insideEndTop"},
                             "data": [{"yAxis": goal}]}  # fmt: skip
    band = {"type": "line", "stack": "band", "symbol": "none", "lineStyle": {"opacity": 0}, "silent": True,
            "tooltip": {"show": False}}  # fmt: skip
    with_band = any(one.low is not None for one in points)
    low = {**band, "data": [one.low for one in points]}
    width = [None if one.low is None or one.high is None else one.high - one.low for one in points]
    high = {**band, "data": width, "areaStyle": {"color": BAND}}
    return {
        "animation": False, "grid": grid(top=20), "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": names, "axisLabel": {**TEXT, "hideOverlap": True},
                  "axisTick": {"show": False}},
        "yAxis": {"type": "value", "axisLabel": {**TEXT, "formatter": f"{{value}}{unit}"}, "splitLine": THIN},
        "series": [value, low, high] if with_band else [value],
    }  # fmt: skip


def by_group(points: Sequence[Point], unit: str, goal: float | None = None) -> Options:
    """Lying bars, the first on top, with whiskers for the intervals; green on target, red off it."""
    colours = {True: GREEN, False: RED, None: BLUE}
    shown = [{"value": one.value, "itemStyle": {"color": colours[one.is_good]}} for one in points]
    bars: Options = {"type": "bar", "data": shown, "barMaxWidth": 18}
    if goal is not None:
        bars["markLine"] = {"silent": True, "symbol": "none", "lineStyle": {"color": GREY, "type": "dashed"},
                            "label": {"show": False}, "data": [{"xAxis": goal}]}  # fmt: skip
    known = [(at, one.low, one.high) for at, one in enumerate(points) if one.low is not None and one.high is not None]
    whiskers = {
        "type": "custom", ":renderItem": WHISKER, "data": [list(one) for one in known], "silent": True, "z": 10,
        "encode": {"x": [1, 2], "y": 0}, "tooltip": {"show": False},
    }  # fmt: skip
    return {
        "animation": False, "grid": grid(), "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "yAxis": {"type": "category", "data": [one.name for one in points], "inverse": True,
                  "axisTick": {"show": False}, "axisLabel": {**TEXT, "width": 150, "overflow": "truncate"}},
        "xAxis": {"type": "value", "axisLabel": {**TEXT, "formatter": f"{{value}}{unit}"}, "splitLine": THIN},
        "series": [bars, whiskers] if known else [bars],
    }  # fmt: skip


def pareto(names: Sequence[str], counts: Sequence[int], cumulative: Sequence[float], axes: tuple[str, str]) -> Options:
    """Standing bars, most frequent first, and the line of what they come to together (percent). `axes`: what is
    counted, and what the line is."""
    return {
        "animation": False, "grid": grid(top=32), "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(names), "axisTick": {"show": False},
                  "axisLabel": {**TEXT, "interval": 0, "width": 110, "overflow": "break"}},
        "yAxis": [
            {"type": "value", "minInterval": 1, "axisLabel": TEXT, "splitLine": THIN, **called(axes[0])},
            {"type": "value", "max": 100, "axisLabel": {**TEXT, "formatter": "{value}%"},
             "splitLine": {"show": False}, "name": axes[1], "nameTextStyle": {**TEXT, "align": "right"},
             "nameGap": 10},
        ],
        "series": [
            {"type": "bar", "data": list(counts), "color": ORANGE, "barMaxWidth": 44, "name": axes[0]},
            {"type": "line", "name": axes[1], "yAxisIndex": 1, "data": [round(100 * one) for one in cumulative],
             "color": GREY, "symbolSize": 6},
        ],
    }  # fmt: skip


def against_usual(
    hours: Sequence[str], counts: Sequence[int], usual: Sequence[float], names: tuple[str, str]
) -> Options:
    """Contacts of a topic by hour, and what is usual at these hours. `names`: of both, for the legend."""
    return {
        "animation": False, "grid": grid(top=32), "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "textStyle": TEXT},
        "xAxis": {"type": "category", "data": list(hours), "axisLabel": {**TEXT, "hideOverlap": True},
                  "axisTick": {"show": False}},
        "yAxis": {"type": "value", "minInterval": 1, "axisLabel": TEXT, "splitLine": THIN},
        "series": [
            {"name": names[0], "type": "bar", "data": list(counts), "color": RED, "barMaxWidth": 18},
            {"name": names[1], "type": "line", "step": "middle", "data": [round(one, 1) for one in usual],
             "color": GREY, "symbol": "none", "lineStyle": {"type": "dashed", "width": 2}},
        ],
    }  # fmt: skip
