"""What a call has running besides talk: timers, requests to other systems, a place in a queue, a message."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from ivr.call.bridging import Bridged
from ivr.call.dictaphone import Dictaphone
from ivr.call.live import Surroundings
from ivr.call.timing import BETWEEN_KEYS, NO_INPUT
from ivr.model.commands import CancelTimer, Fetch, JoinQueue, LeaveQueue, StartTimer, TakeMessage, Transfer
from ivr.model.events import CallEvent, Fetched, LineHeld, MessageTaken, QueueLeft, TimerFired, TransferFinished

CALLERS_CLOCKS = (NO_INPUT, BETWEEN_KEYS)
"""Timers that wait for the caller to say or press something."""

STOP_SECONDS = 1.0
"""Longest that the end of a call waits for what it cancelled."""

log = structlog.get_logger(__name__)


class Errands:
    """Each comes back as one event, whatever becomes of it; stopping the call stops them all."""

    def __init__(
        self, guest: Bridged, dictaphone: Dictaphone, around: Surroundings, post: Callable[[CallEvent], None]
    ) -> None:
        self._guest, self._dictaphone, self._around, self._post = guest, dictaphone, around, post
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._still: dict[str, float] | None = None
        """While the line is on hold: the caller's clocks, each with the seconds it has left."""

        self._running: set[asyncio.Task[None]] = set()

    def run(self, command: StartTimer | CancelTimer | Fetch | JoinQueue | LeaveQueue | TakeMessage | Transfer) -> None:
        match command:
            case StartTimer(name=name, seconds=seconds):
                self._cancel(name)
                self._start_timer(name, seconds)
            case CancelTimer(name=name):
                self._cancel(name)
            case Fetch(name=name):
                self._start(self._fetch(command), Fetched(name, ok=False, error="refused"))
            case JoinQueue():
                self._start(self._wait_in_queue(command), QueueLeft("failed"))
            case LeaveQueue(outcome=outcome, number=number):
                # If it fails the caller keeps waiting, and may ask again.
                self._start(self._around.switchboard.leave(self._guest.call_id, outcome, number), None)
            case TakeMessage(name=name):
                self._start(self._take_message(command), MessageTaken(name, "failed"))
            case Transfer():
                self._start(self._bridge(command), TransferFinished("failed"))

    def saw(self, event: CallEvent) -> None:
        """A caller who is on hold, or has put us on hold, is not silent: their clocks stand still."""
        if not isinstance(event, LineHeld) or event.held == (self._still is not None):
            return
        if event.held:
            now = asyncio.get_running_loop().time()
            self._still = {name: self._timers[name].when() - now for name in CALLERS_CLOCKS if name in self._timers}
            for name in self._still:
                self._timers.pop(name).cancel()
        else:
            left, self._still = self._still or {}, None
            for name, seconds in left.items():
                self._start_timer(name, seconds)

    async def stop(self) -> None:
        """Cancel everything, and wait until it has let go: an agent who is being rung must not go on ringing."""
        for name in list(self._timers):
            self._cancel(name)
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)

    def _cancel(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()
        if self._still:
            self._still.pop(name, None)

    def _start_timer(self, name: str, seconds: float) -> None:
        if self._still is not None and name in CALLERS_CLOCKS:
            self._still[name] = seconds
            return
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(max(0.0, seconds), self._post, TimerFired(name))

    def _start(self, work: Coroutine[Any, Any, None], if_it_breaks: CallEvent | None) -> None:
        def done(task: asyncio.Task[None]) -> None:
            self._running.discard(task)
            if task.cancelled() or (error := task.exception()) is None:
                return
            log.error("an errand broke", call_id=self._guest.call_id, exc_info=error)
            if if_it_breaks:
                self._post(if_it_breaks)

        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(done)

    async def _fetch(self, command: Fetch) -> None:
        self._post(await self._around.fetcher.fetch(command))

    async def _wait_in_queue(self, command: JoinQueue) -> None:
        self._post(await self._around.switchboard.join(self._guest.call_id, command, self._guest))

    async def _bridge(self, command: Transfer) -> None:
        """The carrier does not move this call: a second one is placed, and both meet here."""
        target, bridging = self._around.directory.get(command.target, ""), self._around.bridging
        outcome = "failed"
        if target and bridging:
            outcome = await bridging.connect(self._guest, command.target, target, command.timeout_seconds)
        else:
            log.warning("transfer not possible", call_id=self._guest.call_id, target=command.target, known=bool(target))
        self._post(TransferFinished(outcome))

    async def _take_message(self, command: TakeMessage) -> None:
        self._post(await self._dictaphone.take(command))
