"""A topic that spikes is told once, with its card, and closed when it is over; reasons, moods and samples over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from ivr.insight.alerts import history_of, local_hour
from ivr.insight.emotion import Mood
from ivr.insight.sampling import drawn
from ivr.model.insight import KeptCall
from ivr.web.insight import insight_router
from ivr.web.security import guard_with
from ivr.wiring.contacts import ContactMaker
from ivr.wiring.topics import TopicWatch
from tests.insight.kept_calls import BANK, NINE, Script
from tests.web.served import KEY, Served, served

TEN = NINE + timedelta(hours=1)
NOW = TEN + timedelta(minutes=5)


def call(number: int, at: datetime, text: str = "my balance", intent: str = "balance", **more: Any) -> KeptCall:
    return Script(f"c{number}", f"+155501{number:02}", at).says(text, "hotline.b", intent).call(**more)


def with_calls(folder: Path, calls: list[KeptCall], run: Callable[[Served, TopicWatch], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), served(folder) as plain:
            store = plain.store
            for one in calls:
                await store.begin(one.record)
                for entry in one.journal:
                    store.append(one.record.call_id, entry)
                await store.finish(one.record)
            await ContactMaker(store.contacts, store.agent_time, lambda flow: BANK).run(NOW)
            watch = TopicWatch(store.contacts, store.trainer, plain.live, ZoneInfo("UTC"))
            moods = {"c1": Mood(-0.61, "red", 2), "c2": Mood(0.2, turns=1)}
            router = insight_router(
                store.contacts, store.lists, store.trainer, store.archive, lambda: moods,
                store, guard_with(KEY), "UTC", lambda: NOW,
            )  # fmt: skip
            async with served(folder / "web", routers=[router]) as web:
                web.store = store
                await run(web, watch)

    asyncio.run(whole())


def eight_weeks() -> list[KeptCall]:
    usual = [call(week, NINE - timedelta(weeks=week) + timedelta(minutes=5)) for week in range(1, 9)]
    spike = [call(20 + n, NINE + timedelta(minutes=n), f"my number is 138001380{n:02} balance") for n in range(12)]
    return [*usual, *spike, call(50, NINE, "opening hours", "hours")]


async def post(web: Served, path: str, **wish: Any) -> httpx.Response:
    return await web.http.post(path, json=wish, headers={"Authorization": f"Bearer {KEY}"})


def test_a_spike_is_told_once_with_redacted_words_and_closed_when_it_is_over(tmp_path: Path) -> None:
    async def run(web: Served, watch: TopicWatch) -> None:
        assert await watch.run(TEN) == [], "the hour has not settled yet, and the one before was calm"
        (alert,) = await watch.run(NOW)
        assert (alert.topic, alert.count, alert.first_seen) == ("balance", 12, NINE)
        assert alert.usual < 3
        assert alert.p < 0.001
        assert alert.severity > 30
        assert len(alert.utterances) == 1 or len(alert.utterances) <= 10
        assert set(alert.utterances) == {"my number is <PHONE> balance"}
        assert alert.outcomes == {"self_service_completed": 12}
        assert await watch.run(NOW) == []
        shown = (await web.get("/api/insight/topics")).json()["alerts"]
        assert [each["alert_id"] for each in shown] == ["balance@20261120T10"]
        done = await post(web, "/api/insight/topics/balance@20261120T10/actions", what="told the agents", owner="sam")
        assert (done.json()["owner"], done.json()["actions"][0]["what"]) == ("sam", "told the agents")
        for hours in range(1, 4):
            assert await watch.run(NOW + timedelta(hours=hours)) == []
        (closed,) = await web.store.trainer.alerts(NINE)
        assert (closed.closed_at, closed.owner) == (TEN + timedelta(hours=3), "sam")
        assert (await post(web, "/api/insight/topics/none/actions", what="x")).status_code == 404

    with_calls(tmp_path, eight_weeks(), run)


def test_reasons_moods_and_the_weekly_sample(tmp_path: Path) -> None:
    handed: dict[str, Any] = {"handled_by": "both", "stats": {"queues": ["cards"]}}
    calls = [
        call(1, NINE), call(2, NINE), call(3, NINE, "opening hours", "hours"),
        call(4, NINE, **handed, escalation_reason="policy_human_only"),
        call(5, NINE, **handed), call(6, NINE, **handed),
    ]  # fmt: skip

    async def run(web: Served, watch: TopicWatch) -> None:
        when = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}
        found = (await web.get("/api/insight/escalations", params=when)).json()
        assert (found["contacts"], found["escalated"]) == (6, 3)
        assert [(each["code"], each["count"]) for each in found["all"]] == [("unknown", 2), ("policy_human_only", 1)]
        assert found["all"][1]["subcodes"] == [{"subcode": "staff_operation", "count": 1}]
        assert [(each["intent"], each["escalated"]) for each in found["by_intent"]] == [("balance", 3)]
        moods = (await web.get("/api/insight/moods")).json()["moods"]
        assert [(each["call_id"], each["level"]) for each in moods] == [("c1", "red"), ("c2", "none")]
        sample = (await web.get("/api/insight/sample", params={**when, "most": 2})).json()
        assert (sample["week"], [each["topic"] for each in sample["answers"]]) == ("2026-W47", ["balance", "hours"])
        assert sample == (await web.get("/api/insight/sample", params={**when, "most": 2})).json()
        assert sample["answers"][1]["asked"] == "opening hours"

    with_calls(tmp_path, calls, run)


def test_a_draw_is_spread_over_the_topics_and_the_same_all_week() -> None:
    strata: dict[Any, Any] = {"a": [(str(n), f"a{n}") for n in range(9)], "b": [("x", "b1")]}
    found = drawn(strata, "2026-W47", 4)
    assert found == drawn(strata, "2026-W47", 4)
    assert sorted(each[0] for each in found) == ["a", "a", "a", "b"]
    assert len(drawn(strata, "2026-W47")) == 10
    assert drawn(strata, "2026-W47", 9) != drawn(strata, "2026-W48", 9)


def test_hours_are_those_of_the_centre() -> None:
    assert local_hour(100, timedelta(hours=8)) == 108
    history = history_of({"balance": {1: 2, 2: 3}}, {1: 9, 2: 9})
    assert (history.topics, history.first_hour) == ({"balance": {9: 5}}, 9)
    assert history_of({}, {}).first_hour == 0
