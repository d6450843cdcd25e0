"""Messages on a live line: the beep, the sound, the words, and what is kept of them whatever happens."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ivr.call.comfort import BEEP_SECONDS, PERIOD_SECONDS, ComfortTone, beep
from ivr.call.disclosure import MARGIN_SECONDS
from ivr.call.speaking import OURS
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord
from ivr.model.commands import HangUp, Note, Say, TakeMessage
from ivr.model.errors import LineError
from ivr.model.events import (
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Heard,
    HearingFailed,
    MessageTaken,
    SpeechStarted,
    TurnTimes,
)
from ivr.model.meaning import Word
from tests.call.fakes import FRAME, Memory, ScriptEars, ScriptLine
from tests.call.test_conductor import Rules, flow
from tests.call.test_live_waiting import until
from tests.call.test_reception import Call

CARD = "4111 1111 1111 1111"
LOUD = AudioFrame(b"\x10\x20" * 160, 8000)
KEPT: Rules = {
    "menu": {"message": ("message", (Say("After the tone."), TakeMessage("wish", 5.0)), None)},
    "message": {
        "ok": ("bye", (Note("outcome", "kept"), HangUp("ok")), None),
        "nothing": ("bye", (HangUp("nothing"),), None),
        "failed": ("bye", (HangUp("failed"),), None),
        "else": ("bye", (HangUp("odd"),), None),
    },
}


class Left:
    """One call that leaves a message."""

    def __init__(self, folder: Path | None, line: ScriptLine | None = None, *, broken: bool = False) -> None:
        self.store = Memory(broken=broken)
        self.call = Call(ScriptEars("message"), line, dialogue=flow(KEPT), store=self.store)
        self.call.reception.messages = folder

    def leave(self, *what: AudioFrame | CallEvent) -> CallRecord:
        """After the beep the far end sends this."""

        async def scenario() -> CallRecord | None:
            taking = asyncio.create_task(self.call.take())
            await self.call.speaking(2, FRAME)
            await self.call.speaking(1)
            if not isinstance(self.call.line, Mute):
                await self.call.speaking(1)
            await until(lambda: self.call.ears.expected[-1].step == "message")
            for item in what:
                self.call.line.arrivals.put_nowait(item)
            return await asyncio.wait_for(taking, 5)

        record = asyncio.run(scenario())
        assert record is not None
        return record


class Mute(ScriptLine):
    """Plays no beeps."""

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        if utterance > OURS:
            raise LineError("no beeps")
        await super().play(utterance, audio)


def heard(left: Left) -> list[MessageTaken]:
    return [entry.event for entry in left.store.journal if isinstance(entry.event, MessageTaken)]


def test_a_message_is_kept_with_its_sound_and_its_words(tmp_path: Path) -> None:
    left = Left(tmp_path)
    record = left.leave(SpeechStarted(1.0), LOUD, LOUD, Heard("it rattles"), DigitPressed("#"), FRAME)
    (message,) = left.store.messages
    assert (message.name, message.call_id, message.transcript) == ("wish", record.call_id, "it rattles")
    assert message.message_id == f"{record.call_id}-1"
    assert (record.end_reason, record.outcome) == ("ok", "kept")
    assert record.notes["message.wish"] == message.message_id
    with wave.open(message.path) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        assert LOUD.pcm * 2 in sound.readframes(10_000)
    assert Path(message.path).parent.parent == tmp_path
    assert heard(left)[0] == MessageTaken("wish", "ok", "it rattles", message.seconds, message.path)


def test_a_message_ends_at_its_limit_and_silence_is_none(tmp_path: Path) -> None:
    left = Left(tmp_path)
    record = left.leave(SpeechStarted(1.0), Heard("word"), SpeechStarted(2.0), *([LOUD] * 300), Heard("more"), FRAME)
    assert (record.end_reason, left.store.messages[0].seconds) == ("ok", 5.0)
    assert left.store.messages[0].transcript == "word more"
    quiet = Left(tmp_path / "quiet")
    assert quiet.leave(*([FRAME] * 310)).end_reason == "nothing"
    assert quiet.store.messages == []
    assert list((tmp_path / "quiet").rglob("*.wav")) == []


def test_a_caller_who_hangs_up_in_the_middle_has_left_what_they_said(tmp_path: Path) -> None:
    left = Left(tmp_path)
    record = left.leave(
        SpeechStarted(1.0), LOUD, Heard("please call"), SpeechStarted(2.0), LOUD, CallerHungUp("caller")
    )
    (message,) = left.store.messages
    assert (message.transcript, Path(message.path).exists()) == ("please call", True)
    assert record.notes["message.wish"] == message.message_id


def test_without_a_folder_the_words_are_kept_and_a_disk_that_refuses_costs_the_sound_only(tmp_path: Path) -> None:
    words = (SpeechStarted(1.0), LOUD, Heard("please call"), DigitPressed("#"), FRAME)
    left = Left(None)
    assert left.leave(*words).end_reason == "ok"
    assert left.store.messages[0].path == ""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    left = Left(blocked)
    assert left.leave(*words).end_reason == "ok"
    assert (left.store.messages[0].path, left.store.messages[0].transcript) == ("", "please call")
    unread = Left(None)
    assert unread.leave(SpeechStarted(1.0), HearingFailed("engine"), DigitPressed("#")).end_reason == "failed"


def test_a_message_that_the_store_refuses_has_failed_and_the_caller_is_told(tmp_path: Path) -> None:
    left = Left(tmp_path, broken=True)
    assert left.leave(SpeechStarted(1.0), LOUD, Heard("please call"), DigitPressed("#"), FRAME).end_reason == "failed"


def test_a_line_without_a_beep_takes_messages_all_the_same(tmp_path: Path) -> None:
    left = Left(tmp_path, Mute())
    assert left.leave(SpeechStarted(1.0), LOUD, Heard("please call"), DigitPressed("#"), FRAME).end_reason == "ok"


def test_the_sounds_of_the_call_are_no_louder_than_they_should_be_and_have_no_gap() -> None:
    async def chime(at: float) -> list[AudioFrame]:
        frames = []
        async for frame in ComfortTone().play(8000, at):
            frames.append(frame)
            if len(frames) == 2 * round(PERIOD_SECONDS / 0.02):
                break
        return frames

    frames = asyncio.run(chime(0.0))
    assert {len(frame.pcm) for frame in frames} == {320}
    assert frames[:200] == frames[200:]
    assert -40 < max(frame.dbfs for frame in frames) <= -24
    assert asyncio.run(chime(1.0))[0] == frames[50]
    tone = np.concatenate([frame.samples for frame in beep(16000)])
    assert abs(len(tone) / 16000 - BEEP_SECONDS) < 0.02
    assert np.argmax(np.abs(np.fft.rfft(tone))) * 16000 / len(tone) == 1000.0


def test_a_card_number_in_a_message_is_neither_written_down_nor_heard(tmp_path: Path) -> None:
    left = Left(tmp_path)
    began = FRAME.seconds  # so much sound came before the message
    words = tuple(Word(text, 1.0 + number * 0.25, 1.25 + number * 0.25) for number, text in enumerate(CARD.split()))
    said = Heard(
        f"it is {CARD}", words=(Word("it", 0.0, 0.4), Word("is", 0.5, 0.9), *words), times=TurnTimes(began, 2.2)
    )
    left.leave(SpeechStarted(began), *[LOUD] * 150, said, DigitPressed("#"))
    (message,) = left.store.messages
    assert message.transcript == "it is <CARD>"
    assert CARD not in str(left.store.journal)
    with wave.open(message.path) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    silent = np.flatnonzero(sound == 0) / 8000
    # The message begins between two frames of the call.
    assert (silent[0], silent[-1]) == pytest.approx((1.0 - MARGIN_SECONDS, 2.0 + MARGIN_SECONDS), abs=FRAME.seconds)
    assert len(silent) == pytest.approx((1.0 + 2 * MARGIN_SECONDS) * 8000, abs=160)
    assert len(sound) == 150 * 160
