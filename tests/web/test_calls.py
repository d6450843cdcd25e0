"""What the API tells about calls, and to whom."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.store.audit import AuditFilter
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import audit
from tests.databases import new_database
from tests.store.samples import EVENTS, ended_call, live_call
from tests.web.served import KEY, served


def test_one_call_is_told_whole(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            await web.store.finish(ended_call())
            answer = await web.get("/api/calls/c1")
            assert answer.status_code == 200
            assert answer.json() == {
                "call_id": "c1",
                "line": "twilio",
                "caller": "+8613800000001",
                "called": "+15555550100",
                "direction": "inbound",
                "flow": "bank/hotline",
                "flow_version": "v7",
                "language": "en",
                "arrived_at": "2026-11-22T12:00:00.250000Z",
                "answered_at": "2026-11-22T12:00:01.250000Z",
                "ended_at": "2026-11-22T12:00:30.250000Z",
                "end_reason": "survey_completed",
                "disconnect_by": "system",
                "handled_by": "bot",
                "outcome": "branch_found",
                "escalation_reason": "",
                "survey": {
                    "status": "completed",
                    "reason": "",
                    "answers": {"csat": "5", "resolved": "yes"},
                    "version": "s1",
                },
                "recording": "/api/calls/c1/recording",
                "provider_ids": {"call_sid": "CA1"},
                "path": ["hotline.greet", "hotline.b_search"],
                "turns": [
                    {
                        "number": 1,
                        "step": "greet",
                        "heard": "find a branch near the bird's nest",
                        "confidence": 0.93,
                        "keys": "",
                        "intent": "branch_lookup",
                        "intent_confidence": 0.97,
                        "said": ["Nearest is …"],
                        "began_at": 3.25,
                        "ended_at": 5.5,
                        "answered_at": 5.9,
                        "latency": {"total": 0.4, "end_of_turn": 0.25},
                        "interrupted": True,
                        "no_match": False,
                        "engine": "moonshine",
                    },
                    {
                        "number": 2,
                        "step": "more",
                        "heard": "",
                        "confidence": 0.0,
                        "keys": "2",
                        "intent": "",
                        "intent_confidence": 0.0,
                        "said": [],
                        "began_at": 9.0,
                        "ended_at": 9.0,
                        "answered_at": None,
                        "latency": {},
                        "interrupted": False,
                        "no_match": True,
                        "engine": "",
                    },
                ],
                "notes": {"branch": "Olympic Park", "地点": "鸟巢"},
                "stats": {"barge_ins": 1, "frames": {"late": 0}},
            }

    asyncio.run(run())


def test_the_list_goes_on_where_the_last_page_ended(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            for minute in range(3):
                await web.store.begin(live_call(f"c{minute}", minute=minute))
            first = (await web.get("/api/calls", params={"limit": 2})).json()
            assert [call["call_id"] for call in first["calls"]] == ["c2", "c1"]
            assert first["calls"][0]["survey"] is None
            last = (await web.get("/api/calls", params={"limit": 2, "cursor": first["next"]})).json()
            assert ([call["call_id"] for call in last["calls"]], last["next"]) == (["c0"], None)
            wanted = {"since": "2026-11-22T12:01:00Z", "until": "2026-11-22T20:02:00+08:00", "flow": "bank/hotline"}
            found = (await web.get("/api/calls", params=wanted)).json()
            assert [call["call_id"] for call in found["calls"]] == ["c1"]

    asyncio.run(run())


def test_the_journal_is_told_in_order(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            await web.store.begin(live_call())
            for entry in EVENTS:
                web.store.append("c1", entry)
            await web.store.finish(ended_call())
            events = (await web.get("/api/calls/c1/journal")).json()["events"]
            assert [(event["seq"], event["kind"]) for event in events] == [
                (0, "CallAnswered"),
                (1, "Heard"),
                (2, "DigitPressed"),
            ]
            assert events[2]["fields"] == {"digit": "2"}

    asyncio.run(run())


def test_a_recording_is_sent_as_sound(tmp_path: Path) -> None:
    async def run() -> None:
        (tmp_path / "sound").mkdir()
        (tmp_path / "sound/c1.wav").write_bytes(b"RIFF....WAVE")
        async with served(tmp_path) as web:
            await web.store.finish(ended_call(recording="sound/c1.wav"))
            answer = await web.get("/api/calls/c1/recording")
            assert (answer.content, answer.headers["content-type"]) == (b"RIFF....WAVE", "audio/wav")

    asyncio.run(run())


def test_who_listens_says_why_and_the_reason_stands_in_the_audit(tmp_path: Path) -> None:
    async def run() -> None:
        (tmp_path / "c1.wav").write_bytes(b"RIFF")
        async with served(tmp_path, reason_to_listen=True) as web:
            await web.store.finish(ended_call(recording="c1.wav"))
            for reason in ("", "  x "):
                answer = await web.get("/api/calls/c1/recording", params={"reason": reason})
                assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
            answer = await web.get("/api/calls/c1/recording", params={"reason": "complaint 12"})
            assert (answer.status_code, answer.content) == (200, b"RIFF")
            (entry,) = await web.store.audit.page(AuditFilter(action="call.recording"))
            assert (entry.deed.subject, entry.deed.detail) == ("c1", {"reason": "complaint 12"})

    asyncio.run(run())


@pytest.mark.parametrize("recording", ["", "gone.wav", "../secret.wav", "/etc/hostname"])
def test_a_recording_that_is_not_there_or_not_ours_is_a_problem(tmp_path: Path, recording: str) -> None:
    async def run() -> None:
        (tmp_path / "secret.wav").write_bytes(b"RIFF")
        (tmp_path / "calls").mkdir()
        async with served(tmp_path / "calls") as web:
            await web.store.finish(ended_call(recording=recording))
            answer = await web.get("/api/calls/c1/recording")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_there")

    asyncio.run(run())


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}, {"Authorization": f"Basic {KEY}"}]
)
@pytest.mark.parametrize("path", ["/api/calls", "/api/calls/c1", "/api/calls/c1/recording", "/api/live"])
def test_nobody_reads_without_the_key(tmp_path: Path, path: str, header: dict[str, str]) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            answer = await web.http.get(path, headers=header)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="ivr"')
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "not_allowed.key"

    asyncio.run(run())


def test_a_server_without_a_key_shows_nothing_and_says_what_to_set(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path, api_key="") as web:
            for header in ({}, {"Authorization": "Bearer "}):
                answer = await web.http.get("/api/calls", headers=header)
                assert answer.status_code == 503
                assert "IVR_API_KEY" in answer.json()["detail"]

    asyncio.run(run())


def test_every_look_at_a_record_is_noted_before_it_is_shown(tmp_path: Path) -> None:
    async def run() -> None:
        (tmp_path / "c1.wav").write_bytes(b"RIFF")
        async with served(tmp_path) as web:
            await web.store.finish(ended_call(recording="c1.wav"))
            for path in ("", "/c1", "/c1/journal", "/c1/recording", "/nobody"):
                await web.get(f"/api/calls{path}")
        engine = make_engine(database_url(new_database(tmp_path / "ivr.db")))
        async with engine.connect() as connection:
            looks = (await connection.execute(select(audit.c.who, audit.c.action, audit.c.subject))).all()
        await engine.dispose()
        who = looks[0].who
        assert who.startswith("key:")
        assert KEY not in who
        assert [tuple(look) for look in looks] == [
            (who, "calls.list", ""),
            (who, "call.read", "c1"),
            (who, "call.journal", "c1"),
            (who, "call.recording", "c1"),
        ]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("/api/calls/nobody", 404, "not_there", "no call by that id"),
        ("/api/calls/nobody/journal", 404, "not_there", "no call by that id"),
        ("/api/calls?cursor=snow", 400, "bad_query", "cursor"),
        ("/api/calls?limit=0", 422, "unfit", "query.limit"),
        ("/api/calls?since=2026-11-22", 422, "unfit", "query.since"),
        ("/api/nothing", 404, "http.404", "Not Found"),
    ],
)
def test_every_error_has_the_one_shape(tmp_path: Path, path: str, status: int, code: str, says: str) -> None:
    async def run() -> None:
        async with served(tmp_path) as web:
            answer = await web.get(path)
            told = answer.json()
            assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
            assert says in told["detail"]
            assert answer.headers["content-type"] == "application/problem+json"
            assert {"type", "title"} <= told.keys()

    asyncio.run(run())
