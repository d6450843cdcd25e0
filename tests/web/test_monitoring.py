"""What docs/monitoring.md, its alert rules and its dashboard say of /metrics is what the server tells."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.call.rooms import Punctuality
from ivr.web.metrics import Meters
from ivr.web.routing_meters import TODAY
from ivr.wiring.sip import SipCounts

DOCS = Path(__file__).parents[2] / "docs"
NAME = re.compile(r"\bivr_[a-z_]+[a-z]")
OF_HISTOGRAMS = re.compile(r"_(?:bucket|sum|count)$")


def told() -> set[str]:
    """Names of all families of a server that routes calls and has SIP lines, as Prometheus reads them."""
    meters = Meters()
    meters.watch_rooms(Punctuality())
    SipCounts(meters)
    own = {one.name + ("_total" if one.type == "counter" else "") for one in meters.registry.collect()}
    of_queues = {f"ivr_queue_{name}" for name in TODAY}
    return own | of_queues | {"ivr_queue_waiting", "ivr_queue_longest_wait_seconds", "ivr_agents"}


def asked(expressions: list[str]) -> set[str]:
    return {OF_HISTOGRAMS.sub("", name) for text in expressions for name in NAME.findall(text)}


def rules() -> list[dict[str, Any]]:
    written = yaml.safe_load((DOCS / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in written["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    board = json.loads((DOCS / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))
    return list(board["panels"])


def test_every_figure_of_the_server_is_documented_and_no_other() -> None:
    rows = [line for line in (DOCS / "monitoring.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    documented = {name for row in rows for name in NAME.findall(row.split("|")[1])}
    assert documented == told()


def test_alerts_ask_for_figures_that_there_are_and_say_what_is_the_matter() -> None:
    assert asked([rule["expr"] for rule in rules()]) <= told()
    assert [rule["alert"] for rule in rules() if not rule["annotations"]["summary"].endswith(".")] == []
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "warn"}


def test_the_dashboard_asks_for_figures_that_there_are_and_its_panels_do_not_overlap() -> None:
    expressions = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert asked(expressions) <= told()
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.parametrize("expression", [rule["expr"] for rule in rules()]
                         + [target["expr"] for panel in panels() for target in panel["targets"]])  # fmt: skip
def test_brackets_of_an_expression_are_closed(expression: str) -> None:
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing)
