"""Today's figures: read once for all, and read on from where they were."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ivr.console.contacts import contact_of
from ivr.console.pulse import Pulse, next_beat
from ivr.console.today import Day, Today
from ivr.model.calls import CallRecord
from ivr.store.calls import SqlCallStore, open_store
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call


class Clock:
    def __init__(self) -> None:
        self.at = NOON + timedelta(minutes=30)

    def utc(self) -> datetime:
        return self.at


async def kept(store: SqlCallStore, *records: CallRecord) -> None:
    for record in records:
        await store.begin(record)
        if record.ended_at:
            await store.finish(record)


def test_a_call_that_ends_and_one_that_comes_are_counted_when_they_are_looked_at_next(tmp_path: Path) -> None:
    clock = Clock()

    async def scenario() -> list[Day]:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            today = Today(store.archive, clock.utc)
            await kept(store, replace(live_call("yesterday"), arrived_at=NOON - timedelta(days=2)), live_call("c1"))
            days = [await today.day()]
            await kept(store, ended_call("c1"), live_call("c2", minute=5))
            days.append(await today.day())
            clock.at += timedelta(seconds=3)
            return [*days, await today.day()]

    first, at_once, later = asyncio.run(scenario())
    assert (first.calls, sum(first.by_hour), first.handled) == (1, 1, {})
    assert at_once is first
    assert (later.calls, later.handled) == (2, {"bot": 1})
    assert later.csat is not None
    assert (later.csat.numerator, later.csat.denominator) == (1, 1)


def test_at_midnight_it_begins_anew(tmp_path: Path) -> None:
    clock = Clock()

    async def scenario() -> tuple[Day, Day]:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            today = Today(store.archive, clock.utc)
            await kept(store, ended_call("c1"))
            before = await today.day()
            clock.at += timedelta(days=1)
            return before, await today.day()

    before, after = asyncio.run(scenario())
    assert (before.calls, after.calls) == (1, 0)


def test_a_record_becomes_a_contact_with_its_survey() -> None:
    contact = contact_of(ended_call())
    assert (contact.contact_id, contact.flow, contact.end_reason) == ("c1", "bank/hotline", "survey_completed")
    assert contact.survey is not None
    assert contact.survey.answers["csat"] == "5"


def test_everybody_who_listens_feels_the_beat_until_they_leave() -> None:
    async def scenario() -> list[bool]:
        pulse = Pulse()
        one, other = pulse.listen(), pulse.listen()
        pulse.forget(other)
        pulse.beat()
        felt = [one.is_set(), other.is_set()]
        await next_beat(one, 60.0)
        felt.append(one.is_set())
        await next_beat(one, 0.001)
        return felt

    assert asyncio.run(scenario()) == [True, False, False]
