"""From an event to the dial: events over HTTP, signed, against the stand-in carrier's REST side.

    python -m benchmarks.event_to_ring --events 1000 --seconds 60 --waiting 10000

Event-to-dial is measured outside: from the moment a request is sent to the moment the carrier is asked for the call.
Server, carrier and events share one program here, so the figures hold its load too.
"""

import argparse
import asyncio
import json
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI

from benchmarks.figures import spread
from ivr.campaigns.attempts import OUTCOMES, AttemptSteps, Hooks
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.cases import accept, digest
from ivr.campaigns.desk import CampaignDesk
from ivr.config_campaigns import load_campaigns
from ivr.logs import set_up_logs
from ivr.model.calls import Leg
from ivr.model.campaigns import Accepted, Alert, Case, PhoneCandidate
from ivr.model.events import CallAnswered, TransferFinished
from ivr.model.signing import signature
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade
from ivr.web.campaign_events import events_router
from ivr.web.problems import answer_with_problems
from ivr.wiring.campaigns import TwilioCarrier
from ivr.wiring.clock import SystemClock
from ivr.wiring.durable_attempts import durable_attempts
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.standin.rest import StandInRest
from telephony.standin.webhooks import Addresses
from telephony.twilio_line import TwilioLine
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_web import twilio_router

ROOT = Path(__file__).parents[1]
ACCOUNT, TOKEN, SECRET = "AC" + "0" * 32, "token-of-the-account", "secret-of-the-events"
LINES = 200


@dataclass(slots=True)
class StatusOnly:
    """Implements `TwilioCalls` for calls that nobody answers."""

    live: LiveAttempts

    def flow_for(self, called: str) -> str:
        return ""

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        raise NotImplementedError("nobody answers here")

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        raise NotImplementedError("nobody answers here")

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        self.live.ended(attempt_id, OUTCOMES[status])


@asynccontextmanager
async def serving(app: FastAPI, bound: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def campaigns() -> dict[str, Campaign]:
    fraud = load_campaigns(ROOT / "campaigns")["fraud_check"]
    # One try each, so that every dial is an event's first.
    once = replace(fraud.plan, most=1)
    fraud = replace(
        fraud, most_lines=LINES, per_second=100.0, most_per_hour=10**6, most_per_day=10**6, plan=once, guard=None
    )
    calm = replace(fraud, name="routine", lane="routine", window="emergency", purpose="notice", per_second=5.0)
    return {"fraud_check": fraud, "routine": calm}


def event(number: int) -> bytes:
    return json.dumps(
        {
            "event_id": f"e{number}", "source": "bank", "occurred_at": datetime.now(UTC).isoformat(),
            "customer_id": f"c{number}", "phone_candidates": [{"e164": f"+141555{number:05d}"}],
            "transactions": [{"txn_id": f"t{number}", "amount_minor": 128000, "currency": "USD", "merchant": "Demo",
                              "last4": "4421", "time": "just now"}],
            "exposure": 1280, "risk_score": 0.9,
        }
    ).encode()  # fmt: skip


async def fill(book: SqlCampaignBook, count: int) -> None:
    """Routine cases that wait already."""
    now = datetime.now(UTC)

    def new(alert: Alert, known: str, open_case: Case | None) -> Accepted:
        return accept("routine", "routine", alert, now, known_digest=known, open_case=open_case)

    for number in range(count):
        alert = Alert("list", f"r{number}", f"r{number}", (PhoneCandidate(f"+142555{number:05d}"),), now)
        await book.receive("routine", alert, digest(alert), partial(new, alert))


async def send(url: str, count: int, seconds: float, sent: dict[str, float]) -> Counter[int]:
    answers: Counter[int] = Counter()
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=30.0, limits=httpx.Limits(max_connections=50)) as client:

        async def one(number: int) -> None:
            await asyncio.sleep(max(0.0, began + number * seconds / count - time.monotonic()))
            body, stamp = event(number), str(int(time.time()))
            headers = {"X-Ivr-Timestamp": stamp, "X-Ivr-Signature": signature(SECRET, stamp, body)}
            sent[f"+141555{number:05d}"] = time.monotonic()
            answers[(await client.post(url, content=body, headers=headers)).status_code] += 1

        await asyncio.gather(*map(one, range(count)))
    return answers


async def measure(events: int, seconds: float, waiting: int, url: str) -> None:
    engine, clock, found = make_engine(database_url(url)), SystemClock(), campaigns()
    await upgrade(engine)
    book = SqlCampaignBook(engine)
    await fill(book, waiting)
    live = LiveAttempts(book, clock)
    desk = CampaignDesk(found, book, live, clock, LINES)
    ours, theirs = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    here, there = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (ours, theirs))
    settings = TwilioSettings(ACCOUNT, TOKEN, here, rest_url=there)
    plan, outgoing = DialPlan(("+1",)), OutgoingCalls(LINES * 2, 600.0)
    dialer = TwilioDialer(settings, plan, outgoing)
    steps = AttemptSteps(found, book, live, TwilioCarrier(dialer), clock, Hooks(desk.took_off, desk.landed), "bench")
    carrier = StandInRest(Addresses(here, here), TOKEN)
    app, sent = FastAPI(), dict[str, float]()
    answer_with_problems(app)
    routers: list[APIRouter] = [
        events_router(desk, SECRET), twilio_router(settings, StatusOnly(live), plan, outgoing, rang=live.rang),
    ]  # fmt: skip
    for router in routers:
        app.include_router(router)
    await desk.load()
    async with serving(carrier.app, theirs), serving(app, ours), durable_attempts(url, "bench", steps) as durable:
        desk.durable = durable
        running = asyncio.create_task(desk.run())
        answers = await send(f"{here}/api/campaigns/fraud_check/events", events, seconds, sent)
        until = time.monotonic() + 30.0
        while len(carrier.calls) < events and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        dialled = [call for call in carrier.calls if call.to in sent]
        running.cancel()
        await carrier.close()
    await dialer.close()
    await engine.dispose()
    took = spread(call.at - sent[call.to] for call in dialled)
    twice = [to for to, times in Counter(call.to for call in carrier.calls).items() if times > 1]
    print(f"{events} events in {seconds:.0f} s, {waiting} routine cases waiting, answers {dict(answers)}")
    print(f"event to dial: p50 {took.p50:.3f} s, p95 {took.p95:.3f} s, p99 {took.p99:.3f} s; {took.count} dialled")
    print(f"lost {events - took.count}, dialled twice {len(twice)}, routine dialled {len(carrier.calls) - took.count}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--events", type=int, default=1000)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--waiting", type=int, default=0)
    asked.add_argument("--database", default="", help="URL; else a SQLite file that is thrown away")
    given = asked.parse_args()
    set_up_logs("error", as_json=False)
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or sqlite_url(Path(folder) / "ivr.db")
        asyncio.run(measure(given.events, given.seconds, given.waiting, url))


if __name__ == "__main__":
    main()
