"""Campaigns over HTTP: signed events in, lists, looks, and who must not be called."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from ivr.model.signing import signature
from ivr.store.campaign_rules import DoNotCall
from ivr.store.campaign_views import CampaignViews
from ivr.store.engine import database_url, make_engine
from ivr.web.campaign_events import events_router
from ivr.web.campaigns import campaigns_router, lists_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import Door
from tests.campaigns.kit import Open, TestCarrier, campaign_desk, until
from tests.databases import new_database

SECRET, KEY = "secret-of-the-events", "key-of-the-api"
EVENTS = "/api/campaigns/fraud_check/events"
HOLDER = {"Authorization": f"Bearer {KEY}"}


class Noted:
    def __init__(self) -> None:
        self.looks: list[tuple[str, str]] = []

    async def keep_look(self, who: str, action: str, subject: str, address: str, detail: object = None) -> None:
        self.looks.append((action, subject))


def event(**more: Any) -> bytes:
    return json.dumps(
        {
            "event_id": "e1", "occurred_at": "2026-11-22T08:00:00Z", "customer_id": "c1",
            "phone_candidates": [{"e164": "+15555550101"}],
            "transactions": [{"txn_id": "t1", "amount_minor": 128000, "currency": "CNY"}], **more,
        }
    ).encode()  # fmt: skip


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at if at is not None else time.time()))
    return {"X-Ivr-Timestamp": stamp, "X-Ivr-Signature": f"sha256={signature(secret, stamp, body)}"}


def asked(
    folder: Path, ask: Callable[[httpx.AsyncClient, Open, Noted], Awaitable[None]], lines: int = 0,
    carrier: TestCarrier | None = None,
) -> None:  # fmt: skip
    """A desk on the database of `folder`; asking twice is a restart."""

    async def run() -> None:
        url = new_database(folder / "ivr.db")
        async with campaign_desk(url, carrier or TestCarrier(), lines=lines) as here:
            engine, noted, door, app = make_engine(database_url(url)), Noted(), Door(KEY), FastAPI()
            answer_with_problems(app)
            app.include_router(events_router(here.desk, SECRET))
            app.include_router(campaigns_router(here.desk, here.book, CampaignViews(engine), noted, door))
            app.include_router(lists_router(DoNotCall(engine), door))
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://ivr.test") as client:
                await ask(client, here, noted)
            await engine.dispose()

    asyncio.run(run())


def test_a_signed_event_is_taken_once_and_nothing_else_is(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        async def post(body: bytes, headers: dict[str, str], path: str = EVENTS) -> httpx.Response:
            return await client.post(path, content=body, headers=headers)

        body = event()
        first = await post(body, signed(body))
        again = await post(body, signed(body))
        assert (first.status_code, first.json()["arrival"]) == (202, "new")
        assert (again.status_code, again.json()) == (200, {**first.json(), "arrival": "again"})
        other = event(exposure=7)
        assert (await post(other, signed(other))).status_code == 409
        more = event(event_id="e2")
        merged = await post(more, signed(more))
        assert merged.json() == {"case_id": first.json()["case_id"], "arrival": "merged"}
        assert (await post(body, signed(body, time.time() - 301))).status_code == 403
        assert (await post(body, signed(body, secret="another secret of events"))).status_code == 403
        assert (await post(body, {})).status_code == 403
        assert (await post(event(event_id="e3"), signed(body))).status_code == 403
        wrong = event(phone_candidates=[{"e164": "0049"}])
        answer = await post(wrong, signed(wrong))
        assert (answer.status_code, "0049" in answer.text) == (422, False)
        assert (await post(body, signed(body), "/api/campaigns/nobody/events")).status_code == 404

    asked(tmp_path, ask)


def test_an_event_a_hundred_times_in_parallel_and_after_a_restart_is_one_case_and_one_call(tmp_path: Path) -> None:
    carrier, body, told = TestCarrier(), event(), list[tuple[int, str, str]]()

    async def post_all(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        def talk(attempt: str) -> None:
            here.live.answered(attempt, f"call-{attempt}")
            here.live.noted(f"call-{attempt}", "verdict", "confirmed")
            here.live.call_ended(f"call-{attempt}", "self_service_completed", {})

        carrier.on_dial = talk
        answers = await asyncio.gather(*(client.post(EVENTS, content=body, headers=signed(body)) for _ in range(100)))
        told.extend((one.status_code, one.json()["arrival"], one.json()["case_id"]) for one in answers)
        await until(lambda: bool(carrier.dialled) and not here.desk.flying)

    for _ in range(2):
        asked(tmp_path, post_all, lines=5, carrier=carrier)
    assert Counter((status, arrival) for status, arrival, _ in told) == {(202, "new"): 1, (200, "again"): 199}
    assert len({case for _, _, case in told}) == 1
    assert len(carrier.dialled) == 1


def test_while_the_database_is_away_an_event_is_refused_and_may_be_sent_again(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        async def renamed(old: str, new: str) -> None:
            engine = make_engine(database_url(new_database(tmp_path / "ivr.db")))
            async with engine.begin() as connection:
                await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
            await engine.dispose()

        body = event()
        await renamed("campaign_events", "away")
        refused = await asyncio.gather(*(client.post(EVENTS, content=body, headers=signed(body)) for _ in range(3)))
        assert [one.status_code for one in refused] == [503] * 3
        assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
        assert refused[0].json()["code"] == "store"
        await renamed("away", "campaign_events")
        taken = await client.post(EVENTS, content=body, headers=signed(body))
        assert (taken.status_code, taken.json()["arrival"]) == (202, "new")

    asked(tmp_path, ask)


def test_alerts_of_one_customer_that_come_together_are_one_case(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        bodies = [event(event_id=f"e{number}", customer_id=f"c{number % 3}") for number in range(12)]
        answers = await asyncio.gather(*(client.post(EVENTS, content=each, headers=signed(each)) for each in bodies))
        told = [one.json() for one in answers]
        assert Counter(one["arrival"] for one in told) == {"new": 3, "merged": 9}
        assert len({one["case_id"] for one in told}) == 3
        assert here.desk.waiting("fraud_check") == 3

    asked(tmp_path, ask)


def test_a_list_is_taken_and_its_wrong_rows_come_back_with_their_lines(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        rows = "customer,phone,surname\nc1,+1 415 555 2671,Hu\nc2,12,Li\n,+14155552672,Wu\nc4,+14155552673\n"
        path = "/api/campaigns/fraud_check/list"
        assert (await client.post(path, content=rows)).status_code == 401
        report = (await client.post(path, content=rows, headers=HOLDER)).json()
        assert (report["taken"], [row["line"] for row in report["refused"]]) == (1, [3, 4, 5])
        report = (await client.post(path, content=rows, headers=HOLDER)).json()
        assert (report["taken"], report["again"]) == (0, 1)
        assert (await client.post(path, content="a,b\n1,2\n", headers=HOLDER)).status_code == 400
        assert noted.looks[0] == ("campaign.list", "fraud_check")

    asked(tmp_path, ask)


def test_supervisors_look_pause_and_cancel(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        body = event()
        case_id = (await client.post(EVENTS, content=body, headers=signed(body))).json()["case_id"]
        found = (await client.get("/api/campaigns", headers=HOLDER)).json()["campaigns"]
        (told,) = [one for one in found if one["name"] == "fraud_check"]
        assert (told["state"], told["waiting"], told["live"]) == ("running", 1, 0)
        own = "/api/campaigns/fraud_check"
        paused = await client.post(f"{own}/state", json={"state": "paused"}, headers=HOLDER)
        assert paused.json()["state"] == "paused"
        (case,) = (await client.get(f"{own}/cases", headers=HOLDER)).json()["cases"]
        assert (case["case_id"], case["state"]) == (case_id, "received")
        wish = {"reason": "confirmed in the app"}
        answer = await client.post(f"{own}/cases/{case_id}/cancel", json=wish, headers=HOLDER)
        assert answer.json()["state"] == "cancelled"
        assert (await client.get(f"{own}/funnel", headers=HOLDER)).json()["states"] == {"cancelled": 1}
        ledger = (await client.get(f"{own}/ledger", headers=HOLDER)).json()
        assert {goal["name"] for goal in ledger["goals"]} >= {"event_to_dial", "event_to_verdict"}
        stopped = await client.post(f"{own}/state", json={"state": "stopped"}, headers=HOLDER)
        assert stopped.json()["state"] == "stopped"
        late = event(event_id="e9")
        assert (await client.post(EVENTS, content=late, headers=signed(late))).status_code == 409

    asked(tmp_path, ask)


def test_the_do_not_call_list_is_kept_by_people(tmp_path: Path) -> None:
    async def ask(client: httpx.AsyncClient, here: Open, noted: Noted) -> None:
        party = {"party": "+15555550101", "purpose": "fraud_call", "reason": "wrote a letter"}
        assert (await client.put("/api/do-not-call", json=party, headers=HOLDER)).status_code == 204
        (kept,) = (await client.get("/api/do-not-call", headers=HOLDER)).json()["refusals"]
        assert (kept["party"], kept["purpose"]) == ("+15555550101", "fraud_call")
        gone = {"party": "+15555550101", "purpose": "fraud_call"}
        assert (await client.delete("/api/do-not-call", params=gone, headers=HOLDER)).status_code == 204
        assert (await client.delete("/api/do-not-call", params=gone, headers=HOLDER)).status_code == 404
        consent = {"party": "customer:c1", "purpose": "offers", "channel": "web", "source": "form", "evidence": "f1"}
        assert (await client.put("/api/consents", json=consent, headers=HOLDER)).status_code == 204
        taken = {"party": "customer:c1", "purpose": "offers"}
        assert (await client.delete("/api/consents", params=taken, headers=HOLDER)).status_code == 204
        (told,) = (await client.get("/api/consents", params={"party": "customer:c1"}, headers=HOLDER)).json()[
            "consents"
        ]
        assert {**told, "at": "", "revoked_at": bool(told["revoked_at"])} == {**consent, "at": "", "revoked_at": True}
        assert (await client.get("/api/consents?party=x", headers=HOLDER)).json() == {"consents": []}
        other = {"party": "customer:c1", "purpose": "surveys"}
        assert (await client.delete("/api/consents", params=other, headers=HOLDER)).status_code == 404

    asked(tmp_path, ask)
