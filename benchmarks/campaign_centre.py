"""A server that takes events and dials, as the wiring builds it, without ears and voices: what the benchmarks of
campaigns measure, and what they kill.

    python -m benchmarks.campaign_centre DATABASE_URL PORT CARRIER_URL
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, FastAPI

from benchmarks.bank import serving
from ivr.campaigns.attempts import OUTCOMES, AttemptSteps, Hooks
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.desk import CampaignDesk
from ivr.campaigns.retries import RetryPlan
from ivr.config_campaigns import load_campaigns
from ivr.logs import set_up_logs
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, TransferFinished
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine
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
QUICK = RetryPlan(
    after={outcome: (0.5,) * 5 for outcome in ("busy", "no_answer", "human", "network_error", "congestion")},
    next_number=frozenset({"no_answer"}), most=3, most_not_counted=20,
)  # fmt: skip
"""Retries of a few hours, in a second."""


@dataclass(slots=True)
class Answering:
    """Implements `TwilioCalls`: a call that the carrier says was completed was answered, and its customer confirmed."""

    live: LiveAttempts

    def flow_for(self, called: str) -> str:
        return ""

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        raise NotImplementedError("no sound is carried here")

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        raise NotImplementedError("no sound is carried here")

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        if status != "completed":
            return self.live.ended(attempt_id, OUTCOMES[status])
        self.live.answered(attempt_id, call_sid)
        self.live.noted(call_sid, "verdict", "confirmed")
        self.live.call_ended(call_sid, "self_service_completed", {})


def campaigns(plan: RetryPlan | None = None) -> dict[str, Campaign]:
    """The shipped fraud check without its caps, and a routine one beside it. One try each unless a plan is given."""
    fraud = load_campaigns(ROOT / "campaigns")["fraud_check"]
    profile = replace(fraud.profile, per_day=10, per_event=10)
    fraud = replace(
        fraud, most_lines=LINES, per_second=100.0, most_per_hour=10**6, most_per_day=10**6, guard=None,
        plan=plan or replace(fraud.plan, most=1), profile=profile, profiles={},
    )  # fmt: skip
    calm = replace(fraud, name="routine", lane="routine", window="emergency", purpose="notice", per_second=5.0)
    return {"fraud_check": fraud, "routine": calm}


@asynccontextmanager
async def centre(url: str, carrier_url: str, bound: socket.socket, found: Mapping[str, Campaign]) -> AsyncIterator[str]:
    """Its address, while it serves."""
    engine, clock = make_engine(database_url(url)), SystemClock()
    book = SqlCampaignBook(engine)
    live = LiveAttempts(book, clock)
    desk = CampaignDesk(found, book, live, clock, LINES)
    here = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = TwilioSettings(ACCOUNT, TOKEN, here, rest_url=carrier_url)
    plan, outgoing = DialPlan(("+1",)), OutgoingCalls(LINES * 2, 600.0)
    dialer = TwilioDialer(settings, plan, outgoing)
    hooks = Hooks(desk.took_off, desk.landed)
    steps = AttemptSteps(dict(found), book, live, TwilioCarrier(dialer), clock, hooks, uuid4().hex)
    app = FastAPI()
    answer_with_problems(app)
    routers: list[APIRouter] = [
        events_router(desk, SECRET), twilio_router(settings, Answering(live), plan, outgoing, rang=live.rang),
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


async def run(url: str, port: int, carrier_url: str) -> None:
    """Until it is killed."""
    async with centre(url, carrier_url, socket.create_server(("127.0.0.1", port)), campaigns(QUICK)):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    set_up_logs("error", as_json=False)
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
