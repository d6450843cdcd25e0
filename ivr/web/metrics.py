"""`/metrics`: the figures of this server for Prometheus. No label ever carries a caller, a number or words."""

from collections.abc import Callable, Mapping
from typing import Protocol

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ivr.model.calls import CallRecord

LATENCY_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 12.0)
"""Seconds, with an edge at every goal of domain.md 2.9.1 (0.8, 1.2, 1.5, 12)."""

CALL_BUCKETS = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)

NOT_TAKEN = frozenset({"unknown_number", "no_room", "rescued"})
"""What befalls callers; everything else that is refused is a fault of who knocks."""

SCALES: Mapping[str, frozenset[str]] = {
    "csat": frozenset("12345"),
    "ces": frozenset("12345"),
    "nps": frozenset(map(str, range(11))),
    "resolved": frozenset({"yes", "no"}),
}
"""Questions whose answers are counted one by one."""

MOST_OUTCOMES = 100
"""Different outcomes told apart; further ones are counted as `other`."""


class RoomTicks(Protocol):
    """How well the ticks of rooms come; `ivr.call.rooms.Punctuality` is one."""

    late: int
    dropped_frames: int

    def read_worst(self) -> float:
        """Seconds; the next answer is about what comes after this one."""


class Meters:
    """Every figure we keep, in a registry of its own, so that two servers in one program do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._outcomes: set[str] = set()
        own = self.registry
        self.live_calls = Gauge("ivr_live_calls", "Calls on the line now", registry=own)
        self.calls = Counter("ivr_calls", "Calls ended", ["flow", "outcome", "end_reason", "handled_by"], registry=own)
        self.calls_refused = Counter(
            "ivr_calls_refused", "Calls not taken: no_room, unknown_number …", ["why"], registry=own
        )
        self.surveys = Counter("ivr_surveys", "Survey records by status", ["status"], registry=own)
        self.survey_answers = Counter(
            "ivr_survey_answers", "Answers on a scale: csat and ces 1 to 5, nps 0 to 10, resolved yes or no",
            ["question", "answer"], registry=own,
        )  # fmt: skip
        self.call_seconds = Histogram("ivr_call_seconds", "Length of calls", buckets=CALL_BUCKETS, registry=own)
        self.turn_seconds = Histogram(
            "ivr_turn_latency_seconds", "End of the caller's words to the first sound of the answer, by part",
            ["part"], buckets=LATENCY_BUCKETS, registry=own,
        )  # fmt: skip
        self.turns = Counter("ivr_turns", "Turns by result: matched, no_match", ["result"], registry=own)
        self.barge_ins = Counter("ivr_barge_ins", "Prompts the caller spoke over", registry=own)
        self.recognition_seconds = Histogram(
            "ivr_recognition_seconds", "Recognition that the caller waited for", ["engine"],
            buckets=LATENCY_BUCKETS, registry=own,
        )  # fmt: skip
        self.recognizer_failures = Counter(
            "ivr_recognizer_failures", "Turns lost to hearing: broken, slow, missing", ["why"], registry=own
        )
        self.voice_failures = Counter("ivr_voice_failures", "Utterances no voice could say", registry=own)
        self._count_troubles(own)

    def _count_troubles(self, own: CollectorRegistry) -> None:
        self.dropped_frames = Counter(
            "ivr_dropped_frames", "Frames of sound dropped, by where", ["where"], registry=own
        )
        self.ignored_messages = Counter(
            "ivr_ignored_messages", "Messages of lines ignored, by kind", ["kind"], registry=own
        )
        self.webhook_rejections = Counter(
            "ivr_webhook_rejections", "Webhooks turned away, by why", ["why"], registry=own
        )
        self.store_troubles = Counter("ivr_store_troubles", "Failures of the store, by kind", ["kind"], registry=own)
        self.stalls = Counter("ivr_stalls", "Times the watchdog had to speak", registry=own)
        self.mood_alerts = Counter(
            "ivr_mood_alerts", "Callers whose mood gave an alert, by level and cause", ["level", "cause"], registry=own
        )
        self.live_missed = Counter(
            "ivr_live_events_missed", "Events that slow watchers of live calls missed", registry=own
        )

    def watch_rooms(self, ticks: RoomTicks) -> None:
        """Tell how punctual the rooms are where people meet. Once for a server."""
        told: dict[str, tuple[str, Callable[[], float]]] = {
            "ivr_room_worst_tick_seconds": ("Latest tick of a room since this was last asked", ticks.read_worst),
            "ivr_room_late_ticks": ("Ticks so late that the time in between was left out", lambda: ticks.late),
            "ivr_room_dropped_frames": ("Frames a line was too slow to fetch", lambda: ticks.dropped_frames),
        }
        for name, (what, read) in told.items():
            Gauge(name, what, registry=self.registry).set_function(read)

    def store_trouble(self, kind: str) -> None:
        """Fits `on_trouble` of `ivr.store.calls.open_store`."""
        self.store_troubles.labels(kind).inc()

    def refused(self, why: str) -> None:
        """At the door of a telephone line; fits `telephony.twilio_door.Counts`, as does `ignored`."""
        (self.calls_refused if why in NOT_TAKEN else self.webhook_rejections).labels(why).inc()

    def ignored(self, kind: str, count: int) -> None:
        self.ignored_messages.labels(kind).inc(count)

    def turn(self, latency: Mapping[str, float]) -> None:
        """Seconds of one turn by part, as in `ivr.model.calls.Turn.latency`."""
        for part, seconds in latency.items():
            self.turn_seconds.labels(part).observe(seconds)

    def call_ended(self, record: CallRecord) -> None:
        """Everything a finished record tells: outcome, length, turns with their latencies, survey."""
        self.calls.labels(record.flow, self._known(record.outcome), record.end_reason, record.handled_by).inc()
        if record.survey:
            self.surveys.labels(record.survey.status).inc()
            for question, answer in record.survey.answers.items():
                if answer in SCALES.get(question, ()):
                    self.survey_answers.labels(question, answer).inc()
        if record.answered_at and record.ended_at:
            self.call_seconds.observe((record.ended_at - record.answered_at).total_seconds())
        for turn in record.turns:
            self.turn(turn.latency)
            self.turns.labels("no_match" if turn.no_match else "matched").inc()
            self.barge_ins.inc(turn.interrupted)

    def _known(self, outcome: str) -> str:
        """Outcomes are the flows' own words; a flow that makes one up for every call must not flood Prometheus."""
        if len(self._outcomes) < MOST_OUTCOMES:
            self._outcomes.add(outcome)
        return outcome if outcome in self._outcomes else "other"


def metrics_router(meters: Meters) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)

    return router
