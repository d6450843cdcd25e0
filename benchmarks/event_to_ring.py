"""From an event to the dial: events over HTTP, signed, against the stand-in carrier's REST side.

    python -m benchmarks.event_to_ring --events 1000 --seconds 60 --waiting 10000

Event-to-dial is measured outside: from the moment a request is sent to the moment the carrier is asked for the call.
Bank and carrier are a program of their own (`benchmarks.bank`), so the CPU time is that of the server alone: taking the
event, dialling, hearing of ringing and end, and every write. Nobody answers these calls.
"""

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine, event

from benchmarks.bank import Figures, serving
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
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade
from ivr.web.campaign_events import events_router
from ivr.web.problems import answer_with_problems
from ivr.wiring.campaigns import TwilioCarrier
from ivr.wiring.clock import SystemClock
from ivr.wiring.durable import kept, own_place
from ivr.wiring.durable_attempts import attempts_of
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.twilio_line import TwilioLine
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_web import twilio_router

ROOT = Path(__file__).parents[1]
ACCOUNT, TOKEN, SECRET = "AC" + "0" * 32, "token-of-the-account", "secret-of-the-events"
LINES = 200
PATH = "/api/campaigns/fraud_check/events"


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


def campaigns() -> dict[str, Campaign]:
    fraud = load_campaigns(ROOT / "campaigns")["fraud_check"]
    # One try each, so that every dial is an event's first.
    once = replace(fraud.plan, most=1)
    fraud = replace(
        fraud, most_lines=LINES, per_second=100.0, most_per_hour=10**6, most_per_day=10**6, plan=once, guard=None
    )
    calm = replace(fraud, name="routine", lane="routine", window="emergency", purpose="notice", per_second=5.0)
    return {"fraud_check": fraud, "routine": calm}


async def fill(book: SqlCampaignBook, count: int) -> None:
    """Routine cases that wait already."""
    now = datetime.now(UTC)

    def new(alert: Alert, known: str, open_case: Case | None) -> Accepted:
        return accept("routine", "routine", alert, now, known_digest=known, open_case=open_case)

    alerts = [Alert("list", f"r{number}", f"r{number}", (PhoneCandidate(f"+142555{number:05d}"),), now)
              for number in range(count)]  # fmt: skip
    await asyncio.gather(*(book.receive("routine", one, digest(one), partial(new, one)) for one in alerts))


@asynccontextmanager
async def centre(url: str, carrier_url: str, bound: socket.socket) -> AsyncIterator[str]:
    """A server that takes events and dials, as the wiring builds it, without ears and voices. Its address."""
    engine, clock, found = make_engine(database_url(url)), SystemClock(), campaigns()
    book = SqlCampaignBook(engine)
    live = LiveAttempts(book, clock)
    desk = CampaignDesk(found, book, live, clock, LINES)
    here = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = TwilioSettings(ACCOUNT, TOKEN, here, rest_url=carrier_url)
    plan, outgoing = DialPlan(("+1",)), OutgoingCalls(LINES * 2, 600.0)
    dialer = TwilioDialer(settings, plan, outgoing)
    hooks = Hooks(desk.took_off, desk.landed)
    steps = AttemptSteps(found, book, live, TwilioCarrier(dialer), clock, hooks, "bench")
    app = FastAPI()
    answer_with_problems(app)
    routers: list[APIRouter] = [
        events_router(desk, SECRET), twilio_router(settings, StatusOnly(live), plan, outgoing, rang=live.rang),
    ]  # fmt: skip
    for router in routers:
        app.include_router(router)
    try:
        await desk.load()
        async with serving(app, bound), kept(own_place(url), "bench"), attempts_of(steps) as durable:
            desk.durable = durable
            running = asyncio.create_task(desk.run())
            yield here
            running.cancel()
    finally:
        await dialer.close()
        await engine.dispose()


@contextmanager
def counted_statements() -> Iterator[Counter[str]]:
    """By database: `ivr` is ours, `durable` that of DBOS."""
    counted: Counter[str] = Counter()

    def count(connection: Any, *_: Any) -> None:
        counted["durable" if "durable" in str(connection.engine.url.database) else "ivr"] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def measure(events: int, seconds: float, waiting: int, url: str) -> None:
    engine = make_engine(database_url(url))
    await upgrade(engine)
    await fill(SqlCampaignBook(engine), waiting)
    await engine.dispose()
    bank = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bank", "--events", str(events), "--seconds", str(seconds),
        "--secret", SECRET, "--token", TOKEN, "--path", PATH,
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    assert bank.stdin
    assert bank.stdout
    there = (await bank.stdout.readline()).decode().strip()
    with counted_statements() as statements:
        async with centre(url, there, socket.create_server(("127.0.0.1", 0))) as here:
            cpu = time.process_time()
            bank.stdin.write(f"{here}\n".encode())
            figures = Figures(**json.loads(await bank.stdout.readline()))
            cpu = time.process_time() - cpu
    await bank.wait()
    dialled = len(figures.took) + figures.others
    took = spread(figures.took)
    print(f"{events} events in {seconds:.0f} s, {waiting} routine cases waiting, answers {figures.answers}")
    print(f"event to dial: p50 {took.p50:.3f} s, p95 {took.p95:.3f} s, p99 {took.p99:.3f} s; {took.count} dialled")
    print(f"lost {figures.lost}, dialled twice {figures.twice}, routine dialled {figures.others}")
    print(f"CPU of the server: {cpu / dialled * 1000:.1f} ms a call, {cpu / seconds * 100:.0f} % of a core")
    each = ", ".join(f"{name} {count / dialled:.1f}" for name, count in sorted(statements.items()))
    print(f"SQL statements a call: {each}")


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
