"""Calls held again from their journals: those the change is about go elsewhere, all others as before."""

from datetime import UTC, datetime

from ivr.call.dialogue import FlowDialogue
from ivr.call.replay import Candidate, Course, compare, hold_again
from ivr.flow.loader import flow_of_texts
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.vocabulary import vocabulary
from ivr.model.calls import JournalEntry
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallAnswered,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    LineHeld,
    MessageTaken,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    QueueNews,
    SpeechStarted,
    TimerFired,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

TEXT = """\
flow: bank
start: greet
agent: person
intents:
  card: { phrases: [I lost my card] }
  rate: { phrases: [what is the rate] }
slots: { pin: { kind: digits, length: 4, secret: true } }
steps:
  greet: { ask: How can I help?, intents: { card: pin, rate: rate } }
  pin: { collect: [pin], prompt: Please key in your four digits., then: block }
  block: { fetch: "http://bank/block", then: blocked, failed: person }
  blocked: { note: { outcome: card_blocked }, then: bye }
  rate: { say: Two percent., then: bye }
  person: { queue: cards, otherwise: bye }
  bye: { hangup: self_service_completed }
"""


def candidate(text: str = TEXT) -> Candidate:
    flow = flow_of_texts({"bank.yaml": text}, "bank.yaml")
    return Candidate(FlowDialogue("bank", flow), PlainUnderstanding(vocabulary(flow, "en")))


def journal(*events: CallEvent) -> list[JournalEntry]:
    happened = [CallAnswered("+1555", "+1556"), PlaybackStarted(1), PlaybackFinished(1), *events]
    return [JournalEntry(number, float(number), event) for number, event in enumerate(happened)]


def held(*events: CallEvent, text: str = TEXT) -> Course:
    return hold_again(journal(*events), candidate(text), "en", NOON)


CARD = Heard("I lost my card", 0.9)
KEYS = tuple(DigitPressed("•") for _ in range(4))
BLOCKED: tuple[CallEvent, ...] = (
    SpeechStarted(1.0), CARD, *KEYS, TimerFired("between_keys"), Fetched("bank.block", ok=True, status=200, body={}),
)  # fmt: skip


def test_words_keys_and_answers_of_services_lead_where_they_led() -> None:
    assert held(*BLOCKED) == Course(
        ("bank.greet", "bank.pin", "bank.block", "bank.blocked", "bank.bye"), (), "self_service_completed",
        "card_blocked",
    )  # fmt: skip


def test_a_service_that_failed_fails_again_and_a_queue_ends_as_it_did() -> None:
    course = held(CARD, *KEYS, Fetched("bank.block", ok=False, error="timeout"), QueueLeft("timed_out"), CallerHungUp())
    assert (course.handed_to, course.ended, course.is_contained) == (("cards",), "self_service_completed", False)


def test_a_service_that_was_never_asked_fails() -> None:
    assert held(CARD, *KEYS).handed_to == ("cards",)


def test_silences_and_failures_of_hearing_happen_again() -> None:
    quiet = held(TimerFired("filler"), *[TimerFired("no_input")] * 4)
    assert (len(quiet.path), quiet.ended) == (4, "silent_line")
    assert held(HearingFailed("broke"), HearingFailed("broke")).handed_to == ("cards",)


def test_a_transfer_is_a_person_too_and_what_comes_after_the_end_is_left_out() -> None:
    course = held(Heard("what is the rate"), CARD, text=TEXT.replace("queue: cards", "transfer: desk"))
    assert (course.path[-1], course.handed_to, course.ended) == ("bank.bye", (), "self_service_completed")
    handed = held(Heard("agent"), CARD, text=TEXT.replace("queue: cards", "transfer: desk"))
    assert handed.handed_to == ("desk",)


def test_a_hold_changes_nothing_when_a_call_is_held_again() -> None:
    assert held(LineHeld(True), LineHeld(False), *BLOCKED) == held(*BLOCKED)


def test_a_call_whose_caller_hangs_up_is_left_open() -> None:
    assert held(Heard(""), CallerHungUp(), CARD) == Course(("bank.greet",), (), "", "")


def test_a_version_that_waits_for_more_keys_gets_the_pause_after_them() -> None:
    longer = TEXT.replace("length: 4", "length: [4, 6]")
    assert held(CARD, *KEYS, Fetched("bank.block", ok=True, body={}), text=longer).outcome == "card_blocked"
    assert held(CARD, *KEYS, text=longer).handed_to == ("cards",)
    assert held(CARD, *KEYS, Heard("hello"), text=longer).path[:3] == ("bank.greet", "bank.pin", "bank.block")


def test_only_calls_that_the_change_is_about_are_reported() -> None:
    journals = {
        "card": journal(*BLOCKED),
        "rate": journal(Heard("what is the rate")),
        "new": journal(Heard("can you close my account")),
    }
    after = TEXT.replace("then: blocked", "then: person").replace("[what is", "[can you close my account, what is")
    found = compare(
        journals, dict.fromkeys(journals, "en"), dict.fromkeys(journals, candidate()), candidate(after), NOON
    )
    assert (found.calls, found.contained_before, found.contained_after) == (3, 3, 2)
    assert [(one.call_id, one.parts_at, one.before_next, one.after_next) for one in found.elsewhere] == [
        ("card", "bank.block", "bank.blocked", "bank.person"),
        ("new", "bank.greet", "bank.greet", "bank.rate"),
    ]


def test_calls_that_begin_elsewhere_part_at_the_beginning() -> None:
    after = TEXT.replace("start: greet", "start: hello").replace(
        "steps:\n", "steps:\n  hello: { say: Hello., then: greet }\n"
    )
    found = compare({"c": journal()}, {"c": "en"}, {"c": candidate()}, candidate(after), NOON)
    assert [(one.parts_at, one.before_next, one.after_next) for one in found.elsewhere] == [
        ("the beginning", "bank.greet", "bank.hello")
    ]


WORD = TEXT.replace("rate: { say: Two percent., then: bye }", "rate: { message: wish, then: bye, otherwise: greet }")
AGENT = Heard("agent", 0.9)
RATE = Heard("what is the rate", 0.9)


def test_what_was_said_in_a_queue_is_said_to_the_queue_again() -> None:
    went_back = held(AGENT, AGENT, QueueNews("next"), Heard("never mind"), QueueLeft("exited_with_key"), RATE)
    assert (went_back.handed_to, went_back.path[-3:]) == (("cards",), ("bank.greet", "bank.rate", "bank.bye"))
    talked = held(AGENT, AGENT, AgentJoined("a1"), AgentSaid("Hello."), Heard("go back"), QueueLeft("connected", "a1"))
    assert (talked.handed_to, talked.ended) == (("cards",), "agent_completed")


def test_a_candidate_that_comes_to_its_queue_later_has_the_same_luck_there() -> None:
    assert held(QueueLeft("closed"), AGENT, AGENT).ended == "self_service_completed"
    assert held(QueueLeft("exited_with_key"), AGENT, AGENT, RATE).ended == ""


def test_a_message_comes_whole() -> None:
    words = (RATE, Heard("please call me"), DigitPressed("#"), MessageTaken("wish", "ok", "please call me", 3.0))
    assert held(*words, text=WORD).path == ("bank.greet", "bank.rate", "bank.bye")
    assert held(RATE, MessageTaken("wish", "nothing"), text=WORD).path == ("bank.greet", "bank.rate", "bank.greet")
    assert held(MessageTaken("wish", "ok", "please call me")).path == ("bank.greet",)
