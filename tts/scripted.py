"""A voice that does what a script says: fails, hangs, waits, says nothing. For tests, and for trying a fallback.

Each sentence sounds as a constant of its own, so that who hears the frames can tell which sentence they are.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Literal

from ivr.model.audio import AudioFrame
from ivr.model.errors import VoiceError
from ivr.model.g711 import mulaw_decode, mulaw_encode
from tts.finish import frames_of
from tts.sentences import sentences_of

Act = Literal["speak", "fail", "hang", "fail_midway", "stay_silent"]


class ScriptedVoice:
    """Acts by sentence number: the first it is asked for follows the first act, after the last act it speaks."""

    def __init__(
        self,
        name: str,
        acts: Iterable[Act] = (),
        languages: frozenset[str] = frozenset({"en"}),
        events: list[str] | None = None,
        gates: Mapping[str, asyncio.Event] | None = None,
    ) -> None:
        """
        Args:
            events: gets "<name> begins <sentence>" and "<name> made <sentence>".
            gates: sentences that are made only once their event is set.
        """
        self.name = name
        self.events = [] if events is None else events
        self._acts = iter(acts)
        self._languages = languages
        self._gates = {} if gates is None else gates  # the very mapping given: gates may be added later
        self.is_closed = False

    def languages(self) -> frozenset[str]:
        return self._languages

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        """Raises:
        VoiceError: the script says so.
        """
        for sentence in sentences_of(text):
            self.events.append(f"{self.name} begins {sentence}")
            act = next(self._acts, "speak")
            if act == "hang":
                await asyncio.Event().wait()
            if sentence in self._gates:
                await self._gates[sentence].wait()
            frames = [] if act == "stay_silent" else list(frames_of(sound_of(self.name, sentence, rate), rate))
            if act == "fail":
                raise VoiceError(f"voice {self.name} fails as scripted")
            for frame in frames[: len(frames) // 2] if act == "fail_midway" else frames:
                yield frame
            if act == "fail_midway":
                raise VoiceError(f"voice {self.name} fails midway as scripted")
            self.events.append(f"{self.name} made {sentence}")

    async def close(self) -> None:
        self.is_closed = True


def sound_of(voice: str, sentence: str, rate: int) -> bytes:
    """PCM of a scripted sentence: 80 ms of one value, told by the voice and the words, as µ-law keeps it."""
    value = 1000 + zlib.crc32(f"{voice}:{sentence}".encode()) % 20000
    return mulaw_decode(mulaw_encode(value.to_bytes(2, "little") * (rate * 8 // 100)))
