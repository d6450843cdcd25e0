"""Watching live calls: nothing is missed unless the watcher is slow, and then it is told."""

import asyncio
from pathlib import Path

import pytest

from ivr.model.errors import StoreError
from ivr.web.live import MOST_WAITING, MOST_WATCHERS, LiveCalls, LiveEvent
from tests.web.served import served


def test_a_late_watcher_sees_who_is_on_the_line_and_then_what_happens() -> None:
    async def run() -> None:
        live = LiveCalls()
        live.began("gone", flow="bank")
        live.ended("gone")
        live.began("c1", flow="bank")
        watching = live.watch()
        seen = [await anext(watching)]
        live.happened("heard", "c1", text="find a branch", at=5.5)
        live.ended("c1", outcome="branch_found")
        live.close()
        seen += [event async for event in watching]
        assert seen == [
            LiveEvent("began", "c1", {"flow": "bank"}),
            LiveEvent("heard", "c1", {"text": "find a branch", "at": 5.5}),
            LiveEvent("ended", "c1", {"outcome": "branch_found"}),
        ]
        assert live.on_the_line == 0

    asyncio.run(run())


def test_a_slow_watcher_loses_the_oldest_events_and_is_told_how_many() -> None:
    async def run() -> None:
        missed: list[int] = []
        live = LiveCalls(lambda: missed.append(1))
        live.began("c1")
        watching = live.watch()
        await anext(watching)
        for number in range(MOST_WAITING + 2):
            live.happened("step", "c1", number=number)
        live.close()
        seen = [event async for event in watching if event]
        assert seen[0] == LiveEvent("missed", "", {"events": 2})
        assert [event.fields["number"] for event in seen[1:]] == list(range(2, MOST_WAITING + 2))
        assert len(missed) == 2

    asyncio.run(run())


def test_a_quiet_line_still_shows_that_the_connection_lives() -> None:
    async def run() -> None:
        assert await anext(LiveCalls().watch(heartbeat_seconds=0.0)) is None

    asyncio.run(run())


def test_only_so_many_may_watch_and_one_that_leaves_makes_room() -> None:
    async def run() -> None:
        live = LiveCalls()
        live.began("c1")
        watching = [live.watch() for _ in range(MOST_WATCHERS)]
        for one in watching:
            await anext(one)
        with pytest.raises(StoreError, match="watch live calls already"):
            await anext(live.watch())
        await watching[0].aclose()  # type: ignore[attr-defined]
        await anext(live.watch())

    asyncio.run(run())


def test_one_watcher_too_many_is_a_problem_and_no_broken_stream(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            web.live.began("c1")
            watching = [web.live.watch() for _ in range(MOST_WATCHERS)]
            for one in watching:
                await anext(one)
            answer = await web.get("/api/live")
            assert (answer.status_code, answer.json()["code"]) == (503, "store")

    asyncio.run(run())


def test_the_stream_is_server_sent_events_and_ends_when_the_server_stops(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            web.live.began("c1", flow="bank/hotline", language="zh", text="鸟巢")
            web.live.close()
            answer = await web.get("/api/live")
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.text == (
                ": live calls\n\n"
                'event: began\ndata: {"call_id": "c1", "flow": "bank/hotline", "language": "zh",'
                ' "text": "\\u9e1f\\u5de2"}\n\n'
            )

    asyncio.run(run())
