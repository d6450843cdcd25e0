"""A headless Chromium whose microphone is a sound file: a real browser as a caller (telephony.md 3.2)."""

import base64
import io
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


def speech_file(folder: Path, said: Sequence[tuple[float, str]], seconds: float) -> Path:
    """A WAV for the microphone: words, each beginning so many seconds after the microphone was opened."""
    voices, sound = CallerVoices(folder / "clips"), np.zeros(int(seconds * BROWSER_RATE), np.float32)
    for at, words in said:
        clip = voices.say(words, Speaker())
        samples = soxr.resample(clip.samples.astype(np.float32), 8000, BROWSER_RATE)
        start = int(at * BROWSER_RATE)
        sound[start : start + len(samples)] = samples
    path = folder / "microphone.wav"
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

    arguments = [*ARGUMENTS, *more]
    if allows_microphone:
        arguments.append("--use-fake-ui-for-media-stream")
    if microphone:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=PROGRAM, args=arguments)
        try:
            yield opened
        finally:
            opened.close()


SPEAKING_PAGE = """
  const speech = new AudioContext(), microphone = new MediaStreamAudioDestinationNode(speech);
  const hiss = new ConstantSourceNode(speech, { offset: 1e-6 });
  hiss.connect(microphone);
  hiss.start();
  navigator.mediaDevices.getUserMedia = async () => microphone.stream.clone();
  window.speak = async (sound) => {
    const bytes = Uint8Array.from(atob(sound), (letter) => letter.charCodeAt(0));
    const source = new AudioBufferSourceNode(speech, { buffer: await speech.decodeAudioData(bytes.buffer) });
    source.connect(microphone);
    source.start();
    await new Promise((done) => { source.onended = done; });
  };
  let hummed = null;
  window.hum = (hertz) => {
    hummed?.stop();
    hummed = hertz ? new OscillatorNode(speech, { frequency: hertz }) : null;
    hummed?.connect(new GainNode(speech, { gain: 0.2 })).connect(microphone);
    hummed?.start();
  };
"""
"""Instead of a microphone of the machine, which all pages of a browser share, each page has one that speaks when it is
told to: nothing depends on how fast the rest is."""


def speak(page: Any, voices: CallerVoices, words: str) -> None:
    """Say it into the microphone of a page that was given `SPEAKING_PAGE`; returns when it was said."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(voices.say(words, Speaker()).samples.astype("<i2").tobytes())
    page.evaluate("(sound) => speak(sound)", base64.b64encode(content.getvalue()).decode())
