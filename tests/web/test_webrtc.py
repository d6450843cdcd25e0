"""The gate before browser calls: who is refused, with which problem, and what is counted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ivr.model.errors import BadQuery, NotAllowed
from ivr.model.tickets import Tickets
from ivr.web.knocks import MOST_ADDRESSES, Knocks
from ivr.web.security import guard_with
from ivr.web.webrtc import LARGEST_BODY, webrtc_router
from ivr.web.webrtc_gate import Claims, DoorRules, WebRtcGate
from tests.web.served import KEY, served

NUMBER = "+15555550100"
SERVERS = [{"urls": ["stun:a"]}]


@dataclass
class Centre:
    """`Browsers` without a telephone behind it."""

    room: bool = True
    is_free: bool = True
    breaks_with: Exception | None = None
    asked_for_servers: int = 0
    connected: list[tuple[Claims, str]] = field(default_factory=list)

    def flow_for(self, called: str) -> str:
        return "bank" if called == NUMBER else ""

    def has_room(self, role: str) -> bool:
        return self.room

    async def turn(self) -> bool:
        return self.is_free

    async def connect(self, claims: Claims, sdp: str) -> tuple[str, str]:
        if self.breaks_with:
            raise self.breaks_with
        self.connected.append((claims, sdp))
        return "our sdp", "call-1"

    def ice_servers(self, who: str) -> list[dict[str, Any]]:
        self.asked_for_servers += 1
        return SERVERS


@dataclass
class Site:
    http: httpx.AsyncClient
    gate: WebRtcGate
    centre: Centre
    refusals: list[str]

    def token(self, **claims: Any) -> str:
        return self.gate.issue(replace(Claims("caller", NUMBER), **claims)).token

    async def offer(self, token: str, **more: Any) -> httpx.Response:
        return await self.http.post("/webrtc/offer", json={"token": token, "sdp": "v=0", "type": "offer"}, **more)


RULES = DoorRules(("https://shop.example",), "https://ivr.example/prefix", is_public=True, numbers=(NUMBER,))


@asynccontextmanager
async def site(folder: Path, rules: DoorRules = RULES, most_knocks: int = 3) -> AsyncIterator[Site]:
    refusals: list[str] = []

    class Counting:
        def refused(self, why: str) -> None:
            refusals.append(why)

    centre = Centre()
    gate = WebRtcGate(centre, Tickets("s", "t", 60), rules, Counting(), Knocks(most_knocks))
    async with served(folder, routers=[webrtc_router(gate, guard_with(KEY))]) as there:
        yield Site(there.http, gate, centre, refusals)


def on_a_site(folder: Path, test: Callable[[Site], Coroutine[Any, Any, None]], rules: DoorRules = RULES) -> None:
    async def scenario() -> None:
        async with site(folder, rules) as there:
            await test(there)

    asyncio.run(scenario())


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_an_offer_with_a_good_token_is_answered_once(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        token = there.token(caller="+15555550199", params={"page": "help"})
        answer = await there.offer(token)
        assert answer.status_code == 200
        assert answer.json() == {"sdp": "our sdp", "type": "answer", "call_id": "call-1"}
        assert answer.headers["cache-control"] == "no-store"
        claims = Claims("caller", NUMBER, "+15555550199", params={"page": "help"})
        assert there.centre.connected == [(claims, "v=0")]
        assert problem(await there.offer(token)) == (401, "webrtc.token_reused")
        assert there.refusals == ["webrtc_token_reused"]

    on_a_site(tmp_path, test)


def test_what_is_no_offer_is_refused_before_its_token_is_looked_at(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        odd_type = b'{"token":"t","sdp":"v","type":"answer"}'
        for body in (b"", b"[]", b"{", b'{"token":"t"}', b'{"token":"t","sdp":""}', odd_type):
            assert problem(await there.http.post("/webrtc/offer", content=body)) == (422, "webrtc.unfit")
        large = await there.http.post("/webrtc/offer", content=b"x" * (LARGEST_BODY + 1))
        assert problem(large) == (413, "webrtc.too_large")
        sdp = {"token": there.token(), "sdp": "x" * 65537}
        assert problem(await there.http.post("/webrtc/offer", json=sdp)) == (422, "webrtc.unfit")
        assert problem(await there.offer("nonsense")) == (401, "webrtc.token_malformed")
        assert there.centre.connected == []

    on_a_site(tmp_path, test)


def test_foreign_and_expired_tokens_are_refused(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        claims = {"role": "caller", "called": NUMBER}
        foreign = Tickets("another", "t", 60).issue(claims, 2e9, "n")
        expired = there.gate.tickets.issue(claims, 1e9, "n")
        assert problem(await there.offer(foreign)) == (401, "webrtc.token_foreign")
        assert problem(await there.offer(expired)) == (401, "webrtc.token_expired")

    on_a_site(tmp_path, test)


@pytest.mark.parametrize(
    ("state", "claims", "expected"),
    [
        ({"room": False}, {}, (503, "webrtc.no_room")),
        ({"is_free": False}, {}, (429, "webrtc.too_many_setups")),
        ({}, {"called": "+19995550100"}, (404, "webrtc.unknown_number")),
        ({"breaks_with": BadQuery("sdp: odd")}, {}, (422, "webrtc.bad_offer")),
        ({"breaks_with": NotAllowed("nobody")}, {"role": "agent"}, (403, "webrtc.not_expected")),
        ({"breaks_with": ValueError("x" * 9)}, {}, (422, "webrtc.bad_offer")),
    ],
)
def test_every_refusal_is_a_problem_and_counted(
    tmp_path: Path, state: dict[str, Any], claims: dict[str, Any], expected: tuple[int, str]
) -> None:
    async def test(there: Site) -> None:
        for name, value in state.items():
            setattr(there.centre, name, value)
        assert problem(await there.offer(there.token(**claims))) == expected
        why = expected[1].removeprefix("webrtc.")
        assert there.refusals in ([why], [f"webrtc_{why}"])

    on_a_site(tmp_path, test)


def test_pages_of_our_own_and_of_named_sites_may_call_and_no_others(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        for origin, shared in (("http://ivr", None), ("https://ivr.example", None), ("https://shop.example",) * 2):
            answer = await there.offer(there.token(), headers={"Origin": origin})
            assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (200, shared)
            asked = await there.http.options("/webrtc/offer", headers={"Origin": origin})
            assert (asked.status_code, asked.headers.get("access-control-allow-origin")) == (204, shared)
        for origin in ("https://evil.example", "null", "https://shop.example.evil.example"):
            answers = [
                await there.offer(there.token(), headers={"Origin": origin}),
                await there.http.post("/phone/token", json={}, headers={"Origin": origin}),
                await there.http.options("/webrtc/ice", headers={"Origin": origin}),
            ]
            assert [problem(each) for each in answers] == [(403, "webrtc.foreign_origin")] * 3
        assert len(there.centre.connected) == 3

    on_a_site(tmp_path, test)


def test_another_site_may_read_why_it_was_refused(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        refused = await there.offer("nonsense", headers={"Origin": "https://shop.example"})
        assert problem(refused)[0] == 401
        assert refused.headers["access-control-allow-origin"] == "https://shop.example"

    on_a_site(tmp_path, test)


def test_servers_are_told_to_who_has_a_token_which_stays_unused(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        token = there.token()
        for _ in range(2):
            answer = await there.http.get("/webrtc/ice", headers={"Authorization": f"Bearer {token}"})
            assert answer.json() == {"ice_servers": SERVERS}
        assert (await there.offer(token)).status_code == 200
        for header in ({}, {"Authorization": "Bearer x"}):
            refused = await there.http.get("/webrtc/ice", headers=header)
            assert problem(refused) == (401, "webrtc.token_malformed")

    on_a_site(tmp_path, test)


def test_a_site_gets_tokens_with_the_key(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        order = {"called": NUMBER, "caller": "customer-7", "params": {"page": "help"}}
        key = {"Authorization": f"Bearer {KEY}"}
        ticket = (await there.http.post("/api/webrtc/tokens", json=order, headers=key)).json()
        assert (ticket["expires_in"], ticket["called"], ticket["ice_servers"]) == (60, NUMBER, SERVERS)
        assert (await there.offer(ticket["token"])).status_code == 200
        assert there.centre.connected[0][0] == Claims("caller", NUMBER, "customer-7", params={"page": "help"})
        assert (await there.http.post("/api/webrtc/tokens", json=order)).status_code == 401
        for wrong in ({"called": "911"}, {"called": NUMBER, "params": {"a": "x" * 201}}):
            assert (await there.http.post("/api/webrtc/tokens", json=wrong, headers=key)).status_code == 422
        unknown = await there.http.post("/api/webrtc/tokens", json={"called": "+19995550100"}, headers=key)
        assert problem(unknown) == (400, "bad_query")

    on_a_site(tmp_path, test)


def test_anybody_gets_a_few_tokens_for_public_numbers(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        for order in ({}, {"called": NUMBER}):
            ticket = (await there.http.post("/phone/token", json=order)).json()
            assert ticket["called"] == NUMBER
        unknown = await there.http.post("/phone/token", json={"called": "+19995550100"})
        assert problem(unknown) == (404, "webrtc.unknown_number")
        assert problem(await there.http.post("/phone/token", json={})) == (429, "webrtc.too_many_tickets")

    on_a_site(tmp_path, test)


def test_no_public_token_is_given_for_a_full_house(tmp_path: Path) -> None:
    async def test(there: Site) -> None:
        there.centre.room = False
        assert problem(await there.http.post("/phone/token", json={})) == (503, "webrtc.no_room")

    on_a_site(tmp_path, test)


@pytest.mark.parametrize(
    ("rules", "code"),
    [(DoorRules(numbers=(NUMBER,)), "webrtc.not_public"), (DoorRules(is_public=True), "webrtc.unknown_number")],
)
def test_a_server_without_a_public_phone_gives_no_tokens(tmp_path: Path, rules: DoorRules, code: str) -> None:
    async def test(there: Site) -> None:
        assert problem(await there.http.post("/phone/token", json={})) == (404, code)

    on_a_site(tmp_path, test, rules)


def test_an_address_may_knock_so_often_in_a_minute() -> None:
    knocks = Knocks(2, 60.0)
    assert [knocks.allows("a", at) for at in (0.0, 1.0, 2.0, 59.9, 60.0, 60.5, 61.0)] == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip
    assert knocks.allows("b", 2.0)


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    knocks = Knocks(1, 60.0)
    assert all(knocks.allows(str(number), 0.0) for number in range(MOST_ADDRESSES))
    assert not knocks.allows("one more", 1.0)
    assert knocks.allows("one more", 60.5)
