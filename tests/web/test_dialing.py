"""Whoever holds the key may let us call somebody the dial plan allows; nobody else, and never unseen."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from ivr.model.errors import LineError, NotAllowed, StoreError
from ivr.web.dialing import dialing_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import guard_with

KEY = "k" * 32
ORDER = {"to": "+15555550123", "flow": "bank/hotline"}


@dataclass
class Carrier:
    refusal: Exception | None = None
    dialled: list[tuple[str, str, str]] = field(default_factory=list)

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        self.dialled.append((to, caller_id, flow))
        if self.refusal:
            raise self.refusal
        return "CA1"


@dataclass
class Book:
    broken: bool = False
    looks: list[str] = field(default_factory=list)

    async def keep_look(self, who: str, action: str, subject: str, address: str, detail: object = None) -> None:
        if self.broken:
            raise StoreError("the audit cannot be written")
        self.looks.append(action)


def ask(carrier: Carrier, book: Book, order: Any = ORDER, key: str = KEY) -> httpx.Response:
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(dialing_router(carrier, "+15555550100", book, guard_with(KEY)))

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ivr") as client:
            return await client.post("/api/calls", json=order, headers={"Authorization": f"Bearer {key}"})

    return asyncio.run(post())


def test_a_call_is_placed_and_noted() -> None:
    carrier, book = Carrier(), Book()
    answer = ask(carrier, book)
    assert (answer.status_code, answer.json()["provider_id"]) == (202, "CA1")
    assert carrier.dialled == [("+15555550123", "+15555550100", "bank/hotline")]
    assert book.looks == ["call.dial"]


def test_without_the_key_or_the_audit_nobody_is_called() -> None:
    carrier = Carrier()
    assert ask(carrier, Book(), key="wrong").status_code == 401
    assert ask(carrier, Book(broken=True)).status_code == 503
    assert carrier.dialled == []


def test_what_is_no_number_or_flow_is_refused_before_anything_happens() -> None:
    carrier = Carrier()
    assert ask(carrier, Book(), {**ORDER, "to": "0900"}).status_code == 422
    assert ask(carrier, Book(), {**ORDER, "flow": "../secret"}).status_code == 422
    assert carrier.dialled == []


def test_the_dial_plan_and_the_carrier_say_no_in_their_own_way() -> None:
    assert ask(Carrier(NotAllowed("not in the dial plan")), Book()).status_code == 403
    assert ask(Carrier(LineError("the carrier refused")), Book()).status_code == 502
