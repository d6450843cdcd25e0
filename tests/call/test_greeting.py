"""Who picks up a call of ours speaks first: a person is talked to, a machine is waited for and hears its own words."""

from dataclasses import replace

import pytest

from ivr.call.conductor import Conductor
from ivr.call.greeting import BEEP, BEEP_SECONDS, HELLO, HELLO_SECONDS, PAUSE, PAUSE_SECONDS, Greeting
from ivr.call.timing import GREETED, NO_INPUT
from ivr.model.commands import CancelTimer, Command, HangUp, Listen, Note, Say, StartTimer, StopSpeaking
from ivr.model.events import (
    CallAnswered,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Heard,
    HearingFailed,
    MachineDetected,
    PlaybackFinished,
    SpeechStarted,
    TimerFired,
)
from tests.call.dialogues import TableDialogue, meaning
from tests.call.test_conductor import flow

LET_GO = [CancelTimer(HELLO), CancelTimer(BEEP), CancelTimer(PAUSE)]
WAITS = Listen(GREETED)
HUSHED = [CancelTimer(NO_INPUT), StopSpeaking()]
KEEPS_QUIET = [CancelTimer(HELLO), StartTimer(BEEP, BEEP_SECONDS), StartTimer(PAUSE, PAUSE_SECONDS), WAITS]
MACHINE = TableDialogue(
    {"": {"begin": ("left", (Note("answered_by", "machine"), Say("Please call us.", barge_in=False), HangUp()), None)}},
    name="machine",
)


def called() -> Conductor:
    """Somebody has just picked up."""
    conductor = Conductor(flow(), facts={"case": "k"}, machine=MACHINE, greeting=Greeting())
    assert conductor.handle(CallAnswered("+1", "+2")) == [StartTimer(HELLO, HELLO_SECONDS), WAITS]
    return conductor


def said(commands: list[Command]) -> list[str]:
    return [command.text for command in commands if isinstance(command, Say)]


def quiet(conductor: Conductor) -> Conductor:
    conductor.handle(MachineDetected("machine"))
    return conductor


@pytest.mark.parametrize(
    "event", [MachineDetected("human"), MachineDetected("unknown"), TimerFired(HELLO), DigitPressed("1")]
)
def test_whoever_is_no_machine_is_talked_to(event: CallEvent) -> None:
    conductor = called()
    assert conductor.handle(SpeechStarted(0.3)) == []
    assert conductor.handle(Heard("hello", meaning=meaning("hello"))) == []
    begun = conductor.handle(event)
    assert begun[:3] == LET_GO
    assert said(begun) == ["Welcome.", "How can I help?"]
    assert conductor.facts["case"] == "k"


def test_a_hello_that_is_a_yes_answers_nothing() -> None:
    conductor = called()
    assert conductor.handle(Heard("yes", meaning=meaning("yes"))) == []
    assert conductor.handle(HearingFailed("broken")) == []
    assert said(conductor.handle(MachineDetected("human"))) == ["Welcome.", "How can I help?"]


def test_a_machine_is_waited_for_and_told_after_its_beep() -> None:
    conductor = called()
    assert conductor.handle(MachineDetected("machine")) == [CancelTimer(NO_INPUT), *KEEPS_QUIET]
    assert conductor.handle(SpeechStarted(2.0)) == [CancelTimer(PAUSE), WAITS]
    assert conductor.handle(Heard("leave a message")) == [StartTimer(PAUSE, PAUSE_SECONDS), WAITS]
    told = conductor.handle(MachineDetected("beep"))
    assert told[:4] == [CancelTimer(NO_INPUT), *LET_GO]
    assert said(told) == ["Please call us."]
    assert conductor.handle(PlaybackFinished(1)) == [HangUp()]


def test_a_machine_that_is_still_speaking_is_not_told_before_it_pauses() -> None:
    conductor = called()
    conductor.handle(SpeechStarted(0.3))
    began = conductor.handle(MachineDetected("machine"))
    assert began == [CancelTimer(NO_INPUT), CancelTimer(HELLO), StartTimer(BEEP, BEEP_SECONDS), WAITS]
    assert conductor.handle(Heard("leave a message")) == [StartTimer(PAUSE, PAUSE_SECONDS), WAITS]


@pytest.mark.parametrize("name", [PAUSE, BEEP])
def test_a_machine_without_a_beep_is_told_after_its_pause_or_when_it_never_ends(name: str) -> None:
    assert said(quiet(called()).handle(TimerFired(name))) == ["Please call us."]


def test_a_machine_that_begins_as_a_person_is_still_found() -> None:
    conductor = called()
    conductor.handle(MachineDetected("human"))
    assert conductor.handle(MachineDetected("machine")) == [*HUSHED, *KEEPS_QUIET]
    assert conductor.handle(PlaybackFinished(1, interrupted=True)) == []
    assert conductor.handle(PlaybackFinished(2, interrupted=True)) == []
    assert said(conductor.handle(MachineDetected("beep"))) == ["Please call us."]


def test_a_carrier_that_tells_of_the_end_of_the_greeting_is_believed_at_once() -> None:
    assert said(called().handle(MachineDetected("beep"))) == ["Please call us."]


def test_who_was_understood_is_a_person_whatever_a_detector_says() -> None:
    conductor = called()
    conductor.handle(MachineDetected("unknown"))
    conductor.handle(Heard("book", meaning=meaning("book")))
    for kind in ("machine", "beep", "human"):
        assert conductor.handle(MachineDetected(kind)) == []


def test_somebody_who_picks_up_over_the_machine_is_talked_to() -> None:
    begun = quiet(called()).handle(MachineDetected("human"))
    assert begun[:5] == [CancelTimer(NO_INPUT), *LET_GO, Note("answered_by", "human")]
    assert said(begun) == ["Welcome.", "How can I help?"]


def test_somebody_who_picks_up_over_our_message_is_talked_to() -> None:
    conductor = quiet(called())
    conductor.handle(MachineDetected("beep"))
    begun = conductor.handle(MachineDetected("human"))
    assert begun[:2] == HUSHED
    assert said(begun) == ["Welcome.", "How can I help?"]
    assert conductor.handle(PlaybackFinished(1, interrupted=True)) == []


def test_a_beep_in_our_message_begins_it_again_once() -> None:
    conductor = quiet(called())
    conductor.handle(TimerFired(PAUSE))
    assert said(conductor.handle(MachineDetected("beep"))) == ["Please call us."]
    assert conductor.handle(MachineDetected("beep")) == []


def test_late_timers_and_second_verdicts_change_nothing() -> None:
    conductor = called()
    conductor.handle(MachineDetected("human"))
    for event in (TimerFired(HELLO), TimerFired(BEEP), TimerFired(PAUSE), MachineDetected("human")):
        assert conductor.handle(event) == []
    assert conductor.expect.step == "menu"
    assert quiet(called()).handle(TimerFired(HELLO)) == []


def test_a_machine_that_is_hung_up_on_is_over() -> None:
    conductor = quiet(called())
    conductor.handle(CallerHungUp("caller"))
    assert conductor.over


def test_the_greeting_is_heard_in_the_language_of_the_call() -> None:
    conductor = Conductor(flow(), language="zh", machine=MACHINE, greeting=Greeting())
    assert conductor.handle(CallAnswered("+1", "+2"))[1] == Listen(replace(GREETED, language="zh"))


def test_who_calls_us_is_greeted_at_once() -> None:
    conductor = Conductor(flow())
    assert said(conductor.handle(CallAnswered("+1", "+2"))) == ["Welcome.", "How can I help?"]
    assert conductor.handle(MachineDetected("machine")) == []
