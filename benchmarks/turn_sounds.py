"""Sounds for `benchmarks/turns.py`: real recordings through a telephone, pauses put into them, and noises."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from asr.voicing import periodicity
from ivr.model.audio import level_dbfs

RATE = 8000
FRAME = 160
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
Samples = NDArray[np.int16]


def shared_data() -> Path:
    """The folder of recordings outside the repository (environment IVR_SHARED_DATA, or found above us)."""
    if folder := os.environ.get("IVR_SHARED_DATA"):
        return Path(folder)
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    raise SystemExit("no recordings here: set IVR_SHARED_DATA to the folder that holds spoken_commands/")


def mulaw(samples: NDArray[np.float64]) -> Samples:
    """Sound, -32768 to 32767, as a telephone line returns it (ITU-T G.711 §3, to the nearest step)."""
    size = np.minimum(np.abs(samples), 32635) + 132
    step = 2.0 ** (np.floor(np.log2(size)) - 4)
    return np.asarray(np.sign(samples) * ((np.floor(size / step) + 0.5) * step - 132), np.int16)


def recording(path: Path) -> Samples:
    """One recording at 8 kHz."""
    sound, rate = soundfile.read(path, dtype="float64")
    if rate != RATE:
        sound = soxr.resample(sound, rate, RATE)
    return mulaw(np.clip(sound, -1, 1) * 32767)


def commands() -> list[Samples]:
    folder = shared_data() / "spoken_commands"
    return [recording(folder / "audio" / name) for name in sorted(json.loads((folder / "labels.json").read_text()))]


def digits() -> list[Samples]:
    return [recording(path) for path in sorted((shared_data() / "spoken_digits").glob("*.wav"))]


def prompts(least_seconds: float = 1.2) -> list[Samples]:
    """Prompts of about three words and more; empty where Asterisk's sounds are not installed."""
    paths = [path for path in sorted(PROMPTS.glob("*.wav")) if "tone" not in path.name and "beep" not in path.name]
    return [sound for sound in map(recording, paths) if sound.size > least_seconds * RATE]


def kitchen() -> Samples:
    return recording(shared_data() / "spoken_commands" / "noise_kitchen.flac")


def quiet(seconds: float, level: float = -62.0, seed: int = 1) -> Samples:
    """The hiss of a telephone line."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return mulaw(noise * 32768 * 10 ** (level / 20))


def with_level(sound: Samples, level: float) -> Samples:
    """So loud that its loud half has this RMS, dBFS."""
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    power = np.sort((frames**2).mean(axis=1))[-max(1, len(frames) // 2) :].mean()
    louder: Samples = np.clip(sound * (32768 * 10 ** (level / 20) / np.sqrt(power + 1)), -32000, 32000).astype(np.int16)
    return louder


def mixed(*sounds: Samples) -> Samples:
    """Added up; shorter ones are repeated to the length of the first."""
    wide = sum(np.resize(sound, sounds[0].size).astype(np.float64) for sound in sounds)
    added: Samples = np.clip(np.asarray(wide), -32768, 32767).astype(np.int16)
    return added


def levels(sound: Samples, step: int = 80) -> NDArray[np.float64]:
    """dBFS of each 10 ms."""
    return np.array([level_dbfs(sound[at : at + step]) for at in range(0, sound.size - step + 1, step)])


def speech_bounds(sound: Samples) -> tuple[float, float]:
    """Seconds at which speech begins and ends in a clean recording: 10 ms frames within 32 dB of its loud ones and
    10 dB above its quietest tenth (where that is not speech itself), two of three in a row."""
    level = levels(sound)
    loud = np.percentile(level, 95)
    gate = max(loud - 32, min(np.percentile(level, 10) + 10, loud - 25))
    sounding = np.convolve(level > gate, np.ones(3), "same") >= 2
    where = np.flatnonzero(sounding & (level > gate))
    return float(where[0]) * 0.01, float(where[-1] + 1) * 0.01


def first_voiced(sound: Samples) -> float:
    """Seconds at which the first clearly voiced 20 ms begin."""
    gate = np.percentile(levels(sound), 95) - 20
    for at in range(320, sound.size - FRAME, FRAME):
        voiced = periodicity(sound[at - FRAME : at + FRAME], RATE) >= 0.7
        if voiced and level_dbfs(sound[at : at + FRAME]) > gate:
            return at / RATE
    return 0.0


def word_gaps(sound: Samples) -> list[float]:
    """Seconds of the deepest dips within the speech: places where a speaker may pause, unless they
    paused there already. Best first."""
    begin, end = speech_bounds(sound)
    level = np.convolve(levels(sound), np.ones(4) / 4, "same")
    inside = range(round((begin + 0.35) * 100), round((end - 0.35) * 100))
    loud = np.percentile(level, 95)
    dips = [at for at in inside if level[at] == level[max(0, at - 15) : at + 16].min() and level[at] < loud - 14]
    dips = [at for at in dips if level[at - 15 : at].max() > loud - 20 and level[at : at + 15].max() > loud - 20]
    return [at * 0.01 for at in sorted(dips, key=lambda at: level[at])]


def with_pause(sound: Samples, at: float, seconds: float) -> Samples:
    """Line hiss put in at a dip."""
    cut = round(at * RATE)
    return np.concatenate((sound[:cut], quiet(seconds), sound[cut:]))


def disturbances(seed: int = 7) -> Iterator[tuple[str, Samples]]:
    """Sounds that are not speech, 2 s each, loud."""
    rng = np.random.default_rng(seed)
    time = np.arange(2 * RATE) / RATE
    for number in range(20):
        yield f"cough {number}", _cough(rng)
    for number in range(10):
        click = np.zeros(time.size)
        for at in rng.integers(RATE // 2, time.size - 400, size=3):
            click[at : at + 40] = rng.standard_normal(40) * 12000
        yield f"click {number}", mulaw(click)
    for number in range(10):
        shape = np.exp(-(((time - 1) / rng.uniform(0.15, 0.4)) ** 2))
        yield f"breath {number}", mulaw(_coloured(rng, time.size, 500, 2500) * shape * rng.uniform(300, 1500))
    for number, (low, high) in enumerate([(697, 1209), (770, 1336), (852, 1477), (941, 1336)]):
        on = (time > 0.6) & (time < 0.6 + rng.uniform(0.08, 0.5))
        yield f"key {number}", mulaw((np.sin(6.2832 * low * time) + np.sin(6.2832 * high * time)) * 6000 * on)
    for base in (50, 60, 100, 120, 400):
        wave = sum(np.sin(6.2832 * base * k * time) / k for k in (1, 2, 3, 5))
        yield f"hum {base} Hz", mulaw(np.asarray(wave) * 2500)
    yield "white noise", quiet(2.0, -30)


def _coloured(rng: np.random.Generator, size: int, low: float, high: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(size))
    at = np.fft.rfftfreq(size, 1 / RATE)
    spectrum *= 1 / (1 + (low / np.maximum(at, 1)) ** 4) / (1 + (at / high) ** 4)
    noise = np.fft.irfft(spectrum, size)
    return np.asarray(noise / noise.std())


def _cough(rng: np.random.Generator) -> Samples:
    """One to three bursts: a sharp onset, 30-60 ms of loud noise, 100-250 ms of decay."""
    sound = np.zeros(2 * RATE)
    at = RATE // 2
    for _ in range(rng.integers(1, 4)):
        size = round(rng.uniform(0.15, 0.3) * RATE)
        shape = np.minimum(1, np.arange(size) / 60) * np.exp(-np.arange(size) / rng.uniform(0.03, 0.08) / RATE)
        burst = _coloured(rng, size, rng.uniform(200, 600), rng.uniform(1200, 3000)) * shape
        sound[at : at + size] += burst * rng.uniform(4000, 12000)
        at += size + round(rng.uniform(0.05, 0.2) * RATE)
    return mulaw(sound)
