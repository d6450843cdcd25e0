"""A desk with a real database, real workflows, and a carrier whose calls the test ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from ivr.campaigns.attempts import AttemptSteps, Hooks
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.desk import CampaignDesk
from ivr.config_campaigns import load_campaigns
from ivr.model.campaign_ports import Looked
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine
from ivr.store.migrate import upgrade
from ivr.wiring.durable import kept, own_place
from ivr.wiring.durable_attempts import attempts_of

ROOT = Path(__file__).parents[2]


class RealClock:
    def now(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class TestCarrier:
    """Remembers every call, outside of what a crash forgets if `log` is given."""

    __test__ = False
    name: str = "test"
    dialled: list[tuple[str, str]] = field(default_factory=list)
    """Attempt and number."""

    on_dial: Callable[[str], None] = lambda attempt_id: None
    times: list[float] = field(default_factory=list)

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        self.dialled.append((attempt_id, to))
        self.times.append(time.monotonic())
        asyncio.get_running_loop().call_soon(self.on_dial, attempt_id)
        return f"CA{attempt_id}"

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        return Looked(known=True)

    async def status(self, provider_id: str) -> Looked:
        return Looked(known=False)


def campaigns(**more: object) -> dict[str, Campaign]:
    """The shipped ones; `more` changes the fraud check."""
    shipped = load_campaigns(ROOT / "campaigns")
    shipped["fraud_check"] = replace(shipped["fraud_check"], **{"most_lines": 50, "per_second": 100.0, **more})  # type: ignore[arg-type]
    return shipped


@dataclass(slots=True)
class Open:
    desk: CampaignDesk
    live: LiveAttempts
    book: SqlCampaignBook
    carrier: TestCarrier


@asynccontextmanager
async def campaign_desk(
    url: str, carrier: TestCarrier, found: dict[str, Campaign] | None = None, lines: int = 50
) -> AsyncIterator[Open]:
    engine = make_engine(database_url(url))
    await upgrade(engine)
    found = found or campaigns()
    book, clock = SqlCampaignBook(engine), RealClock()
    live = LiveAttempts(book, clock)
    desk = CampaignDesk(found, book, live, clock, lines)
    steps = AttemptSteps(
        found, book, live, carrier, clock, Hooks(desk.took_off, desk.landed), uuid4().hex
    )  # fmt: skip
    try:
        await desk.load()
        async with kept(own_place(url), "main"), attempts_of(steps) as durable:
            desk.durable = durable
            running = asyncio.create_task(desk.run())
            try:
                yield Open(desk, live, book, carrier)
            finally:
                running.cancel()
                await asyncio.wait([running])
    finally:
        await engine.dispose()


async def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - other programs and threads make it so
            await asyncio.sleep(0.01)
