"""Pure: how waiting ends without an answer: hang-up, key, callback, time, nobody there; and how steps expire."""

from ivr.model.routing import RoutingStep
from ivr.routing.effects import Left, Moved, PlaceChanged
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.happenings import CallerLeft, CallersForgotten
from ivr.routing.joining import anybody_for, enter, enter_line
from ivr.routing.ladder import kept_needs, needs_of
from ivr.routing.offers import connect, withdraw
from ivr.routing.presence import free
from ivr.routing.talking import ended

EMPTY_CHECK = 5.0
"""How often it is looked whether anybody could still serve (domain.md 2.2.7)."""


def left(floor: Floor, happened: CallerLeft, now: float) -> None:
    """The caller hung up, pressed a key, or wants to be called back. Whoever talks already can only hang up."""
    entry = floor.entries.get(happened.entry_id)
    if entry is None:
        return
    if entry.state == "connected":
        if happened.outcome == "abandoned":
            ended(floor, entry.entry_id, "customer", now)
        return
    withdraw(floor, entry, "caller_gone", now)
    if happened.outcome == "callback":
        _keep_place(floor, entry, happened.number, now)
        return
    if entry.state == "calling":
        _let_agent_go(floor, entry, now)
    settings, position = floor.settings(entry.queue), floor.position(entry, now)
    if happened.outcome == "abandoned":
        if entry.caller and settings.resume:
            for queue in {entry.queue, entry.first_queue}:  # who overflowed calls the first one again
                floor.former[(entry.caller, queue)] = (entry.enqueued_at, now + settings.resume)
        floor.record(
            "queue.abandoned", now, entry, position=position, original_position=entry.original_position,
            wait=round(entry.wait(now), 3), short=entry.wait(now) < settings.short_abandon_s,
        )  # fmt: skip
    else:
        floor.record(
            "queue.exited_with_key", now, entry, position=position, wait=round(entry.wait(now), 3), key=happened.key
        )
    _gone(floor, entry, happened.outcome)


def _gone(floor: Floor, entry: QueueEntry, outcome: str, agent_id: str = "") -> None:
    del floor.entries[entry.entry_id]
    floor.do(PlaceChanged(entry.entry_id, gone=True))
    floor.do(Left(entry.entry_id, outcome, agent_id))


# -- callbacks


def _keep_place(floor: Floor, entry: QueueEntry, number: str, now: float) -> None:
    """The caller hangs up, the place stays. One number has one place in a queue: the older one."""
    floor.record("queue.callback_requested", now, entry, wait=round(entry.wait(now), 3))
    older = next((one for one in floor.entries.values() if one is not entry and one.queue == entry.queue
                  and one.callback_number == number), None)  # fmt: skip
    if older:
        older.enqueued_at = min(older.enqueued_at, entry.enqueued_at)
        floor.record("queue.callback_ended", now, entry, outcome="merged")
        _gone(floor, entry, "callback")
        return
    rules = floor.settings(entry.queue).callback
    entry.callback_number, entry.callback_at = number, now + rules.initial_delay
    floor.do(PlaceChanged(entry.entry_id))
    floor.do(Left(entry.entry_id, "callback"))


def callback_answered(floor: Floor, entry_id: str, now: float) -> None:
    """The customer is on the line: to the agent who waits for them, or next in line."""
    entry = floor.entries.get(entry_id)
    if entry is None or entry.state != "calling":
        return
    entry.callback_number = ""
    agent = floor.agents.get(entry.agent_id)
    if agent is None:
        entry.state = "waiting"
        entry.joined_at = now
        floor.do(PlaceChanged(entry_id))
        return
    connect(floor, entry, agent, "", 0.0, now)


def callback_failed(floor: Floor, entry_id: str, outcome: str, now: float) -> None:
    """The customer was not reached: again later, or the place is given up. The agent is free at once."""
    entry = floor.entries.get(entry_id)
    if entry is None or entry.state != "calling":
        return
    _let_agent_go(floor, entry, now)
    entry.state = "waiting"
    entry.callback_attempts += 1
    rules = floor.settings(entry.queue).callback
    if outcome == "declined" or entry.callback_attempts >= rules.max_attempts:
        floor.record("queue.callback_ended", now, entry, outcome=outcome, attempts=entry.callback_attempts)
        _gone(floor, entry, "callback")
        return
    entry.callback_at = now + rules.retry_delay
    floor.do(PlaceChanged(entry_id))


def forgotten(floor: Floor, happened: CallersForgotten, now: float) -> None:
    """Callbacks of these people end wherever they have come to; an agent who has answered for one is free at once."""
    for entry in [one for one in floor.entries.values() if one.callback_number in happened.numbers]:
        withdraw(floor, entry, "caller_gone", now)
        answered = entry.agent_id
        _let_agent_go(floor, entry, now)
        floor.record("queue.callback_ended", now, entry, outcome="withdrawn", attempts=entry.callback_attempts)
        _gone(floor, entry, "callback", answered)
    for known in [known for known in floor.former if known[0] in happened.numbers]:
        del floor.former[known]


def expire_callbacks(floor: Floor, now: float) -> None:
    """Whom nobody could call for days is not called any more."""
    for entry in floor.waiting():
        if entry.callback_number and entry.wait(now) >= floor.settings(entry.queue).callback.expires_after:
            floor.record("queue.callback_ended", now, entry, outcome="expired", attempts=entry.callback_attempts)
            _gone(floor, entry, "callback")


def _let_agent_go(floor: Floor, entry: QueueEntry, now: float) -> None:
    if agent := floor.agents.get(entry.agent_id):
        free(floor, agent, now)
    entry.agent_id = ""


# -- time


def expire_steps(floor: Floor, now: float) -> None:
    for entry in list(floor.entries.values()):
        while entry.state in ("waiting", "offered") and _step_is_over(entry, now):
            if not _next_step(floor, entry, now):
                break


def _step_is_over(entry: QueueEntry, now: float) -> bool:
    return entry.step.expires_after is not None and now - entry.step_since >= entry.step.expires_after


def _next_step(floor: Floor, entry: QueueEntry, now: float) -> bool:
    """False: there is none, for now or for good. Whoever is just being rung for does not overflow."""
    settings = floor.settings(entry.queue)
    if entry.step_ix + 1 == len(entry.steps):
        if settings.on_exhausted == "overflow":
            return entry.state == "waiting" and overflowed(floor, entry, "exhausted", now)
        if settings.on_exhausted == "keep_last":
            return False
        kept = kept_needs(needs_of(settings, entry.asked, entry.language))
        entry.steps = (*entry.steps, *floor.interned([RoutingStep(kept)]))
    entry.step_since += entry.step.expires_after or 0.0
    entry.step_ix += 1
    floor.record("queue.step_expired", now, entry, step=entry.step_ix, steps=len(entry.steps))
    return True


def overflowed(floor: Floor, entry: QueueEntry, why: str, now: float) -> bool:
    """Move a waiting caller to where the queue overflows to, `enqueued_at` kept. False: nowhere to go."""
    target = floor.settings(entry.queue).overflow
    if not target or target in entry.been_in or not floor.is_open(target, now):
        return False
    name = "queue.exited_empty" if why == "empty" else "queue.timed_out"
    position = floor.position(entry, now)
    floor.record(name, now, entry, position=position, wait=round(entry.wait(now), 3), overflow=target, reason=why)
    entry.been_in = (*entry.been_in, target)
    enter_line(floor, entry, target, now)
    enter(floor, entry, now, again="overflow")
    floor.do(PlaceChanged(entry.entry_id))
    floor.do(Moved(entry.entry_id, target))
    return True


def end_long_waits(floor: Floor, now: float) -> None:
    """Too long in one queue, or nobody left who could serve: overflow, or out. Nobody is taken out while being rung;
    a callback waits as long as it takes."""
    for entry in floor.waiting():
        settings = floor.settings(entry.queue)
        if entry.callback_number:
            continue
        why = ""
        if settings.max_wait and now - entry.joined_at >= settings.max_wait:
            why = "max_wait"
        elif settings.leave_when_empty and _is_empty_for_long(floor, entry, settings.empty_grace, now):
            why = "empty"
        if why and not overflowed(floor, entry, why, now):
            outcome = "exited_empty" if why == "empty" else "timed_out"
            position = floor.position(entry, now)
            floor.record(f"queue.{outcome}", now, entry, position=position, wait=round(entry.wait(now), 3))
            _gone(floor, entry, outcome)


def _is_empty_for_long(floor: Floor, entry: QueueEntry, grace: float, now: float) -> bool:
    if now - entry.empty_checked >= EMPTY_CHECK:
        entry.empty_checked = now
        if anybody_for(floor, entry.queue, entry.steps[entry.step_ix :], now):
            entry.empty_since = None
        elif entry.empty_since is None:
            entry.empty_since = now
    return entry.empty_since is not None and now - entry.empty_since >= grace


def forget_old_places(floor: Floor, now: float) -> None:
    for known in [known for known, (_, until) in floor.former.items() if until <= now]:
        del floor.former[known]
