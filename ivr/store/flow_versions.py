"""Published flows: immutable versions, which of them new calls get, and who made it so."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import BadQuery, NotThere
from ivr.store.audit import append, hold
from ivr.store.engine import database_url, make_engine
from ivr.store.migrate import upgrade
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms
from ivr.store.tables import flow_history, flow_live, flow_versions
from ivr.store.writes import add


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version as it was published. It never changes."""

    flow: str
    """Its name in config.yaml: bank/hotline."""

    version: str
    """First digits of the hash of its texts: `Flow.version`."""

    texts: Mapping[str, str]
    """All its files by their path below the folder of flows; the main one is `<flow>.yaml`."""

    who: str = ""
    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    note: str = ""


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """What new calls of a flow get."""

    flow: str
    version: str
    since: datetime
    previous: str = ""
    """What a rollback brings back; empty: there was none."""

    canary: str = ""
    """A version that gets a share of the calls; empty: none does."""

    share: float = 0.0
    """Of the calls for the canary, 0 to 1."""

    untested: bool = False
    """No conversation was played before this change: there is none, or none was wanted."""


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One line of the history."""

    number: int
    at: datetime
    flow: str
    action: str
    """publish, rollback, canary, canary_off; publish_untested, canary_untested where no conversation was played."""

    version: str
    share: float
    who: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class By:
    """Who asks for a change, for the history."""

    who: str
    address: str = ""
    note: str = ""


class FlowVersions:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._utc = utc

    async def keep(self, version: FlowVersion, by: By) -> None:
        """Keep a version without giving it a call. Keeping it twice changes nothing."""
        async with writing(self._engine, "the published flows") as connection:
            await self._keep(connection, version, by)

    async def publish(self, version: FlowVersion, by: By, *, untested: bool = False) -> LiveFlow:
        """Keep a version and give it all new calls; a canary ends. Publishing what is live changes nothing else.

        `untested`: the history shall say that its conversations were not played.
        """
        async with writing(self._engine, "the published flows") as connection:
            await hold(connection)
            await self._keep(connection, version, by)
            before = await self._live(connection, version.flow)
            if before and before.version == version.version and not before.canary:
                return before
            previous = before.version if before and before.version != version.version else ""
            previous = previous or (before.previous if before else "")
            after = LiveFlow(version.flow, version.version, self._now(), previous)
            await self._put(connection, after)
            action = "publish_untested" if untested else "publish"
            await self._note(connection, after.flow, action, after.version, 1.0, by)
        return after

    async def roll_back(self, flow: str, by: By) -> LiveFlow:
        """Give all new calls to the version that was live before; done twice, it is undone. A canary ends.

        Raises:
            NotThere: it was never published, or nothing was live before.
        """
        async with writing(self._engine, "the published flows") as connection:
            await hold(connection)
            before = await self._published(connection, flow)
            if not before.previous:
                raise NotThere(f"{flow} has had one published version only ({before.version}); nothing to go back to")
            after = LiveFlow(flow, before.previous, self._now(), before.version)
            await self._put(connection, after)
            await self._note(connection, flow, "rollback", after.version, 1.0, by)
        return after

    async def canary(self, flow: str, version: str, share: float, by: By, *, untested: bool = False) -> LiveFlow:
        """Give a share of new calls to a kept version; an empty version ends it. `untested` as of `publish`.

        Raises:
            NotThere: the flow was never published, or there is no such version.
            BadQuery: the share is not between 0 and 1, or the version is live already.
        """
        if version and not 0.0 < share < 1.0:
            raise BadQuery(f"a canary takes a share between 0 and 1, not {share:g}; to take all calls, publish it")
        async with writing(self._engine, "the published flows") as connection:
            await hold(connection)
            before = await self._published(connection, flow)
            version = (await self._version(connection, flow, version)).version if version else ""
            if version == before.version:
                raise BadQuery(f"{version} is what {flow} answers with already; name another version")
            canary_share = share if version else 0.0
            after = LiveFlow(flow, before.version, before.since, before.previous, version, canary_share)
            await self._put(connection, after)
            action = ("canary_untested" if untested else "canary") if version else "canary_off"
            await self._note(connection, flow, action, version or before.canary, canary_share, by)
        return after

    async def changes(self) -> int:
        """A number that grows with every change of what is live: cheap to ask for, twice a second."""
        async with reading(self._engine, "the published flows") as connection:
            return int(await connection.scalar(select(func.max(flow_history.c.id))) or 0)

    async def live(self) -> Mapping[str, LiveFlow]:
        """What is live, by flow. Flows that were never published are not among them."""
        async with reading(self._engine, "the published flows") as connection:
            rows = (await connection.execute(select(flow_live).order_by(flow_live.c.flow))).mappings()
            return {row["flow"]: _live_of(row) for row in rows}

    async def version(self, flow: str, version: str) -> FlowVersion:
        """A version by its id or the beginning of it.

        Raises:
            NotThere: there is none, or more than one begins like that.
        """
        async with reading(self._engine, "the published flows") as connection:
            return await self._version(connection, flow, version)

    async def versions(self, flow: str) -> tuple[FlowVersion, ...]:
        """All versions of a flow, newest first."""
        query = select(flow_versions).where(flow_versions.c.flow == flow).order_by(flow_versions.c.at_ms.desc())
        async with reading(self._engine, "the published flows") as connection:
            return tuple(_version_of(row) for row in (await connection.execute(query)).mappings())

    async def history(self, flow: str, most: int = 100) -> tuple[FlowChange, ...]:
        """Who made what live, newest first."""
        query = select(flow_history).where(flow_history.c.flow == flow).order_by(flow_history.c.id.desc()).limit(most)
        async with reading(self._engine, "the published flows") as connection:
            return tuple(_change_of(row) for row in (await connection.execute(query)).mappings())

    async def _keep(self, connection: AsyncConnection, version: FlowVersion, by: By) -> None:
        row = {
            "flow": version.flow, "version": version.version, "texts": dict(version.texts), "who": by.who,
            "at_ms": to_ms(self._utc()), "note": by.note,
        }  # fmt: skip
        await add(connection, flow_versions, [row])

    async def _version(self, connection: AsyncConnection, flow: str, version: str) -> FlowVersion:
        beginning = flow_versions.c.version.startswith(version, autoescape=True)
        query = select(flow_versions).where(flow_versions.c.flow == flow, beginning).limit(2)
        rows = (await connection.execute(query)).mappings().all() if version else []
        if len(rows) != 1:
            why = "more than one version begins" if rows else "no version begins"
            raise NotThere(f"{why} with {version!r} in {flow}; see: ivr flow versions {flow}")
        return _version_of(rows[0])

    async def _live(self, connection: AsyncConnection, flow: str) -> LiveFlow | None:
        row = (await connection.execute(select(flow_live).where(flow_live.c.flow == flow))).mappings().first()
        return _live_of(row) if row else None

    async def _published(self, connection: AsyncConnection, flow: str) -> LiveFlow:
        found = await self._live(connection, flow)
        if found is None:
            raise NotThere(f"{flow} was never published; do that first: ivr flow publish {flow}")
        return found

    async def _put(self, connection: AsyncConnection, live: LiveFlow) -> None:
        row = {
            "flow": live.flow, "version": live.version, "previous": live.previous, "canary_version": live.canary,
            "canary_share": live.share, "since_ms": to_ms(live.since),
        }  # fmt: skip
        await add(connection, flow_live, [row], replace=True)

    async def _note(
        self, connection: AsyncConnection, flow: str, action: str, version: str, share: float, by: By
    ) -> None:
        at_ms = to_ms(self._utc())
        row = {
            "at_ms": at_ms, "flow": flow, "action": action, "version": version, "share": share,
            "who": by.who, "address": by.address, "note": by.note,
        }  # fmt: skip
        await connection.execute(insert(flow_history), [row])
        detail = {"version": version, "share": f"{share:g}"}
        deed = Deed(by.who, f"flow.{action}", flow, by.address, detail)
        await append(connection, [(at_ms, deed)])

    def _now(self) -> datetime:
        return from_ms(to_ms(self._utc()))


@asynccontextmanager
async def open_engine(url: str) -> AsyncIterator[AsyncEngine]:
    """The database for a command: migrated, and closed with the block. Calls that a server left open stay as they are.

    Raises:
        ConfigError, StoreError: as `ivr.store.calls.open_store`.
    """
    engine = make_engine(database_url(url))
    try:
        await upgrade(engine)
        yield engine
    finally:
        await engine.dispose()


def _version_of(row: Mapping[Any, Any]) -> FlowVersion:
    return FlowVersion(row["flow"], row["version"], row["texts"], row["who"], from_ms(row["at_ms"]), row["note"])


def _live_of(row: Mapping[Any, Any]) -> LiveFlow:
    return LiveFlow(
        row["flow"], row["version"], from_ms(row["since_ms"]), row["previous"], row["canary_version"],
        row["canary_share"],
    )  # fmt: skip


def _change_of(row: Mapping[Any, Any]) -> FlowChange:
    return FlowChange(
        row["id"], from_ms(row["at_ms"]), row["flow"], row["action"], row["version"], row["share"], row["who"],
        row["address"], row["note"],
    )  # fmt: skip
