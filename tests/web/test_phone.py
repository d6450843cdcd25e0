"""The browser phone as it is served: page, numbers, tickets, and who gets none."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from ivr.web.allowance import MOST_KEYS, Allowance
from ivr.web.origin import network_of
from ivr.web.phone import CALLS_AT_ONCE, FOLDER, SECONDS_PER_CALL, Offered, phone_router
from ivr.web.problems import answer_with_problems

BANK = Offered("*", {"en": "Bank", "zh": "银行"}, {"en": ("find a branch",)})
SHOP = Offered("+15555550102", {"en": "Shop"})
TURN = {"urls": ["turn:turn.example.test"], "username": "1:a", "credential": "c"}


class Book:
    """Issues tickets and keeps what they claim."""

    def __init__(self) -> None:
        self.claims: list[Mapping[str, Any]] = []
        self.now = 100.0

    def issue(self, claims: Mapping[str, Any]) -> str:
        self.claims.append(claims)
        return f"ticket {len(self.claims)}"


def asked(act: Callable[[httpx.AsyncClient, Book], Awaitable[None]], client: str = "192.0.2.1") -> None:
    async def run() -> None:
        book, app = Book(), FastAPI()
        answer_with_problems(app)
        app.include_router(phone_router(lambda: (BANK, SHOP), book.issue, lambda: (TURN,), lambda: book.now))
        wire = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=wire, base_url="http://ivr.test") as http:
            await act(http, book)

    asyncio.run(run())


def test_the_page_and_all_it_names_are_served_and_nothing_from_elsewhere_is_let_in() -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        page = await http.get("/phone")
        named = set(re.findall(r'(?:href|src)="(/[^"]+)"', page.text))
        scripts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")]
        named |= {name for script in scripts for name in re.findall(r'from "([^"]+)"', script)}
        assert {"/phone/phone.css", "/phone/phone.js", "/phone/call.js", "/phone/words.js"} <= named
        for path in ("/phone", *named):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            assert "http" not in policy
            again = await http.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")

    asked(act)


@pytest.mark.parametrize("path", ["/phone/../problems.py", "/phone/%2e%2e%2fproblems.py", "/phone/x.js", "/phone/"])
def test_nothing_else_on_the_disk_is_reached(path: str) -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        assert (await http.get(path)).status_code in (307, 404)

    asked(act)


def test_nothing_of_the_page_comes_from_elsewhere_or_needs_what_the_policy_forbids() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|<style|\bstyle=|\bon\w+=\"", text), path.name
        assert not re.search(r"\binnerHTML\b|\beval\(|document\.write", text), path.name


def test_the_numbers_are_offered_with_names_and_topics() -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        assert (await http.get("/phone/numbers")).json() == {"numbers": [
            {"number": "*", "name": {"en": "Bank", "zh": "银行"}, "topics": {"en": ["find a branch"]}},
            {"number": "+15555550102", "name": {"en": "Shop"}, "topics": {}},
        ]}  # fmt: skip

    asked(act)


def test_a_ticket_is_for_one_call_to_an_offered_number() -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        answer = await http.post("/phone/token", json={"number": SHOP.number})
        assert (answer.status_code, answer.json()) == (200, {"token": "ticket 1", "ice_servers": [TURN]})
        assert answer.headers["cache-control"] == "no-store"
        assert book.claims == [
            {"role": "caller", "called": SHOP.number, "caller": "", "offer": "", "params": {}}
        ]  # fmt: skip
        elsewhere = await http.post("/phone/token", json={"number": "+19005550000"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_there")
        for unfit in ({}, {"number": 5}, {"number": "1" * 101}):
            assert (await http.post("/phone/token", json=unfit)).status_code == 422
        assert len(book.claims) == 1

    asked(act)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
     {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_a_page_of_somebody_else_gets_no_ticket(headers: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        answer = await http.post("/phone/token", json={"number": "*"}, headers=headers)
        assert (answer.status_code, answer.json()["code"], book.claims) == (403, "not_allowed.other_site", [])

    asked(act)


def test_our_own_page_gets_its_ticket() -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        headers = {"Origin": "http://ivr.test", "Sec-Fetch-Site": "same-origin"}
        assert (await http.post("/phone/token", json={"number": "*"}, headers=headers)).status_code == 200

    asked(act)


@pytest.mark.parametrize("client", ["192.0.2.1", "2001:db8::1", "not an address"])
def test_whoever_calls_too_often_is_told_when_to_come_back(client: str) -> None:
    async def act(http: httpx.AsyncClient, book: Book) -> None:
        async def call() -> httpx.Response:
            return await http.post("/phone/token", json={"number": "*"})

        assert {(await call()).status_code for _ in range(CALLS_AT_ONCE)} == {200}
        refused = await call()
        assert (refused.status_code, refused.json()["code"]) == (429, "not_allowed.too_often")
        assert refused.headers["retry-after"] == "6"
        book.now += SECONDS_PER_CALL
        assert [(await call()).status_code for _ in range(2)] == [200, 429]

    asked(act, client)


@pytest.mark.parametrize(
    ("host", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::/64"), ("2001:db8::ffff:1", "2001:db8::/64"), ("", "")],
)
def test_an_ipv6_network_counts_as_one_caller(host: str, network: str) -> None:
    assert network_of(Request({"type": "http", "client": (host, 1)})) == network


def test_the_memory_of_an_allowance_is_bounded_and_keeps_those_who_asked_most() -> None:
    allowance = Allowance(2, 10.0)
    for _ in range(2):
        allowance.take("greedy", 0.0)
    for number in range(MOST_KEYS):
        allowance.take(str(number), 0.0)
    assert allowance.take("greedy", 0.0) == 10.0
    assert allowance.take("greedy", 10.0) == 0.0


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    text = (FOLDER / "words.js").read_text(encoding="utf-8")
    english, chinese = text.split("\n  en: {")[1].split("\n  zh: {")
    keys = [re.findall(r"^ +(\w+): ", half.split("\nexport")[0], re.MULTILINE) for half in (english, chinese)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 40
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-(?:say|label)="(\w+)"', page)) <= set(keys[0])
