"""Agents whose line was lost in the middle of a talk (a page loaded again, a network that went): their way back in."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ivr.call.attendance import Attendant
from ivr.call.meeting import Meeting
from ivr.console.desk_seats import AgentLine
from ivr.console.desk_talk import Talk
from ivr.console.desks import Desks
from ivr.model.ports import Ears
from ivr.web.webrtc_gate import Claims

log = structlog.get_logger(__name__)


def awaited(desks: Desks, agent_id: str) -> Talk | None:
    """The talk whose caller hears music until this agent is back; None: there is none, or it is over."""
    seat, meeting = desks.seated.get(agent_id), desks.meetings.lost_by(agent_id)
    talk = seat.desk.talk if seat else None
    is_theirs = talk and meeting and not talk.is_over and meeting.view.call_id == talk.call_id
    return talk if is_theirs else None


@dataclass(slots=True)
class Returns:
    """Takes lines of agents: back into the talk they were lost from, else to the desk that rings."""

    desks: Desks
    ears: Callable[[str, int], Ears | None]
    """For the transcript, by language and rate."""

    async def take_line(self, claims: Claims, line: AgentLine) -> None:
        """Handler of `BrowserCalls` for agents."""
        talk = awaited(self.desks, claims.caller)
        if talk is None or talk.offer_id != claims.offer:
            return await self.desks.take_line(claims, line)
        self._rejoin(self.desks.meetings.find(talk.call_id), claims.caller, talk, line)
        await line.over()

    def _rejoin(self, meeting: Meeting, agent_id: str, talk: Talk, line: AgentLine) -> None:
        agent = self.desks.routing.centre.floor.agents.get(agent_id)
        name = agent.profile.name if agent else ""
        meeting.rejoin(Attendant(agent_id, line, name, self.ears(talk.handoff.language, line.rate)))
        log.info("an agent is back in their call", agent=agent_id, call_id=talk.call_id)
