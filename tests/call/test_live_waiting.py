"""Waiting for a person on a live line, and talking with one: music, news, the seat in the room, and every way out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ivr.call.conductor import Conductor
from ivr.call.guest import WaitingCaller
from ivr.call.live import LiveCall
from ivr.call.record import CallLog
from ivr.call.speaking import OURS, Mouth
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord
from ivr.model.commands import HangUp, Say
from ivr.model.errors import LineError
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallerHungUp,
    DigitPressed,
    PlaybackFinished,
    QueueLeft,
    QueueNews,
)
from ivr.model.meaning import Expect
from tests.call.fakes import FRAME, Memory, ScriptEars, ScriptLine, ToneVoice
from tests.call.test_conductor import Rules, flow
from tests.call.test_reception import Call
from tests.call.test_record import log
from tests.call.waiting_room import OneQueue, OneSeat, Tune, with_queue

PERSON: Rules = {
    "queue": {
        "connected": ("bye", (Say("Goodbye."), HangUp("agent_completed")), None),
        "callback": ("bye", (HangUp("callback_requested"),), None),
        "else": ("bye", (Say("Sorry."), HangUp("nobody")), None),
    }
}


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - what is waited for has no event to tell of it
            await asyncio.sleep(0)


class Held:
    """One call that waits for a person, and a test that says what happens meanwhile."""

    def __init__(self, *words: str, line: ScriptLine | None = None, breaks: bool = False) -> None:
        self.queue, self.tune, self.voice, self.store = OneQueue(breaks=breaks), Tune(), ToneVoice(), Memory()
        self.call = Call(
            ScriptEars("person", *words), line, dialogue=flow(PERSON), voice=self.voice, store=self.store,
            surroundings=with_queue(self.queue, self.voice, self.store, self.tune),
        )  # fmt: skip
        self.line = self.call.line

    def hold(self, meanwhile: Callable[["Held"], Awaitable[None]]) -> CallRecord:
        async def scenario() -> CallRecord | None:
            taking = asyncio.create_task(self.call.take())
            await self.call.speaking(2, FRAME)
            if not self.queue.breaks:
                await asyncio.wait_for(self.queue.joined.wait(), 5)
            await meanwhile(self)
            return await asyncio.wait_for(taking, 5)

        record = asyncio.run(scenario())
        assert record is not None
        return record

    def tell(self, event: QueueNews | AgentJoined | AgentSaid) -> None:
        assert self.queue.guest is not None
        self.queue.guest.tell(event)

    async def said(self, text: str) -> None:
        await until(lambda: text in self.voice.said)

    async def sit(self, seat: OneSeat) -> None:
        """As a switchboard does it: the caller sits until the seat is left."""
        assert self.queue.guest is not None
        await self.queue.guest.sit(seat)


def test_music_is_heard_until_there_is_news_and_goes_on_where_it_was() -> None:
    async def meanwhile(held: Held) -> None:
        await held.tune.playing.wait()
        held.tell(QueueNews("next"))
        await held.said("You are next in line.")
        await until(lambda: len(held.tune.began) > 1)
        held.queue.end(QueueLeft("connected", "a1"))

    held = Held()
    record = held.hold(meanwhile)
    assert held.tune.began[0] == 0.0
    assert held.tune.began[1] >= 0.02
    assert held.voice.said[-1] == "Goodbye."
    assert (record.end_reason, record.handled_by, record.stats["agents"]) == ("agent_completed", "both", ["a1"])
    assert not [entry for entry in held.store.journal if getattr(entry.event, "utterance", 0) > OURS]


def test_each_queue_plays_its_own_music_from_its_beginning() -> None:
    line, ours, theirs = ScriptLine(), Tune(), Tune()

    async def scenario() -> None:
        mouth = Mouth(line, ToneVoice(), ours, lambda event: None)
        running = asyncio.create_task(mouth.run())
        for times, piece in enumerate((ours, theirs, theirs, ours), 1):
            mouth.tune(piece)
            mouth.hold(True)
            await until(piece.playing.is_set)
            mouth.hold(False)
            await until(lambda times=times: line.stopped == times)  # type: ignore[misc]
            piece.playing.clear()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    assert (ours.began, theirs.began[0]) == ([0.0, 0.0], 0.0)
    assert theirs.began[1] > 0.0, "the same piece goes on"


def test_a_caller_who_hangs_up_frees_the_queue_at_once() -> None:
    async def meanwhile(held: Held) -> None:
        held.line.arrivals.put_nowait(CallerHungUp("caller"))
        await asyncio.wait_for(held.queue.cancelled.wait(), 1.0)

    assert Held().hold(meanwhile).end_reason == "abandoned_in_queue"


def test_a_caller_is_called_back_on_the_number_they_key() -> None:
    async def meanwhile(held: Held) -> None:
        held.tell(QueueNews("callback_offer"))
        held.line.arrivals.put_nowait(DigitPressed("1"))
        await asyncio.sleep(0)
        for key in "1":
            held.line.arrivals.put_nowait(DigitPressed(key))

    held = Held()
    record = held.hold(meanwhile)
    assert held.queue.left == [("callback", "+15550100")]
    assert record.end_reason == "callback_requested"


def test_a_switchboard_that_breaks_is_a_failed_wait() -> None:
    async def meanwhile(held: Held) -> None:
        await held.said("Sorry.")

    assert Held(breaks=True).hold(meanwhile).end_reason == "nobody"


def test_the_caller_and_the_room_hear_each_other_and_keys_are_nobodys_business() -> None:
    async def meanwhile(held: Held) -> None:
        seat = OneSeat()
        held.tell(AgentJoined("a1", "Ann"))
        sitting = asyncio.create_task(held.sit(seat))
        await until(lambda: seat.sounds > 2)
        held.line.arrivals.put_nowait(DigitPressed("4"))
        held.line.arrivals.put_nowait(FRAME)
        await until(lambda: bool(seat.heard))
        held.tell(AgentSaid("I see it here."))
        seat.leave()
        await sitting
        held.queue.end(QueueLeft("connected", "a1"))

    held = Held("my card is gone")
    record = held.hold(meanwhile)
    assert held.queue.given is not None
    assert held.queue.given.last_turns[-2:] == (("caller", "person"), ("bot", "I'll connect you."))
    talked = [turn for turn in record.turns if turn.step == "with_agent"]
    assert [turn.keys for turn in talked if turn.keys] == ["•"]
    assert any("my card is gone" in turn.heard for turn in talked)
    assert [text for turn in talked for text in turn.said] == ["I see it here."]
    assert not [entry for entry in held.store.journal if entry.event == DigitPressed("4")]
    assert held.voice.said == ["Welcome.", "How can I help?", "I'll connect you.", "Goodbye."]


def test_a_caller_who_hangs_up_in_the_middle_of_a_talk_leaves_the_seat() -> None:
    seats: list[OneSeat] = []

    async def meanwhile(held: Held) -> None:
        seat = OneSeat()
        seats.append(seat)
        held.tell(AgentJoined("a1"))
        sitting = asyncio.create_task(held.sit(seat))
        await until(lambda: bool(seat.sounds))
        held.line.arrivals.put_nowait(CallerHungUp("caller"))
        await asyncio.wait_for(sitting, 1.0)
        late = OneSeat()
        await held.sit(late)
        seats.append(late)

    record = Held().hold(meanwhile)
    assert [seat.left.is_set() for seat in seats] == [True, True]
    assert (record.end_reason, record.disconnect_by) == ("agent_completed", "customer")


class Refusing(ScriptLine):
    """Plays words, but neither rooms nor music."""

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        if utterance > OURS:
            raise LineError("not at this rate")
        await super().play(utterance, audio)


def test_a_line_that_cannot_play_the_room_gives_the_seat_back() -> None:
    async def meanwhile(held: Held) -> None:
        seat = OneSeat()
        await held.sit(seat)
        assert seat.left.is_set()
        held.queue.end(QueueLeft("failed"))

    assert Held(line=Refusing()).hold(meanwhile).end_reason == "nobody"


def test_words_for_somebody_who_sits_elsewhere_are_reported_as_unsaid() -> None:
    async def scenario() -> list[object]:
        posted: list[object] = []
        line = ScriptLine(plays_for_ever=True)
        mouth = Mouth(line, ToneVoice(), Tune(), posted.append)
        running = asyncio.create_task(mouth.run())
        mouth.say(Say("Still to come.", utterance=1))
        async with mouth.silenced():
            mouth.say(Say("Unheard.", utterance=2))
            await mouth.stop()
        mouth.hold(True)
        mouth.hold(False)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return posted

    assert asyncio.run(scenario()) == [PlaybackFinished(1, interrupted=True), PlaybackFinished(2, interrupted=True)]


@pytest.mark.parametrize("secret", [False, True])
def test_a_secret_that_is_keyed_in_is_silence_to_who_sits_with_the_caller(secret: bool) -> None:
    loud = AudioFrame(b"\x10\x20" * 160, 8000)

    async def scenario() -> list[AudioFrame]:
        line, seat = ScriptLine(), OneSeat()
        conductor = Conductor(flow(), expect=Expect(secret=secret))
        call = LiveCall("c1", conductor, CallLog(log().record), 0.0)
        guest = WaitingCaller(call, line, Mouth(line, ToneVoice(), Tune(), lambda event: None), lambda event: None)
        guest.said(loud)
        sitting = asyncio.create_task(guest.sit(seat))
        await until(lambda: bool(seat.sounds))
        guest.said(loud)
        guest.leave()
        await sitting
        return seat.heard

    assert asyncio.run(scenario()) == [AudioFrame(bytes(320), 8000) if secret else loud]
