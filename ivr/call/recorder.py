"""Stereo recording of one call: left what the caller said, right what the caller heard.

Written to disk as the call goes on, so that a crash loses seconds, not the recording, and memory stays small.
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import AudioFrame

BLOCK_SECONDS = 4.0
LATEST_SECONDS = 2.0
"""Sound may still arrive for positions this far back; older samples go to disk."""


class StereoRecorder:
    """A `Tap` that keeps what it hears in a 16-bit stereo WAV file.

    Raises:
        OSError: the folder cannot be written (from the constructor only).
    """

    def __init__(self, path: Path, rate: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._rate = rate
        self._written = 0
        """Samples on disk; `_waiting[0]` is the next one."""

        self._waiting = np.zeros((0, 2), np.int16)
        self._paused = False
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - closed by `close`, with the call
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(rate)

    def pause(self) -> None:
        """Keep silence instead of sound until `resume` (secret entry)."""
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def caller_said(self, at: float, frame: AudioFrame) -> None:
        self._put(0, at, frame)

    def caller_heard(self, at: float, frame: AudioFrame) -> None:
        self._put(1, at, frame)

    def close(self) -> None:
        if self._file is not None:
            self._flush(len(self._waiting))
            self._file.close()

    @property
    def seconds(self) -> float:
        return (self._written + len(self._waiting)) / self._rate

    def _put(self, channel: int, at: float, frame: AudioFrame) -> None:
        samples = frame.samples if frame.rate == self._rate else self._at_our_rate(frame)
        begin = round(at * self._rate) - self._written
        if begin < 0:
            samples, begin = samples[-begin:], 0
        end = begin + len(samples)
        if end > len(self._waiting):
            grown = np.zeros((end, 2), np.int16)
            grown[: len(self._waiting)] = self._waiting
            self._waiting = grown
        if not self._paused:
            self._waiting[begin:end, channel] = samples
        ready = len(self._waiting) - round(LATEST_SECONDS * self._rate)
        if ready >= BLOCK_SECONDS * self._rate:
            self._flush(ready)

    def _flush(self, samples: int) -> None:
        # With its header brought up to date, so that a recording can be played after a crash.
        self._file.writeframes(self._waiting[:samples].astype("<i2").tobytes())
        self._waiting = self._waiting[samples:].copy()
        self._written += samples

    def _at_our_rate(self, frame: AudioFrame) -> NDArray[np.int16]:
        """Nearest sample: only for a leg of another rate; lines of one call share a rate."""
        count = round(len(frame.samples) * self._rate / frame.rate)
        nearest = (np.arange(count) * frame.rate // self._rate).clip(0, len(frame.samples) - 1)
        return np.asarray(frame.samples[nearest], dtype=np.int16)
