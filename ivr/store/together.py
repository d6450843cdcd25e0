"""Many small transactions made as few: whoever asks while one is under way goes into the next, all of them together.

A single asker has a transaction at once; whoever asks soon after it waits a moment for company, so that the busier it
gets, the more share one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ivr.model.errors import IvrError, StoreError

Ask = TypeVar("Ask")
Told = TypeVar("Told")

MOST = 200
"""In one transaction: beyond it the first would wait for the last."""

GATHER_SECONDS = 0.025
"""Between two transactions: at most forty a second, however many ask."""


class Together(Generic[Ask, Told]):
    def __init__(self, carry_out: Callable[[Sequence[Ask]], Awaitable[Sequence[Told | IvrError]]]) -> None:
        """
        Args:
            carry_out: do what is asked, in this order and in one transaction; an answer each, or what is wrong with
                that one. Raises where nothing was done: `StoreError` if there is no use in asking for each alone.
        """
        self._carry_out = carry_out
        self._waiting: list[tuple[Ask, asyncio.Future[Told]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, one: Ask) -> Told:
        """On disk when it returns. A cancelled asker may have been heard all the same.

        Raises:
            IvrError: what `carry_out` told or raised.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Told] = loop.create_future()
        self._waiting.append((one, future))
        if self._running is None:
            self._running = loop.create_task(self._run(), name="together")
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                if not await self._do(batch) and len(batch) > 1:
                    # One of them may be what is wrong: the others shall not suffer for it.
                    for each in batch:
                        await self._do([each], last=True)
                await asyncio.sleep(0 if len(self._waiting) >= MOST else GATHER_SECONDS)
        finally:
            self._running = None

    async def _do(self, batch: Sequence[tuple[Ask, asyncio.Future[Told]]], *, last: bool = False) -> bool:
        """False: nobody was told anything, and each may be tried alone."""
        (told,) = await asyncio.gather(self._carry_out([one for one, _ in batch]), return_exceptions=True)
        if isinstance(told, BaseException):
            if not isinstance(told, StoreError) and not last and len(batch) > 1:
                return False
            answers: Sequence[Told | BaseException] = [told] * len(batch)
        else:
            answers = told
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        return True
