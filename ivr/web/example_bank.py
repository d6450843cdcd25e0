"""The systems of a made-up bank, for the shipped flows and their demo: branches, cards, balances, messages.

Nothing here is real, and it is served only where `server.examples` is on. Two card numbers misbehave on purpose,
so that a flow can be tried against them: 0000 is unknown, 9999 breaks the bank.
"""

import json
from collections import OrderedDict
from importlib.resources import files
from itertools import count
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ivr.examples.places import Place, find_places, metres, read_place, suggestions
from ivr.model.errors import BadQuery

PREFIX = "/example/bank"
NEARBY_METRES = 5_000.0
"""Farther branches are named only where there is none nearer, and then as `widened`."""

MOST_BRANCHES = 3
ROUNDING_METRES = 10
MOST_REMEMBERED = 1_000
"""Idempotency keys remembered; a real bank would keep them for a day."""

Language = Literal["en", "zh"]
Last4 = Annotated[str, Field(pattern=r"^\d{4}$")]


class FreezeOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")
    last4: Last4


class ReleaseOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")
    last4: Last4
    payments: Annotated[str, Field(max_length=500)] = ""
    """Ids, separated by blanks."""


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")
    what: Annotated[str, Field(min_length=1, max_length=1000)]


class ExampleBank:
    """The bank's memory: which cards are frozen, which payments were let go, and which orders it has seen."""

    def __init__(self) -> None:
        fixture = json.loads(files("ivr.examples").joinpath("bank.json").read_text(encoding="utf-8"))
        self._places = [read_place(stored) for stored in fixture["landmarks"]]
        self._branches: list[dict[str, Any]] = fixture["branches"]
        self._references: dict[str, str] = dict(fixture["cards"])
        self._unknown: str = fixture["unknown_card"]
        self._broken: str = fixture["broken_card"]
        self._balance: dict[str, str] = fixture["balance"]
        self._next = count(fixture["first_free_reference"])
        self._frozen: set[str] = set()
        self._seen: OrderedDict[str, tuple[Any, dict[str, Any]]] = OrderedDict()

    def branches(self, near: str, language: Language) -> dict[str, Any]:
        """Branches near a place, nearest first; what it may mean where that is not clear."""
        found = find_places(near, self._places)
        if not found:
            likely = suggestions(near, self._places)
            return {"found": False, "branches": [], "suggestions": [place.name[language] for place in likely]}
        if len(found) > 1:
            return {"found": True, "ambiguous": [place.full[language] for place in found], "branches": []}
        return self._near(found[0], language)

    def freeze(self, last4: str) -> tuple[int, dict[str, Any]]:
        """Status and answer. Freezing a frozen card changes nothing and gives its reference again."""
        if refusal := self._refusal(last4):
            return refusal, {"frozen": False}
        if last4 not in self._references:
            self._references[last4] = f"A{next(self._next)}"
        self._frozen.add(last4)
        return 200, {"frozen": True, "reference": self._references[last4]}

    def release(self, last4: str, payments: str) -> tuple[int, dict[str, Any]]:
        """Let held payments go. A card that was frozen in a call before lets nothing go: a person looks at it."""
        if refusal := self._refusal(last4):
            return refusal, {"released": False}
        if last4 in self._frozen:
            return 409, {"released": False}
        return 200, {"released": True, "payments": payments.split()}

    def unfreeze(self, last4: str) -> tuple[int, dict[str, Any]]:
        """The card works again, as after a specialist has cleared the case."""
        if refusal := self._refusal(last4):
            return refusal, {"frozen": True}
        self._frozen.discard(last4)
        return 200, {"frozen": False}

    def balance(self, last4: str) -> tuple[int, dict[str, Any]]:
        if refusal := self._refusal(last4):
            return refusal, {"found": False}
        return 200, self._balance

    def seen(self, key: str, order: Any) -> dict[str, Any] | None:
        """The answer that an order with this idempotency key got before.

        Raises:
            BadQuery: the key came with another order.
        """
        before = self._seen.get(key) if key else None
        if before is None:
            return None
        if before[0] != order:
            raise BadQuery("Idempotency-Key: it was used for another order; make a new one for each")
        return before[1]

    def remember(self, key: str, order: Any, answer: dict[str, Any]) -> None:
        if key:
            self._seen[key] = (order, answer)
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)

    def _near(self, place: Place, language: Language) -> dict[str, Any]:
        measured = [(metres(place.at, (branch["at"][0], branch["at"][1])), branch) for branch in self._branches]
        by_distance = sorted(measured, key=lambda pair: pair[0])
        nearby = [pair for pair in by_distance if pair[0] <= NEARBY_METRES][:MOST_BRANCHES]
        told = [_told(branch, distance, language) for distance, branch in nearby or by_distance[:1]]
        return {"found": True, "place": place.name[language], "widened": not nearby, "branches": told}

    def _refusal(self, last4: str) -> int:
        return {self._unknown: 404, self._broken: 500}.get(last4, 0)


def _told(branch: dict[str, Any], distance: float, language: Language) -> dict[str, Any]:
    return {
        "name": branch["name"][language],
        "distance_m": round(distance / ROUNDING_METRES) * ROUNDING_METRES,
        "address": branch["address"][language],
        "open_until": branch["open_until"],
        "phone": branch["phone"],
        "hours": branch["hours"],
        "services": branch["services"],
    }


def example_bank_router(bank: ExampleBank | None = None) -> APIRouter:
    """The bank's routes under /example/bank."""
    router = APIRouter(prefix=PREFIX, tags=["example"])
    here = bank or ExampleBank()

    @router.get("/branches")
    async def branches(near: Annotated[str, Query(max_length=200)], lang: Language = "en") -> dict[str, Any]:
        return here.branches(near, lang)

    router.include_router(_cards_router(here))

    @router.get("/accounts/balance")
    async def balance(last4: Annotated[str, Query(pattern=r"^\d{4}$")]) -> JSONResponse:
        status, answer = here.balance(last4)
        return JSONResponse(answer, status)

    @router.post("/sms")
    async def text(message: Message, idempotency_key: Annotated[str, Header()] = "") -> dict[str, Any]:
        before = here.seen(idempotency_key, message)
        if before is None:
            here.remember(idempotency_key, message, {"sent": True})
        return {"sent": True}

    return router


def _cards_router(here: ExampleBank) -> APIRouter:
    """What may be done to a card, and to payments held with it."""
    router = APIRouter()

    @router.post("/cards/freeze")
    async def freeze(order: FreezeOrder, idempotency_key: Annotated[str, Header()] = "") -> JSONResponse:
        before = here.seen(idempotency_key, order)
        if before is not None:
            return JSONResponse(before)
        status, answer = here.freeze(order.last4)
        if status == 200:
            here.remember(idempotency_key, order, answer)
        return JSONResponse(answer, status)

    @router.post("/cards/unfreeze")
    async def unfreeze(order: FreezeOrder) -> JSONResponse:
        status, answer = here.unfreeze(order.last4)
        return JSONResponse(answer, status)

    @router.post("/payments/release")
    async def release(order: ReleaseOrder, idempotency_key: Annotated[str, Header()] = "") -> JSONResponse:
        before = here.seen(idempotency_key, order)
        if before is not None:
            return JSONResponse(before)
        status, answer = here.release(order.last4, order.payments)
        if status == 200:
            here.remember(idempotency_key, order, answer)
        return JSONResponse(answer, status)

    return router
