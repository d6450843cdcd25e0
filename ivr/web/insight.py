"""`/api/insight`: why callers went to people, topics that spike, moods on the line, answers to be read this week."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from ivr.insight.emotion import Mood
from ivr.insight.escalation import SUBCODES, pareto
from ivr.insight.sampling import WEEKLY, drawn
from ivr.model.calls import CallRecord, Turn
from ivr.model.insight import KeptContact, ReasonCount, Reasons, SpikeAlert
from ivr.model.redaction import redact
from ivr.web.reports import Period, period_in
from ivr.web.security import Audit, Door, Reader, note_look


class Shelf(Protocol):
    """Where contacts are read; `ivr.store.contacts.ContactStore` is one."""

    async def called(self, contact_ids: Sequence[str], now: datetime) -> list[KeptContact]: ...


class Lists(Protocol):
    """What is listed of many contacts; `ivr.store.insight_lists.InsightLists` is one."""

    async def reasons(self, since: datetime, until: datetime, flow: str = "") -> Reasons: ...

    async def unrated(self, since: datetime, until: datetime, flow: str = "") -> list[tuple[str, str]]: ...


class Alerts(Protocol):
    """Where alerts are; `ivr.store.trainer.TrainerStore` is one."""

    async def alerts(self, since: datetime, *, topic: str = "", most: int = 100) -> list[SpikeAlert]: ...

    async def alert(self, alert_id: str) -> SpikeAlert: ...

    async def keep_alert(self, alert: SpikeAlert) -> None: ...


class Calls(Protocol):
    async def call(self, call_id: str) -> CallRecord: ...


class ActionWish(BaseModel):
    what: str = Field(min_length=1, max_length=500)
    owner: str = Field(default="", max_length=64)


Moods = Callable[[], dict[str, Mood]]
"""Of the calls on the line."""


def insight_router(
    shelf: Shelf, lists: Lists, alerts: Alerts, calls: Calls, moods: Moods, audit: Audit, door: Door, home: str,
    utc: Callable[[], datetime],
) -> APIRouter:  # fmt: skip
    """Reasons, moods and the weekly sample; and, below /topics, what spikes."""
    router = APIRouter(prefix="/api/insight", tags=["insight"])
    Reports = Annotated[Reader, Depends(door.may("reports.read"))]  # noqa: N806
    Known = Annotated[Reader, Depends(door.may("calls.read"))]  # noqa: N806
    Live = Annotated[Reader, Depends(door.may("live.watch"))]  # noqa: N806
    When = Annotated[Period, Depends(period_in(home, utc))]  # noqa: N806

    @router.get("/escalations", summary="Why callers went on to people, most frequent first, all and by intent")
    async def read_escalations(reader: Reports, when: When) -> dict[str, Any]:
        return escalations(await lists.reasons(when.since, when.until, when.flow))

    @router.get("/moods", summary="How callers on the line sound just now, unhappiest first")
    async def list_moods(reader: Live) -> dict[str, Any]:
        found = sorted(moods().items(), key=lambda item: item[1].value or 0.0)
        return {"moods": [_mood(call_id, mood) for call_id, mood in found]}

    @router.get("/sample", summary="Answers to be read this week: 50, spread over the topics, always the same draw")
    async def read_sample(
        reader: Known, when: When, most: Annotated[int, Query(ge=1, le=200)] = WEEKLY
    ) -> dict[str, Any]:
        await note_look(audit, reader, "insight.sample", when.flow)
        week = f"{when.since.astimezone(when.zone):%G-W%V}"
        unrated = await lists.unrated(when.since, when.until, when.flow)
        chosen = await asyncio.to_thread(drawn, strata_of(unrated), week, most)
        kept = {one.contact.contact_id: one for one in await shelf.called(chosen, utc())}
        answers = [answer_shape(kept[one], await calls.call(one)) for one in chosen]
        return {"week": week, "answers": answers}

    router.include_router(_topics_router(alerts, audit, door, utc))
    return router


def _topics_router(alerts: Alerts, audit: Audit, door: Door, utc: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/topics")
    Known = Annotated[Reader, Depends(door.may("calls.read"))]  # noqa: N806

    @router.get("", summary="Topics that spiked, newest first; holds (redacted) words of callers")
    async def list_topics(reader: Known, days: Annotated[int, Query(ge=1, le=400)] = 30) -> dict[str, Any]:
        await note_look(audit, reader, "insight.topics", "")
        found = await alerts.alerts(utc() - timedelta(days=days))
        return {"alerts": [asdict(alert) for alert in found]}

    @router.post("/{alert_id:path}/actions", summary="Note what was done about a topic")
    async def note_action(reader: Known, alert_id: str, wish: ActionWish) -> dict[str, Any]:
        alert = await alerts.alert(alert_id)
        await note_look(audit, reader, "insight.action", alert_id)
        done = {"at": utc().isoformat(), "who": reader.who, "what": wish.what}
        changed = replace(alert, actions=(*alert.actions, done), owner=wish.owner or alert.owner)
        await alerts.keep_alert(changed)
        return asdict(changed)

    return router


def _mood(call_id: str, mood: Mood) -> dict[str, Any]:
    return {"call_id": call_id, "value": round(mood.value or 0.0, 3), "level": mood.level, "turns": mood.turns}


def escalations(reasons: Reasons) -> dict[str, Any]:
    """The Pareto of all, and of each intent; every code with its subcodes, for those who label."""
    by_intent: dict[str, list[ReasonCount]] = {}
    for one in reasons.counts:
        by_intent.setdefault(one.intent, []).append(one)
    ranked = sorted(by_intent.items(), key=lambda item: (-_total(item[1]), item[0]))
    return {
        "contacts": reasons.contacts,
        "escalated": _total(reasons.counts),
        "all": _pareto(reasons.counts),
        "by_intent": [{"intent": intent, "escalated": _total(own), "reasons": _pareto(own)} for intent, own in ranked],
        "codes": {code: list(subcodes) for code, subcodes in SUBCODES.items()},
    }


def _total(counts: Sequence[ReasonCount]) -> int:
    return sum(one.count for one in counts)


def _pareto(counts: Sequence[ReasonCount]) -> list[dict[str, Any]]:
    found = pareto((one.code, one.count) for one in counts)
    return [
        {
            "code": code, "count": count, "cumulative": round(share, 4),
            "subcodes": [{"subcode": name, "count": n} for name, n, _ in pareto(
                (one.subcode, one.count) for one in counts if one.code == code)],
        }
        for code, count, share in found
    ]  # fmt: skip


def strata_of(unrated: Sequence[tuple[str, str]]) -> dict[Any, list[tuple[str, str]]]:
    """Contacts in which the bot answered and nobody rated it, by topic: the ratings tell of the others."""
    strata: dict[Any, list[tuple[str, str]]] = {}
    for topic, contact_id in unrated:
        strata.setdefault(topic, []).append((contact_id, contact_id))
    return strata


def answer_shape(one: KeptContact, call: CallRecord) -> dict[str, Any]:
    """What was asked and answered, redacted, and what came of it."""
    turn = next((turn for turn in call.turns if turn.intent or turn.heard), Turn(0, ""))
    later = [other for other in call.turns if other.number > turn.number and other.heard]
    ended_early = call.disconnect_by == "customer" and not later
    return {
        "call_id": call.call_id, "at": call.arrived_at, "topic": one.contact.topic, "step": turn.step,
        "asked": redact(turn.heard), "answered": [redact(text) for text in turn.said],
        "then": [redact(other.heard) for other in later[:2]],
        "went_to_a_person": bool(one.contact.escalation_reason), "hung_up_at_once": ended_early,
        "came_back": one.contact.repeated,
    }  # fmt: skip
