"""Sentence by sentence, cache first, and the next voice when one fails: told as whole lists of events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import structlog

from ivr.model.audio import AudioFrame, silence
from ivr.model.errors import VoiceError
from tts.cache import PromptCache
from tts.chain import VoiceChain, VoicePlace
from tts.scripted import Act, ScriptedVoice, sound_of
from tts.sentences import SENTENCE_PAUSE_SECONDS
from tts.speaking import SpeakingLimits, SpeakingVoices, Warmed

RATE = 8000
TEXT = "One. Two. Three."
ZH = frozenset({"zh"})


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class Stage:
    """Two scripted voices, their events, and what was heard."""

    def __init__(self, folder: Path, first: Sequence[Act] = (), second: Sequence[Act] = ()) -> None:
        self.events: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.clock = HandClock()
        self.cache = PromptCache(folder)
        self.voices = [
            ScriptedVoice("anna", first, events=self.events, gates=self.gates),
            ScriptedVoice("bert", second, events=self.events),
        ]
        self.limits = SpeakingLimits()
        self.is_live = True
        self.piece_seconds = 5.0

    def speaking(self) -> SpeakingVoices:
        places = [VoicePlace(self.voices[0], "1", self.is_live, self.piece_seconds), VoicePlace(self.voices[1], "1")]
        return SpeakingVoices(VoiceChain(places, rest_seconds=30), self.cache, self.clock, self.limits)

    async def until(self, event: str) -> None:
        for _ in range(1000):
            if event in self.events:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"{event!r} never happened: {self.events}")


def heard_as(frames: Sequence[AudioFrame], sentences: Sequence[str], rate: int = RATE) -> list[str]:
    """Which voice said which sentence, in order, by the samples themselves; raises if anything else is in the sound."""
    sounds = {sound_of(voice, text, rate): f"{voice}: {text}" for voice in ("anna", "bert") for text in sentences}
    pause, rest, said = silence(SENTENCE_PAUSE_SECONDS, rate), b"".join(frame.pcm for frame in frames), []
    while rest:
        sound = next(sound for sound in sounds if rest.startswith(sound))
        said.append(sounds[sound])
        rest = rest.removeprefix(sound).removeprefix(pause)
    return said


async def collected(sound: AsyncIterator[AudioFrame], frames: list[AudioFrame]) -> None:
    async for frame in sound:
        frames.append(frame)


async def said(speaking: SpeakingVoices, text: str = TEXT, language: str = "en", rate: int = RATE) -> list[str]:
    frames = [frame async for frame in speaking.speak(text, rate, language)]
    return heard_as(frames, ["One.", "Two.", "Three.", "Hello."], rate)


def test_a_text_is_said_sentence_by_sentence_by_the_first_voice(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert asyncio.run(said(stage.speaking())) == ["anna: One.", "anna: Two.", "anna: Three."]


def test_the_first_sound_leaves_before_the_last_sentence_is_made(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        stage = Stage(tmp_path)
        stage.gates["Two."] = asyncio.Event()
        async for _ in stage.speaking().speak("One. Two.", RATE, "en"):
            if not stage.gates["Two."].is_set():
                stage.events.append("first sound left")
                stage.gates["Two."].set()
        return stage.events

    assert asyncio.run(scenario()) == [
        "anna begins One.",
        "anna made One.",
        "first sound left",
        "anna begins Two.",
        "anna made Two.",
    ]


def test_the_next_sentence_is_made_while_one_is_handed_out(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        stage = Stage(tmp_path)
        sound = stage.speaking().speak(TEXT, RATE, "en")
        await anext(sound)
        await stage.until("anna made Two.")
        stage.events.append("still handing out One")
        rest = [frame async for frame in sound]
        assert len(rest) > 3
        return stage.events

    assert asyncio.run(scenario()) == [
        "anna begins One.", "anna made One.", "anna begins Two.", "anna made Two.",
        "still handing out One", "anna begins Three.", "anna made Three.",
    ]  # fmt: skip


@pytest.mark.parametrize("act", ["fail", "fail_midway", "stay_silent", "hang"])
def test_a_voice_that_dies_or_hangs_is_followed_by_the_next_and_nothing_is_said_twice(tmp_path: Path, act: Act) -> None:
    stage = Stage(tmp_path, first=["speak", act])
    stage.piece_seconds = 0.2
    with structlog.testing.capture_logs() as logs:
        heard = asyncio.run(said(stage.speaking()))
    third = "bert" if act == "hang" else "anna"
    assert heard == ["anna: One.", "bert: Two.", f"{third}: Three."]
    assert [line["event"] for line in logs] == ["voice failed, the next one is asked"]
    assert "Two" not in str(logs)


def test_a_voice_that_failed_twice_rests_and_is_tried_again_later(tmp_path: Path) -> None:
    async def scenario() -> list[list[str]]:
        stage = Stage(tmp_path, first=["fail", "fail"])
        speaking = stage.speaking()
        heard = [await said(speaking)]
        stage.clock.seconds += 31
        return [*heard, await said(speaking, "Hello.")]

    assert asyncio.run(scenario()) == [["bert: One.", "bert: Two.", "bert: Three."], ["anna: Hello."]]


def test_a_voice_that_is_late_because_many_calls_speak_does_not_rest(tmp_path: Path) -> None:
    async def scenario() -> list[list[str]]:
        stage = Stage(tmp_path, first=["hang"])
        stage.piece_seconds = 0.2
        speaking = stage.speaking()
        late = asyncio.create_task(said(speaking, "One."))
        await stage.until("anna begins One.")
        return [await said(speaking, "Two."), await late, await said(speaking, "Three.")]

    assert asyncio.run(scenario()) == [["anna: Two."], ["bert: One."], ["anna: Three."]]


def test_a_resting_voice_is_still_better_than_silence(tmp_path: Path) -> None:
    stage = Stage(tmp_path, first=["hang"], second=["speak", "fail"])
    stage.piece_seconds = 0.2
    assert asyncio.run(said(stage.speaking(), "One. Two.")) == ["bert: One.", "anna: Two."]


def test_an_apology_made_in_advance_is_still_spoken_when_every_voice_is_dead(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        before = Stage(tmp_path).speaking()
        await before.warm([("Hello.", "en")])
        await before.close()
        stage = Stage(tmp_path, first=["fail"] * 9, second=["fail"] * 9)
        with pytest.raises(VoiceError):
            await said(stage.speaking(), "One.")
        return await said(stage.speaking(), "Hello.")

    assert asyncio.run(scenario()) == ["anna: Hello."]


def test_when_no_voice_is_left_the_error_comes_after_what_was_said(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        stage = Stage(tmp_path, first=["speak", "fail"], second=["fail"])
        frames: list[AudioFrame] = []
        with pytest.raises(VoiceError, match="no voice could speak 'en'"):
            await collected(stage.speaking().speak(TEXT, RATE, "en"), frames)
        return heard_as(frames, ["One."])

    assert asyncio.run(scenario()) == ["anna: One."]


def test_a_language_nobody_speaks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="no voice could speak 'fr'"):
        asyncio.run(said(Stage(tmp_path).speaking(), language="fr"))


def test_a_sentence_said_before_comes_from_the_cache_also_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        stage = Stage(tmp_path)
        for _ in range(2):
            assert await said(stage.speaking()) == ["anna: One.", "anna: Two.", "anna: Three."]
        await stage.speaking().close()
        later = Stage(tmp_path, first=["fail"] * 9)
        assert await said(later.speaking(), "Three. One.") == ["anna: Three.", "anna: One."]
        return [*stage.events, *later.events]

    assert asyncio.run(scenario()) == [
        "anna begins One.", "anna made One.", "anna begins Two.", "anna made Two.",
        "anna begins Three.", "anna made Three.",
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [8000, 16000])
def test_sound_is_the_same_fresh_and_cached(tmp_path: Path, rate: int) -> None:
    async def scenario() -> list[list[AudioFrame]]:
        speaking = Stage(tmp_path).speaking()
        return [[frame async for frame in speaking.speak(TEXT, rate, "en")] for _ in range(2)]

    fresh, cached = asyncio.run(scenario())
    assert fresh == cached
    assert {(frame.rate, len(frame.pcm)) for frame in fresh} == {(rate, rate // 50 * 2)}


def test_a_named_voice_is_asked_first(tmp_path: Path) -> None:
    speaking = Stage(tmp_path).speaking()
    assert asyncio.run(said(speaking.preferring("bert"), "Hello.")) == ["bert: Hello."]


def test_fixed_prompts_are_made_before_anyone_calls(tmp_path: Path) -> None:
    async def scenario() -> list[object]:
        stage = Stage(tmp_path, first=["speak", "fail"], second=["fail"])
        steps: list[tuple[int, int]] = []
        prompts = [("One. Two.", "en"), ("One.", "en"), ("一。", "zh")]
        first = await stage.speaking().warm(prompts, progress=lambda done, total: steps.append((done, total)))
        again = await stage.speaking().warm([("One.", "en")])
        return [first, again, steps]

    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(scenario()) == [Warmed(1, 0, 2), Warmed(0, 1, 0), [(1, 3), (2, 3), (3, 3)]]
    assert [line["event"] for line in logs if "advance" in line["event"]] == ["prompt not made in advance"] * 2


def test_a_voice_too_slow_for_calls_makes_prompts_in_advance_and_nothing_else(tmp_path: Path) -> None:
    async def scenario() -> list[object]:
        stage = Stage(tmp_path)
        stage.is_live = False
        speaking = stage.speaking()
        warmed = await speaking.warm([("One.", "en")])
        return [warmed, await said(speaking, "One. Two.")]

    assert asyncio.run(scenario()) == [Warmed(1, 0, 0), ["anna: One.", "bert: Two."]]


def test_only_live_voices_count_as_a_language_spoken() -> None:
    chain = VoiceChain([VoicePlace(ScriptedVoice("slow", languages=ZH), is_live=False), VoicePlace(ScriptedVoice("a"))])
    assert chain.languages() == {"en"}


def test_more_sentences_at_once_than_allowed_are_refused(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        stage = Stage(tmp_path)
        stage.limits = SpeakingLimits(most_waiting=1)
        stage.gates["One."] = asyncio.Event()
        speaking = stage.speaking()
        first = asyncio.create_task(said(speaking.preferring("anna"), "One."))
        await stage.until("anna begins One.")
        with pytest.raises(VoiceError, match="1 sentences are already being made"):
            await said(speaking, "Two.")
        stage.gates["One."].set()
        return await first

    assert asyncio.run(scenario()) == ["anna: One."]


def test_a_caller_who_interrupts_leaves_no_sentence_in_the_making(tmp_path: Path) -> None:
    async def scenario() -> tuple[list[str], int]:
        stage = Stage(tmp_path)
        stage.gates["Two."] = asyncio.Event()
        sound = stage.speaking().speak(TEXT, RATE, "en")
        await anext(sound)
        await stage.until("anna begins Two.")
        await cast(AsyncGenerator[AudioFrame], sound).aclose()
        return stage.events, len(asyncio.all_tasks())

    assert asyncio.run(scenario()) == (["anna begins One.", "anna made One.", "anna begins Two."], 1)


def test_closing_closes_every_voice(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    speaking = stage.speaking()
    assert speaking.languages() == {"en"}
    asyncio.run(speaking.close())
    assert [voice.is_closed for voice in stage.voices] == [True, True]
