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

from ivr.config import Webhook
from ivr.model.calls import CallRecord
from ivr.model.errors import ConfigError, StoreError
from ivr.model.webhooks import MOST_ATTEMPTS, NAMES, Delivery, body_of, is_wanted, pause_after, signature_header
from ivr.routing.effects import Effect, Record
from ivr.store.outbox import Outbox

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 10.0
LEASE_SECONDS = 60.0
"""So long one server keeps a delivery for itself; after a crash in the middle another one sends it again."""

LOOK_SECONDS = 2.0
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
    _new: list[Delivery] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    # -- what is told

    def began(self, record: CallRecord) -> None:
        self.tell("call.began", _of(record))

    def ended(self, record: CallRecord) -> None:
        survey = record.survey
        self.tell("call.ended", _of(record) | {
            "end_reason": record.end_reason, "disconnect_by": record.disconnect_by, "handled_by": record.handled_by,
            "outcome": record.outcome, "survey": survey.status if survey else "",
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
            self._more.set()

    # -- sending

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._more.wait()
            self._more.clear()
            try:
                await self.write_down()
                await self.send_due()
            except StoreError as error:
                log.warning("webhooks wait for the database", code=error.code)
                await asyncio.sleep(LOOK_SECONDS)

    async def write_down(self) -> None:
        if self._new:
            waiting = list(self._new)
            await self.outbox.put(waiting)
            del self._new[: len(waiting)]

    async def send_due(self) -> None:
        due = await self.outbox.due(self.now())
        await asyncio.gather(*(self._send(one) for one in due))

    async def _send(self, one: Delivery) -> None:
        if not await self.outbox.take(one, self.now() + LEASE_SECONDS):
            return
        if not (trouble := await self._post(one)):
            return await self.outbox.drop(one.delivery_id)
        attempts = one.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            log.error("a webhook is given up", delivery=one.delivery_id, trouble=trouble)
            return await self.outbox.drop(one.delivery_id)
        log.warning("a webhook was not taken", delivery=one.delivery_id, attempts=attempts, trouble=trouble)
        await self.outbox.postpone(one, attempts, self.now() + pause_after(attempts))

    async def _post(self, one: Delivery) -> str:
        """What went wrong; empty: it was taken (2xx)."""
        headers = {
            "Content-Type": "application/json", "X-Ivr-Delivery": one.delivery_id,
            "X-Ivr-Signature": signature_header(self.secret, int(self.now()), one.body),
        }  # fmt: skip
        try:
            answer = await self.client.post(one.url, content=one.body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return "" if answer.is_success else f"status {answer.status_code}"


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
