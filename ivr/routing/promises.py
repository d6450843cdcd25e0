"""Pure: the promises of domain.md 2.2.10 that can be seen at one moment. Tests, the simulator and the benchmark ask."""

from collections import Counter

from ivr.routing.dispatching import eligible
from ivr.routing.floor import Floor
from ivr.routing.people import IN_A_CALL
from ivr.routing.why import exclusion

TERMINAL = frozenset(
    {
        "queue.connected", "queue.abandoned", "queue.timed_out", "queue.exited_empty", "queue.exited_with_key",
        "queue.callback_ended",
    }
)  # fmt: skip
"""What ends a stay that began with `queue.entered`: exactly one of them does (I9)."""


def broken(floor: Floor, now: float) -> list[str]:
    """What is not as promised; empty: all is well."""
    return [*_offers(floor), *_work_is_left(floor, now), *_people(floor), *_times(floor, now)]


def _offers(floor: Floor) -> list[str]:
    """I1: one offer for an agent, and one for a caller except where all are rung."""
    found = []
    by_agent = Counter(offer.agent_id for offer in floor.offers.values())
    found += [f"I1: {agent} is offered {count} callers" for agent, count in by_agent.items() if count > 1]
    rung = {one.agent_id for one in floor.agents.values() if one.state in ("reserved", "ringing")}
    if rung != set(by_agent):
        found.append(f"I1: {sorted(rung ^ set(by_agent))} are rung without offer, or the other way round")
    alive: dict[str, set[str]] = {}
    for offer in floor.offers.values():
        alive.setdefault(offer.entry_id, set()).add(offer.offer_id)
    for entry in floor.entries.values():
        mine = alive.pop(entry.entry_id, set())
        if mine != set(entry.offers) or (entry.state == "offered") != bool(mine):
            found.append(f"I1: {entry.entry_id} is {entry.state} with offers {entry.offers}, alive are {sorted(mine)}")
        if len(mine) > 1 and floor.settings(entry.queue).strategy != "ring_all":
            found.append(f"I1: {entry.entry_id} is offered {len(mine)} times")
    return found + [f"I9: offers for {entry_id}, who has left" for entry_id in alive]


def _work_is_left(floor: Floor, now: float) -> list[str]:
    """I2 and I8: nobody waits whom somebody free could take, and `why` says so too."""
    ready = {name: agent for name, agent in floor.agents.items() if agent.is_ready(now)}
    found = []
    for entry in floor.entries.values():
        if ready and entry.may_be_served(now):
            found += [
                f"I2: {agent.agent_id} could take {entry.entry_id}" for agent in eligible(floor, entry, ready, now)
            ]
            found += [
                f"I2: nothing excludes {agent_id} from {entry.entry_id}"
                for agent_id, agent in ready.items()
                if not exclusion(floor, entry, agent, now)
            ]
    return found


def _people(floor: Floor) -> list[str]:
    """I6: who talks has somebody to talk with, and nobody is held by a caller who is gone."""
    found = []
    for agent in floor.agents.values():
        talks = agent.state in IN_A_CALL and agent.reason != "outbound"
        entry = floor.entries.get(agent.entry_id)
        if talks != (entry is not None and entry.agent_id == agent.agent_id):
            found.append(f"I6: {agent.agent_id} is {agent.state} with {agent.entry_id or 'nobody'}")
    return found


def _times(floor: Floor, now: float) -> list[str]:
    """I7: times in states add up to the time logged in."""
    return [
        f"I7: {agent.agent_id} {sum(agent.times(now).values()):.3f} of {now - agent.logged_in_at:.3f} s"
        for agent in floor.agents.values()
        if agent.state != "offline" and abs(sum(agent.times(now).values()) - (now - agent.logged_in_at)) > 1e-3
    ]
