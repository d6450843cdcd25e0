"""Pure: what the routing is told of a talk, from one view of it to the next: hold, consultation, handing over."""

from collections.abc import Mapping

from ivr.call.attendance import MeetingView, Phase
from ivr.routing.happenings import (
    ConsultBegan,
    ConsultEnded,
    HandedOver,
    Happening,
    HoldBegan,
    HoldEnded,
    OutboundEnded,
)

BEGAN: Mapping[Phase, type[HoldBegan | ConsultBegan]] = {"held": HoldBegan, "consulting": ConsultBegan}
ENDED: Mapping[Phase, type[HoldEnded | ConsultEnded]] = {"held": HoldEnded, "consulting": ConsultEnded}


def happenings(before: MeetingView | None, after: MeetingView, entry_id: str) -> list[Happening]:
    """In order. Whoever was consulted and is not one of our agents is refused by the routing, which is right."""
    if before is None:
        return []
    found: list[Happening] = []
    if after.phase != "over" and after.agent != before.agent:
        # The consulted one has the caller now; the agent from before writes up.
        return [HandedOver(entry_id, after.agent)]
    if before.phase != after.phase:
        if before.phase in ENDED and after.phase != "over":
            found.append(ENDED[before.phase](before.agent))
        if after.phase in BEGAN:
            found.append(BEGAN[after.phase](after.agent))
    if before.consulted and before.consulted != after.consulted:
        found.append(OutboundEnded(before.consulted))
    if after.phase == "over" and after.consulted:
        found.append(OutboundEnded(after.consulted))
    return found
