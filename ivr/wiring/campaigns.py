"""Campaigns of this server, put together: files, database, workflows, and the lines calls go out by."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import structlog
from fastapi import APIRouter

from ivr.call.dialogue import Dialogue
from ivr.call.reception import Plan, Plans, Reception
from ivr.campaigns.attempts import OUTCOMES, AttemptSteps, Hooks
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.desk import CampaignDesk, Specialists
from ivr.config import Config
from ivr.config_campaigns import load_campaigns
from ivr.environment import Environment
from ivr.model.calls import CallRecord
from ivr.model.campaign_ports import Carrier, Looked
from ivr.model.commands import Command, Note
from ivr.model.errors import ConfigError, LineError, NotAllowed
from ivr.model.events import CallEvent
from ivr.model.ports import Dialer
from ivr.routing.dispatcher import Dispatcher
from ivr.store.calls import SqlCallStore
from ivr.store.campaign_rules import DoNotCall
from ivr.store.campaign_views import CampaignViews
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine
from ivr.web.campaign_events import events_router
from ivr.web.campaigns import campaigns_router, lists_router
from ivr.web.security import Door
from ivr.wiring.campaign_results import ResultShelf
from ivr.wiring.clock import SystemClock
from ivr.wiring.courier import Courier
from ivr.wiring.durable_attempts import attempts_of
from ivr.wiring.twilio import dial_plan
from telephony.dial_plan import DialPlan
from telephony.twilio_rest import TwilioDialer

POST_SECONDS = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TwilioCarrier:
    """Twilio remembers its calls: it can be asked after a crash."""

    dialer: TwilioDialer
    name: str = "twilio"

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        return await self.dialer.dial(to, caller_id, flow, attempt_id)

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        placed = [sid for sid in await self.dialer.placed(to, caller_id, since) if sid not in known]
        return Looked(known=len(placed) <= 1, provider_id=placed[0] if len(placed) == 1 else "")

    async def status(self, provider_id: str) -> Looked:
        try:
            status = await self.dialer.status(provider_id)
        except LineError:
            return Looked(known=False)
        return Looked(known=True, provider_id=provider_id, outcome=OUTCOMES.get(status))


@dataclass(frozen=True, slots=True)
class TrunkCarrier:
    """A SIP trunk's calls live in this program: after a crash they are over, and whether it rang nobody knows. Such an
    attempt counts, and is not made again. Those of this program end when their line says so, however long they ring."""

    dialer: Dialer
    name: str = "sip"
    placed: set[str] = field(default_factory=set)
    """Calls of this program."""

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        call_id = await self.dialer.dial(to, caller_id, flow, attempt_id)
        self.placed.add(call_id)
        return call_id

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        return Looked(known=True, provider_id="lost")

    async def status(self, provider_id: str) -> Looked:
        is_ours = provider_id in self.placed
        return Looked(known=True, provider_id=provider_id, outcome=None if is_ours else "no_answer")


@dataclass(slots=True)
class CampaignPlans:
    """Implements `ivr.call.reception.Plans`: a call of ours gets the facts of its case."""

    plans: Plans
    live: LiveAttempts
    voicemail: Mapping[str, Dialogue]
    """By campaign."""

    def plan(self, called: str, parameters: Mapping[str, str]) -> Plan:
        live = self.live.by_id.get(parameters.get("attempt", ""))
        if live is None:
            return self.plans.plan(called, parameters)
        plan = self.plans.plan(called, {**parameters, "language": live.language})
        machine = self.voicemail.get(live.campaign.name)
        return replace(plan, facts={**plan.facts, **live.facts}, machine=machine)


@dataclass(slots=True)
class CampaignWatch:
    """Implements `Watcher` and `Watching`: what calls of ours tell of themselves."""

    live: LiveAttempts
    reception: Reception

    def began(self, record: CallRecord) -> None:
        call = self.reception.live.get(record.call_id)
        attempt: Any = call.conductor.facts.get("attempt", "") if call else ""
        self.live.answered(str(attempt), record.call_id)

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        if isinstance(what, Note):
            self.live.noted(call_id, what.name, what.value)

    def ended(self, record: CallRecord) -> None:
        self.live.call_ended(record.call_id, record.end_reason, record.notes)

    def carrier_told(self, attempt_id: str, status: str) -> None:
        """`ringing`, or how it ended; of a call we hold its own end says more."""
        live = self.live.by_id.get(attempt_id)
        if status == "ringing":
            self.live.rang(attempt_id)
        elif live and not live.call_id:
            self.live.ended(attempt_id, OUTCOMES.get(status, "network_error"))


@dataclass(frozen=True, slots=True)
class CampaignWires:
    desk: CampaignDesk
    book: SqlCampaignBook
    views: CampaignViews
    rules: DoNotCall
    secret: str

    def routers(self, store: SqlCallStore, door: Door) -> list[APIRouter]:
        return [
            events_router(self.desk, self.secret),
            campaigns_router(self.desk, self.book, self.views, store, door),
            lists_router(self.rules, door),
        ]


@asynccontextmanager
async def campaign_wires(
    config: Config, environment: Environment, campaigns: Mapping[str, Campaign], carrier: Carrier, url: str,
    reception: Reception, dispatcher: Dispatcher, voicemail: Mapping[str, Dialogue],
) -> AsyncIterator[CampaignWires]:  # fmt: skip
    """Call for as long as the block lasts; what is under way goes on at the next start.

    Raises:
        StoreError: the database is away.
    """
    engine, clock = make_engine(database_url(url)), SystemClock()
    book, plan = SqlCampaignBook(engine), dial_plan(config)
    live = LiveAttempts(book, clock)
    desk = CampaignDesk(campaigns, book, live, clock, config.dial_plan.most_calls_at_once, _specialists(dispatcher))
    steps = AttemptSteps(
        dict(campaigns), book, live, carrier, clock, Hooks(desk.took_off, desk.landed), secrets.token_hex(8),
        partial(_is_dialable, plan),
    )  # fmt: skip
    desk.is_stopping = lambda: reception.is_closing
    _hook(reception, live, voicemail)
    async with httpx.AsyncClient(timeout=POST_SECONDS, follow_redirects=False) as client:
        courier = Courier(ResultShelf(campaigns, book), environment.events_secret, client, time.time)
        live.wrote = courier.more.set
        try:
            await desk.load()
            async with attempts_of(steps) as durable:
                desk.durable = durable
                tasks = [asyncio.create_task(desk.run()), asyncio.create_task(courier.run())]
                try:
                    yield CampaignWires(
                        desk, book, CampaignViews(engine), DoNotCall(engine), environment.events_secret
                    )  # fmt: skip
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.wait(tasks)
        finally:
            await engine.dispose()


def _hook(reception: Reception, live: LiveAttempts, voicemail: Mapping[str, Dialogue]) -> None:
    watch = CampaignWatch(live, reception)
    reception.plans = CampaignPlans(reception.plans, live, voicemail)
    reception.watching = (*reception.watching, watch)
    reception.around = replace(reception.around, watchers=(*reception.around.watchers, watch.saw))
    reception.attempt_told = watch.carrier_told


def _is_dialable(plan: DialPlan, number: str) -> bool:
    try:
        plan.check(number)
    except NotAllowed:
        return False
    return True


def campaigns_of(config: Config, environment: Environment) -> Mapping[str, Campaign]:
    """None where campaigns are off.

    Raises:
        ConfigError: a file is wrong, or a campaign cannot work here.
    """
    found = load_campaigns(config.campaigns.folder) if config.campaigns.enabled else {}
    queues = {queue.name for queue in config.queues}
    for campaign in found.values():
        if campaign.webhook and not environment.events_secret:
            raise ConfigError(f"campaign {campaign.name}: results are signed; set IVR_EVENTS_SECRET")
        if campaign.guard and campaign.guard.queue not in queues:
            log.warning("campaign_without_queue", campaign=campaign.name, queue=campaign.guard.queue)
    return found


def _specialists(dispatcher: Dispatcher) -> Specialists:
    def free(queue: str) -> tuple[int, int]:
        agents = [
            agent
            for agent in dispatcher.centre.floor.agents.values()
            if any(row.queue == queue for row in agent.profile.queues) and agent.state != "offline"
        ]
        return len(agents), sum(agent.state == "available" for agent in agents)

    return free
