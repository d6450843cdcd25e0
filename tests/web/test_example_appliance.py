"""The made-up appliance maker answers as the reference dialogues of its hotline need it."""

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ivr.web.example_appliance import MOST_REMEMBERED, Cancellation, ExampleAppliance, example_appliance_router
from ivr.web.problems import answer_with_problems

FRIDAY = datetime(2026, 11, 27, 15, 30)
SATURDAY, SUNDAY, MONDAY = "2026-11-28", "2026-11-29", "2026-11-30"
ANN, BEN = "+15555550150", "+15555550199"

Request = tuple[str, str, dict[str, Any]]


def ask(*requests: Request) -> list[tuple[int, dict[str, Any]]]:
    """Status and answer of each request, in order, at one maker that opens on a Friday."""
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(example_appliance_router(ExampleAppliance(lambda: FRIDAY)))

    async def run() -> list[httpx.Response]:
        wire = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=wire, base_url="http://maker/example/appliance") as http:
            return [await http.request(method, path, **more) for method, path, more in requests]

    return [(answer.status_code, answer.json()) for answer in asyncio.run(run())]


def get(path: str, **params: str) -> Request:
    return ("GET", path, {"params": params})


def post(path: str, key: str = "", **body: Any) -> Request:
    return ("POST", path, {"json": body, "headers": {"Idempotency-Key": key} if key else {}})


def visit(phone: str, key: str = "", day: str = SATURDAY, window: str = "morning", **more: Any) -> Request:
    return post("/visits", key, phone=phone, kind="install", day=day, window=window, **more)


def test_an_order_is_found_by_telephone_and_by_number_in_both_languages() -> None:
    found = {
        "found": True,
        "order": "100120",
        "tail": "204",
        "product": "air conditioner",
        "status": "has been delivered",
    }
    answers = ask(
        get("/orders", phone=ANN), get("/orders", phone=BEN), get("/orders/100120", lang="zh"), get("/orders"),
        get("/orders/000000"), get("/orders/999999"),
    )  # fmt: skip
    assert answers == [
        (200, found), (200, found), (200, {**found, "product": "空调", "status": "已送达"}), (404, {"found": False}),
        (404, {"found": False}), (500, {"found": False}),
    ]  # fmt: skip


def test_the_soonest_slots_and_a_reserve_on_another_day() -> None:
    saturday = {"day": SATURDAY, "window": "morning", "said": "上午"}
    sunday = {"day": SUNDAY, "window": "morning", "said": "上午"}
    nothing = {"day": "", "window": "", "said": ""}
    (_, soon), (_, wanted) = ask(get("/slots", lang="zh"), get("/slots", day=SATURDAY, window="morning", lang="zh"))
    later = {"day": SATURDAY, "window": "afternoon", "said": "下午"}
    assert soon == {
        "free": False, "slot": nothing, "reserve": nothing, "near": [saturday, later],
    }  # fmt: skip
    assert (wanted["free"], wanted["slot"], wanted["reserve"]) == (True, saturday, sunday)
    assert saturday not in wanted["near"]


@pytest.mark.parametrize(
    ("day", "window"),
    [(SUNDAY, "evening"), ("2026-11-27", "morning"), ("2026-11-20", "morning"), ("2027-03-01", "morning")],
)
def test_what_nobody_works_the_past_and_the_far_future_are_not_free(day: str, window: str) -> None:
    ((_, answer),) = ask(get("/slots", day=day, window=window))
    assert (answer["free"], len(answer["near"])) == (False, 2)


def test_a_visit_with_its_reserve_is_booked_told_moved_and_cancelled() -> None:
    answers = ask(
        get("/visits", phone=ANN),
        visit(ANN, order="100120", reserve_day=SUNDAY, reserve_window="morning", note="no lift"),
        get("/visits", phone=ANN),
        post("/visits/move", reference="K20", day=SUNDAY, window="morning"),
        get("/visits", phone=ANN),
        post("/visits/cancel", reference="K20"),
        post("/visits/cancel", reference="K20"),
        post("/visits/move", reference="K20", day=MONDAY, window="morning"),
        get("/visits"),
    )
    sunday = {"day": SUNDAY, "window": "morning", "said": "morning"}
    assert answers == [
        (404, {"found": False}),
        (200, {"booked": True, "reference": "K20"}),
        (200, {"found": True, "reference": "K20", "slot": {**sunday, "day": SATURDAY}, "reserve": sunday}),
        (200, {"moved": True, "reference": "K20"}),
        (200, {"found": True, "reference": "K20", "slot": sunday, "reserve": {"day": "", "window": "", "said": ""}}),
        (200, {"cancelled": True}),
        (404, {"cancelled": False}),
        (404, {"moved": False}),
        (404, {"found": False}),
    ]


def test_a_slot_takes_as_many_visits_as_there_are_technicians_then_offers_others() -> None:
    answers = ask(visit(ANN), visit(BEN), visit(BEN), get("/slots", day=SATURDAY, window="morning"),
                  post("/visits", phone=ANN, kind="repair", day=MONDAY, window="evening", symptom="noise"),
                  post("/visits/move", reference="K23", day=SATURDAY, window="morning"))  # fmt: skip
    assert [status for status, _ in answers] == [200, 200, 409, 200, 200, 409]
    assert [slot["day"] for slot in answers[2][1]["near"]] == [SATURDAY, SUNDAY]
    assert (answers[3][1]["free"], answers[5][1]["moved"]) == (False, False)


def test_an_order_sent_twice_with_one_key_counts_once_and_the_key_fits_no_other() -> None:
    answers = ask(visit(ANN, "k1"), visit(ANN, "k1"), visit(BEN, "k1"), visit(BEN, "k2"))
    assert [(status, answer.get("reference")) for status, answer in answers] == [
        (200, "K20"), (200, "K20"), (400, None), (200, "K21"),
    ]  # fmt: skip


def test_a_refused_booking_can_be_tried_again_with_its_key() -> None:
    answers = ask(visit(ANN), visit(ANN), visit(BEN, "k"), post("/visits/cancel", reference="K20"), visit(BEN, "k"))
    assert [status for status, _ in answers] == [200, 200, 409, 200, 200]


def test_complaints_tickets_and_messages() -> None:
    answers = ask(
        post("/complaints", phone=ANN),
        post("/complaints", phone=ANN, reference="C20", about="timing", wanted="refund", lang="zh"),
        post("/complaints", phone=ANN, reference="C99"),
        post("/tickets", phone=ANN, symptom="noise", solved=True),
        post("/sms", what="K20"),
    )
    assert answers == [
        (200, {"opened": True, "reference": "C20", "owner": "our complaints team", "due": "17:30"}),
        (200, {"opened": True, "reference": "C20", "owner": "投诉专员", "due": "17:30"}),
        (404, {"opened": False}),
        (200, {"opened": True, "reference": "T21"}),
        (200, {"sent": True}),
    ]


def test_old_idempotency_keys_make_room() -> None:
    maker = ExampleAppliance(lambda: FRIDAY)
    done: list[int] = []

    def do() -> tuple[int, dict[str, Any]]:
        done.append(1)
        return 200, {}

    for number in (*range(MOST_REMEMBERED + 1), MOST_REMEMBERED, 0):
        maker.once(str(number), Cancellation(reference="x"), do)
    assert len(done) == MOST_REMEMBERED + 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/slots", day="soon", window="morning"), 400), (get("/slots", window="night"), 422),
        (post("/visits", phone=ANN, kind="party", day=SATURDAY, window="morning"), 422), (post("/sms", what=""), 422),
        (get("/orders/1", lang="fr"), 422),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_a_problem(request_: Request, status: int) -> None:
    assert [answer[0] for answer in ask(request_)] == [status]
