"""Stereo recording of one call: left what the caller said, right what the caller heard.

Written to disk as the call goes on, so that a crash loses seconds, not the recording, and memory stays small.
"""

import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import AudioFrame

WAV_HEADER_BYTES = 44
"""RIFF, fmt and data headers of plain PCM, as `wave` writes them."""

BLOCK_SECONDS = 4.0
LONGEST_PAUSE_SECONDS = 90.0
"""A pause nobody ended is over then (domain.md 2.11): a step that went wrong must not cost the rest of a recording."""

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
        self._paused_at: float | None = None
        """Of the first sound of the pause."""

        self._silent: list[tuple[int, int, int]] = []
        """Channel, first and last sample (exclusive) of what is to be silent also where it has yet to come."""

        self._bytes = path.open("w+b")
        self._file = wave.open(self._bytes, "wb")  # noqa: SIM115 - closed by `close`, with the call
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(rate)

    def pause(self) -> None:
        """Keep silence instead of sound until `resume` (secret entry), `LONGEST_PAUSE_SECONDS` at most."""
        if not self._paused:
            self._paused, self._paused_at = True, None

    def resume(self) -> None:
        self._paused = False

    def silence(self, channel: int, began: float, ended: float) -> None:
        """Nothing of this part of a channel (0 caller, 1 we) is kept, whether it is on disk already or still comes.

        Raises:
            OSError: what is on disk could not be overwritten.
        """
        first, last = max(0, round(began * self._rate)), max(0, round(ended * self._rate))
        if last > self._written + len(self._waiting):
            self._silent.append((channel, first, last))
        self._waiting[max(0, first - self._written) : max(0, last - self._written), channel] = 0
        if first < self._written:
            self._file.writeframes(b"")  # the header is up to date, whatever comes next
            self._bytes.flush()
            silence_part(self._bytes, 2, channel, first, min(last, self._written))

    def caller_said(self, at: float, frame: AudioFrame) -> None:
        self._put(0, at, frame)

    def caller_heard(self, at: float, frame: AudioFrame) -> None:
        self._put(1, at, frame)

    def close(self) -> None:
        if self._file is not None:
            self._flush(len(self._waiting))
            self._file.close()
            self._bytes.close()

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
        if not self._is_paused(at):
            self._waiting[begin:end, channel] = samples
        for silent, first, last in self._silent:
            if silent == channel:
                self._waiting[max(0, first - self._written) : max(0, last - self._written), channel] = 0
        ready = len(self._waiting) - round(LATEST_SECONDS * self._rate)
        if ready >= BLOCK_SECONDS * self._rate:
            self._flush(ready)

    def _is_paused(self, at: float) -> bool:
        if self._paused:
            self._paused_at = at if self._paused_at is None else self._paused_at
            self._paused = at - self._paused_at < LONGEST_PAUSE_SECONDS
        return self._paused

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


def silence_part(file: BinaryIO, channels: int, channel: int, first: int, last: int) -> None:
    """Overwrite samples `first` to `last` (exclusive) of one channel of a 16-bit WAV that Python's `wave` wrote; the
    position in the file stays.

    Raises:
        OSError: the disk refused.
    """
    position = file.tell()
    begin = WAV_HEADER_BYTES + first * channels * 2
    file.seek(begin)
    read = np.frombuffer(file.read(max(0, last - first) * channels * 2), "<i2")
    samples = read[: len(read) - len(read) % channels].reshape(-1, channels).copy()
    samples[:, channel] = 0
    file.seek(begin)
    file.write(samples.tobytes())
    file.flush()
    file.seek(position)
