"""Pure: plots as ECharts options. Colours that can be told apart by colour-blind people and on light and dark pages."""

from collections.abc import Mapping, Sequence
from typing import Any

Options = dict[str, Any]

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b82f6", "#e69f00", "#1a9e77", "#d1495b", "#9467bd", "#8a94a6"
LATENCIES: Mapping[str, tuple[str, str]] = {
    "end_of_turn": ("End of turn", GREY),
    "recognition": ("Hearing", BLUE),
    "understanding_and_flow": ("Understanding and flow", ORANGE),
    "first_audio": ("First sound", GREEN),
}
"""Parts of a turn's latency in the order they happen: English name, colour."""

TEXT: Options = {"color": GREY}
THIN: Options = {"lineStyle": {"color": "rgba(138,148,166,.25)"}}


def gauge(value: float | None, goal: float, title: str) -> Options:
    """A share as a half ring: green from the goal on."""
    colour = GREY if value is None else GREEN if value >= goal else ORANGE if value >= goal - 0.1 else RED
    ring = {
        "type": "gauge", "startAngle": 200, "endAngle": -20, "min": 0, "max": 100, "radius": "100%",
        "center": ["50%", "62%"], "progress": {"show": True, "width": 14, "itemStyle": {"color": colour}},
        "axisLine": {"lineStyle": {"width": 14, "color": [[1, "rgba(138,148,166,.2)"]]}}, "pointer": {"show": False},
        "axisTick": {"show": False}, "splitLine": {"show": False}, "axisLabel": {"show": False},
        "title": {"offsetCenter": [0, "38%"], "color": GREY, "fontSize": 13},
        "detail": {"offsetCenter": [0, "2%"], "formatter": "–" if value is None else "{value} %", "fontSize": 26,
                   "color": colour, "fontWeight": 600},
        "data": [{"value": round(100 * (value or 0.0)), "name": title}],
    }  # fmt: skip
    return {"animation": False, "series": [ring]}


def bars(names: Sequence[str], values: Sequence[float], colours: Sequence[str] | str = BLUE, *, axis: str) -> Options:
    """One bar for each name. `axis`: what is counted."""
    each = [colours] * len(names) if isinstance(colours, str) else colours
    shown = [{"value": value, "itemStyle": {"color": colour}} for value, colour in zip(values, each, strict=True)]
    return {
        "animation": False, "grid": grid(top=32), "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(names), "axisLabel": TEXT, "axisTick": {"show": False}},
        "yAxis": {"type": "value", "minInterval": 1, "axisLabel": TEXT, "splitLine": THIN, **called(axis)},
        "series": [{"type": "bar", "data": shown, "barMaxWidth": 34}],
    }  # fmt: skip


def stacked(names: Sequence[str], parts: Mapping[str, tuple[str, Sequence[float]]], unit: str = "") -> Options:
    """Lying bars of several parts each: `parts` is (colour, one value for each name) by what the part is called."""
    series = [
        {"name": name, "type": "bar", "stack": "all", "data": list(values), "itemStyle": {"color": colour},
         "barMaxWidth": 22}
        for name, (colour, values) in parts.items()
    ]  # fmt: skip
    return {
        "animation": False, "grid": grid(top=36), "legend": {"top": 0, "textStyle": TEXT},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "yAxis": {"type": "category", "data": list(names), "inverse": True, "axisLabel": TEXT},
        "xAxis": {"type": "value", "axisLabel": {**TEXT, "formatter": f"{{value}}{unit}"}, "splitLine": THIN},
        "series": series,
    }  # fmt: skip


def ring(parts: Sequence[tuple[str, float, str]]) -> Options:
    """Shares of a whole: name, value, colour; how many each is stands beside its name."""
    shown = [
        {"name": f"{name} ({value:,.0f})", "value": value, "itemStyle": {"color": colour}}
        for name, value, colour in parts
    ]
    return {
        "animation": False, "tooltip": {"trigger": "item"},
        "legend": {"orient": "vertical", "right": 0, "top": "middle", "textStyle": TEXT},
        "series": [{"type": "pie", "radius": ["52%", "80%"], "center": ["34%", "50%"], "label": {"show": False},
                    "data": shown}],
    }  # fmt: skip


def called(axis: str) -> Options:
    """The name of a standing axis, above it."""
    return {"name": axis, "nameTextStyle": {**TEXT, "align": "left"}, "nameGap": 10}


def grid(top: int = 16) -> Options:
    return {"left": 8, "right": 16, "top": top, "bottom": 4, "containLabel": True}
