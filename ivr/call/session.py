"""Run one live call: the thin async shell round the conductor.

Everything goes through one mailbox with one reader, so a call needs no locks. Nothing that fails here ends a call but
the line itself.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

import structlog

from ivr.call.call_time import in_call_time
from ivr.call.consent import CONSENT_NOTE
from ivr.call.dictaphone import Dictaphone
from ivr.call.errands import Errands
from ivr.call.guest import WaitingCaller
from ivr.call.live import LiveCall, Surroundings
from ivr.call.liveness import Liveness
from ivr.call.record import SURVEY_NOTE
from ivr.call.recording import start_recording
from ivr.call.speaking import OURS, Mouth
from ivr.call.witness_workers import Witnesses
from ivr.model.audio import AudioFrame
from ivr.model.commands import (
    CancelTimer,
    Command,
    Fetch,
    HangUp,
    HoldMusic,
    JoinQueue,
    LeaveQueue,
    Listen,
    Note,
    Say,
    StartTimer,
    StopSpeaking,
    TakeMessage,
    Transfer,
)
from ivr.model.events import (
    CallerHungUp,
    CallEvent,
    CallStalled,
    DigitPressed,
    Heard,
    HearingFailed,
    PlaybackFinished,
    PlaybackStarted,
)
from ivr.model.meaning import Expect
from ivr.model.ports import Ears, Line

log = structlog.get_logger(__name__)

SOUND_BACKLOG = 250
"""Frames (5 s) that may wait for hearing; beyond it the newest is dropped and counted, never an event."""

WATCH_SECONDS = 0.25
GOODBYE_SECONDS = 1.0
"""After we hung up, the line has this long to say so; then everything is freed anyway."""


class Session:
    """One line of a live call. `run` returns when the line is gone: then `call.away` tells whether it may come back."""

    def __init__(self, call: LiveCall, line: Line, ears: Ears, around: Surroundings) -> None:
        self.call, self.line, self.ears, self.around = call, line, ears, around
        # Unbounded on purpose: events are few, and the one reader also posts to it.
        self._mailbox: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._sound: asyncio.Queue[AudioFrame] = asyncio.Queue(SOUND_BACKLOG)
        self._mouth = Mouth(line, around.voice, around.hold, self._mailbox.put_nowait)
        self._guest = WaitingCaller(call, line, self._mouth, self._mailbox.put_nowait)
        self._joined_at = self._now()
        """When this line's media began, in seconds since the call was answered: ears count from there."""

        self._dictaphone = Dictaphone(call, self._mouth, around, ears.expect, self._joined_at)
        self._witnesses = Witnesses(call, around)
        self._errands = Errands(self._guest, self._dictaphone, around, self._mailbox.put_nowait)
        self._liveness = Liveness(around.patience)
        self._gone = False
        """The line has ended."""

    async def run(self, first: CallEvent) -> None:
        """Hold the call from `first` (answered, or back from a transfer) until the line is gone."""
        self._mailbox.put_nowait(first)
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = [
                    tasks.create_task(work, name=name)
                    for name, work in (
                        ("receive", self._receive()),
                        ("hear", self._hear()),
                        ("news", self._news()),
                        ("talk", self._talk()),
                        ("watch", self._watch()),
                    )
                ]
                await self._follow_events()
                for helper in helpers:
                    helper.cancel()
        finally:
            self._witnesses.entry_over()
            self._guest.leave()
            await self._errands.stop()
            await self._dictaphone.close()
            await self.ears.close()

    # -- the five tasks

    async def _follow_events(self) -> None:
        while not self._gone:
            event = await self._mailbox.get()
            await self._handle(event)
        log.info("line ended", call_id=self.call.call_id, away=self.call.away)

    async def _receive(self) -> None:
        """Keep up with the line whatever recognition does: a digit never waits behind sound."""
        try:
            async for item in self.line.incoming():
                if not isinstance(item, AudioFrame):
                    self._arrived(item)
                    continue
                self._guest.said(item)
                self._dictaphone.heard(item)
                if not self._sound.full():
                    self._sound.put_nowait(item)
                else:
                    self.call.dropped_frames += 1
        except Exception:
            log.exception("line failed", call_id=self.call.call_id)
            self._mailbox.put_nowait(CallerHungUp("network"))

    def _arrived(self, event: CallEvent) -> None:
        """From the line. Of music, beeps and rooms nobody needs to know when they are heard."""
        if isinstance(event, PlaybackFinished):
            self._mouth.finished(event.utterance)
        if not isinstance(event, PlaybackStarted | PlaybackFinished) or event.utterance < OURS:
            self._mailbox.put_nowait(event)

    async def _hear(self) -> None:
        while True:
            frame = await self._sound.get()
            try:
                for event in await self.ears.hear(frame, self.line.level_heard()):
                    self._mailbox.put_nowait(in_call_time(event, self._joined_at))
            except Exception:
                log.exception("hearing failed", call_id=self.call.call_id)
                self._mailbox.put_nowait(HearingFailed("ears"))

    async def _news(self) -> None:
        while True:
            try:
                self._mailbox.put_nowait(in_call_time(await self.ears.news(), self._joined_at))
            except Exception:
                log.exception("hearing failed", call_id=self.call.call_id)
                self._mailbox.put_nowait(HearingFailed("ears"))
                await asyncio.sleep(WATCH_SECONDS)  # ears that break at once, again and again, must not fill the call

    async def _talk(self) -> None:
        while True:
            try:
                await self._mouth.run()
            except Exception:
                log.exception("speaking failed", call_id=self.call.call_id)  # the mouth has told which utterance

    async def _watch(self) -> None:
        """Never silent: whatever stalls becomes an event like any other."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if what := self._liveness.stalled(self._now()):
                log.warning("call stalled", call_id=self.call.call_id, what=what)
                self._mailbox.put_nowait(CallStalled(what))

    # -- one event

    async def _handle(self, event: CallEvent) -> None:
        if isinstance(event, CallerHungUp):
            self._gone = True
            if self.call.away:
                return  # the line left with the transfer; the caller has not hung up
        if isinstance(event, Heard) and event.text:
            event = replace(event, mood=self.around.feel(self.call.call_id, event.text))
        self._note(event, self._now())
        for command in self._decide(event):
            await self._perform(command)
            if self._gone:
                break

    def _decide(self, event: CallEvent) -> list[Command]:
        conductor = self.call.conductor
        try:
            commands = conductor.handle(event)
        except Exception:
            log.exception("the conductor failed", call_id=self.call.call_id, kind=type(event).__name__)
            if self.call.recorder:
                self.call.recorder.resume()  # whatever secret was asked for is not asked for any more
            commands = conductor.rescue(self.around.apologies)
        if isinstance(event, Heard | DigitPressed) and (progress := conductor.progress):
            confidence = event.meaning.confidence if isinstance(event, Heard) else 1.0
            self.call.log.understood(progress.path[0] if progress.path else conductor.state.step,
                                     progress.intent, confidence, matched=progress.matched)  # fmt: skip
            if not any(isinstance(command, Say | Fetch | StartTimer) for command in commands):
                self.call.log.left_unanswered()
        return commands

    def _note(self, event: CallEvent, at: float) -> None:
        """Journal, record, watchdog and watchers all see the same thing; secrets none of them."""
        self._witnesses.saw(event, at)
        self._liveness.saw(event, at)
        self._dictaphone.saw(event)
        self._errands.saw(event)

    async def _perform(self, command: Command) -> None:
        at = self._now()
        shown = self._witnesses.did(command, at)
        self._liveness.did(command, at)
        try:
            # What goes on to the store or to other people is what may be shown.
            await self._carry_out(shown if isinstance(command, Note | JoinQueue | Transfer) else command)
        except Exception:
            # What stays undone is noticed by the watchdog, and the flow apologises.
            log.exception("a command failed", call_id=self.call.call_id, kind=type(command).__name__)

    async def _carry_out(self, command: Command) -> None:
        match command:
            case Say():
                self._mouth.say(command)
            case StopSpeaking():
                await self._mouth.stop()
            case Listen(expect=expect):
                self._listen(expect)
            case Note(name=name, value=value) if name.startswith(SURVEY_NOTE):
                await self._keep_answer(name.removeprefix(SURVEY_NOTE), value)
            case Note(name=name, value="yes") if name == CONSENT_NOTE:
                start_recording(self.call, self.line, self._joined_at)
            case HoldMusic(playing=playing, queue=queue):
                self._music_of(queue)
                self._mouth.hold(playing)
            case Transfer():
                await self._transfer(command)
            case HangUp():
                await self._hang_up()
            case JoinQueue(queue=queue):
                self._music_of(queue)
                self._errands.run(command)
            case StartTimer() | CancelTimer() | Fetch() | LeaveQueue() | TakeMessage():
                self._errands.run(command)
            case Note():
                pass

    # -- what commands need

    def _music_of(self, queue: str) -> None:
        if queue:
            self._mouth.tune(self.around.queue_hold.get(queue, self.around.hold))

    def _listen(self, expect: Expect) -> None:
        if self.call.recorder:
            (self.call.recorder.pause if expect.secret else self.call.recorder.resume)()
        self.ears.expect(expect)

    async def _keep_answer(self, name: str, value: str) -> None:
        """On disk before the next question is heard; a store that fails does not stop the survey."""
        try:
            await self.around.store.keep_survey_answer(self.call.call_id, name, value)
        except Exception:
            log.exception("survey answer not kept", call_id=self.call.call_id)

    async def _transfer(self, command: Transfer) -> None:
        target = self.around.directory.get(command.target, "")
        if target and await self.line.transfer(target, command.timeout_seconds):
            self.call.away = True
            return
        self._errands.run(command)

    async def _hang_up(self) -> None:
        """The line says it is gone; if it does not, we go on without it."""
        await self.line.hang_up()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                while not self._gone:
                    event = await self._mailbox.get()
                    self._note(event, self._now())
                    self._gone = isinstance(event, CallerHungUp)
        if not self._gone:
            self._note(CallerHungUp("system"), self._now())
            self._gone = True

    def _now(self) -> float:
        return self.around.clock.now() - self.call.answered_at
