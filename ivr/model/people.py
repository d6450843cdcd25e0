"""Pure: the people who answer: what a caller needs of them, and what they are told before they pick up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NEVER_RELAXED = ("lang:", "authority:")
"""Whoever does not speak the language or may not decide is no help, however long the wait (domain.md 2.2.3)."""

COMPLAINT = "complaint"
"""The skill that is wished for with an angry caller (domain.md 2.10.1)."""

AgentState = Literal[
    "offline", "available", "reserved", "ringing", "on_call", "on_hold", "consulting", "wrap_up", "break",
    "not_responding",
]  # fmt: skip
BREAK_REASONS = (
    "login", "lunch", "rest", "training", "meeting", "coaching", "tech", "personal", "recovery", "one_shot",
)  # fmt: skip
"""Why somebody takes a break. `login` and `one_shot` are given by the server: not ready yet, one call was taken."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One skill a caller needs, at a level (domain.md 2.2.2). Written in flows as `card_services>=3`."""

    skill: str
    """card_services, lang:zh, product:ac, authority:refund_500."""

    min_level: int = 1
    """1 to 5."""

    weight: float = 1.0
    mandatory: bool = True
    relaxable: bool | None = None
    """Whether a later routing step may lower or drop it. None: not for language and authority, for others yes."""

    @property
    def may_relax(self) -> bool:
        if self.relaxable is not None:
            return self.relaxable
        return not self.skill.startswith(NEVER_RELAXED)

    @property
    def is_domain(self) -> bool:
        """A plain skill, not one of a family: no language, product, team or authority."""
        return ":" not in self.skill


@dataclass(frozen=True, slots=True)
class Handoff:
    """Everything already learned, shown to the agent before they answer (domain.md 2.2.6)."""

    call_id: str
    caller: str = ""
    language: str = "en"
    queue: str = ""
    """The one that serves them, wherever they came from."""

    reason: str = ""
    """Escalation reason code (domain.md 2.10.4)."""

    intent: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Slots filled and facts the flow chose to hand over, never a secret."""

    summary: str = ""
    last_turns: tuple[tuple[str, str], ...] = ()
    """(who, words), oldest first; who is caller, bot or agent."""

    tried: tuple[str, ...] = ()
    """Steps the bot went through, oldest first."""

    customer: str = ""
    tier: str = ""
    authentication_level: int = 0
    """0 none, 1 number match, 2 knowledge, 3 one-time code (domain.md 2.11)."""

    mood: float | None = None
    """-1 to 1, running; None: not known."""

    wait_announced: int = 0
    """Minutes of waiting that the caller was told of last; 0: none."""

    came_from: str = ""
    """The queue they first came to, where another one serves them."""

    flow: str = ""
    """The flow that served them: its file says how its intents and facts are called for people to read."""


@dataclass(frozen=True, slots=True)
class ServedQueue:
    """One row of an agent's profile (domain.md 2.2.1, routing profiles)."""

    queue: str
    priority: int = 1
    """1 to 99; an agent who frees up takes callers of the lowest number first."""

    delay_seconds: float = 0.0
    """Callers who have waited less are left to others."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """Who somebody is, as a supervisor writes it down. What they do just now is kept by the routing."""

    agent_id: str
    name: str = ""
    """As it may be told to the caller; may be empty."""

    skills: Mapping[str, int] = field(default_factory=dict)
    """Level 1 to 5 by skill."""

    queues: tuple[ServedQueue, ...] = ()
    phone: str = ""
    """SIP address or E.164 number that rings; empty: the desk in the browser."""

    tier_level: int = 1
    """For `top_down`: lower is asked first."""

    tier_position: int = 0
    """Place in the order of `top_down` and `round_robin`."""

    weight: float = 1.0
    """For `weighted_random`."""

    one_shot: bool = False
    """Takes one call, then pauses (FreeSWITCH "Available (On Demand)")."""

    def serves(self, queue: str) -> ServedQueue | None:
        return next((row for row in self.queues if row.queue == queue), None)


@dataclass(frozen=True, slots=True)
class AgentNote:
    """What an agent writes of a call when it is over."""

    call_id: str
    agent: str
    queue: str = ""
    disposition: str = ""
    """What came of it, as one of a list; empty: not said."""

    text: str = ""
