"""What the console's pages of insight, of trainers and of campaigns work with: the same as the API's routes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ivr.config import Config
from ivr.console.alarms import Alarms
from ivr.console.rooms import CampaignRoom, InsightRoom, TrainerRoom, Week
from ivr.insight.reports import Wanted
from ivr.insight.sampling import WEEKLY, drawn
from ivr.store.calls import SqlCallStore
from ivr.store.escalated import Escalated
from ivr.web.insight import answer_shape, escalations, strata_of
from ivr.web.reporting import Reports
from ivr.web.reports import Period, ReportShape, figures_of
from ivr.wiring.campaigns import CampaignWires
from ivr.wiring.insight import InsightWires
from ivr.wiring.training import Training


class Running(Protocol):
    """The server that is looked at; `ivr.wiring.centre.Centre` is it."""

    @property
    def config(self) -> Config: ...

    @property
    def store(self) -> SqlCallStore: ...

    @property
    def insight(self) -> InsightWires: ...


def utc() -> datetime:
    return datetime.now(UTC)


def insight_room(centre: Running) -> InsightRoom:
    store = centre.store

    async def figures(when: Period, wanted: Wanted) -> ReportShape:
        return await figures_of(Reports(store.contacts, store.rollups, store.agent_time), when, wanted, utc())

    async def reasons(when: Period) -> Mapping[str, Any]:
        return escalations(await store.lists.reasons(when.since, when.until, when.flow))

    async def escalated(when: Period, code: str, subcode: str) -> Sequence[Escalated]:
        return await store.escalated.newest(when.since, when.until, code, subcode, when.flow)

    async def topic_hours(since: datetime, until: datetime, topic: str) -> Mapping[str, Mapping[int, int]]:
        return await store.contacts.topic_hours(since, until, topic)

    return InsightRoom(
        figures, reasons, escalated, topic_hours, store.trainer, centre.insight.moods.moods, Alarms(utc),
        ZoneInfo(centre.config.insight.time_zone),
    )  # fmt: skip


async def drawn_answers(store: SqlCallStore, week: Week, flow: str, most: int = WEEKLY) -> list[Mapping[str, Any]]:
    """As `GET /api/insight/sample` draws them: spread over the topics, the same week draws the same."""
    unrated = await store.lists.unrated(week.since, week.until, flow)
    chosen = await asyncio.to_thread(drawn, strata_of(unrated), week.name, most)
    kept = {one.contact.contact_id: one for one in await store.contacts.called(chosen, utc())}
    return [answer_shape(kept[one], await store.archive.call(one)) for one in chosen]


def trainer_room(centre: Running) -> TrainerRoom:
    store, config = centre.store, centre.config

    async def of_week(week: Week, flow: str) -> Sequence[Mapping[str, Any]]:
        return await drawn_answers(store, week, flow)

    bench = Training(config, store.trainer, store.flows, store.archive)
    return TrainerRoom(bench, store.trainer, store.answers, of_week, ZoneInfo(config.insight.time_zone))


def campaign_room(wires: CampaignWires | None) -> CampaignRoom | None:
    return CampaignRoom(wires.desk, wires.book, wires.views, wires.rules) if wires else None
