"""What may be told of a call: words without numbers that must not be kept, keys, secrets that come late, facts."""

from dataclasses import replace

import pytest

from ivr.call.disclosure import CALLER, US, Blank, Disclosure
from ivr.call.pieces import Correction
from ivr.model.commands import Command, Fetch, HangUp, JoinQueue, Note, Say, Transfer
from ivr.model.events import (
    AgentSaid,
    CallEvent,
    DigitPressed,
    Heard,
    HearingFailed,
    MessageTaken,
    PartialHeard,
    PlaybackFinished,
    PlaybackStarted,
    SpeechStarted,
    TimerFired,
    TurnTimes,
)
from ivr.model.meaning import Meaning, Word
from ivr.model.redaction import EVERY_KIND

CARD = "4111 1111 1111 1111"
PHONE = "13800000001"


def keyed(disclosure: Disclosure, keys: str, at: float = 1.0) -> list[tuple[float, CallEvent]]:
    """What is written down while these keys are pressed."""
    return [each for key in keys for each in disclosure.ready(DigitPressed(key), at)]


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (Heard(f"it is {CARD}"), Heard("it is <CARD>")),
        (PartialHeard(f"my number is {PHONE}"), PartialHeard("my number is <PHONE>")),
        (AgentSaid("your code, the PIN is 4711"), AgentSaid("your code, the PIN is <CODE>")),
        (MessageTaken("wish", "ok", f"call {PHONE}", 2.0), MessageTaken("wish", "ok", "call <PHONE>", 2.0)),
        (TimerFired("no_input"), TimerFired("no_input")),
    ],
)  # fmt: skip
def test_words_are_told_without_numbers_that_must_not_be_kept(event: CallEvent, shown: CallEvent) -> None:
    assert Disclosure().event(event, 1.0, secret=False) == shown
    assert Disclosure(frozenset()).event(event, 1.0, secret=False) == event


def test_what_was_said_while_a_secret_was_asked_for_is_hidden_even_if_it_is_read_later() -> None:
    disclosure = Disclosure()
    hidden = Heard("•", meaning=Meaning("•"))
    assert disclosure.event(SpeechStarted(3.0), 3.1, secret=True) == SpeechStarted(3.0)
    assert disclosure.event(DigitPressed("#"), 4.0, secret=True) == DigitPressed("•")
    assert disclosure.event(PartialHeard("four one"), 4.2, secret=False) == PartialHeard("•")
    late = Heard("four one", times=TurnTimes(3.0, 4.5))
    assert disclosure.event(late, 5.0, secret=False) == replace(hidden, times=late.times)
    assert disclosure.blanks(late, replace(hidden, times=late.times), 5.0) == (Blank(CALLER, 2.85, 4.65),)
    after = Heard("a branch", times=TurnTimes(4.5, 5.5))
    assert disclosure.event(after, 6.0, secret=False) == after
    assert disclosure.event(PartialHeard("a branch"), 6.0, secret=False) == PartialHeard("a branch")


def test_a_recognition_without_times_belongs_to_the_speech_that_was_under_way() -> None:
    disclosure = Disclosure()
    disclosure.event(SpeechStarted(3.0), 3.1, secret=True)
    assert disclosure.event(Heard("four one"), 5.0, secret=False) == Heard("•", meaning=Meaning("•"))
    assert disclosure.event(Heard("a branch"), 6.0, secret=False) == Heard("a branch")


def test_keys_are_told_when_their_entry_is_over_and_a_card_number_never() -> None:
    disclosure = Disclosure()
    assert keyed(disclosure, "4111111111111111#") == []
    assert disclosure.ready(PlaybackFinished(3, interrupted=True), 1.5) == []
    told = disclosure.ready(TimerFired("between_keys"), 2.0)
    assert told == [
        *((1.0, DigitPressed("•")) for _ in range(16)),
        (1.0, DigitPressed("#")),
        (1.5, PlaybackFinished(3, interrupted=True)),
        (2.0, TimerFired("between_keys")),
    ]


def test_keys_of_a_menu_are_told_as_they_are_and_a_secret_is_told_at_once() -> None:
    disclosure = Disclosure()
    assert keyed(disclosure, "12") == []
    assert disclosure.entry_over() == [(1.0, DigitPressed("1")), (1.0, DigitPressed("2"))]
    assert disclosure.entry_over() == []
    assert disclosure.ready(DigitPressed("•"), 2.0) == [(2.0, DigitPressed("•"))]
    assert disclosure.ready(PlaybackStarted(1), 3.0) == [(3.0, PlaybackStarted(1))]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (Say(f"So {CARD}?", utterance=3), Say("So <CARD>?", utterance=3)),
        (Note("card", CARD), Note("card", "<CARD>")),
        (Note("call_back", PHONE), Note("call_back", PHONE)),
        (Note("survey.comment", f"call {PHONE}"), Note("survey.comment", "call <PHONE>")),
        (JoinQueue("q", facts={"card": CARD, "to": PHONE}), JoinQueue("q", facts={"card": "<CARD>", "to": PHONE})),
        (Transfer("desk", facts={"pin": "PIN 4711"}), Transfer("desk", facts={"pin": "PIN <CODE>"})),
        (Fetch("card", f"https://bank/{PHONE}", body={"card": CARD}), Fetch("card", "")),
        (HangUp(), HangUp()),
    ],
)  # fmt: skip
def test_commands_are_told_without_them_too(command: Command, shown: Command) -> None:
    assert Disclosure().command(command) == shown


def test_the_words_of_a_number_are_blanked_on_the_callers_side_and_ours_where_we_repeat_it() -> None:
    disclosure = Disclosure()
    words = tuple(Word(text, index * 0.5, index * 0.5 + 0.4) for index, text in enumerate(["it", "is", *CARD.split()]))
    heard = Heard(f"it is {CARD}", words=words, times=TurnTimes(10.0, 13.0))
    shown = disclosure.event(heard, 13.5, secret=False)
    blanks = disclosure.blanks(heard, shown, 13.5)
    assert [(round(one.began, 2), round(one.ended, 2)) for one in blanks] == [
        (10.85, 11.55), (11.35, 12.05), (11.85, 12.55), (12.35, 13.05),
    ]  # fmt: skip
    assert {one.channel for one in blanks} == {CALLER}
    disclosure.command(Say(f"So {CARD}?", utterance=3))
    disclosure.command(Say("Thank you.", utterance=4))
    events: list[tuple[CallEvent, float]] = [
        (PlaybackStarted(3), 14.0), (PlaybackFinished(3), 18.0),
        (PlaybackStarted(4), 18.0), (PlaybackFinished(4), 19.0),
    ]  # fmt: skip
    assert [disclosure.blanks(event, event, at) for event, at in events] == [(), (Blank(US, 13.85, 18.15),), (), ()]
    disclosure.command(Say(f"So {CARD}?", utterance=5))
    assert disclosure.blanks(PlaybackFinished(5), PlaybackFinished(5), 20.0) == ()


def test_speech_that_nobody_could_read_is_blanked_for_it_may_have_been_a_card_number() -> None:
    for kinds, blanks in ((EVERY_KIND, (Blank(CALLER, 1.85, 9.0),)), (frozenset[str](), ())):
        disclosure = Disclosure(kinds)
        disclosure.event(SpeechStarted(2.0), 2.3, secret=False)
        failed = HearingFailed("late")
        assert disclosure.event(failed, 9.0, secret=False) == failed
        assert disclosure.blanks(failed, failed, 9.0) == blanks
        assert disclosure.blanks(failed, failed, 9.5) == (), "the ears broke, and nobody spoke"


def test_what_an_agent_reads_back_is_blanked_on_our_side_also_when_it_came_in_two_sentences() -> None:
    disclosure = Disclosure()
    whole = AgentSaid(f"so that is {CARD}", 0.9, 4.0)
    shown = disclosure.event(whole, 20.0, secret=False)
    assert shown == replace(whole, text="so that is <CARD>")
    assert disclosure.blanks(whole, shown, 20.0) == (Blank(US, 15.5, 20.0),)
    first, second = AgentSaid("I have 5555 5555", 0.9, 2.0), AgentSaid("5555 4444 it ends", 0.9, 3.0)
    told = disclosure.event(first, 30.0, secret=False)
    assert (told, disclosure.blanks(first, told, 30.0)) == (first, ())
    rest = disclosure.event(second, 36.0, secret=False)
    assert rest == replace(second, text="<CARD> it ends")
    assert disclosure.pieces.corrections() == [Correction(first, replace(first, text="I have <CARD>"))]
    assert set(disclosure.blanks(second, rest, 36.0)) == {Blank(US, 27.5, 30.0), Blank(US, 32.5, 36.0)}
    plain = AgentSaid("good morning", 0.9, 1.0)
    assert disclosure.blanks(plain, disclosure.event(plain, 50.0, secret=False), 50.0) == ()
