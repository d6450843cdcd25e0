"""The agents of a generated history: shifts, who takes whom and when, what they were doing at each moment."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.history.world import NAMES, QUEUES
from ivr.model.insight import AgentChange
from ivr.model.people import AgentProfile, ServedQueue

SHIFTS = (6, 8, 10, 13)
"""Hours (UTC) at which people begin; each works eight hours and rests half an hour in the middle."""

SHIFT = timedelta(hours=8)
REST = timedelta(minutes=30)
PATIENCE_SECONDS = 160.0
MISSED, RING_OUT, LONGEST_WAIT = 0.035, 20.0, 600.0
SECONDS_A_CALL = 300.0
"""Of an agent: talk, hold and wrap-up; for how many are needed."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What became of one caller in a queue. Seconds since they joined it, and lengths."""

    queue: str
    outcome: str
    """connected, abandoned, closed, timed_out."""

    wait: float
    agent: str = ""
    missed: tuple[str, ...] = ()
    """Agents who were rung and did not answer."""

    ring: float = 0.0
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    transferred: bool = False
    by_agent: bool = False
    """The agent hung up first."""


@dataclass(slots=True)
class _Agent:
    profile: AgentProfile
    begins: int
    days: frozenset[int]
    free_at: datetime = datetime(1970, 1, 2, tzinfo=UTC)
    day: datetime | None = None
    """Begin of the shift they are in, or were in last."""

    rested: bool = False


@dataclass(slots=True)
class Staff:
    """Everybody who answers."""

    agents: list[_Agent]
    changes: list[AgentChange] = field(default_factory=list)

    @property
    def profiles(self) -> list[AgentProfile]:
        return [agent.profile for agent in self.agents]

    def serve(self, queue: str, joined: datetime, rng: random.Random) -> Talk:
        """Take the next caller who joins a queue."""
        able = [agent for agent in self.agents if self._at_work(agent, queue, joined)]
        if not able:
            return Talk(queue, "closed", 0.0)
        patience = 4.0 + rng.expovariate(1 / PATIENCE_SECONDS)
        missed: list[str] = []
        at = joined
        while True:
            agent = min(able, key=lambda one: max(one.free_at, at))
            rung = max(agent.free_at, at)
            ring = rng.uniform(2.0, 9.0)
            waited = (rung - joined).total_seconds()
            if waited + ring > patience or waited > LONGEST_WAIT:
                return Talk(
                    queue, "abandoned" if waited <= 600 else "timed_out", min(patience, 600.0), "", tuple(missed)
                )
            if rng.random() >= MISSED or len(missed) > 1:
                return self._talk(agent, queue, waited, rung, ring, tuple(missed), rng)
            missed.append(agent.profile.agent_id)
            self._note(agent, "ringing", rung)
            at = rung + timedelta(seconds=RING_OUT)
            self._note(agent, "available", at)
            agent.free_at = at + timedelta(seconds=30)

    def finish(self) -> None:
        """Everybody logs out."""
        for agent in self.agents:
            if agent.day:
                self._note(agent, "offline", max(agent.free_at, agent.day + SHIFT))

    def _talk(
        self, agent: _Agent, queue: str, waited: float, rung: datetime, ring: float, missed: tuple[str, ...],
        rng: random.Random,
    ) -> Talk:  # fmt: skip
        talk = min(1800.0, rng.lognormvariate(5.0, 0.62))
        hold = rng.uniform(15, 90) if rng.random() < 0.16 else 0.0
        wrap_up = rng.uniform(8, 60)
        begun = rung + timedelta(seconds=ring)
        parted = begun + timedelta(seconds=talk + hold)
        self._note(agent, "ringing", rung)
        self._note(agent, "on_call", begun)
        if hold:
            self._note(agent, "on_hold", begun + timedelta(seconds=talk / 2))
            self._note(agent, "on_call", begun + timedelta(seconds=talk / 2 + hold))
        self._note(agent, "wrap_up", parted)
        agent.free_at = parted + timedelta(seconds=wrap_up)
        self._note(agent, "available", agent.free_at)
        return Talk(
            queue, "connected", waited + ring, agent.profile.agent_id, missed, ring, talk, hold, wrap_up,
            rng.random() < 0.05, rng.random() < 0.11,
        )  # fmt: skip

    def _at_work(self, agent: _Agent, queue: str, now: datetime) -> bool:
        if queue not in (row.queue for row in agent.profile.queues):
            return False
        begin = now.replace(hour=agent.begins, minute=0, second=0, microsecond=0)
        if not begin <= now < begin + SHIFT or now.weekday() not in agent.days:
            return False
        if agent.day != begin:
            self._began(agent, begin)
        if not agent.rested and now >= begin + SHIFT / 2:
            agent.rested = True
            self._note(agent, "break", max(now, agent.free_at), "lunch")
            agent.free_at = max(now, agent.free_at) + REST
            self._note(agent, "available", agent.free_at)
        return agent.free_at < begin + SHIFT

    def _began(self, agent: _Agent, begin: datetime) -> None:
        if agent.day:
            self._note(agent, "offline", max(agent.free_at, agent.day + SHIFT))
        agent.day, agent.rested, agent.free_at = begin, False, max(begin, agent.free_at)
        self._note(agent, "available", agent.free_at)

    def _note(self, agent: _Agent, state: str, at: datetime, reason: str = "") -> None:
        self.changes.append(AgentChange(agent.profile.agent_id, state, reason, at))


def staff_for(calls_a_day: float, rng: random.Random) -> Staff:
    """As many agents as so many calls a day keep busy for about three quarters of their time."""
    wanted = round(calls_a_day * 0.29 * SECONDS_A_CALL / (SHIFT - REST).total_seconds() / 0.72 * 7 / 5)
    agents = [_agent(number, rng) for number in range(max(8, wanted))]
    return Staff(agents)


def _agent(number: int, rng: random.Random) -> _Agent:
    main = _dealt(number, list(QUEUES.items()))
    name = NAMES[number % len(NAMES)] + (f" {number // len(NAMES) + 1}" if number >= len(NAMES) else "")
    queues = (ServedQueue(main, 1), *(() if main == "general" else (ServedQueue("general", 2),)))
    skills = {"lang:en": 5, **({"lang:zh": 4} if number % 3 == 0 else {}), "card_services": 3 + number % 3}
    off = {(number + 5) % 7, (number + 6) % 7} if number % 2 else {5, 6}
    agent_id = name.lower().replace(" ", "-")
    return _Agent(AgentProfile(agent_id, name, skills, queues), SHIFTS[(number // 5 + rng.randrange(2)) % len(SHIFTS)],
                  frozenset(range(7)) - off)  # fmt: skip


def _dealt(number: int, shares: Sequence[tuple[str, float]]) -> str:
    """The queue of the agent with this number: shares are kept in every run of agents."""
    place, so_far = (number * 0.61803398875) % 1.0, 0.0
    for name, share in shares:
        so_far += share
        if place < so_far:
            return name
    return shares[-1][0]
