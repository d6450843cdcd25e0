"""Supervisors on the line: listen to a talk, whisper to the agent, barge in. For the page `/desk/supervise` and for the
console, which uses the same `Supervision`."""

from typing import get_args

import structlog

from ivr.call.attendance import Attendant, Mode
from ivr.console.desk_seats import AgentLine
from ivr.console.desks import Desks
from ivr.model.errors import BadQuery, IvrError, NotNow
from ivr.web.security import Audit, Reader, note_look
from ivr.web.webrtc_gate import Claims, WebRtcGate

MODES: tuple[Mode, ...] = get_args(Mode)

log = structlog.get_logger(__name__)


class Supervision:
    """Who is on the line is in `Meeting.view.supervisors`, by `seat_of` their name."""

    def __init__(self, desks: Desks, audit: Audit, gate: WebRtcGate | None) -> None:
        self._desks, self._audit, self._gate = desks, audit, gate

    async def ticket(self, reader: Reader, call_id: str, mode: Mode = "monitor") -> str:
        """A token for the browser's `Call({token})`, which brings them into the talk. Noted in the audit first.

        Raises:
            NotThere: nobody talks in this call.
            NotNow: browser calls are switched off.
            StoreError: it could not be noted.
        """
        self._desks.meetings.find(call_id)
        if self._gate is None:
            raise NotNow("browser calls are switched off (webrtc.enabled)")
        if mode not in MODES:
            raise BadQuery(f"mode: one of {', '.join(MODES)}")
        await note_look(self._audit, reader, f"live.{mode}", call_id)
        return self._gate.issue(Claims("supervisor", caller=reader.who, offer=call_id, params={"mode": mode})).token

    async def change(self, reader: Reader, call_id: str, mode: Mode) -> None:
        """Raises NotThere: they are not in this talk."""
        await note_look(self._audit, reader, f"live.{mode}", call_id)
        self._desks.meetings.find(call_id).set_mode(seat_of(reader.who), mode)

    def leave(self, reader: Reader, call_id: str) -> None:
        """Raises NotThere: they are not in this talk."""
        self._desks.meetings.find(call_id).hang_up(seat_of(reader.who))

    def mode_of(self, who: str, call_id: str) -> Mode | None:
        meeting = self._desks.meetings.live.get(call_id)
        return meeting.view.supervisors.get(seat_of(who)) if meeting else None

    async def take_line(self, claims: Claims, line: AgentLine) -> None:
        """Handler of `BrowserCalls` for supervisors."""
        wanted = claims.params.get("mode", "monitor")
        mode: Mode = next((one for one in MODES if one == wanted), "monitor")
        try:
            meeting = self._desks.meetings.find(claims.offer)
            await meeting.supervise(Attendant(seat_of(claims.caller), line), mode)
        except IvrError as error:
            log.info("a supervisor came too late", code=error.code)
            return
        await line.over()


def seat_of(who: str) -> str:
    """Their name in the room: never an agent's, whose ids hold no colon."""
    return f"supervisor:{who}"
