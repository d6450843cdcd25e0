"""The caller as a switchboard may reach them while they wait for a person and while they talk with one."""

from collections.abc import Callable

from ivr.call.live import LiveCall
from ivr.model.audio import AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.events import CallEvent
from ivr.model.people import Handoff
from ivr.model.ports import Line, Seat

AT_THE_TABLE = -1
"""Number of the endless utterance that is the sound of a room; no prompt has it."""


class WaitingCaller:
    """A `Guest`: one line of a live call."""

    def __init__(self, call: LiveCall, line: Line, post: Callable[[CallEvent], None]) -> None:
        self._call, self._line, self._post = call, line, post
        self._seat: Seat | None = None

    @property
    def call_id(self) -> str:
        return self._call.call_id

    @property
    def rate(self) -> int:
        return self._line.rate

    def handoff(self, request: JoinQueue) -> Handoff:
        record, facts = self._call.log.record, dict(request.facts)
        return Handoff(
            call_id=self.call_id,
            caller=record.caller,
            language=request.language,
            queue=request.queue,
            reason=request.reason,
            intent=facts.get("intent", ""),
            summary=facts.pop("summary", ""),
            facts=facts,
            tried=tuple(self._call.conductor.path),
        )

    def tell(self, event: CallEvent) -> None:
        self._post(event)

    async def sit(self, seat: Seat) -> None:
        await self._line.stop_playing()
        self._seat = seat
        try:
            await self._line.play(AT_THE_TABLE, seat.sound())
        finally:
            self._seat = None

    def said(self, frame: AudioFrame) -> None:
        """Pass on what the caller says to who sits with them."""
        if self._seat:
            self._seat.put(frame)
