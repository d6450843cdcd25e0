"""From an event to the dial: events over HTTP, signed, against the stand-in carrier's REST side.

    python -m benchmarks.event_to_ring --events 1000 --seconds 60 --waiting 10000

Event-to-dial is measured outside: from the moment a request is sent to the moment the carrier is asked for the call.
Bank and carrier are a program of their own (`benchmarks.bank`), so the CPU time is that of the server alone: taking the
event, dialling, hearing of ringing and end, and every write. Nobody answers these calls.
"""

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.bank import Figures
from benchmarks.campaign_centre import PATH, ROOT, SECRET, TOKEN, campaigns, centre
from benchmarks.figures import spread
from ivr.campaigns.cases import accept, digest
from ivr.logs import set_up_logs
from ivr.model.campaigns import Accepted, Alert, Case, PhoneCandidate
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade


async def fill(book: SqlCampaignBook, count: int) -> None:
    """Routine cases that wait already."""
    now = datetime.now(UTC)

    def new(alert: Alert, known: str, open_case: Case | None) -> Accepted:
        return accept("routine", "routine", alert, now, known_digest=known, open_case=open_case)

    alerts = [Alert("list", f"r{number}", f"r{number}", (PhoneCandidate(f"+142555{number:05d}"),), now)
              for number in range(count)]  # fmt: skip
    await asyncio.gather(*(book.receive("routine", one, digest(one), partial(new, one)) for one in alerts))


@contextmanager
def counted_statements() -> Iterator[Counter[str]]:
    """By database: `ivr` is ours, `durable` that of DBOS."""
    counted: Counter[str] = Counter()

    def count(connection: Any, *_: Any) -> None:
        counted["durable" if "durable" in str(connection.engine.url.database) else "ivr"] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def measure(events: int, seconds: float, waiting: int, url: str) -> None:
    engine = make_engine(database_url(url))
    await upgrade(engine)
    await fill(SqlCampaignBook(engine), waiting)
    await engine.dispose()
    bank = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bank", "--events", str(events), "--seconds", str(seconds),
        "--secret", SECRET, "--token", TOKEN, "--path", PATH,
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    assert bank.stdin
    assert bank.stdout
    there = (await bank.stdout.readline()).decode().strip()
    with counted_statements() as statements:
        async with centre(url, there, socket.create_server(("127.0.0.1", 0)), campaigns()) as here:
            cpu = time.process_time()
            bank.stdin.write(f"{here}\n".encode())
            figures = Figures(**json.loads(await bank.stdout.readline()))
            cpu = time.process_time() - cpu
    await bank.wait()
    dialled = len(figures.took) + figures.others
    took = spread(figures.took)
    print(f"{events} events in {seconds:.0f} s, {waiting} routine cases waiting, answers {figures.answers}")
    print(f"event to dial: p50 {took.p50:.3f} s, p95 {took.p95:.3f} s, p99 {took.p99:.3f} s; {took.count} dialled")
    print(f"lost {figures.lost}, dialled twice {figures.twice}, routine dialled {figures.others}")
    print(f"CPU of the server: {cpu / dialled * 1000:.1f} ms a call, {cpu / seconds * 100:.0f} % of a core")
    each = ", ".join(f"{name} {count / dialled:.1f}" for name, count in sorted(statements.items()))
    print(f"SQL statements a call: {each}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--events", type=int, default=1000)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--waiting", type=int, default=0)
    asked.add_argument("--database", default="", help="URL; else a SQLite file that is thrown away")
    given = asked.parse_args()
    set_up_logs("error", as_json=False)
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or sqlite_url(Path(folder) / "ivr.db")
        asyncio.run(measure(given.events, given.seconds, given.waiting, url))


if __name__ == "__main__":
    main()
