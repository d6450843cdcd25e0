"""A day and eight weeks of a call centre for the pages of insight, written through the real store beside the server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

from ivr.insight.misses import items_of
from ivr.model.calls import SurveyRecord
from ivr.model.insight import KeptCall
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.web.live import LiveCalls
from ivr.wiring.contacts import ContactMaker
from ivr.wiring.topics import TopicWatch
from tests.insight.kept_calls import BANK, Script

HOUR = timedelta(hours=1)
QUESTIONS = ("do you sell gift cards", "can I buy gift cards", "do you have gift cards", "gift cards please")
"""What the bank's hotline does not know, in the words of four callers."""


def calls(now: datetime) -> list[KeptCall]:
    """Lost cards as every week, many more in the last full hour; balances; and people who ask for a person."""
    last = now.replace(minute=0, second=0, microsecond=0) - HOUR
    found = [_lost(f"week{week}", last - timedelta(weeks=week)) for week in range(1, 9)]
    found += [_lost(f"now{n}", last + timedelta(minutes=2 * n)) for n in range(14)]
    for n in range(12):
        found.append(_balance(n, now - HOUR * (n + 2)))
    found += [_asked(f"shop{n}", "shop/hours", now - HOUR * 4 - timedelta(minutes=7 * n), words)
              for n, words in enumerate(QUESTIONS)]  # fmt: skip
    found += [_asked(f"gift{n}", "bank/hotline", now - HOUR * 3 - timedelta(minutes=7 * n), words)
              for n, words in enumerate(QUESTIONS)]  # fmt: skip
    return found


def _lost(name: str, at: datetime) -> KeptCall:
    script = Script(name, f"+1555010{crc32(name.encode()) % 1000:03}", at)
    return script.says("I have lost my card", "hotline.greet", "card_lost").call("self_service_completed")


def _balance(n: int, at: datetime) -> KeptCall:
    script = Script(f"balance{n}", f"+1555020{n:04}", at).says("what is my balance", "hotline.greet", "balance")
    whole = script.call("self_service_completed")
    survey = SurveyRecord("completed", "", {"csat": str(3 + n % 3), "resolved": "yes"}, "s1")
    return replace(whole, record=replace(whole.record, survey=survey if n % 2 else whole.record.survey))


def _asked(name: str, flow: str, at: datetime, words: str) -> KeptCall:
    """Not understood twice, then put through to a person."""
    script = Script(name, f"+1555030{crc32(name.encode()) % 10_000:04}", at)
    script.says(words, "hotline.greet", no_match=True).says(words, "hotline.greet", no_match=True)
    script.says("a person please", "hotline.greet", control="agent")
    whole = script.call("agent_completed", handled_by="both", escalation_reason="no_match")
    return replace(whole, record=replace(whole.record, flow=flow))


async def write_history(database: Path) -> None:
    """Into the database of a server that runs: calls, contacts, the trainer's items, and the alert of the topic."""
    now = datetime.now(UTC)
    async with open_store(sqlite_url(database), node="history") as store:
        await _keep(store, calls(now))
        made: list[KeptCall] = calls(now)
        maker = ContactMaker(store.contacts, store.agent_time, lambda flow: BANK, timedelta(0))
        await maker.run(now)
        await store.trainer.keep([item for call in made for item in items_of(call, BANK)])
        watch = TopicWatch(store.contacts, store.trainer, LiveCalls(), ZoneInfo("UTC"), settled=timedelta(0))
        await watch.run(now + timedelta(minutes=2))


async def _keep(store: SqlCallStore, made: list[KeptCall]) -> None:
    for one in made:
        await store.begin(one.record)
        for entry in one.journal:
            store.append(one.record.call_id, entry)
        await store.finish(one.record)
