"""A headless Chromium whose microphone is a sound file: a real browser as a caller (telephony.md 3.2)."""

import shutil
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from telephony.standin.voices import CallerVoices, Speaker

BROWSER_RATE = 48_000
PROGRAM = next((found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found), "")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)


def needs_chromium() -> None:
    """Skip the test where there is no browser or nothing to steer it with."""
    pytest.importorskip("playwright", reason="playwright is not installed (pip install playwright)")
    if not PROGRAM:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")


def speech_file(
    folder: Path, said: Sequence[tuple[float, str]], seconds: float, name: str = "microphone.wav"
) -> Path:
    """A WAV for the microphone: words, each beginning so many seconds after the microphone was opened."""
    voices, sound = CallerVoices(folder / "clips"), np.zeros(int(seconds * BROWSER_RATE), np.float32)
    for at, words in said:
        clip = voices.say(words, Speaker())
        samples = soxr.resample(clip.samples.astype(np.float32), 8000, BROWSER_RATE)
        start = int(at * BROWSER_RATE)
        sound[start : start + len(samples)] = samples
    path = folder / name
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(BROWSER_RATE)
        file.writeframes(np.clip(sound, -32768, 32767).astype("<i2").tobytes())
    return path


@contextmanager
def browser(microphone: Path | None = None, *more: str, allows_microphone: bool = True) -> Iterator[Any]:
    """A browser; `microphone` is played once from the moment a page opens it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = launched(playwright, microphone, *more, allows_microphone=allows_microphone)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def browsers(*microphones: Path | None) -> Iterator[list[Any]]:
    """Several browsers, each a program of its own with a microphone of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = [launched(playwright, microphone) for microphone in microphones]
        try:
            yield opened
        finally:
            for each in opened:
                each.close()


def launched(playwright: Any, microphone: Path | None, *more: str, allows_microphone: bool = True) -> Any:
    arguments = [*ARGUMENTS, *more]
    if allows_microphone:
        arguments.append("--use-fake-ui-for-media-stream")
    if microphone:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    return playwright.chromium.launch(executable_path=PROGRAM, args=arguments)
