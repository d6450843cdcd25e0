"""The systems of a made-up appliance maker, for the shipped hotline: orders, visits, complaints, messages.

Nothing here is real, and it is served only where `server.examples` is on. Any caller without an order of their own
gets the first one, so that the flow can be tried from any telephone; order 000000 is unknown, 999999 breaks us.
"""

import json
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import count
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ivr.examples.visits import Diary, Slot, Taken, Visit
from ivr.model.errors import BadQuery

PREFIX = "/example/appliance"
MOST_REMEMBERED = 1_000
"""Idempotency keys remembered."""

Language = Literal["en", "zh"]
Window = Literal["morning", "afternoon", "evening"]
Short = Annotated[str, Field(max_length=500)]
Answer = tuple[int, dict[str, Any]]
Key = Annotated[str, Header(alias="Idempotency-Key")]


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Booking(_Order):
    phone: Short
    order: Short = ""
    kind: Literal["install", "repair"]
    day: date
    window: Window
    reserve_day: date | Literal[""] = ""
    reserve_window: Window | Literal[""] = ""
    note: Short = ""
    symptom: Short = ""
    code: Short = ""
    lang: Language = "en"


class Move(_Order):
    reference: Short
    day: date
    window: Window
    lang: Language = "en"


class Cancellation(_Order):
    reference: Short


class Complaint(_Order):
    phone: Short
    reference: Short = ""
    about: Short = ""
    wanted: Short = ""
    lang: Language = "en"


class Ticket(_Order):
    phone: Short
    symptom: Short
    code: Short = ""
    solved: bool = False


class Message(_Order):
    what: Annotated[str, Field(min_length=1, max_length=1000)]


class ExampleAppliance:
    """The maker's memory."""

    def __init__(self, now: Callable[[], datetime] = datetime.now) -> None:
        """`now`: the callers' local time."""
        fixture = json.loads(files("ivr.examples").joinpath("appliance.json").read_text(encoding="utf-8"))
        self._now = now
        self._orders: list[dict[str, Any]] = fixture["orders"]
        self._fixture: dict[str, Any] = fixture
        self._windows: dict[str, dict[str, str]] = fixture["windows"]
        self._diary = Diary({int(day): free for day, free in fixture["free"].items()}, fixture["technicians"])
        self._next = count(fixture["first_free_reference"])
        self._complaints: dict[str, Complaint] = {}
        self._seen: OrderedDict[str, tuple[Any, Answer]] = OrderedDict()

    def order_of(self, phone: str, lang: Language) -> Answer:
        """The order under a telephone number."""
        own = next((order for order in self._orders if order["phone"] == phone), None)
        number = own["number"] if own else self._fixture["any_caller_has_order"]
        return self.order(number, lang) if phone else (404, {"found": False})

    def order(self, number: str, lang: Language) -> Answer:
        if number == self._fixture["broken_order"]:
            return 500, {"found": False}
        found = next((order for order in self._orders if order["number"] == number), None)
        if found is None:
            return 404, {"found": False}
        told = {name: found[name][lang] for name in ("product", "status")}
        return 200, {"found": True, "order": number, "tail": found["tail"], **told}

    def slots(self, day: date | None, window: Window | None, lang: Language) -> dict[str, Any]:
        """Whether a slot is free, a reserve for it, and what is free near it (or soonest)."""
        today = self._now().date()
        wanted = Slot(day, window) if day and window else None
        near = self._diary.nearest(wanted, today, 2)
        reserve = self._diary.reserve_for(wanted, today) if wanted else None
        return {
            "free": wanted is not None and self._diary.is_free(wanted, today),
            "slot": self._told(wanted, lang),
            "reserve": self._told(reserve, lang),
            "near": [self._told(slot, lang) for slot in near],
        }

    def visit_of(self, phone: str, lang: Language) -> Answer:
        visit = self._diary.of_phone(phone) if phone else None
        if visit is None:
            return 404, {"found": False}
        reserve = self._told(visit.reserve, lang)
        return 200, {
            "found": True,
            "reference": visit.reference,
            "slot": self._told(visit.slot, lang),
            "reserve": reserve,
        }

    def book(self, booking: Booking) -> Answer:
        slot = Slot(booking.day, booking.window)
        kept = (
            Slot(booking.reserve_day, booking.reserve_window)
            if booking.reserve_day and booking.reserve_window
            else None
        )
        reference = f"K{next(self._next)}"
        note = "; ".join(part for part in (booking.note, booking.symptom, booking.code) if part)
        try:
            visit = Visit(reference, booking.order, booking.phone, booking.kind, slot, kept, note)
            self._diary.book(visit, self._now().date())
        except Taken:
            return 409, {"booked": False, **self.slots(booking.day, booking.window, booking.lang)}
        return 200, {"booked": True, "reference": reference}

    def move(self, order: Move) -> Answer:
        try:
            self._diary.move(order.reference, Slot(order.day, order.window), self._now().date())
        except KeyError:
            return 404, {"moved": False}
        except Taken:
            return 409, {"moved": False, **self.slots(order.day, order.window, order.lang)}
        return 200, {"moved": True, "reference": order.reference}

    def cancel(self, order: Cancellation) -> Answer:
        try:
            self._diary.cancel(order.reference)
        except KeyError:
            return 404, {"cancelled": False}
        return 200, {"cancelled": True}

    def ticket(self) -> Answer:
        """What was wrong is kept, even where no visit follows."""
        return 200, {"opened": True, "reference": f"T{next(self._next)}"}

    def complain(self, order: Complaint) -> Answer:
        """Open a complaint, or add to the one with this reference; told who answers it and until when."""
        if order.reference and order.reference not in self._complaints:
            return 404, {"opened": False}
        reference = order.reference or f"C{next(self._next)}"
        self._complaints[reference] = order
        due = self._now() + timedelta(hours=self._fixture["complaint_hours"])
        owner = self._fixture["owner"][order.lang]
        return 200, {"opened": True, "reference": reference, "owner": owner, "due": due.strftime("%H:%M")}

    def once(self, key: str, order: BaseModel, do: Callable[[], Answer]) -> JSONResponse:
        """Do it, or give the answer that an order with this idempotency key got before.

        Raises:
            BadQuery: the key came with another order.
        """
        before = self._seen.get(key) if key else None
        if before is not None and before[0] != order:
            raise BadQuery("Idempotency-Key: it was used for another order; make a new one for each")
        status, answer = before[1] if before else do()
        if key and status == 200:
            self._seen[key] = (order, (status, answer))
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return JSONResponse(answer, status)

    def _told(self, slot: Slot | None, lang: Language) -> dict[str, str]:
        if slot is None:
            return {"day": "", "window": "", "said": ""}
        return {"day": slot.day.isoformat(), "window": slot.window, "said": self._windows[slot.window][lang]}


def example_appliance_router(maker: ExampleAppliance | None = None) -> APIRouter:
    """The maker's routes under /example/appliance."""
    router = APIRouter(prefix=PREFIX, tags=["example"])
    here = maker or ExampleAppliance()
    _add_questions(router, here)
    _add_orders(router, here)
    return router


def _add_questions(router: APIRouter, here: ExampleAppliance) -> None:
    @router.get("/orders")
    async def order_of(phone: Annotated[str, Query(max_length=100)] = "", lang: Language = "en") -> JSONResponse:
        status, answer = here.order_of(phone, lang)
        return JSONResponse(answer, status)

    @router.get("/orders/{number}")
    async def order(number: str, lang: Language = "en") -> JSONResponse:
        status, answer = here.order(number, lang)
        return JSONResponse(answer, status)

    @router.get("/slots")
    async def slots(day: str = "", window: Window | Literal[""] = "", lang: Language = "en") -> dict[str, Any]:
        try:
            wanted = date.fromisoformat(day) if day else None
        except ValueError as error:
            raise BadQuery("day: write it as YYYY-MM-DD") from error
        return here.slots(wanted, window or None, lang)

    @router.get("/visits")
    async def visit_of(phone: Annotated[str, Query(max_length=100)] = "", lang: Language = "en") -> JSONResponse:
        status, answer = here.visit_of(phone, lang)
        return JSONResponse(answer, status)


def _add_orders(router: APIRouter, here: ExampleAppliance) -> None:
    @router.post("/visits")
    async def book(order: Booking, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, lambda: here.book(order))

    @router.post("/visits/move")
    async def move(order: Move, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, lambda: here.move(order))

    @router.post("/visits/cancel")
    async def cancel(order: Cancellation, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, lambda: here.cancel(order))

    @router.post("/tickets")
    async def ticket(order: Ticket, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, here.ticket)

    @router.post("/complaints")
    async def complain(order: Complaint, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, lambda: here.complain(order))

    @router.post("/sms")
    async def text(order: Message, idempotency_key: Key = "") -> JSONResponse:
        return here.once(idempotency_key, order, lambda: (200, {"sent": True}))
