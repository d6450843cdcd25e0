"""Pure: what the benchmarks of lines know of a kind of line: our side in this process, the far end in another.

A new kind is one class with `serving` and `call`, and one entry in `benchmarks.room_delay.KINDS`.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.model.ports import Line

Take = Callable[[int, Line], Awaitable[None]]
"""Holds the line of caller number so and so to its end."""


class Phone(Protocol):
    """The person at the far end. Times are `time.monotonic()`, the same in all processes of a machine."""

    seconds: float

    def say(self, number: int, at: float) -> NDArray[np.int16]:
        """The `number`th 20 ms, handed over at `at`; 8 kHz, shape (160,)."""

    def hear(self, at: float, samples: NDArray[np.int16]) -> None:
        """This began to play at `at`; 8 kHz."""


class LineKind(Protocol):
    def serving(self, callers: int, take: Take) -> AbstractAsyncContextManager[list[Any]]:
        """Our side: answer so many calls; gives what each far end needs to call (picklable)."""

    async def call(self, ticket: Any, phone: Phone, loss: float) -> None:
        """The far end, in another process: talk for `phone.seconds`. `loss`: share of the packets that are lost on
        the way to us, and where the network can lose them, back."""
