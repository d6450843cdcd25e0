"""What the running server answers over HTTP, and what it does when it is told to stop."""

import signal
import sqlite3
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.server.door import start_message
from tests.server.running import Running, eventually, serving

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

TINY = """
server: {{port: 0, drain_seconds: 0.2}}
flows: {{folder: .}}
numbers: [{{number: "{called}", flow: tiny}}]
hearing: {{recognizers: {{en: [moonshine]}}}}
speaking: {{voices: {{en: [hibari]}}, warm: false}}
survey: {{enabled: false}}
"""
TINY_FLOW = """
flow: tiny
languages: [en]
start: greet
agent: person
steps:
  greet:
    ask: { en: "Hello. What can I do for you today, and for whom, and when would it be convenient?" }
    yes: end
    no: end
    on_no_input: end
    on_no_match: end
  person:
    queue: people
    otherwise: end
  end:
    hangup: self_service_completed
"""


def test_the_server_says_that_it_lives_and_is_ready(server: Running) -> None:
    assert server.http.get("/healthz").json() == {"status": "alive"}
    ready = server.http.get("/readyz").json()
    assert (ready["status"], ready["not_ready"]) == ("ready", [])
    assert ready["checked"] == ["database", "calls", "recognizers", "voices", "flows", "queues"]
    assert "ivr_live_calls" in server.http.get("/metrics").text


@pytest.mark.parametrize("path", ["/api/calls", "/api/calls/any", "/api/calls/any/recording", "/api/live"])
def test_the_api_is_closed_without_the_key(server: Running, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a2V5"}):
        answer = httpx.get(server.url + path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_a_call_that_is_not_there_is_not_found(server: Running) -> None:
    assert server.http.get("/api/calls").status_code == 200
    assert server.http.get("/api/calls/nobody").status_code == 404
    assert server.http.get("/api/calls", params={"limit": 0}).status_code == 422


def test_a_call_on_the_line_when_the_server_is_stopped_leaves_a_complete_record(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY_FLOW, encoding="utf-8")
    with serving(tmp_path, TINY) as server:
        call_sid, parameters = server.ring()
        with connect(server.media_url) as socket:
            socket.send(start_message(call_sid, parameters))
            eventually(lambda: server.meter("ivr_live_calls") == 1.0, "the call")
            server.program.send_signal(signal.SIGTERM)
            assert server.program.wait(15) == 0
    with sqlite3.connect(tmp_path / "var" / "ivr.db") as database:
        rows = database.execute(
            "select end_reason, ended_at_ms > 0, surveys.status from calls join surveys using (call_id)"
        ).fetchall()
    database.close()
    assert rows == [("abandoned_in_ivr", 1, "not_offered")]
