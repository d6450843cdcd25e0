"""Other systems are told of calls, queues and agents: at least once, signed, never waited for."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import structlog

from ivr.call.recordings import RecordingFinalised
from ivr.config import Webhook
from ivr.model.calls import CallRecord
from ivr.model.errors import ConfigError, StoreError
from ivr.model.webhooks import NAMES, Delivery, body_of, is_wanted
from ivr.routing.effects import Effect, Record
from ivr.store.outbox import Outbox
from ivr.wiring.courier import Courier

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 10.0
MOST_WAITING = 10_000
"""Events not written down yet, where the database is away; beyond it the newest are dropped and said so."""


@dataclass(slots=True)
class Webhooks:
    """Implements `Watching` for calls; `routing_did` watches the dispatcher."""

    hooks: Sequence[Webhook]
    outbox: Outbox
    secret: str
    client: httpx.AsyncClient
    now: Callable[[], float] = time.time
    courier: Courier = field(init=False)
    _new: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.courier = Courier(self.outbox, self.secret, self.client, self.now)

    # -- what is told

    def began(self, record: CallRecord) -> None:
        self.tell("call.began", _of(record))

    def ended(self, record: CallRecord) -> None:
        survey = record.survey
        self.tell("call.ended", _of(record) | {
            "end_reason": record.end_reason, "disconnect_by": record.disconnect_by, "handled_by": record.handled_by,
            "outcome": record.outcome, "survey": survey.status if survey else "", "recorded": bool(record.recording),
        })  # fmt: skip

    def recorded(self, final: RecordingFinalised) -> None:
        """Only now may somebody fetch it: before, it was being written or made smaller."""
        self.tell("call.recorded", {
            "call_id": final.call_id, "seconds": round(final.seconds, 2), "format": final.path.suffix[1:],
            "trouble": final.trouble,
        })  # fmt: skip

    def routing_did(self, effect: Effect, now: float) -> None:
        if isinstance(effect, Record):
            event = effect.event
            told = {
                "entry_id": event.entry_id, "call_id": event.entry_id.partition(".")[0], "queue": event.queue,
                "agent": event.agent, "offer_id": event.offer_id, **event.carries,
            }  # fmt: skip
            self.tell(NAMES.get(event.name, event.name), told)

    def tell(self, name: str, told: Mapping[str, Any]) -> None:
        """Soon, to everybody who wants it."""
        for hook in self.hooks:
            if not is_wanted(name, hook.events):
                continue
            if len(self._new) >= MOST_WAITING:
                log.error("a webhook was lost", event_name=name, remedy="the database has been away for long")
                continue
            delivery_id, at = uuid4().hex, self.now()
            body = json.dumps(body_of(delivery_id, name, at, told), ensure_ascii=False)
            self._new.append(Delivery(delivery_id, hook.url, body, 0, at))
            self.courier.more.set()

    # -- sending

    async def run(self) -> None:
        """Until cancelled."""
        await self.courier.run(self.write_down)

    async def write_down(self) -> None:
        if self._new:
            waiting = list(self._new)
            await self.outbox.put(waiting)
            del self._new[: len(waiting)]


def _of(record: CallRecord) -> dict[str, Any]:
    return {
        "call_id": record.call_id, "flow": record.flow, "direction": record.direction, "caller": record.caller,
        "called": record.called, "language": record.language, "leg": record.leg.kind,
    }  # fmt: skip


@asynccontextmanager
async def open_webhooks(hooks: Sequence[Webhook], secret: str, outbox: Outbox) -> AsyncIterator[Webhooks]:
    """Sent while the block runs; what is left is written down at its end.

    Raises:
        ConfigError: there is an address to tell, and no secret to sign with.
    """
    if hooks and not secret:
        raise ConfigError("webhooks are signed: set IVR_WEBHOOK_SECRET in the environment")
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False) as client:
        webhooks = Webhooks(hooks, outbox, secret, client)
        running = asyncio.create_task(webhooks.run(), name="webhooks") if hooks else None
        try:
            yield webhooks
        finally:
            if running:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
                with suppress(StoreError):
                    await webhooks.write_down()
