"""Whole calls by text: the bank's own flow, its survey, and the table dialogue for the odd ways a call goes."""

from datetime import UTC, datetime
from pathlib import Path

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.text_call import TextCall
from ivr.flow.loader import load_flow
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.vocabulary import vocabulary
from ivr.model.calls import SurveyRecord
from ivr.model.commands import Fetch, HangUp, TakeMessage
from ivr.model.events import Fetched
from tests.call.dialogues import TableDialogue
from tests.call.test_conductor import SURVEY, flow

FLOWS = Path(__file__).parents[2] / "flows"
STARTED = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOTLINE = load_flow(FLOWS / "bank/hotline.yaml")
AFTER = load_flow(FLOWS / "survey/post_call.yaml")


def bank(request: Fetch) -> Fetched:
    body = {"frozen": True, "reference": "A17"} if request.url.endswith("/cards/freeze") else None
    return Fetched(request.name, ok=body is not None, status=200 if body else 0, body=body)


def hotline() -> TextCall:
    conductor = Conductor(
        FlowDialogue("bank/hotline", HOTLINE), FlowDialogue("survey/post_call", AFTER), {"bank_url": "http://bank"}
    )
    call = TextCall(conductor, PlainUnderstanding(vocabulary(HOTLINE, "en")), STARTED, bank)
    call.begin()
    return call


def table(dialogue: TableDialogue | None = None, survey: TableDialogue | None = None) -> TextCall:
    call = TextCall(Conductor(dialogue or flow(), survey), PlainUnderstanding(vocabulary(AFTER, "en")), STARTED)
    call.begin()
    return call


def test_a_lost_card_is_frozen_and_the_caller_meets_a_specialist_and_the_survey() -> None:
    call = hotline()
    call.say("I lost my card")
    call.press("4421")
    assert call.say("yes")[0].startswith("[notes")
    record = call.finish(SurveyRecord("completed"))
    assert "[transferred to card_specialist]" in call.lines
    assert (record.outcome, record.handled_by) == ("card_frozen", "both")
    assert [turn.keys for turn in record.turns if turn.keys] == ["4421"]
    assert call.conductor.surveying
    call.press("5")
    call.press("1")
    assert call.lines[-1] == "[hangs up: transferred_out]"
    assert call.log.answers == {"csat": "5", "resolved": "yes"}
    assert call.conductor.dialogue.prompts()  # type: ignore[attr-defined]


def test_the_caller_may_be_silent_hang_up_or_find_nobody() -> None:
    call = table()
    assert call.stay_silent() == ["Sorry?"]
    assert call.hang_up() == []
    assert call.finish(SurveyRecord("hung_up_before")).end_reason == "abandoned_in_ivr"
    call = table()
    assert call.say("person") == ["I'll connect you.", "[waits in reception]", "We are closed."]
    assert call.finish(SurveyRecord("hung_up_before")).end_reason == "error"


def test_a_request_fails_unless_somebody_answers_it_and_a_message_is_shown() -> None:
    call = table()
    assert call.say("find") == ["Not now."]
    assert call.say("message") == ["[records wish]"]
    assert isinstance(call.commands[-1], TakeMessage)


def test_readings_are_tried_in_order_and_the_goodbye_leads_to_the_survey() -> None:
    call = table(survey=SURVEY)
    assert call.say("bye", "by") == ["[notes outcome: done]", "Goodbye.", "How satisfied are you?"]
    assert call.say("five") == ["[notes survey.csat: 5]", "Thank you.", "[hangs up: self_service_completed]"]
    assert isinstance(call.commands[-1], HangUp)
    assert call.finish(SurveyRecord("partial")).disconnect_by == "system"
