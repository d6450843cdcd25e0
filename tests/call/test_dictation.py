"""When a message begins and ends, and which words it has."""

from ivr.call.dictation import Dictation, dictating
from ivr.model.events import DigitPressed, Heard, HearingFailed, PlaybackStarted, SpeechStarted, TurnTimes


def said(text: str, waited: float = 1.2) -> Heard:
    return Heard(text, times=TurnTimes(1.0, 2.0, waited))


def at(seconds: float, longest: float = 60.0) -> Dictation:
    dictation = Dictation(longest)
    dictation.heard(seconds)
    return dictation


def test_nobody_speaks_for_six_seconds() -> None:
    dictation = at(5.9)
    assert (dictation.is_over, dictation.is_closed) == (False, False)
    dictation.heard(0.2)
    assert (dictation.is_over, dictation.has_speech, dictation.transcript) == (True, False, "")


def test_three_seconds_of_silence_after_words_end_it_and_a_pause_does_not() -> None:
    dictation = at(1.0)
    dictation.saw(SpeechStarted(1.0))
    dictation.heard(10.0)
    assert not dictation.is_over
    dictation.saw(said("it rattles"))
    dictation.heard(1.7)
    assert not dictation.is_over
    dictation.saw(SpeechStarted(13.0))
    dictation.heard(4.0)
    dictation.saw(said("all night"))
    dictation.saw(PlaybackStarted(1))
    dictation.heard(1.9)
    assert (dictation.is_over, dictation.transcript) == (True, "it rattles all night")


def test_a_cough_is_no_message() -> None:
    dictation = at(1.0)
    dictation.saw(SpeechStarted(1.0))
    dictation.saw(said(""))
    dictation.heard(2.0)
    assert (dictation.is_over, dictation.has_speech) == (True, False)


def test_speech_that_nobody_could_read_is_one() -> None:
    dictation = at(1.0)
    dictation.saw(HearingFailed("early"))
    assert not dictation.has_speech
    dictation.saw(SpeechStarted(1.0))
    assert dictation.has_speech
    dictation.saw(HearingFailed("engine"))
    dictation.heard(3.0)
    assert (dictation.is_over, dictation.has_speech, dictation.transcript) == (True, True, "")


def test_the_hash_key_ends_it_once_the_last_words_are_read() -> None:
    dictation = at(1.0)
    dictation.saw(DigitPressed("5"))
    assert not dictation.is_closed
    dictation.saw(SpeechStarted(1.0))
    dictation.saw(DigitPressed("#"))
    dictation.heard(0.5)
    assert (dictation.is_closed, dictation.is_over) == (True, False)
    dictation.saw(DigitPressed("#"))
    dictation.saw(said("it rattles"))
    assert (dictation.is_over, dictation.transcript) == (True, "it rattles")


def test_words_that_never_come_are_not_waited_for_for_ever() -> None:
    dictation = at(1.0, longest=2.0)
    dictation.saw(SpeechStarted(1.0))
    dictation.heard(1.0)
    assert (dictation.is_closed, dictation.is_over) == (True, False)
    dictation.heard(4.0)
    assert (dictation.is_over, dictation.has_speech) == (True, True)


def test_the_ears_are_told_to_bear_with_pauses() -> None:
    expect = dictating("test", "zh", 30.0)
    assert (expect.kind, expect.language, expect.end_of_turn_seconds, expect.longest_seconds) == ("free", "zh", 1.2, 30)
