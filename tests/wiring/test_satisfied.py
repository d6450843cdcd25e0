"""Satisfaction of many calls, counted in the database: index, scores, reasons, features, tiers, low scores."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from ivr.insight.judging import judge
from ivr.model.calls import CallRecord, SurveyRecord
from ivr.model.recovery import AfterCall
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.customer_values import CustomerFacts
from ivr.store.satisfied import Indexed
from tests.databases import new_database
from tests.store.samples import NOON, ended_call

SINCE, UNTIL = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


def answered(name: str, status: Any = "completed", why: str = "", **answers: str) -> CallRecord:
    return ended_call(name, survey=SurveyRecord(status, why, answers, "s1"))


CALLS = (
    answered("a", csat="5", resolved="yes"), answered("b", csat="2", resolved="no"), answered("c", csat="1"),
    answered("d", "not_offered", "fatigue_rule"), answered("e", "not_offered", "fatigue_rule"),
    answered("f", **{"csat": "4", "kano_chat.have": "1", "kano_chat.lack": "5"}),
)  # fmt: skip


async def kept(store: SqlCallStore) -> None:
    for one in CALLS:
        await store.begin(one)
        await store.finish(one)
        await store.surveys.keep(AfterCall(judge(one)))
    await store.values.keep_facts([CustomerFacts("C-1", "crm"), CustomerFacts("C-2", "crm")])


def test_everything_about_satisfaction_is_counted_where_it_lies(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_store(new_database(tmp_path / "ivr.db"), utc=lambda: NOON) as store:
            await kept(store)
            book = store.satisfaction
            index = await book.index(SINCE, UNTIL)
            assert index.calls == len(CALLS)
            assert index.mean is not None
            assert 0 < index.mean < 100
            assert [(one.begins.hour, one.calls) for one in index.days] == [(0, len(CALLS))]
            assert index.segments is not None
            assert sum(index.segments.values()) == len(CALLS)
            assert index.segments["unsurveyed"] == 2
            assert await book.scores(SINCE, UNTIL) == {1: 1, 2: 1, 3: 0, 4: 1, 5: 1}
            assert await book.not_offered(SINCE, UNTIL) == {"fatigue_rule": 2}
            assert await book.kano(SINCE, UNTIL) == [{"csat": "4", "kano_chat.have": "1", "kano_chat.lack": "5"}]
            assert await book.tiers() == {"standard": 2}
            low = await book.low(SINCE, UNTIL)
            assert sorted((one.call_id, one.csat, one.resolved) for one in low) == [("b", "2", "no"), ("c", "1", "")]

    asyncio.run(scenario())


def test_of_another_time_nothing_is_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_store(new_database(tmp_path / "ivr.db"), utc=lambda: NOON) as store:
            await kept(store)
            book, later = store.satisfaction, UNTIL + timedelta(days=1)
            assert await book.index(UNTIL, later) == Indexed(0, None, {}, {}, {}, [])
            assert await book.scores(UNTIL, later) == dict.fromkeys(range(1, 6), 0)
            assert (await book.not_offered(UNTIL, later), await book.low(UNTIL, later)) == ({}, [])

    asyncio.run(scenario())
