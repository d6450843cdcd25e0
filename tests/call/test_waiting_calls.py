"""Calls that wait for a person: what the conductor makes of the wait, and whole calls in words."""

from datetime import UTC, datetime

import pytest

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.text_call import TextCall
from ivr.call.timing import BETWEEN_KEYS, NO_INPUT, NOT_ASKED
from ivr.call.wishes import confirming, with_agent
from ivr.flow.loader import flow_of_texts
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.vocabulary import vocabulary
from ivr.model.calls import SurveyRecord
from ivr.model.commands import (
    CancelTimer,
    HangUp,
    HoldMusic,
    LeaveQueue,
    Listen,
    Say,
    StartTimer,
    StopSpeaking,
)
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallAnswered,
    CallerHungUp,
    CallStalled,
    DigitPressed,
    Heard,
    HearingFailed,
    PlaybackFinished,
    QueueLeft,
    QueueNews,
    SpeakingFailed,
    SpeechStarted,
    TimerFired,
)
from ivr.model.meaning import Meaning, SlotValue
from tests.call.test_conductor import OPEN as MENU
from tests.call.test_conductor import SURVEY, flow, heard, in_flow, listening
from tests.call.test_waiting import ANI, CONFIRM, JOIN, OPTIONS, RESTING, texts

# -- in the conductor


def in_queue() -> Conductor:
    conductor = listening()
    conductor.facts = {"caller": ANI, "called": "+14155550199"}
    conductor.handle(heard("person"))
    assert conductor.handle(PlaybackFinished(3)) == [JOIN, HoldMusic(), RESTING]
    return conductor


def said(text: str, wish: str) -> Heard:
    return Heard(text, meaning=Meaning(text, slots=(SlotValue("wish", wish, text),)))


def test_news_interrupt_the_music_and_the_caller_may_talk_over_them() -> None:
    conductor = in_queue()
    assert conductor.handle(QueueNews("next")) == [
        Say("You are next in line.", utterance=4), Say(OPTIONS, utterance=5),
    ]  # fmt: skip
    assert conductor.handle(SpeechStarted(9.0)) == [CancelTimer(NO_INPUT), StopSpeaking()]
    assert conductor.handle(QueueNews("next")) == []
    assert conductor.handle(PlaybackFinished(4, interrupted=True, played_seconds=0.5)) == []
    assert conductor.handle(PlaybackFinished(5, interrupted=True)) == []
    assert conductor.handle(Heard("")) == [Say("You are next in line.", utterance=6), Say(OPTIONS, utterance=7)]
    conductor.handle(PlaybackFinished(6))
    assert conductor.handle(PlaybackFinished(7)) == []
    assert conductor.handle(TimerFired(NO_INPUT)) == [CancelTimer(NO_INPUT)]


def test_the_clock_runs_only_while_a_question_of_ours_is_open() -> None:
    conductor = in_queue()
    assert conductor.handle(SpeechStarted(9.0)) == [CancelTimer(NO_INPUT)]
    assert conductor.handle(said("call me back", "callback")) == [
        CancelTimer(NO_INPUT), HoldMusic(False), Listen(confirming("table", "en")), Say(CONFIRM, utterance=4),
    ]  # fmt: skip
    assert conductor.handle(PlaybackFinished(4)) == [StartTimer(NO_INPUT, 6.0)]
    assert conductor.handle(TimerFired(NO_INPUT)) == [CancelTimer(NO_INPUT), Say(CONFIRM, utterance=5)]
    assert conductor.handle(DigitPressed("1")) == [
        CancelTimer(NO_INPUT), StopSpeaking(), CancelTimer(BETWEEN_KEYS), CancelTimer(NO_INPUT), HoldMusic(), RESTING,
        LeaveQueue("callback", ANI),
    ]  # fmt: skip


def test_what_breaks_in_us_does_not_end_a_wait() -> None:
    conductor = in_queue()
    assert conductor.handle(HearingFailed("engine")) == [CancelTimer(NO_INPUT)]
    assert conductor.handle(CallStalled("nothing")) == [CancelTimer(NO_INPUT)]
    conductor.handle(QueueNews("position", 0, 2))
    assert conductor.handle(SpeakingFailed(4, "dead")) == []
    assert conductor.handle(SpeakingFailed(5, "dead")) == []
    assert conductor.wait is not None


def test_a_person_joins_in_the_middle_of_a_sentence_and_the_flow_goes_on_after_them() -> None:
    conductor = in_queue()
    conductor.handle(QueueNews("next"))
    assert conductor.handle(AgentJoined("a1")) == [
        StopSpeaking(), CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS), HoldMusic(False),
        Listen(with_agent("table", "en")),
    ]  # fmt: skip
    for number in (4, 5):
        assert conductor.handle(PlaybackFinished(number, interrupted=True)) == []
    for event in (SpeechStarted(9.0), Heard("my card is gone"), DigitPressed("5"), AgentSaid("I see"), Heard("")):
        assert not [command for command in conductor.handle(event) if not isinstance(command, CancelTimer)]
    assert conductor.handle(QueueLeft("closed", "a1")) == [
        CancelTimer(NO_INPUT), in_flow(MENU), Say("We are closed.", utterance=6),
    ]  # fmt: skip
    assert conductor.handle(AgentJoined("a2")) == []
    assert conductor.handle(QueueNews("next")) == []
    assert conductor.handle(QueueLeft("closed"))[0] == CancelTimer(NO_INPUT)


def test_the_queue_is_left_or_the_caller_is() -> None:
    conductor = in_queue()
    assert conductor.handle(QueueLeft("closed")) == [
        HoldMusic(False), CancelTimer(BETWEEN_KEYS), CancelTimer(NO_INPUT), in_flow(MENU),
        Say("We are closed.", utterance=4),
    ]  # fmt: skip
    gone = in_queue()
    assert {type(command) for command in gone.handle(CallerHungUp("caller"))} == {CancelTimer}
    broken = in_queue()
    assert texts(broken.rescue({"en": "So sorry."})) == ["So sorry."]
    assert (broken.wait, broken.expect) == (None, NOT_ASKED)


def test_a_survey_can_send_nobody_to_a_queue_before_the_call_was_answered() -> None:
    assert Conductor(flow(), SURVEY).handle(QueueLeft("closed")) == []
    conductor = Conductor(flow(), SURVEY)
    assert conductor.handle(CallAnswered("", ""))[0] == in_flow(MENU)


# -- in words

HOTLINE = """
flow: test
start: hello
agent: person
goodbye: bye
languages: [en, zh]
intents: { branch: { phrases: { en: [find a branch], zh: [查网点] } } }
steps:
  hello: { ask: { en: How can I help?, zh: 您要办什么? }, intents: { branch: bye } }
  person: { queue: people, otherwise: nobody }
  nobody: { say: { en: Nobody is free., zh: 没有人。}, then: bye }
  word: { message: comment, then: thanks, otherwise: bye }
  thanks: { say: { en: "Noted: {comment}.", zh: "记下了:{comment}。" }, then: bye }
  bye: { hangup: done }
"""


def call(language: str, caller: str = ANI, text: str = HOTLINE, outcome: str = "") -> TextCall:
    of = flow_of_texts({"test.yaml": text}, "test.yaml")
    conductor = Conductor(FlowDialogue("test", of), None, {}, language)
    held = TextCall(conductor, PlainUnderstanding(vocabulary(of, language)), datetime(2026, 11, 22, tzinfo=UTC))
    held.caller, held.called, held.queue_outcome = caller, "+14155550199", outcome
    held.begin()
    return held


@pytest.mark.parametrize(
    ("language", "caller", "agent", "back", "question", "words"),
    [
        ("en", ANI, "agent", "call me back", "We can call you back on (415) 555-0100. Is that right?", "yes"),
        ("zh", "+8613812345678", "人工", "给我回电", "我们可以拨打138 1234 5678给您回电,对吗?", "对"),
    ],
)
def test_a_caller_asks_to_be_called_back_in_words(
    language: str, caller: str, agent: str, back: str, question: str, words: str
) -> None:
    held = call(language, caller)
    held.say(agent)
    assert held.say(agent)[-1] == "[waits in people]"
    assert held.happen(QueueNews("position", 4, 8))
    assert held.say(back) == [question]
    left = held.say(words)
    assert left[0] == f"[leaves the queue: callback {caller}]"
    assert left[-1] == "[hangs up: callback_requested]"
    record = held.finish(SurveyRecord("hung_up_before"))
    assert (record.end_reason, record.handled_by) == ("callback_requested", "bot")
    assert record.stats["queues"] == ["people"]
    assert [turn.step for turn in record.turns if turn.heard == back] == ["in_queue"]


@pytest.mark.parametrize(("language", "agent", "back", "question"), [
    ("en", "agent", "never mind", "How can I help?"), ("zh", "人工", "我不等了", "您要办什么?"),
])  # fmt: skip
def test_a_caller_goes_back_to_the_bot_in_words(language: str, agent: str, back: str, question: str) -> None:
    held = call(language)
    held.say(agent)
    held.say(agent)
    assert held.say(back) == ["[leaves the queue: exited_with_key]", question]


def test_a_talk_with_a_person_is_in_the_record_and_ends_the_call() -> None:
    held = call("en")
    held.say("agent")
    held.say("agent")
    held.at = 20.0
    held.happen(AgentJoined("a1", "Ann"))
    held.happen(AgentSaid("Hello, this is Ann."))
    held.happen(Heard("hello", engine="text"))
    held.happen(AgentSaid("How can I help?"))
    held.at = 80.0
    assert held.happen(QueueLeft("connected", "a1")) == ["[hangs up: agent_completed]"]
    record = held.finish(SurveyRecord("hung_up_before"))
    assert (record.end_reason, record.handled_by) == ("agent_completed", "both")
    talked = [(turn.heard, turn.said) for turn in record.turns if turn.step == "with_agent"]
    assert talked == [("", ("Hello, this is Ann.",)), ("hello", ("How can I help?",))]
    assert record.stats == {"queues": ["people"], "queue_seconds": 18.0, "agents": ["a1"], "talk_seconds": 60.0}


def test_who_is_led_to_a_person_at_once_was_helped_by_the_person_alone() -> None:
    held = call("en", text=HOTLINE.replace("start: hello", "start: person"))
    held.happen(AgentJoined("a1"))
    held.hang_up()
    record = held.finish(SurveyRecord("hung_up_before"))
    assert (record.end_reason, record.handled_by) == ("agent_completed", "agent")


@pytest.mark.parametrize(("language", "thanks"), [("en", "Noted: It rattles."), ("zh", "记下了:It rattles.。")])
def test_a_message_is_what_is_typed(language: str, thanks: str) -> None:
    of = HOTLINE.replace("start: hello", "start: word")
    held = call(language, text=of)
    assert held.lines == ["[records comment]"]
    assert held.say("It rattles.")[0].replace("..", ".") == thanks.replace("..", ".")
    assert call(language, text=of).stay_silent() == ["[hangs up: done]"]
    assert call(language, text=of).press("#") == ["[hangs up: done]"]
    assert isinstance(held.commands[-1], HangUp)
