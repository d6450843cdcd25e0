"""Take a caller's message: a beep, their sound kept beside the recording, their words as the call's recognizer hears
them, all of it in the store. A caller who hangs up in the middle has left what they said until then.
"""

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from ivr.call.comfort import BEEP_SECONDS, beep
from ivr.call.dictation import Dictation, dictating
from ivr.call.disclosure import MARGIN_SECONDS
from ivr.call.live import LiveCall, Surroundings
from ivr.call.recorder import silence_part
from ivr.call.speaking import Mouth
from ivr.model.audio import AudioFrame
from ivr.model.calls import Message
from ivr.model.commands import TakeMessage
from ivr.model.errors import IvrError
from ivr.model.events import CallEvent, MessageTaken
from ivr.model.meaning import Expect
from ivr.model.redacted_events import sensitive_seconds
from ivr.model.redaction import redact

BEEP_MARGIN_SECONDS = 2.0
"""Sound is kept from the end of the beep on, as the line reports it, or this long after it should have ended."""

log = structlog.get_logger(__name__)


class Dictaphone:
    """One for a line of a call; one message at a time."""

    def __init__(
        self,
        call: LiveCall,
        mouth: Mouth,
        around: Surroundings,
        listen: Callable[[Expect], None],
        joined_at: float = 0.0,
    ) -> None:
        self._call, self._mouth, self._around, self._listen = call, mouth, around, listen
        self._heard_until = joined_at
        """Seconds since the call was answered, counted in the line's sound, as what was heard is."""

        self._began_at = 0.0
        """Of the file of the message."""

        self._sensitive: list[tuple[float, float]] = []
        self._name = ""
        self._dictation: Dictation | None = None
        self._path = Path()
        self._file: wave.Wave_write | None = None
        self._over = asyncio.Event()

    async def take(self, command: TakeMessage) -> MessageTaken:
        """Beep, and keep what is said until the caller has finished."""
        await self._beep()
        conductor = self._call.conductor
        running = conductor.survey if conductor.survey and conductor.surveying else conductor.dialogue
        language = conductor.state.language or conductor.language
        self._listen(dictating(running.name, language, command.longest_seconds))
        self._over.clear()
        self._name, self._dictation = command.name, Dictation(command.longest_seconds)
        await self._over.wait()
        return await self._keep()

    def heard(self, frame: AudioFrame) -> None:
        """Sound of the caller; of no interest while no message is taken."""
        dictation = self._dictation
        self._heard_until += frame.seconds
        if dictation is None:
            return
        dictation.heard(frame.seconds)
        if not dictation.is_closed:
            self._write(frame)
        self._look(dictation)

    def saw(self, event: CallEvent) -> None:
        if self._dictation:
            self._sensitive += sensitive_seconds(event, self._around.redact)
            self._dictation.saw(event)
            self._look(self._dictation)

    def _look(self, dictation: Dictation) -> None:
        if dictation.is_over:
            self._over.set()

    async def close(self) -> None:
        """The line is gone; what was said of a message is kept."""
        if self._dictation:
            await self._keep()

    async def _beep(self) -> None:
        async def sound() -> AsyncIterator[AudioFrame]:
            for frame in beep(self._mouth.rate):
                yield frame

        try:
            async with asyncio.timeout(BEEP_SECONDS + BEEP_MARGIN_SECONDS):
                await self._mouth.play_out(sound())
        except (TimeoutError, IvrError):
            log.warning("no beep before a message", call_id=self._call.call_id)

    def _write(self, frame: AudioFrame) -> None:
        """A file is begun with the first sound; a disk that refuses costs the sound, not the message."""
        try:
            if self._file is None:
                self._file = self._begin_file(frame.rate)
                self._began_at = self._heard_until - frame.seconds
            if self._file:
                self._file.writeframesraw(frame.pcm)
        except OSError as error:
            log.warning("sound of a message is not kept", call_id=self._call.call_id, error=type(error).__name__)
            self._file, self._path = None, Path()

    def _begin_file(self, rate: int) -> wave.Wave_write | None:
        if self._call.messages is None:
            return None
        self._call.messages.mkdir(parents=True, exist_ok=True)
        self._path = self._call.messages / f"{self._message_id()}.wav"
        file = wave.open(str(self._path), "wb")  # noqa: SIM115 - closed by `_keep`, with the message
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        return file

    def _message_id(self) -> str:
        return f"{self._call.call_id}-{self._call.messages_taken + 1}"

    async def _keep(self) -> MessageTaken:
        dictation, self._dictation = self._dictation, None
        assert dictation is not None
        path = self._end_file(keep=dictation.has_speech)
        if not dictation.has_speech:
            return MessageTaken(self._name, "nothing")
        seconds = round(min(dictation.seconds, dictation.longest_seconds), 2)
        words, now = dictation.transcript, self._around.clock.utc()
        kept = redact(words, self._around.redact)
        message = Message(self._message_id(), self._call.call_id, self._name, now, seconds, kept, path)
        self._call.messages_taken += 1
        self._call.log.left_message(message)
        try:
            await self._around.store.keep_message(message)
        except IvrError as error:
            log.warning("a message is not kept", call_id=self._call.call_id, code=error.code)
            return MessageTaken(self._name, "failed")
        return MessageTaken(self._name, "ok" if path or words else "failed", words, seconds, path)

    def _end_file(self, *, keep: bool) -> str:
        file, self._file = self._file, None
        if file is None:
            return ""
        path, self._path = self._path, Path()
        sensitive, self._sensitive = self._sensitive, []
        try:
            file.close()
            if not keep:
                path.unlink()
            elif sensitive:
                self._silence(path, file.getframerate(), sensitive)
        except OSError as error:
            log.warning("sound of a message is not kept", call_id=self._call.call_id, error=type(error).__name__)
            return ""
        return str(path) if keep else ""

    def _silence(self, path: Path, rate: int, sensitive: list[tuple[float, float]]) -> None:
        """What must not be kept of a message. A file where that fails is not kept at all.

        Raises:
            OSError: the disk refused.
        """
        try:
            with path.open("r+b") as sound:
                for began, ended in sensitive:
                    first, last = (began - self._began_at - MARGIN_SECONDS, ended - self._began_at + MARGIN_SECONDS)
                    silence_part(sound, 1, 0, max(0, round(first * rate)), max(0, round(last * rate)))
        except OSError:
            path.unlink(missing_ok=True)
            raise
