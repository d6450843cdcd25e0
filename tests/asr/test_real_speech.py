"""The ears on a real voice: Silero, a synthetic speaker through 8 kHz, a recognizer that only counts."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from asr.ears import SpeechEars
from asr.scripted import ScriptedRecognizer
from asr.vad import SileroModel, VoiceActivity
from ivr.model.audio import QUIETEST_DBFS, AudioFrame, level_dbfs
from ivr.model.events import CallEvent, Heard, SpeechStarted
from ivr.model.meaning import Expect, Hypothesis, Meaning
from tests.asr.spoken import say

pytestmark = pytest.mark.voice
Samples = NDArray[np.int16]


class KnowsAll:
    """Every words answer the step."""

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        return Meaning(text=hypotheses[0].text, complete=True)


@pytest.fixture(scope="module")
def voice() -> dict[str, Samples]:
    hibari = pytest.importorskip("hibari", reason="no voice here: pip install hibari-tts")
    soxr = pytest.importorskip("soxr")
    speaker = hibari.Hibari(threads=1)
    said = {}
    for text in ("Yes.", "I would like to block my credit card.", "Welcome to the bank. How can I help you today?"):
        sound = soxr.resample(np.concatenate(list(speaker.stream(text))), 24000, 8000)
        said[text] = (sound / np.abs(sound).max() * 12000).astype(np.int16)
    return said


def frames(sound: Samples) -> Iterator[Samples]:
    for at in range(0, sound.size - 159, 160):
        yield sound[at : at + 160]


def heard(sound: Samples, own: Samples | None = None) -> list[CallEvent]:
    """Every event of one call; recognition is waited for after each frame in which one may be under way."""

    async def run() -> list[CallEvent]:
        recognizer = ScriptedRecognizer(["words"])
        events: list[CallEvent] = []
        with ThreadPoolExecutor(1) as threads:
            ears = SpeechEars(
                detector=VoiceActivity(SileroModel(), 8000),
                open_stream=lambda language: recognizer.open(8000, language),
                understanding=KnowsAll(),
                threads=threads,
                rate=8000,
            )
            own_levels = [level_dbfs(part) for part in frames(own)] if own is not None else []
            for number, part in enumerate(frames(sound)):
                own_level = own_levels[number] if number < len(own_levels) else QUIETEST_DBFS
                events += await ears.hear(AudioFrame(part.tobytes(), 8000), own_level)
            while events and not isinstance(events[-1], Heard):
                events.append(await ears.news())
            await ears.close()
        return events

    return asyncio.run(run())


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * 8000), np.int16)


def bounds(sound: Samples) -> tuple[float, float]:
    loud = [number for number, part in enumerate(frames(sound)) if level_dbfs(part) > -50]
    return loud[0] * 0.02, (loud[-1] + 1) * 0.02


@pytest.mark.parametrize("text", ["Yes.", "I would like to block my credit card."])
def test_a_real_voice_is_one_turn_with_the_right_bounds(voice: dict[str, Samples], text: str) -> None:
    begins, ends = bounds(voice[text])
    events = heard(np.concatenate((silence(1), voice[text], silence(1))))
    started, turn = events[0], events[-1]
    assert isinstance(started, SpeechStarted)
    assert isinstance(turn, Heard)
    assert [type(event) for event in events].count(Heard) == 1
    assert started.at - 1 - begins == pytest.approx(0.0, abs=0.2)
    assert turn.times.ended - 1 - ends == pytest.approx(0.0, abs=0.15)


def test_the_echo_of_our_own_voice_is_not_the_caller(voice: dict[str, Samples]) -> None:
    own = np.concatenate((silence(0.5), voice["Welcome to the bank. How can I help you today?"], silence(1)))
    echo = (np.concatenate((silence(0.24), own)) * 0.03).astype(np.int16)
    assert heard(echo, own) == []


def test_a_caller_talks_over_our_own_voice(voice: dict[str, Samples]) -> None:
    own = np.concatenate([voice["Welcome to the bank. How can I help you today?"]] * 2)
    caller = np.concatenate((silence(1.5), voice["I would like to block my credit card."]))
    echo = (np.concatenate((silence(0.24), own)) * 0.03).astype(np.int16)
    size = min(caller.size, echo.size)
    (started, *_) = heard(caller[:size] + echo[:size], own)
    assert isinstance(started, SpeechStarted)
    assert started.at == pytest.approx(1.5 + bounds(voice["I would like to block my credit card."])[0], abs=0.25)


@pytest.mark.parametrize("delay", [0.0, 0.37, 0.74, 1.11])
@pytest.mark.parametrize("over_us", [True, False], ids=["over our prompt", "while we are silent"])
def test_a_short_first_word_before_a_pause_is_not_lost(voice: dict[str, Samples], delay: float, over_us: bool) -> None:
    """Voice activity is deaf to "hours" where its windows fall so: the turn used to begin with "please"."""
    said = np.frombuffer(say("Hours, please."), np.int16)
    caller = np.concatenate((silence(1 + delay), said, silence(1)))
    own = np.resize(voice["Welcome to the bank. How can I help you today?"], caller.size) if over_us else None
    started = heard(caller, own)[0]
    assert isinstance(started, SpeechStarted)
    assert started.at <= 1 + delay + bounds(said)[0] + 0.1
