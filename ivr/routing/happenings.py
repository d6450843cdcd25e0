"""Pure: what can happen to a call centre: the one way in. Whatever names an offer that has ended is ignored."""

from dataclasses import dataclass
from typing import Literal

from ivr.model.people import AgentProfile, Requirement
from ivr.model.routing import KeptPlace, KeptState, QueueSettings, RoutingStep


@dataclass(frozen=True, slots=True)
class CallerJoined:
    entry_id: str
    queue: str
    call_id: str = ""
    caller: str = ""
    skills: tuple[Requirement, ...] = ()
    steps: tuple[RoutingStep, ...] = ()
    """Instead of the default ladder."""

    language: str = ""
    """The agent must speak it; empty: anybody will do."""

    priority: int = 0
    """Head start in seconds, whatever it is for; see `ivr.routing.priority`."""

    emergency: bool = False
    tier: str = ""
    last_agent: str = ""
    """Who handled the same case within seven days."""

    avoid: frozenset[str] = frozenset()
    """Never these (rated 2 or less, complained about)."""

    reason: str = ""
    enqueued_at: float | None = None
    """A place kept from before; None: now."""


@dataclass(frozen=True, slots=True)
class CallerLeft:
    entry_id: str
    outcome: Literal["abandoned", "exited_with_key", "callback"] = "abandoned"
    key: str = ""
    number: str = ""
    """E.164, for `callback`."""


@dataclass(frozen=True, slots=True)
class CallersForgotten:
    """Who has asked to be forgotten is not called back, and an old place of theirs is nobody's. Whoever is on the line
    goes on."""

    numbers: frozenset[str]
    """E.164."""


@dataclass(frozen=True, slots=True)
class PlaceRestored:
    """A place from before a restart: a callback goes on waiting; of a call, whoever comes back gets it."""

    place: KeptPlace


@dataclass(frozen=True, slots=True)
class AgentKnown:
    """A new agent, or new skills and queues of one."""

    profile: AgentProfile
    before: KeptState | None = None
    """Counts of today from before a restart."""


@dataclass(frozen=True, slots=True)
class AgentForgotten:
    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentLoggedIn:
    agent_id: str
    available: bool = False
    """False: a break (`login`) until they say that they are ready."""


@dataclass(frozen=True, slots=True)
class AgentLoggedOut:
    agent_id: str
    reason: str = "logout"


@dataclass(frozen=True, slots=True)
class StateAsked:
    """Available, or a break. While busy it is remembered and takes effect after wrap-up."""

    agent_id: str
    state: Literal["available", "break"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """Heartbeat. An agent who never sent one is not expected to (a SIP telephone)."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class OutboundBegan:
    """The agent works for somebody else than a queue."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class OutboundEnded:
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferRang:
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    offer_id: str
    how: Literal["rejected", "timed_out", "busy", "unreachable"]


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    entry_id: str


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    entry_id: str
    outcome: str
    """no_answer, busy, machine, declined, failed."""


@dataclass(frozen=True, slots=True)
class HoldBegan:
    agent_id: str


@dataclass(frozen=True, slots=True)
class HoldEnded:
    agent_id: str


@dataclass(frozen=True, slots=True)
class ConsultBegan:
    agent_id: str


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    agent_id: str


@dataclass(frozen=True, slots=True)
class TalkEnded:
    entry_id: str
    by: Literal["customer", "agent", "system", "network"] = "agent"


@dataclass(frozen=True, slots=True)
class CallTransferred:
    """The agent gave the caller away: to a queue (they wait there, +30), or out of our hands."""

    entry_id: str
    target: str
    queue: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A consultation ended with the caller staying with whom the agent had consulted."""

    entry_id: str
    agent_id: str
    """Who has the caller now; one of ours, or a name from outside."""


@dataclass(frozen=True, slots=True)
class AgentLineLost:
    entry_id: str


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    agent_id: str
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    agent_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Reprioritised:
    entry_id: str
    priority: int
    emergency: bool | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """An agent takes this very caller, before everybody and whatever their skills."""

    entry_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class QueueConfigured:
    settings: QueueSettings


@dataclass(frozen=True, slots=True)
class DayBegan:
    """Counts of the day begin at zero."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: every 250 ms."""


OfCaller = (
    CallerJoined
    | CallerLeft
    | CallersForgotten
    | PlaceRestored
    | CallbackAnswered
    | CallbackFailed
    | TalkEnded
    | CallTransferred
    | HandedOver
    | AgentLineLost
    | Reprioritised
    | Pulled
)
OfOffer = OfferRang | OfferAccepted | OfferFailed
OfPresence = AgentForgotten | AgentLoggedIn | AgentLoggedOut | StateAsked | OutboundBegan | OutboundEnded
OfWork = HoldBegan | HoldEnded | ConsultBegan | ConsultEnded | WrapUpDone | WrapUpExtended
OfCentre = QueueConfigured | AgentKnown | DayBegan
Happening = OfCaller | OfOffer | OfPresence | OfWork | OfCentre | AgentSeen | Tick
