"""Remembering calls in a database: the `CallStore` of this server, and how to open it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.audit import Deed, Detail
from ivr.model.calls import CallRecord, JournalEntry, Message
from ivr.model.errors import StoreError
from ivr.store.accounts import Accounts
from ivr.store.acquaintances import Acquaintances
from ivr.store.agent_time import AgentTime
from ivr.store.answers import AnswerAudit
from ivr.store.archive import CallArchive
from ivr.store.audit import AuditLog
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.contacts import ContactStore
from ivr.store.customer_values import CustomerValues
from ivr.store.engine import database_url, make_engine
from ivr.store.erasure import Erasures
from ivr.store.escalated import EscalatedCalls
from ivr.store.flow_versions import FlowVersions
from ivr.store.holds import LegalHolds
from ivr.store.insight_lists import InsightLists
from ivr.store.locks import DatabaseLock
from ivr.store.migrate import upgrade
from ivr.store.notes import AgentNotes
from ivr.store.outbox import Outbox
from ivr.store.passwords import Passwords
from ivr.store.recovery import close_open_calls
from ivr.store.recovery_cases import RecoveryCases
from ivr.store.rollups import RollupStore
from ivr.store.routing import SqlRoutingBook
from ivr.store.rows import to_ms
from ivr.store.satisfied import SatisfactionBook
from ivr.store.sessions import Lifetimes, Sessions
from ivr.store.solved import SolvedCases
from ivr.store.surveys import SurveyBook
from ivr.store.trainer import TrainerStore
from ivr.store.transcripts import Transcripts
from ivr.store.writer import Trouble, Writer
from ivr.store.writes import (
    CallBegan,
    CallEnded,
    Happened,
    Looked,
    MessageLeft,
    RecordingMoved,
    SurveyAnswered,
    write_all,
)

CALL_WAITS_SECONDS = 2.0
"""Longest a call waits for the disk before it goes on; the write itself stays queued."""

CLOSE_SECONDS = 5.0

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class SqlCallStore:
    """Implements `ivr.model.ports.CallStore`; no method but `keep_look` and `keep_message` ever raises."""

    def __init__(
        self,
        writer: Writer,
        engine: AsyncEngine,
        utc: Callable[[], datetime],
        wait_seconds: float,
        lifetimes: Lifetimes | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._writer = writer
        self._utc = utc
        self._wait_seconds = wait_seconds
        self.archive = CallArchive(engine)
        """The reading side."""

        self.flows = FlowVersions(engine, utc)
        """Published flows."""

        self.audit = AuditLog(engine, utc)
        passwords = passwords or Passwords()
        self.accounts, self.sessions = Accounts(engine, passwords, utc), Sessions(engine, passwords, utc, lifetimes)
        """The people of the house."""

        self.contacts, self.rollups, self.agent_time = ContactStore(engine), RollupStore(engine), AgentTime(engine)
        """Ended calls as reports count them, what of them is added up, and where agents' time went."""

        self.trainer, self.lists = TrainerStore(engine), InsightLists(engine)
        """What callers asked in vain, and topics that spike."""

        self.routing = SqlRoutingBook(writer, engine)
        """Agents, and who waits in queues."""

        self.notes, self.surveys = AgentNotes(engine, writer, wait_seconds), SurveyBook(engine)
        self.cases, self.values = RecoveryCases(engine, utc), CustomerValues(engine, utc)
        self.holds, self.acquaintances = LegalHolds(engine, utc), Acquaintances(engine)
        self.transcripts = Transcripts(engine)
        self._engine, self.locks = engine, list[DatabaseLock]()
        self.outbox = Outbox(engine)
        """Webhooks on their way."""

    @property
    def escalated(self) -> EscalatedCalls:
        return EscalatedCalls(self._engine)

    @property
    def solved(self) -> SolvedCases:
        return SolvedCases(self._engine)

    @property
    def answers(self) -> AnswerAudit:
        return AnswerAudit(self._engine)

    @property
    def satisfaction(self) -> SatisfactionBook:
        return SatisfactionBook(self._engine)

    @property
    def campaign_book(self) -> SqlCampaignBook:
        """For a server that does not run campaigns itself, and must change a case all the same."""
        return SqlCampaignBook(self._engine, self._utc)

    def erasures(self, folder: Path, key: str) -> Erasures:
        """Who forgets callers: their sound in `folder` too; tombstones are made with `key`."""
        return Erasures(self._engine, folder, key, self._utc)

    def lock(self, name: str) -> DatabaseLock:
        """One of the locks that all servers on this database share. Released when the store is closed, after all is
        written."""
        self.locks.append(DatabaseLock(self._engine, name))
        return self.locks[-1]

    async def begin(self, record: CallRecord) -> None:
        await self._writer.settle(CallBegan(record), self._wait_seconds)

    def append(self, call_id: str, entry: JournalEntry) -> None:
        self._writer.put(Happened(call_id, entry))

    async def keep_survey_answer(self, call_id: str, name: str, value: str) -> None:
        await self._writer.settle(SurveyAnswered(call_id, name, value, to_ms(self._utc())), self._wait_seconds)

    async def keep_message(self, message: Message) -> None:
        """Raises StoreError: it is not on disk, so the caller must not be told that it is."""
        if not await self._writer.settle(MessageLeft(message), self._wait_seconds):
            raise StoreError("a message cannot be written just now")

    async def finish(self, record: CallRecord) -> None:
        """A record without `ended_at` ends now; an answered one without survey gets one from the answers kept."""
        ended = record if record.ended_at else replace(record, ended_at=self._utc())
        await self._writer.settle(CallEnded(ended), self._wait_seconds)

    async def keep_recording(self, call_id: str, path: str) -> bool:
        """The recording of a call is at `path` now; empty: nowhere. False: not known yet whether that is on disk."""
        return await self._writer.settle(RecordingMoved(call_id, path), self._wait_seconds)

    async def keep_look(self, who: str, action: str, subject: str, address: str, detail: Detail | None = None) -> None:
        """Note in the audit that somebody reads or does something, before they do.

        Raises:
            StoreError: it could not be noted, so it must not be shown.
        """
        look = Looked(to_ms(self._utc()), Deed(who, action, subject, address, detail or {}))
        if not await self._writer.settle(look, self._wait_seconds):
            raise StoreError("the audit cannot be written just now, so nothing is shown")

    async def ready(self) -> str:
        """Empty, or why calls cannot be remembered just now."""
        if not self._writer.is_running:
            return "the writer of the store has stopped"
        return await self.archive.ready()


@asynccontextmanager
async def open_store(
    url: str,
    *,
    node: str = "main",
    on_trouble: Trouble = lambda kind: None,
    utc: Callable[[], datetime] = utc_now,
    wait_seconds: float = CALL_WAITS_SECONDS,
    close_seconds: float = CLOSE_SECONDS,
    lifetimes: Lifetimes | None = None,
    passwords: Passwords | None = None,
) -> AsyncIterator[SqlCallStore]:
    """Migrate, close the calls a crash of this node left open, and write until the block is left.

    Args:
        url: `sqlite:///path`, `postgresql://…`; see `ivr.store.engine.sqlite_url` for a path.
        node: name of this server among those that share the database. Two that run at once need two names.
        on_trouble: told of each failure by kind (see `ivr.store.writer.Trouble`), for counting.
        wait_seconds: longest that a call waits for the disk before it goes on.
        close_seconds: longest that leaving the block waits for what is still to be written.
        lifetimes: of the sessions of people who log in.
        passwords: how they are hashed; left out: as it should be.

    Raises:
        ConfigError: the URL, or a driver that is not installed.
        StoreError: the database is away or newer than this program.
    """
    engine = make_engine(database_url(url))
    writer = Writer(partial(write_all, engine, node), on_trouble)
    store = SqlCallStore(writer, engine, utc, wait_seconds, lifetimes, passwords)
    try:
        await upgrade(engine)
        await _recover(engine, store.lock(f"node-{node}"), node)
        writer.start()
        yield store
    finally:
        await writer.close(close_seconds)
        for lock in store.locks:
            await lock.release()
        await engine.dispose()


async def _recover(engine: AsyncEngine, lock: DatabaseLock, node: str) -> None:
    try:
        if not await lock.try_acquire():
            # Another program runs under this name: open calls may be alive in it.
            log.warning("store_node_in_use", node=node)
            return
        repaired = await close_open_calls(engine, node)
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"the calls left open cannot be closed: {type(error).__name__}") from error
    if repaired:
        log.warning("calls_closed_after_crash", calls=repaired, node=node)
