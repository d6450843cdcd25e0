"""Turn-taking: what the conductor does with each event, as whole lists of commands."""

from dataclasses import replace

from ivr.call.conductor import Conductor
from ivr.call.timing import APOLOGY, BETWEEN_KEYS, FETCH_LIMIT, FILLER, NO_INPUT, NOT_ASKED
from ivr.call.wishes import while_waiting
from ivr.flow.progress import Answer, Outcome, Silence, Trouble
from ivr.model.commands import (
    Action,
    CancelTimer,
    Command,
    Fetch,
    HangUp,
    HoldMusic,
    JoinQueue,
    Listen,
    Note,
    Say,
    StartTimer,
    StopSpeaking,
    TakeMessage,
    Transfer,
)
from ivr.model.events import (
    CallAnswered,
    CallerHungUp,
    CallEvent,
    CallStalled,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    MachineDetected,
    PartialHeard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    SpeakingFailed,
    SpeechStarted,
    TimerFired,
    TransferFinished,
)
from ivr.model.meaning import Expect, KeyRule
from tests.call.dialogues import TableDialogue, meaning

OPEN = Expect(step="menu", kind="open", keys=KeyRule(choices={"1": "day", "0": "agent"}))
DAY = Expect(step="day", kind="date", no_input_seconds=7)
CARD = Expect(step="card", kind="digits", keys=KeyRule(least=4, most=4, choices={"*": "none"}))
NOTICE = Expect(step="menu", kind="open", barge_in=False)
LOOKUP = Fetch("lookup", "http://bank/branches")
SURVEY_Q = Expect(step="csat", kind="choice")


Rules = dict[str, dict[str, tuple[str, tuple[Action, ...], Expect | None]]]


def flow(more: Rules | None = None) -> TableDialogue:
    table: Rules = {
        "": {"begin": ("menu", (Say("Welcome."), Say("How can I help?")), OPEN)},
        "menu": {
            "book": ("day", (Say("Which day?"),), DAY),
            "card": ("card", (Say("Four digits?"),), CARD),
            "find": ("find", (LOOKUP,), None),
            "person": ("queue", (Say("I'll connect you."), JoinQueue("reception")), None),
            "outside": ("out", (Say("One moment."), Transfer("desk")), None),
            "message": ("message", (TakeMessage("wish"),), None),
            "bye": ("bye", (Note("outcome", "done"), Say("Goodbye."), HangUp()), None),
            "quiet": ("bye", (HangUp(survey=False),), None),
            "1": ("day", (Say("Which day?"),), DAY),
            "silence": ("menu", (Say("Sorry?"),), OPEN),
            "else": ("menu", (Say("Pardon?"),), OPEN),
        },
        "find": {
            "ok": ("menu", (Say("Found it."),), OPEN),
            "failed": ("menu", (Say("Not now."),), OPEN),
            "else": ("find", (), None),
        },
        "queue": {"closed": ("menu", (Say("We are closed."),), OPEN), "else": ("queue", (), None)},
        "out": {"completed": ("bye", (HangUp("agent_completed"),), None), "else": ("menu", (Say("Busy."),), OPEN)},
        "day": {"else": ("bye", (Say("Booked."), HangUp()), None)},
        "card": {"else": ("menu", (Say("Thank you."),), OPEN)},
        "message": {"else": ("menu", (), OPEN)},
        **(more or {}),
    }
    return TableDialogue(table)


SURVEY = TableDialogue(
    {
        "": {"begin": ("csat", (Say("How satisfied are you?"),), SURVEY_Q)},
        "csat": {"else": ("thanks", (Note("survey.csat", "5"), Say("Thank you."), HangUp("survey_completed")), None)},
    },
    name="survey",
)


def answered(conductor: Conductor) -> list[Command]:
    return conductor.handle(CallAnswered("+15550100", "+15550199"))


def listening(dialogue: TableDialogue | None = None, survey: TableDialogue | None = None) -> Conductor:
    """A conductor that has said its first prompt and listens."""
    conductor = Conductor(dialogue or flow(), survey)
    answered(conductor)
    conductor.handle(PlaybackFinished(1))
    conductor.handle(PlaybackFinished(2))
    return conductor


def heard(text: str) -> Heard:
    return Heard(text, meaning=meaning(text))


def in_flow(expect: Expect, name: str = "table") -> Listen:
    return Listen(replace(expect, flow=name))


def test_the_first_prompt_is_said_and_then_the_caller_has_six_seconds() -> None:
    conductor = Conductor(flow())
    assert answered(conductor) == [
        in_flow(OPEN), Say("Welcome.", utterance=1), Say("How can I help?", utterance=2),
    ]  # fmt: skip
    assert conductor.handle(PlaybackStarted(1)) == []
    assert conductor.handle(PlaybackFinished(1)) == []
    assert conductor.handle(PlaybackFinished(2)) == [StartTimer(NO_INPUT, 6.0)]
    assert conductor.path == ["menu"]


def test_an_answer_goes_to_the_flow_and_later_turns_have_the_time_of_their_step() -> None:
    conductor = listening()
    assert conductor.handle(SpeechStarted(1.0)) == [CancelTimer(NO_INPUT)]
    assert conductor.handle(heard("book")) == [CancelTimer(NO_INPUT), in_flow(DAY), Say("Which day?", utterance=3)]
    assert conductor.handle(PlaybackFinished(3)) == [StartTimer(NO_INPUT, 7)]


def test_silence_is_a_reply_too_but_not_while_somebody_speaks() -> None:
    dialogue = flow()
    conductor = listening(dialogue)
    assert conductor.handle(TimerFired(NO_INPUT)) == [CancelTimer(NO_INPUT), in_flow(OPEN), Say("Sorry?", utterance=3)]
    assert conductor.handle(TimerFired(NO_INPUT)) == []
    conductor.handle(PlaybackFinished(3))
    conductor.handle(SpeechStarted(5.0))
    assert conductor.handle(TimerFired(NO_INPUT)) == []
    assert dialogue.replies == [Silence()]


def test_barge_in_stops_all_that_is_being_said_and_the_answer_follows() -> None:
    conductor = Conductor(flow())
    answered(conductor)
    assert conductor.handle(SpeechStarted(0.5)) == [CancelTimer(NO_INPUT), StopSpeaking()]
    assert conductor.handle(PlaybackFinished(1, interrupted=True, played_seconds=0.4)) == []
    assert conductor.handle(PlaybackFinished(2, interrupted=True)) == []
    assert conductor.handle(heard("book"))[-1] == Say("Which day?", utterance=3)


def test_a_noise_or_an_uh_huh_over_a_prompt_lets_the_prompt_go_on_where_it_was() -> None:
    for sound in (Heard(""), Heard("uh huh", meaning=meaning("uh huh", backchannel=True))):
        conductor = Conductor(flow())
        answered(conductor)
        conductor.handle(PlaybackFinished(1))
        conductor.handle(SpeechStarted(1.5))
        conductor.handle(PlaybackFinished(2, interrupted=True, played_seconds=0.3))
        assert conductor.handle(sound) == [Say("How can I help?", utterance=3)]


def test_a_prompt_that_was_heard_to_its_end_is_not_said_again() -> None:
    conductor = Conductor(flow())
    answered(conductor)
    conductor.handle(SpeechStarted(1.5))
    conductor.handle(PlaybackFinished(1, interrupted=True, played_seconds=60))
    conductor.handle(PlaybackFinished(2, interrupted=True, played_seconds=60))
    assert conductor.handle(Heard("")) == [StartTimer(NO_INPUT, 6.0)]


def test_a_noise_in_silence_starts_the_clock_again_and_during_a_prompt_changes_nothing() -> None:
    conductor = listening()
    conductor.handle(SpeechStarted(3.0))
    assert conductor.handle(Heard("")) == [StartTimer(NO_INPUT, 6.0)]
    conductor = Conductor(flow())
    answered(conductor)
    assert conductor.handle(Heard("")) == []


def test_noises_do_not_keep_the_clock_of_a_silent_caller_from_running_out() -> None:
    """A television that is heard again and again (peers.md, thread 11)."""
    conductor = listening()
    conductor.handle(SpeechStarted(3.0))
    assert conductor.handle(Heard("")) == [StartTimer(NO_INPUT, 6.0)]
    for at in (5.0, 7.0):
        assert conductor.handle(SpeechStarted(at)) == []
        assert conductor.handle(Heard("")) == []
    assert conductor.handle(TimerFired(NO_INPUT)) == [
        CancelTimer(NO_INPUT),
        in_flow(OPEN),
        Say("Sorry?", utterance=3),
    ]


def test_a_clock_that_runs_out_over_a_noise_is_heeded_when_it_proves_to_be_one() -> None:
    conductor = listening()
    conductor.handle(SpeechStarted(3.0))
    conductor.handle(Heard(""))
    assert conductor.handle(SpeechStarted(8.0)) == []
    assert conductor.handle(TimerFired(NO_INPUT)) == []
    assert conductor.handle(Heard(""))[-1] == Say("Sorry?", utterance=3)
    conductor.handle(PlaybackFinished(3))
    assert conductor.handle(SpeechStarted(12.0)) == [CancelTimer(NO_INPUT)]


def test_words_that_begin_before_the_clock_runs_out_are_answered_also_after_a_noise() -> None:
    conductor = listening()
    conductor.handle(SpeechStarted(3.0))
    conductor.handle(Heard(""))
    conductor.handle(SpeechStarted(8.0))
    conductor.handle(TimerFired(NO_INPUT))
    assert conductor.handle(heard("book"))[-1] == Say("Which day?", utterance=3)


def test_what_is_said_over_a_notice_is_answered_after_it() -> None:
    dialogue = flow({"": {"begin": ("menu", (Say("Calls are recorded.", barge_in=False),), OPEN)}})
    conductor = Conductor(dialogue)
    answered(conductor)
    assert conductor.handle(SpeechStarted(0.5)) == [CancelTimer(NO_INPUT)]
    assert conductor.handle(heard("book")) == []
    assert conductor.handle(PlaybackFinished(1)) == [
        CancelTimer(NO_INPUT),
        in_flow(DAY),
        Say("Which day?", utterance=2),
    ]
    assert dialogue.replies == [Answer("book", meaning=meaning("book"))]


def test_keys_over_a_notice_are_kept_too() -> None:
    conductor = Conductor(flow({"": {"begin": ("menu", (Say("Recorded."),), NOTICE)}}))
    answered(conductor)
    assert conductor.handle(DigitPressed("1")) == [CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS)]
    assert conductor.handle(PlaybackFinished(1))[-1] == Say("Which day?", utterance=2)


def test_a_menu_key_stops_the_prompt_and_is_answered_at_once() -> None:
    conductor = Conductor(flow())
    answered(conductor)
    assert conductor.handle(DigitPressed("1")) == [
        CancelTimer(NO_INPUT), StopSpeaking(), CancelTimer(BETWEEN_KEYS), CancelTimer(NO_INPUT),
        in_flow(DAY), Say("Which day?", utterance=3),
    ]  # fmt: skip


def test_digits_are_gathered_until_the_entry_is_full_or_the_caller_stops() -> None:
    dialogue = flow()
    conductor = listening(dialogue)
    conductor.handle(heard("card"))
    conductor.handle(PlaybackFinished(3))
    gathering = [CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS), StartTimer(BETWEEN_KEYS, 3.0)]
    assert conductor.handle(DigitPressed("4")) == gathering
    assert conductor.handle(DigitPressed("4")) == gathering
    assert conductor.handle(TimerFired(BETWEEN_KEYS))[-1] == Say("Thank you.", utterance=4)
    assert dialogue.replies[-1] == Answer(digits="44")
    assert conductor.handle(TimerFired(BETWEEN_KEYS)) == []


def test_a_fetch_starts_at_once_and_a_slow_one_is_bridged_with_words() -> None:
    conductor = listening()
    assert conductor.handle(heard("find")) == [
        CancelTimer(NO_INPUT), Listen(NOT_ASKED), LOOKUP, StartTimer(FILLER, 1.2), StartTimer(FETCH_LIMIT, 12.0),
    ]  # fmt: skip
    assert conductor.handle(DigitPressed("1")) == []
    assert conductor.handle(heard("hello?")) == []
    assert conductor.handle(TimerFired(FILLER)) == [Say("One moment, please.", utterance=3), StartTimer(FILLER, 6.0)]
    assert conductor.handle(TimerFired(FILLER)) == [StartTimer(FILLER, 6.0)]
    assert conductor.handle(SpeechStarted(9.0)) == [CancelTimer(NO_INPUT)]
    assert conductor.handle(Fetched("lookup", ok=True, status=200, body={"a": 1})) == [
        CancelTimer(FILLER), CancelTimer(FETCH_LIMIT), CancelTimer(NO_INPUT), in_flow(OPEN),
        Say("Found it.", utterance=4),
    ]  # fmt: skip
    assert conductor.handle(Fetched("lookup", ok=True)) == []
    assert conductor.handle(TimerFired(FILLER)) == []


def test_a_fetch_that_never_comes_back_is_a_failed_one() -> None:
    dialogue = flow()
    conductor = listening(dialogue)
    conductor.handle(heard("find"))
    assert conductor.handle(TimerFired(FETCH_LIMIT))[-1] == Say("Not now.", utterance=3)
    assert dialogue.replies[-1] == Outcome("failed", None, {"status": "0", "error": "timeout"})
    assert conductor.handle(TimerFired(FETCH_LIMIT)) == []


def test_a_queue_and_a_transfer_wait_until_the_announcement_was_heard() -> None:
    conductor = listening()
    assert conductor.handle(heard("person")) == [
        CancelTimer(NO_INPUT), Listen(NOT_ASKED), Say("I'll connect you.", utterance=3),
    ]  # fmt: skip
    assert conductor.handle(SpeechStarted(4.0)) == [CancelTimer(NO_INPUT)]
    waits = Listen(while_waiting("table", "en", offered=False))
    assert conductor.handle(PlaybackFinished(3)) == [JoinQueue("reception"), HoldMusic(), waits]
    assert conductor.handle(QueueLeft("closed"))[-1] == Say("We are closed.", utterance=4)
    conductor.handle(PlaybackFinished(4))
    conductor.handle(heard("outside"))
    assert conductor.handle(PlaybackFinished(5)) == [Transfer("desk")]
    assert conductor.handle(TransferFinished("completed")) == [
        CancelTimer(NO_INPUT), Listen(NOT_ASKED), HangUp("agent_completed"),
    ]  # fmt: skip
    assert conductor.over


def test_a_line_that_goes_away_in_the_middle_of_an_announcement_joins_no_queue() -> None:
    conductor = listening()
    conductor.handle(heard("person"))
    assert conductor.handle(PlaybackFinished(3, interrupted=True)) == []


def test_a_message_is_taken_up_when_nothing_is_being_said() -> None:
    conductor = listening()
    assert conductor.handle(heard("message")) == [CancelTimer(NO_INPUT), Listen(NOT_ASKED), TakeMessage("wish")]


def test_the_survey_follows_the_goodbye_and_the_first_reason_is_kept() -> None:
    conductor = listening(survey=SURVEY)
    assert conductor.handle(heard("bye")) == [
        CancelTimer(NO_INPUT), Listen(NOT_ASKED), Note("outcome", "done"), Say("Goodbye.", utterance=3),
    ]  # fmt: skip
    assert conductor.handle(PlaybackFinished(3)) == [
        in_flow(SURVEY_Q, "survey"), Say("How satisfied are you?", utterance=4),
    ]  # fmt: skip
    assert conductor.surveying
    assert conductor.handle(heard("five")) == [
        StopSpeaking(), CancelTimer(NO_INPUT), Listen(NOT_ASKED), Note("survey.csat", "5"),
        Say("Thank you.", utterance=5),
    ]  # fmt: skip
    conductor.handle(PlaybackFinished(4, interrupted=True))
    assert conductor.handle(PlaybackFinished(5)) == [HangUp("self_service_completed")]


def test_a_flow_may_end_without_a_survey() -> None:
    conductor = listening(survey=SURVEY)
    assert conductor.handle(heard("quiet"))[-1] == HangUp(survey=False)


def test_our_own_failures_are_replies_that_keep_the_place() -> None:
    dialogue = flow()
    conductor = listening(dialogue)
    conductor.handle(SpeechStarted(1.0))
    assert conductor.handle(HearingFailed("crash"))[-1] == Say("Pardon?", utterance=3)
    assert conductor.handle(SpeakingFailed(3, "dead"))[-1] == Say("Pardon?", utterance=4)
    assert conductor.handle(CallStalled("nothing"))[-1] == Say("Pardon?", utterance=5)
    assert dialogue.replies == [Trouble("hearing:crash"), Trouble("speaking"), Trouble("stalled:nothing")]


def test_words_that_could_not_be_said_do_not_hold_up_what_waited_for_them() -> None:
    conductor = listening()
    conductor.handle(heard("person"))
    assert conductor.handle(SpeakingFailed(3, "dead"))[0] == JoinQueue("reception")
    conductor = Conductor(flow())
    answered(conductor)
    assert conductor.handle(SpeakingFailed(1, "dead")) == []


def test_when_the_flow_itself_breaks_the_caller_hears_an_apology_in_their_language() -> None:
    conductor = listening()
    assert conductor.rescue({"en": "So sorry."}) == [Say("So sorry.", barge_in=False, utterance=3)]
    assert conductor.handle(PlaybackFinished(3)) == [HangUp("error", survey=False)]
    assert listening().rescue({}) == [Say(APOLOGY, barge_in=False, utterance=3)]


def test_nothing_happens_before_the_answer_or_after_the_end() -> None:
    conductor = Conductor(flow())
    assert conductor.handle(CallStalled("nothing")) == []
    ignored: list[CallEvent] = [PartialHeard("bo"), PlaybackStarted(1), MachineDetected("human"), TimerFired("other")]
    assert [conductor.handle(event) for event in ignored] == [[], [], [], []]
    assert conductor.handle(CallerHungUp()) == [
        CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS), CancelTimer(FILLER), CancelTimer(FETCH_LIMIT),
    ]  # fmt: skip
    assert conductor.handle(heard("book")) == []
