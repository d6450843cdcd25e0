"""Hearing for one call: sound in, events out. Joins voice activity, turn taking, recognition and understanding."""

import asyncio
from collections import deque
from concurrent.futures import Executor
from typing import assert_never

from asr.endings import judge
from asr.meter import SoundMeter, SpeechDetector
from asr.reading_workers import OpenStream, Reader, Reading
from asr.settings import HearingSettings
from asr.turns import Decision, Read, TurnBegan, TurnEnded, TurnTaker, WentOn
from ivr.model.audio import FRAME_SECONDS, AudioFrame
from ivr.model.events import CallEvent, Heard, HearingFailed, PartialHeard, SpeechStarted, TurnTimes
from ivr.model.meaning import Expect, Hypothesis
from ivr.model.ports import Understanding

DECISION_SECONDS = 0.4
"""Longest time from the first sure frame of speech to the decision that a turn began."""


class SpeechEars:
    """Implements `ivr.model.ports.Ears`."""

    def __init__(
        self,
        *,
        detector: SpeechDetector,
        open_stream: OpenStream,
        understanding: Understanding,
        threads: Executor,
        rate: int,
        language: str = "en",
        settings: HearingSettings | None = None,
    ) -> None:
        """`detector` belongs to this call (it remembers the sound before); `threads` are shared by all calls;
        `open_stream` opens a recognizer at `rate` for a language.
        """
        self._settings = settings = settings or HearingSettings()
        self._meter = SoundMeter(detector, rate, settings)
        self._turns = TurnTaker(settings)
        self._reader = Reader(
            open_stream, language, understanding, threads, settings.recognition_limit, self._reading_done
        )
        longest = settings.preroll + settings.lead + DECISION_SECONDS + settings.recognition_limit
        self._kept: deque[AudioFrame] = deque(maxlen=round(longest / FRAME_SECONDS))
        self._now = 0.0
        self._reading: Reading | None = None
        self._last_partial = ""
        self._partial_due = 0.0
        self._partial_task: asyncio.Task[None] | None = None
        self._events: deque[CallEvent] = deque()
        self._some_event = asyncio.Event()

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        """Take 20 ms of sound; returns every event ready by now."""
        self._now += frame.seconds
        self._kept.append(frame)
        if self._turns.takes_sound:
            self._reader.feed(frame)
        self._act(self._turns.hear(self._meter.measure(frame, own_level_dbfs)))
        if self._turns.takes_sound and self._now >= self._partial_due and not self._reader.is_busy:
            self._ask_partial()
        events = list(self._events)
        self._forget_events()
        return events

    def expect(self, expect: Expect) -> None:
        """What the step waits for, from now on."""
        self._turns.expect = expect
        self._reader.expect(expect)

    async def news(self) -> CallEvent:
        """The next event; one that `hear` has returned does not come again."""
        while not self._events:
            await self._some_event.wait()
        event = self._events.popleft()
        if not self._events:
            self._some_event.clear()
        return event

    async def close(self) -> None:
        if self._partial_task:
            self._partial_task.cancel()
            await asyncio.gather(self._partial_task, return_exceptions=True)
        await self._reader.close()

    def _act(self, decisions: tuple[Decision, ...]) -> None:
        for decision in decisions:
            match decision:
                case TurnBegan(at):
                    self._begin(at)
                case Read(number, final):
                    self._reader.read(number, final=final)
                    if final:
                        self._kept.clear()
                case WentOn():
                    self._reading = None
                    self._reader.give_up()
                case TurnEnded():
                    self._end(decision)
                case _:
                    assert_never(decision)

    def _begin(self, at: float) -> None:
        wanted = round((self._now - at + self._settings.preroll) / FRAME_SECONDS)
        self._reader.begin(list(self._kept)[-wanted:])
        self._reading = None
        self._last_partial = ""
        self._partial_due = self._now + self._settings.partial_every
        self._tell(SpeechStarted(at))

    def _reading_done(self, reading: Reading) -> None:
        self._reading = reading
        expect, seconds = self._turns.expect, reading.seconds
        decisions = self._turns.read(judge(reading.number, reading.recognition, reading.meaning, expect, seconds))
        if not decisions and self._turns.in_turn:
            self._tell_partial(reading.recognition.text)
        self._act(decisions)

    def _end(self, end: TurnEnded) -> None:
        reading, self._reading = self._reading, None
        assert reading is not None, "a turn ends only with a reading"
        if reading.failure:
            self._tell(HearingFailed(reading.failure))
            return
        recognition, meaning = reading.recognition, reading.meaning
        best = next((h for h in recognition.hypotheses if h.text == meaning.text), None) or (
            recognition.hypotheses[0] if recognition.hypotheses else Hypothesis("", 0.0)
        )
        self._tell(
            Heard(
                best.text,
                best.confidence,
                tuple(other for other in recognition.hypotheses if other is not best),
                recognition.words,
                meaning,
                TurnTimes(end.began, end.ended, end.waited, end.recognizing),
                recognition.engine,
            )
        )

    def _ask_partial(self) -> None:
        self._partial_due = self._now + self._settings.partial_every
        if self._partial_task is None or self._partial_task.done():
            self._partial_task = asyncio.create_task(self._partial())

    async def _partial(self) -> None:
        text = await self._reader.partial()
        if self._turns.takes_sound:
            self._tell_partial(text)

    def _tell_partial(self, text: str) -> None:
        if text and text != self._last_partial:
            self._last_partial = text
            self._tell(PartialHeard(text))

    def _tell(self, event: CallEvent) -> None:
        self._events.append(event)
        self._some_event.set()

    def _forget_events(self) -> None:
        self._events.clear()
        self._some_event.clear()
