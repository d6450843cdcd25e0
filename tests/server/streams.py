"""Calls of `streamdouble`, an independent Media Streams client, to the running server; words are real speech."""

import asyncio
import wave
from pathlib import Path
from typing import Any

import pytest

from telephony.standin.voices import CallerVoices, Speaker
from tests.server.running import ACCOUNT, Running

pytest.importorskip("streamdouble", reason="streamdouble is not installed (pip install streamdouble)")
from streamdouble.protocol import StreamIdentity  # noqa: E402
from streamdouble.scenario import parse  # noqa: E402
from streamdouble.session import Session, SessionConfig  # noqa: E402

LONGEST_SECONDS = 45.0


def say(folder: Path, words: str) -> str:
    """A WAV of these words in the folder; its name."""
    clip = CallerVoices(folder / "clips").say(words, Speaker())
    path = folder / f"{words.replace(' ', '_').rstrip('.')}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(clip.samples.astype("<i2").tobytes())
    return path.name


async def streamed(server: Running, folder: Path, steps: list[Any], **config: Any) -> tuple[str, Any]:
    """One call from its webhook to its last word: its CallSid and what the far end saw."""
    call_sid, parameters = await asyncio.to_thread(server.ring)
    knobs = {"quiet_period_s": 0.3, "custom_parameters": parameters, "max_call_s": LONGEST_SECONDS, **config}
    session = Session(
        server.media_url,
        scenario=parse({"name": "call", "steps": steps}, base_dir=folder),
        config=SessionConfig(**knobs),
        identity=StreamIdentity(account_sid=ACCOUNT, call_sid=call_sid),
    )
    async with asyncio.timeout(LONGEST_SECONDS + 10):
        return call_sid, await session.run()
