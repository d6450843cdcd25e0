"""How agents are reached: the desk in a browser where one is open, else the telephone in their profile."""

from collections.abc import Awaitable, Callable

from ivr.call.attendance import Attendant
from ivr.call.meeting import Meetings
from ivr.console.desk_names import Names, NamesOf
from ivr.console.desk_parts import why
from ivr.console.desk_words import DESK
from ivr.console.words import speaker
from ivr.model.errors import CallFailed, NotAllowed
from ivr.model.people import AgentProfile, Handoff
from ivr.model.ports import Ears, Guest, Line, Trunk

ShowAndRing = Callable[[str, Handoff, float], Awaitable[Line]]
"""A desk: offer id, what is known, seconds; the line once it was accepted, or CallFailed. Cancelled: stop ringing."""

EarsFor = Callable[[str, int], Ears | None]
"""For the transcript of what agents say, by language and rate; None: it is not written down."""

FindAgent = Callable[[str], AgentProfile | None]

WHISPER = {"en": "Call for {queue}. {reason}", "zh": "{queue}来电。{reason}"}
WHISPER_FROM = {"en": "Call for {queue}, from {first}. {reason}", "zh": "{queue}来电,由{first}转来。{reason}"}
"""Of a caller who first came to another queue."""


class AgentTelephones:
    """Implements `ivr.model.ports.AgentPhones`. A desk that opens puts itself into `desks`, and takes itself out."""

    def __init__(self, find: FindAgent, trunk: Trunk | None = None, caller_id: str = "") -> None:
        self.desks: dict[str, ShowAndRing] = {}
        self.trunk = trunk
        self._find, self._caller_id = find, caller_id

    async def ring(self, agent_id: str, offer_id: str, handoff: Handoff, seconds: float) -> Line:
        if desk := self.desks.get(agent_id):
            return await desk(offer_id, handoff, seconds)
        return await self.telephone(agent_id, seconds)

    async def telephone(self, agent_id: str, seconds: float) -> Line:
        """Ring the telephone in their profile, whatever desk is open.

        Raises:
            CallFailed: as `ring`.
        """
        agent = self._find(agent_id)
        if agent is None or not agent.phone or self.trunk is None:
            raise CallFailed("unreachable", f"{agent_id} has no desk open and no telephone that we can ring")
        return await self.outside(agent.phone, seconds)

    async def outside(self, number: str, seconds: float) -> Line:
        """Ring somebody who is none of our agents: E.164 or a SIP address.

        Raises:
            CallFailed: nobody answered, or the dial plan forbids it.
        """
        if self.trunk is None:
            raise CallFailed("unreachable", "this server has no line to call out on")
        try:
            return await self.trunk.call(number, self._caller_id, seconds)
        except NotAllowed as error:
            raise CallFailed("unreachable", str(error)) from error


class AtOneTable:
    """Implements `ivr.model.ports.Meetings` with the rooms of this node."""

    def __init__(
        self,
        meetings: Meetings,
        ears: EarsFor = lambda language, rate: None,
        names_of: NamesOf = lambda flow, language: Names(),
    ) -> None:
        self._meetings, self._ears, self._names_of = meetings, ears, names_of

    async def meet(self, guest: Guest, agent: AgentProfile, agent_line: Line, handoff: Handoff) -> str:
        ended = await self._meetings.meet(
            guest,
            Attendant(agent.agent_id, agent_line, agent.name, self._ears(handoff.language, agent_line.rate)),
            whisper=whispered(handoff, self._names_of(handoff.flow, handoff.language)),
            queue=handoff.queue,
            language=handoff.language,
        )
        if ended.by == "caller":
            return "customer"
        return "network" if ended.by == "agent" and ended.reason == "network" else ended.by


def whispered(handoff: Handoff, names: Names) -> str:
    """What the agent is told before they hear the caller, in the caller's language: the queue they answer for, and what
    the caller wants, else why they need a person."""
    words = WHISPER_FROM if handoff.came_from else WHISPER
    language = handoff.language if handoff.language in words else "en"
    choice = handoff.facts.get("chosen", "")
    wants = names.intent(handoff.intent) if handoff.intent else names.label(choice) if choice else ""
    reason = wants or why(handoff.reason, speaker(language, DESK))
    first = names.queue(handoff.came_from)
    return words[language].format(queue=names.queue(handoff.queue), first=first, reason=reason)
