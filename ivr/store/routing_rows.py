"""Pure: places in queues, agents and their states as rows and back; what is written about them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import KeptPlace, KeptState, RoutingEvent

Row = Mapping[str, Any]
PLAIN_PLACE = tuple(field.name for field in fields(KeptPlace) if field.name not in ("enqueued_at", "skills", "avoid"))
PLAIN_AGENT = tuple(field.name for field in fields(AgentProfile) if field.name not in ("skills", "queues"))


@dataclass(frozen=True, slots=True)
class PlaceKept:
    place: KeptPlace


@dataclass(frozen=True, slots=True)
class PlaceGone:
    entry_id: str


@dataclass(frozen=True, slots=True)
class StateKept:
    state: KeptState


@dataclass(frozen=True, slots=True)
class RoutingHappened:
    event: RoutingEvent


RoutingWrite = PlaceKept | PlaceGone | StateKept | RoutingHappened


def last_places(writes: Iterable[object]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows to keep and entries that are gone: of several writes about one place the last counts."""
    last: dict[str, PlaceKept | PlaceGone] = {}
    for write in writes:
        if isinstance(write, PlaceKept):
            last[write.place.entry_id] = write
        elif isinstance(write, PlaceGone):
            last[write.entry_id] = write
    kept = [place_row(write.place) for write in last.values() if isinstance(write, PlaceKept)]
    return kept, [write.entry_id for write in last.values() if isinstance(write, PlaceGone)]


def last_states(writes: Iterable[object]) -> list[dict[str, Any]]:
    last = {write.state.agent_id: write.state for write in writes if isinstance(write, StateKept)}
    return [state_row(state) for state in last.values()]


def state_changes(writes: Iterable[object]) -> list[dict[str, Any]]:
    """What agents began to do; written again with other figures of the day it is the same row."""
    return [
        {"agent_id": one.agent_id, "since_ms": round(one.since * 1000), "state": one.state, "reason": one.reason}
        for one in (write.state for write in writes if isinstance(write, StateKept))
    ]


def place_row(place: KeptPlace) -> dict[str, Any]:
    return {
        **{name: getattr(place, name) for name in PLAIN_PLACE},
        "enqueued_at_ms": round(place.enqueued_at * 1000),
        "skills": [list(astuple(need)) for need in place.skills],
        "avoid": list(place.avoid),
    }


def place_of(row: Row) -> KeptPlace:
    return KeptPlace(
        **{name: row[name] for name in PLAIN_PLACE},
        enqueued_at=row["enqueued_at_ms"] / 1000,
        skills=tuple(Requirement(*need) for need in row["skills"]),
        avoid=tuple(row["avoid"]),
    )


def state_row(state: KeptState) -> dict[str, Any]:
    row = asdict(state)
    since = row.pop("since")
    return {**row, "since_ms": round(since * 1000)}


def state_of(row: Row) -> KeptState:
    known = dict(row)
    since = known.pop("since_ms") / 1000
    return KeptState(**known, since=since)


def agent_row(profile: AgentProfile) -> dict[str, Any]:
    return {
        **{name: getattr(profile, name) for name in PLAIN_AGENT},
        "skills": dict(profile.skills),
        "queues": [list(astuple(row)) for row in profile.queues],
    }


def agent_of(row: Row) -> AgentProfile:
    return AgentProfile(
        **{name: row[name] for name in PLAIN_AGENT},
        skills=row["skills"],
        queues=tuple(ServedQueue(*served) for served in row["queues"]),
    )


def event_row(event: RoutingEvent) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in ("name", "entry_id", "queue", "agent", "offer_id")}
    return {**row, "at_ms": round(event.at * 1000), "carries": dict(event.carries)}


def event_of(row: Row) -> RoutingEvent:
    return RoutingEvent(
        row["name"], row["at_ms"] / 1000, row["entry_id"], row["queue"], row["agent"], row["offer_id"], row["carries"]
    )
