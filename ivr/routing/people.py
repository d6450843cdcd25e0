"""Pure: an agent as the routing sees them: state, clocks, counts. The rules of changing states are in `presence`."""

from dataclasses import dataclass, field

from ivr.model.people import AgentProfile, AgentState
from ivr.model.routing import KeptState, WrapUp

IN_A_CALL: frozenset[AgentState] = frozenset({"on_call", "on_hold", "consulting"})
BUSY: frozenset[AgentState] = IN_A_CALL | {"reserved", "ringing", "wrap_up"}
NOT_ABLE: frozenset[AgentState] = frozenset({"offline", "break", "not_responding"})
"""Whoever is in one of these counts as nobody when it is asked whether anybody can serve (domain.md 2.2.7)."""

FIRST_HOUR = 60.0
"""Rates per hour divide by at least a minute: somebody who just came is not infinitely busy."""


@dataclass(slots=True)
class Agent:
    profile: AgentProfile
    state: AgentState = "offline"
    reason: str = ""
    since: float = 0.0
    """When this state was entered. All times are seconds since 1970 UTC."""

    idle_since: float = 0.0
    expected_until: float = 0.0
    """They were at work before a restart, and should be back by then."""

    ready_at: float = 0.0
    """End of a cool-down after an offer that failed; available before it, but not rung."""

    next_state: AgentState | None = None
    """Asked for while busy: break or offline."""

    next_reason: str = ""
    recovery: float = 0.0
    """Seconds of the break after an abusive call; 0: they come back when they say so."""

    offer_id: str = ""
    entry_id: str = ""
    """Whom they talk with."""

    missed: int = 0
    """In a row."""

    unreachable: int = 0
    rejects: int = 0
    seen_at: float | None = None
    """Last heartbeat; None: they send none."""

    wrap_up: WrapUp = WrapUp()
    wrap_up_until: float | None = None
    is_extended: bool = False
    handled_from: float = 0.0
    handled_queue: str = ""
    calls_today: int = 0
    talk_today: float = 0.0
    logged_before: float = 0.0
    """Seconds logged in today before this login."""

    logged_in_at: float = 0.0
    time_in: dict[AgentState, float] = field(default_factory=dict)
    """Seconds in each state since this login, without the present one."""

    @property
    def agent_id(self) -> str:
        return self.profile.agent_id

    @property
    def is_able(self) -> bool:
        """Could take a caller sooner or later, without anybody asking them to come back."""
        return self.state not in NOT_ABLE and self.next_state is None

    def is_able_soon(self, now: float) -> bool:
        """Able, or on their way back after a restart."""
        return self.is_able or (self.state == "offline" and now < self.expected_until)

    def is_ready(self, now: float) -> bool:
        return self.state == "available" and self.ready_at <= now

    def enter(self, state: AgentState, now: float, reason: str = "") -> None:
        """Change state and book the time of the old one, so that times in states add up to the login."""
        if self.state != "offline":
            self.time_in[self.state] = self.time_in.get(self.state, 0.0) + now - self.since
        if state == "offline" and self.state != "offline":
            self.logged_before += now - self.logged_in_at
        self.state, self.reason, self.since = state, reason, now

    def seconds_today(self, now: float) -> float:
        return self.logged_before + (now - self.logged_in_at if self.state != "offline" else 0.0)

    def calls_rate(self, now: float) -> float:
        """Calls per logged-in second: rates, so that logging in again cannot reset them (domain.md 2.2.3)."""
        return self.calls_today / max(FIRST_HOUR, self.seconds_today(now))

    def talk_rate(self, now: float) -> float:
        return self.talk_today / max(FIRST_HOUR, self.seconds_today(now))

    def times(self, now: float) -> dict[AgentState, float]:
        """Seconds in each state since this login, with the present one; they add up to the time logged in."""
        if self.state == "offline":
            return dict(self.time_in)
        return {**self.time_in, self.state: self.time_in.get(self.state, 0.0) + now - self.since}

    def kept(self, now: float, day: str = "") -> KeptState:
        return KeptState(
            self.agent_id, self.state, self.reason, self.since, self.calls_today, self.talk_today,
            self.seconds_today(now), day,
        )  # fmt: skip
