"""A running server takes up what is published: it notices within half a second, gets the version ready beside the
calls (what callers say is learned, new prompts are made), and gives it to new ones. What cannot be made ready is
logged, and the last good version stays live."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ivr.call.dialogue import FlowDialogue
from ivr.model.errors import ConfigError, FlowError, IvrError
from ivr.store.flow_versions import FlowVersion, LiveFlow
from ivr.wiring.flows import FlowShelf, Served

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5


class Published(Protocol):
    """Where versions are; `ivr.store.flow_versions.FlowVersions` is it."""

    async def changes(self) -> int: ...

    async def live(self) -> Mapping[str, LiveFlow]: ...

    async def version(self, flow: str, version: str) -> FlowVersion: ...


class Ahead(Protocol):
    """Who makes prompts before they are heard; `ivr.wiring.warming.PromptsAhead` is it."""

    async def before_live(self, dialogue: FlowDialogue) -> None: ...

    async def beside_calls(self, dialogue: FlowDialogue) -> None: ...


@dataclass(slots=True)
class PublishedFlows:
    """Keeps a shelf of flows at what is published."""

    shelf: FlowShelf
    versions: Published
    broken: dict[str, str] = field(default_factory=dict)
    """By flow: why what is published is not live here, for /readyz and the console."""

    ahead: Ahead | None = None
    """None while nobody can call: at start all prompts are made together."""

    _to_finish: asyncio.Queue[FlowDialogue] = field(default_factory=asyncio.Queue)
    """Versions that went live, with prompts still to be made. At most one for each publication."""

    _seen: int = -1
    _served: dict[str, LiveFlow] = field(default_factory=dict)

    def served(self) -> Mapping[str, str]:
        """The version that new calls get, by flow."""
        return {name: dialogue.version for name, dialogue in self.shelf.flows.items()}

    async def load(self) -> None:
        """Everything that a call can reach, before the first one: what is published, else the folder.

        A published version that this program refuses (it may be older than the rules) makes way for the one before.

        Raises:
            FlowProblems, ConfigError: neither can answer calls.
            StoreError: the database is away.
        """
        self._seen = await self.versions.changes()
        for name, live in (await self.versions.live()).items():
            if name not in self.shelf.named():
                continue
            try:
                await self._take_up(live)
            except (FlowError, ConfigError) as error:
                self._refused(live, error)
                if not live.previous:
                    raise
                self.shelf.put(Served(await self._ready(name, live.previous)))
        await asyncio.to_thread(self.shelf.load)

    async def look(self) -> None:
        """Take up what has changed since the last look."""
        changes = await self.versions.changes()
        if changes == self._seen:
            return
        for name, live in (await self.versions.live()).items():
            if name not in self.shelf.flows or self._served.get(name) == live:
                continue
            try:
                await self._take_up(live)
            except (FlowError, ConfigError) as error:
                self._refused(live, error)
        self._seen = changes

    async def watch(self) -> None:
        """Look again and again; runs until it is cancelled."""
        while True:
            try:
                await self.look()
            except IvrError as error:
                # A database that is away is looked at again; calls go on with what they have.
                log.warning("published flows cannot be looked at", why=str(error))
            except Exception:
                log.exception("published flows cannot be taken up")
            await asyncio.sleep(POLL_SECONDS)

    async def finish_prompts(self) -> None:
        """Make what was not needed at once, of each version that went live; runs until it is cancelled."""
        while True:
            dialogue = await self._to_finish.get()
            if self.ahead:
                await self.ahead.beside_calls(dialogue)

    async def _take_up(self, live: LiveFlow) -> None:
        """Everything is ready before anything is live."""
        main = await self._ready(live.flow, live.version)
        canary = await self._ready(live.flow, live.canary) if live.canary else None
        for dialogue in (main, canary):
            if dialogue and self.ahead:
                await self.ahead.before_live(dialogue)
                self._to_finish.put_nowait(dialogue)
        self.shelf.put(Served(main, canary, live.share))
        self._served[live.flow] = live
        self.broken.pop(live.flow, None)

    async def _ready(self, flow: str, version: str) -> FlowDialogue:
        found = await self.versions.version(flow, version)
        return await asyncio.to_thread(self.shelf.published, found)

    def _refused(self, live: LiveFlow, error: IvrError) -> None:
        self.broken[live.flow] = f"{live.flow} {live.version}: {error}"
        self._served[live.flow] = live
        log.error(
            "a published flow is refused, the last good version stays live",
            flow=live.flow,
            version=live.version,
            why=str(error),
        )


@asynccontextmanager
async def taking_up(flows: PublishedFlows) -> AsyncIterator[None]:
    """Watch for new versions while the block runs."""
    tasks = [
        asyncio.create_task(flows.watch(), name="published flows"),
        asyncio.create_task(flows.finish_prompts(), name="prompts of published flows"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
