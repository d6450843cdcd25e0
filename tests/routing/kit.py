"""A small call centre to test the routing with: short ways to say what happens, and to read what came of it."""

from collections.abc import Iterable
from typing import Any

from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import QueueSettings
from ivr.routing.centre import Centre
from ivr.routing.effects import Effect, Record, Ring
from ivr.routing.happenings import AgentKnown, AgentLoggedIn, CallerJoined, Happening, OfferAccepted, OfferRang, Tick
from ivr.routing.people import Agent

CARD = Requirement("card", 3)


def profile(
    agent_id: str, *queues: str | ServedQueue, skills: dict[str, int] | None = None, **more: Any
) -> AgentProfile:
    rows = tuple(row if isinstance(row, ServedQueue) else ServedQueue(row) for row in queues or ("general",))
    return AgentProfile(agent_id, skills={"lang:en": 5} if skills is None else skills, queues=rows, **more)


class Story:
    """A centre with its clock: each step says what happens when, and keeps what was to be done."""

    def __init__(self, *queues: QueueSettings, **more: Any) -> None:
        self.centre = Centre(queues or (QueueSettings("general"),), **more)
        self.now = 0.0
        self.effects: list[Effect] = []
        self.all: list[Effect] = []

    def at(self, now: float) -> "Story":
        self.now = now
        return self

    def happens(self, happening: Happening) -> list[Effect]:
        self.effects = self.centre.handle(happening, self.now)
        self.all += self.effects
        return self.effects

    def comes(self, profile: AgentProfile) -> None:
        """An agent logs in and is available."""
        self.happens(AgentKnown(profile))
        self.happens(AgentLoggedIn(profile.agent_id, available=True))

    def joins(self, entry_id: str, queue: str = "general", *skills: Requirement, **more: Any) -> list[Effect]:
        return self.happens(CallerJoined(entry_id, queue, skills=skills, **{"language": "en", **more}))

    def ticks(self, until: float, every: float = 0.25) -> list[Effect]:
        """Time passes; what was to be done meanwhile."""
        found: list[Effect] = []
        while self.now < until:
            self.now = min(until, self.now + every)
            found += self.happens(Tick())
        return found

    def answers(self, agent_id: str) -> list[Effect]:
        """The telephone of an agent rings and they pick up."""
        offer_id = self.agent(agent_id).offer_id
        self.happens(OfferRang(offer_id))
        return self.happens(OfferAccepted(offer_id))

    def agent(self, agent_id: str) -> Agent:
        return self.centre.floor.agents[agent_id]

    def rung(self, effects: Iterable[Effect] | None = None) -> list[tuple[str, str]]:
        """(caller, agent) of each telephone that was rung."""
        return [
            (one.entry_id, one.agent_id) for one in (self.effects if effects is None else effects)
            if isinstance(one, Ring)
        ]  # fmt: skip

    def events(self, effects: Iterable[Effect] | None = None) -> list[str]:
        return [one.event.name for one in (self.effects if effects is None else effects) if isinstance(one, Record)]

    def carried(self, name: str) -> dict[str, Any]:
        """What the latest event of that name carried."""
        return next(
            dict(one.event.carries) for one in reversed(self.all) if isinstance(one, Record) and one.event.name == name
        )
