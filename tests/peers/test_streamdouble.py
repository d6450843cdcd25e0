"""streamdouble, an independent Media Streams client, calls the real router over a real socket."""

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.model.audio import AudioFrame
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed, PlaybackFinished, PlaybackStarted
from telephony.twilio_line import TwilioLine
from tests.telephony.far_end import speech, tone
from tests.telephony.serving import CALL_SID, SETTINGS, Desk, serving

streamdouble = pytest.importorskip("streamdouble", reason="streamdouble is not installed (pip install streamdouble)")
from streamdouble.chaos import Impairments  # noqa: E402
from streamdouble.protocol import StreamIdentity  # noqa: E402
from streamdouble.scenario import parse  # noqa: E402
from streamdouble.session import Session, SessionConfig  # noqa: E402

pytestmark = pytest.mark.peer

LOUD_DBFS = -30.0
LOUD_FRAMES = 10
"""200 ms of sound are taken as speech."""


class Bot:
    """Says a prompt of tone; stops and answers when it hears 200 ms of sound; keeps all it was told."""

    def __init__(self, prompt_seconds: float) -> None:
        self.events: list[CallEvent] = []
        self.frames: list[AudioFrame] = []
        self.faults: dict[str, int] = {}
        self._prompt_seconds = prompt_seconds

    async def __call__(self, line: TwilioLine) -> None:
        loud = 0
        async with asyncio.TaskGroup() as group:
            group.create_task(line.play(1, speech(self._prompt_seconds)))
            async for item in line.incoming():
                if not isinstance(item, AudioFrame):
                    self.events.append(item)
                    continue
                self.frames.append(item)
                loud = loud + 1 if item.dbfs > LOUD_DBFS else 0
                if loud == LOUD_FRAMES:
                    await line.stop_playing()
                    group.create_task(line.play(2, speech(0.2)))
        self.faults = line.faults


def call(bot: Bot, steps: list[Any], tmp_path: Path, **config: Any) -> Any:
    """One simulated call; the caller's words are one second of tone."""
    with wave.open(str(tmp_path / "words.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(tone(1.0))
    scenario = parse({"name": "call", "steps": steps}, base_dir=tmp_path)

    async def hold() -> Any:
        async with asyncio.timeout(30), serving(Desk(bot)) as twilio:
            knobs = {"quiet_period_s": 0.3, "custom_parameters": await twilio.parameters(), **config}
            identity = StreamIdentity(account_sid=SETTINGS.account_sid, call_sid=CALL_SID)
            session = Session(twilio.media_url, scenario=scenario, config=SessionConfig(**knobs), identity=identity)
            return await session.run()

    result = asyncio.run(hold())
    assert result.violations == []
    assert result.failed_expectations == []
    return result


def kinds(events: list[CallEvent]) -> list[Callable[..., CallEvent]]:
    return [type(event) for event in events]


def test_a_spoken_request_after_the_prompt_is_answered(tmp_path: Path) -> None:
    bot = Bot(0.4)
    result = call(bot, [{"wait_for": "mark"}, {"say": "words.wav"}, {"wait_for": "mark"}], tmp_path)
    assert bot.events == [
        PlaybackStarted(1),
        PlaybackFinished(1, False, 0.4),
        PlaybackStarted(2),
        PlaybackFinished(2, False, 0.2),
        CallerHungUp("caller"),
    ]
    assert (result.clears_received, result.marks_echoed) == (0, ["1:1", "1:2"])


def test_barge_in_is_one_clear_and_the_prompt_was_not_played_to_its_end(tmp_path: Path) -> None:
    bot = Bot(5.0)
    steps = [{"wait_for": "audio"}, {"wait": 0.5}, {"say": "words.wav"}, {"expect": "clear"}, {"wait_for": "mark"}]
    result = call(bot, steps, tmp_path)
    assert kinds(bot.events) == [PlaybackStarted, PlaybackFinished, PlaybackStarted, PlaybackFinished, CallerHungUp]
    cut = bot.events[1]
    assert isinstance(cut, PlaybackFinished)
    assert cut.interrupted
    assert 0.2 < cut.played_seconds < 2.0
    assert bot.events[2:] == [PlaybackStarted(2), PlaybackFinished(2, False, 0.2), CallerHungUp("caller")]
    assert (result.clears_received, result.marks_echoed) == (1, ["2:2"])


def test_keys_are_heard_during_a_prompt(tmp_path: Path) -> None:
    bot = Bot(0.8)
    result = call(bot, [{"wait_for": "audio"}, {"dtmf": "12#"}, {"wait_for": "mark"}], tmp_path)
    assert bot.events == [
        PlaybackStarted(1),
        DigitPressed("1"),
        DigitPressed("2"),
        DigitPressed("#"),
        PlaybackFinished(1, False, 0.8),
        CallerHungUp("caller"),
    ]
    assert result.clears_received == 0


def test_a_silent_caller_hears_the_prompt_to_its_end(tmp_path: Path) -> None:
    bot = Bot(0.6)
    result = call(bot, [{"wait": 1.2}, {"expect": "no clear"}], tmp_path)
    assert bot.events == [PlaybackStarted(1), PlaybackFinished(1, False, 0.6), CallerHungUp("caller")]
    assert len(result.audio_received) == 4800
    assert len(bot.frames) >= 55
    assert bot.faults == {"dropped_frames": 0}


def test_a_hang_up_mid_sentence_ends_the_sentence(tmp_path: Path) -> None:
    bot = Bot(5.0)
    call(bot, [{"wait_for": "audio"}, {"wait": 0.3}], tmp_path, max_drain_s=0.01)
    assert kinds(bot.events) == [PlaybackStarted, PlaybackFinished, CallerHungUp]
    cut = bot.events[1]
    assert isinstance(cut, PlaybackFinished)
    assert cut.interrupted
    assert 0.1 < cut.played_seconds < 2.0
    assert bot.events[2] == CallerHungUp("caller")


def test_a_socket_cut_without_a_stop_is_the_network(tmp_path: Path) -> None:
    bot = Bot(5.0)
    call(bot, [{"wait_for": "audio"}, {"wait": 0.3}, "hangup"], tmp_path)
    assert kinds(bot.events) == [PlaybackStarted, PlaybackFinished, CallerHungUp]
    assert bot.events[2] == CallerHungUp("network")


def test_lost_sound_becomes_silence_so_that_times_stay_true(tmp_path: Path) -> None:
    bot = Bot(0.2)
    result = call(bot, [{"wait": 2.0}], tmp_path, impairments=Impairments(loss=0.1), chaos_seed=7)
    assert result.frames_dropped > 3
    trailing = 5  # loss after the last frame that came cannot be seen
    assert result.frames_dropped - trailing <= bot.faults["lost_ms"] // 20 <= result.frames_dropped
