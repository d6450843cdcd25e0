"""Pure: what the routing wants done. The dispatcher does it; the simulator pretends to."""

from dataclasses import dataclass, field

from ivr.model.people import AgentState
from ivr.model.routing import RoutingEvent


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring an agent's telephone for a caller."""

    offer_id: str
    agent_id: str
    entry_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelOffer:
    """Stop ringing. Nothing happens if it does not ring any longer."""

    offer_id: str
    agent_id: str
    entry_id: str
    reason: str
    """caller_gone, lost_race, timed_out, agent_gone, too_late (accepted after it had ended: somebody else won)."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Let caller and agent talk; say so with `TalkEnded` when they are done."""

    offer_id: str
    agent_id: str
    entry_id: str
    requeued: bool = False


@dataclass(frozen=True, slots=True)
class CallBackNow:
    """Call the customer who kept their place. `offer_id` is empty where nobody waits for them (customer first)."""

    entry_id: str
    number: str
    offer_id: str = ""
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class BeingRung:
    """Somebody is being rung for this caller."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class BackInLine:
    """The agent's line was lost: the caller waits again, at their old place; hold music again."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Another queue serves this caller from now on; the music is its."""

    entry_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class Left:
    """The caller is out of the queue and of every conversation: `Switchboard.join` returns."""

    entry_id: str
    outcome: str
    """As in `QueueLeft`."""

    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """Write the place down (or that it is gone)."""

    entry_id: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """Write the agent's state down, and show it on the desk."""

    agent_id: str
    state: AgentState
    reason: str = ""
    next_state: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Keep an event."""

    event: RoutingEvent = field()


Effect = (
    Ring
    | CancelOffer
    | Connect
    | CallBackNow
    | BeingRung
    | BackInLine
    | Moved
    | Left
    | PlaceChanged
    | AgentChanged
    | Record
)
