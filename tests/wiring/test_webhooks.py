"""Webhooks over HTTP, also to a real server: signed, sent again until they are taken, and not lost by a restart."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ivr.call.recordings import RecordingFinalised
from ivr.config import Webhook
from ivr.model.errors import ConfigError
from ivr.model.routing import RoutingEvent
from ivr.model.webhooks import MOST_ATTEMPTS, pause_after
from ivr.routing.effects import Record
from ivr.store.calls import SqlCallStore, open_store
from ivr.web.webhook_shapes import EVENTS, describe_webhooks
from ivr.wiring.webhooks import Webhooks, open_webhooks
from tests.databases import new_database
from tests.store.samples import ended_call

SECRET, URL = "a secret of the test", "http://crm.test/ivr"


class Crm:
    """Answers as it is told; what it got, by attempt."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        status = self.statuses.pop(0) if self.statuses else 204
        if not status:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.got]


class Now:
    time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


def sending(
    folder: Path, crm: Crm, act: Callable[[Webhooks, Now, SqlCallStore], Awaitable[None]], *events: str
) -> None:
    async def run() -> None:
        now, wire = Now(), httpx.MockTransport(crm)
        async with open_store(new_database(folder / "ivr.db")) as store, httpx.AsyncClient(transport=wire) as client:
            hooks = [Webhook(url=URL, events=list(events) or ["*"])]
            await act(Webhooks(hooks, store.outbox, SECRET, client, now), now, store)

    asyncio.run(run())


def test_who_gets_a_webhook_can_check_who_sent_it_and_when(tmp_path: Path) -> None:
    crm = Crm()

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        webhooks.ended(ended_call("c1"))
        await webhooks.write_down()
        await webhooks.courier.send_due()
        assert await store.outbox.due(now.time + 1e6) == []

    sending(tmp_path, crm, act)
    (request,), (told,) = crm.got, crm.told()
    parts = dict(part.split("=") for part in request.headers["X-Ivr-Signature"].split(","))
    assert parts["t"] == "1000000"
    signed = hmac.new(SECRET.encode(), b"1000000." + request.content, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], signed)
    assert (told["event"], told["id"], told["data"]["call_id"]) == (
        "call.ended", request.headers["X-Ivr-Delivery"], "c1",
    )  # fmt: skip


def test_who_wants_the_recording_is_told_when_it_is_final(tmp_path: Path) -> None:
    crm = Crm()

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        webhooks.recorded(RecordingFinalised("c1", tmp_path / "c1.opus", 12.346))
        webhooks.recorded(RecordingFinalised("c2", tmp_path / "c2.wav", 0.0, "unreadable"))
        await webhooks.write_down()
        await webhooks.courier.send_due()

    sending(tmp_path, crm, act, "call.recorded")
    assert sorted((told["data"] for told in crm.told()), key=lambda told: str(told["call_id"])) == [
        {"call_id": "c1", "seconds": 12.35, "format": "opus", "trouble": ""},
        {"call_id": "c2", "seconds": 0.0, "format": "wav", "trouble": "unreadable"},
    ]


def test_what_is_not_taken_is_sent_again_later_with_the_same_id_even_after_a_restart(tmp_path: Path) -> None:
    crm = Crm(500, 0, 302)

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        webhooks.began(ended_call("c1"))
        await webhooks.write_down()
        for attempt in range(1, 5):
            again = Webhooks(webhooks.hooks, store.outbox, SECRET, webhooks.client, now)
            await again.courier.send_due()
            await again.courier.send_due()
            assert len(crm.got) == attempt, "not before its time"
            now.time += pause_after(attempt)

    sending(tmp_path, crm, act)
    assert len({told["id"] for told in crm.told()}) == 1
    assert [pause_after(number) for number in (1, 2, 3, 20)] == [5.0, 10.0, 20.0, 3600.0]


def test_what_is_never_taken_is_given_up_in_the_end(tmp_path: Path) -> None:
    crm = Crm(*[500] * (MOST_ATTEMPTS + 5))

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        webhooks.tell("call.began", {})
        await webhooks.write_down()
        for _ in range(MOST_ATTEMPTS + 5):
            await webhooks.courier.send_due()
            now.time += 3600.0

    sending(tmp_path, crm, act)
    assert len(crm.got) == MOST_ATTEMPTS


def test_two_servers_with_one_database_send_it_once(tmp_path: Path) -> None:
    crm = Crm()

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        webhooks.tell("call.began", {})
        await webhooks.write_down()
        (one,) = await store.outbox.due(now.time)
        assert await store.outbox.take(one, now.time + 60)
        assert not await store.outbox.take(one, now.time + 60)
        await webhooks.courier.send_due()
        assert crm.got == []
        now.time += 60
        await webhooks.courier.send_due()

    sending(tmp_path, crm, act)
    assert len(crm.got) == 1


def test_only_what_was_asked_for_is_told_and_offers_are_told_as_the_calls(tmp_path: Path) -> None:
    crm = Crm()

    async def act(webhooks: Webhooks, now: Now, store: SqlCallStore) -> None:
        for name in ("queue.entered", "queue.offered", "queue.connected", "agent.state"):
            webhooks.routing_did(Record(RoutingEvent(name, 5.0, "c1.abcd", "cards", "ann", carries={"wait": 3})), 5.0)
        await webhooks.write_down()
        await webhooks.courier.send_due()

    sending(tmp_path, crm, act, "call.*", "agent.state")
    assert sorted(told["event"] for told in crm.told()) == ["agent.state", "call.connected", "call.offered"]
    assert crm.told()[0]["data"] == {
        "entry_id": "c1.abcd", "call_id": "c1", "queue": "cards", "agent": "ann", "offer_id": "", "wait": 3,
    }  # fmt: skip


def test_without_a_secret_nothing_is_sent_unsigned(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            with pytest.raises(ConfigError, match="IVR_WEBHOOK_SECRET"):
                async with open_webhooks([Webhook(url=URL)], "", store.outbox):
                    pass
            async with open_webhooks([], "", store.outbox) as webhooks:
                webhooks.tell("call.began", {})

    asyncio.run(run())


def test_a_real_receiver_that_is_busy_at_first_gets_offer_connection_and_end_signed_and_once_each(
    tmp_path: Path,
) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = "503 Busy" if len(got) == 1 else "204 No Content"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def run() -> None:
        crm, now = await asyncio.start_server(receive, "127.0.0.1", 0), Now()
        hook = Webhook(url=f"http://127.0.0.1:{crm.sockets[0].getsockname()[1]}/ivr", events=["call.*"])
        async with (
            asyncio.timeout(60),
            open_store(new_database(tmp_path / "ivr.db")) as store,
            httpx.AsyncClient() as client,
        ):
            webhooks = Webhooks([hook], store.outbox, SECRET, client, now)
            for name in ("queue.entered", "queue.offered", "queue.connected"):
                webhooks.routing_did(Record(RoutingEvent(name, now.time, "c1.e", "cards", "ann", "o1")), now.time)
                now.time += 1.0
            webhooks.ended(ended_call("c1"))
            await webhooks.write_down()
            await webhooks.courier.send_due()
            now.time += pause_after(1)
            await webhooks.courier.send_due()
            assert await store.outbox.due(now.time + 1e6) == []
        crm.close()

    asyncio.run(run())
    assert len(got) == 4
    first = got[0][0]["x-ivr-delivery"]
    assert [headers["x-ivr-delivery"] for headers, _ in got].count(first) == 2
    taken = {json.loads(body)["id"]: json.loads(body) for _, body in got}
    assert sorted(one["event"] for one in taken.values()) == ["call.connected", "call.ended", "call.offered"]
    assert {one["data"]["call_id"] for one in taken.values()} == {"c1"}
    for headers, body in got:
        event = json.loads(body)
        EVENTS[event["event"]][1].model_validate(event)  # as OpenAPI describes it
        parts = dict(part.split("=", 1) for part in headers["x-ivr-signature"].split(","))
        signed = hmac.new(SECRET.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(parts["v1"], signed)


def test_openapi_describes_each_event_with_its_signature() -> None:
    app = FastAPI()
    describe_webhooks(app)
    described = app.openapi()["webhooks"]
    assert described.keys() == EVENTS.keys()
    for one in described.values():
        assert [each["name"] for each in one["post"]["parameters"]] == ["X-Ivr-Delivery", "X-Ivr-Signature"]
