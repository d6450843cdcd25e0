"""Pure: coming into a queue: is it open, can anybody serve, is there room; sticky agents and VIP teams; overflow
(domain.md 2.2.6, 2.2.7)."""

from ivr.model.people import COMPLAINT, Requirement
from ivr.model.routing import QueueSettings, RoutingStep
from ivr.routing.effects import Left, Moved, PlaceChanged
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.happenings import CallerJoined, PlaceRestored
from ivr.routing.ladder import VIP_TEAM, default_ladder, needs_of, sticky_step, vip_step, wish_step
from ivr.routing.people import IN_A_CALL, Agent
from ivr.routing.priority import capped
from ivr.routing.telling import handling_of

STICKY_REMAINING = 60.0
"""A known agent who talks is waited for if they should be done within this time."""

MANY_EMERGENCIES = 0.05
FEWEST_TO_JUDGE = 40
"""Of so many of the latest callers more than so large a share are emergencies: somebody marks too much as one."""

RESTORED_FOR = 600.0
"""How long after a restart a caller who calls again has the old place."""


def join(floor: Floor, happened: CallerJoined, now: float) -> None:
    """Let a caller wait, here or where this queue overflows to, or tell why not (`Left` at once)."""
    if happened.entry_id in floor.entries:
        return
    _take_over_callback(floor, happened, now)
    entry = _new_entry(floor, happened, now)
    queue = happened.queue
    refused = ""
    while queue not in entry.been_in:
        entry.been_in = (*entry.been_in, queue)
        settings = floor.settings(queue)
        why = _refusal(floor, entry, settings, happened.steps, now)
        if not why:
            floor.entries[entry.entry_id] = entry
            _count_emergencies(floor, entry, now)
            enter_line(floor, entry, queue, now, happened.steps)
            enter(floor, entry, now)
            floor.do(PlaceChanged(entry.entry_id))
            if queue != happened.queue:
                floor.do(Moved(entry.entry_id, queue))
            return
        refused = refused or why
        floor.record("queue.refused", now, queue=queue, reason=why)
        queue = settings.overflow or queue
    floor.do(Left(entry.entry_id, "exited_empty" if refused == "empty" else "closed"))


def _count_emergencies(floor: Floor, entry: QueueEntry, now: float) -> None:
    """Emergencies come before everybody, so they must stay rare (domain.md 2.2.3): more than a few are told of, once
    until they are few again."""
    recent = floor.emergencies
    recent.append(bool(entry.class_rank))
    share = sum(recent) / len(recent)
    is_many = len(recent) >= FEWEST_TO_JUDGE and share > MANY_EMERGENCIES
    if is_many and not floor.has_many_emergencies:
        floor.record("routing.many_emergencies", now, entry, share=round(share, 3), of=len(recent))
    floor.has_many_emergencies = is_many


def _take_over_callback(floor: Floor, happened: CallerJoined, now: float) -> None:
    """Who kept a place for a call back and calls again before it talks now, at that place (domain.md 2.2.9)."""
    for kept in [one for one in floor.entries.values() if one.state == "waiting" and one.queue == happened.queue]:
        if happened.caller and kept.callback_number == happened.caller:
            floor.former[(happened.caller, happened.queue)] = (kept.enqueued_at, now + RESTORED_FOR)
            floor.record("queue.callback_ended", now, kept, outcome="called_again", attempts=kept.callback_attempts)
            del floor.entries[kept.entry_id]
            floor.do(PlaceChanged(kept.entry_id, gone=True))
            floor.do(Left(kept.entry_id, "callback"))


def _refusal(
    floor: Floor, entry: QueueEntry, settings: QueueSettings, steps: tuple[RoutingStep, ...], now: float
) -> str:
    """closed, full, empty; or nothing: the caller may wait."""
    if not floor.agents or not floor.is_open(settings.name, now):
        return "closed"
    if settings.max_size and len(floor.in_line(settings.name, now)) >= settings.max_size:
        return "full"
    if settings.join_empty:
        return ""
    return "" if anybody_for(floor, settings.name, steps or ladder_of(entry, settings), now) else "empty"


def anybody_for(floor: Floor, queue: str, steps: tuple[RoutingStep, ...], now: float) -> bool:
    """Whether somebody who is at work could take the caller now or at a later step."""
    steps = floor.interned(steps)
    return any(floor.agents[agent_id].is_able_soon(now) for step in steps for agent_id in floor.fitting(queue, step))


def restore(floor: Floor, happened: PlaceRestored, now: float) -> None:
    """From before a restart: a callback goes on waiting, a caller finds the place when they call again."""
    place = happened.place
    if not place.callback_number:
        # Whoever had overflowed calls the queue again that they came from.
        first = {one.name for one in floor.queues.values() if one.overflow == place.queue}
        for known in {place.caller, place.call_id} - {""}:
            for queue in {place.queue, *first}:
                floor.former[(known, queue)] = (place.enqueued_at, now + RESTORED_FOR)
        return
    joined = CallerJoined(
        place.entry_id, place.queue, place.call_id, place.caller, place.skills, (), place.language, place.priority,
        place.emergency, place.tier, avoid=frozenset(place.avoid), reason=place.reason, enqueued_at=place.enqueued_at,
    )  # fmt: skip
    entry = _new_entry(floor, joined, now)
    entry.callback_number, entry.callback_attempts = place.callback_number, place.attempts
    entry.callback_at = now
    entry.been_in = (place.queue,)
    floor.entries[entry.entry_id] = entry
    enter_line(floor, entry, place.queue, now)
    enter(floor, entry, now, again="restored")
    floor.do(PlaceChanged(entry.entry_id))


def _new_entry(floor: Floor, joined: CallerJoined, now: float) -> QueueEntry:
    return QueueEntry(
        joined.entry_id, joined.queue, _since(floor, joined, now), now, floor.next_arrival(), (), now,
        base_priority=capped(joined.priority), class_rank=int(joined.emergency), call_id=joined.call_id,
        caller=joined.caller, language=joined.language, tier=joined.tier, reason=joined.reason, asked=joined.skills,
        last_agent=joined.last_agent, avoid=set(joined.avoid), first_queue=joined.queue,
    )  # fmt: skip


def _since(floor: Floor, joined: CallerJoined, now: float) -> float:
    """Now, or the time of a place that is still theirs: on the line all the time, or called again soon."""
    if joined.enqueued_at is not None:
        return joined.enqueued_at
    for known in (joined.call_id, joined.caller):
        place = floor.former.get((known, joined.queue)) if known else None
        if place and place[1] > now:
            for key in [key for key, kept in floor.former.items() if key[0] == known and kept == place]:
                del floor.former[key]
            return place[0]
    return now


def enter_line(floor: Floor, entry: QueueEntry, queue: str, now: float, steps: tuple[RoutingStep, ...] = ()) -> None:
    """Steps and clocks of a new stay in a queue; `enqueued_at` stays."""
    settings = floor.settings(queue)
    entry.queue, entry.joined_at = queue, now
    entry.age_rate, entry.is_strict = settings.age_rate, settings.ordering == "strict"
    planned = list(steps or ladder_of(entry, settings))
    if not steps and (wish := _wish(floor, entry, queue, now)):
        planned.insert(0, wish_step(planned[0], wish, settings.relax_after[0]))
    if entry.tier == "vip" and _has_vip_team(floor, queue, now):
        planned.insert(0, vip_step(planned[0], settings.vip_team_wait))
    if entry.last_agent and settings.sticky and _is_worth_waiting(floor, entry, settings, now):
        planned.insert(0, sticky_step(entry.last_agent, settings.sticky_wait))
    entry.steps, entry.step_ix, entry.step_since = floor.interned(planned), 0, now
    entry.empty_since, entry.empty_checked = None, now


def enter(floor: Floor, entry: QueueEntry, now: float, again: str = "") -> None:
    """Tell that a stay has begun; `again`: why it is not the first one (overflow, requeued, restored)."""
    entry.original_position = floor.position(entry, now)
    needs = [_told(need) for step in entry.steps[:1] for need in step.all_of]
    floor.record(
        "queue.entered", now, entry, position=entry.original_position, priority=entry.base_priority, skills=needs,
        again=again,
    )  # fmt: skip


def ladder_of(entry: QueueEntry, settings: QueueSettings) -> tuple[RoutingStep, ...]:
    return default_ladder(needs_of(settings, entry.asked, entry.language), settings)


def _told(need: Requirement) -> str:
    return f"{need.skill}>={need.min_level}"


def _has_vip_team(floor: Floor, queue: str, now: float) -> bool:
    """Only while one of them is ready: the simulator showed that VIPs waited longer than others where all of the team
    were busy, for nobody else was asked in their first 30 seconds."""
    return any(
        agent.is_ready(now) and agent.profile.serves(queue) and agent.profile.skills.get(VIP_TEAM.skill)
        for agent in floor.agents.values()
    )


def _wish(floor: Floor, entry: QueueEntry, queue: str, now: float) -> Requirement | None:
    """An angry caller's: somebody for complaints, where one of this queue is ready. As with VIPs, nobody waits longer
    for it than if it were not wished for."""
    wish = next((need for need in entry.asked if need.skill == COMPLAINT and not need.mandatory), None)
    able = wish and any(
        agent.is_ready(now) and agent.profile.serves(queue) and agent.profile.skills.get(COMPLAINT)
        for agent in floor.agents.values()
    )
    return wish if able else None


def _is_worth_waiting(floor: Floor, entry: QueueEntry, settings: QueueSettings, now: float) -> bool:
    """Available, or on a call that should end within a minute; the step itself limits what it may cost."""
    agent = floor.agents.get(entry.last_agent)
    if agent is None or agent.agent_id in entry.avoid or not agent.profile.serves(entry.queue):
        return False
    return agent.is_able and (agent.is_ready(now) or _remaining(floor, agent, settings, now) <= STICKY_REMAINING)


def _remaining(floor: Floor, agent: Agent, settings: QueueSettings, now: float) -> float:
    if agent.state == "wrap_up":
        return (agent.wrap_up_until or now) - now
    if agent.state in IN_A_CALL:
        return max(0.0, handling_of(floor, settings.name, now) - (now - agent.handled_from))
    return 0.0 if agent.state == "available" else settings.handling_default
