"""Where callers wait for people, for a site that has no agents of its own."""

from ivr.model.commands import JoinQueue
from ivr.model.events import QueueLeft


class NobodyThere:
    """Every queue is closed: the flow then takes its `closed` path, usually a transfer to an outside number."""

    async def join(self, call_id: str, request: JoinQueue) -> QueueLeft:
        return QueueLeft("closed")
