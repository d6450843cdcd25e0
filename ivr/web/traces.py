"""OpenTelemetry: one trace for each call, one span for each turn, with what the caller waited for below it.

Spans are made from the finished record, with the times at which things happened: nothing is measured twice, and a call
pays nothing while it lives. No span holds words, keys or numbers of a caller. Needs the extra `telemetry`.
"""

from collections.abc import Mapping
from datetime import datetime

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context

from ivr.model.calls import CallRecord, Turn

PARTS = (
    ("hearing", ("end_of_turn", "recognition")),
    ("understanding_and_flow", ("understanding_and_flow",)),
    ("speaking", ("first_audio",)),
)
"""Spans below a turn, one after the other from the caller's last word on, and the latencies each consists of. What the
recognizer took to understand is part of `recognition` (`ivr.model.events.TurnTimes`); the rest is flow."""

FAILED = frozenset({"error", "silent_line"})
"""End reasons that mark the trace as failed."""

Attributes = Mapping[str, str | bool | int | float]


class CallTraces:
    """Implements `ivr.call.reception.Watching`."""

    def __init__(self, exporter: SpanExporter, service: str = "ivr", share: float = 1.0) -> None:
        """
        Args:
            exporter: where spans go; sent in batches by a thread of its own, dropped where the other end is away.
            share: of the calls that are traced, 0 to 1.
        """
        resource = Resource.create({"service.name": service})
        self._provider = TracerProvider(sampler=TraceIdRatioBased(share), resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer: Tracer = self._provider.get_tracer("ivr")

    def began(self, record: CallRecord) -> None:
        """Nothing yet: see the module."""

    def ended(self, record: CallRecord) -> None:
        if record.answered_at is None or record.ended_at is None:
            return
        began = _nanoseconds(record.answered_at)
        call = self._tracer.start_span("call", start_time=_nanoseconds(record.arrived_at), attributes=_of_call(record))
        if record.end_reason in FAILED:
            call.set_status(Status(StatusCode.ERROR, record.end_reason))
        for turn in record.turns:
            if turn.number:
                self._turn(call, turn, began)
        call.end(_nanoseconds(record.ended_at))

    def flush(self, seconds: float = 5.0) -> bool:
        """Send what waits. Blocks; False: not all of it went."""
        return self._provider.force_flush(int(seconds * 1000))

    def close(self) -> None:
        """Send what waits and stop. Blocks for seconds where the other end is away."""
        self._provider.shutdown()

    def _turn(self, call: Span, turn: Turn, began: int) -> None:
        below = set_span_in_context(call)
        span = self._tracer.start_span(
            "turn", below, start_time=_after(began, turn.began_at), attributes=_of_turn(turn)
        )
        at = turn.ended_at
        for name, parts in PARTS:
            seconds = sum(turn.latency.get(part, 0.0) for part in parts)
            if any(part in turn.latency for part in parts):
                part_span = self._tracer.start_span(name, set_span_in_context(span), start_time=_after(began, at))
                part_span.end(_after(began, at + seconds))
            at += seconds
        span.end(_after(began, max(turn.answered_at or turn.ended_at, turn.began_at)))


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6) * 1000


def _after(began: int, seconds: float) -> int:
    return began + round(seconds * 1e9)


def _of_call(record: CallRecord) -> Attributes:
    survey = record.survey.status if record.survey else ""
    return {
        "ivr.call_id": record.call_id,
        "ivr.leg": record.leg.kind,
        "ivr.direction": record.direction,
        "ivr.flow": record.flow,
        "ivr.flow_version": record.flow_version,
        "ivr.language": record.language,
        "ivr.end_reason": record.end_reason,
        "ivr.handled_by": record.handled_by,
        "ivr.escalation_reason": record.escalation_reason,
        "ivr.survey_status": survey,
        "ivr.queue_seconds": float(record.stats.get("queue_seconds", 0.0)),
        "ivr.talk_seconds": float(record.stats.get("talk_seconds", 0.0)),
    }


def _of_turn(turn: Turn) -> Attributes:
    return {
        "ivr.turn": turn.number,
        "ivr.step": turn.step,
        "ivr.intent": turn.intent,
        "ivr.by_keys": bool(turn.keys),
        "ivr.engine": turn.engine,
        "ivr.confidence": turn.confidence,
        "ivr.intent_confidence": turn.intent_confidence,
        "ivr.no_match": turn.no_match,
        "ivr.interrupted": turn.interrupted,
        **{f"ivr.seconds.{part}": seconds for part, seconds in turn.latency.items()},
    }
