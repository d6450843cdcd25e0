from ivr.call.liveness import Liveness
from ivr.model.commands import CancelTimer, Fetch, HangUp, JoinQueue, Listen, Say, StartTimer, TakeMessage, Transfer
from ivr.model.events import (
    AgentJoined,
    CallAnswered,
    DigitPressed,
    Fetched,
    Heard,
    LineHeld,
    MessageTaken,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    QueueNews,
    SpeechStarted,
    TimerFired,
)
from ivr.model.meaning import Expect


def test_a_call_in_which_nothing_is_going_on_is_noticed_once() -> None:
    live = Liveness()
    live.saw(CallAnswered("a", "b"), 0.0)
    assert [live.stalled(at) for at in (1.9, 2.1, 2.2, 4.2)] == ["", "nothing", "", "nothing"]


def test_speech_that_makes_no_sound_is_noticed_and_speech_that_plays_is_not() -> None:
    live = Liveness()
    live.did(Say("Hello.", utterance=1), 0.0)
    live.did(Say("There.", utterance=2), 0.0)
    assert live.stalled(3.9) == ""
    live.saw(PlaybackStarted(1), 3.9)
    assert live.stalled(60.0) == ""
    live.saw(PlaybackFinished(1), 60.0)
    assert live.stalled(63.9) == ""
    assert live.stalled(64.1) == "say"


def test_speech_that_left_before_the_last_one_was_played_is_not_late() -> None:
    live = Liveness()
    live.did(Say("Hello.", utterance=1), 0.0)
    live.did(Say("A long sentence.", utterance=2), 0.0)
    for event in (PlaybackStarted(1), PlaybackStarted(2), PlaybackFinished(1)):
        live.saw(event, 1.0)
    assert live.stalled(60.0) == ""
    live.saw(PlaybackFinished(2), 60.0)
    assert live.stalled(62.1) == "nothing"


def test_a_voice_that_is_dead_from_the_start_is_noticed() -> None:
    live = Liveness()
    live.did(Say("Hello.", utterance=1), 0.0)
    assert live.stalled(4.1) == "say"


def test_a_timer_that_does_not_come_is_noticed_and_a_cancelled_one_is_not() -> None:
    live = Liveness()
    live.did(StartTimer("no_input", 5.0), 0.0)
    assert live.stalled(6.9) == ""
    assert live.stalled(7.1) == "timer"
    live.did(StartTimer("no_input", 5.0), 8.0)
    live.did(CancelTimer("no_input"), 9.0)
    assert live.stalled(11.1) == "nothing"
    live.did(StartTimer("no_input", 5.0), 12.0)
    live.saw(TimerFired("no_input"), 17.0)
    assert live.stalled(18.9) == ""


def test_a_caller_may_talk_long_but_not_for_ever() -> None:
    live = Liveness()
    live.saw(SpeechStarted(0.1), 0.0)
    live.saw(DigitPressed("1"), 0.2)
    live.did(Listen(Expect()), 0.2)
    assert live.stalled(70.0) == ""
    assert live.stalled(75.1) == "caller"
    live.saw(SpeechStarted(80.0), 80.0)
    live.saw(Heard("hello"), 81.0)
    assert live.stalled(83.1) == "nothing"


def test_requests_queues_and_goodbyes_have_their_own_patience() -> None:
    live = Liveness()
    live.did(Fetch("lookup", "http://x"), 0.0)
    assert live.stalled(14.0) == ""
    live.saw(Fetched("lookup", ok=True), 14.0)
    live.did(JoinQueue("desk"), 14.0)
    assert live.stalled(3600.0) == ""
    live.saw(QueueLeft("closed"), 3600.0)
    live.did(HangUp(), 3600.0)
    assert live.stalled(3605.1) == "ending"


def test_a_wait_for_a_person_is_never_late_and_a_message_has_its_length_and_a_little_more() -> None:
    live = Liveness()
    live.did(JoinQueue("people"), 0.0)
    live.saw(QueueNews("next"), 10.0)
    live.saw(AgentJoined("a1"), 20.0)
    assert live.stalled(1e6) == ""
    live.saw(QueueLeft("connected"), 1e6)
    assert live.stalled(1e6 + 3) == "nothing"
    live.did(TakeMessage("wish", 60.0), 0.0)
    assert (live.stalled(89.0), live.stalled(91.0)) == ("", "message")
    live.did(TakeMessage("wish", 60.0), 0.0)
    live.saw(MessageTaken("wish", "ok"), 30.0)
    assert live.stalled(31.0) == ""
    live.did(Transfer("desk"), 40.0)
    assert live.stalled(40.0 + 4 * 3600 + 1) == "away"


def test_nothing_is_late_while_the_line_is_on_hold_and_afterwards_all_have_the_time_they_had_left() -> None:
    live = Liveness()
    live.saw(CallAnswered("a", "b"), 0.0)
    live.did(Say("Hello.", utterance=1), 0.0)
    live.saw(PlaybackStarted(1), 1.0)
    live.did(StartTimer("no_input", 5.0), 1.0)
    live.saw(LineHeld(True), 3.0)
    live.saw(LineHeld(True), 50.0)
    assert live.stalled(300.0) == ""
    live.saw(LineHeld(False), 303.0)
    live.saw(LineHeld(False), 303.0)
    assert live.stalled(307.9) == ""
    assert live.stalled(308.1) == "timer"
    assert live.stalled(390.9) == ""
    assert live.stalled(391.1) == "say"
