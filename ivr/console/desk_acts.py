"""What an agent does at their desk: state, hold, mute, consult, transfer, hanging up, writing up."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import structlog

from ivr.call.attendance import Attendant
from ivr.call.meeting import Meeting
from ivr.console.desk_return import awaited
from ivr.console.desk_talk import Talk
from ivr.console.desks import Desks
from ivr.model.errors import BadQuery, CallFailed, IvrError, NotNow, NotThere
from ivr.model.people import AgentNote
from ivr.model.ports import Ears, Line
from ivr.model.routing import Disposition
from ivr.routing.effects import AgentChanged, Effect
from ivr.routing.happenings import (
    AgentLoggedIn,
    AgentLoggedOut,
    CallTransferred,
    OutboundBegan,
    OutboundEnded,
    StateAsked,
    WrapUpDone,
    WrapUpExtended,
)
from ivr.store.notes import AgentNotes
from ivr.web.webrtc_gate import Claims, WebRtcGate

CONSULT_RING_SECONDS = 20.0
EXTEND_SECONDS = 60.0
WHISPER = {"en": "{name} asks for you.", "zh": "{name}请您加入通话。"}

log = structlog.get_logger(__name__)

EarsFor = Callable[[str, int], Ears | None]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an agent asks to join, or gives the caller to."""

    kind: Literal["agent", "queue", "number"]
    name: str
    """Agent id, queue, or E.164 / SIP address."""


class DeskActs:
    """Every method may raise `NotThere`, `NotNow` or `BadQuery`: it cannot be done now; nothing has changed."""

    def __init__(
        self,
        desks: Desks,
        notes: AgentNotes,
        gate: WebRtcGate | None = None,
        ears: EarsFor = lambda language, rate: None,
    ) -> None:
        self.desks, self.notes, self.gate, self._ears = desks, notes, gate, ears
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """By agent: whom they are asking to join."""

        self._saving: set[asyncio.Task[bool]] = set()
        desks.routing.watchers.append(self._routing_did)
        desks.talk_ended.append(self._stop_asking)

    # -- being there

    async def be_available(self, agent_id: str) -> None:
        await self.desks.routing.ask(AgentLoggedIn(agent_id))
        self.desks.beat(agent_id)
        await self.desks.routing.ask(StateAsked(agent_id, "available"))

    async def take_break(self, agent_id: str, reason: str) -> None:
        await self.desks.routing.ask(AgentLoggedIn(agent_id))
        self.desks.beat(agent_id)
        await self.desks.routing.ask(StateAsked(agent_id, "break", reason))

    async def go_offline(self, agent_id: str) -> None:
        await self.desks.routing.ask(AgentLoggedOut(agent_id))

    # -- answering

    def ticket(self, agent_id: str) -> str:
        """For the browser to answer what rings, or to come back into a talk it was lost from: one use, one offer."""
        found = self.desks.desk(agent_id).offer or awaited(self.desks, agent_id)
        if found is None:
            raise NotThere("nothing rings here any more")
        if self.gate is None:
            raise NotNow("browser calls are switched off (webrtc.enabled); give the agent a telephone")
        return self.gate.issue(Claims("agent", caller=agent_id, offer=found.offer_id)).token

    def decline(self, agent_id: str) -> None:
        self.desks.decline(agent_id)

    # -- talking

    def hold(self, agent_id: str, *, held: bool) -> None:
        meeting = self._meeting(agent_id)
        if held:
            meeting.hold()
        else:
            meeting.resume()

    def mute(self, agent_id: str, *, muted: bool) -> None:
        self._meeting(agent_id).mute(agent_id, muted)

    def hang_up(self, agent_id: str) -> None:
        self._meeting(agent_id).hang_up(agent_id)

    def complete(self, agent_id: str) -> None:
        """The caller stays with who was consulted."""
        self._meeting(agent_id).complete()

    def conference(self, agent_id: str) -> None:
        self._meeting(agent_id).conference()

    def cancel(self, agent_id: str) -> None:
        """Not asking any more: whether it rings there or they talk already."""
        if task := self._tasks.pop(agent_id, None):
            task.cancel()
            return
        self._meeting(agent_id).cancel()

    def consult(self, agent_id: str, target: Target, *, blind: bool = False) -> None:
        """Ring somebody; the caller hears music from the moment they answer (blind: from now on, and they get the
        caller at once). What comes of it is shown on the desk."""
        meeting, seat, talk = self._meeting(agent_id), self.desks.seated[agent_id], self._talk(agent_id)
        if talk.ringing or meeting.view.consulted:
            raise NotNow("somebody is asked already")
        if target.kind == "queue" and blind:
            self._start(agent_id, self._to_queue(agent_id, talk, target.name))
            return
        other = self._whom(agent_id, target)
        if blind:
            meeting.hold()
        talk.ringing, talk.is_blind = other, blind
        seat.desk.trouble = ""
        seat.changed()
        self._start(agent_id, self._ask(agent_id, other, is_agent=target.kind != "number", blind=blind))

    def _whom(self, agent_id: str, target: Target) -> str:
        floor, now = self.desks.routing.centre.floor, self.desks.routing.now()
        if target.kind == "number":
            return target.name
        if target.kind == "agent":
            return floor.agent(target.name).agent_id
        free = [
            agent for agent in floor.agents.values()
            if agent.profile.serves(target.name) and agent.is_ready(now) and agent.agent_id != agent_id
        ]  # fmt: skip
        if not free:
            raise NotNow(f"nobody of {target.name} is free just now")
        return min(free, key=lambda agent: agent.idle_since).agent_id

    async def _to_queue(self, agent_id: str, talk: Talk, queue: str) -> None:
        await self.desks.routing.ask(CallTransferred(self._entry(agent_id), queue, queue))

    async def _ask(self, agent_id: str, other: str, *, is_agent: bool, blind: bool) -> None:
        seat, talk = self.desks.seated[agent_id], self._talk(agent_id)
        if is_agent:
            await self.desks.routing.ask(OutboundBegan(other))
        try:
            line = await self._ring(agent_id, other, talk, is_agent=is_agent)
            meeting = await self._still(agent_id, line)
            name = self.name_of(other) if is_agent else ""
            ears = self._ears(talk.handoff.language, line.rate)
            words = WHISPER.get(talk.handoff.language, WHISPER["en"]).format(name=self.name_of(agent_id))
            await meeting.consult(Attendant(other, line, name, ears), "" if blind else words)
            if blind:
                meeting.complete()
        except (IvrError, asyncio.CancelledError):
            if is_agent:
                self.desks.routing.post(OutboundEnded(other))
            if blind and talk.view and talk.view.phase == "held" and not talk.is_over:
                self._meeting(agent_id).resume()
            raise
        finally:
            talk.ringing = ""
            seat.changed()

    async def _still(self, agent_id: str, line: Line) -> Meeting:
        """Raises NotThere: the talk ended while it rang; whoever answered is let go."""
        try:
            return self._meeting(agent_id)
        except NotThere:
            await line.hang_up()
            raise

    def _stop_asking(self, agent_id: str) -> None:
        if task := self._tasks.pop(agent_id, None):
            task.cancel()

    async def _ring(self, agent_id: str, other: str, talk: Talk, *, is_agent: bool) -> Line:
        if not is_agent:
            return await self.desks.telephones.outside(other, CONSULT_RING_SECONDS)
        offer_id = f"consult.{uuid4().hex[:12]}"
        if other in self.desks.seated and self.desks.seated[other].pages:
            return await self.desks.ring(other, offer_id, talk.handoff, CONSULT_RING_SECONDS, consulting=agent_id)
        return await self.desks.telephones.ring(other, offer_id, talk.handoff, CONSULT_RING_SECONDS)

    def _start(self, agent_id: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks[agent_id] = asyncio.get_running_loop().create_task(self._told(agent_id, work))
        task.add_done_callback(lambda done: self._tasks.pop(agent_id, None))

    async def _told(self, agent_id: str, work: Coroutine[Any, Any, None]) -> None:
        seat = self.desks.seated[agent_id]
        try:
            await work
        except CallFailed as failed:
            seat.desk.trouble = f"trouble_{failed.outcome}"
        except IvrError as error:
            seat.desk.trouble = "trouble_failed"
            log.info("a consultation did not come about", agent=agent_id, code=error.code)
        seat.changed()

    # -- writing up

    def extend(self, agent_id: str) -> Coroutine[Any, Any, None]:
        return self.desks.routing.ask(WrapUpExtended(agent_id, EXTEND_SECONDS))

    async def finish(self, agent_id: str, disposition: str, text: str) -> None:
        """Keep what came of the call, and be free for the next. Where the database is away it is kept as soon
        as that is back, and the desk says so.

        Raises:
            BadQuery: the queue wants to know what came of it, or knows nothing of that.
        """
        seat, talk = self.desks.seated[agent_id], self._over(agent_id)
        agent = self.desks.routing.centre.floor.agents.get(agent_id)
        if agent and agent.state == "wrap_up" and agent.wrap_up.kind == "mandatory" and not disposition:
            raise BadQuery("this queue wants to know what came of the call")
        known = {one.name for one in self.outcomes(agent_id, talk)}
        if disposition and known and disposition not in known:
            raise BadQuery(f"{disposition!r} is no outcome of this queue: {', '.join(sorted(known))}")
        talk.disposition, talk.text = disposition, text
        if not await self._keep(agent_id, talk):
            seat.desk.trouble = "notes_later"
        seat.desk.talk = None
        if agent and agent.state == "wrap_up":
            await self.desks.routing.ask(WrapUpDone(agent_id, disposition))
        seat.changed()

    def outcomes(self, agent_id: str, talk: Talk) -> tuple[Disposition, ...]:
        """Of the queue that the caller was answered from; empty: the usual ones."""
        floor = self.desks.routing.centre.floor
        agent = floor.agents.get(agent_id)
        return floor.settings((agent.handled_queue if agent else "") or talk.handoff.queue).dispositions

    async def _keep(self, agent_id: str, talk: Talk) -> bool:
        """Whether it is on disk already."""
        if not (talk.disposition or talk.text.strip()):
            return True
        note = AgentNote(talk.call_id, agent_id, talk.handoff.queue, talk.disposition, talk.text.strip())
        return await self.notes.keep(note, datetime.now(UTC))

    def _routing_did(self, effect: Effect, now: float) -> None:
        """Time for writing up has run out: what is written is kept, and the desk is ready for the next call."""
        if not isinstance(effect, AgentChanged) or effect.state in ("wrap_up", "on_call", "on_hold", "consulting"):
            return
        seat = self.desks.seated.get(effect.agent_id)
        if seat and seat.desk.talk and seat.desk.talk.is_over:
            talk, seat.desk.talk = seat.desk.talk, None
            task = asyncio.get_running_loop().create_task(self._keep(effect.agent_id, talk))
            self._saving.add(task)
            task.add_done_callback(self._saving.discard)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), *self._saving, return_exceptions=True)

    # -- looking up

    def _meeting(self, agent_id: str) -> Meeting:
        return self.desks.meetings.find(self._talk(agent_id).call_id)

    def _talk(self, agent_id: str) -> Talk:
        talk = self.desks.desk(agent_id).talk
        if talk is None or talk.is_over:
            raise NotThere("you are in no call")
        return talk

    def _over(self, agent_id: str) -> Talk:
        talk = self.desks.desk(agent_id).talk
        if talk is None or not talk.is_over:
            raise NotNow("there is no call to write up")
        return talk

    def _entry(self, agent_id: str) -> str:
        return self.desks.routing.centre.floor.agent(agent_id).entry_id

    def name_of(self, agent_id: str) -> str:
        """As people read it; of somebody from outside, what was dialled."""
        agent = self.desks.routing.centre.floor.agents.get(agent_id)
        return (agent.profile.name if agent else "") or agent_id
