"""What callers hear while they wait or are held: a sound file of the company, or the piece that comes with us.

Decoded once and shared: each caller only has a place in it. Neither ends with a jolt: the end of a file is faded into
its beginning, and our own piece is made as a ring. Never louder than a person would speak: the loudest three seconds
are brought down to `LEVEL_DBFS`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import av.error
import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.call.rates import Samples, samples_per_frame
from ivr.model.audio import FRAME_SECONDS, AudioFrame
from ivr.model.errors import ConfigError

LEVEL_DBFS = -20.0
"""Loudest three seconds, root mean square; hold audio is to stay at -18 dBFS or below (issue 5, domain.md 2.2.8)."""

PEAK = 0.5
"""No sample is above -6 dBFS: what is left is for the telephone network's own gain."""

LOUDNESS_SECONDS = 3.0
SEAM_SECONDS = 2.0
LONGEST_SECONDS = 600.0
"""Nobody waits long enough to hear more; a minute of it takes 32 MB of memory, ready at every rate."""

RATES = (8000, 16000, 48000)
"""Of the lines there are: they are made ready beforehand, since a tick has no time for it."""

OWN_RATE = 16000
OWN_BARS = ((57, 60, 64, 67), (53, 57, 60, 64), (48, 55, 60, 64), (55, 59, 62, 67))
"""A minor 7, F major 7, C, G: MIDI note numbers."""

BAR_SECONDS = 4.0
ROUNDS = 3
"""The bars are played so often before the ring closes, each time with the melody elsewhere: 48 s."""

Wide = NDArray[np.float64]


@dataclass(frozen=True)
class HoldAudio:
    """One piece, as long as you like. Thread-safe; `HoldAudio.own()` or `HoldAudio.load(path)` makes one."""

    rate: int
    ring: Wide
    """The piece at `rate`, -1 to 1, shape (n,): after its last sample comes its first."""

    _made: dict[int, Samples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rate in RATES:
            self._at(rate)

    @classmethod
    def own(cls) -> "HoldAudio":
        """Soft chords, made here: nobody has rights in them. Takes some tenths of a second."""
        return cls(OWN_RATE, softened(soft_chords(OWN_RATE), OWN_RATE))

    @classmethod
    def load(cls, path: Path) -> "HoldAudio":
        """A WAV, FLAC or OGG file (whatever FFmpeg reads), any rate and channels. Takes a while: not for the loop.

        Raises:
            ConfigError: it is not there, holds no sound, or is shorter than five seconds.
        """
        sound = read_sound(path, 48000)
        if sound.size < (SEAM_SECONDS + 3.0) * 48000:
            raise ConfigError(f"hold audio {path}: shorter than five seconds; take a piece of half a minute or more")
        return cls(48000, softened(into_a_ring(sound, 48000), 48000))

    @property
    def seconds(self) -> float:
        """Length of one round."""
        return self.ring.size / self.rate

    def frame(self, rate: int, index: int) -> Samples:
        """The `index`th 20 ms from the beginning, shape (20 ms,); without end. For other rates than `RATES` the
        first call takes a moment."""
        sound, size = self._at(rate), samples_per_frame(rate)
        begin = index * size % sound.size
        piece = sound[begin : begin + size]
        return piece if piece.size == size else np.concatenate((piece, sound[: size - piece.size]))

    async def play(self, rate: int, at_seconds: float = 0.0) -> AsyncIterator[AudioFrame]:
        """Frames of 20 ms from `at_seconds` on, without end and as fast as they are taken: the line sets the pace."""
        index = round(at_seconds / FRAME_SECONDS)
        while True:
            yield AudioFrame(self.frame(rate, index).astype("<i2").tobytes(), rate)
            index += 1

    def _at(self, rate: int) -> Samples:
        if rate not in self._made:
            # Converted with a piece of the other end on either side, so that the ring stays closed.
            lap = min(self.ring.size, self.rate // 10)
            around = np.concatenate((self.ring[-lap:], self.ring, self.ring[:lap]))
            narrow = around if rate == self.rate else soxr.resample(around, self.rate, rate)
            skip, size = round(lap * rate / self.rate), self.ring.size * rate // self.rate
            self._made[rate] = np.asarray(np.rint(narrow[skip : skip + size] * 32767), dtype=np.int16)
        return self._made[rate]


def read_sound(path: Path, rate: int) -> Wide:
    """A sound file as mono, -1 to 1, at most `LONGEST_SECONDS` of it, shape (n,).

    Raises:
        ConfigError: it is not there or holds no sound we can read.
    """
    pieces, most = [np.zeros(0)], round(LONGEST_SECONDS * rate)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise ConfigError(f"hold audio {path}: there is no sound in it")
            for frame in container.decode(audio=0):
                pieces += [each.to_ndarray().reshape(-1).astype(np.float64) for each in resampler.resample(frame)]
                if len(pieces) % 500 == 0 and sum(piece.size for piece in pieces) > most:
                    break
        pieces += [each.to_ndarray().reshape(-1).astype(np.float64) for each in resampler.resample(None)]
    except (av.error.FFmpegError, OSError) as error:
        raise ConfigError(f"hold audio {path}: {error}; give a WAV, FLAC or OGG file") from error
    return np.concatenate(pieces)[:most] / 32768


def into_a_ring(sound: Wide, rate: int) -> Wide:
    """Shorter by `SEAM_SECONDS`, which of its end are faded into its beginning (equal power). Shape (n,)."""
    seam = round(SEAM_SECONDS * rate)
    angle = np.linspace(0, np.pi / 2, seam)
    joined = sound[:seam] * np.sin(angle) + sound[-seam:] * np.cos(angle)
    return np.concatenate((joined, sound[seam:-seam]))


def softened(ring: Wide, rate: int) -> Wide:
    """Brought down to `LEVEL_DBFS` and `PEAK` where it is louder; never made louder. Same shape."""
    size = round(LOUDNESS_SECONDS * rate)
    power = np.concatenate(([0.0], np.cumsum(np.square(np.concatenate((ring, ring[:size]))))))
    loudest = float(np.sqrt(np.max(power[size:] - power[:-size]).clip(1e-12) / size))
    factor = min(1.0, 10 ** (LEVEL_DBFS / 20) / loudest, PEAK / max(1e-6, float(np.abs(ring).max())))
    return np.asarray(ring * factor)


def soft_chords(rate: int) -> Wide:
    """Our own piece as a ring: slow chords like a soft organ, and single notes like a celesta above them."""
    ring = np.zeros(round(ROUNDS * len(OWN_BARS) * BAR_SECONDS * rate))
    pads = {note: _pad(note, rate) for chord in OWN_BARS for note in (*chord, chord[0] - 12)}
    bells = {note: _bell(note, rate) for chord in OWN_BARS for note in (each + 12 for each in chord)}
    for bar in range(ROUNDS * len(OWN_BARS)):
        chord, begin = OWN_BARS[bar % len(OWN_BARS)], bar * BAR_SECONDS
        for note in chord:
            _add(ring, pads[note], begin, 0.5)
        _add(ring, pads[chord[0] - 12], begin, 0.6)
        for step in range(3):
            _add(ring, bells[chord[(bar + step * (bar % 3 + 1)) % 4] + 12], begin + 0.5 + step * 1.25, 0.5)
    return np.asarray(ring / np.abs(ring).max(), dtype=np.float64)


def _add(ring: Wide, sound: Wide, at_seconds: float, gain: float) -> None:
    """What would reach beyond the end of the ring goes on at its beginning."""
    at = (round(at_seconds * ring.size / (ROUNDS * len(OWN_BARS) * BAR_SECONDS)) + np.arange(sound.size)) % ring.size
    ring[at] += gain * sound


def _pad(note: int, rate: int) -> Wide:
    """A note that swells and fades over its neighbours, two voices a little apart."""
    seconds = np.arange(round(BAR_SECONDS * 1.5 * rate)) / rate
    swell = np.sin(np.pi * seconds / (BAR_SECONDS * 1.5)) ** 2
    two = [sum(np.sin(2 * np.pi * k * hertz * seconds) / k**2.5 for k in (1, 2, 3)) for hertz in _beating(note)]
    return np.asarray(swell * (two[0] + two[1]) / 2)


def _bell(note: int, rate: int) -> Wide:
    seconds = np.arange(round(3.0 * rate)) / rate
    decay = np.exp(-1.8 * seconds) * np.clip(seconds / 0.01, 0, 1) * np.clip((3.0 - seconds) / 0.2, 0, 1)
    hertz = _beating(note)[0]
    sound = np.sin(2 * np.pi * hertz * seconds) + 0.3 * np.sin(4 * np.pi * hertz * seconds) * np.exp(-3 * seconds)
    return np.asarray(decay * sound)


def _beating(note: int) -> tuple[float, float]:
    """Hertz of a MIDI note (A4 = 69 = 440 Hz), and of one a shade higher."""
    hertz = 440.0 * 2 ** ((note - 69) / 12)
    return hertz, hertz * 1.002
