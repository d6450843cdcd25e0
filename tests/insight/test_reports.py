"""Figures by queue, interval, hour, step, agent; and what cannot be asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.insight.reports import Wanted, begin_of, figures
from ivr.model.contacts import AgentShift, Contact, QueueVisit
from ivr.model.errors import BadQuery, NotThere
from ivr.model.insight import KeptContact, StepPart

NINE = datetime(2026, 11, 20, 9, 7, tzinfo=UTC)


def waited(queue: str, seconds: float, outcome: str = "connected", at: datetime = NINE) -> KeptContact:
    visit = QueueVisit(queue, at, at + timedelta(seconds=seconds), outcome)
    return KeptContact(Contact(f"{queue}{seconds}", at, visits=(visit,), intent="balance", agent="ann"))


KEPT = [waited("cards", 10), waited("cards", 40), waited("sales", 5, "abandoned", NINE + timedelta(minutes=20))]


def shown(wanted: Wanted, *names: str, zone: str = "UTC") -> dict[str, tuple[float | None, ...]]:
    found = figures(KEPT, [AgentShift("ann", talk=60, idle=20)], replace(wanted, names=names), ZoneInfo(zone))
    return {key: tuple(each[name].value for name in names) for key, each in found}


def test_a_contact_counts_in_each_queue_with_only_what_happened_there() -> None:
    both = replace(KEPT[0].contact, visits=(*KEPT[0].contact.visits, *KEPT[2].contact.visits))
    found = figures([KeptContact(both)], (), Wanted("queue", ("offered", "answered")), ZoneInfo("UTC"))
    assert {key: [one.value for one in each.values()] for key, each in found} == {"cards": [1, 1], "sales": [1, 0]}


def test_figures_all_together_by_queue_and_of_one_queue() -> None:
    assert shown(Wanted(), "offered", "service_level") == {"": (3, 1 / 3)}
    assert shown(Wanted("queue"), "offered", "service_level") == {"cards": (2, 0.5), "sales": (1, 0.0)}
    assert shown(Wanted(queue="cards"), "offered") == {"": (2,)}
    assert shown(Wanted("intent", agent="bo"), "offered") == {}
    assert shown(Wanted(intent="balance"), "offered") == {"": (3,)}


def test_intervals_begin_at_midnight_of_the_zone_and_belong_to_the_arrival_in_the_queue() -> None:
    assert shown(Wanted("interval", minutes=15), "offered") == {
        "2026-11-20T09:00:00+00:00": (2,), "2026-11-20T09:15:00+00:00": (1,),
    }  # fmt: skip
    assert shown(Wanted("interval", minutes=30), "offered", zone="Asia/Kolkata") == {"2026-11-20T14:30:00+05:30": (3,)}
    assert shown(Wanted("hour"), "offered", zone="Asia/Shanghai") == {"17": (3,)}
    night = begin_of(datetime(2026, 10, 25, 1, 40, tzinfo=UTC), 30, ZoneInfo("Europe/Berlin"))
    assert night.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_contact_that_waited_for_nobody_counts_when_it_arrived() -> None:
    found = figures([KeptContact(Contact("x", NINE))], (), Wanted("hour", ("access_rate",)), ZoneInfo("UTC"))
    assert [key for key, _ in found] == ["09"]


def test_agents_have_figures_of_their_time_besides_those_of_their_contacts() -> None:
    assert shown(Wanted("agent"), "answered", "occupancy") == {"ann": (2, 0.75)}
    assert shown(Wanted(), "occupancy") == {"": (0.75,)}
    assert shown(Wanted(agent="bo"), "answered", "occupancy") == {"": (0, None)}
    assert "occupancy" not in figures(KEPT, (), Wanted(queue="cards"), ZoneInfo("UTC"))[0][1]


def test_steps_have_figures_of_their_own() -> None:
    kept = [KeptContact(Contact("a", NINE), (StepPart("h.greet", 2, 4, 1), StepPart("h.bye", 1, 0)))]
    found = dict(figures(kept, (), Wanted("step"), ZoneInfo("UTC")))
    assert (found["h.greet"]["step_no_match_rate"].value, found["h.bye"]["step_no_match_rate"].value) == (0.25, None)


def test_what_cannot_be_asked_for_is_told() -> None:
    with pytest.raises(NotThere, match="no metric nothing"):
        shown(Wanted(), "nothing")
    with pytest.raises(NotThere, match="cannot be counted by step"):
        shown(Wanted("step"), "asa")
    with pytest.raises(NotThere, match="by all together"):
        shown(Wanted(), "step_visits")
    with pytest.raises(BadQuery, match="15, 30, 60"):
        figures(KEPT, (), Wanted("interval", minutes=7), ZoneInfo("UTC"))
    many = [KeptContact(Contact(str(day), NINE, intent=str(day))) for day in range(3001)]
    with pytest.raises(BadQuery, match="3001 groups"):
        figures(many, (), Wanted("intent", ("offered",)), ZoneInfo("UTC"))
