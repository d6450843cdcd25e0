"""All desks of this server: what rings at them, who talks, what is heard; the pages show it, the routing is told.

A desk is one agent's, whatever pages they have open. With no page left for `GRACE_SECONDS` it has vanished: what rings
goes to somebody else at once, heartbeats stop, and the routing frees the agent (domain.md 2.2.5)."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ivr.call.attendance import MeetingView
from ivr.call.meeting import Meetings
from ivr.console.desk_follow import happenings
from ivr.console.desk_helping import Helping
from ivr.console.desk_names import Names, NamesOf
from ivr.console.desk_seats import AgentLine, Assist, Changed, Seated, Suggest, Telephones
from ivr.console.desk_talk import Desk, Offer, Said, Talk
from ivr.insight.emotion import Alert, Mood, heard
from ivr.model.commands import Command, Say
from ivr.model.errors import CallFailed
from ivr.model.events import AgentSaid, CallEvent, Heard
from ivr.model.people import Handoff
from ivr.model.ports import Line
from ivr.routing.dispatcher import Dispatcher
from ivr.routing.effects import AgentChanged, Effect
from ivr.routing.happenings import AgentSeen
from ivr.web.webrtc_gate import Claims

HEARTBEAT_SECONDS = 3.0
"""The routing gives an agent up after 15 s without one."""

GRACE_SECONDS = 3.0
"""A page that is loaded again is back within this."""

LOOK_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Desks:
    """Everything but `ring` and the line handlers is for the pages."""

    def __init__(
        self,
        routing: Dispatcher,
        meetings: Meetings,
        telephones: Telephones,
        suggest: Suggest,
        open_desks: dict[str, Callable[[str, Handoff, float], Awaitable[Line]]],
        assist: Assist | None = None,
    ) -> None:
        self.routing, self.meetings, self.telephones = routing, meetings, telephones
        self.helping, self._open = Helping(suggest, assist), open_desks
        self.seated: dict[str, Seated] = {}
        self.overview: dict[str, Changed] = {}
        """Pages of supervisors, told when any talk changes."""

        self.talk_ended: list[Callable[[str], None]] = []
        """Told the agent whose talk has just ended: add yourself."""

        self.mood_of: Callable[[str], Mood | None] = lambda call_id: None
        """Of a call on the line, where somebody listens for it."""

        self.names_of: NamesOf = lambda flow, language: Names()
        """What the flows and queues of this server are called for people to read."""

        self._views: dict[str, MeetingView] = {}
        meetings.changed = self.meeting_changed
        routing.watchers.append(self.routing_did)

    # -- pages

    def desk(self, agent_id: str) -> Desk:
        return self._seat(agent_id).desk

    def attach(self, agent_id: str, page: str, changed: Changed) -> None:
        seat = self._seat(agent_id)
        seat.pages[page] = changed
        seat.alone_since = None
        self._open[agent_id] = lambda offer_id, handoff, seconds: self.ring(agent_id, offer_id, handoff, seconds)
        self.beat(agent_id)

    def detach(self, agent_id: str, page: str) -> None:
        seat = self._seat(agent_id)
        if seat.pages.pop(page, None) and not seat.pages:
            seat.alone_since = self.routing.now()

    def beat(self, agent_id: str) -> None:
        agent = self.routing.centre.floor.agents.get(agent_id)
        if agent and agent.state != "offline":
            self.routing.post(AgentSeen(agent_id))

    async def run(self) -> None:
        """Heartbeats of desks that are open, the end of those that are not. Until cancelled."""
        due = 0.0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = self.routing.now()
            for agent_id, seat in list(self.seated.items()):
                if seat.alone_since is not None and now - seat.alone_since >= GRACE_SECONDS:
                    self._vanished(agent_id, seat)
                elif seat.pages and now >= due:
                    self.beat(agent_id)
            if now >= due:
                due = now + HEARTBEAT_SECONDS

    def _vanished(self, agent_id: str, seat: Seated) -> None:
        self._open.pop(agent_id, None)
        seat.alone_since = None
        if seat.answered and not seat.answered.done():
            seat.answered.set_exception(CallFailed("unreachable", "their desk was closed while it rang"))
        log.info("desk closed", agent=agent_id, scene=seat.desk.scene)
        if seat.desk.scene == "idle":
            del self.seated[agent_id]

    # -- ringing

    async def ring(self, agent_id: str, offer_id: str, handoff: Handoff, seconds: float, consulting: str = "") -> Line:
        """Implements `ShowAndRing`: the page rings, and in the end there is a line, or CallFailed."""
        seat, floor = self._seat(agent_id), self.routing.centre.floor
        if seat.desk.offer:
            raise CallFailed("busy", f"another call rings at the desk of {agent_id}")
        agent, now = floor.agents.get(agent_id), self.routing.now()
        by_phone = bool(agent and agent.profile.phone)
        entry = next((one for one in floor.entries.values() if one.call_id == handoff.call_id), None)
        waited = now - entry.enqueued_at if entry and not consulting else 0.0
        offer = seat.desk.offer = Offer(offer_id, handoff, now + seconds, waited, by_phone, consulting)
        answered = seat.answered = asyncio.get_running_loop().create_future()
        seat.desk.trouble = ""
        seat.changed()
        try:
            line = await self._answer(agent_id, answered, seconds, by_phone=by_phone)
            talk = seat.desk.talk = Talk(offer_id, handoff, self.routing.now(), by_phone)
            self.helping.began(seat, talk)
            return line
        finally:
            if seat.desk.offer is offer:
                seat.desk.offer = seat.answered = None
            seat.changed()

    async def _answer(self, agent_id: str, answered: "asyncio.Future[Line]", seconds: float, *, by_phone: bool) -> Line:
        """By the button on the page, or by their telephone; declined on the page in both cases."""
        calling = asyncio.create_task(self.telephones.telephone(agent_id, seconds)) if by_phone else None
        try:
            await asyncio.wait(
                {answered, calling} if calling else {answered}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if answered.done():
                return answered.result()
            if calling and calling.done():
                return calling.result()
            raise CallFailed("no_answer", f"{agent_id} did not answer")
        except asyncio.CancelledError:
            # The caller has gone in the very moment of the answer: nobody else knows of this line.
            if answered.done() and not answered.cancelled() and not answered.exception():
                await answered.result().hang_up()
            raise
        finally:
            if calling and not calling.done():
                calling.cancel()
            if not answered.done():
                answered.cancel()

    def decline(self, agent_id: str) -> None:
        seat = self._seat(agent_id)
        if seat.answered and not seat.answered.done():
            seat.answered.set_exception(CallFailed("rejected", f"{agent_id} declined"))

    async def take_line(self, claims: Claims, line: AgentLine) -> None:
        """Handler of `BrowserCalls` for agents: the line of who accepted an offer."""
        found = [one for one in self.seated.values() if one.desk.offer and one.desk.offer.offer_id == claims.offer]
        seat = found[0] if found else None
        if seat is None or seat.desk.agent_id != claims.caller or not seat.answered or seat.answered.done():
            return
        seat.answered.set_result(line)
        await line.over()
        self._parted(seat, claims.offer)

    def _parted(self, seat: Seated, offer_id: str) -> None:
        """The browser's line is gone; a talk that never began was not one."""
        talk = seat.desk.talk
        if talk and talk.offer_id == offer_id and talk.view is None:
            seat.desk.talk = None
            seat.changed()

    # -- what happens elsewhere

    def meeting_changed(self, view: MeetingView) -> None:
        """`Meetings.changed`: shown at the desks of everybody in it, and told to the routing."""
        before = self._views.get(view.call_id)
        if view.phase == "over":
            self._views.pop(view.call_id, None)
        else:
            self._views[view.call_id] = view
        entries = self.routing.centre.floor.entries.values()
        entry = next((one.entry_id for one in entries if one.call_id == view.call_id), "")
        for happening in happenings(before, view, entry):
            self.routing.post(happening)
        for seat in self._talking(view.call_id):
            self._show(seat, view)
        for tell in list(self.overview.values()):
            tell()

    def _show(self, seat: Seated, view: MeetingView) -> None:
        talk = seat.desk.talk
        assert talk
        is_in = seat.desk.agent_id in (view.agent, view.consulted)
        if is_in or talk.view is not None:
            talk.view = view
        if talk.view is not None and (view.phase == "over" or not is_in):
            self._end(seat, talk)
        seat.changed()

    def _end(self, seat: Seated, talk: Talk) -> None:
        talk.is_over, talk.ringing = True, ""
        self.helping.over(talk, seat.desk.agent_id)
        for tell in self.talk_ended:
            tell(seat.desk.agent_id)

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        """A `Watcher` of all calls."""
        for seat in self._talking(call_id):
            talk = seat.desk.talk
            assert talk
            match what:
                case Heard(text=text) if text:
                    talk.heard(Said("caller", text))
                    self._assist(seat, talk, text)
                case AgentSaid(text=text) if text:
                    talk.heard(Said("agent", text))
                case Say(text=text):
                    talk.heard(Said("bot", text))
                case _:
                    continue
            seat.changed()

    def mood_alert(self, call_id: str, alert: Alert, with_agent: bool) -> None:
        """Told at once: the hint is on the agent's desk, and the supervisors' pages show who is upset."""
        for seat in self._talking(call_id):
            assert seat.desk.talk
            seat.desk.talk.mood = self.mood_of(call_id) or seat.desk.talk.mood
            seat.changed()
        if with_agent and alert.level == "red":
            for tell in list(self.overview.values()):
                tell()

    def _assist(self, seat: Seated, talk: Talk, text: str) -> None:
        talk.mood = self.mood_of(talk.call_id) or heard(talk.mood, talk.handoff.mood or 0.0, text)[0]
        self.helping.heard(seat, talk, text)

    def routing_did(self, effect: Effect, now: float) -> None:
        if isinstance(effect, AgentChanged) and (seat := self.seated.get(effect.agent_id)):
            seat.changed()

    def _talking(self, call_id: str) -> list[Seated]:
        return [
            seat for seat in self.seated.values()
            if seat.desk.talk and seat.desk.talk.call_id == call_id and not seat.desk.talk.is_over
        ]  # fmt: skip

    def _seat(self, agent_id: str) -> Seated:
        if agent_id not in self.seated:
            self.seated[agent_id] = Seated(Desk(agent_id))
        return self.seated[agent_id]

    async def close(self) -> None:
        await self.helping.close()
