"""Engines on pool threads: stopped, broken, silent and hanging ones."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from ivr.model.audio import AudioFrame
from ivr.model.errors import VoiceError
from tts.engine import Sound
from tts.workers import STUCK_AFTER_SECONDS, PooledVoice

RATE = 8000
LOUD = Sound(np.sin(np.arange(8000) * 0.3).astype(np.float32), RATE)


class ToneEngine:
    """Says every sentence as a second of tone, after whatever `act` does on the pool thread."""

    name = "tone"
    version = "1"

    def __init__(self, act: Callable[[str, Event], Sound] = lambda sentence, stop: LOUD) -> None:
        self.act = act

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def synthesize(self, sentence: str, language: str, stop: Event) -> Sound:
        return self.act(sentence, stop)


async def frames(voice: PooledVoice, text: str = "One.", language: str = "en-US") -> list[AudioFrame]:
    return [frame async for frame in voice.speak(text, RATE, language)]


def test_sentences_follow_each_other_with_a_pause() -> None:
    with ThreadPoolExecutor(1) as pool:
        sound = asyncio.run(frames(PooledVoice(ToneEngine(), pool), "One. Two."))
    assert {len(frame.pcm) for frame in sound} == {320}
    assert sum(frame.seconds for frame in sound) == pytest.approx(2.16, abs=0.05)


def test_a_language_the_engine_does_not_speak_is_refused() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(VoiceError, match="tone does not speak 'zh'"):
        asyncio.run(frames(PooledVoice(ToneEngine(), pool), "一。", "zh"))


def breaks(sentence: str, stop: Event) -> Sound:
    raise RuntimeError(f"cannot say {sentence}")


def refuses(sentence: str, stop: Event) -> Sound:
    raise VoiceError("the engine says why")


def falls_silent(sentence: str, stop: Event) -> Sound:
    return Sound(np.zeros(8000, dtype=np.float32), RATE)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (breaks, "^voice tone broke: RuntimeError$"),
        (refuses, "^the engine says why$"),
        (falls_silent, "^voice tone made no sound of a sentence of 4 characters$"),
    ],
)
def test_whatever_an_engine_does_wrong_is_a_voice_error_without_the_words(
    act: Callable[[str, Event], Sound], message: str
) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(VoiceError, match=message):
        asyncio.run(frames(PooledVoice(ToneEngine(act), pool)))


def test_a_caller_who_interrupts_stops_the_engine_and_takes_waiting_sentences_off_the_pool() -> None:
    began, spoken = Event(), []

    def until_stopped(sentence: str, stop: Event) -> Sound:
        spoken.append(sentence)
        began.set()
        assert stop.wait(10)
        return LOUD

    async def scenario() -> None:
        voice = PooledVoice(ToneEngine(until_stopped), pool)
        running, waiting = (asyncio.create_task(frames(voice, text)) for text in ("One.", "Two."))
        await asyncio.to_thread(began.wait, 10)
        for task in (waiting, running):
            task.cancel()
        results = await asyncio.gather(running, waiting, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError, asyncio.CancelledError]

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(scenario())
    assert spoken == ["One."]


def test_an_engine_that_hangs_is_not_given_a_second_thread() -> None:
    now, began, release = [0.0], Event(), Event()

    def hang(sentence: str, stop: Event) -> Sound:
        began.set()
        assert release.wait(10)
        return LOUD

    async def scenario() -> int:
        voice = PooledVoice(ToneEngine(hang), pool, now=lambda: now[0])
        hanging = asyncio.create_task(frames(voice))
        await asyncio.to_thread(began.wait, 10)
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        now[0] += STUCK_AFTER_SECONDS + 1
        with pytest.raises(VoiceError, match="hangs on an earlier sentence"):
            await frames(voice)
        release.set()
        await asyncio.wrap_future(pool.submit(int))  # the single thread is free again
        return len(await frames(voice))

    with ThreadPoolExecutor(1) as pool:
        assert asyncio.run(scenario()) > 0


def test_closing_a_voice_leaves_the_pool_to_its_owner() -> None:
    with ThreadPoolExecutor(1) as pool:
        asyncio.run(PooledVoice(ToneEngine(), pool).close())
        assert pool.submit(lambda: 1).result() == 1
