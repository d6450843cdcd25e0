"""A caller's wait for a person: what they hear, want and are told, as whole lists of commands."""

from dataclasses import replace

import pytest

from ivr.call.callback_number import as_read_out, full_number
from ivr.call.timing import BETWEEN_KEYS, NO_INPUT
from ivr.call.waiting import Waiting
from ivr.call.wishes import confirming, numbering, while_waiting, wish_of, with_agent
from ivr.flow.progress import Answer, Silence, Trouble
from ivr.model.commands import (
    CancelTimer,
    Command,
    HoldMusic,
    JoinQueue,
    LeaveQueue,
    Listen,
    Say,
)
from ivr.model.events import (
    AgentJoined,
    QueueNews,
)
from ivr.model.meaning import Control, Meaning, SlotValue
from tests.call.test_conductor import flow

ANI = "+14155550100"
JOIN = JoinQueue("reception")
RESTING = Listen(while_waiting("table", "en", offered=False))
OPTIONS = "While you wait you can say 'call me back' or 'go back'. For silence instead of music, press star."
STILL = "I'm still getting someone for you. Thank you for waiting."
CONFIRM = "We can call you back on (415) 555-0100. Is that right?"
WHICH = "Which number shall we call? Say it with its area code, or key it in and press the pound key."
STAY = Say("All right, you keep your place in line.")


def wait(caller: str = ANI, language: str = "en") -> Waiting:
    return Waiting(JOIN, flow(), language, caller, "+14155550199")


def meant(wish: str = "", *, sure: float = 1.0, control: Control = "", number: str = "") -> Answer:
    slots = [SlotValue("wish", wish, "…", sure)] if wish else []
    slots += [SlotValue("number", number)] if number else []
    return Answer("…", meaning=Meaning("…", (), tuple(slots), control, 1.0 if control else 0.0))


def texts(commands: list[Command]) -> list[str]:
    return [command.text for command in commands if isinstance(command, Say)]


def test_the_wait_begins_with_music_and_its_own_words() -> None:
    waiting = wait()
    assert waiting.begin() == [JOIN, HoldMusic(), RESTING]
    assert waiting.ended() == [HoldMusic(False), CancelTimer(BETWEEN_KEYS)]
    assert while_waiting("table", "fr", offered=False).phrases == while_waiting("table", "en", offered=False).phrases


@pytest.mark.parametrize(
    ("news", "english", "chinese"),
    [
        (QueueNews("position", 3, 5), "You are number 3 in line. The wait is about 5 minutes.",
         "您前面还有2位。预计等待约5分钟。"),
        (QueueNews("position", 3), "You are number 3 in line.", "您前面还有2位。"),
        (QueueNews("position", 1, 1), "You are next in line. The wait is about one minute.",
         "下一位就是您。预计等待约一分钟。"),
        (QueueNews("next", 2), "You are next in line.", "下一位就是您。"),
        (QueueNews("position", 9, 31), "You are number 9 in line. The wait is more than thirty minutes.",
         "您前面还有8位。预计等待超过三十分钟。"),
        (QueueNews("position", 0, 2), "The wait is about 2 minutes.", "预计等待约2分钟。"),
    ],
)  # fmt: skip
def test_news_are_worded_and_the_first_time_the_caller_hears_what_they_can_do(
    news: QueueNews, english: str, chinese: str
) -> None:
    waiting = wait()
    assert waiting.told(news, aloud=True) == [Say(english), Say(OPTIONS)]
    assert waiting.told(news, aloud=True) == [Say(english)]
    said = wait(language="zh").told(news, aloud=True)
    assert (said[0], len(said)) == (Say(chinese, language="zh"), 2)


def test_ringing_is_not_told_and_nobody_is_talked_over() -> None:
    waiting = wait()
    assert waiting.told(QueueNews("ringing"), aloud=True) == []
    assert waiting.told(QueueNews("position", 2, 3), aloud=False) == []
    assert texts(waiting.replied(meant("how_long"))) == [
        "You are number 2 in line. The wait is about 3 minutes.",
        OPTIONS,
    ]
    assert texts(wait().replied(meant("how_long"))) == [STILL]


def test_a_callback_is_offered_once_it_may_be_and_then_has_a_key() -> None:
    waiting = wait()
    assert waiting.replied(Answer(digits="1")) == []
    offered = Listen(while_waiting("table", "en", offered=True))
    (listen, said) = waiting.told(QueueNews("callback_offer"), aloud=True)
    assert listen == offered
    assert texts([said])[0].startswith("If you'd rather not wait, press one")
    assert waiting.replied(Answer(digits="1")) == [HoldMusic(False), Listen(confirming("table", "en")), Say(CONFIRM)]
    assert waiting.told(QueueNews("callback_offer"), aloud=True) == []
    assert waiting.told(QueueNews("position", 2), aloud=True) == []
    assert wait().told(QueueNews("callback_offer"), aloud=False) == [offered]


@pytest.mark.parametrize("yes", [Answer(digits="1"), meant(control="yes")])
def test_the_number_they_call_from_is_read_back_and_taken(yes: Answer) -> None:
    waiting = wait()
    assert texts(waiting.replied(meant("callback"))) == [CONFIRM]
    assert waiting.replied(yes) == [HoldMusic(), RESTING, LeaveQueue("callback", ANI)]


@pytest.mark.parametrize(
    "number", [Answer(digits="2125550123"), meant(number="2125550123"), meant(number="+12125550123")]
)
def test_another_number_is_asked_for_read_back_and_taken(number: Answer) -> None:
    waiting = wait()
    waiting.replied(meant("callback"))
    assert waiting.replied(Answer(digits="2")) == [Listen(numbering("table", "en")), Say(WHICH)]
    assert waiting.replied(number) == [
        Listen(confirming("table", "en")), Say("We can call you back on (212) 555-0123. Is that right?"),
    ]  # fmt: skip
    assert waiting.replied(meant(control="yes"))[-1] == LeaveQueue("callback", "+12125550123")


def test_a_correction_names_the_number_at_once_and_a_withheld_number_is_asked_for() -> None:
    waiting = wait()
    waiting.replied(meant("callback"))
    assert texts(waiting.replied(meant(control="no", number="2125550123"))) == [
        "We can call you back on (212) 555-0123. Is that right?"
    ]
    assert texts(waiting.replied(meant(control="no", number="12"))) == [WHICH]
    withheld = Waiting(JOIN, flow(), "en", "anonymous", "+14155550199")
    assert withheld.replied(meant("callback")) == [HoldMusic(False), Listen(numbering("table", "en")), Say(WHICH)]
    assert withheld.replied(Answer(digits="2125550123"))[-1] == Say(
        "We can call you back on (212) 555-0123. Is that right?"
    )


def test_who_does_not_answer_or_thinks_better_of_it_keeps_waiting() -> None:
    stays = [HoldMusic(), RESTING, STAY]
    waiting = wait()
    waiting.replied(meant("callback"))
    assert waiting.replied(Silence()) == [Say(CONFIRM)]
    assert waiting.replied(Silence()) == stays
    assert waiting.replied(Silence()) == []
    waiting.replied(meant("callback"))
    assert waiting.replied(meant()) == [Say(CONFIRM)]
    assert waiting.replied(Answer(digits="*")) == stays
    waiting.replied(meant("callback"))
    waiting.replied(meant(control="no"))
    assert texts(waiting.replied(Answer(digits="1234567890123456"))) == ["That is not a whole telephone number.", WHICH]
    assert waiting.replied(meant(control="back")) == stays
    waiting.replied(meant("callback"))
    waiting.replied(meant(control="no"))
    waiting.replied(meant())
    assert waiting.replied(meant()) == stays


def test_the_bot_silence_and_music_are_a_word_or_a_key_away() -> None:
    waiting = wait()
    assert waiting.replied(Answer(digits="9")) == [LeaveQueue("exited_with_key")]
    assert waiting.replied(meant("back")) == [LeaveQueue("exited_with_key")]
    assert waiting.replied(meant(control="back")) == [LeaveQueue("exited_with_key")]
    assert waiting.replied(Answer(digits="*"))[0] == HoldMusic(False)
    assert texts(waiting.replied(meant("callback"))) == [CONFIRM]
    assert waiting.replied(meant(control="goodbye")) == [RESTING, STAY]
    assert waiting.replied(Answer(digits="*")) == [HoldMusic()]
    assert waiting.replied(meant("quiet"))[0] == HoldMusic(False)
    assert waiting.replied(meant("music")) == [HoldMusic()]
    assert texts(waiting.replied(meant(control="help"))) == [OPTIONS]


def test_what_is_said_to_others_in_the_room_costs_no_place() -> None:
    waiting = wait()
    assert waiting.replied(meant("back", sure=0.7)) == []
    assert waiting.replied(meant()) == []
    meaning = Meaning("I'll call you back when I know", (), (SlotValue("wish", "callback", "call back"),))
    assert waiting.replied(Answer(meaning.text, meaning=meaning)) == []
    assert waiting.replied(meant(control="yes")) == []
    assert waiting.replied(Answer(digits="5")) == []
    assert waiting.replied(Trouble("hearing")) == []
    assert wish_of(replace(meant(), meaning=Meaning(control="back", control_confidence=0.5)), offered=False) == ""


def test_with_a_person_we_only_write_down() -> None:
    waiting = wait()
    assert waiting.told(AgentJoined("a1", "Ann"), aloud=True) == [
        CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS), HoldMusic(False), Listen(with_agent("table", "en")),
    ]  # fmt: skip
    assert waiting.told(QueueNews("position", 2), aloud=True) == []
    assert waiting.replied(meant("back")) == []
    assert waiting.ended() == []


def test_the_music_follows_to_the_queue_that_serves_the_caller_now() -> None:
    waiting, moved = wait(), QueueNews("moved", queue="rest")
    assert waiting.told(moved, aloud=True) == [HoldMusic(True, "rest")]
    waiting.replied(Answer(digits="*"))
    assert waiting.told(moved, aloud=True) == [HoldMusic(False, "rest")], "who wants silence keeps it"
    waiting.replied(Answer(digits="*"))
    waiting.told(AgentJoined("a1", "Ann"), aloud=True)
    assert waiting.told(moved, aloud=True) == [HoldMusic(False, "rest")], "for when they are alone again"


def test_who_loses_the_person_they_talked_with_waits_again_with_music() -> None:
    waiting = wait()
    listening = waiting.expect
    waiting.told(AgentJoined("a1", "Ann"), aloud=True)
    assert waiting.told(QueueNews("back"), aloud=True) == [HoldMusic(), Listen(listening)]
    assert waiting.told(QueueNews("position", 2), aloud=True) != []
    assert waiting.ended() != []


def test_numbers_are_completed_from_the_line_they_are_typed_on() -> None:
    assert full_number("2125550123", "", ANI) == "+12125550123"
    assert full_number("13812345678", "+8613900000000") == "+8613812345678"
    assert full_number("07700900456", "+447700900123") == "+447700900456"
    assert full_number("008613812345678", ANI) == "+8613812345678"
    assert full_number("2125550123") == ""
    assert full_number("sip:anna@example.com") == ""
    assert full_number("12", ANI) == ""
    assert as_read_out("+8613812345678", "+8613900000000") == "138 1234 5678"
    assert as_read_out("+8613812345678", ANI) == "+86 138 1234 5678"
    assert as_read_out(ANI, "") == "+1 415-555-0100"
    assert as_read_out(ANI, "anonymous", "+14155550199") == "(415) 555-0100"
