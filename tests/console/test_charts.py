"""Plots as options of ECharts."""

import pytest

from ivr.console import charts


@pytest.mark.parametrize(
    ("value", "colour", "shown"),
    [
        (None, charts.GREY, "–"),
        (0.85, charts.GREEN, "{value} %"),
        (0.75, charts.ORANGE, "{value} %"),
        (0.5, charts.RED, "{value} %"),
    ],
)
def test_a_share_is_green_at_its_goal_and_red_far_below(value: float | None, colour: str, shown: str) -> None:
    (ring,) = charts.gauge(value, 0.8, "goal")["series"]
    assert ring["progress"]["itemStyle"]["color"] == colour
    assert ring["detail"]["formatter"] == shown
    assert ring["data"] == [{"value": round(100 * (value or 0.0)), "name": "goal"}]


def test_bars_may_have_one_colour_or_each_their_own() -> None:
    (same,) = charts.bars(["a", "b"], [1, 2], axis="calls")["series"]
    (own,) = charts.bars(["a"], [1], ["#123456"], axis="calls")["series"]
    assert [bar["itemStyle"]["color"] for bar in same["data"]] == [charts.BLUE, charts.BLUE]
    assert own["data"] == [{"value": 1, "itemStyle": {"color": "#123456"}}]


def test_parts_lie_one_after_the_other() -> None:
    plot = charts.stacked(["1 greet"], {"Hearing": (charts.BLUE, [0.3]), "First sound": (charts.GREEN, [0.2])}, " s")
    assert [(one["name"], one["stack"], one["data"]) for one in plot["series"]] == [
        ("Hearing", "all", [0.3]),
        ("First sound", "all", [0.2]),
    ]
    assert plot["yAxis"]["data"] == ["1 greet"]


def test_a_ring_shows_each_part_in_its_colour() -> None:
    (ring,) = charts.ring([("bot", 3.0, charts.BLUE)])["series"]
    assert ring["data"] == [{"name": "bot (3)", "value": 3.0, "itemStyle": {"color": charts.BLUE}}]
