"""What a call leaves behind, from the events and commands that everybody sees."""

from datetime import UTC, datetime
from typing import Any

from ivr.call.record import CallLog
from ivr.model.calls import CallRecord, Leg, SurveyRecord, Turn
from ivr.model.commands import JoinQueue, Note, Say, StopSpeaking, Transfer
from ivr.model.events import (
    CallerHungUp,
    DigitPressed,
    Heard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    SpeechStarted,
    TransferFinished,
    TurnTimes,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NO_SURVEY = SurveyRecord("hung_up_before")


def log() -> CallLog:
    return CallLog(CallRecord("c1", Leg("text"), "+1", "+2", "inbound", "f", "1", "en", NOW))


def finished(call: CallLog, reason: str = "") -> CallRecord:
    return call.finish(NOW, ("greet",), reason, NO_SURVEY, {"frames": 1})


def heard(text: str, **times: Any) -> Heard:
    return Heard(text, 0.9, times=TurnTimes(**times), engine="moonshine")


def test_the_time_of_a_turn_is_split_into_its_parts() -> None:
    call = log()
    call.did(Say("Hello.", utterance=1), "greet", 0.0)
    call.saw(PlaybackStarted(1), 0.1)
    call.saw(SpeechStarted(1.0), 1.2)
    call.saw(heard("find a branch", began=1.0, ended=2.0, waited=0.25, recognizing=0.05), 2.3)
    call.did(Say("Nearest is …", utterance=2), "b_answer", 2.31)
    call.did(Say("Anything else?", utterance=3), "more", 2.31)
    call.understood("greet", "branch_lookup", 0.97, matched=True)
    call.saw(PlaybackStarted(2), 2.35)
    call.saw(PlaybackStarted(3), 4.0)
    first, second = call.turns
    assert first == Turn(0, "", said=("Hello.",))
    assert second.latency == {
        "end_of_turn": 0.25, "recognition": 0.05, "understanding_and_flow": 0.01, "first_audio": 0.04, "total": 0.35,
    }  # fmt: skip
    assert (second.heard, second.said, second.answered_at) == (
        "find a branch", ("Nearest is …", "Anything else?"), 2.35,
    )  # fmt: skip
    assert second.interrupted


def test_what_the_flow_made_of_a_turn_is_noted_before_it_is_answered() -> None:
    call = log()
    call.saw(heard("balance"), 1.0)
    call.understood("greet", "balance", 0.9, matched=True)
    call.saw(heard("gibberish"), 2.0)
    call.understood("greet", "", 0.1, matched=False)
    assert [(turn.step, turn.intent, turn.no_match) for turn in call.turns] == [
        ("greet", "balance", False),
        ("greet", "", True),
    ]


def test_keys_of_one_entry_are_one_turn_and_the_next_entry_another() -> None:
    call = log()
    for at, key in enumerate("44"):
        call.saw(DigitPressed(key), float(at))
    call.did(Say("Thank you.", utterance=1), "card", 2.0)
    call.saw(PlaybackStarted(1), 2.1)
    call.saw(DigitPressed("1"), 3.0)
    assert [(turn.number, turn.keys, turn.interrupted) for turn in call.turns] == [(1, "44", False), (2, "1", True)]


def test_words_that_changed_nothing_have_no_latency() -> None:
    call = log()
    call.saw(heard("please", began=1.0, ended=1.5), 2.0)
    call.left_unanswered()
    call.did(Say("You are connected.", utterance=1), "l_transfer", 9.0)
    call.saw(PlaybackStarted(1), 9.1)
    assert (call.turns[0].latency, call.turns[0].answered_at) == ({}, None)
    log().left_unanswered()


def test_survey_notes_are_answers_and_others_are_facts() -> None:
    call = log()
    for name, value in (("survey.csat", "5"), ("survey.asked", "nps"), ("survey.declined", "yes"), ("ref", "A17")):
        call.did(Note(name, value), "", 0.0)
    call.did(Note("outcome", "card_frozen"), "", 0.0)
    record = finished(call, "self_service_completed")
    assert (call.answers, call.asked, call.declined) == ({"csat": "5"}, ["nps"], True)
    assert (record.outcome, record.notes) == ("card_frozen", {"ref": "A17"})


def test_the_end_reason_says_where_the_caller_was() -> None:
    waiting, back, away = log(), log(), log()
    waiting.did(JoinQueue("desk", "direct_request"), "", 0.0)
    waiting.saw(CallerHungUp("caller"), 1.0)
    assert (finished(waiting).end_reason, finished(waiting).escalation_reason) == (
        "abandoned_in_queue", "direct_request",
    )  # fmt: skip
    back.did(JoinQueue("desk"), "", 0.0)
    back.saw(QueueLeft("closed"), 1.0)
    back.saw(CallerHungUp("network"), 2.0)
    assert (finished(back).end_reason, finished(back).disconnect_by) == ("abandoned_in_ivr", "network")
    away.did(Transfer("desk"), "", 0.0)
    away.saw(CallerHungUp("provider"), 60.0)
    assert (finished(away).end_reason, finished(away).handled_by) == ("transferred_out", "bot")
    away.saw(TransferFinished("completed"), 61.0)
    assert finished(away).handled_by == "both"
    assert finished(log()).end_reason == "error"


def test_interruptions_and_words_are_counted() -> None:
    call = log()
    call.did(Say("Hello.", utterance=1), "", 0.0)
    call.did(StopSpeaking(), "", 0.9)
    call.saw(PlaybackFinished(1, interrupted=True), 1.0)
    call.saw(Heard(""), 1.5)
    call.saw(TransferFinished("busy"), 1.6)
    call.understood("x", "y", 1.0, matched=True)
    assert (call.said, call.interruptions, call.disconnect_by) == (1, 1, "system")
