"""Who gets into the running server and who does not; and that what one peer sends is felt by no other call."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from telephony.stream_tokens import StreamTokens
from tests.server.door import GARBAGE, media, start_message
from tests.server.running import CALLED, PUBLIC, SECRET, Running, eventually
from tests.server.streams import streamed

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

PRESSES = [{"wait_for": "audio"}, {"wait": 1.0}, {"dtmf": "2"}, {"wait": 1.0}]
FACTS = {"from": "+15555550001", "to": CALLED, "direction": "inbound"}


def closed_with(socket: ClientConnection) -> int:
    """Read until the server closes; its code."""
    try:
        while True:
            socket.recv(timeout=10)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def knock(server: Running, call_sid: str, parameters: dict[str, str]) -> int:
    with connect(server.media_url) as socket:
        socket.send('{"event": "connected", "protocol": "Call", "version": "1.0.0"}')
        socket.send(start_message(call_sid, parameters))
        return closed_with(socket)


@pytest.mark.parametrize("path", ["/twilio/voice", "/twilio/after-stream", "/twilio/after-dial", "/twilio/status"])
def test_a_webhook_without_twilios_signature_is_refused(server: Running, path: str) -> None:
    assert server.http.post(path, data={"CallSid": "CA1", "To": CALLED}).status_code == 403
    assert server.post(path, CallSid="CA1", signed_for="https://elsewhere.test" + path).status_code == 403
    other = server.http.post(path, data={"CallSid": "CA1"}, headers={"X-Twilio-Signature": "bm9wZQ=="})
    assert other.status_code == 403
    assert server.meter('ivr_webhook_rejections_total{why="bad_signature"}') >= 3


def test_a_query_that_was_not_signed_makes_the_signature_void(server: Running) -> None:
    path = "/twilio/voice"
    assert server.post(f"{path}?flow=other", CallSid="CA1", signed_for=PUBLIC + path).status_code == 403


def test_a_body_without_end_is_refused(server: Running) -> None:
    assert server.http.post("/twilio/voice", content=b"a" * 70_000).status_code == 413


def test_a_stream_needs_a_fresh_token_of_its_own_call(server: Running) -> None:
    before = server.meter("ivr_live_calls")
    sid, parameters = server.ring()
    tokens = StreamTokens(SECRET)
    stale = tokens.issue(sid, FACTS, time.time() - 100, "n")
    assert knock(server, sid, {}) == 1008
    assert knock(server, sid, {"t": "garbage", **FACTS}) == 1008
    assert knock(server, sid, {"t": stale, **FACTS}) == 1008
    assert knock(server, f"CA{uuid4().hex}", parameters) == 1008
    assert knock(server, sid, {**parameters, "from": "+15555559999"}) == 1008
    assert server.meter("ivr_live_calls") == before
    assert server.records_of(sid) == []


def test_a_token_opens_one_stream_only(server: Running) -> None:
    sid, parameters = server.ring()
    with connect(server.media_url) as socket:
        socket.send(start_message(sid, parameters))
        eventually(lambda: server.records_of(sid), "the call")
        assert knock(server, sid, parameters) == 1008
        socket.send(json.dumps({"event": "stop", "sequenceNumber": "2", "streamSid": "MZ1", "stop": {}}))
        closed_with(socket)
    assert server.record_of(sid)["disconnect_by"] == "customer"
    assert knock(server, sid, parameters) == 1008


def test_a_number_nobody_answers_is_told_so_politely(server: Running) -> None:
    answer = server.post("/twilio/voice", CallSid=f"CA{uuid4().hex}", To="+15555550199")
    twiml = ElementTree.fromstring(answer.text)
    assert [(verb.tag, verb.text) for verb in twiml] == [("Say", "Nobody lives here."), ("Hangup", None)]
    assert server.meter('ivr_calls_refused_total{why="unknown_number"}') >= 1


def test_a_stream_that_ended_by_itself_is_rescued_and_a_call_that_said_goodbye_is_not(server: Running) -> None:
    sid, parameters = server.ring()
    with connect(server.media_url) as socket:
        socket.send(start_message(sid, parameters))
        eventually(lambda: server.records_of(sid), "the call")
    server.record_of(sid)
    rescued = ElementTree.fromstring(server.post("/twilio/after-stream", CallSid=sid, CallStatus="in-progress").text)
    assert [verb.tag for verb in rescued] == ["Say", "Dial", "Hangup"]
    over = ElementTree.fromstring(server.post("/twilio/after-stream", CallSid=sid, CallStatus="completed").text)
    assert [verb.tag for verb in over] == ["Hangup"]


def test_garbage_is_counted_and_ignored_and_the_call_goes_on(server: Running) -> None:
    kinds = Counter(kind for kind, _ in GARBAGE)
    before = {kind: server.meter(f'ivr_ignored_messages_total{{kind="{kind}"}}') for kind in kinds}
    sid, parameters = server.ring()
    with connect(server.media_url) as socket:
        socket.send(start_message(sid, parameters))
        socket.send(media(2, 0))
        for _, message in GARBAGE:
            socket.send(message)
        key = {"event": "dtmf", "sequenceNumber": "50", "streamSid": "MZ1", "dtmf": {"digit": "2"}}
        socket.send(json.dumps(key))
        eventually(lambda: heard_event(socket, "clear") or heard_event(socket, "media"), "an answer")
        socket.send(json.dumps({"event": "stop", "sequenceNumber": "51", "streamSid": "MZ1", "stop": {}}))
        closed_with(socket)
    record = server.record_of(sid)
    assert (record["disconnect_by"], [turn["keys"] for turn in record["turns"]][-1]) == ("customer", "2")
    counted = {k: server.meter(f'ivr_ignored_messages_total{{kind="{k}"}}') - before[k] for k in kinds}
    assert counted == dict(kinds)


def heard_event(socket: ClientConnection, event: str) -> bool:
    return bool(json.loads(socket.recv(timeout=10))["event"] == event)


@pytest.mark.peer
def test_a_message_too_large_closes_that_socket_and_disturbs_no_other_call(server: Running, tmp_path: Path) -> None:
    def flood() -> tuple[str, int]:
        sid, parameters = server.ring()
        with connect(server.media_url, max_size=None) as socket:
            socket.send(start_message(sid, parameters))
            eventually(lambda: server.records_of(sid), "the call")
            socket.send("x" * 70_000)
            return sid, closed_with(socket)

    async def both() -> tuple[tuple[str, object], list[tuple[str, int]]]:
        other = asyncio.create_task(streamed(server, tmp_path, PRESSES, max_drain_s=0.01))
        floods = [await asyncio.to_thread(flood) for _ in range(3)]
        return await other, floods

    (sid, seen), floods = asyncio.run(both())
    assert [code for _, code in floods] == [1009, 1009, 1009]
    assert {server.record_of(flooded)["disconnect_by"] for flooded, _ in floods} == {"network"}
    undisturbed = server.record_of(sid)
    assert getattr(seen, "violations", None) == []
    assert [turn["keys"] for turn in undisturbed["turns"]] == ["", "2"]
    assert undisturbed["stats"]["dropped_frames"] == 0
