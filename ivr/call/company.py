"""Pure: how long a caller waited for people, with whom they talked, and for how long."""

from dataclasses import dataclass, field
from typing import Any

from ivr.model.events import AgentJoined, QueueLeft


@dataclass(slots=True)
class Company:
    """Times are seconds since the call was answered. Waits and talks of several queues add up."""

    queues: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    waited: float = 0.0
    talked: float = 0.0
    _since: float | None = None
    """When the wait or the talk under way began."""

    _talks: bool = False

    @property
    def is_waiting(self) -> bool:
        return self._since is not None and not self._talks

    @property
    def is_talking(self) -> bool:
        return self._talks

    def joined_queue(self, queue: str, at: float) -> None:
        self.queues.append(queue)
        self._since, self._talks = at, False

    def moved(self, queue: str) -> None:
        """Another queue serves them; the clock runs on."""
        self.queues.append(queue)

    def agent_joined(self, event: AgentJoined, at: float) -> None:
        self._count(at)
        self._met(event.agent)
        self._since, self._talks = at, True

    def waits_again(self, at: float) -> None:
        """The line of the person they talked with was lost."""
        self._count(at)
        self._since, self._talks = at, False

    def left(self, event: QueueLeft, at: float) -> None:
        self._count(at)
        if event.outcome == "connected":
            self._met(event.agent)
        self._since, self._talks = None, False

    def parted(self, at: float) -> None:
        """Whoever a transfer was to has hung up, or never answered."""
        if self._talks:
            self._count(at)
            self._since, self._talks = None, False

    def stats(self, at: float) -> dict[str, Any]:
        """For the record; empty for a call that never came to a queue."""
        if not self.queues:
            return {}
        self._count(at)
        self._since = None
        known = {"queues": list(self.queues), "queue_seconds": round(self.waited, 1)}
        return known | ({"agents": list(self.agents), "talk_seconds": round(self.talked, 1)} if self.agents else {})

    def _met(self, agent: str) -> None:
        if agent and agent not in self.agents:
            self.agents.append(agent)

    def _count(self, at: float) -> None:
        if self._since is None:
            return
        seconds = max(0.0, at - self._since)
        self.talked += seconds if self._talks else 0.0
        self.waited += 0.0 if self._talks else seconds
