"""What is known of a caller from before: their earlier calls, complaints about agents, what they are worth to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.acquaintance import PastCall
from ivr.model.insight import KeptContact
from ivr.store.contacts import SHAPE
from ivr.store.customer_values import tier_at
from ivr.store.insight_tables import contacts
from ivr.store.reading import rows_of
from ivr.store.rows import to_ms
from ivr.store.survey_tables import customer_values, recovery_cases

MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Past:
    """Of one caller; empty where nothing is known."""

    calls: tuple[PastCall, ...] = ()
    """Newest first."""

    subjects: tuple[str, ...] = ()
    """Agents whom a complaint was found to be about."""

    customer: str = ""
    tier: str = ""


class Acquaintances:
    """Raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def past(self, names: Sequence[str], since: datetime, now: datetime) -> Past:
        """Everything since then of a customer under each of their names (id, number), and their standing now."""
        of = contacts.c
        mine = of.customer.in_(names), of.arrived_at_ms >= to_ms(since), of.direction == "inbound"
        kept = await rows_of(
            self._engine, select(of.facts).where(*mine).order_by(of.arrived_at_ms.desc()).limit(MOST_CALLS)
        )
        cases = recovery_cases.c
        about = cases.customer.in_(names), cases.root_cause == "agent", cases.opened_at_ms >= to_ms(since)
        blamed = await rows_of(self._engine, select(cases.agent).where(*about).distinct())
        worth = customer_values.c
        known = await rows_of(self._engine, select(customer_values).where(worth.customer.in_(names), worth.is_active))
        known.sort(key=lambda row: names.index(row["customer"]))
        return Past(
            tuple(_call(SHAPE.validate_json(row["facts"])) for row in kept),
            tuple(row["agent"] for row in blamed if row["agent"]),
            known[0]["customer"] if known else "",
            tier_at(known[0], to_ms(now)) if known else "",
        )


def _call(kept: KeptContact) -> PastCall:
    contact = kept.contact
    said = contact.survey.answers.get("csat", "") if contact.survey else ""
    gave_up = bool(contact.visits) and contact.visits[-1].outcome == "abandoned"
    return PastCall(
        contact.arrived_at.timestamp(), contact.issue_family, contact.agent,
        int(said) if said in ("1", "2", "3", "4", "5") else None, gave_up and not contact.agent,
    )  # fmt: skip
