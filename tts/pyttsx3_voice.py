"""pyttsx3 behind the `Voice` port: one child process, one sentence at a time, killed and started anew when it hangs.

In a server pyttsx3 hangs or crashes with threads, prints on stdout and can only write files; a child contains that.
"""

import asyncio
import json
import os
import sys
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ivr.model.audio import AudioFrame, silence
from ivr.model.errors import VoiceError
from tts.engine import primary
from tts.finish import finished, frames_of
from tts.sentences import pieces_of

LANGUAGE_VOICES: Mapping[str, str] = {"en": "en-us", "zh": "cmn"}
"""pyttsx3 voice ids by language, here those of its espeak driver; other platforms list theirs with `getProperty`."""

_START_SECONDS = 10.0


def worker_command() -> tuple[str, ...]:
    """The child, run by path and without our folder on its path, so that it imports only pyttsx3."""
    return (sys.executable, "-P", str(Path(__file__).with_name("pyttsx3_worker.py")))


class Pyttsx3Voice:
    """Starts its child with the first sentence (or `start`) on the event loop's thread, and restarts it when needed."""

    def __init__(
        self,
        pace: int = 165,
        voices: Mapping[str, str] = LANGUAGE_VOICES,
        timeout_seconds: float = 3.0,
        command: Sequence[str] | None = None,
    ) -> None:
        """
        Args:
            pace: words per minute.
            voices: pyttsx3 voice id by language; "" keeps the platform's default voice.
            timeout_seconds: for one sentence; then the child is killed and the sentence fails.
            command: what to run as the child; the parent's process id is added.
        """
        self.name = "pyttsx3"
        self.version = f"{pace}/" + ",".join(f"{key}={voices[key]}" for key in sorted(voices))
        self._pace = pace
        self._voices = voices
        self._timeout = timeout_seconds
        self._command = tuple(command or worker_command())
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def languages(self) -> frozenset[str]:
        return frozenset(self._voices)

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        """Frames of 20 ms, sentence by sentence.

        Raises:
            VoiceError: the child could not start, failed, or did not answer in time.
        """
        voice = self._voices.get(primary(language))
        if voice is None:
            raise VoiceError(f"voice pyttsx3 does not speak {language!r}: add it to its voices")
        for piece in pieces_of(text, cut_long=False):
            pcm = await self._sentence(piece.text, voice, rate)
            for frame in frames_of(pcm + silence(piece.pause, rate), rate):
                yield frame

    async def start(self) -> None:
        """Start the child now, so that the first caller does not wait for it.

        Raises:
            VoiceError: pyttsx3 or the speech engine under it is not there.
        """
        async with self._turn:
            await self._living_child()

    async def close(self) -> None:
        async with self._turn:
            await self._kill()
            if self._folder:
                self._folder.cleanup()
                self._folder = None

    async def _sentence(self, sentence: str, voice: str, rate: int) -> bytes:
        async with self._turn:
            child = await self._living_child()
            file = Path(self._own_folder()) / "sentence.wav"
            request = {"text": sentence, "voice": voice, "pace": self._pace, "file": str(file)}
            try:
                await self._ask(child, json.dumps(request).encode() + b"\n", self._timeout)
                pcm = await asyncio.to_thread(_read, file, rate)
            finally:
                file.unlink(missing_ok=True)
            if not pcm:
                raise VoiceError(f"voice pyttsx3 made no sound of a sentence of {len(sentence)} characters")
            return pcm

    async def _living_child(self) -> asyncio.subprocess.Process:
        if self._child and self._child.returncode is None:
            return self._child
        pipe, quiet = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        command = (*self._command, str(os.getpid()))
        try:
            child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=quiet)
        except OSError as error:
            raise VoiceError(f"voice pyttsx3: its child cannot be started: {error}") from error
        self._child = child
        await self._ask(child, b"", _START_SECONDS)
        return child

    async def _ask(self, child: asyncio.subprocess.Process, request: bytes, seconds: float) -> None:
        """One request, one answer. A child that gave no good answer is killed, and so is one nobody waits for any more:
        it is in the middle of a sentence, and its answer would be taken for the next one's."""
        answered = False
        try:
            async with asyncio.timeout(seconds):
                line = await _exchange(child, request)
            answered = _is_good(line)
        except TimeoutError:
            raise VoiceError(f"voice pyttsx3 did not answer within {seconds:g} s; its child is started anew") from None
        except ConnectionError as error:
            raise VoiceError("voice pyttsx3 lost its child; it is started anew") from error
        finally:
            if not answered:
                await self._kill()

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()
        await child.wait()
        if child.stdin:
            child.stdin.close()

    def _own_folder(self) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="ivr-pyttsx3-")
        return self._folder.name


async def _exchange(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert child.stdin
    assert child.stdout
    child.stdin.write(request)
    await child.stdin.drain()
    return await child.stdout.readline()


def _is_good(line: bytes) -> bool:
    """True for an answer that says ok.

    Raises:
        VoiceError: the child is gone, talks nonsense, or says what went wrong.
    """
    if not line:
        raise VoiceError("voice pyttsx3 lost its child; it is started anew")
    try:
        answer = json.loads(line)
        ok, error = answer["ok"], answer["error"]
    except (ValueError, KeyError, TypeError):
        raise VoiceError("voice pyttsx3 answered with something that is no answer") from None
    if not ok:
        raise VoiceError(f"voice pyttsx3 failed: {error}; is espeak-ng installed?")
    return True


def _read(file: Path, rate: int) -> bytes:
    """The WAV the child wrote, finished for the line.

    Raises:
        VoiceError: there is none, or it is not mono or stereo 16-bit sound.
    """
    try:
        with wave.open(str(file), "rb") as sound:
            width, channels, from_rate = sound.getsampwidth(), sound.getnchannels(), sound.getframerate()
            pcm = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise VoiceError(f"voice pyttsx3 wrote no readable sound: {type(error).__name__}") from error
    if width != 2:
        raise VoiceError(f"voice pyttsx3 wrote {8 * width}-bit sound; 16 bits are expected")
    samples = np.frombuffer(pcm, dtype="<i2").reshape(-1, channels)[:, 0].astype(np.float32) / 32768.0
    return finished(samples, from_rate, rate)
