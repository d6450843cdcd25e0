"""Insight of this server, put together: contacts, moods, the trainer's items, topic alerts, and their routes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter

from ivr.call.reception import Watching
from ivr.config import Config
from ivr.insight.misses import items_of
from ivr.model.errors import IvrError, StoreError
from ivr.model.insight import FlowFacts, KeptCall, KeptContact
from ivr.store.calls import SqlCallStore
from ivr.web.insight import insight_router
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.web.reporting import Reports
from ivr.web.reports import reports_router
from ivr.web.security import Door
from ivr.web.trainer import trainer_router
from ivr.wiring.contacts import ContactMaker, flow_facts
from ivr.wiring.flows import FlowShelf
from ivr.wiring.mood import MoodWatch
from ivr.wiring.rollups import RollupMaker
from ivr.wiring.telemetry import traces
from ivr.wiring.topics import TopicWatch
from ivr.wiring.training import Training

log = structlog.get_logger(__name__)

SEVEN_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class InsightWires:
    """What others of the server use."""

    maker: ContactMaker
    rollups: RollupMaker
    moods: MoodWatch
    """Desks add themselves to `moods.told`."""

    topics: TopicWatch
    watching: tuple[Watching, ...]
    """Who is to be told of calls as a whole."""


@asynccontextmanager
async def open_insight(
    config: Config, store: SqlCallStore, flows: FlowShelf, live: LiveCalls, meters: Meters
) -> AsyncIterator[InsightWires]:
    """Insight at work for as long as the block lasts.

    Raises:
        ConfigError: telemetry is on and not installed.
    """

    async def contacts_before(caller: str) -> int:
        return await store.contacts.count_of(caller, datetime.now(UTC) - SEVEN_DAYS)

    moods = MoodWatch(live, meters, contacts_before)
    maker = ContactMaker(
        store.contacts, store.agent_time, lambda name: facts_of(config, flows, name),
        timedelta(seconds=config.insight.settle_seconds),
    )  # fmt: skip

    async def keep_items(calls: Sequence[KeptCall], kept: Sequence[KeptContact]) -> None:
        found = [item for call in calls for item in items_of(call, maker.facts_of(call.record.flow))]
        await store.trainer.keep(found)

    maker.made.append(keep_items)
    async with traces(config.telemetry) as traced:
        zone, handling = ZoneInfo(config.insight.time_zone), config.insight.handling_seconds
        topics = TopicWatch(store.contacts, store.trainer, live, zone, handling, maker.settled)
        rollups = RollupMaker(store.contacts, store.rollups, store.agent_time)
        wires = InsightWires(maker, rollups, moods, topics, (moods, *traced))
        working = asyncio.create_task(_work(wires, config.insight.every_seconds), name="insight")
        try:
            yield wires
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


def facts_of(config: Config, flows: FlowShelf, name: str) -> FlowFacts:
    """What is known of a flow by its name; nothing, if it is not served any more."""
    try:
        survey = flows.flow(config.survey.flow).flow.name if config.survey.enabled else "post_call"
        return flow_facts(flows.flow(name).flow, survey)
    except (IvrError, OSError):
        return FlowFacts()


async def _work(wires: InsightWires, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await wires.maker.run(datetime.now(UTC))
            await wires.rollups.run(datetime.now(UTC))
            await wires.topics.run(datetime.now(UTC))
        except StoreError as error:
            log.warning("insight_waits_for_the_database", why=str(error))
        except Exception:
            log.exception("insight broke; it goes on with the next look")


def insight_routers(config: Config, wires: InsightWires, store: SqlCallStore, at: Door) -> Sequence[APIRouter]:
    training = Training(config, store.trainer, store.flows, store.archive)
    reports = Reports(store.contacts, store.rollups, store.agent_time)
    return [
        reports_router(reports, at, config.insight.time_zone, lambda: datetime.now(UTC)),
        trainer_router(store.trainer, training, store, at),
        insight_router(
            store.contacts,
            store.lists,
            store.trainer,
            store.archive,
            wires.moods.moods,
            store,
            at,
            config.insight.time_zone,
            lambda: datetime.now(UTC),
        ),
    ]
