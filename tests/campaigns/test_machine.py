"""What answers a call of ours: a machine hears the neutral message once, and whoever said a word is a person."""

from datetime import UTC, datetime

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.greeting import Greeting
from ivr.call.text_call import TextCall
from ivr.campaigns.facts import facts_of
from ivr.flow.loader import load_flow
from ivr.model.events import MachineDetected
from ivr.model.meaning import Meaning
from ivr.wiring.flows import wordings
from tests.campaigns.kit import ROOT
from tests.campaigns.made import alert, case

FOLDER = ROOT / "flows" / "fraud_check"
ITEM = {"txn_id": "t1", "amount_minor": 128000, "currency": "CNY", "merchant": "Demo Shop", "last4": "4421"}
MESSAGE = "This is Example Bank with an important service message"


class Nothing:
    def understand(self, hypotheses: object, expect: object) -> Meaning:
        return Meaning()


def call() -> TextCall:
    facts = facts_of(case(alert=alert(items=(ITEM,), facts={"title": "Ms", "surname": "Hu"})), "a1")
    flow, machine = (
        FlowDialogue(f"fraud_check/{name}", load_flow(FOLDER / f"{name}.yaml", wordings()))
        for name in ("fraud_check", "voicemail")
    )
    conductor = Conductor(flow, None, {**facts, "bank_url": "http://bank.example"})
    conductor.machine, conductor.greeting = machine, Greeting()
    return TextCall(conductor, Nothing(), datetime(2026, 11, 22, tzinfo=UTC))


def test_a_machine_hears_nothing_of_the_payment() -> None:
    here = call()
    assert here.begin() == []
    assert here.happen(MachineDetected("machine")) == []
    noticed = here.happen(MachineDetected("beep"))
    assert noticed[0] == "[notes answered_by: machine]"
    assert noticed[1].startswith(MESSAGE)
    assert noticed[2] == "[hangs up: voicemail_left]"
    assert not any("Demo Shop" in line or "4421" in line for line in here.lines)


def test_unknown_and_human_are_people_and_are_asked_who_they_are() -> None:
    for kind in ("unknown", "human"):
        here = call()
        here.begin()
        assert "Am I speaking with" in here.happen(MachineDetected(kind))[0]
        assert here.happen(MachineDetected(kind)) == []


def test_a_person_behind_what_was_taken_for_a_machine_is_asked_who_they_are() -> None:
    here = call()
    here.begin()
    here.happen(MachineDetected("machine"))
    noticed = here.happen(MachineDetected("human"))
    assert noticed[0] == "[notes answered_by: human]"
    assert "Am I speaking with" in noticed[1]


def test_who_has_answered_is_a_person_whatever_a_detector_says_later() -> None:
    here = call()
    here.begin()
    here.happen(MachineDetected("human"))
    assert "Demo Shop" in here.press("1")[0]
    assert here.happen(MachineDetected("machine")) == []


def test_hanging_up_at_every_step_leaves_no_verdict_behind() -> None:
    for keys in ("", "1", "12"):
        here = call()
        here.begin()
        here.happen(MachineDetected("human"))
        for key in keys:
            here.press(key)
        here.hang_up()
        assert not any("verdict" in line for line in here.lines)
        assert here.conductor.over
