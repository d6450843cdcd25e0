"""What an agent sees before they answer."""

from ivr.call.handoff import handoff
from ivr.model.commands import JoinQueue, Say
from ivr.model.events import AgentJoined, AgentSaid, DigitPressed, Heard, QueueLeft
from ivr.model.people import Handoff
from tests.call.test_record import log


def test_everything_learned_is_there_and_no_secret() -> None:
    seen = log()
    seen.did(Say("How can I help?", utterance=1), "greet", 0.0)
    seen.saw(Heard("I lost my card"), 2.0)
    seen.did(Say("Key in your PIN.", utterance=2), "pin", 2.1)
    for _ in range(4):
        seen.saw(DigitPressed("•"), 5.0)
    seen.did(Say("Thank you.", utterance=3), "frozen", 5.1)
    seen.did(JoinQueue("cards"), "person", 6.0)
    seen.saw(AgentJoined("a1"), 7.0)
    seen.saw(AgentSaid("Hello."), 8.0)
    seen.saw(QueueLeft("failed", "a1"), 9.0)
    facts = {
        "intent": "report_lost_card", "last4": "4421", "summary": "x" * 300, "customer": "c7", "tier": "vip",
        "authentication_level": "2",
    }  # fmt: skip
    told = handoff(seen, ["greet", "pin", "greet", "person"], JoinQueue("cards", "policy_human_only", facts))
    assert told == Handoff(
        call_id=seen.record.call_id,
        caller=seen.record.caller,
        language="en",
        queue="cards",
        reason="policy_human_only",
        intent="report_lost_card",
        facts={"intent": "report_lost_card", "last4": "4421"},
        summary="x" * 279 + "…",
        last_turns=(
            ("caller", "I lost my card"),
            ("bot", "Key in your PIN."),
            ("caller", "••••"),
            ("bot", "Thank you."),
            ("agent", "Hello."),
        ),
        tried=("greet", "pin", "person"),
        customer="c7",
        tier="vip",
        authentication_level=2,
        flow=seen.record.flow,
    )
    assert handoff(log(), [], JoinQueue("cards", facts={"authentication_level": "high"})).authentication_level == 0
