"""How long every page's question to the database takes over a month of calls.

`python -m benchmarks.reports --calls 200000 --url sqlite` makes the month (`ivr generate-history`) in a file of its own
and asks each question a number of times; `--url postgresql` does the same on a server of its own, which needs
PostgreSQL installed. Any other `--url` names a database that has a history already, and nothing is written to it.
Times are of the whole question: database, reading, counting; not of drawing a page.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.figures import spread, table
from ivr.console.today import Today
from ivr.insight.reports import Wanted
from ivr.store.archive import CallFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.store.surveys import SurveyFilter
from ivr.store.trainer import ItemFilter
from ivr.web.reporting import Reports
from ivr.web.reports import Period, figures_of
from tests.postgres import ABSENT, binaries, cluster

UNTIL = datetime(2026, 11, 22, 10, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MONTH, WEEK, DAY = timedelta(days=30), timedelta(days=7), timedelta(days=1)
SHOWN = ("offered", "service_level", "asa", "abandonment_rate", "csat", "containment_rate")

Question = Callable[[], Awaitable[object]]


def questions(store: SqlCallStore, call_id: str, caller: str) -> dict[str, Question]:
    """By name: what pages and routes ask."""
    return {
        **_reports(store), **_calls(store, call_id, caller), **_surveys(store), **_insight(store),
    }  # fmt: skip


def _reports(store: SqlCallStore) -> dict[str, Question]:
    reports = Reports(store.contacts, store.rollups, store.agent_time)

    def asked(span: timedelta, wanted: Wanted, flow: str = "", until: datetime = UNTIL) -> Question:
        # To the minute, not to the day: the ends of the time are what cannot be added up beforehand.
        period = Period(until - span + timedelta(minutes=7), until, ZONE, flow)
        return lambda: figures_of(reports, period, wanted, UNTIL)

    found = {
        f"report, month, by {by or 'nothing'}, all figures": asked(MONTH, Wanted(by))
        for by in ("", "queue", "intent", "topic", "flow", "flow_version", "language", "agent", "hour", "step")
    }  # fmt: skip
    return found | {
        "report, month, by half hour, six figures": asked(MONTH, Wanted("interval", SHOWN)),
        "report, month, by day, all figures": asked(MONTH, Wanted("interval", minutes=1440)),
        "report, month, by day, of one queue": asked(MONTH, Wanted("interval", SHOWN, 1440, queue="general")),
        "report, month, by day, of one agent": asked(MONTH, Wanted("interval", SHOWN, 1440, agent="ada")),
        "report, month, by agent, of one queue": asked(MONTH, Wanted("agent", SHOWN, queue="card_emergency")),
        "report, month, of one flow, by intent": asked(MONTH, Wanted("intent"), "bank/hotline"),
        "report, day, by hour, all figures": asked(DAY, Wanted("hour")),
        "report, day, all figures": asked(DAY, Wanted()),
        "report, month, one figure": asked(MONTH, Wanted(names=("service_level",))),
    }


def _calls(store: SqlCallStore, call_id: str, caller: str) -> dict[str, Question]:
    archive = store.archive

    def page(**wanted: object) -> Question:
        return lambda: archive.page(CallFilter(**wanted))  # type: ignore[arg-type]

    async def deep() -> None:
        """Twenty pages of the list, one after the other, from the middle of the month."""
        cursor = ""
        for _ in range(20):
            found = await archive.page(CallFilter(until=UNTIL - MONTH / 2, cursor=cursor))
            cursor = found.next_cursor

    return {
        "calls, first page": page(),
        "calls, of one flow": page(flow="appliance/hotline"),
        "calls, of one caller": page(caller=caller),
        "calls, of a caller who never called": page(caller="+15550000000"),
        "calls, with a rare outcome": page(outcome="nothing of the kind"),
        "calls, with an outcome": page(outcome="card_frozen"),
        "calls, by survey": page(survey="completed"),
        "calls, by a survey nobody has": page(survey="deferred"),
        "calls, 20 pages from the middle": deep,
        "call, whole": lambda: archive.call(call_id),
        "call, journal": lambda: archive.journal(call_id),
        "wallboard, first look at today": lambda: _today(store),
    }


async def _today(store: SqlCallStore) -> None:
    await Today(store.archive, lambda: UNTIL).day()


def _surveys(store: SqlCallStore) -> dict[str, Question]:
    book = store.surveys
    return {
        "surveys, first page": lambda: book.page(SurveyFilter()),
        "surveys, of one status": lambda: book.page(SurveyFilter(status="completed")),
        "surveys, of one segment": lambda: book.page(SurveyFilter(segment="critical")),
        "satisfaction, segments of a month": lambda: book.segments(UNTIL - MONTH, UNTIL),
    }


def _insight(store: SqlCallStore) -> dict[str, Question]:
    lists = store.lists
    return {
        "insight, reasons of a month": lambda: lists.reasons(UNTIL - MONTH, UNTIL),
        "insight, reasons of a month, one flow": lambda: lists.reasons(UNTIL - MONTH, UNTIL, "bank/hotline"),
        "insight, unrated answers of a week": lambda: lists.unrated(UNTIL - WEEK, UNTIL),
        "insight, topics by hour, nine weeks": lambda: store.contacts.topic_hours(UNTIL - 9 * WEEK, UNTIL),
        "insight, calls of a reason": lambda: store.escalated.newest(UNTIL - MONTH, UNTIL, "misrecognized"),
        "trainer, items": lambda: store.trainer.items(ItemFilter(flow="bank/hotline", status="new")),
        "cases, first page": lambda: store.trainer.alerts(UNTIL - MONTH),
    }


async def measure(url: str, times: int, only: str) -> list[tuple[str, ...]]:
    async with open_store(url, node="benchmark") as store:
        page = await store.archive.page(CallFilter(limit=50))
        call = page.calls[-1]
        rows = []
        for name, ask in questions(store, call.call_id, call.caller).items():
            if only not in name:
                continue
            await ask()
            took = []
            for _ in range(times):
                begun = time.perf_counter()
                await ask()
                took.append(time.perf_counter() - begun)
            found = spread(took)
            rows.append((name, *(f"{(one or 0) * 1000:.0f}" for one in (found.p50, found.p95, found.p99))))
            print(f"{rows[-1][0]:55} {' '.join(one.rjust(7) for one in rows[-1][1:])}", flush=True)
        return rows


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """A database of our own, or the one that is named."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="ivr-reports-") as folder:
            yield sqlite_url(Path(folder) / "history.db")
    elif kind == "postgresql":
        where = binaries()
        if where is None:
            sys.exit(ABSENT)
        with cluster(where) as url:
            yield url
    else:
        yield kind


def generate(url: str, calls: int) -> None:
    begun = time.perf_counter()
    until = f"{UNTIL:%Y-%m-%dT%H:%M}"
    command = [sys.executable, "-m", "ivr", "generate-history", "--calls", str(calls), "--until", until]
    subprocess.run(command, check=True, env={**os.environ, "IVR_DATABASE_URL": url})
    print(f"history of {calls} calls generated in {time.perf_counter() - begun:.0f} s")


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--calls", type=int, default=200_000)
    reading.add_argument("--url", default="sqlite", help="sqlite, postgresql, or the URL of a history that is there")
    reading.add_argument("--times", type=int, default=20)
    reading.add_argument("--only", default="", help="questions whose name holds this")
    wanted = reading.parse_args()
    with a_database(wanted.url) as url:
        if wanted.url in ("sqlite", "postgresql"):
            generate(url, wanted.calls)
        rows = asyncio.run(measure(url, wanted.times, wanted.only))
    print()
    print(table(("question, milliseconds", "p50", "p95", "p99"), rows))


if __name__ == "__main__":
    main()
