"""centre.yaml: what may be written, and what is told when it is wrong."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ivr.cli.simulate import EXAMPLE
from ivr.model.errors import ConfigError
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import QueueSettings, WrapUp
from ivr.simulation.arrivals import Rate
from ivr.simulation.centre_file import load_centre
from ivr.simulation.distributions import AT_ONCE, Distribution
from ivr.simulation.plan import DAY, Behaviour, Callers, Stretch, Worker
from ivr.simulation.running import run

SMALL = """
queues:
  cards: { skills: [card>=3, "product:ac?"], wrap_up: { kind: optional, seconds: 12 }, overflow: rest }
  rest:
hours:
  rest: { weekly: { mon-fri: "09:00-17:00" } }
agents:
  ann: { name: Ann, skills: { card: 4 }, queues: [cards, { queue: rest, priority: 2, delay_seconds: 20 }] }
  team: { count: 2, queues: [rest], shift: "22:00-06:00", breaks: "23:00-23:30", one_shot: true }
callers:
  card: { queue: cards, per_hour: 60, talk: { exponential: 180 }, skills: [card], language: zh, tier: vip }
  night: { queue: rest, per_hour: { "10:00-12:00": 5, "08:00-10:00": 3.5 }, talk: 90, patience: 30, emergency: true }
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "centre.yaml"
    path.write_text(SMALL)
    return path


def test_a_centre_is_read(written: Path) -> None:
    plan = load_centre(written)
    assert plan.queues == (
        QueueSettings(
            "cards",
            skills=(Requirement("card", 3), Requirement("product:ac", mandatory=False)),
            wrap_up=WrapUp("optional", 12.0),
            overflow="rest",
        ),
        QueueSettings("rest"),
    )
    rest = (ServedQueue("rest"),)
    ann = AgentProfile("ann", "Ann", {"card": 4}, (ServedQueue("cards"), ServedQueue("rest", 2, 20.0)))
    night = ((Stretch(22 * 3600.0, 30 * 3600.0),), (Stretch(23 * 3600.0, 23.5 * 3600.0),))
    assert plan.workers == (
        Worker(ann),
        Worker(AgentProfile("team-1", queues=rest, tier_position=1, one_shot=True), *night),
        Worker(AgentProfile("team-2", queues=rest, tier_position=2, one_shot=True), *night),
    )
    assert plan.callers == (
        Callers(
            "card", "cards", (Rate(0.0, 2 * DAY, 60.0),), Distribution("exponential", 180.0),
            skills=(Requirement("card"),), language="zh", tier="vip",
        ),
        Callers(
            "night", "rest", (Rate(8 * 3600.0, 10 * 3600.0, 3.5), Rate(10 * 3600.0, 12 * 3600.0, 5.0)),
            Distribution("fixed", 90.0), Distribution("fixed", 30.0), emergency=True,
        ),
    )  # fmt: skip
    assert (plan.begins, plan.ends, plan.day, plan.behaviour) == (28800.0, 72000.0, date(2026, 11, 23), Behaviour())
    assert list(plan.hours) == ["rest"]


def test_the_shipped_example_runs_and_keeps_every_promise() -> None:
    plan = load_centre(EXAMPLE)
    assert plan.behaviour.answers_after != AT_ONCE
    ran = run(replace(plan, ends=plan.begins + 3600.0, warm_up=0.0), 5)
    assert ran.broken == []
    assert {contact.topic for contact in ran.ledger.contacts(0.0)} == {one.name for one in plan.callers}


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("kind: optional", "kinds: optional", 3, "queues.cards.wrap_up.kinds: there is no such setting; did you mean"),
        ("overflow: rest", "overfull: rest", 3, "queues.cards.overfull: there is no such setting; did you mean 'over"),
        ("overflow: rest", "overflow: lost", 3, "there is no queue lost; there are: cards, rest"),
        ("[card>=3, ", "[card>=9, ", 2, "cards: skills: write a skill like card_services>=3"),
        ("queues: [rest]", "queues: [lost]", 9, "agents.team.queues: there is no queue lost"),
        ("count: 2", "count: 0", 9, "agents.team.count: input should be greater than or equal to 1"),
        ('"22:00-06:00"', '"22-6"', 9, 'agents.team.shift: write "08:00-12:00'),
        ("card: 4", "card: 7", 8, "less than or equal to 5"),
        ("{ exponential: 180 }", "{ gauss: 1 }", 11, "callers.card.talk: write seconds"),
        ("per_hour: 60", "per_hour: -1", 11, "callers.card.per_hour: write calls per hour"),
        ('"10:00-12:00": 5', '"10:00-12:00": many', 12, "10:00-12:00: write calls per hour as a number"),
        ('{ mon-fri: "09:00-17:00" }', "nine", 6, "weekly"),
        ("  rest: { weekly", "  lost: { weekly", 6, "hours.lost: there is no queue lost"),
        ("queues:\n  cards", "begins: '8'\nqueues:\n  cards", 2, 'write a time of the day like "08:00"'),
        ("queues:\n  cards", "begins: '20:00'\nqueues:\n  cards", 1, "ends: must come after begins"),
        ("queues:\n  cards", "time_zone: Berlin\nqueues:\n  cards", 2, "there is no Berlin"),
        ("queues:\n  cards", "queues: [1]\nother:\n  cards", 2, "queues"),
        ("  rest:\nhours", "  rest: 5\nhours", 4, "queues.rest"),
        ("skills: [card],", "skills: [5],", 11, "callers.card.skills"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_remedy(
    written: Path, before: str, after: str, line: int, says: str
) -> None:
    assert SMALL.count(before) >= 1
    written.write_text(SMALL.replace(before, after, 1))
    with pytest.raises(ConfigError) as error:
        load_centre(written)
    told = str(error.value)
    assert says in told
    assert f"centre.yaml:{line}:" in told or "hours: weekly" in told
