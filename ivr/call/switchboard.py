"""Where callers wait for people, for a site that has no agents of its own."""

from ivr.model.commands import JoinQueue
from ivr.model.events import QueueLeft
from ivr.model.ports import Guest


class NobodyThere:
    """Every queue is closed: the flow then takes its `closed` path, usually a transfer to an outside number."""

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        return QueueLeft("closed")

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        """Nobody waits here."""
