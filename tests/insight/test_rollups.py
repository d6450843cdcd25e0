"""What is added up comes to the same as what is counted from the contacts themselves."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ivr.insight import spreads
from ivr.insight.counting import CONTACT_SUMS, ENTRY, STEP_SUMS, counted, counted_at
from ivr.insight.metric import Figure
from ivr.insight.registry import OF_CONTACTS
from ivr.insight.reports import Group, Wanted, figures
from ivr.insight.rollups import CUBES, cells_of, contacts_in, loose_cells, plan_of, report_of, step_cells
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import AgentShift, BotPart, Contact, OfferMade, QueueVisit
from ivr.model.counts import DAY, QUARTER, CountedContact, Numbers
from ivr.model.errors import BadQuery
from ivr.model.insight import KeptContact, StepPart
from ivr.model.percentiles import percentile

NINE = datetime(2026, 11, 20, 9, 7, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kolkata")
ONE = np.zeros(1, np.int64)
"""All spreads are of one group."""

seconds = some.floats(0.0, 5000.0).map(lambda value: round(value, 3))


@some.composite
def visits(draw: Any) -> QueueVisit:
    begin = NINE + timedelta(seconds=draw(seconds) * 40)
    outcome = draw(some.sampled_from(["connected", "abandoned", "timed_out", "callback", ""]))
    offers = tuple(OfferMade("ann", draw(seconds), draw(some.sampled_from(["accepted", "rejected", "timed_out"])))
                   for _ in range(draw(some.integers(0, 2))))  # fmt: skip
    left = begin + timedelta(seconds=draw(seconds)) if outcome else None
    return QueueVisit(draw(some.sampled_from(["cards", "sales"])), begin, left, outcome, offers=offers)


@some.composite
def contacts(draw: Any) -> Contact:
    at = NINE + timedelta(seconds=draw(seconds) * 40)
    flag, small = some.booleans(), some.integers(0, 5)
    answers = {"csat": draw(some.sampled_from(["", "1", "3", "5", "x"])),
               "nps": draw(some.sampled_from(["", "0", "9"])),
               "resolved": draw(some.sampled_from(["yes", "no", ""]))}  # fmt: skip
    questions, matched, resolved, simple, instant = sorted((draw(small) for _ in range(5)), reverse=True)
    bot = BotPart(
        questions, matched, resolved, simple, instant, questions, matched, questions, resolved, simple,
        task_completed=draw(flag), asked_for_agent_first=draw(flag),
        response_seconds=tuple(draw(some.lists(seconds, max_size=3))), confidences=(0.5, 0.75),
    )  # fmt: skip
    return Contact(
        "", at, draw(some.sampled_from(["inbound", "outbound"])), flow=draw(some.sampled_from(["bank", "shop"])),
        flow_version=draw(some.sampled_from(["v1", "v2"])), intent=draw(some.sampled_from(["balance", "hours", ""])),
        topic=draw(some.sampled_from(["balance", "fees"])), agent=draw(some.sampled_from(["", "ann", "bo"])),
        end_reason=draw(some.sampled_from(["", "agent_completed"])), customer=draw(some.sampled_from(["", "mia"])),
        handled_by=draw(some.sampled_from(["bot", "agent", "both"])), answered_by_ivr_at=at,
        first_response_at=at + timedelta(seconds=draw(seconds)), visits=tuple(draw(some.lists(visits(), max_size=3))),
        bot=bot, talk_seconds=draw(seconds), hold_seconds=draw(seconds), holds=draw(small), transfers=draw(small),
        survey=draw(some.sampled_from([None, SurveyRecord("completed", answers=answers), SurveyRecord("declined")])),
        first_contact=draw(some.sampled_from([None, True, False])),
        repeated=draw(some.sampled_from([None, True, False])),
        escalation_reason=draw(some.sampled_from(["", "system"])),
    )  # fmt: skip


@some.composite
def kept(draw: Any) -> list[KeptContact]:
    def step() -> StepPart:
        name = draw(some.sampled_from(["greet", "bye"]))
        return StepPart(name, 1, 2, draw(some.integers(0, 2)), 0, draw(some.booleans()), (0.5,), (draw(seconds),))

    found = draw(some.lists(contacts(), max_size=15))
    return [KeptContact(replace(one, contact_id=str(number)), (step(),)) for number, one in enumerate(found)]


WAYS = [
    Wanted(), Wanted("queue"), Wanted("intent"), Wanted("topic"), Wanted("flow"), Wanted("flow_version"),
    Wanted("language"), Wanted("direction"), Wanted("agent"), Wanted("hour"), Wanted("interval", minutes=15),
    Wanted("interval", minutes=1440), Wanted("step"), Wanted(queue="cards"), Wanted("interval", queue="cards"),
    Wanted("queue", queue="cards"), Wanted("hour", intent="balance"), Wanted("agent", agent="ann"),
]  # fmt: skip
"""What a cube holds."""

LOOSE = [
    Wanted("interval", agent="ann"), Wanted("intent", queue="cards"), Wanted("queue", agent="ann"),
    Wanted("agent", queue="sales", intent="hours"), Wanted("step", intent="balance"),
]  # fmt: skip
"""What is added up from contacts alone."""


def read(one: KeptContact, wanted: Wanted) -> bool:
    right = wanted.intent in ("", one.contact.intent) and wanted.agent in ("", one.contact.agent)
    return right


def from_cubes(everything: Sequence[KeptContact], wanted: Wanted, length: int) -> tuple[Group, ...]:
    """As it is kept: the cells of a cube, or of contacts that are filtered as the database does."""
    plan = plan_of(wanted)
    numbers = [one for each in everything for one in counted(each.contact)]
    if wanted.by == "step":
        steps = [(counted_at(one.contact), one.contact.flow, part)
                 for one in everything if read(one, wanted) for part in one.steps]  # fmt: skip
        return report_of(step_cells(steps, length), (), wanted, ZONE)
    if not plan.cube:
        return report_of(loose_cells(filtered(numbers, wanted), wanted.by), (), wanted, ZONE)
    length = QUARTER if plan.by_time else length
    assert length in CUBES[plan.cube]
    cells = [one for one in cells_of(numbers, plan.cube, length) if plan.key in ("", one.key)]
    return report_of(cells, (), wanted, ZONE)


def filtered(numbers: Sequence[CountedContact], wanted: Wanted) -> list[CountedContact]:
    if wanted.queue:
        mine = [one for one in numbers if one.queue == wanted.queue]
    elif wanted.by == "queue":
        mine = [one for one in numbers if one.queue]
    else:
        mine = [one for one in numbers if not one.part]
    return [one for one in mine if wanted.intent in ("", one.intent) and wanted.agent in ("", one.agent)]


def assert_same(found: tuple[Group, ...], counted_anew: tuple[Group, ...]) -> None:
    assert [key for key, _ in found] == [key for key, _ in counted_anew]
    for (key, mine), (_, theirs) in zip(found, counted_anew, strict=True):
        assert mine.keys() == theirs.keys()
        for name in mine:
            assert_figure(mine[name], theirs[name], f"{key} {name}")


def assert_figure(found: Figure, exact: Figure, what: str) -> None:
    for name in ("value", "numerator", "denominator", "interval"):
        mine, theirs = getattr(found, name), getattr(exact, name)
        assert (mine is None) == (theirs is None), what
        if mine is not None:
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-9), what
    assert [share for share, _ in found.percentiles] == [share for share, _ in exact.percentiles], what
    for (_, mine), (_, theirs) in zip(found.percentiles, exact.percentiles, strict=True):
        assert mine == pytest.approx(theirs, rel=spreads.WIDTH, abs=1e-9), what


@settings(max_examples=15, deadline=None)
@given(everything=kept())
def test_sums_that_were_kept_come_to_the_figures_of_the_contacts(everything: list[KeptContact]) -> None:
    for wanted in WAYS + LOOSE:
        exact = figures(everything, (), wanted, ZONE)
        lengths = CUBES[plan_of(wanted).cube] if plan_of(wanted).cube else (QUARTER,)
        for length in lengths:
            assert_same(from_cubes(everything, wanted, length), exact)


@settings(max_examples=10, deadline=None)
@given(everything=kept(), cut=some.integers(0, 25))
def test_sums_of_parts_come_to_the_sums_of_the_whole(everything: list[KeptContact], cut: int) -> None:
    numbers = [one.numbers for each in everything for one in counted(each.contact) if not one.part]
    whole = CONTACT_SUMS.merged([0] * len(numbers), numbers)
    parts = CONTACT_SUMS.merged([0] * len(numbers[:cut]), numbers[:cut]) + CONTACT_SUMS.merged(
        [0] * len(numbers[cut:]), numbers[cut:]
    )
    again = CONTACT_SUMS.merged([0] * len(parts), parts)
    assert len(again) == len(whole)
    for mine, theirs in zip(again, whole, strict=True):
        (found,), (expected,) = (CONTACT_SUMS.figures([0], [one], OF_CONTACTS) for one in (mine, theirs))
        for name, figure in found.items():
            assert_figure(figure, expected[name], name)


@given(values=some.lists(some.floats(-10, 1e6), min_size=1, max_size=60), share=some.floats(0.01, 1.0))
def test_a_percentile_from_buckets_is_at_most_one_per_cent_off(values: list[float], share: float) -> None:
    ((_, told),) = spreads.percentiles(ONE, [spreads.packed({7: values})], (share,), {7})[0, 7]
    exact = percentile(values, share)
    assert exact is not None
    if exact > 0:
        assert told == pytest.approx(exact, rel=spreads.WIDTH + 1e-9)
    else:
        assert min(values) - 1e-9 <= told <= 1e-9


def test_scores_and_small_counts_are_told_exactly() -> None:
    scores = [1.0, 2.0, 2.0, 4.0, 5.0, 5.0, 5.0, 10.0, 99.0, 100.0]
    told = spreads.percentiles(ONE, [spreads.packed({1: scores})], (0.1, 0.3, 0.5, 0.8, 0.9, 1.0), {1})[0, 1]
    assert [value for _, value in told] == [1.0, 2.0, 5.0, 10.0, 99.0, 100.0]


def test_each_group_has_percentiles_of_its_own_and_only_those_that_are_wanted() -> None:
    blobs = [spreads.packed({1: [2.0], 2: [7.0]}), spreads.packed({1: [4.0, 4.0]}), spreads.packed({1: [8.0], 3: [1]})]
    told = spreads.percentiles(np.array([2, 0, 2]), blobs, (0.5, 0.9), (1, 3))
    assert told == {
        (0, 1): ((0.5, 4.0), (0.9, 4.0)), (2, 1): ((0.5, 2.0), (0.9, 8.0)), (2, 3): ((0.5, 1.0), (0.9, 1.0)),
    }  # fmt: skip


def test_a_sum_that_no_metric_knows_any_more_is_left_out() -> None:
    known = CONTACT_SUMS.of["offered"][0]
    old = np.array([(known, 3.0), (12345, 9.0)], ENTRY).tobytes()
    (whole,) = CONTACT_SUMS.merged([0, 0], [Numbers(old), Numbers(old)])
    assert np.frombuffer(whole.sums, ENTRY).tolist() == [(known, 6.0)]


def test_no_two_sums_have_one_id() -> None:
    for sums in (CONTACT_SUMS, STEP_SUMS):
        functions = {one for metric in sums.metrics for one in (metric.numerator, metric.denominator)}
        assert len(sums.counted) == len(functions)
        assert len(set(sums.spread_of.values())) == len(sums.spread_of)


def test_a_contact_of_two_queues_counts_as_a_whole_and_in_each_and_says_when_it_ripens() -> None:
    def stay(queue: str, minutes: int) -> QueueVisit:
        begin = NINE + timedelta(minutes=minutes)
        return QueueVisit(queue, begin, begin + timedelta(seconds=5), "connected")

    one = Contact("c", NINE, visits=(stay("cards", 1), stay("sales", 30), stay("cards", 40)), customer="mia")
    found = counted(one)
    assert [(part.part, part.queue, part.counted_at) for part in found] == [
        (0, "", NINE + timedelta(minutes=1)), (1, "cards", NINE + timedelta(minutes=1)),
        (2, "sales", NINE + timedelta(minutes=30)),
    ]  # fmt: skip
    assert {part.recount_at for part in found} == {NINE + timedelta(days=7)}
    assert [part.recount_at for part in counted(replace(one, repeated=False))] == [None] * 3
    assert contacts_in(cells_of(found, "all", DAY)) == 1
    assert contacts_in([]) == 0


def test_more_than_anybody_looks_at_is_refused() -> None:
    def at(minutes: int) -> Contact:
        return Contact(str(minutes), NINE + timedelta(minutes=minutes), intent=str(minutes))

    def asked(number: int, wanted: Wanted, apart: int = 1) -> Callable[[], object]:
        numbers = [one for minute in range(number) for one in counted(at(minute * apart))]
        return lambda: report_of(loose_cells(numbers, wanted.by), (), wanted, ZONE)

    with pytest.raises(BadQuery, match="3001 groups"):
        asked(3001, Wanted("intent", ("offered",)))()
    with pytest.raises(BadQuery, match="say which with names="):
        asked(1000, Wanted("intent"))()


def test_agents_have_their_time_beside_what_was_added_up() -> None:
    shifts = [AgentShift("ann", talk=60, idle=20)]
    assert dict(report_of([], shifts, Wanted("agent", ("occupancy",)), ZONE))["ann"]["occupancy"].value == 0.75
    assert dict(report_of([], shifts, Wanted(names=("offered", "occupancy")), ZONE))[""]["occupancy"].value == 0.75
