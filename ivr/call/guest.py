"""The caller as a switchboard may reach them while they wait for a person and while they talk with one."""

from collections.abc import Callable

import structlog

from ivr.call.handoff import handoff
from ivr.call.live import LiveCall
from ivr.call.speaking import Mouth
from ivr.model.audio import AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.errors import IvrError
from ivr.model.events import CallEvent
from ivr.model.people import Handoff
from ivr.model.ports import Line, Seat

log = structlog.get_logger(__name__)


class WaitingCaller:
    """A `Guest`: one line of a live call."""

    def __init__(self, call: LiveCall, line: Line, mouth: Mouth, post: Callable[[CallEvent], None]) -> None:
        self._call, self._line, self._mouth, self._post = call, line, mouth, post
        self._seat: Seat | None = None
        self._gone = False

    @property
    def call_id(self) -> str:
        return self._call.call_id

    @property
    def rate(self) -> int:
        return self._line.rate

    def handoff(self, request: JoinQueue) -> Handoff:
        return handoff(self._call.log, self._call.conductor.path, request)

    def tell(self, event: CallEvent) -> None:
        self._post(event)

    async def sit(self, seat: Seat) -> None:
        """Returns when the seat is left, by whomever. A line that breaks, or is gone, leaves it."""
        if self._gone:
            seat.leave()
            return
        self._seat = seat
        try:
            async with self._mouth.silenced() as number:
                await self._line.play(number, seat.sound())
        except IvrError as error:
            log.warning("a caller could not be seated", call_id=self.call_id, code=error.code)
        finally:
            self._seat = None
            seat.leave()

    def music(self, playing: bool) -> None:
        """Whenever nothing else is heard, or not any more."""
        self._mouth.hold(playing)

    def said(self, frame: AudioFrame) -> None:
        """Pass on what the caller says to who sits with them; while a secret is asked for they hear silence, as the
        recording does."""
        if self._seat is None:
            return
        secret = self._call.conductor.expect.secret
        self._seat.put(AudioFrame(bytes(len(frame.pcm)), frame.rate) if secret else frame)

    def leave(self) -> None:
        """The line is gone."""
        self._gone = True
        if self._seat:
            self._seat.leave()
