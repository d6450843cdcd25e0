"""Pure: what the routing needs of the world besides `AgentPhones` and `Meetings`: calls to customers, and a memory."""

from collections.abc import Callable
from typing import Protocol

from ivr.model.acquaintance import Acquaintance
from ivr.model.events import QueueLeft
from ivr.model.people import AgentProfile, Handoff
from ivr.model.ports import Guest
from ivr.model.routing import KeptPlace, KeptState, RoutingEvent


class CallBack(Protocol):
    """Calls customers who kept their place."""

    async def call(self, entry_id: str, number: str, handoff: Handoff, gone: Callable[[], None]) -> Guest:
        """Ring `number` (E.164) and return who answered; cancelling hangs up. `gone` is called if they hang up later.

        Raises:
            CallFailed: `outcome` is no_answer, busy, machine, declined or failed.
        """

    async def give_back(self, guest: Guest, left: QueueLeft) -> None:
        """The talk is over, or there was none: survey or goodbye."""


class Memory(Protocol):
    """Knows callers from before."""

    async def of(self, handoff: Handoff) -> Acquaintance:
        """Within a second, and never raises: whoever cannot be looked up is a stranger this time."""


class RoutingBook(Protocol):
    """What of the routing outlives a restart. Writing never waits and never raises; it is done soon."""

    def keep_place(self, place: KeptPlace) -> None: ...

    def drop_place(self, entry_id: str) -> None: ...

    def keep_state(self, state: KeptState) -> None: ...

    def note(self, event: RoutingEvent) -> None: ...

    async def places(self) -> tuple[KeptPlace, ...]:
        """Raises StoreError: the database is away. So do the following."""

    async def states(self) -> tuple[KeptState, ...]: ...

    async def agents(self) -> tuple[AgentProfile, ...]: ...
