"""What a call has running besides talk: timers, requests to other systems, a place in a queue."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ivr.call.live import Surroundings
from ivr.model.commands import CancelTimer, Fetch, JoinQueue, LeaveQueue, StartTimer, TakeMessage
from ivr.model.events import CallEvent, QueueLeft, TimerFired
from ivr.model.ports import Guest


class Errands:
    """Each comes back as one event; stopping the call stops them all."""

    def __init__(self, guest: Guest, around: Surroundings, post: Callable[[CallEvent], None]) -> None:
        self._guest, self._around, self._post = guest, around, post
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._running: set[asyncio.Task[None]] = set()

    def run(self, command: StartTimer | CancelTimer | Fetch | JoinQueue | LeaveQueue | TakeMessage) -> None:
        match command:
            case StartTimer(name=name, seconds=seconds):
                self._cancel(name)
                loop = asyncio.get_running_loop()
                self._timers[name] = loop.call_later(seconds, self._post, TimerFired(name))
            case CancelTimer(name=name):
                self._cancel(name)
            case Fetch():
                self._start(self._fetch(command))
            case JoinQueue():
                self._start(self._wait_in_queue(command))
            case LeaveQueue(outcome=outcome, number=number):
                self._start(self._around.switchboard.leave(self._guest.call_id, outcome, number))
            case TakeMessage():
                self._post(QueueLeft("closed"))

    def stop(self) -> None:
        for name in list(self._timers):
            self._cancel(name)
        for task in self._running:
            task.cancel()

    def _cancel(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _fetch(self, command: Fetch) -> None:
        self._post(await self._around.fetcher.fetch(command))

    async def _wait_in_queue(self, command: JoinQueue) -> None:
        self._post(await self._around.switchboard.join(self._guest.call_id, command, self._guest))
