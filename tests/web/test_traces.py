"""A real call leaves one trace: a span for each turn, and below it hearing, flow and speaking, one after the other."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from ivr.model.calls import CallRecord
from ivr.web.traces import CallTraces
from tests.call.fakes import FRAME, ScriptEars
from tests.call.test_conductor import SURVEY
from tests.call.test_reception import Call, run
from tests.insight.kept_calls import NINE, Script

WORDS = ("book", "friday", "five", "+15550100", "+15550199")


def exported(*records: CallRecord, share: float = 1.0) -> tuple[ReadableSpan, ...]:
    memory = InMemorySpanExporter()
    traces = CallTraces(memory, share=share)
    for record in records:
        traces.began(record)
        traces.ended(record)
    assert traces.flush()
    found = memory.get_finished_spans()
    traces.close()
    return found


def test_a_real_call_is_one_trace_with_a_span_for_each_turn_and_no_words() -> None:
    call = Call(ScriptEars("book", "friday", "five"), survey=SURVEY)
    traces, memory = None, InMemorySpanExporter()
    traces = CallTraces(memory)
    call.reception.watching = (traces,)
    record = run(call, (2, (FRAME,)), (1, (FRAME,)), (2, (FRAME,)), (1, ()))
    assert traces.flush()
    spans = memory.get_finished_spans()
    traces.close()
    assert len({span.context.trace_id for span in spans if span.context}) == 1
    root = next(span for span in spans if span.name == "call")
    turns = [span for span in spans if span.name == "turn"]
    assert root.parent is None
    assert root.attributes
    assert root.attributes["ivr.call_id"] == record.call_id
    assert [span.attributes and span.attributes["ivr.turn"] for span in turns] == [1, 2, 3]
    assert all(span.parent and root.context and span.parent.span_id == root.context.span_id for span in turns)
    assert {span.name for span in spans} == {"call", "turn", "hearing", "understanding_and_flow", "speaking"}
    shown = " ".join(span.to_json() for span in spans)
    assert not [word for word in WORDS if f'"{word}"' in shown]


def test_spans_lie_where_the_time_went() -> None:
    script = Script().says("my balance", "hotline.b", "balance")
    turn = replace(script.turns[1], latency={
        "end_of_turn": 0.4, "recognition": 0.1, "understanding_and_flow": 0.2, "first_audio": 0.3, "total": 1.0,
    })  # fmt: skip
    script.turns[1] = turn
    spans = {span.name: span for span in exported(script.call().record)}
    begin = round(NINE.timestamp() * 1e9)
    times = {name: ((span.start_time or 0) - begin, (span.end_time or 0) - begin) for name, span in spans.items()}
    assert {name: (begun / 1e9, ended / 1e9) for name, (begun, ended) in times.items()} == {
        "call": (0.0, 15.0),
        "turn": (7.0, 10.0),
        "hearing": (9.0, 9.5),
        "understanding_and_flow": (9.5, 9.7),
        "speaking": (9.7, 10.0),
    }


def test_a_turn_without_an_answer_a_failed_call_and_one_never_answered() -> None:
    keyed = Script().presses("1").call("error").record
    spans = {span.name: span for span in exported(keyed)}
    assert set(spans) == {"call", "turn"}
    assert spans["call"].status.status_code == StatusCode.ERROR
    assert exported(replace(keyed, answered_at=None), replace(keyed, ended_at=None)) == ()


def test_no_call_is_traced_where_none_is_wanted() -> None:
    assert exported(Script().call().record, share=0.0) == ()


def test_closing_sends_what_waits() -> None:
    memory = InMemorySpanExporter()
    traces = CallTraces(memory)
    traces.ended(Script().call().record)
    asyncio.run(asyncio.to_thread(traces.close))
    assert [span.name for span in memory.get_finished_spans()] == ["call"]


@contextmanager
def receiver() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector that takes OTLP over HTTP as the protocol says; its address, and what it was sent."""
    taken: list[ExportTraceServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            body = self.rfile.read(int(self.headers["content-length"]))
            plain = gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
            taken.append(ExportTraceServiceRequest.FromString(plain))
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *ignored: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1/traces", taken
        finally:
            server.shutdown()
            thread.join()


def test_a_collector_gets_one_trace_for_each_call_over_otlp_with_the_turns_below_it() -> None:
    first = Script("c1").says("my balance", "hotline.b", "balance").presses("1").call().record
    second = Script("c2").says("a person", "hotline.greet").call().record
    with receiver() as (address, taken):
        traces = CallTraces(OTLPSpanExporter(endpoint=address), "bank")
        for record in (first, second):
            traces.ended(record)
        assert traces.flush()
        traces.close()
    (batch,) = [one for request in taken for one in request.resource_spans]
    assert [(one.key, one.value.string_value) for one in batch.resource.attributes if one.key == "service.name"] == [
        ("service.name", "bank")
    ]
    spans = [span for scope in batch.scope_spans for span in scope.spans]
    roots = {span.span_id: span for span in spans if not span.parent_span_id}
    calls = [next(one.value.string_value for one in span.attributes if one.key == "ivr.call_id")
             for span in roots.values()]  # fmt: skip
    turns = {span.span_id: span for span in spans if span.name == "turn"}
    assert calls == ["c1", "c2"]
    assert len({span.trace_id for span in roots.values()}) == 2
    assert [roots[span.parent_span_id].trace_id == span.trace_id for span in turns.values()] == [True] * 3
    below = [(span.name, turns[span.parent_span_id].trace_id == span.trace_id)
             for span in spans if span.parent_span_id in turns]  # fmt: skip
    assert below == [("hearing", True), ("hearing", True)]
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano > 0 for span in spans)
