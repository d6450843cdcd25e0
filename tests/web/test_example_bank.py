"""The made-up bank answers as the reference dialogues of the shipped flows need it."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ivr.examples.places import metres
from ivr.web.example_bank import MOST_REMEMBERED, ExampleBank, example_bank_router
from ivr.web.problems import answer_with_problems


def ask(*requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    """The answers of one bank to several requests, in order."""
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(example_bank_router())

    async def run() -> list[httpx.Response]:
        wire = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=wire, base_url="http://bank/example/bank") as http:
            return [await http.request(method, path, **more) for method, path, more in requests]

    return asyncio.run(run())


def branches(near: str, lang: str = "en") -> dict[str, Any]:
    (answer,) = ask(("GET", "/branches", {"params": {"near": near, "lang": lang}}))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def freeze(last4: str, key: str = "") -> tuple[str, str, dict[str, Any]]:
    headers = {"Idempotency-Key": key} if key else {}
    return ("POST", "/cards/freeze", {"json": {"last4": last4}, "headers": headers})


def test_the_branch_of_the_english_reference_dialogue_is_found() -> None:
    found = branches("the Bird's Nest")
    assert (found["found"], found["place"], found["widened"]) == (True, "the Bird's Nest", False)
    assert found["branches"][0] == {
        "name": "Olympic Park branch", "distance_m": 350, "address": "1 Demo Road", "open_until": "17:00",
        "phone": "010-0000-0001", "hours": "09:00-17:00 Mon-Sat", "services": ["counter", "fx", "safe_box"],
    }  # fmt: skip
    assert [branch["distance_m"] for branch in found["branches"]] == [350, 710, 1290]


def test_the_branch_of_the_chinese_reference_dialogue_is_found() -> None:
    found = branches("鸟巢", "zh")
    assert (found["place"], found["branches"][0]["name"]) == ("鸟巢", "奥体支行")
    assert (found["branches"][0]["distance_m"], found["branches"][0]["address"]) == (350, "示例路1号")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("near the birds nest please", "the Bird's Nest"),
        ("birds nests", "the Bird's Nest"),
        ("the bird's nest in Chaoyang", "the Bird's Nest"),
        ("the nest mall", "the Nest Mall"),
        ("Olympic Park", "the Olympic Park"),
        ("olimpic park", "the Olympic Park"),
        ("close to Central Station", "Central Station"),
        ("zhong guan cun", "Zhongguancun"),
        ("high dian", "Haidian"),
        ("Guomao", "Guomao"),
        ("by the stadium", "the stadium"),
        ("鸟巢附近的", "the Bird's Nest"),
        ("鸟朝", "the Bird's Nest"),
        ("国茂", "Guomao"),
        ("奥林匹克公园旁边", "the Olympic Park"),
        ("离体育场最近的", "the stadium"),
        ("海定", "Haidian"),
        ("中关村", "Zhongguancun"),
        ("鸟巢商场", "the Nest Mall"),
        ("朝阳区的鸟巢", "the Bird's Nest"),
    ],
)
def test_places_are_found_as_callers_say_and_recognizers_write_them(said: str, place: str) -> None:
    assert branches(said).get("place") == place


@pytest.mark.parametrize(
    ("said", "lang", "choices"),
    [
        ("nest", "en", ["The Bird's Nest in Chaoyang", "the Nest Mall"]),
        ("the nest place", "en", ["The Bird's Nest in Chaoyang", "the Nest Mall"]),
        ("巢", "zh", ["朝阳区的鸟巢", "鸟巢商场"]),
    ],
)
def test_a_place_that_may_be_two_is_asked_back_and_either_choice_is_then_found(
    said: str, lang: str, choices: list[str]
) -> None:
    assert branches(said, lang) == {"found": True, "ambiguous": choices, "branches": []}
    assert [len(branches(choice, lang)["branches"]) > 0 for choice in choices] == [True, True]


@pytest.mark.parametrize("said", ["purple elephant", "", "the", "十三陵水库"])
def test_an_unknown_place_gets_suggestions(said: str) -> None:
    found = branches(said)
    assert (found["found"], found["branches"], len(found["suggestions"])) == (False, [], 3)


def test_where_no_branch_is_near_the_nearest_is_named_as_farther_away() -> None:
    found = branches("the airport")
    assert (found["widened"], len(found["branches"])) == (True, 1)
    assert found["branches"][0]["distance_m"] > 5_000


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert metres((0.0, 0.0), (1.0, 0.0)) == pytest.approx(111_195, abs=1)


def test_a_card_is_frozen_once_and_keeps_its_reference() -> None:
    answers = ask(freeze("4421"), freeze("1234"), freeze("4421"), freeze("1234"), freeze("5678"))
    assert [answer.json() for answer in answers] == [
        {"frozen": True, "reference": reference} for reference in ("A17", "A18", "A17", "A18", "A19")
    ]


def test_the_unknown_and_the_broken_card_fail_as_promised() -> None:
    answers = ask(freeze("0000"), freeze("9999", "k"), freeze("9999", "k"))
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (404, {"frozen": False}), (500, {"frozen": False}), (500, {"frozen": False}),
    ]  # fmt: skip


def test_an_order_sent_twice_with_one_key_counts_once_and_the_key_fits_no_other_order() -> None:
    answers = ask(freeze("1234", "k1"), freeze("1234", "k1"), freeze("5678", "k1"), freeze("5678", "k2"))
    assert [answer.status_code for answer in answers] == [200, 200, 400, 200]
    assert [answer.json().get("reference") for answer in answers] == ["A18", "A18", None, "A19"]
    assert answers[2].json()["code"] == "bad_query"


def test_old_idempotency_keys_make_room() -> None:
    bank = ExampleBank()
    for number in range(MOST_REMEMBERED + 1):
        bank.remember(str(number), number, {"number": number})
    assert (bank.seen("0", 0), bank.seen("1", 1)) == (None, {"number": 1})


def test_balances_and_messages() -> None:
    sms = ("POST", "/sms", {"json": {"what": "Olympic Park branch"}, "headers": {"Idempotency-Key": "k"}})
    answers = ask(
        ("GET", "/accounts/balance", {"params": {"last4": "4421"}}),
        ("GET", "/accounts/balance", {"params": {"last4": "0000"}}),
        sms,
        sms,
    )
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"balance": "1280.50", "currency": "CNY"}), (404, {"found": False}),
        (200, {"sent": True}), (200, {"sent": True}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "request_",
    [
        freeze("42"),
        freeze("four"),
        ("POST", "/sms", {"json": {"what": ""}}),
        ("POST", "/sms", {"content": b"{"}),
        ("GET", "/branches", {}),
        ("GET", "/branches", {"params": {"near": "x", "lang": "fr"}}),
        ("GET", "/accounts/balance", {"params": {"last4": "x"}}),
    ],
)
def test_a_request_that_makes_no_sense_is_a_problem(request_: tuple[str, str, dict[str, Any]]) -> None:
    (answer,) = ask(request_)
    assert (answer.status_code, answer.json()["code"]) == (422, "unfit")


def test_a_held_payment_is_released_unless_its_card_was_frozen() -> None:
    wanted = {"last4": "1234", "payments": " t1 t2"}
    key = {"Idempotency-Key": "case-1"}
    let_go, again, frozen, refused, thawed, after, unknown = ask(
        ("POST", "/payments/release", {"json": wanted, "headers": key}),
        ("POST", "/payments/release", {"json": wanted, "headers": key}),
        freeze("1234"),
        ("POST", "/payments/release", {"json": wanted}),
        ("POST", "/cards/unfreeze", {"json": {"last4": "1234"}}),
        ("POST", "/payments/release", {"json": wanted}),
        ("POST", "/payments/release", {"json": {"last4": "0000"}}),
    )
    assert let_go.json() == again.json() == after.json() == {"released": True, "payments": ["t1", "t2"]}
    assert frozen.json()["frozen"]
    assert (refused.status_code, refused.json()) == (409, {"released": False})
    assert thawed.json() == {"frozen": False}
    assert unknown.status_code == 404


def test_an_unknown_card_stays_frozen() -> None:
    (answer,) = ask(("POST", "/cards/unfreeze", {"json": {"last4": "0000"}}))
    assert (answer.status_code, answer.json()) == (404, {"frozen": True})
