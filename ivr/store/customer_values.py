"""What customers are worth, in the database: facts with their source, standing, history of scores (domain.md 2.7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.errors import NotThere, StoreError
from ivr.store.engine import is_sqlite
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.survey_tables import customer_scores, customer_values

COMPONENTS = ("recency_days", "frequency", "money", "potential", "referrals")


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Observed facts of one customer. None: not known. No occupation, income or contacts (domain.md App. D-5)."""

    customer: str
    """Id, or E.164."""

    source: str
    recency_days: float | None = None
    """Days since the last purchase."""

    frequency: float | None = None
    money: float | None = None
    potential: float | None = None
    referrals: float | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class KeptStanding:
    facts: CustomerFacts
    value: float | None = None
    confidence: float = 0.0
    tier: str = "standard"
    below: int = 0
    override_tier: str = ""
    override_reason: str = ""
    override_until: datetime | None = None
    history: tuple[tuple[datetime, float, str, str], ...] = field(default=())
    """(at, value, tier, model version), oldest first; only where one customer was asked for."""


class CustomerValues:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime]) -> None:
        self._engine, self._utc = engine, utc

    async def keep_facts(self, facts: Sequence[CustomerFacts]) -> None:
        """New facts, or others of known customers; their standing stays until the next scoring."""
        new = (sqlite if is_sqlite(self._engine.url) else postgresql).insert(customer_values)
        about = {name: new.excluded[name] for name in (*COMPONENTS, "source", "is_active", "changed_at_ms")}
        statement = new.on_conflict_do_update(index_elements=["customer"], set_=about)
        rows = [_facts_row(one) | _NEW | {"changed_at_ms": to_ms(self._utc())} for one in facts]
        if rows:
            await self._write([(statement, rows)])

    async def all_active(self) -> tuple[KeptStanding, ...]:
        query = select(customer_values).where(customer_values.c.is_active)
        return tuple(_standing(row) for row in await rows_of(self._engine, query))

    async def standing(self, customer: str) -> KeptStanding:
        """With history.

        Raises:
            NotThere: nobody of that name.
        """
        query = select(customer_values).where(customer_values.c.customer == customer)
        found = await rows_of(self._engine, query)
        if not found:
            raise NotThere("nothing is known of a customer of that name")
        mine = customer_scores.c.customer == customer
        scores = await rows_of(self._engine, select(customer_scores).where(mine).order_by(customer_scores.c.at_ms))
        history = tuple((from_ms(row["at_ms"]), row["value"], row["tier"], row["model_version"]) for row in scores)
        return _standing(found[0], history)

    async def keep_scores(self, standings: Sequence[KeptStanding], at: datetime, model_version: str) -> None:
        """New standings, and a line of history each; a second scoring at the same moment changes nothing."""
        scored = [one for one in standings if one.value is not None]
        if not scored:
            return
        new = (sqlite if is_sqlite(self._engine.url) else postgresql).insert(customer_scores)
        history = [
            {"customer": one.facts.customer, "at_ms": to_ms(at), "value": one.value, "tier": one.tier,
             "model_version": model_version} for one in scored
        ]  # fmt: skip
        steps: list[tuple[Any, Any]] = [
            (
                update(customer_values).where(customer_values.c.customer == one.facts.customer).values(
                    value=one.value, confidence=one.confidence, tier=one.tier, below=one.below, changed_at_ms=to_ms(at)
                ),
                None,
            )
            for one in scored
        ]  # fmt: skip
        await self._write([*steps, (new.on_conflict_do_nothing(index_elements=["customer", "at_ms"]), history)])

    async def last_scored(self) -> datetime | None:
        query = select(func.max(customer_scores.c.at_ms).label("at"))
        found = (await rows_of(self._engine, query))[0]["at"]
        return None if found is None else from_ms(found)

    async def override(self, customer: str, tier: str, reason: str, until: datetime) -> None:
        """A person decided otherwise, until then. Raises NotThere: nobody of that name."""
        await self.standing(customer)
        row = {"override_tier": tier, "override_reason": reason, "override_until_ms": to_ms(until)}
        mine = customer_values.c.customer == customer
        await self._write([(update(customer_values).where(mine).values(row), None)])

    async def tiers(self, now: datetime) -> Mapping[str, str]:
        """Who is above standard now, overrides counted."""
        found = await rows_of(self._engine, select(customer_values).where(customer_values.c.is_active))
        tiers = {row["customer"]: tier_at(row, to_ms(now)) for row in found}
        return {customer: tier for customer, tier in tiers.items() if tier != "standard"}

    async def _write(self, steps: Sequence[tuple[Any, Any]]) -> None:
        try:
            async with self._engine.begin() as connection:
                for statement, rows in steps:
                    await connection.execute(statement, rows)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"customer values cannot be written just now ({type(error).__name__})") from error


_NEW: dict[str, Any] = {
    "value": None, "confidence": 0.0, "tier": "standard", "below": 0, "override_tier": "", "override_reason": "",
    "override_until_ms": None,
}  # fmt: skip


def tier_at(row: Mapping[Any, Any], now_ms: int) -> str:
    until = row["override_until_ms"]
    return str(row["override_tier"] if until is not None and now_ms < until else row["tier"])


def _facts_row(facts: CustomerFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in ("customer", "source", "is_active", *COMPONENTS)}


def _standing(row: Mapping[Any, Any], history: tuple[tuple[datetime, float, str, str], ...] = ()) -> KeptStanding:
    facts = CustomerFacts(**{name: row[name] for name in ("customer", "source", "is_active", *COMPONENTS)})
    until = row["override_until_ms"]
    return KeptStanding(
        facts, row["value"], row["confidence"], row["tier"], row["below"], row["override_tier"],
        row["override_reason"], from_ms(until) if until is not None else None, history,
    )  # fmt: skip
