import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from ivr.model.audio import QUIETEST_DBFS, AudioFrame
from ivr.model.errors import LineError, VoiceError
from ivr.model.events import (
    CallerHungUp,
    DigitPressed,
    MachineDetected,
    PlaybackFinished,
    PlaybackStarted,
)
from telephony import twilio_line
from telephony.decisions import Decision, TransferTo
from telephony.dial_plan import DialPlan
from telephony.text_socket import wait_for_start
from telephony.twilio_line import LEAD_SECONDS, TwilioLine
from telephony.twilio_messages import TwilioStream
from telephony.twilio_settings import TwilioSettings
from tests.telephony.far_end import FarEnd, Recorder, events_of, events_until, speech, tone

SETTINGS = TwilioSettings("AC1", "secret", "https://ivr.example.test")


class Call:
    """A line with its far end and its decisions."""

    def __init__(self, line: TwilioLine, far: FarEnd, decisions: list[Decision]) -> None:
        self.line, self.far, self.decisions = line, far, decisions


def on_a_call(test: Callable[[Call], Coroutine[Any, Any, None]], settings: TwilioSettings = SETTINGS) -> None:
    async def scenario() -> None:
        far, stream, decisions = FarEnd(), TwilioStream(), list[Decision]()
        far.starts()
        await wait_for_start(far, stream, 1.0)
        line = TwilioLine(far, stream, settings, DialPlan(("+1",)), decisions.append)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            carrying = group.create_task(line.carry())
            await test(Call(line, far, decisions))
            await line.drop()
            carrying.cancel()

    asyncio.run(scenario())


def test_sound_and_keys_come_in_order_and_the_end_comes_once_and_last() -> None:
    async def test(call: Call) -> None:
        call.far.sounds(0)
        call.far.says("dtmf", dtmf={"digit": "1"})
        call.far.sounds(20)
        call.far.says("stop", stop={})
        call.far.says("stop", stop={})
        call.far.raw(None)
        items = [item async for item in call.line.incoming()]
        assert [type(item) for item in items] == [AudioFrame, DigitPressed, AudioFrame, CallerHungUp]
        assert items[-1] == CallerHungUp("caller")
        assert call.decisions == []

    on_a_call(test)


def test_an_utterance_begins_with_its_first_sound_and_ends_with_its_mark() -> None:
    async def test(call: Call) -> None:
        await call.line.play(4, speech(0.5))
        mark = await call.far.got("mark")
        call.far.says("mark", mark=mark["mark"])
        assert await events_until(call.line, PlaybackFinished(4, False, 0.5)) == [
            PlaybackStarted(4),
            PlaybackFinished(4, False, 0.5),
        ]
        assert len(call.far.pcm) == len(tone(0.5))
        assert [each["event"] for each in call.far.sent][-1] == "mark"

    on_a_call(test)


@pytest.mark.parametrize("frame_seconds", [0.02, 0.013, 3.0])
def test_sound_leaves_at_once_in_small_pieces_and_never_far_ahead(frame_seconds: float) -> None:
    async def test(call: Call) -> None:
        began = time.monotonic()
        sending = asyncio.create_task(call.line.play(1, speech(1.0, frame_seconds)))
        sent = 0
        for count in range(1, 100):
            if sent >= 8000:
                break
            payload = (await call.far.got("media", count))["media"]["payload"]
            size = len(payload) * 3 // 4 - payload.count("=")
            sent += size
            assert size % 160 == 0
            assert size <= 800
            assert sent / 8000 - (time.monotonic() - began) <= LEAD_SECONDS + 1e-6
        await sending

    on_a_call(test)


def test_barge_in_sends_one_clear_and_reports_each_utterance_once_as_interrupted() -> None:
    async def test(call: Call) -> None:
        recorder = Recorder()
        call.line.listen_along(recorder, 100.0)
        call.far.sounds(0)
        first = asyncio.create_task(call.line.play(1, speech(3.0)))
        second = asyncio.create_task(call.line.play(2, speech(1.0)))
        await call.far.got("media", 10)
        await call.line.stop_playing()
        await call.line.stop_playing()
        await asyncio.gather(first, second)
        call.far.says("mark", mark={"name": "1:1"})
        call.far.sounds(20)
        call.far.says("stop", stop={})
        started, one, two, end = await events_of(call.line)
        assert (started, end) == (PlaybackStarted(1), CallerHungUp("caller"))
        assert isinstance(one, PlaybackFinished)
        assert (one.utterance, one.interrupted) == (1, True)
        assert 0 < one.played_seconds < 1.0
        assert two == PlaybackFinished(2, True, 0.0)
        assert [each["event"] for each in call.far.sent if each["event"] != "media"] == ["clear"]
        assert call.far.sent[-1]["event"] == "clear"
        heard = sum(frame.seconds for _, frame in recorder.heard)
        assert heard == pytest.approx(one.played_seconds, abs=0.021)
        assert [at for at, _ in recorder.said] == pytest.approx([100.0, 100.02])
        assert 100.0 <= recorder.heard[0][0] < 101.0
        assert call.line.faults["late_mark"] == 1

    on_a_call(test)


def test_the_next_utterance_is_spoken_after_an_interruption() -> None:
    async def test(call: Call) -> None:
        waiting = asyncio.Event()

        async def slow_voice() -> AsyncIterator[AudioFrame]:
            yield AudioFrame(tone(0.02), 8000)
            await waiting.wait()
            yield AudioFrame(tone(0.02), 8000)

        first = asyncio.create_task(call.line.play(1, slow_voice()))
        await call.far.got("media")
        await call.line.stop_playing()
        await call.line.play(2, speech(0.1))
        call.far.says("mark", mark=(await call.far.got("mark"))["mark"])
        waiting.set()
        await first
        call.far.says("stop", stop={})
        events = await events_of(call.line)
        assert [type(each) for each in events] == [
            PlaybackStarted,
            PlaybackFinished,
            PlaybackStarted,
            PlaybackFinished,
            CallerHungUp,
        ]
        assert events[3] == PlaybackFinished(2, False, 0.1)
        assert len(call.far.all("mark")) == 1

    on_a_call(test)


def test_a_voice_that_breaks_is_heard_up_to_there_and_its_error_goes_on() -> None:
    async def test(call: Call) -> None:
        async def broken() -> AsyncIterator[AudioFrame]:
            yield AudioFrame(tone(0.03), 8000)
            raise VoiceError("no more")

        with pytest.raises(VoiceError):
            await call.line.play(1, broken())
        call.far.says("mark", mark=(await call.far.got("mark"))["mark"])
        call.far.says("stop", stop={})
        assert await events_of(call.line) == [
            PlaybackStarted(1),
            PlaybackFinished(1, False, 0.04),
            CallerHungUp("caller"),
        ]

    on_a_call(test)


def test_a_voice_at_another_rate_is_a_mistake_that_is_told() -> None:
    async def test(call: Call) -> None:
        with pytest.raises(LineError, match="8000"):
            await call.line.play(1, speech(0.1, rate=16000))

    on_a_call(test)


def test_the_caller_leaving_mid_sentence_ends_the_sentence_first() -> None:
    async def test(call: Call) -> None:
        playing = asyncio.create_task(call.line.play(1, speech(9.0)))
        await call.far.got("media", 3)
        call.far.says("stop", stop={})
        events = await events_of(call.line)
        await playing
        assert [type(each) for each in events] == [PlaybackStarted, PlaybackFinished, CallerHungUp]
        assert events[-1] == CallerHungUp("caller")
        assert call.far.all("clear") == []
        await call.line.play(2, speech(0.1))
        await call.line.stop_playing()
        assert not await call.line.transfer("+14155552671", 20)

    on_a_call(test)


def test_a_socket_that_dies_without_a_stop_is_the_network() -> None:
    async def test(call: Call) -> None:
        call.far.raw(None)
        assert await events_of(call.line) == [CallerHungUp("network")]

    on_a_call(test)


def test_a_socket_that_cannot_be_written_to_is_the_network() -> None:
    async def test(call: Call) -> None:
        call.far.breaks_on_send = True
        await call.line.play(1, speech(2.0))
        assert (await events_of(call.line))[-1] == CallerHungUp("network")

    on_a_call(test)


def test_hanging_up_is_decided_and_then_done() -> None:
    async def test(call: Call) -> None:
        await call.line.hang_up()
        await call.line.hang_up()
        assert await events_of(call.line) == [CallerHungUp("system")]
        assert (call.decisions, call.far.close_codes) == (["hang_up"], [1000])

    on_a_call(test)


def test_a_transfer_is_decided_and_the_media_leaves() -> None:
    async def test(call: Call) -> None:
        assert await call.line.transfer("+1 415 555 2671", 25)
        assert await events_of(call.line) == [CallerHungUp("transfer")]
        assert (call.decisions, call.far.close_codes) == ([TransferTo("+14155552671", 25)], [1000])

    on_a_call(test)


def test_the_keys_of_an_extension_go_with_a_transfer() -> None:
    async def test(call: Call) -> None:
        assert await call.line.transfer("+1 415 555 2671,,204", 25)
        assert call.decisions == [TransferTo("+14155552671,,204", 25)]

    on_a_call(test)


def test_a_transfer_against_the_dial_plan_leaves_the_call_as_it_is() -> None:
    async def test(call: Call) -> None:
        assert not await call.line.transfer("+19005551234", 25)
        call.far.says("dtmf", dtmf={"digit": "9"})
        assert await events_until(call.line, DigitPressed("9")) == [DigitPressed("9")]
        assert call.decisions == []

    on_a_call(test)


def test_a_line_where_nothing_comes_is_warned_about_and_then_ended() -> None:
    async def test(call: Call) -> None:
        assert await events_of(call.line) == [CallerHungUp("network")]
        assert call.line.faults["no_media"] == 1
        assert call.far.close_codes == [1000]

    on_a_call(test, replace(SETTINGS, quiet_warning_seconds=0.04, quiet_end_seconds=0.1))


def test_a_mark_that_never_comes_does_not_hold_the_call_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_line, "MARK_MARGIN_SECONDS", 0.05)

    async def test(call: Call) -> None:
        await call.line.play(1, speech(0.1))
        ends = PlaybackFinished(1, False, 0.1)
        assert len(await events_until(call.line, ends)) == 2
        assert call.line.faults["mark_missing"] == 1

    on_a_call(test, replace(SETTINGS, quiet_warning_seconds=0.1))


def test_what_webhooks_learn_comes_as_events_of_the_call() -> None:
    async def test(call: Call) -> None:
        call.line.post(MachineDetected("machine"))
        call.line.post(CallerHungUp("provider"))
        call.line.post(MachineDetected("human"))
        assert await events_of(call.line) == [MachineDetected("machine"), CallerHungUp("provider")]

    on_a_call(test)


def test_the_level_heard_is_that_of_what_is_playing() -> None:
    async def test(call: Call) -> None:
        assert call.line.rate == 8000
        assert call.line.level_heard() == QUIETEST_DBFS
        await call.line.play(1, speech(0.1))
        assert call.line.level_heard() == pytest.approx(-15.05, abs=0.3)

    on_a_call(test)


def test_keys_are_sent_as_sound() -> None:
    async def test(call: Call) -> None:
        await call.line.send_digits("12")
        assert len(call.far.pcm) == 2 * 2 * 1600
        assert call.far.all("mark") == []

    on_a_call(test)


def test_sound_nobody_fetches_is_dropped_after_five_seconds_but_no_key_is() -> None:
    async def test(call: Call) -> None:
        for number in range(300):
            call.far.sounds(number * 20)
        call.far.says("dtmf", dtmf={"digit": "5"})
        call.far.says("stop", stop={})
        call.far.raw(None)
        items = [item async for item in call.line.incoming()]
        assert len(items) == 252
        assert call.line.faults["dropped_frames"] == 50
        assert items[-2:] == [DigitPressed("5"), CallerHungUp("caller")]

    on_a_call(test)


@pytest.mark.parametrize("messages", [[None], ["{}", '{"event":"media"}', None], []])
def test_a_socket_without_a_start_is_refused(messages: list[str | None]) -> None:
    async def scenario() -> None:
        far = FarEnd()
        for message in messages:
            far.raw(message)
        with pytest.raises(LineError):
            await wait_for_start(far, TwilioStream(), 0.02)

    asyncio.run(scenario())
