"""The ears of one call with a scripted recognizer: loud is speech, so that events can be told to the frame."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest

from asr.ears import SpeechEars
from asr.reading_workers import OpenStream
from asr.scripted import Breaks, Hangs, Line, LoudnessDetector, ScriptedRecognizer, words
from asr.settings import HearingSettings
from ivr.model.audio import QUIETEST_DBFS, AudioFrame
from ivr.model.errors import ModelMissing
from ivr.model.events import CallEvent, Heard, HearingFailed, PartialHeard, SpeechStarted, TurnTimes
from ivr.model.meaning import Expect, Hypothesis, IntentGuess, Meaning

TIME = np.arange(16000) / 8000
SINCE_PULSE = (TIME * 125 % 1.0) / 125
BUZZ = (16000 * np.exp(-SINCE_PULSE * 300) * np.sin(2 * np.pi * 600 * SINCE_PULSE)).astype("<i2")


@dataclass
class Understands:
    """Knows what some texts mean."""

    meanings: dict[str, Meaning] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        self.asked.append(tuple(hypothesis.text for hypothesis in hypotheses))
        found = (self.meanings[h.text] for h in hypotheses if h.text in self.meanings)
        return next(found, Meaning())


class Fails:
    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        raise ZeroDivisionError


class Call:
    """One caller: plays sound to the ears and keeps every event in order."""

    def __init__(self, ears: SpeechEars, recognizer: ScriptedRecognizer) -> None:
        self.ears = ears
        self.recognizer = recognizer
        self.events: list[CallEvent] = []

    @property
    def stream_frames(self) -> int:
        return len(self.recognizer.streams[-1].frames)

    async def speaks(self, seconds: float, own: float = QUIETEST_DBFS) -> None:
        for number in range(round(seconds / 0.02)):
            at = number % 100 * 160
            self.events += await self.ears.hear(AudioFrame(BUZZ[at : at + 160].tobytes(), 8000), own)

    async def is_silent(self, seconds: float, own: float = QUIETEST_DBFS) -> None:
        for _ in range(round(seconds / 0.02)):
            self.events += await self.ears.hear(AudioFrame(bytes(320), 8000), own)

    async def news(self) -> CallEvent:
        self.events.append(await self.ears.news())
        return self.events[-1]


def on_a_call(
    play: Callable[[Call], Awaitable[None]],
    *lines: Line,
    meanings: dict[str, Meaning] | None = None,
    understanding: Understands | Fails | None = None,
    open_stream: OpenStream | None = None,
    settings: HearingSettings | None = None,
) -> list[CallEvent]:
    async def run() -> list[CallEvent]:
        recognizer = ScriptedRecognizer(lines)
        with ThreadPoolExecutor(1) as threads:
            ears = SpeechEars(
                detector=LoudnessDetector(),
                open_stream=open_stream or (lambda language: recognizer.open(8000, language)),
                understanding=understanding or Understands(meanings or {}),
                threads=threads,
                rate=8000,
                settings=settings,
            )
            call = Call(ears, recognizer)
            await play(call)
            await ears.close()
            assert all(stream.is_closed for stream in recognizer.streams)
            return [tidy(event) for event in call.events]

    return asyncio.run(run())


def tidy(event: CallEvent) -> CallEvent:
    match event:
        case SpeechStarted(at):
            return SpeechStarted(round(at, 3))
        case Heard(times=times):
            exact = (times.began, times.ended, times.waited, times.recognizing)
            rounded = TurnTimes(*(round(value, 3) for value in exact))
            return Heard(
                event.text, event.confidence, event.alternatives, event.words, event.meaning, rounded, event.engine
            )
        case _:
            return event


DONE = Meaning(text="block my card", guesses=(IntentGuess("block", 0.9),), complete=True)


def test_a_turn_is_heard_with_its_meaning_and_times() -> None:
    async def play(call: Call) -> None:
        await call.is_silent(1)
        await call.speaks(1)
        await call.is_silent(0.5)
        await call.news()

    assert on_a_call(play, "block my card", meanings={"block my card": DONE}) == [
        SpeechStarted(1.0),
        Heard("block my card", meaning=DONE, times=TurnTimes(1.0, 2.0, 0.26, 0.24), engine="scripted"),
    ]


def test_a_pause_gives_a_partial_and_the_caller_goes_on_in_the_same_turn() -> None:
    async def play(call: Call) -> None:
        await call.speaks(1)
        await call.is_silent(0.2)
        assert await call.news() == PartialHeard("block my card")
        await call.speaks(0.5)
        await call.is_silent(2)
        await call.news()
        assert call.recognizer.streams[0].readings == [False, True]

    assert on_a_call(play, "block my card") == [
        SpeechStarted(0.0),
        PartialHeard("block my card"),
        Heard("block my card", times=TurnTimes(0.0, 1.7, 0.96, 1.04), engine="scripted"),
    ]


def test_a_reading_in_time_costs_the_caller_nothing() -> None:
    async def play(call: Call) -> None:
        await call.speaks(1)
        await call.is_silent(0.14)
        assert await call.news() == PartialHeard("block my card")
        await call.is_silent(0.12)
        await call.news()
        assert call.recognizer.streams[0].readings == [False, True]

    assert on_a_call(play, "block my card", meanings={"block my card": DONE})[-1] == Heard(
        "block my card", meaning=DONE, times=TurnTimes(0.0, 1.0, 0.26, 0.0), engine="scripted"
    )


def test_the_recognizer_gets_the_sound_before_the_first_word() -> None:
    async def play(call: Call) -> None:
        await call.is_silent(1)
        await call.speaks(0.08)
        assert call.stream_frames == 17 or call.stream_frames == 16
        await call.speaks(0.1)
        assert call.stream_frames in (21, 22)

    assert on_a_call(play, "yes") == [SpeechStarted(1.0)]


def test_what_is_said_while_the_last_reading_is_awaited_is_heard_as_the_next_turn() -> None:
    async def play(call: Call) -> None:
        gate = call.recognizer.streams[0].gate = asyncio.Event()
        await call.speaks(1)
        await call.is_silent(0.8)
        await call.speaks(0.3)
        await call.is_silent(0.1)
        gate.set()
        await call.news()
        assert call.stream_frames == 25  # all since the turn before was over
        await call.is_silent(0.9)
        while len(call.events) < 4:
            await call.news()

    assert on_a_call(play, "my card number is", "four four") == [
        SpeechStarted(0.0),
        Heard("my card number is", times=TurnTimes(0.0, 1.0, 0.7, 0.5), engine="scripted"),
        SpeechStarted(1.8),
        Heard("four four", times=TurnTimes(1.8, 2.1, 0.7, 0.3), engine="scripted"),
    ]


def test_the_reading_that_makes_sense_is_the_one_heard() -> None:
    async def play(call: Call) -> None:
        await call.speaks(1)
        await call.is_silent(1)
        await call.news()

    (_, heard) = on_a_call(play, words("black my car", "block my card"), meanings={"block my card": DONE})
    assert heard == Heard(
        "block my card", 0.9, (Hypothesis("black my car", 1.0),), (), DONE, TurnTimes(0.0, 1.0, 0.7, 0.3), "scripted"
    )


def test_sound_without_words_is_heard_as_nothing() -> None:
    understanding = Understands()

    async def play(call: Call) -> None:
        await call.speaks(0.3)
        await call.is_silent(2)
        await call.news()

    assert on_a_call(play, "", understanding=understanding) == [
        SpeechStarted(0.0),
        Heard("", 0.0, times=TurnTimes(0.0, 0.3, 0.7, 1.3), engine="scripted"),
    ]
    assert understanding.asked == []


def test_a_recognizer_that_breaks_fails_one_turn_only() -> None:
    async def play(call: Call) -> None:
        for _ in range(2):
            await call.speaks(0.5)
            await call.is_silent(1.5)
            await call.news()

    assert on_a_call(play, Breaks(), words("yes", fits=True)) == [
        SpeechStarted(0.0),
        HearingFailed("broken"),
        SpeechStarted(2.0),
        Heard("yes", times=TurnTimes(2.0, 2.5, 0.7, 0.8), engine="scripted"),
    ]


def test_a_recognizer_that_hangs_is_replaced() -> None:
    async def play(call: Call) -> None:
        await call.speaks(0.5)
        await call.is_silent(1.5)
        assert await call.news() == HearingFailed("slow")
        assert len(call.recognizer.streams) == 2

    settings = HearingSettings(recognition_limit=0.01)
    assert on_a_call(play, Hangs(), settings=settings) == [SpeechStarted(0.0), HearingFailed("slow")]


def test_after_a_hang_the_rest_of_the_turn_is_lost_too() -> None:
    async def play(call: Call) -> None:
        await call.speaks(0.5)
        await call.is_silent(0.2)
        while len(call.recognizer.streams) < 2:
            await asyncio.wait_for(asyncio.shield(asyncio.get_running_loop().run_in_executor(None, int)), 1)
        await call.speaks(0.5)
        await call.is_silent(1.5)
        assert await call.news() == HearingFailed("slow")

    on_a_call(play, Hangs(), settings=HearingSettings(recognition_limit=0.01))


def test_an_understanding_that_breaks_fails_the_turn() -> None:
    async def play(call: Call) -> None:
        await call.speaks(0.5)
        await call.is_silent(1.5)
        await call.news()

    assert on_a_call(play, "yes", understanding=Fails())[-1] == HearingFailed("broken")


def test_a_recognizer_that_is_missing_fails_each_turn() -> None:
    def missing(language: str) -> ScriptedRecognizer:
        raise ModelMissing("no model here")

    async def play(call: Call) -> None:
        for _ in range(2):
            await call.speaks(0.5)
            await call.is_silent(1.5)
            await call.news()

    failed = HearingFailed("missing")
    events = on_a_call(play, open_stream=missing)  # type: ignore[arg-type]
    assert events == [SpeechStarted(0.0), failed, SpeechStarted(2.0), failed]


def test_at_a_secret_step_nothing_is_recognized() -> None:
    async def play(call: Call) -> None:
        call.ears.expect(Expect(kind="digits", secret=True))
        await call.speaks(0.5)
        await call.is_silent(2)
        await call.news()
        assert call.recognizer.streams[0].readings == []

    assert on_a_call(play, "four two") == [
        SpeechStarted(0.0),
        Heard("", 0.0, times=TurnTimes(0.0, 0.5, 1.2, 0.8)),
    ]


def test_what_a_step_expects_reaches_the_recognizer_and_another_language_opens_another() -> None:
    async def play(call: Call) -> None:
        call.ears.expect(Expect(step="one"))
        call.ears.expect(Expect(step="two", language="zh"))
        english, chinese = call.recognizer.streams
        assert english.expected == [Expect(), Expect(step="one")]
        assert chinese.expected == [Expect(step="two", language="zh")]

    assert on_a_call(play) == []


def test_words_so_far_of_a_streaming_engine_are_told_when_they_change() -> None:
    async def play(call: Call) -> None:
        call.recognizer.streams[0].partials.extend(["block", "block my"])
        await call.speaks(0.6)
        assert await call.news() == PartialHeard("block")
        await call.speaks(1.0)
        assert await call.news() == PartialHeard("block my")

    assert on_a_call(play)[1:] == [PartialHeard("block"), PartialHeard("block my")]


def test_events_wait_in_order_until_they_are_fetched() -> None:
    async def play(call: Call) -> None:
        call.recognizer.streams[0].partials.append("block")
        await call.speaks(0.6)
        assert await call.news() == PartialHeard("block")
        await call.is_silent(0.8)
        await asyncio.to_thread(int)
        await call.news()
        await call.is_silent(0.5)

    assert on_a_call(play, "block my card", meanings={"block my card": DONE}) == [
        SpeechStarted(0.0),
        PartialHeard("block"),
        Heard("block my card", meaning=DONE, times=TurnTimes(0.0, 0.6, 0.7, 0.1), engine="scripted"),
    ]


@pytest.mark.parametrize("own", [QUIETEST_DBFS, -20.0])
def test_silence_is_no_event(own: float) -> None:
    async def play(call: Call) -> None:
        await call.is_silent(60, own)

    assert on_a_call(play, "yes") == []


def test_a_caller_who_is_not_done_when_the_call_ends_is_let_go() -> None:
    async def play(call: Call) -> None:
        await call.speaks(0.6)
        await call.is_silent(0.2)

    assert on_a_call(play, Hangs()) == [SpeechStarted(0.0)]
