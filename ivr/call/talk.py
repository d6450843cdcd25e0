"""One caller's talk with people: who is in it, who holds whom, who left. `ivr.call.meeting` begins and ends it."""

import asyncio

import structlog

from ivr.call.agent_leg import AgentLeg, LegEnded
from ivr.call.attendance import CALLER, Attendant, Changed, MeetingEnded, MeetingView, Mode, Phase
from ivr.call.briefing import brief
from ivr.call.room import EVERYBODY, NOBODY, Role
from ivr.call.rooms import LiveRoom
from ivr.model.errors import BadQuery, IvrError, NotThere
from ivr.model.events import AgentJoined, LineHeld
from ivr.model.ports import Guest, Voice

log = structlog.get_logger(__name__)

WITH_MUSIC: tuple[Phase, ...] = ("held", "consulting", "lost")
"""The caller is not heard."""


class Meeting:
    """One call with people. Every method but `end` raises `NotThere` once it is over, or for who is not in it, and
    `BadQuery` for what makes no sense now."""

    def __init__(
        self, guest: Guest, room: LiveRoom, voice: Voice, language: str, changed: Changed, grace_seconds: float = 0.0
    ) -> None:
        self._guest, self._room, self._voice, self._language = guest, room, voice, language
        self._changed, self._grace_seconds = changed, grace_seconds
        self._grace: asyncio.TimerHandle | None = None
        self._is_held = False
        self._attendants: dict[str, Attendant] = {}
        self._legs: dict[str, AgentLeg] = {}
        self._modes: dict[str, Mode] = {}
        self._tasks = asyncio.TaskGroup()
        self._over = asyncio.Event()
        self._ended = MeetingEnded("system", "")
        self._phase: Phase = "whispering"
        self._agent, self._consulted = "", ""

    @property
    def view(self) -> MeetingView:
        muted = tuple(name for name, place in self._room.room.places.items() if place.muted)
        return MeetingView(self._guest.call_id, self._phase, self._agent, self._consulted, muted, dict(self._modes))

    async def run(self, first: Attendant, whisper: str) -> MeetingEnded:
        """Until the caller is alone. Cancelling it (the caller has hung up) frees everybody."""
        self._agent = first.id
        try:
            return await self._talk(first, whisper)
        finally:
            self._stop_grace()

    async def _talk(self, first: Attendant, whisper: str) -> MeetingEnded:
        async with self._tasks:
            self._seat(first, "agent")
            briefing = self._tasks.create_task(self._brief(first.id, whisper))
            over = self._tasks.create_task(self._over.wait())
            await asyncio.wait({briefing, over}, return_when=asyncio.FIRST_COMPLETED)
            briefing.cancel()
            if not self._over.is_set():
                self._tasks.create_task(self._bring_the_caller())
            await over
            self._room.close()
        return self._ended

    # -- what an agent may do

    def hold(self) -> None:
        """The caller hears music; who is in the room talks among themselves."""
        self._needs("talking", "held", "conference", "consulting")
        self._room.room.hold(CALLER)
        self._enter("consulting" if self._consulted else "held")

    def resume(self) -> None:
        """The caller is back: with both, if somebody was consulted."""
        self._needs("talking", "held", "conference", "consulting")
        self._room.room.resume(CALLER)
        self._enter("conference" if self._consulted else "talking")

    def mute(self, who: str, muted: bool = True) -> None:
        self._leg(who)
        self._room.room.mute(who, muted)
        self._tell()

    async def consult(self, other: Attendant, whisper: str = "") -> None:
        """The caller is held, and the agent talks with `other`, who is told `whisper` first. Their line is hung up
        if they cannot be taken in."""
        try:
            self._needs("talking", "held")
            self._seat(other, "agent")
        except IvrError:
            await other.line.hang_up()
            raise
        self._room.room.hold(CALLER)
        self._consulted = other.id
        self._enter("consulting")
        self._tasks.create_task(self._brief(other.id, whisper))

    def conference(self) -> None:
        """All three talk."""
        self._needs("consulting", "conference")
        self.resume()

    def complete(self) -> None:
        """The transfer is done: the caller stays with who was consulted, the agent goes."""
        self._needs("consulting", "conference")
        before = self._agent
        self._hand_over()
        self._legs[before].seat.leave()

    def cancel(self) -> None:
        """Who was consulted goes; the caller is back with the agent."""
        self._needs("consulting", "conference")
        self._legs[self._consulted].seat.leave()
        self._without_consulted()

    def awaits(self, who: str) -> bool:
        """Their line was lost: they may `rejoin`."""
        return self._phase == "lost" and who == self._agent

    def rejoin(self, who: Attendant) -> None:
        """The agent is back on another line, before or after the old one was noticed to be lost: the talk goes on."""
        self._needs("lost", "talking", "held")
        if who.id != self._agent:
            raise BadQuery(f"{who.id} did not talk with this caller")
        if old := self._legs.pop(who.id, None):
            old.seat.leave()
        was = self._phase
        self._stop_grace()
        self._seat(who, "agent")
        if was == "lost":
            self._room.room.resume(CALLER)
            self._enter("talking")

    def hang_up(self, who: str) -> None:
        """This person leaves. An agent who consulted somebody leaves the caller to them."""
        self._leg(who).seat.leave()

    async def tell_agent(self, who: str, text: str) -> None:
        """Say something to one agent only; returns when it was said (`WHISPER_SECONDS` at most)."""
        self._leg(who)
        await self._brief(who, text)

    def end(self, reason: str) -> None:
        """Everybody but the caller leaves: the caller goes to another queue, the server stops."""
        self._end(MeetingEnded("system", self._agent, reason))

    # -- what a supervisor may do

    async def supervise(self, supervisor: Attendant, mode: Mode = "monitor", agent: str = "") -> None:
        """Take part on a line of their own; `agent` is who is whispered to, else the caller's."""
        try:
            self._needs("whispering", "talking", "held", "consulting", "conference")
            self._seat(supervisor, "supervisor")
        except IvrError:
            await supervisor.line.hang_up()
            raise
        self.set_mode(supervisor.id, mode, agent)

    def set_mode(self, supervisor: str, mode: Mode, agent: str = "") -> None:
        """monitor: hears all, heard by nobody; whisper: heard by one agent; barge: heard by all."""
        self._leg(supervisor)
        if self._room.room.places[supervisor].role != "supervisor":
            raise BadQuery(f"{supervisor} is not a supervisor in this call")
        room = self._room.room
        if mode == "monitor":
            room.monitor(supervisor)
        elif mode == "barge":
            room.barge(supervisor)
        else:
            self._leg(agent or self._agent)
            room.whisper(supervisor, agent or self._agent)
        self._modes[supervisor] = mode
        self._tell()

    # -- inside

    def _seat(self, who: Attendant, role: Role) -> None:
        if who.id in self._room.room or who.id == CALLER:
            raise BadQuery(f"{who.id} is in this call already")
        audience = NOBODY if role == "supervisor" else EVERYBODY
        seat = self._room.sit(who.id, role, who.line.rate, audience)
        leg = AgentLeg(who.line, seat, ears=who.ears, said=self._guest.tell, pressed=who.pressed)
        self._attendants[who.id], self._legs[who.id] = who, leg
        self._tasks.create_task(self._hold_leg(who.id, leg), name=f"leg {role}")

    async def _hold_leg(self, who: str, leg: AgentLeg) -> None:
        ended = await leg.run()
        if self._legs.get(who) is leg:  # else they are back on another line
            self._left(who, ended)

    def _left(self, who: str, ended: LegEnded) -> None:
        """Somebody is gone; who is next follows from who they were."""
        self._legs.pop(who, None)
        self._modes.pop(who, None)
        if self._over.is_set():
            return
        if who == self._agent and self._consulted:
            self._hand_over()
        elif who == self._agent and ended.reason == "network" and self._grace_seconds and self._is_begun:
            self._wait_for_them(MeetingEnded("agent", who, "network"))
        elif who == self._agent:
            self._end(MeetingEnded("agent", who, ended.reason or "caller"))
        elif who == self._consulted:
            self._without_consulted()
        else:
            self._tell()

    def _wait_for_them(self, ended: MeetingEnded) -> None:
        """The caller hears music meanwhile."""
        self._room.room.hold(CALLER)
        self._grace = asyncio.get_running_loop().call_later(self._grace_seconds, self._end, ended)
        self._enter("lost")

    def _stop_grace(self) -> None:
        if self._grace:
            self._grace.cancel()
            self._grace = None

    @property
    def _is_begun(self) -> bool:
        """The caller sits here."""
        return CALLER in self._room.room

    def _hand_over(self) -> None:
        before, self._agent, self._consulted = self._agent, self._consulted, ""
        for supervisor, mode in self._modes.items():
            if mode == "whisper" and before in (self._room.room.places[supervisor].audience or NOBODY):
                self._room.room.whisper(supervisor, self._agent)
        self._room.room.resume(CALLER)
        self._guest.tell(AgentJoined(self._agent, self._attendants[self._agent].name))
        self._enter("talking")

    def _without_consulted(self) -> None:
        self._consulted = ""
        self._room.room.resume(CALLER)
        self._enter("talking")

    async def _bring_the_caller(self) -> None:
        seat = self._room.sit(CALLER, "caller", self._guest.rate)
        self._guest.tell(AgentJoined(self._agent, self._attendants[self._agent].name))
        self._enter("talking")
        try:
            await self._guest.sit(seat)
        finally:
            seat.leave()
        self._end(MeetingEnded("caller", self._agent))

    async def _brief(self, who: str, text: str) -> None:
        """Say `text` to one person; what fails or takes too long is not said."""
        rate = self._attendants[who].line.rate
        await brief(self._room, who, rate, self._voice, text, self._language)

    def _leg(self, who: str) -> AgentLeg:
        if self._over.is_set() or who not in self._legs:
            raise NotThere(f"{who} is not in this call (any more)")
        return self._legs[who]

    def _needs(self, *phases: Phase) -> None:
        if self._over.is_set():
            raise NotThere("the caller does not talk with people any more")
        if self._phase not in phases:
            raise BadQuery(f"not while the call is {self._phase}")

    def _end(self, ended: MeetingEnded) -> None:
        if not self._over.is_set():
            self._stop_grace()
            self._ended = ended
            self._over.set()
            self._enter("over")

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        if (held := phase in WITH_MUSIC) != self._is_held:
            self._is_held = held
            self._guest.tell(LineHeld(held))
        self._tell()

    def _tell(self) -> None:
        self._changed(self.view)
