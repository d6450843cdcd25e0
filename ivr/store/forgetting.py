"""What of a call is somebody's words, and the statements that take it away; what happened and the figures stay."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.model.redaction import redact
from ivr.store.insight_tables import answer_verdicts, contacts, topic_alerts, trainer_items
from ivr.store.tables import agent_notes, calls, journal, messages, survey_answers, surveys, turns

ON_A_SCALE = re.compile(r"\d{1,2}|yes|no", re.ASCII)
"""Answers of a survey that are figures; anything else is the caller's words."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much went."""

    calls: int = 0
    turns: int = 0
    journal_entries: int = 0
    messages: int = 0
    comments: int = 0
    sound_files: int = 0
    trainer_items: int = 0
    campaign_cases: int = 0
    recovery_cases: int = 0
    customer_rows: int = 0
    """What was known of the customer: value, scores, when they were asked; and what waits to be told or to call."""

    def __add__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Forgotten)))


async def message_files(connection: AsyncConnection, call_ids: Sequence[str]) -> list[str]:
    found = select(messages.c.path).where(messages.c.call_id.in_(call_ids), messages.c.path != "")
    return list((await connection.execute(found)).scalars())


async def forget_words(connection: AsyncConnection, call_ids: Sequence[str]) -> Forgotten:
    """Transcripts, journals, messages, comments, agents' notes, and what the trainer and the cards of topics have of
    these calls. Steps, intents, times and scores stay."""
    await _forget_quotations(connection, call_ids)
    spoken = turns.c.call_id.in_(call_ids)
    counted = await connection.scalar(select(func.count()).select_from(turns).where(spoken))
    await connection.execute(update(turns).where(spoken).values(heard="", keys="", said=[]))
    entries = await connection.execute(delete(journal).where(journal.c.call_id.in_(call_ids)))
    left = await connection.execute(delete(messages).where(messages.c.call_id.in_(call_ids)))
    await connection.execute(update(agent_notes).where(agent_notes.c.call_id.in_(call_ids)).values(text=""))
    judged = update(answer_verdicts).where(answer_verdicts.c.contact_id.in_(call_ids))
    await connection.execute(judged.values(note=""))
    # Facts of a call are what its caller said, too.
    await connection.execute(update(calls).where(calls.c.call_id.in_(call_ids)).values(notes={}))
    comments = await _forget_comments(connection, call_ids)
    learned = await connection.execute(delete(trainer_items).where(trainer_items.c.call_id.in_(call_ids)))
    return Forgotten(
        len(call_ids), int(counted or 0), entries.rowcount, left.rowcount, comments, trainer_items=learned.rowcount
    )


async def _forget_quotations(connection: AsyncConnection, call_ids: Sequence[str]) -> None:
    """Sentences of these calls go from the cards of topics, which show some as examples."""
    said = select(turns.c.heard).where(turns.c.call_id.in_(call_ids), turns.c.heard != "")
    words = {redact(heard) for heard in (await connection.execute(said)).scalars()}
    if not words:
        return
    began = select(func.min(calls.c.arrived_at_ms)).where(calls.c.call_id.in_(call_ids))
    shown = select(topic_alerts).where(topic_alerts.c.at_ms >= (await connection.scalar(began) or 0))
    for row in (await connection.execute(shown)).mappings().all():
        card = json.loads(row["facts"])
        kept = [text for text in card.get("utterances", ()) if text not in words]
        if kept != card.get("utterances", []):
            same = topic_alerts.c.alert_id == row["alert_id"]
            await connection.execute(
                update(topic_alerts).where(same).values(facts=json.dumps(card | {"utterances": kept}))
            )


async def _forget_comments(connection: AsyncConnection, call_ids: Sequence[str]) -> int:
    gone = 0
    for row in (await connection.execute(select(surveys).where(surveys.c.call_id.in_(call_ids)))).mappings().all():
        kept = _figures(row["answers"])
        if kept != row["answers"]:
            gone += len(row["answers"]) - len(kept)
            await connection.execute(update(surveys).where(surveys.c.call_id == row["call_id"]).values(answers=kept))
    answered = select(survey_answers).where(survey_answers.c.call_id.in_(call_ids))
    for row in (await connection.execute(answered)).mappings().all():
        if not ON_A_SCALE.fullmatch(row["value"]):
            same = (survey_answers.c.call_id == row["call_id"], survey_answers.c.name == row["name"])
            await connection.execute(delete(survey_answers).where(*same))
    for row in (await connection.execute(select(contacts).where(contacts.c.contact_id.in_(call_ids)))).mappings().all():
        if kept_facts := _facts_without_comments(row["facts"]):
            same_contact = contacts.c.contact_id == row["contact_id"]
            await connection.execute(update(contacts).where(same_contact).values(facts=kept_facts))
    return gone


def _facts_without_comments(facts: str) -> str:
    """Empty: there were none."""
    whole = json.loads(facts)
    survey = (whole.get("contact") or {}).get("survey") or {}
    answers = survey.get("answers") or {}
    if (kept := _figures(answers)) == answers:
        return ""
    survey["answers"] = kept
    return json.dumps(whole)


def _figures(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if ON_A_SCALE.fullmatch(str(value))}
