"""The steps of an attempt when carrier, database or this program fail at the worst moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from ivr.campaigns import cases
from ivr.campaigns.attempts import AttemptSteps, Hooks
from ivr.campaigns.calls import LiveAttempts
from ivr.model.campaign_ports import Decide, Looked
from ivr.model.campaigns import AttemptOutcome, Case, Circumstances
from ivr.model.errors import LineError, StoreError
from tests.campaigns.kit import TestCarrier, campaigns
from tests.campaigns.made import FIRST, NOON, alert

CASE = Case("k", "fraud_check", alert("e1", FIRST), NOON, "urgent")
ATTEMPT = cases.attempt_id("k", 1)


class StillClock:
    def now(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return NOON


class OneCase:
    """A book of one case that is away at times."""

    def __init__(self) -> None:
        self.kept, self.is_away = CASE, False

    async def change(self, case_id: str, decide: Decide, *, rules: bool = False) -> Case | None:
        if self.is_away:
            raise StoreError("away")
        change = decide(self.kept, Circumstances())
        self.kept = change.case if change else self.kept
        return change.case if change else None

    async def case(self, case_id: str) -> Case:
        return self.kept

    @property
    def provider_id(self) -> str:
        return self.kept.attempts[0].provider_id


@dataclass(slots=True)
class Lossy(TestCarrier):
    """Loses the answer to a dial where `loses`; asked later it knows of the call `placed`, and how it ended."""

    loses: bool = False
    placed: str = ""
    ended: AttemptOutcome | None = None

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        self.dialled.append((attempt_id, to))
        if self.loses:
            raise LineError("the answer was lost")
        return f"CA{attempt_id}"

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        return Looked(known=True, provider_id=self.placed)

    async def status(self, provider_id: str) -> Looked:
        return Looked(known=True, provider_id=provider_id, outcome=self.ended)


def steps_of(book: Any, carrier: TestCarrier, run: str = "first run") -> AttemptSteps:
    clock = StillClock()
    hooks = Hooks(lambda attempt, case: None, lambda attempt, case_id, case, outcome: None)
    return AttemptSteps(campaigns(), book, LiveAttempts(book, clock), carrier, clock, hooks, run)


def tried(carrier: Lossy, do: Callable[[OneCase, AttemptSteps], Awaitable[None]]) -> None:
    """`do` with an attempt that was written down and not dialled yet."""

    async def run() -> None:
        book = OneCase()
        steps = steps_of(book, carrier)
        assert await steps.begin("k", ATTEMPT) == "first run"
        await do(book, steps)

    asyncio.run(run())


def test_a_database_that_is_away_after_the_dial_is_no_reason_to_dial_again() -> None:
    carrier = Lossy()

    async def do(book: OneCase, steps: AttemptSteps) -> None:
        book.is_away = True
        with pytest.raises(StoreError):
            await steps.place("k", ATTEMPT, "first run")
        book.is_away = False
        assert await steps.place("k", ATTEMPT, "first run") is None
        assert book.provider_id == f"CA{ATTEMPT}"

    tried(carrier, do)
    assert carrier.dialled == [(ATTEMPT, FIRST)]


@pytest.mark.parametrize(("placed", "outcome"), [("CA1", None), ("", "network_error")])
def test_when_the_answer_to_a_dial_is_lost_the_carrier_is_asked(placed: str, outcome: str | None) -> None:
    carrier = Lossy(loses=True, placed=placed)

    async def do(book: OneCase, steps: AttemptSteps) -> None:
        assert await steps.place("k", ATTEMPT, "first run") == outcome
        assert book.provider_id == placed

    tried(carrier, do)
    assert len(carrier.dialled) == 1


@pytest.mark.parametrize(("placed", "dials"), [("CA1", 0), ("", 1)])
def test_after_a_crash_it_is_dialled_only_where_the_carrier_never_placed_it(placed: str, dials: int) -> None:
    carrier = Lossy(placed=placed, ended="no_answer")

    async def do(book: OneCase, steps: AttemptSteps) -> None:
        later = steps_of(book, carrier, "second run")
        assert await later.begin("k", ATTEMPT) == "first run"
        assert await later.place("k", ATTEMPT, "first run") is None
        assert book.provider_id == (placed or f"CA{ATTEMPT}")
        assert await later.wait("k", ATTEMPT, "first run") == "no_answer"
        await later.settle("k", ATTEMPT, "no_answer")
        assert book.kept.attempts[0].outcome == "no_answer"
        assert await later.begin("k", ATTEMPT) == ""

    tried(carrier, do)
    assert len(carrier.dialled) == dials
