"""Alive, ready, and the figures."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import APIRouter

from ivr.call.rooms import Punctuality
from ivr.model.errors import ConfigError, IvrError, LineError, ModelMissing, NotAllowed, StoreError
from ivr.web.health import health_router
from ivr.web.metrics import MOST_OUTCOMES, Meters
from ivr.web.problems import KeyWrong, status_of
from tests.store.samples import ended_call
from tests.web.served import served


async def fine() -> str:
    return ""


async def missing() -> str:
    return "run 'ivr models download vosk-en'"


async def broken() -> str:
    raise ConnectionError("a caller said this")


async def stuck() -> str:
    await asyncio.Event().wait()
    return ""


def test_a_server_with_everything_is_ready_and_alive(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            assert (await web.http.get("/healthz")).json() == {"status": "alive"}
            answer = await web.http.get("/readyz")
            assert answer.status_code == 200
            assert answer.json() == {"status": "ready", "checked": ["database"], "not_ready": []}

    asyncio.run(run())


def test_a_server_that_lacks_something_says_what_all_of_it(tmp_path: Path) -> None:
    probes = {"voices": fine, "recognizers": missing, "flows": broken}

    async def run() -> None:
        async with served(tmp_path, probes=probes) as web:
            answer = await web.http.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["not_ready"] == [
                {"what": "recognizers", "why": "run 'ivr models download vosk-en'"},
                {"what": "flows", "why": "the check itself failed (ConnectionError)"},
            ]

    asyncio.run(run())


def test_a_check_that_hangs_is_not_ready(tmp_path: Path) -> None:
    async def run() -> None:
        quick = health_router({"database": stuck}, timeout_seconds=0.0)
        async with served(tmp_path, routers=[_under("/quick", quick)]) as web:
            answer = await web.http.get("/quick/readyz")
            assert answer.json()["not_ready"] == [{"what": "database", "why": "no answer within 0 s"}]

    asyncio.run(run())


def test_a_store_that_was_closed_is_not_ready(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            store = web.store
        assert await store.ready() == "the writer of the store has stopped"

    asyncio.run(run())


def test_a_finished_call_is_counted_by_outcome_survey_and_latency() -> None:
    meters = Meters()
    meters.call_ended(ended_call())
    meters.call_ended(ended_call(survey=None, answered_at=None, turns=(), outcome="other_thing"))
    meters.store_trouble("journal_full")
    read = meters.registry.get_sample_value
    labels = {"flow": "bank/hotline", "outcome": "branch_found", "end_reason": "survey_completed", "handled_by": "bot"}
    assert read("ivr_calls_total", labels) == 1
    assert read("ivr_surveys_total", {"status": "completed"}) == 1
    assert read("ivr_call_seconds_sum") == timedelta(seconds=29).total_seconds()
    assert read("ivr_turn_latency_seconds_sum", {"part": "total"}) == 0.4
    assert read("ivr_turns_total", {"result": "no_match"}) == 1
    assert read("ivr_barge_ins_total") == 1
    assert read("ivr_store_troubles_total", {"kind": "journal_full"}) == 1


def test_a_flow_with_endless_outcomes_does_not_flood_the_figures() -> None:
    meters = Meters()
    for number in range(MOST_OUTCOMES + 5):
        meters.call_ended(ended_call(outcome=f"reference {number}"))
    labels = {"flow": "bank/hotline", "outcome": "other", "end_reason": "survey_completed", "handled_by": "bot"}
    assert meters.registry.get_sample_value("ivr_calls_total", labels) == 5


def test_the_worst_tick_of_the_rooms_is_told_once_and_then_begins_anew() -> None:
    meters, ticks = Meters(), Punctuality()
    meters.watch_rooms(ticks)
    ticks.came(0.015)
    ticks.came(0.055)
    ticks.dropped_frames = 4
    read = meters.registry.get_sample_value
    assert [read("ivr_room_worst_tick_seconds") for _ in range(2)] == [0.055, 0.0]
    assert (read("ivr_room_late_ticks"), read("ivr_room_dropped_frames")) == (1, 4)


def test_the_figures_are_told_in_the_words_of_prometheus(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            web.meters.live_calls.set(3)
            answer = await web.http.get("/metrics")
            assert "ivr_live_calls 3.0" in answer.text.splitlines()
            assert answer.headers["content-type"].startswith("text/plain")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IvrError("x"), 500), (ConfigError("x"), 500), (LineError("x"), 502), (ModelMissing("x"), 503),
        (StoreError("x"), 503), (NotAllowed("x"), 403), (KeyWrong("x"), 401),
    ],
)  # fmt: skip
def test_the_nearest_class_of_an_error_decides_its_status(error: IvrError, status: int) -> None:
    assert status_of(error) == status


def test_a_failure_nobody_meant_tells_nothing_of_its_inside(tmp_path: Path) -> None:
    router = APIRouter()

    @router.get("/broken")
    async def fails() -> None:
        raise RuntimeError("the caller said 4421")

    async def run() -> None:
        async with served(tmp_path, routers=[router]) as web:
            answer = await web.http.get("/broken")
            assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
            assert "4421" not in answer.text

    asyncio.run(run())


def _under(prefix: str, router: APIRouter) -> APIRouter:
    outer = APIRouter(prefix=prefix)
    outer.include_router(router)
    return outer
