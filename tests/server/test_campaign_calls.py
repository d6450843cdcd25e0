"""From a signed event to the ledger on a whole server, with customers who really speak, and no carrier.

All are called side by side, as they would be; each test looks at one of them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from ivr.campaigns.ledger import STAGES
from telephony.standin.voices import read_wav
from tests.server.campaign_house import BUSY_SECONDS, House, Punctuality, campaign_house
from tests.server.running import eventually, ivr

pytestmark = [pytest.mark.voice, pytest.mark.timeout(400), pytest.mark.xdist_group("campaign")]

PRIVATE = ("Demo Electronics", "Demo Grocer", "four four two one", "4421", "payment of")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with campaign_house(tmp_path_factory.mktemp("campaign")) as house:
        watch = Punctuality()
        house.call_everybody()
        house.follow_up("leaves_at_hello")
        for name in house.cases:
            house.case(name)
        late = watch.stop()
        if late > BUSY_SECONDS:
            pytest.skip(f"this machine was too busy for calls in real time: woken {late * 1000:.0f} ms late")
        yield house


def kinds(journal: list[dict[str, Any]], *wanted: str) -> list[str]:
    """Those of the journal that matter, in order, each with what tells it from others."""
    named = [(event["kind"], event["fields"]) for event in journal if event["kind"] in wanted]
    return [" ".join(str(fields.get(key, "")) for key in ("name", "value", "queue")).strip() or kind
            for kind, fields in named]  # fmt: skip


def test_a_denied_payment_blocks_the_card_first_and_then_brings_the_specialist_and_the_survey(house: House) -> None:
    case, record = house.case("denies"), house.record("denies")
    assert (case["state"], case["attempts"][0]["outcome"]) == ("denied", "human")
    assert (case["result"]["verdict"], case["result"]["acted"]) == ("denied", "card_blocked")
    heard = " ".join(turn["heard"].lower() for turn in record["turns"])
    assert "that is me" in heard
    assert "make that payment" in heard
    steps = house.steps("denies")
    in_order = ["open", "ask_txn", "confirm_no", "said_no", "denied_note", "denied_say", "denied_queue", "csat"]
    assert [step for step in steps if step in in_order] == in_order
    assert (record["handled_by"], record["survey"]["status"]) == ("both", "completed")
    assert record["survey"]["answers"] == {"csat": "5", "resolved": "yes", "ces": "5"}


def test_every_stage_of_the_ledger_is_there_in_its_order(house: House) -> None:
    case = house.case("denies")
    house.results("denies")
    times = house.server.http.get(f"/api/campaigns/fraud_check/cases/{house.cases['denies']}").json()["times"]
    assert set(times) == set(STAGES)
    moments = [datetime.fromisoformat(times[stage]) for stage in STAGES]
    assert moments == sorted(moments)
    assert case["events"] == [{"source": "bank", "event_id": "event-denies"}]
    goals = house.server.http.get("/api/campaigns/fraud_check/ledger").json()["goals"]
    assert {goal["name"]: goal["count"] > 0 for goal in goals} == {
        "event_to_dial": True, "event_to_answer": True, "event_to_verdict": True, "verdict_to_action": True,
    }  # fmt: skip


def test_the_bank_is_told_once_and_can_prove_it(house: House) -> None:
    (result,) = house.results("denies")
    assert (result["type"], result["state"], result["customer"]) == ("case.settled", "denied", "denies")
    assert result["result"]["reference"]
    assert [why for why, _ in house.told if why] == []


def test_the_card_is_really_blocked_and_another_is_not(house: House) -> None:
    house.case("denies")
    house.case("confirms")
    bank = "/example/bank/payments/release"
    assert house.server.http.post(bank, json={"last4": "4421"}).status_code == 409
    assert house.server.http.post(bank, json={"last4": "1234"}).status_code == 200


def test_a_confirmed_payment_is_released_and_no_specialist_is_asked(house: House) -> None:
    case = house.case("confirms")
    assert (case["state"], case["result"]["acted"]) == ("confirmed", "released")
    assert "The payment will go through" in house.said("confirms")
    record = house.record("confirms")
    assert (record["handled_by"], record["survey"]["status"]) == ("bot", "declined")


def test_an_answering_machine_hears_the_neutral_message_after_its_beep(house: House) -> None:
    case, record = house.case("voicemail"), house.record("voicemail")
    assert (case["state"], case["attempts"][0]["outcome"]) == ("scheduled", "machine")
    said = house.said("voicemail")
    assert "This is Example Bank with an important service message" in said
    assert not any(private in said for private in PRIVATE)
    assert record["end_reason"] == "voicemail_left"
    (sound,) = house.server.folder.rglob(f"{record['call_id']}.wav")
    customer, ours = read_wav(sound).reshape(-1, 2).T
    loud = [np.flatnonzero(np.abs(side.astype(int)) > 1000) for side in (customer, ours)]
    assert loud[1].size > 8000
    assert loud[1][-1] > loud[0][-1]
    in_time = (loud[1] > loud[0][-1]).mean()
    assert in_time > 0.9


def test_a_wrong_number_hears_nothing_of_the_payment_and_is_not_called_again(house: House) -> None:
    assert house.case("wrong_number")["state"] == "wrong_party"
    assert not any(private in house.said("wrong_number") for private in PRIVATE)
    assert house.results("wrong_number")[0]["state"] == "wrong_party"


def test_somebody_else_says_when_to_call_again(house: House) -> None:
    case = house.case("husband")
    assert (case["state"], case["result"]["call_later"]) == ("scheduled", "90")
    assert not any(private in house.said("husband") for private in PRIVATE)


def test_is_this_a_scam_is_answered_with_the_number_on_the_card(house: House) -> None:
    assert house.case("scam")["state"] == "callback_inbound"
    said = house.said("scam")
    assert "the number on the back of your card" in said
    assert not any(private in said for private in PRIVATE)


def test_who_says_nothing_is_asked_twice_and_tried_again_later(house: House) -> None:
    case, record = house.case("silent"), house.record("silent")
    assert (case["state"], record["end_reason"]) == ("scheduled", "no_answer_from_caller")
    assert not any(private in house.said("silent") for private in PRIVATE)


@pytest.mark.parametrize(
    "name", ["leaves_at_hello", "leaves_in_the_greeting", "leaves_at_the_payment", "leaves_at_the_confirmation"]
)
def test_who_hangs_up_before_an_answer_leaves_no_verdict(house: House, name: str) -> None:
    case, record = house.case(name), house.record(name)
    assert (case["state"], case["attempts"][0]["outcome"], case["result"]) == ("scheduled", "human", {})
    assert record["ended_at"]


def test_who_hangs_up_after_the_answer_has_a_blocked_card(house: House) -> None:
    case = house.case("leaves_when_blocked")
    assert (case["state"], case["result"]["acted"]) == ("denied", "card_blocked")
    assert house.server.http.post("/example/bank/payments/release", json={"last4": "7788"}).status_code == 409
    assert house.results("leaves_when_blocked")[0]["state"] == "denied"


def test_who_left_before_the_survey_is_called_for_it_and_what_they_say_is_the_survey_of_that_call(house: House) -> None:
    case, asked = house.case("rates"), house.record("rates")
    assert (case["state"], asked["survey"]["status"]) == ("completed", "not_offered")
    assert "how satisfied were you with your call to us" in house.said("rates")
    settled = eventually(lambda: (found := house.record("leaves_at_hello")["survey"])["status"] != "deferred" and found,
                         "the survey of the earlier call", 20.0)  # fmt: skip
    assert settled["status"] == "completed"
    said = settled["answers"]
    assert "answer the telephone more quickly" in said.pop("comment", "").lower()
    assert said == {"csat": "2", "resolved": "no", "ces": "4", "call_back": "no"}
    call = house.record("leaves_at_hello")["call_id"]
    cases = house.server.http.get("/api/recovery-cases").raise_for_status().json()["cases"]
    assert [one["call_id"] for one in cases if one["call_id"] in (call, asked["call_id"])] == [call]


@pytest.mark.parametrize("name", ["busy", "no_answer"])
def test_who_cannot_be_reached_is_tried_again(house: House, name: str) -> None:
    case = house.case(name)
    assert (case["state"], case["attempts"][0]["outcome"], case["attempts"][0]["call_id"]) == ("scheduled", name, "")


def test_in_chinese_the_card_is_blocked_and_a_specialist_who_speaks_it_answers(house: House) -> None:
    case, record = house.case("denies_zh"), house.record("denies_zh")
    assert (case["state"], case["result"]["acted"], record["language"]) == ("denied", "card_blocked", "zh")
    said = house.said("denies_zh")
    assert "示例银行自动安全核实电话" in said
    assert "的卡已停用" in said
    assert record["handled_by"] == "both"


def test_the_audit_of_all_of_it_holds_together(house: House) -> None:
    for name in ("denies", "scam", "wrong_number", "leaves_when_blocked"):
        house.results(name)
    done = ivr("audit", "verify", config=house.server.folder / "config.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
