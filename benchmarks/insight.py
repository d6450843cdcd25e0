"""Processor time of reports, of making contacts, of mining: `python -m benchmarks.insight [calls] [sentences]`."""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.insight.mining import Known, mine
from ivr.insight.reports import Wanted, figures
from ivr.model.calls import CallRecord, JournalEntry, Leg, Turn
from ivr.model.events import Heard, PlaybackStarted
from ivr.model.insight import FlowFacts, TrainerItem
from ivr.model.meaning import IntentGuess, Meaning
from ivr.store.calls import open_store
from ivr.store.engine import sqlite_url
from ivr.wiring.contacts import ContactMaker

DAY = datetime(2026, 11, 20, tzinfo=UTC)
ENDINGS = ("today", "now", "for my son", "")
INTENTS = ("balance", "hours", "lost_card", "branch", "fees")
OPENINGS = ("I want to", "can I", "how do I", "please", "I'd like to", "could you help me")
THINGS = (
    "open a savings account", "raise my card limit", "change my address", "close my account", "get a new pin",
    "exchange euros", "send money abroad", "dispute a charge", "order a cheque book", "add a joint holder",
)  # fmt: skip


def record(number: int, rng: random.Random) -> tuple[CallRecord, list[JournalEntry]]:
    """A call of four turns."""
    at = DAY + timedelta(seconds=rng.randrange(86_000))
    turns, journal = [Turn(0, "", said=("Hello.",))], [JournalEntry(0, 0.1, PlaybackStarted(1))]
    for place in range(1, 5):
        intent = rng.choice(INTENTS) if place % 2 else ""
        text, end = f"turn {place} about {intent}", place * 8.0
        step = f"hotline.s{place}"
        guesses = (IntentGuess(intent, 0.9),) if intent else ()
        journal.append(JournalEntry(place * 2, end + 0.5, Heard(text, 0.9, meaning=Meaning(text, guesses))))
        journal.append(JournalEntry(place * 2 + 1, end + 1.0, PlaybackStarted(place + 1)))
        latency = {"total": rng.uniform(0.4, 2.0), "end_of_turn": 0.4, "recognition": 0.1}
        turns.append(Turn(place, step, text, 0.9, "", intent, 0.9, ("Ok.",), end - 2, end, end + 1, latency))
    made = CallRecord(
        f"call{number}", Leg("twilio"), f"+1555{rng.randrange(5000):07}", "+15550100", "inbound", "bank/hotline", "v1",
        "en", at, at, at + timedelta(seconds=60), "self_service_completed", "customer",
        path=tuple(turn.step for turn in turns if turn.step), turns=tuple(turns),
    )  # fmt: skip
    return made, journal


def timed(name: str, repeat: int, run: Callable[[], object]) -> None:
    took = []
    for _ in range(repeat):
        begin = time.process_time()
        run()
        took.append(time.process_time() - begin)
    took.sort()
    print(f"{name}: p50 {took[len(took) // 2] * 1000:.0f} ms, worst {took[-1] * 1000:.0f} ms")


async def reports(calls: int) -> None:
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(sqlite_url(Path(folder) / "ivr.db"), wait_seconds=60) as store:
            for begin in range(0, calls, 500):
                made = [record(number, rng) for number in range(begin, min(begin + 500, calls))]
                await asyncio.gather(*(store.begin(one) for one, _ in made))
                for one, journal in made:
                    for entry in journal:
                        store.append(one.call_id, entry)
                await asyncio.gather(*(store.finish(one) for one, _ in made))
            maker = ContactMaker(store.contacts, store.agent_time, lambda flow: FlowFacts())
            begun = time.process_time()
            there = await maker.run(DAY + timedelta(days=2))
            took = time.process_time() - begun
            print(f"contacts made: {there} in {took:.1f} s ({took / there * 1e3:.2f} ms each)")
            begun = time.process_time()
            kept = await store.contacts.read(DAY, DAY + timedelta(days=2), DAY + timedelta(days=9))
            print(f"contacts read: {len(kept)} in {time.process_time() - begun:.2f} s")
    zone = ZoneInfo("Europe/Berlin")
    timed("all figures of the day", 5, lambda: figures(kept, (), Wanted(), zone))
    timed("all figures by intent", 5, lambda: figures(kept, (), Wanted("intent"), zone))
    timed("all figures by half hour", 5, lambda: figures(kept, (), Wanted("interval"), zone))


def mining(sentences: int) -> None:
    rng = random.Random(2)
    items = [
        TrainerItem(f"c{number}:1:no_match", f"c{number}", DAY - timedelta(hours=rng.randrange(300)), "bank/hotline",
                    "en", f"{rng.choice(OPENINGS)} {rng.choice(THINGS)} {rng.choice(ENDINGS)} {number}",
                    "no_match")
        for number in range(sentences)
    ]  # fmt: skip
    known = {"en": Known({"balance": ["what is my balance"]}, {})}
    timed(f"mining {sentences} different sentences", 5, lambda: mine(items, known, DAY))


if __name__ == "__main__":
    mining(int(sys.argv[2]) if len(sys.argv) > 2 else 3000)
    asyncio.run(reports(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
