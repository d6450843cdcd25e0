"""What others see of a call while it lives: the live view, and the figures for Prometheus."""

from dataclasses import dataclass

from ivr.call.reception import Reception
from ivr.model.calls import CallRecord
from ivr.model.commands import Command, Listen, Say
from ivr.model.events import CallEvent, CallStalled, DigitPressed, Heard, HearingFailed, PlaybackStarted, SpeakingFailed
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters


@dataclass(slots=True)
class CallWatch:
    """Implements `Watcher` and `Watching`."""

    live: LiveCalls
    meters: Meters
    reception: Reception | None = None

    def began(self, record: CallRecord) -> None:
        self.meters.live_calls.inc()
        self.live.began(record.call_id, flow=record.flow, language=record.language, leg=record.leg.kind)

    def ended(self, record: CallRecord) -> None:
        self.meters.live_calls.dec()
        self.meters.call_ended(record)
        self.meters.dropped_frames.labels("hearing").inc(record.stats.get("dropped_frames", 0))
        survey = record.survey
        self.live.ended(record.call_id, end_reason=record.end_reason, survey=survey.status if survey else "")

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        match what:
            case Heard(text=text, confidence=confidence, engine=engine) if text:
                self.meters.recognition_seconds.labels(engine).observe(what.times.recognizing)
                self.live.happened("heard", call_id, at=at, text=text, confidence=round(confidence, 3))
            case DigitPressed(digit=digit):
                self.live.happened("key", call_id, at=at, key=digit)
            case Say(text=text, utterance=number):
                self.live.happened("said", call_id, at=at, text=text, utterance=number)
            case PlaybackStarted():
                self._answered(call_id, at)
            case Listen(expect=expect):
                self.live.happened("step", call_id, at=at, step=expect.step, waits_for=expect.kind)
            case HearingFailed(reason=reason):
                self.meters.recognizer_failures.labels(reason).inc()
            case SpeakingFailed():
                self.meters.voice_failures.inc()
            case CallStalled():
                self.meters.stalls.inc()
            case _:
                pass

    def _answered(self, call_id: str, at: float) -> None:
        """The first sound of an answer: how long the caller waited for it."""
        call = self.reception.live.get(call_id) if self.reception else None
        turn = call.log.turns[-1] if call and call.log.turns else None
        if turn and turn.answered_at is not None and abs(turn.answered_at - at) < 1e-6:
            self.live.happened("answered", call_id, at=at, turn=turn.number, latency=dict(turn.latency))
