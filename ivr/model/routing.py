"""Pure: queues as they are configured, what happened in them, and what of it must outlive a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.model.people import AgentState, Requirement

Strategy = Literal[
    "longest_idle", "best_skill", "least_versatile", "fewest_calls", "least_talk_time", "round_robin", "top_down",
    "weighted_random", "ring_all",
]  # fmt: skip
"""Which of the agents who may take a caller is rung (domain.md 2.2.3)."""

Ordering = Literal["score", "strict"]
OnExhausted = Literal["keep_last", "any_in_queue", "overflow"]
WrapUpKind = Literal["none", "optional", "timeboxed", "mandatory"]
CallbackMode = Literal["agent_first", "customer_first"]
EwtMethod = Literal["position", "recent_mean"]


@dataclass(frozen=True, slots=True)
class RoutingStep:
    """What is asked of an agent for a while (domain.md 2.2.2)."""

    all_of: tuple[Requirement, ...] = ()
    any_of: tuple[Requirement, ...] = ()
    """At least one of them, if there are any."""

    agents: frozenset[str] | None = None
    """Only these; None: anybody."""

    expires_after: float | None = None
    """Seconds; None: for ever."""


@dataclass(frozen=True, slots=True)
class OfferRules:
    """Seconds and counts of an offer; defaults are domain.md 2.2.4."""

    ring: float = 20.0
    """10 to 45."""

    reject_delay: float = 10.0
    missed_exclusion: float = 60.0
    """An agent who missed, was busy or unreachable is not rung for the same caller again so soon."""

    missed_delay: float = 30.0
    busy_delay: float = 60.0
    unreachable_delay: float = 5.0
    max_missed: int = 3
    max_unreachable: int = 3
    hard_limit: float = 5.0
    """A reservation ends this long after the ringing should have, whatever became of the telephone."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    kind: WrapUpKind = "timeboxed"
    """none; optional (as long as the agent likes, they may leave at once); timeboxed; mandatory (timeboxed, and ends
    only with a disposition)."""

    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Disposition:
    """What can come of a call of a queue, for agents to choose."""

    name: str
    """As it is kept."""

    en: str = ""
    zh: str = ""
    """As it is shown; empty: the name."""


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Seconds; defaults are domain.md 2.2.9."""

    mode: CallbackMode = "agent_first"
    offer_over: float = 180.0
    """Offered when the estimated wait is longer; 0: never."""

    most_offers: int = 2
    initial_delay: float = 60.0
    max_attempts: int = 3
    retry_delay: float = 300.0
    expires_after: float = 259_200.0
    """From the caller's coming to the queue: then the place is given up. Three days, as long as Amazon Connect waits at
    most before its first attempt (domain.md 2.2.9)."""


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """One queue. Times in seconds; defaults are domain.md App. A."""

    name: str
    strategy: Strategy = "longest_idle"
    ordering: Ordering = "score"
    """strict: priority first whatever anybody waited. It starves; prefer head starts."""

    age_rate: float = 1.0
    """Points of score per second of waiting."""

    skills: tuple[Requirement, ...] = ()
    """Asked of every agent here, besides what the flow asks."""

    relax_after: tuple[float, float, float] = (20.0, 20.0, 30.0)
    """How long the steps of the default ladder hold: as asked, levels lower, without the optional."""

    on_exhausted: OnExhausted = "keep_last"
    last_step: float = 30.0
    """How long the last step of the ladder holds where something comes after it."""

    service_level_s: float = 20.0
    service_level_goal: float = 0.8
    short_abandon_s: float = 5.0
    max_wait: float = 600.0
    """0: no limit."""

    max_size: int = 0
    """0: no limit."""

    join_empty: bool = False
    """Let callers wait though nobody could serve them."""

    leave_when_empty: bool = True
    empty_grace: float = 30.0
    overflow: str = ""
    """Queue that takes who waited too long, finds nobody here, or exhausted the steps."""

    wrap_up: WrapUp = WrapUp()
    dispositions: tuple[Disposition, ...] = ()
    """None: the usual ones of the desk."""

    offer: OfferRules = OfferRules()
    callback: CallbackRules = CallbackRules()
    hold_audio: str = ""
    """Sound file for those who wait; empty: our own."""

    announce_every: float = 75.0
    announce_first_over: float = 30.0
    announce_min_gap: float = 15.0
    handling_default: float = 240.0
    sticky: bool = True
    sticky_wait: float = 30.0
    vip_team_wait: float = 30.0
    resume: float = 60.0
    """A caller who hung up and calls again within this time has their old place; 0: never."""

    ewt_method: EwtMethod = "position"
    recovery_break: float = 180.0
    """Break of the agent after a call they call abusive (domain.md 2.10.1); 0: none."""

    title: Mapping[str, str] = field(default_factory=dict)
    """As people read it and agents hear it, by language; without: its name."""

    idle_basis: Literal["available_since", "last_contact_end"] = "available_since"
    outbound_counts: bool = True


@dataclass(frozen=True, slots=True)
class RoutingEvent:
    """Something that happened in a queue or to an agent. Names are those of domain.md 2.1."""

    name: str
    """queue.entered, queue.offered, queue.offer_failed, queue.connected, queue.abandoned, queue.timed_out,
    queue.exited_empty, queue.exited_with_key, queue.callback_requested, queue.callback_ended, queue.step_expired,
    queue.refused, call.completed, call.transferred, agent.state, agent.paused, agent.unpaused,
    routing.hard_to_place, routing.many_emergencies, routing.requeued."""

    at: float
    """Seconds since 1970 UTC."""

    entry_id: str = ""
    queue: str = ""
    agent: str = ""
    offer_id: str = ""
    carries: Mapping[str, Any] = field(default_factory=dict)
    """What the event is about; plain JSON values, never a caller's number or words."""


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A place in a queue as it is written down, so that a restart does not lose it."""

    entry_id: str
    call_id: str
    queue: str
    caller: str
    """E.164 or empty; who calls again from it gets the place back."""

    enqueued_at: float
    """Seconds since 1970 UTC. Never changes."""

    priority: int = 0
    emergency: bool = False
    tier: str = ""
    language: str = "en"
    skills: tuple[Requirement, ...] = ()
    avoid: tuple[str, ...] = ()
    callback_number: str = ""
    """E.164 to call back; empty: the caller waits on the line."""

    attempts: int = 0
    """Callbacks tried."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeptState:
    """What an agent was doing and has done today."""

    agent_id: str
    state: AgentState
    reason: str = ""
    since: float = 0.0
    calls_today: int = 0
    talk_today: float = 0.0
    logged_in_today: float = 0.0
    day: str = ""
    """Date the counts are of."""
