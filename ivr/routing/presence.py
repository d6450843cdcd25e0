"""Pure: the states of an agent and what changes them (domain.md 2.2.5)."""

from ivr.model.errors import BadQuery, NotNow
from ivr.model.people import BREAK_REASONS, AgentProfile
from ivr.model.routing import KeptState
from ivr.routing.effects import AgentChanged
from ivr.routing.floor import Floor
from ivr.routing.people import BUSY, IN_A_CALL, NOT_ABLE, Agent


def changed(floor: Floor, agent: Agent) -> None:
    floor.do(AgentChanged(agent.agent_id, agent.state, agent.reason, agent.next_state or ""))


RECOVERY = "recovery"
"""Reason of the break after an abusive call."""

RETURN_SECONDS = 60.0
"""After a restart, whoever was at work is expected back for so long: their pages find the server by themselves."""


def know(floor: Floor, profile: AgentProfile, before: KeptState | None, now: float) -> None:
    """Somebody new, or somebody with new skills and queues: those hold from the next decision on."""
    agent = floor.agents.get(profile.agent_id)
    if agent is None:
        agent = floor.agents[profile.agent_id] = Agent(profile)
        if before:
            agent.calls_today, agent.talk_today = before.calls_today, before.talk_today
            agent.logged_before = before.logged_in_today
            if before.state not in NOT_ABLE:
                agent.expected_until = now + RETURN_SECONDS
    agent.profile = profile
    floor.forget_fits()


def log_in(floor: Floor, agent: Agent, now: float, *, available: bool) -> None:
    """Nothing arrives before the agent is ready: the default is a break. Logged in already: nothing changes."""
    agent.seen_at = None
    if agent.state != "offline":
        return
    agent.time_in, agent.logged_in_at = {}, now
    agent.missed, agent.unreachable, agent.expected_until = 0, 0, 0.0
    agent.next_state, agent.next_reason, agent.ready_at = None, "", 0.0
    agent.enter("break", now, "login")
    floor.record("agent.paused", now, agent=agent.agent_id, reason="login")
    if available:
        unpause(floor, agent, now)
    else:
        changed(floor, agent)


def log_out(floor: Floor, agent: Agent, now: float, reason: str) -> None:
    """A call that lives goes on; the agent is offline after it. Offers are withdrawn before this."""
    if agent.state == "offline":
        return
    if agent.state in IN_A_CALL:
        agent.next_state, agent.next_reason = "offline", reason
        changed(floor, agent)
        return
    if agent.state == "wrap_up":
        note_handled(floor, agent, now)
    agent.next_state, agent.wrap_up_until = None, None
    agent.enter("offline", now, reason)
    floor.record("agent.paused", now, agent=agent.agent_id, reason=f"offline:{reason}")
    changed(floor, agent)


def ask_break(floor: Floor, agent: Agent, reason: str, now: float) -> None:
    """Now, or after what the agent is busy with (`next_state`).

    Raises:
        BadQuery: an unknown reason.
        NotNow: the agent is not logged in.
    """
    if reason not in BREAK_REASONS:
        raise BadQuery(f"there is no break for {reason!r}; the reasons are {', '.join(BREAK_REASONS)}")
    if agent.state == "offline":
        raise NotNow(f"{agent.agent_id} is not logged in: log in first")
    if agent.state in BUSY:
        if agent.next_state != "offline":
            agent.next_state, agent.next_reason = "break", reason
        changed(floor, agent)
        return
    agent.recovery = 0.0
    agent.enter("break", now, reason)
    floor.record("agent.paused", now, agent=agent.agent_id, reason=reason)
    changed(floor, agent)


def ask_available(floor: Floor, agent: Agent, now: float) -> None:
    """Out of a break or of not responding; while busy it takes back a break that was asked for.

    Raises:
        NotNow: the agent is not logged in.
    """
    if agent.state == "offline":
        raise NotNow(f"{agent.agent_id} is not logged in: log in first")
    if agent.state in BUSY:
        agent.next_state, agent.next_reason = None, ""
        changed(floor, agent)
    elif agent.state != "available":
        unpause(floor, agent, now)


def unpause(floor: Floor, agent: Agent, now: float) -> None:
    before = agent.reason or agent.state
    agent.missed, agent.unreachable, agent.expected_until = 0, 0, 0.0
    agent.recovery, agent.ready_at = 0.0, 0.0
    if not (agent.idle_since and _counts_from_contacts(floor, agent)):
        agent.idle_since = now
    agent.enter("available", now)
    floor.record("agent.unpaused", now, agent=agent.agent_id, reason=before)
    changed(floor, agent)


def _counts_from_contacts(floor: Floor, agent: Agent) -> bool:
    """Idle is counted from the last contact in all their queues: a break does not send them to the end of the line."""
    rows = agent.profile.queues
    return bool(rows) and all(floor.settings(row.queue).idle_basis == "last_contact_end" for row in rows)


def free(floor: Floor, agent: Agent, now: float, *, cool_down: float = 0.0, idle_from: float | None = None) -> None:
    """Available again after an offer or a call; whatever was asked for meanwhile happens now."""
    wanted, reason = agent.next_state, agent.next_reason
    agent.next_state, agent.next_reason = None, ""
    agent.entry_id = ""
    if wanted:
        agent.enter(wanted, now, reason)
        floor.record("agent.paused", now, agent=agent.agent_id, reason=reason)
    else:
        agent.enter("available", now)
        agent.ready_at = max(agent.ready_at, now + cool_down)
        if idle_from is not None:
            agent.idle_since = idle_from
    changed(floor, agent)


def recover_after(agent: Agent, seconds: float) -> None:
    """A short break after this, whatever else was asked for is more (domain.md 2.10.1)."""
    if seconds and not agent.next_state:
        agent.next_state, agent.next_reason, agent.recovery = "break", RECOVERY, seconds


def end_recoveries(floor: Floor, now: float) -> None:
    """They may come back sooner by themselves."""
    for agent in floor.agents.values():
        rests = agent.state == "break" and agent.reason == RECOVERY and agent.recovery > 0
        if rests and now - agent.since >= agent.recovery:
            unpause(floor, agent, now)


def note_handled(floor: Floor, agent: Agent, now: float) -> None:
    """Talk, hold and wrap-up of one contact, for estimates."""
    floor.handled_in(agent.handled_queue).append((now, now - agent.handled_from))


def seen(agent: Agent, now: float) -> None:
    agent.seen_at = now


def begin_outbound(floor: Floor, agent: Agent, now: float) -> None:
    """Raises NotNow: the agent is busy or away."""
    if agent.state not in ("available", "break"):
        raise NotNow(f"{agent.agent_id} is {agent.state}; they cannot begin another call")
    if agent.state == "break":
        agent.next_state, agent.next_reason = "break", agent.reason
    agent.enter("on_call", now, "outbound")
    changed(floor, agent)


def end_outbound(floor: Floor, agent: Agent, now: float) -> None:
    """Whether it moves the agent to the end of the line of the idle is a setting of the queues they serve."""
    if agent.state != "on_call" or agent.reason != "outbound":
        return
    counts = all(floor.settings(row.queue).outbound_counts for row in agent.profile.queues)
    free(floor, agent, now, idle_from=now if counts else None)


def begin_day(floor: Floor, now: float) -> None:
    for agent in floor.agents.values():
        agent.calls_today, agent.talk_today, agent.logged_before = 0, 0.0, 0.0
        if agent.state != "offline":
            # Times in states still add up: they count from the login, only the rates begin again.
            agent.logged_before = agent.logged_in_at - now
