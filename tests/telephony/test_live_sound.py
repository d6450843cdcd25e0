"""People talking over a Twilio line: at once or not at all, and a far end that fell behind is brought back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ivr.model.audio import LIVE, AudioFrame
from ivr.model.events import CallerHungUp, PlaybackFinished, PlaybackStarted
from telephony.dial_plan import DialPlan
from telephony.live_sound import FIRST_NUMBER, LATE_SECONDS, LEAD_SECONDS, PROBE_SECONDS, LiveSound
from telephony.playout import Playout
from telephony.text_socket import wait_for_start
from telephony.twilio_line import TwilioLine
from telephony.twilio_messages import TwilioStream
from telephony.twilio_settings import TwilioSettings
from tests.telephony.far_end import FarEnd, Recorder, events_of

FRAME = AudioFrame(bytes(range(160)) * 2, 8000)


def echo(live: LiveSound, second: int, delay: float) -> bool:
    """A mark sent in this second comes back so much later."""
    now = second * PROBE_SECONDS
    number = live.probe(0.02, now)
    assert number == FIRST_NUMBER + second
    assert live.probe(0.02, now + 0.5) is None
    return live.echoed(number, now + 0.02 + delay)


def test_a_far_end_that_answers_late_twice_in_a_row_has_fallen_behind() -> None:
    live = LiveSound()
    late = 0.05 + LATE_SECONDS + 0.01
    assert [echo(live, second + 1, delay) for second, delay in enumerate((0.05, late, 0.06, late, late, 0.05))] == [
        False, False, False, False, True, False,
    ]  # fmt: skip
    assert live.cleared == 1
    assert not live.echoed(FIRST_NUMBER + 99, 10.0)


def test_what_a_far_end_takes_always_is_no_delay_of_ours() -> None:
    live = LiveSound()
    assert not any(echo(live, second + 1, 0.4) for second in range(20))


def test_no_more_than_three_frames_are_handed_over_ahead_of_the_ear() -> None:
    live = LiveSound()
    assert [live.fits(ahead, 0.02) for ahead in (0.0, 0.02, LEAD_SECONDS - 0.02, LEAD_SECONDS)] == [
        True,
        True,
        True,
        False,
    ]
    assert live.left_out == 1


def test_playing_time_of_a_talk_with_many_gaps_is_counted_and_little_of_it_is_kept() -> None:
    playout = Playout(8000)
    playout.begin(LIVE)
    for tick in range(1000):
        playout.send(LIVE, FRAME.pcm, tick * 0.025)
    playout.skip(25.0)
    assert playout.finish(LIVE, 25.0) == [PlaybackFinished(LIVE, False, 20.0)]
    assert playout.level(25.0) == pytest.approx(FRAME.dbfs)
    assert len(playout.heard(25.0)) == 1000


class Clock:
    time = 0.0

    def now(self) -> float:
        return self.time


class Talk:
    """A line that plays live sound, one frame whenever the test says so."""

    def __init__(self) -> None:
        self.far, self.clock, self.recorder = FarEnd(), Clock(), Recorder()
        self._frames: asyncio.Queue[AudioFrame | None] = asyncio.Queue()

    async def sound(self) -> AsyncIterator[AudioFrame]:
        while (frame := await self._frames.get()) is not None:
            yield frame
            self._frames.task_done()

    async def tick(self, seconds: float = 0.02) -> None:
        self.clock.time += seconds
        self._frames.put_nowait(FRAME)
        await self._frames.join()

    def over(self) -> None:
        self._frames.put_nowait(None)

    async def open(self) -> TwilioLine:
        stream = TwilioStream()
        self.far.starts()
        await wait_for_start(self.far, stream, 1.0)
        settings = TwilioSettings("AC1", "secret", "https://ivr.example.test")
        line = TwilioLine(self.far, stream, settings, DialPlan(("+1",)), lambda decision: None, self.clock.now)
        line.listen_along(self.recorder, 10.0)
        return line

    def sizes(self) -> list[int]:
        return [len(each["media"]["payload"]) * 3 // 4 for each in self.far.all("media")]


def test_each_frame_leaves_by_itself_at_once_and_a_burst_is_left_out() -> None:
    async def scenario() -> None:
        talk = Talk()
        line = await talk.open()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            carrying = group.create_task(line.carry())
            playing = group.create_task(line.play(LIVE, talk.sound()))
            for count in range(1, 30):
                await talk.tick()
                assert len(talk.far.all("media")) == count
            for _ in range(5):
                await talk.tick(0.0)
            assert len(talk.far.all("media")) == 31
            talk.over()
            await playing
            assert line.faults["live_frames_left_out"] == 3
            await line.drop()
            carrying.cancel()
        assert {len(each["media"]["payload"]) for each in talk.far.all("media")} == {216}
        assert [each["mark"]["name"] for each in talk.far.all("mark")] == [f"1:{FIRST_NUMBER + 1}", "1:-1"]

    asyncio.run(scenario())


def test_a_far_end_that_fell_behind_is_cleared_and_the_talk_goes_on() -> None:
    async def scenario() -> None:
        talk = Talk()
        line = await talk.open()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            carrying = group.create_task(line.carry())
            group.create_task(line.play(LIVE, talk.sound()))
            for number, delay in enumerate((0, 0, 20, 20, 20)):
                while len(marks := talk.far.all("mark")) == number:
                    await talk.tick()
                for _ in range(delay):
                    await talk.tick()
                talk.far.says("mark", mark=marks[number]["mark"])
                talk.far.sounds(20 * number)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            await talk.tick()
            assert len(talk.far.all("clear")) == 1
            assert line.faults["live_queue_cleared"] == 1
            talk.far.says("stop", stop={})
            events = await events_of(line)
            talk.over()
            carrying.cancel()
        assert events[0] == PlaybackStarted(LIVE)
        assert isinstance(events[1], PlaybackFinished)
        assert (events[1].interrupted, events[-1]) == (True, CallerHungUp("caller"))

    asyncio.run(scenario())


def test_the_end_of_a_talk_is_reported_when_it_was_heard_and_the_tap_gets_all_of_it_at_its_time() -> None:
    async def scenario() -> None:
        talk = Talk()
        line = await talk.open()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            carrying = group.create_task(line.carry())
            talk.far.sounds(0)
            await asyncio.sleep(0)
            playing = group.create_task(line.play(LIVE, talk.sound()))
            for _ in range(3):
                await talk.tick()
            await talk.tick(1.0)
            talk.over()
            await playing
            talk.clock.time += 0.1
            talk.far.says("mark", mark=(await talk.far.got("mark", 3))["mark"])
            talk.far.sounds(20)
            talk.far.says("stop", stop={})
            assert await events_of(line) == [
                PlaybackStarted(LIVE), PlaybackFinished(LIVE, False, 0.08), CallerHungUp("caller"),
            ]  # fmt: skip
            carrying.cancel()
        assert [round(at, 3) for at, _ in talk.recorder.heard] == [10.02, 10.04, 10.06, 11.06]

    asyncio.run(scenario())
