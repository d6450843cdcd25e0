"""One ended call as a contact: queues and people, moments, reasons, steps, agents' time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.insight.contacts_from import contact_from
from ivr.insight.repeats import mark_fresh, mark_repeats
from ivr.insight.shifts_from import shifts_from
from ivr.insight.steps import step_parts
from ivr.insight.visits_from import company_of, company_without_events
from ivr.model.contacts import AgentShift, Contact, OfferMade, QueueVisit
from ivr.model.events import AgentJoined, CallStalled, Fetched, HearingFailed, QueueLeft
from ivr.model.insight import AgentChange, FlowFacts, StepPart
from tests.insight.kept_calls import BANK, NINE, Script, happened


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_wait_with_a_missed_offer_and_a_talk_with_hold() -> None:
    known = company_of(
        happened(
            "c1", (0, "queue.entered", {"priority": 60}),
            (3, "queue.offered", {"agent": "ann"}),
            (23, "queue.offer_failed", {"agent": "ann", "reason": "timed_out", "ring_ms": 20000}),
            (24, "queue.offer_failed", {"agent": "cy", "reason": "caller_gone", "ring_ms": 10}),
            (30, "queue.connected", {"agent": "bo", "ring": 4.5, "hold": 30.0}),
            (130, "call.completed", {"agent": "bo", "talk": 90.0, "hold": 10.0, "by": "agent"}),
        )
    )  # fmt: skip
    offers = (OfferMade("ann", 20.0, "timed_out"), OfferMade("cy", 0.01, "cancelled"), OfferMade("bo", 4.5, "accepted"))
    assert known.visits == [QueueVisit("cards", NINE, NINE + later(30), "connected", "bo", 60, offers=offers)]
    assert (known.talk_seconds, known.hold_seconds, known.holds, known.transfers) == (90.0, 10.0, 1, 0)
    assert (known.agent, known.ended_by, known.answered_at, known.parted_at) == (
        "bo", "agent", NINE + later(30), NINE + later(130),
    )  # fmt: skip


def test_a_transfer_to_another_queue_is_two_visits_and_overflow_says_so() -> None:
    known = company_of(
        [
            *happened("c1", (0, "queue.entered", {}), (60, "queue.timed_out", {"overflow": "general"})),
            *happened("c1", (60, "queue.entered", {}), (70, "queue.connected", {"agent": "ann"}),
                      (90, "call.transferred", {"agent": "ann", "talk": 20.0}), queue="general"),
            *happened("c1", (90, "queue.entered", {}), (95, "queue.connected", {"agent": "bo"}),
                      (99, "call.completed", {"agent": "bo", "talk": 4.0, "by": "network"}), queue="sales"),
        ]
    )  # fmt: skip
    assert [(one.queue, one.outcome, one.wait) for one in known.visits] == [
        ("cards", "overflow", 60.0), ("general", "connected", 10.0), ("sales", "connected", 5.0),
    ]  # fmt: skip
    assert (known.transfers, known.talk_seconds, known.agent, known.ended_by) == (1, 24.0, "bo", "network")


@pytest.mark.parametrize("name", ["abandoned", "timed_out", "exited_empty", "exited_with_key"])
def test_every_way_out_of_a_queue_is_named(name: str) -> None:
    known = company_of(happened("c1", (0, "queue.entered", {}), (9, f"queue.{name}", {})))
    assert [one.outcome for one in known.visits] == [name]


def test_what_follows_a_wish_to_be_called_back_belongs_to_the_callback() -> None:
    known = company_of(
        happened("c1", (0, "queue.entered", {}), (9, "queue.callback_requested", {}),
                 (99, "queue.connected", {"agent": "ann"}))
    )  # fmt: skip
    assert [(one.outcome, one.wait) for one in known.visits] == [("callback", 9.0)]


def test_events_without_a_beginning_and_unknown_ones_are_passed_over() -> None:
    names = ("queue.offer_failed", "queue.connected", "queue.abandoned", "queue.step_expired")
    assert company_of(happened("c1", *((1, name, {}) for name in names))).visits == []
    ended = company_of(happened("c1", (1, "call.completed", {"by": "somebody"})))
    assert (ended.ended_by, ended.agent, ended.holds) == ("", "", 0)


def test_a_closed_queue_left_no_events_but_the_call_knows() -> None:
    script = Script().says("a person", control="agent").happened(QueueLeft("closed"))
    call = script.call(stats={"queues": ["cards"]})
    known = company_without_events(call.record, call.journal)
    assert known.visits == [QueueVisit("cards", NINE + later(10), NINE + later(10), "closed")]
    given_up = Script().call(stats={"queues": ["cards"], "talk_seconds": 0.0})
    assert [one.outcome for one in company_without_events(given_up.record, ()).visits] == ["abandoned"]


def test_an_old_record_of_a_talk_still_says_with_whom() -> None:
    script = Script().happened(AgentJoined("ann")).happened(QueueLeft("connected", "ann"))
    call = script.call(stats={"queues": ["cards"], "talk_seconds": 42.0}, handled_by="agent")
    known = company_without_events(call.record, call.journal)
    assert (known.agent, known.talk_seconds, known.answered_at) == ("ann", 42.0, NINE)


def test_a_call_of_the_bot_alone() -> None:
    script = Script().says("my balance", intent="balance", after=0.9)
    contact = contact_from(script.call(), BANK).contact
    assert (contact.intent, contact.topic, contact.issue_family, contact.handled_by) == (
        "balance", "balance", "balance", "bot",
    )  # fmt: skip
    assert contact.intent_recognized_at == NINE + later(9.5)
    assert contact.self_service_done_at == NINE + later(9.9)
    assert contact.first_response_at == NINE
    assert (contact.visits, contact.escalation_reason, contact.wrap_up_seconds) == ((), "", 0.0)


def test_a_knowledge_answer_is_a_topic_not_an_intent() -> None:
    call = Script().says("do you change yen", "hotline.faq").call(notes={"knowledge.answer": "hotline/faq.yaml#yen"})
    contact = contact_from(call, BANK).contact
    assert (contact.intent, contact.topic, contact.issue_family) == ("", "hotline/faq.yaml#yen", "knowledge")


def test_a_call_that_was_never_answered_has_no_moments() -> None:
    call = Script().call("error")
    contact = contact_from(replace(call, record=replace(call.record, answered_at=None)), FlowFacts()).contact
    assert (contact.answered_by_ivr_at, contact.first_response_at, contact.intent_recognized_at) == (None, None, None)


CHANGES = [
    AgentChange("ann", "on_call", "", NINE + later(30)),
    AgentChange("ann", "wrap_up", "", NINE + later(60)),
    AgentChange("ann", "available", "", NINE + later(85)),
    AgentChange("bo", "wrap_up", "", NINE + later(61)),
]


def test_the_wrap_up_of_the_agent_who_talked_last_counts_once_it_is_over() -> None:
    routing = happened(
        "c1", (0, "queue.entered", {}), (30, "queue.connected", {"agent": "ann"}),
        (60, "call.completed", {"agent": "ann", "talk": 30.0, "by": "customer"}),
    )  # fmt: skip
    call = (
        Script()
        .says("a person", control="agent")
        .call("agent_completed", *routing, handled_by="both", stats={"queues": ["cards"]})
    )
    contact = contact_from(call, BANK, CHANGES).contact
    assert (contact.wrap_up_seconds, contact.wrapup_ended_at) == (25.0, NINE + later(85))
    assert contact_from(call, BANK, CHANGES[:2]).contact.wrap_up_seconds == 0.0
    assert contact_from(call, BANK, CHANGES[:1]).contact.wrap_up_seconds == 0.0


def reason(script: Script, says: str = "", **stats: object) -> tuple[str, str]:
    call = script.call("agent_completed", stats={"queues": ["cards"], **stats}, escalation_reason=says)
    kept = contact_from(call, BANK)
    return kept.contact.escalation_reason, kept.reason_subcode


def test_why_a_caller_went_to_a_person_is_read_from_what_happened_before() -> None:
    asked = Script().says("my balance", intent="balance")
    assert reason(Script().says("agent", control="agent")) == ("direct_request", "after_greeting")
    assert reason(Script().says("my balance", intent="balance").says("eh", "hotline.greet", no_match=True)) == (
        "misrecognized", "no_match",
    )  # fmt: skip
    rejected = Script().says("cash", "hotline.greet", guess="balance").says("no", "hotline.greet", control="no")
    assert reason(rejected) == ("misrecognized", "nlu_wrong_intent")
    assert reason(Script().says("my balance", intent="balance").says("agent", control="agent")) == (
        "answer_not_solving", "",
    )  # fmt: skip
    assert reason(Script().says("this is terrible, my balance", intent="balance")) == ("emotion", "red")
    assert reason(asked) == ("unknown", "")


def test_failures_of_ours_and_policies_come_first() -> None:
    def broken(*events: object) -> Script:
        script = Script().says("my balance", intent="balance")
        for event in events:
            script.happened(event)  # type: ignore[arg-type]
        return script

    assert reason(broken(Fetched("b", ok=False, error="timeout")), "system") == ("system", "timeout")
    assert reason(broken(Fetched("b", ok=False, error="status")), "system") == ("system", "backend_error")
    assert reason(broken(HearingFailed("ears")), "system") == ("system", "asr_down")
    assert reason(broken(CallStalled("mouth")), "system") == ("system", "timeout")
    assert reason(broken(), "system") == ("system", "backend_error")
    assert reason(broken(), "policy_human_only") == ("policy_human_only", "staff_operation")
    assert reason(broken(), "policy_human_only", queues=["complaints"]) == ("policy_human_only", "complaint")


def test_how_the_caller_felt_at_the_end() -> None:
    kept = contact_from(Script().says("this is terrible").presses("1").call(), BANK)
    assert kept.mood is not None
    assert kept.mood < -0.5
    assert kept.mood_level == "red"


def test_each_step_has_its_turns_and_the_last_one_a_caller_who_hung_up() -> None:
    script = Script().says("eh", "hotline.greet", no_match=True).says("balance", "hotline.b", "balance")
    call = script.call("abandoned_in_ivr")
    assert step_parts(call.record, call.record.turns) == (
        StepPart("hotline.greet", 1, 1, 1, 0, False, (0.9,), (1.0,)),
        StepPart("hotline.b", 1, 1, 0, 0, True, (0.9,), (1.0,)),
    )


def test_time_of_agents_adds_up_within_the_stretch_that_is_asked_for() -> None:
    changes = [
        AgentChange("ann", "available", "", NINE - later(100)),
        AgentChange("ann", "ringing", "", NINE + later(10)),
        AgentChange("ann", "on_call", "", NINE + later(15)),
        AgentChange("ann", "on_hold", "", NINE + later(45)),
        AgentChange("ann", "wrap_up", "", NINE + later(50)),
        AgentChange("ann", "break", "lunch", NINE + later(60)),
        AgentChange("ann", "offline", "logout", NINE + later(90)),
        AgentChange("bo", "offline", "logout", NINE),
    ]
    assert shifts_from(changes, NINE, NINE + later(100)) == (
        AgentShift("ann", talk=30, hold=5, wrap_up=10, ring=5, idle=10, away=30),
    )


def contact(name: str, day: float, issue: str = "balance", customer: str = "+1", **more: object) -> Contact:
    return replace(Contact(name, NINE + timedelta(days=day), customer=customer, issue_family=issue), **more)  # type: ignore[arg-type]


def test_marks_made_one_by_one_are_those_of_all_contacts_together() -> None:
    contacts = [
        contact("a", 0), contact("b", 3), contact("c", 3.1, "hours"), contact("d", 20),
        contact("e", 21, direction="outbound"), contact("f", 22), contact("g", 22.5, customer=""),
    ]  # fmt: skip
    now = NINE + timedelta(days=100)
    known: list[Contact] = []
    first: dict[str, bool | None] = {}
    came_back: dict[str, bool] = {}
    for one in contacts:
        marks = mark_fresh([one], known)
        first |= {fresh.contact_id: fresh.first_contact for fresh in marks.fresh}
        came_back |= dict.fromkeys(marks.came_back, True)
        known.append(one)
    together = mark_repeats(contacts, now)
    assert {one.contact_id: one.first_contact for one in together} == first
    assert {one.contact_id for one in together if one.repeated} == set(came_back)
    assert set(came_back) == {"a", "d", "e"}
