"""Contacts in a line each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.model.calls import SurveyRecord
from ivr.model.contacts import BotPart, Contact, OfferMade, OfferOutcome, QueueVisit

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def later(seconds: float = 0, days: float = 0) -> datetime:
    return START + timedelta(seconds=seconds, days=days)


def queued(outcome: str, wait: float = 0.0, queue: str = "cards", offers: tuple[OfferOutcome, ...] = ()) -> Contact:
    """A contact that waited and left its queue in this way."""
    visit = QueueVisit(
        queue,
        START,
        later(wait) if outcome else None,
        outcome,
        offers=tuple(OfferMade("ann", 5.0, made) for made in offers),
    )
    return Contact(f"{outcome}-{wait}", START, visits=(visit,))


def surveyed(**answers: str) -> Contact:
    return Contact("s", START, end_reason="agent_completed", survey=SurveyRecord("completed", answers=answers))


def bot(end_reason: str = "self_service_completed", repeated: bool | None = None, **facts: Any) -> Contact:
    """A contact that only the bot handled."""
    return Contact(
        "b",
        START,
        answered_by_ivr_at=START,
        end_reason=end_reason,
        handled_by="bot",
        bot=BotPart(**facts),
        repeated=repeated,
    )


def with_survey(contact: Contact, **answers: str) -> Contact:
    return replace(contact, survey=SurveyRecord("completed", answers=answers))
