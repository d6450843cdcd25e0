"""What the console's pages of insight, of trainers and of campaigns work with: the same as the API's routes."""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ivr.config import Config
from ivr.console.alarms import Alarms
from ivr.console.rooms import InsightRoom, TrainerRoom, Week
from ivr.insight.reports import Wanted
from ivr.insight.sampling import WEEKLY, drawn
from ivr.model.insight import KeptContact
from ivr.store.answers import AnswerAudit
from ivr.store.calls import SqlCallStore
from ivr.store.escalated import Escalated
from ivr.web.insight import answer_shape, escalations
from ivr.web.reporting import Reports
from ivr.web.reports import Period, ReportShape, figures_of
from ivr.wiring.insight import InsightWires
from ivr.wiring.training import Training

LOOKED_AT = 4
"""Contacts that are opened for each one that is drawn: in some of them the bot answered nothing."""


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


async def sample(answers: AnswerAudit, week: Week, flow: str = "", most: int = WEEKLY) -> list[KeptContact]:
    """At most `most` contacts in which the bot answered and which nobody rated, spread over the topics; the same week
    and contacts give the same draw. Of all others only id and topic are read."""
    topics = await answers.topics(week.since, week.until, flow)
    strata: dict[Hashable, list[tuple[str, str]]] = {
        topic: [(one, one) for one in ids] for topic, ids in topics.items()
    }
    ids = await asyncio.to_thread(drawn, strata, week.name, most * LOOKED_AT)
    return (await answers.unrated(ids))[:most]


def trainer_room(centre: Running) -> TrainerRoom:
    store, config = centre.store, centre.config

    async def of_week(week: Week, flow: str) -> Sequence[Mapping[str, Any]]:
        chosen = await sample(store.answers, week, flow)
        return [answer_shape(one, await store.archive.call(one.contact.contact_id)) for one in chosen]

    bench = Training(config, store.trainer, store.flows, store.archive)
    return TrainerRoom(bench, store.trainer, store.answers, of_week, ZoneInfo(config.insight.time_zone))
