"""The writer: batches, order, and what happens when the database is away."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from ivr.model.audit import Deed
from ivr.model.calls import JournalEntry
from ivr.model.events import DigitPressed
from ivr.store.engine import database_url, make_engine
from ivr.store.writer import MOST_EVENTS_WAITING, Writer
from ivr.store.writes import Happened, Looked, Write
from tests.postgres import Databases

AWAY = OperationalError("INSERT", None, OSError("gone"))
REFUSED = DataError("INSERT", None, ValueError("odd"))


class Disk:
    """A database that fails as it is told to, then keeps what it is given."""

    def __init__(self, failures: Sequence[Exception] = (), refuses: Sequence[Write] = ()) -> None:
        self.failures = list(failures)
        self.refuses = refuses
        self.kept: list[list[Write]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()

    async def write(self, writes: Sequence[Write]) -> None:
        self.asked.set()
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        if any(write in self.refuses for write in writes):
            raise REFUSED
        self.kept.append(list(writes))


def event(seq: int) -> Happened:
    return Happened("c1", JournalEntry(seq, float(seq), DigitPressed("1")))


def look(name: str) -> Looked:
    return Looked(1, Deed("key", "call.read", name))


def started(disk: Disk, troubles: list[str]) -> Writer:
    writer = Writer(disk.write, troubles.append, retry_seconds=0.0)
    writer.start()
    return writer


def test_events_wait_for_company_and_go_in_order_with_what_is_waited_for() -> None:
    async def run() -> None:
        disk, troubles = Disk(), list[str]()
        writer = started(disk, troubles)
        assert writer.put(event(1))
        assert writer.put(event(2))
        assert await writer.settle(look("a"), 5.0)
        assert disk.kept == [[event(1), event(2), look("a")]]
        await writer.close(5.0)
        assert (troubles, writer.is_running) == ([], False)

    asyncio.run(run())


def test_events_nobody_waits_for_are_written_all_the_same() -> None:
    async def run() -> None:
        written = asyncio.Event()

        async def write(writes: Sequence[Write]) -> None:
            assert list(writes) == [event(1)]
            written.set()

        writer = Writer(write, lambda kind: None)
        writer.start()
        writer.put(event(1))
        await asyncio.wait_for(written.wait(), 5.0)
        await writer.close(5.0)

    asyncio.run(run())


def test_a_database_that_comes_back_gets_everything() -> None:
    async def run() -> None:
        disk, troubles = Disk([AWAY, ConnectionRefusedError(), AWAY]), list[str]()
        writer = started(disk, troubles)
        assert await writer.settle(look("a"), 5.0)
        assert disk.kept == [[look("a")]]
        assert troubles == ["unavailable"] * 3
        await writer.close(5.0)

    asyncio.run(run())


def test_a_write_that_is_refused_for_itself_is_let_go_and_the_others_are_kept() -> None:
    async def run() -> None:
        disk, troubles = Disk(refuses=[event(2), look("bad")]), list[str]()
        writer = started(disk, troubles)
        for seq in range(4):
            writer.put(event(seq))
        settled = await asyncio.gather(writer.settle(look("bad"), 5.0), writer.settle(look("good"), 5.0))
        assert list(settled) == [False, True]
        assert [write for batch in disk.kept for write in batch] == [event(0), event(1), event(3), look("good")]
        assert troubles == ["refused", "refused"]
        await writer.close(5.0)

    asyncio.run(run())


def test_a_slow_disk_lets_the_call_go_on_and_still_writes() -> None:
    async def run() -> None:
        disk, troubles = Disk(), list[str]()
        disk.open.clear()
        writer = started(disk, troubles)
        assert not await writer.settle(look("a"), 0.0)
        disk.open.set()
        await writer.close(5.0)
        assert (disk.kept, troubles) == ([[look("a")]], ["slow"])

    asyncio.run(run())


def test_a_full_queue_is_counted_and_never_holds_up_what_is_waited_for() -> None:
    async def run() -> None:
        disk, troubles = Disk(), list[str]()
        disk.open.clear()
        writer = started(disk, troubles)
        taken = [writer.put(event(seq)) for seq in range(MOST_EVENTS_WAITING + 3)]
        assert taken == [True] * MOST_EVENTS_WAITING + [False] * 3
        assert troubles == ["journal_full"] * 3
        disk.open.set()
        assert await writer.settle(look("a"), 5.0)
        assert writer.put(event(9_999))
        await writer.close(5.0)
        assert sum(map(len, disk.kept)) == MOST_EVENTS_WAITING + 2

    asyncio.run(run())


def test_closing_gives_up_in_time_and_says_what_is_lost() -> None:
    async def run() -> None:
        disk, troubles = Disk(), list[str]()
        disk.open.clear()
        writer = started(disk, troubles)
        waiting = asyncio.create_task(writer.settle(look("a"), 60.0))
        await disk.asked.wait()
        await writer.close(0.0)
        assert not await waiting
        assert (disk.kept, troubles, writer.waiting) == ([], ["lost_at_close"], 0)
        assert not writer.put(event(1))
        assert troubles == ["lost_at_close", "closed"]

    asyncio.run(run())


@pytest.mark.peer
@pytest.mark.parametrize("state", ["57P03", "57P01", "53300", "53100", "40P01", "25006"])
def test_what_a_starting_or_full_postgres_does_not_take_is_written_when_it_does(
    postgres: Databases, state: str
) -> None:
    async def run() -> None:
        engine = make_engine(database_url(postgres.server))
        with pytest.raises(DBAPIError) as told:
            async with engine.begin() as connection:
                await connection.execute(text(f"do $$ begin raise exception 'no' using errcode = '{state}'; end $$"))
        await engine.dispose()
        disk, troubles = Disk(failures=[told.value, told.value]), list[str]()
        writer = started(disk, troubles)
        assert await writer.settle(look("a"), 5.0)
        await writer.close(5.0)
        assert (troubles, disk.kept) == (["unavailable", "unavailable"], [[look("a")]])

    asyncio.run(run())
