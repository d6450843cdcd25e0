"""Hold music on a line that keeps time: what the caller hears of it, and that the line knows it for our own sound."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ivr.call.comfort import ComfortTone
from ivr.call.hold_audio import HoldAudio
from ivr.call.speaking import OURS, Mouth
from ivr.model.audio import QUIETEST_DBFS, AudioFrame
from ivr.model.commands import Say
from ivr.model.events import CallEvent, PlaybackFinished
from ivr.model.ports import HoldAudio as Music
from telephony.file_line import FileLine
from tests.asr.test_real_speech import heard
from tests.call.fakes import ScriptLine, ToneVoice


class Listener:
    """Who listens along."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, AudioFrame]] = []

    def caller_said(self, at: float, frame: AudioFrame) -> None:
        pass

    def caller_heard(self, at: float, frame: AudioFrame) -> None:
        self.heard.append((at, frame))


def test_music_is_our_own_sound_makes_room_for_words_at_once_and_goes_on(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    listener, levels, told = Listener(), list[float](), list[CallEvent]()

    async def scenario() -> None:
        line = FileLine(tmp_path / "quiet.wav", listening_seconds=1.0)
        line.listen_along(listener, 0.0)
        mouth = Mouth(line, ToneVoice(), ComfortTone(), told.append)
        running = asyncio.create_task(mouth.run())
        frames = 0
        async for item in line.incoming():
            if isinstance(item, AudioFrame):
                frames += 1
                levels.append(line.level_heard())
                if frames == 1:
                    mouth.hold(True)
                if frames == 40:
                    mouth.say(Say("News.", utterance=1))
                if frames == 80:
                    mouth.hold(False)
            else:
                told.append(item)
                if isinstance(item, PlaybackFinished):
                    mouth.finished(item.utterance)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    assert levels[0] == QUIETEST_DBFS
    assert max(levels[5:40]) > -40
    music = [event for event in told if isinstance(event, PlaybackFinished) and event.utterance > OURS]
    words = [event for event in told if isinstance(event, PlaybackFinished) and event.utterance == 1]
    assert [event.interrupted for event in words] == [False]
    assert [event.interrupted for event in music] == [True, True]
    loud = [at for at, frame in listener.heard if frame.dbfs > -60]
    assert max(loud) < 2.0


class Piece:
    """Every frame of it holds its number."""

    def __init__(self, number: int) -> None:
        self.number = number

    async def play(self, rate: int, at_seconds: float = 0.0) -> AsyncIterator[AudioFrame]:
        while True:
            yield AudioFrame(np.full(rate // 50, self.number, "<i2").tobytes(), rate)


def test_another_piece_takes_the_place_of_the_one_that_plays() -> None:
    async def scenario() -> list[int]:
        heard, second = list[int](), asyncio.Event()

        class Ear(ScriptLine):
            async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
                async for frame in audio:
                    heard.append(int(np.frombuffer(frame.pcm, "<i2")[0]))
                    if heard == [1, 1, 1]:
                        mouth.tune(Piece(2))
                    if heard.count(2) == 2:
                        second.set()

        mouth = Mouth(Ear(), ToneVoice(), Piece(1), lambda event: None)
        running = asyncio.create_task(mouth.run())
        mouth.hold(True)
        async with asyncio.timeout(60):
            await second.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return heard

    assert asyncio.run(scenario())[:5] == [1, 1, 1, 2, 2]


@pytest.mark.voice
@pytest.mark.parametrize("music", [ComfortTone(), HoldAudio.own()], ids=["chime", "our own piece"])
@pytest.mark.parametrize("echo_db", [0, -12, -20])
def test_hold_music_coming_back_from_the_callers_telephone_is_not_the_caller(music: Music, echo_db: int) -> None:
    """Silero hears it; even at full level it is no speech, and its echo is compared with what the line played."""

    async def played() -> list[AudioFrame]:
        frames = []
        async for frame in music.play(8000):
            frames.append(frame)
            if len(frames) == 400:
                break
        return frames

    own = np.concatenate([frame.samples for frame in asyncio.run(played())])
    echo = np.concatenate((np.zeros(1600, np.int16), (own * 10 ** (echo_db / 20)).astype(np.int16)))[: own.size]
    assert heard(echo, own) == []
