"""What follows a call, in the database: once per call, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.insight.judging import judge
from ivr.model.audit import Deed
from ivr.model.calls import SurveyRecord
from ivr.model.errors import NotNow, NotThere
from ivr.model.recovery import AfterCall, Asked, CampaignCount, RecoveryCase
from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.customer_values import CustomerFacts
from ivr.store.recovery_cases import CaseFilter
from ivr.store.surveys import SurveyFilter
from ivr.surveys.recovery import contacted
from tests.store.samples import NOON, ended_call, live_call

HOUR = timedelta(hours=1)


def case(call_id: str = "c1", *, hours: int = 1, owner: str = "ann") -> RecoveryCase:
    return RecoveryCase(f"r-{call_id}", call_id, "+861", ("low_score",), NOON, NOON + hours * HOUR, owner, "bob", "vip")


def with_store(url: str, work: Callable[[SqlCallStore], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            await work(store)

    asyncio.run(run())


async def ended(store: SqlCallStore, *calls: str) -> None:
    for call_id in calls:
        await store.begin(live_call(call_id))
        await store.finish(ended_call(call_id))


def test_a_call_is_judged_once_and_what_follows_it_is_written_once(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        await ended(store, "c1")
        judged = judge(ended_call("c1"))
        after = AfterCall(judged, "+861", asked=True, asked_nps=True, campaign="returns", case=case())
        assert await store.surveys.keep(after)
        assert not await store.surveys.keep(replace(after, campaign="returns"))
        assert await store.surveys.asked("+861") == Asked(judged.at, judged.at)
        assert await store.surveys.asked("+862") == Asked()
        assert await store.surveys.of_campaign("returns", "2026-11-22") == CampaignCount(1, 1)
        assert await store.surveys.of_campaign("returns", "2026-11-23") == CampaignCount(0, 1)
        (line,) = (await store.surveys.page(SurveyFilter())).surveys
        assert (line.call_id, line.judgement, line.survey.answers["csat"]) == ("c1", judged, "5")
        assert await store.cases.case("r-c1") == case()
        assert await store.surveys.segments(NOON - HOUR, NOON + HOUR) == {"promoter": 1}

    with_store(url, work)


def test_a_later_survey_without_nps_keeps_when_nps_was_asked(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        await ended(store, "c1", "c2")
        first = judge(ended_call("c1"))
        later = replace(judge(ended_call("c2")), at=first.at + HOUR)
        await store.surveys.keep(AfterCall(first, "+861", asked=True, asked_nps=True))
        await store.surveys.keep(AfterCall(later, "+861", asked=True))
        assert await store.surveys.asked("+861") == Asked(later.at, first.at)

    with_store(url, work)


def test_calls_nobody_judged_are_found_whole(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        await ended(store, "c1", "c2")
        await store.surveys.keep(AfterCall(judge(ended_call("c1"))))
        (left,) = await store.surveys.unjudged(NOON - HOUR, NOON + HOUR)
        assert (left.call_id, left.turns, left.survey) == ("c2", ended_call("c2").turns, ended_call("c2").survey)
        assert await store.surveys.unjudged(NOON - 2 * HOUR, NOON - HOUR) == ()

    with_store(url, work)


def test_the_list_is_filtered_and_paged(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        await ended(store, "c1", "c2", "c3")
        first = await store.surveys.page(SurveyFilter(limit=2))
        rest = await store.surveys.page(SurveyFilter(limit=2, cursor=first.next_cursor))
        assert [line.call_id for line in (*first.surveys, *rest.surveys)] == ["c3", "c2", "c1"]
        assert rest.next_cursor == ""
        assert (await store.surveys.page(SurveyFilter(status="declined"))).surveys == ()
        within = SurveyFilter(since=NOON, until=NOON + HOUR, flow="bank/hotline")
        assert len((await store.surveys.page(within)).surveys) == 3
        assert len(await store.surveys.uncounted(NOON, NOON + HOUR, "bank/hotline")) == 3

    with_store(url, work)


def test_cases_are_opened_once_changed_in_one_transaction_and_audited(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        await store.cases.open(case(), Deed("eve", "recovery_case.open", "r-c1"))
        await store.cases.open(replace(case(), owner="max"), Deed("eve", "recovery_case.open", "r-c1"))
        changed = await store.cases.change("r-c1", lambda known: contacted(known, NOON), Deed("eve", "x", "r-c1"))
        assert (changed.owner, changed.state, changed.contacted_at) == ("ann", "contacted", NOON)
        with pytest.raises(NotNow):
            await store.cases.change("r-c1", lambda known: contacted(known, NOON), Deed("eve", "y", "r-c1"))
        with pytest.raises(NotThere):
            await store.cases.change("r-c9", lambda known: known)
        entries = await store.audit.page(AuditFilter(subject="r-c1"))
        assert sorted(entry.deed.action for entry in entries) == ["recovery_case.open", "x"]
        assert await store.cases.case("r-c1") == changed

    with_store(url, work)


def test_cases_come_in_the_order_they_are_due(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        for number, hours in enumerate((3, 1, 2)):
            await store.cases.open(case(f"c{number}", hours=hours, owner=f"o{number}"))
        first = await store.cases.page(CaseFilter("unclosed", limit=2))
        rest = await store.cases.page(CaseFilter("open", limit=2, cursor=first.next_cursor))
        assert [one.call_id for one in (*first.cases, *rest.cases)] == ["c1", "c2", "c0"]
        late = await store.cases.page(CaseFilter(overdue_at=NOON + 2 * HOUR))
        assert [one.call_id for one in late.cases] == ["c1", "c2"]
        assert [one.call_id for one in (await store.cases.page(CaseFilter(owner="o2"))).cases] == ["c2"]
        assert await store.cases.load() == {"o0": 1, "o1": 1, "o2": 1}
        assert len(await store.cases.since(NOON)) == 3

    with_store(url, work)


def test_a_survey_that_a_crash_broke_off_keeps_answers_and_no_notes(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        for call_id, name, value in (("c1", "declined", "yes"), ("c2", "csat", "2"), ("c3", "not_offered", "x")):
            await store.begin(live_call(call_id))
            await store.keep_survey_answer(call_id, name, value)
            await store.finish(ended_call(call_id, survey=None))
        found = {line.call_id: line.survey for line in (await store.surveys.page(SurveyFilter())).surveys}
        assert found == {
            "c1": SurveyRecord("declined"),
            "c2": SurveyRecord("partial", "system_error", {"csat": "2"}),
            "c3": SurveyRecord("not_offered", "system_error"),
        }

    with_store(url, work)


def test_what_customers_are_worth_is_kept_with_history_and_overrides(url: str) -> None:
    async def work(store: SqlCallStore) -> None:
        values = store.values
        await values.keep_facts([CustomerFacts("a", "crm", money=9.0), CustomerFacts("b", "crm", money=1.0)])
        scored = [replace(one, value=80.0, tier="gold") for one in await values.all_active()]
        await values.keep_scores(scored, NOON, "1")
        await values.keep_scores(scored, NOON, "1")
        await values.keep_facts([CustomerFacts("b", "shop", money=2.0)])
        await values.override("a", "vip", "founder", NOON + HOUR)
        standing = await values.standing("b")
        assert (standing.facts.money, standing.facts.source, standing.tier) == (2.0, "shop", "gold")
        assert standing.history == ((NOON, 80.0, "gold", "1"),)
        assert await values.tiers(NOON) == {"a": "vip", "b": "gold"}
        assert await values.tiers(NOON + HOUR) == {"a": "gold", "b": "gold"}
        assert await values.last_scored() == NOON
        with pytest.raises(NotThere):
            await values.override("z", "vip", "x", NOON)

    with_store(url, work)
