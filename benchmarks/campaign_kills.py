"""Kills a server of campaigns at random moments while events come in and calls go out, and starts it again, until every
case is settled. Then counts, in the stand-in carrier's own log and in the database: a case that is not settled or
settled twice, an attempt that was dialled twice, a call that nobody wrote down.

    python -m benchmarks.campaign_kills --cases 200
"""

import argparse
import asyncio
import random
import socket
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import select

from benchmarks.bank import AGAIN_SECONDS, event_body, serving, taken
from benchmarks.campaign_centre import PATH, ROOT, SECRET, TOKEN
from ivr.logs import set_up_logs
from ivr.model.campaigns import OPEN_STATES
from ivr.store.campaign_tables import campaign_attempts, campaign_cases, campaign_letters
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade
from ivr.store.tables import audit
from telephony.standin.rest import StandInRest
from telephony.standin.webhooks import Addresses

PATIENCE_SECONDS = 120.0


@dataclass(slots=True)
class Outcome:
    kills: int = 0
    states: Counter[str] = field(default_factory=Counter)
    dialled: Counter[str] = field(default_factory=Counter)
    """Calls by attempt, as the carrier remembers them."""

    written: frozenset[str] = frozenset()
    """Attempts in the database."""

    settled: Counter[str] = field(default_factory=Counter)
    """How often each case was settled, in the audit."""

    letters: int = 0

    @property
    def open(self) -> int:
        return sum(self.states[state] for state in OPEN_STATES)

    @property
    def dialled_twice(self) -> int:
        return sum(many > 1 for many in self.dialled.values())

    @property
    def settled_twice(self) -> int:
        return sum(many > 1 for many in self.settled.values())


@dataclass(slots=True)
class Trial:
    url: str
    cases: int
    chance: random.Random
    port: int = 0
    carrier: StandInRest = field(default_factory=lambda: StandInRest(Addresses("", ""), TOKEN))

    async def run(self, kills: int, longest: float) -> Outcome:
        """
        Args:
            longest: seconds from a server's being ready to its being killed, at most.
        """
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        here = f"http://127.0.0.1:{self.port}"
        self.carrier.addresses = Addresses(here, here)
        # Some answer and confirm, some never do, some are busy.
        self.carrier.ends_with = lambda to: ("completed", "completed", "no-answer", "busy")[int(to[-2:]) % 4]
        await _with_tables(self.url)
        bound = socket.create_server(("127.0.0.1", 0))
        async with serving(self.carrier.app, bound) as there, asyncio.TaskGroup() as group:
            sending = group.create_task(self._send_all(here, kills * longest))
            for _ in range(kills):
                server = await self._start(there)
                await asyncio.sleep(self.chance.uniform(0.0, longest))
                await _kill(server)
            server = await self._start(there)
            await sending
            await self._settled()
            await _kill(server)
            await self.carrier.close()
        return await self._count(kills)

    async def _start(self, carrier: str) -> Process:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.campaign_centre", self.url, str(self.port), carrier, cwd=ROOT, stdout=PIPE
        )  # fmt: skip
        assert server.stdout
        await server.stdout.readline()
        return server

    async def _send_all(self, here: str, seconds: float) -> None:
        """Each event again and again until it is taken, as a bank does."""
        async with httpx.AsyncClient(timeout=5.0) as client:

            async def one(number: int) -> None:
                await asyncio.sleep(self.chance.uniform(0.0, seconds))
                body = event_body(number)
                while not await taken(client, here + PATH, SECRET, body, Counter()):  # noqa: ASYNC110
                    await asyncio.sleep(AGAIN_SECONDS)

            await asyncio.gather(*map(one, range(self.cases)))

    async def _settled(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            outcome = await self._count(0)
            if outcome.states.total() >= self.cases and not outcome.open:
                return
            await asyncio.sleep(0.3)

    async def _count(self, kills: int) -> Outcome:
        engine = make_engine(database_url(self.url))
        async with engine.connect() as connection:
            states = Counter(row.state for row in await connection.execute(select(campaign_cases)))
            attempts = await connection.execute(select(campaign_attempts).where(campaign_attempts.c.trunk != ""))
            written = frozenset(row.attempt_id for row in attempts)
            ends = await connection.execute(select(audit).where(audit.c.action == "case.settled"))
            settled = Counter(row.subject for row in ends)
            letters = len((await connection.execute(select(campaign_letters))).all())
        await engine.dispose()
        dialled = Counter(parse_qs(urlsplit(call.status_callback).query)["attempt"][0] for call in self.carrier.calls)
        return Outcome(kills, states, dialled, written, settled, letters)


async def _kill(server: Process) -> None:
    if server.returncode is None:
        server.kill()
    await server.wait()


async def _with_tables(url: str) -> None:
    engine = make_engine(database_url(url))
    await upgrade(engine)
    await engine.dispose()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--cases", type=int, default=200)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--longest", type=float, default=3.0, help="seconds until a server is killed, at most")
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--database", default="", help="URL; else a SQLite file that is thrown away")
    given = asked.parse_args()
    set_up_logs("error", as_json=False)
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or sqlite_url(Path(folder) / "ivr.db")
        trial = Trial(url, given.cases, random.Random(given.seed))
        told = asyncio.run(trial.run(given.kills, given.longest))
    print(f"{given.cases} cases, {told.kills} kills (seed {given.seed}): {dict(told.states)}")
    print(f"not settled {told.open}, settled twice {told.settled_twice}, results {told.letters}")
    unwritten = len(told.dialled.keys() - told.written)
    print(f"{told.dialled.total()} calls, attempts dialled twice {told.dialled_twice}, not written down {unwritten}")


if __name__ == "__main__":
    main()
