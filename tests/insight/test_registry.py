"""One registry: every metric has what a report needs to show it."""

import re

import pytest

from ivr.insight.registry import METRICS, OF_CONTACTS, metric_called, report, report_by
from ivr.model.errors import NotThere
from tests.insight.contacts import queued


def test_names_are_unique_and_every_metric_explains_itself() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"[a-z0-9_]+", metric.name)
        assert all((metric.english, metric.formula, metric.unit, metric.source))
        assert re.search(r"[\u4e00-\u9fff]", metric.chinese), metric.name


def test_a_report_has_all_of_contacts_or_what_was_asked_for() -> None:
    assert list(report([])) == [metric.name for metric in OF_CONTACTS]
    assert list(report([], ["asa", "csat"])) == ["asa", "csat"]


def test_without_contacts_no_share_or_mean_has_a_value() -> None:
    for metric in OF_CONTACTS:
        assert report([], [metric.name])[metric.name].value == (0 if metric.kind == "count" else None)


def test_figures_can_be_had_per_group() -> None:
    contacts = [queued("connected", 10.0), queued("abandoned", 30.0, "loans")]
    found = report_by(contacts, lambda contact: contact.visits[0].queue, ["answered"])
    assert {queue: figures["answered"].value for queue, figures in found.items()} == {"cards": 1, "loans": 0}


def test_an_unknown_metric_is_said() -> None:
    with pytest.raises(NotThere, match="no metric asap"):
        metric_called("asap")
    with pytest.raises(NotThere, match="occupancy"):
        report([], ["occupancy"])
