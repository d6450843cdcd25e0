"""Callers as they are known from before, looked up by the server when they come to a queue."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ivr.config import Config
from ivr.model.acquaintance import Acquaintance, PastCall, PastRules
from ivr.model.errors import StoreError
from ivr.model.people import Handoff
from ivr.store.acquaintances import Past
from ivr.wiring.acquaintances import Recollection

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Shelf:
    """A store that answers, is away, or never answers."""

    def __init__(self, past: Past | None, error: Exception | None = None) -> None:
        self.past_of, self.error = past, error
        self.asked: list[tuple[Sequence[str], datetime]] = []

    async def past(self, names: Sequence[str], since: datetime, now: datetime) -> Past:
        self.asked.append((names, since))
        if self.error:
            raise self.error
        return self.past_of or await asyncio.get_running_loop().create_future()


def known(shelf: Shelf, handoff: Handoff, seconds: float = 5.0) -> Acquaintance:
    found = Recollection(shelf, PastRules(), lambda: NOW, seconds)  # type: ignore[arg-type]
    return asyncio.run(found.of(handoff))


def test_who_they_are_and_who_knows_them_are_put_together() -> None:
    shelf = Shelf(Past((PastCall(NOW.timestamp() - 3600, "card_lost", "ann"),), ("bob",), "C-7", "gold"))
    about = Handoff("c1", "+15555550100", customer="C-7", intent="card_lost")
    assert known(shelf, about) == Acquaintance("C-7", "gold", "ann", frozenset({"bob"}), is_repeat=True)
    assert shelf.asked == [(["C-7", "+15555550100"], datetime(2026, 8, 24, 12, 0, tzinfo=UTC))]


def test_a_withheld_number_is_not_looked_up() -> None:
    shelf = Shelf(None)
    assert (known(shelf, Handoff("c1")), shelf.asked) == (Acquaintance(), [])


@pytest.mark.parametrize("shelf", [Shelf(None), Shelf(None, StoreError("away"))])
def test_a_store_that_is_away_or_slow_makes_strangers_and_nobody_waits_for_it(shelf: Shelf) -> None:
    assert known(shelf, Handoff("c1", "+15555550100"), 0.01) == Acquaintance()


def test_the_rules_are_those_of_the_file() -> None:
    written = {"past_calls": {"sticky_days": 1, "repeat_hours": 2, "low_score": 3, "avoid_days": 4}}
    assert Config.model_validate(written).past_calls.rules() == PastRules(1, 2, 3, 4)
    assert Config().past_calls.rules() == PastRules()
