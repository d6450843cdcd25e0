"""What becomes of a recording after its call: kept as it is or made small, its place noted, and whoever asked is told.

One at a time, off the event loop, so that calls do not notice. The WAV stays until the smaller file is complete, has
been read back and is noted in the record.
"""

import asyncio
import os
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import av
import av.error
import numpy as np
import structlog

OPUS_BITS = 24_000
"""Per second, for both sides together: telephone speech without a loss one hears (issue 4)."""

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
"""RFC 6716 §2: other rates are converted to the last."""

CLOSE_SECONDS = 20.0
BLOCK = 8000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecordingFinalised:
    """The recording of a call will not change any more."""

    call_id: str
    path: Path
    seconds: float
    """0 where it cannot be told."""

    trouble: str = ""
    """`unreadable`: it stays as the call left it, and may not be played."""


class Mentions(Protocol):
    """Where the path of a recording is written."""

    async def keep_recording(self, call_id: str, path: str) -> bool: ...


Watcher = Callable[[RecordingFinalised], None]
"""Told on the event loop; must not raise and must not wait."""


class Recordings:
    """Use as `async with`. `finished` fits `Reception.recorded`."""

    def __init__(self, kept_as: Literal["wav", "opus"], mentions: Mentions) -> None:
        self._kept_as, self._mentions = kept_as, mentions
        self._watchers: list[Watcher] = []
        self._waiting: asyncio.Queue[tuple[str, Path]] = asyncio.Queue()  # one a call: never many
        self._task: asyncio.Task[None] | None = None

    def watch(self, watcher: Watcher) -> None:
        """Be told of every recording when it is final."""
        self._watchers.append(watcher)

    def finished(self, call_id: str, path: Path) -> None:
        """The call is over and the WAV at `path` closed. Never waits."""
        self._waiting.put_nowait((call_id, path))

    async def __aenter__(self) -> "Recordings":
        self._task = asyncio.create_task(self._work(), name="recordings")
        return self

    async def __aexit__(self, *_: object) -> None:
        """What is not done in `CLOSE_SECONDS` stays a WAV, as its record says."""
        done = asyncio.create_task(self._waiting.join())
        await asyncio.wait({done}, timeout=CLOSE_SECONDS)
        for task in (done, self._task):
            if task:
                task.cancel()
                await asyncio.wait({task})

    async def _work(self) -> None:
        while True:
            call_id, path = await self._waiting.get()
            try:
                if final := await self._finalise(call_id, path):
                    self._tell(final)
            except (OSError, EOFError, wave.Error, av.error.FFmpegError) as error:
                log.warning("recording stays as it is", call_id=call_id, error=type(error).__name__)
                self._tell(RecordingFinalised(call_id, path, 0.0, "unreadable"))
            finally:
                self._waiting.task_done()

    def _tell(self, final: RecordingFinalised) -> None:
        for watcher in self._watchers:
            watcher(final)

    async def _finalise(self, call_id: str, path: Path) -> RecordingFinalised | None:
        """None: it was erased."""
        if not await asyncio.to_thread(path.is_file):
            await self._mentions.keep_recording(call_id, "")
            return None
        seconds = await asyncio.to_thread(wav_seconds, path)
        if self._kept_as == "wav":
            return RecordingFinalised(call_id, path, seconds)
        small = path.with_suffix(".opus")
        if not await asyncio.to_thread(make_opus, path, small):
            return None
        if await self._mentions.keep_recording(call_id, str(small)):
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return RecordingFinalised(call_id, small, seconds)


def wav_seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def make_opus(source: Path, target: Path) -> bool:
    """A stereo WAV as Opus in Ogg (RFC 7845). `target` appears only when it is complete and as long as the source;
    not at all (False) if the source was erased meanwhile.

    Raises:
        OSError, wave.Error, av.error.FFmpegError: it cannot be read or written, or was not as long as it should be.
    """
    part = target.with_suffix(".part")
    try:
        _encode(source, part)
        wanted, made = wav_seconds(source), sound_seconds(part)
        if abs(made - wanted) > 0.1:
            raise OSError(f"{made:.2f} s of {wanted:.2f} s were encoded")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        if not source.is_file():
            target.unlink()
            return False
        return True
    finally:
        part.unlink(missing_ok=True)


def _encode(source: Path, target: Path) -> None:
    with wave.open(str(source), "rb") as sound, av.open(str(target), "w", format="ogg") as out:
        from_rate = sound.getframerate()
        rate = from_rate if from_rate in OPUS_RATES else OPUS_RATES[-1]
        stream = out.add_stream("libopus", rate=rate, options={"application": "voip", "vbr": "constrained"})
        stream.layout, stream.bit_rate = "stereo", OPUS_BITS
        change = av.AudioResampler(format="s16", layout="stereo", rate=rate, frame_size=rate // 50)
        while pcm := sound.readframes(BLOCK):
            block = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), format="s16", layout="stereo")
            block.sample_rate = from_rate
            for frame in change.resample(block):
                out.mux(stream.encode(frame))
        for frame in change.resample(None):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def sound_seconds(path: Path) -> float:
    """Read it through; the sound there really is."""
    with av.open(str(path)) as sound:
        return sum(frame.samples / frame.sample_rate for frame in sound.decode(audio=0))
