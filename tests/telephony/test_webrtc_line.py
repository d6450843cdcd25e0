"""A browser line without a network: the far end is two functions, time is what the test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import numpy as np
import pytest

from ivr.model.audio import LIVE, QUIETEST_DBFS, AudioFrame
from ivr.model.errors import LineError, VoiceError
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed, PlaybackFinished, PlaybackStarted
from ivr.model.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode
from telephony.webrtc_codecs import CODECS
from telephony.webrtc_line import NO_MEDIA_SECONDS, WebRtcLine
from telephony.webrtc_order import Packet
from telephony.webrtc_settings import WebRtcSettings
from telephony.webrtc_speech import LEAD_FRAMES, NOISE_DBFS
from tests.telephony.far_end import Recorder, speech, tone

VOICE = tone(0.02)


class Page:
    """A `Peer`, and the clock of its call."""

    def __init__(self, settings: WebRtcSettings | None = None, codec: str = "pcmu") -> None:
        self.told: list[dict[str, Any]] = []
        self.is_closed = False
        self.time = 100.0
        self.heard = bytearray()
        self.line = WebRtcLine(CODECS[codec](), settings or WebRtcSettings(), self, lambda: self.time)
        self.timestamp = 0
        self._number = 0

    def send(self, text: str) -> None:
        self.told.append(json.loads(text))

    async def close(self) -> None:
        self.is_closed = True

    async def tick(self, count: int = 1, pcm: bytes | None = None) -> None:
        """`count` times 20 ms: we send, the browser sends `pcm`."""
        for _ in range(count):
            for _ in range(3):
                await asyncio.sleep(0)  # whoever waits for room in the queue comes to its turn
            self.heard += mulaw_decode(self.line.next_payload(self.time))
            self.time += 0.02
            if pcm is not None:
                self.says(pcm)

    def says(self, pcm: bytes) -> None:
        self.line.take_packet(Packet(self._number, self.timestamp, mulaw_encode(pcm)))
        self._number += 1
        self.timestamp += 160

    def tells(self, **message: Any) -> None:
        self.line.take_message(json.dumps(message))

    async def items(self) -> list[AudioFrame | CallEvent]:
        """Everything, the line being hung up now."""
        await self.line.hang_up()
        return [item async for item in self.line.incoming()]

    async def events(self) -> list[CallEvent]:
        return [item for item in await self.items() if not isinstance(item, AudioFrame)]


def on_a_page(
    test: Callable[[Page], Coroutine[Any, Any, None]], settings: WebRtcSettings | None = None, *, begun: bool = True
) -> None:
    async def scenario() -> None:
        page = Page(settings)
        if begun:
            page.line.begin()
        async with asyncio.timeout(60):
            await test(page)

    asyncio.run(scenario())


def test_sound_and_keys_come_in_order_and_the_end_comes_once_and_last() -> None:
    async def test(page: Page) -> None:
        await page.tick(1, VOICE)
        page.tells(type="key", digit="1")
        await page.tick(1, VOICE)
        page.tells(type="hangup")
        page.tells(type="hangup")
        page.line.lose("network")
        page.tells(type="key", digit="2")
        await page.tick(2, VOICE)
        assert [item if not isinstance(item, AudioFrame) else "sound" for item in await page.items()] == [
            "sound", DigitPressed("1"), "sound", CallerHungUp("caller"),
        ]  # fmt: skip
        assert page.told == [{"type": "state", "state": "ended", "reason": "caller"}]

    on_a_page(test)


def test_an_utterance_begins_with_its_first_sound_and_ends_after_its_last() -> None:
    async def test(page: Page) -> None:
        playing = asyncio.create_task(page.line.play(4, speech(0.5, 0.013)))
        await page.tick(30)
        await playing
        assert await page.events() == [
            PlaybackStarted(4), PlaybackFinished(4, False, 0.5), CallerHungUp("system"),
        ]  # fmt: skip
        sent = np.frombuffer(bytes(page.heard), "<i2").astype(int)
        spoken = np.abs(sent[:4000] - np.frombuffer(tone(0.5), "<i2"))
        assert spoken.max() < 300  # µ-law, nothing lost, nothing late

    on_a_page(test)


def test_utterances_follow_each_other_without_a_gap() -> None:
    async def test(page: Page) -> None:
        playing = [asyncio.create_task(page.line.play(number, speech(0.2))) for number in (1, 2)]
        await page.tick(25)
        await asyncio.gather(*playing)
        assert await page.events() == [
            PlaybackStarted(1), PlaybackFinished(1, False, 0.2),
            PlaybackStarted(2), PlaybackFinished(2, False, 0.2), CallerHungUp("system"),
        ]  # fmt: skip
        loud = np.abs(np.frombuffer(bytes(page.heard), "<i2")).reshape(-1, 160).max(axis=1) > 4000
        assert loud.tolist() == [True] * 20 + [False] * 5

    on_a_page(test)


def test_a_voice_that_is_faster_than_speech_waits() -> None:
    handed = 0

    async def endless() -> AsyncIterator[AudioFrame]:
        nonlocal handed
        while True:
            handed += 1
            yield AudioFrame(VOICE, 8000)

    async def test(page: Page) -> None:
        playing = asyncio.create_task(page.line.play(1, endless()))
        await page.tick(10)
        assert handed <= 10 + LEAD_FRAMES + 1
        await page.line.stop_playing()
        await playing
        assert await page.events() == [
            PlaybackStarted(1), PlaybackFinished(1, True, 0.2), CallerHungUp("system"),
        ]  # fmt: skip

    on_a_page(test)


def test_people_talking_stay_in_the_present_after_a_stall() -> None:
    talk: asyncio.Queue[AudioFrame] = asyncio.Queue()

    async def live() -> AsyncIterator[AudioFrame]:
        while True:
            yield await talk.get()

    async def test(page: Page) -> None:
        before = asyncio.create_task(page.line.play(1, speech(0.2)))
        playing = asyncio.create_task(page.line.play(LIVE, live()))
        await page.tick(10)
        for number in range(1, 14):  # we sent nothing meanwhile, they talked on
            talk.put_nowait(AudioFrame(np.full(160, number * 1000, "<i2").tobytes(), 8000))
        page.heard.clear()
        await page.tick(4)
        levels = np.frombuffer(bytes(page.heard), "<i2").reshape(-1, 160)[:, 80]
        assert [round(int(level) / 1000) for level in levels] == [10, 11, 12, 13]
        assert page.line.faults["live_frames_left_out"] == 9
        await page.line.stop_playing()
        talk.put_nowait(AudioFrame(VOICE, 8000))
        await asyncio.gather(before, playing)

    on_a_page(test)


def test_barge_in_drops_what_waits_and_reports_each_utterance_once_as_interrupted() -> None:
    async def test(page: Page) -> None:
        recorder = Recorder()
        page.line.listen_along(recorder, 50.0)
        playing = [asyncio.create_task(page.line.play(number, speech(3.0))) for number in (1, 2)]
        await page.tick(5)
        assert page.line.level_heard() == pytest.approx(-15, abs=0.5)
        await page.line.stop_playing()
        await page.line.stop_playing()
        await asyncio.gather(*playing)
        await page.tick(20)
        assert page.line.level_heard() == QUIETEST_DBFS
        again = asyncio.create_task(page.line.play(3, speech(0.04)))
        await page.tick(5)
        await again
        assert await page.events() == [
            PlaybackStarted(1), PlaybackFinished(1, True, 0.1), PlaybackFinished(2, True, 0.0),
            PlaybackStarted(3), PlaybackFinished(3, False, 0.04), CallerHungUp("system"),
        ]  # fmt: skip
        assert [round(at, 2) for at, _ in recorder.heard] == [50.0, 50.02, 50.04, 50.06, 50.08, 50.5, 50.52]

    on_a_page(test)


def test_a_voice_that_breaks_is_heard_up_to_there_and_tells() -> None:
    async def breaks() -> AsyncIterator[AudioFrame]:
        yield AudioFrame(VOICE + VOICE[:100], 8000)
        raise VoiceError("gone")

    async def wrong_rate() -> AsyncIterator[AudioFrame]:
        yield AudioFrame(VOICE, 16000)

    async def test(page: Page) -> None:
        with pytest.raises(VoiceError):
            await page.line.play(1, breaks())
        with pytest.raises(LineError, match="8000 samples per second, not 16000"):
            await page.line.play(2, wrong_rate())
        await page.tick(4)
        assert await page.events() == [
            PlaybackStarted(1), PlaybackFinished(1, False, 0.04), PlaybackFinished(2, False, 0.0),
            CallerHungUp("system"),
        ]  # fmt: skip

    on_a_page(test)


def test_everything_is_a_no_op_after_the_end() -> None:
    async def test(page: Page) -> None:
        await page.line.hang_up()
        await page.line.play(1, speech(1.0))
        await page.line.stop_playing()
        await page.line.send_digits("1")
        await page.line.hang_up()
        page.line.show_caption("bot", "too late")
        page.line.show_state("active")
        await page.tick(3, VOICE)
        assert not await page.line.transfer("+15555550120", 30)
        assert await page.items() == [CallerHungUp("system")]
        assert page.told == [{"type": "state", "state": "ended", "reason": "system"}]

    on_a_page(test)


def test_pauses_are_soft_noise_and_not_counted_as_ours() -> None:
    async def test(page: Page) -> None:
        recorder = Recorder()
        page.line.listen_along(recorder, 0.0)
        await page.tick(60)
        assert AudioFrame(bytes(page.heard), 8000).dbfs == pytest.approx(NOISE_DBFS, abs=1.5)
        assert page.line.level_heard() == QUIETEST_DBFS
        assert recorder.heard == []

    on_a_page(test)


def test_pauses_are_silent_where_no_noise_is_wanted() -> None:
    async def test(page: Page) -> None:
        await page.tick(10)
        assert not any(page.heard)

    on_a_page(test, WebRtcSettings(comfort_noise=False))


def test_keys_go_out_as_tones() -> None:
    async def test(page: Page) -> None:
        sending = asyncio.create_task(page.line.send_digits("5"))
        await page.tick(12)
        await sending
        assert AudioFrame(bytes(page.heard[:1600]), 8000).dbfs > -20
        assert await page.events() == [CallerHungUp("system")]

    on_a_page(test)


def test_the_recorder_has_every_sound_of_the_caller_where_it_was_said() -> None:
    async def test(page: Page) -> None:
        recorder = Recorder()
        page.line.listen_along(recorder, 7.0)
        await page.tick(50, VOICE)
        await page.tick(100)  # muted by stopping to send
        page.timestamp += 100 * 160
        await page.tick(1, VOICE)
        assert [round(at, 2) for at, _ in recorder.said] == [round(7 + n * 0.02, 2) for n in range(151)]
        loud = [n for n, (_, frame) in enumerate(recorder.said) if frame.dbfs > -30]
        assert loud[-1] == 150
        assert set(range(50)) <= set(loud)

    on_a_page(test)


def test_sound_is_not_taken_before_the_call_begins() -> None:
    async def test(page: Page) -> None:
        page.says(VOICE)
        assert await page.items() == [CallerHungUp("system")]

    on_a_page(test, begun=False)


def test_a_ping_is_answered_and_words_and_states_are_shown() -> None:
    async def test(page: Page) -> None:
        page.tells(type="ping", n=3)
        page.line.show_caption("caller", "hello", final=False)
        page.line.show_state("held")
        page.line.take_message("nonsense")
        assert page.told == [
            {"type": "pong", "n": 3},
            {"type": "caption", "who": "caller", "text": "hello", "final": False},
            {"type": "state", "state": "held", "reason": ""},
        ]
        assert page.line.faults["channel_not_json"] == 1

    on_a_page(test)


async def watched(page: Page, seconds: float, pings: bool = False, sound: bytes | None = None) -> bool:
    """Let `seconds` pass in steps of 0.5 s; True: the line is still there. One look of `carry` comes each step."""
    for number in range(round(seconds / 0.5)):
        page.time += 0.5
        if pings:
            page.tells(type="ping", n=number)
        if sound is not None:
            page.says(sound)
        page.line.look()
    return not page.line.is_over


def test_a_vanished_browser_is_noticed_within_ten_seconds() -> None:
    async def test(page: Page) -> None:
        await page.tick(10, VOICE)
        assert await watched(page, 7.5)
        assert not await watched(page, 2.0)
        assert (await page.events()) == [CallerHungUp("network")]

    on_a_page(test)


@pytest.mark.parametrize(("pings", "sound"), [(True, None), (False, bytes(320))])
def test_a_muted_browser_is_not_a_dead_call(pings: bool, sound: bytes | None) -> None:
    """Neither one that sends silence, nor one that sends nothing but still pings."""

    async def test(page: Page) -> None:
        await page.tick(10, VOICE)
        assert await watched(page, NO_MEDIA_SECONDS + 60, pings, sound)
        assert page.line.faults.get("no_media", 0) == (sound is None)

    on_a_page(test)


def test_a_browser_that_never_connects_is_given_up() -> None:
    async def test(page: Page) -> None:
        assert not await page.line.is_connected()
        await page.line.carry()
        assert page.is_closed
        assert await page.items() == [CallerHungUp("network")]

    on_a_page(test, WebRtcSettings(connect_seconds=0.01), begun=False)


@pytest.mark.parametrize(("codec", "encode", "decode"), [("pcma", alaw_encode, alaw_decode)])
def test_a_law_goes_both_ways(codec: str, encode: Callable[[bytes], bytes], decode: Callable[[bytes], bytes]) -> None:
    async def scenario() -> None:
        page = Page(WebRtcSettings(comfort_noise=False), codec)
        page.line.begin()
        page.line.take_packet(Packet(0, 0, encode(VOICE)))
        frame = next(iter(await page.items()))
        assert isinstance(frame, AudioFrame)
        assert frame.pcm == decode(encode(VOICE))

    asyncio.run(scenario())


def test_opus_is_a_wideband_line_and_what_is_no_opus_is_counted() -> None:
    async def scenario() -> None:
        page = Page(codec="opus")
        line, ours = page.line, CODECS["opus"]()
        line.begin()
        voice = tone(1.0, 16000)
        for number in range(50):
            page.time += 0.02
            line.take_packet(Packet(number, number * 960, ours.encode(voice[number * 640 :][:640])))
        line.take_packet(Packet(50, 50 * 960, b"\xff\xff\xff"))
        playing = asyncio.create_task(line.play(1, speech(0.1, rate=16000)))
        await asyncio.sleep(0)
        sent = b"".join(ours.decode(line.next_payload(page.time + n * 0.02)) for n in range(5))
        await playing
        frames = [item for item in await page.items() if isinstance(item, AudioFrame)]
        assert line.rate == 16000
        assert {(frame.rate, len(frame.pcm)) for frame in frames} == {(16000, 640)}
        assert len(frames) in (49, 50)
        assert AudioFrame(frames[30].pcm, 16000).dbfs == pytest.approx(-15, abs=1)
        assert AudioFrame(sent[1600:], 16000).dbfs == pytest.approx(-15, abs=1.5)
        assert line.faults["rtp_undecodable"] == 1

    asyncio.run(scenario())
