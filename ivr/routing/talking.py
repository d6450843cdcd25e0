"""Pure: from the answer to the end of wrap-up: hold, consultation, who hung up, a line that was lost."""

from typing import Literal

from ivr.model.errors import BadQuery, NotNow
from ivr.model.people import AgentState
from ivr.routing.effects import BackInLine, Left, Moved, PlaceChanged
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.joining import enter, enter_line
from ivr.routing.people import Agent
from ivr.routing.presence import changed, free, note_handled, recover_after
from ivr.routing.priority import LINE_LOST, TRANSFERRED, capped

By = Literal["customer", "agent", "system", "network"]
ABUSIVE = "abusive"
"""Disposition of a call after which the agent may catch their breath."""


def hold(floor: Floor, agent: Agent, now: float, *, begins: bool) -> None:
    _turn(floor, agent, now, "on_hold", begins=begins)


def consult(floor: Floor, agent: Agent, now: float, *, begins: bool) -> None:
    _turn(floor, agent, now, "consulting", begins=begins)


def _turn(floor: Floor, agent: Agent, now: float, state: AgentState, *, begins: bool) -> None:
    """The caller hears music in both states, so the hold clock runs.

    Raises:
        NotNow: there is no call, or it is in another state.
    """
    expected: AgentState = "on_call" if begins else state
    entry = floor.entries.get(agent.entry_id)
    if agent.state != expected or entry is None or entry.state != "connected":
        raise NotNow(f"{agent.agent_id} is {agent.state}; this needs {expected}")
    agent.enter(state if begins else "on_call", now)
    if begins:
        entry.hold_since = now
    else:
        _stop_hold(entry, now)
    changed(floor, agent)


def _stop_hold(entry: QueueEntry, now: float) -> None:
    if entry.hold_since is not None:
        entry.held_seconds += now - entry.hold_since
        entry.hold_since = None


def ended(floor: Floor, entry_id: str, by: By, now: float) -> None:
    """Caller and agent have parted: the caller is ours again, the agent writes up. Said twice, it counts once."""
    entry = floor.entries.get(entry_id)
    if entry is None or entry.state != "connected":
        return
    agent = floor.agents.get(entry.agent_id)
    talk = _book_talk(entry, agent, now)
    floor.record(
        "call.completed", now, entry, entry.agent_id, hold=round(entry.held_seconds, 3), talk=round(talk, 3),
        wait=round(entry.connected_at - entry.enqueued_at, 3), original_position=entry.original_position, by=by,
    )  # fmt: skip
    del floor.entries[entry_id]
    floor.do(Left(entry_id, "connected", entry.agent_id))
    if agent:
        begin_wrap_up(floor, agent, now)


def transferred(floor: Floor, entry_id: str, target: str, queue: str, now: float) -> None:
    """The caller goes to another queue, 30 seconds ahead, or is given out of our hands.

    Raises:
        NotNow: the caller talks with nobody.
    """
    entry = floor.entry(entry_id)
    if entry.state != "connected" or not entry.agent_id:
        raise NotNow("the caller talks with none of our agents")
    agent = floor.agents[entry.agent_id]
    talk = _book_talk(entry, agent, now)
    floor.record(
        "call.transferred", now, entry, agent.agent_id, target=target or queue, hold=round(entry.held_seconds, 3),
        talk=round(talk, 3),
    )  # fmt: skip
    if queue:
        entry.avoid.add(agent.agent_id)
        _wait_again(floor, entry, queue, TRANSFERRED, now)
    else:
        del floor.entries[entry_id]
        floor.do(Left(entry_id, "transferred", agent.agent_id))
    begin_wrap_up(floor, agent, now)


def handed_over(floor: Floor, entry_id: str, to: str, now: float) -> None:
    """An attended transfer: the agent writes up, the caller talks on with `to`: one of ours, who was consulted, or
    somebody from outside.

    Raises:
        NotThere: nobody talks under this number.
        NotNow: the caller talks with nobody, or `to` is not on the line for it.
    """
    entry, other = floor.entry(entry_id), floor.agents.get(to)
    if entry.state != "connected" or not entry.agent_id:
        raise NotNow("the caller talks with none of our agents")
    if other and (other.state, other.reason) != ("on_call", "outbound"):
        raise NotNow(f"{to} is {other.state}; only who was consulted can take the caller over")
    agent = floor.agents[entry.agent_id]
    talk = _book_talk(entry, agent, now)
    floor.record(
        "call.transferred", now, entry, agent.agent_id, target=to, attended=True, hold=round(entry.held_seconds, 3),
        talk=round(talk, 3),
    )  # fmt: skip
    begin_wrap_up(floor, agent, now)
    entry.agent_id, entry.connected_at, entry.held_seconds = (to if other else ""), now, 0.0
    if other:
        other.entry_id, other.handled_from, other.handled_queue = entry_id, now, entry.queue
        other.calls_today += 1
        other.enter("on_call", now)
        changed(floor, other)


def line_lost(floor: Floor, entry_id: str, now: float) -> None:
    """The agent's line broke in the middle: the caller waits again at the old place, 30 seconds ahead, for somebody
    else (domain.md 2.2.5)."""
    entry = floor.entries.get(entry_id)
    if entry is None or entry.state not in ("connected", "calling"):
        return
    lost, agent = entry.agent_id, floor.agents.get(entry.agent_id)
    if entry.state == "connected":
        _book_talk(entry, agent, now)
        floor.record("routing.requeued", now, entry, lost, reason="agent_line_lost")
        entry.avoid.add(lost)
        _wait_again(floor, entry, entry.queue, LINE_LOST, now)
        if agent:
            note_handled(floor, agent, now)
    elif agent:
        # The customer of a callback is still being called: the call to them goes on, for somebody else.
        entry.agent_id = ""
        entry.excluded_until[lost] = now + floor.settings(entry.queue).offer.missed_exclusion
    if agent:
        free(floor, agent, now, cool_down=floor.settings(entry.queue).offer.unreachable_delay)


def _wait_again(floor: Floor, entry: QueueEntry, queue: str, ahead: int, now: float) -> None:
    entry.state, entry.agent_id = "waiting", ""
    entry.base_priority = capped(entry.base_priority + ahead)
    entry.been_in, came_from = (), entry.queue
    enter_line(floor, entry, queue, now)
    enter(floor, entry, now, again="requeued")
    floor.do(PlaceChanged(entry.entry_id))
    if queue != came_from:
        floor.do(Moved(entry.entry_id, queue))
    floor.do(BackInLine(entry.entry_id))


def _book_talk(entry: QueueEntry, agent: Agent | None, now: float) -> float:
    """Seconds of talk, holds not counted."""
    _stop_hold(entry, now)
    talk = now - entry.connected_at - entry.held_seconds
    if agent:
        agent.talk_today += talk
    return talk


# -- wrap-up


def begin_wrap_up(floor: Floor, agent: Agent, now: float) -> None:
    wrap = floor.settings(agent.handled_queue).wrap_up
    agent.entry_id, agent.is_extended = "", False
    if agent.profile.one_shot and not agent.next_state:
        agent.next_state, agent.next_reason = "break", "one_shot"
    agent.enter("wrap_up", now)
    agent.wrap_up = wrap
    agent.wrap_up_until = None if wrap.kind == "optional" else now + wrap.seconds
    if wrap.kind == "none":
        end_wrap_up(floor, agent, now)
    else:
        changed(floor, agent)


def wrap_up_done(floor: Floor, agent: Agent, disposition: str, now: float) -> None:
    """The agent is done with writing up, or with recovering from a call that was never answered.

    Raises:
        NotNow: the agent is not in wrap-up.
        BadQuery: the queue demands a disposition, or knows nothing of this one.
    """
    if agent.state != "wrap_up":
        raise NotNow(f"{agent.agent_id} is {agent.state}, not in wrap-up")
    if agent.wrap_up.kind == "mandatory" and not disposition:
        raise BadQuery("this queue wants a disposition before the next call: say what came of this one")
    known = {one.name for one in floor.settings(agent.handled_queue).dispositions}
    if disposition and known and disposition not in known:
        raise BadQuery(f"{disposition!r} is no disposition of this queue: {', '.join(sorted(known))}")
    if disposition == ABUSIVE:
        recover_after(agent, floor.settings(agent.handled_queue).recovery_break)
    end_wrap_up(floor, agent, now)


def extend_wrap_up(floor: Floor, agent: Agent, seconds: float, now: float) -> None:
    """Once for each call.

    Raises:
        NotNow: no wrap-up with a clock, or extended already.
        BadQuery: not a time to extend by.
    """
    if agent.state != "wrap_up" or agent.wrap_up_until is None:
        raise NotNow(f"{agent.agent_id} has no wrap-up that could be extended")
    if agent.is_extended:
        raise NotNow("wrap-up is extended once for each call")
    if not 0 < seconds <= 600:
        raise BadQuery("seconds: more than 0, at most 600")
    agent.is_extended = True
    agent.wrap_up_until += seconds
    changed(floor, agent)


def end_wrap_up(floor: Floor, agent: Agent, now: float) -> None:
    note_handled(floor, agent, now)
    agent.wrap_up_until = None
    agent.ready_at = 0.0
    by_contact = floor.settings(agent.handled_queue).idle_basis == "last_contact_end"
    free(floor, agent, now, idle_from=agent.since if by_contact else now)


def expire_wrap_ups(floor: Floor, now: float) -> None:
    """Time is up. Who owes a disposition stays until they give it."""
    for agent in floor.agents.values():
        due = agent.state == "wrap_up" and agent.wrap_up_until is not None and agent.wrap_up_until <= now
        if due and agent.wrap_up.kind != "mandatory":
            end_wrap_up(floor, agent, now)
