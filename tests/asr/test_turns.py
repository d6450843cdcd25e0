"""Turn taking on made-up measurements: frames of 20 ms, exact to the frame."""

import pytest

from asr.onset import Sound
from asr.settings import HearingSettings
from asr.turns import Decision, Read, TurnBegan, TurnEnded, TurnTaker, Verdict, WentOn
from ivr.model.audio import QUIETEST_DBFS
from ivr.model.meaning import AnswerKind, Expect

Timed = tuple[float, Decision]
VOICE = (-20.0, 1.0, 0.9)
MOVING = ((-21.0, 1.0, 0.9), (-19.0, 1.0, 0.9))
UNCERTAIN = (-20.0, 0.05, 0.0)
"""A voice that voice activity is deaf to."""

BREATH = (-25.0, 0.9, 0.2)
SILENCE = (-70.0, 0.0, 0.0)
BABBLE = (-40.0, 0.9, 0.8)


class Caller:
    """Plays frames to turn taking and notes what it decides, with the time."""

    def __init__(self, expect: Expect | None = None, settings: HearingSettings | None = None) -> None:
        self.turns = TurnTaker(settings or HearingSettings())
        self.turns.expect = expect or Expect()
        self.now = 0.0
        self.decided: list[Timed] = []
        self.final_readings_are_ready = True
        """As with an engine that has it from the speculation."""

    def plays(self, sound: tuple[float, float, float], seconds: float, own: float = QUIETEST_DBFS) -> "Caller":
        level, chance, periodicity = sound
        for _ in range(round(seconds / 0.02)):
            self.now = round(self.now + 0.02, 3)
            self._note(self.turns.hear(Sound(0.02, level, chance, periodicity, own)))
        return self

    def is_read(self, number: int = 1, seconds: float = 0.0, **worth: bool) -> "Caller":
        self._note(self.turns.read(Verdict(number, seconds=seconds, **worth)))
        return self

    def _note(self, decisions: tuple[Decision, ...]) -> None:
        self.decided += [(self.now, rounded(decision)) for decision in decisions]
        for decision in decisions:
            if isinstance(decision, Read) and decision.final and self.final_readings_are_ready:
                self.is_read(decision.number)


def rounded(decision: Decision) -> Decision:
    match decision:
        case TurnBegan(at):
            return TurnBegan(round(at, 3))
        case TurnEnded(began, ended, waited, recognizing):
            return TurnEnded(round(began, 3), round(ended, 3), round(waited, 3), round(recognizing, 3))
        case _:
            return decision


def test_words_that_answer_end_the_turn_soon_after_the_last_one() -> None:
    caller = Caller(Expect(kind="yes_no")).plays(SILENCE, 1).plays(VOICE, 0.5).plays(SILENCE, 0.16)
    caller.is_read(answers=True).plays(SILENCE, 1)
    assert caller.decided == [
        (1.08, TurnBegan(1.0)),
        (1.62, Read(1)),
        (1.7, Read(2, final=True)),
        (1.7, TurnEnded(1.0, 1.5, 0.2, 0.0)),
    ]


@pytest.mark.parametrize(
    ("kind", "worth", "silence"),
    [
        ("yes_no", {}, 0.4), ("yes_no", {"is_unclear": True}, 0.96), ("choice", {"answers": True}, 0.22),
        ("open", {"answers": True}, 0.26), ("open", {}, 0.7), ("open", {"ends_open": True}, 1.2),
        ("open", {"ends_open": True, "is_cut_off": True}, 1.8),
        ("open", {"answers": True, "ends_open": True}, 1.2), ("digits", {}, 1.2), ("digits", {"answers": True}, 0.24),
        ("free", {"answers": True}, 0.6), ("free", {"is_unclear": True}, 0.96), ("none", {}, 0.7),
    ],
)  # fmt: skip
def test_patience_depends_on_the_step_and_on_the_words(
    kind: AnswerKind, worth: dict[str, bool], silence: float
) -> None:
    caller = Caller(Expect(kind=kind)).plays(SILENCE, 1).plays(VOICE, 0.5).plays(SILENCE, 0.12).is_read(**worth)
    caller.plays(SILENCE, 2)
    assert caller.decided[3:] == [(round(1.5 + silence, 3), TurnEnded(1.0, 1.5, silence, 0.0))]


def sinking(caller: Caller) -> Caller:
    return caller.plays(VOICE, 1.2).plays((-28.0, 1.0, 0.9), 0.3)


@pytest.mark.parametrize(
    ("kind", "worth", "sunk", "held"),
    [("open", {}, 0.7, 0.96), ("open", {"answers": True}, 0.26, 0.36), ("digits", {}, 1.2, 1.2)],
)
def test_a_voice_that_has_not_sunk_gets_more_patience(
    kind: AnswerKind, worth: dict[str, bool], sunk: float, held: float
) -> None:
    ends = []
    for caller in (sinking(Caller(Expect(kind=kind))), Caller(Expect(kind=kind)).plays(VOICE, 1.5)):
        ends += caller.plays(SILENCE, 0.14).is_read(**worth).plays(SILENCE, 2).decided[3:]
    assert ends == [
        (round(1.5 + sunk, 3), TurnEnded(0.0, 1.5, sunk, 0.0)),
        (round(1.5 + held, 3), TurnEnded(0.0, 1.5, held, 0.0)),
    ]


def test_a_flow_may_set_the_patience() -> None:
    caller = Caller(Expect(end_of_turn_seconds=2.0)).plays(VOICE, 1).plays(SILENCE, 0.2).is_read(answers=True)
    assert caller.plays(SILENCE, 3).decided[-1] == (3.0, TurnEnded(0.0, 1.0, 2.0, 0.0))


def test_a_reading_that_comes_late_is_waited_for() -> None:
    caller = Caller()
    caller.final_readings_are_ready = False
    caller.plays(VOICE, 1).plays(SILENCE, 0.5).is_read(answers=True).plays(SILENCE, 0.1).is_read(1).is_read(2)
    assert caller.decided[1:] == [
        (1.12, Read(1)),
        (1.5, Read(2, final=True)),
        (1.6, TurnEnded(0.0, 1.0, 0.26, 0.34)),
    ]


def test_without_a_reading_patience_still_ends_and_what_follows_is_the_next_turn() -> None:
    caller = Caller()
    caller.final_readings_are_ready = False
    caller.plays(VOICE, 1).plays(SILENCE, 0.8).plays(VOICE, 0.5)
    assert not caller.turns.takes_sound
    caller.is_read(2, answers=True).plays(VOICE, 0.1)
    assert caller.turns.takes_sound
    assert caller.decided[1:] == [
        (1.12, Read(1)),
        (1.7, Read(2, final=True)),
        (2.3, TurnEnded(0.0, 1.0, 0.7, 0.6)),
        (2.3, TurnBegan(1.8)),
    ]


def test_a_word_said_while_the_last_reading_is_awaited_is_a_turn_of_its_own() -> None:
    caller = Caller()
    caller.final_readings_are_ready = False
    caller.plays(VOICE, 1).plays(SILENCE, 0.9).plays(VOICE, 0.3).plays(SILENCE, 0.3).is_read(2, answers=True)
    caller.plays(SILENCE, 0.02).is_read(3, answers=True).plays(SILENCE, 0.1).is_read(4, answers=True)
    assert caller.decided[1:] == [
        (1.12, Read(1)),
        (1.7, Read(2, final=True)),
        (2.5, TurnEnded(0.0, 1.0, 0.7, 0.8)),
        (2.5, TurnBegan(1.9)),
        (2.52, Read(3)),
        (2.52, Read(4, final=True)),
        (2.62, TurnEnded(1.9, 2.2, 0.26, 0.16)),
    ]


@pytest.mark.parametrize("own", [QUIETEST_DBFS, -20.0])
@pytest.mark.parametrize(
    ("gap", "began"), [(0.1, 1.0), (0.56, 1.0), (0.64, 1.94)], ids=["at once", "after a pause", "another sound"]
)
def test_a_short_first_word_that_does_not_sound_like_speech_is_part_of_the_turn(
    own: float, gap: float, began: float
) -> None:
    caller = Caller().plays(SILENCE, 1, own).plays(UNCERTAIN, 0.3, own).plays(SILENCE, gap, own)
    for _ in range(5):
        for part in MOVING:
            caller.plays(part, 0.02, own)
    assert [decision for _, decision in caller.decided] == [TurnBegan(began)]


def test_a_word_that_is_not_yet_known_for_speech_keeps_the_turn_from_ending_before_it() -> None:
    caller = Caller().plays(VOICE, 1).plays(SILENCE, 0.66).plays(UNCERTAIN, 0.1).plays(VOICE, 0.4).plays(SILENCE, 1)
    assert caller.decided == [
        (0.08, TurnBegan(0.0)),
        (1.12, Read(1)),
        (1.8, WentOn()),
        (2.32, Read(2)),
        (3.12, Read(3, final=True)),
        (3.12, TurnEnded(0.0, 2.16, 0.96, 0.0)),
    ]


def test_a_noise_as_loud_as_the_caller_does_not_keep_a_turn_open() -> None:
    caller = Caller().plays(VOICE, 1).plays(SILENCE, 0.66).plays(UNCERTAIN, 3)
    assert caller.decided[-1] == (1.8, TurnEnded(0.0, 1.0, 0.8, 0.0))


def test_sound_too_weak_for_the_voice_that_follows_is_not_its_first_word() -> None:
    caller = Caller().plays(SILENCE, 1).plays((-51.0, 0.05, 0.0), 0.3).plays(VOICE, 0.5)
    assert caller.decided == [(1.38, TurnBegan(1.3))]


def test_no_more_than_about_a_second_of_sound_before_the_voice_is_taken_with_it() -> None:
    caller = Caller().plays(SILENCE, 1)
    for _ in range(4):
        caller.plays(UNCERTAIN, 0.1).plays(SILENCE, 0.4)
    assert caller.plays(VOICE, 0.1).decided == [(3.08, TurnBegan(2.0))]


def test_a_caller_who_goes_on_makes_the_reading_void_and_the_next_is_a_little_later() -> None:
    caller = Caller().plays(VOICE, 1).plays(SILENCE, 0.2).plays(VOICE, 0.4)
    caller.is_read(1, answers=True).plays(SILENCE, 0.2).is_read(1, answers=True).is_read(2, answers=True)
    caller.plays(SILENCE, 1)
    assert caller.decided == [
        (0.08, TurnBegan(0.0)),
        (1.12, Read(1)),
        (1.24, WentOn()),
        (1.76, Read(2)),
        (1.96, Read(3, final=True)),
        (1.96, TurnEnded(0.0, 1.6, 0.36, 0.0)),
    ]


def test_when_readings_are_slow_the_next_is_not_asked_for_so_early() -> None:
    caller = Caller().plays(VOICE, 1).plays(SILENCE, 0.12).is_read(seconds=0.5).plays(VOICE, 0.3)
    caller.plays(SILENCE, 0.3).is_read(2, seconds=0.1).plays(VOICE, 0.3).plays(SILENCE, 0.3)
    assert [(now, d) for now, d in caller.decided if isinstance(d, Read)] == [
        (1.12, Read(1)),
        (1.66, Read(2)),
        (2.22, Read(3)),
    ]


def test_a_click_in_a_pause_does_not_prolong_it() -> None:
    caller = Caller().plays(VOICE, 1).plays(SILENCE, 0.2).plays(VOICE, 0.02).plays(SILENCE, 0.02)
    assert caller.is_read(answers=True).plays(SILENCE, 1).decided[-1] == (1.26, TurnEnded(0.0, 1.0, 0.26, 0.0))


def test_an_endless_speaker_is_cut_and_read_to_the_end_and_goes_on_in_the_next_turn() -> None:
    caller = Caller(Expect(longest_seconds=3.0))
    caller.final_readings_are_ready = False
    assert caller.plays(VOICE, 3.1).is_read(1).decided == [
        (0.08, TurnBegan(0.0)),
        (3.0, Read(1, final=True)),
        (3.1, TurnEnded(0.0, 3.0, 0.0, 0.1)),
        (3.1, TurnBegan(3.0)),
    ]


def test_other_people_do_not_keep_a_turn_open() -> None:
    caller = Caller().plays(VOICE, 2).plays(BABBLE, 0.4).is_read(answers=True).plays(BABBLE, 2)
    assert caller.decided[:4] == [
        (0.08, TurnBegan(0.0)),
        (2.36, Read(1)),
        (2.5, Read(2, final=True)),
        (2.5, TurnEnded(0.0, 2.24, 0.26, 0.0)),
    ]


@pytest.mark.parametrize("sound", [BREATH, (-20.0, 0.2, 0.9), (-58.0, 1.0, 0.9)])
@pytest.mark.parametrize("own", [QUIETEST_DBFS, -20.0])
def test_breath_hum_and_whispers_from_afar_begin_nothing(sound: tuple[float, float, float], own: float) -> None:
    assert Caller().plays(SILENCE, 1, own).plays(sound, 3, own).plays(SILENCE, 2, own).decided == []


def test_a_click_begins_nothing_but_a_very_short_word_does() -> None:
    assert Caller().plays(SILENCE, 1).plays(VOICE, 0.02).plays(SILENCE, 2).decided == []
    caller = Caller().plays(SILENCE, 1).plays(VOICE, 0.04).plays(SILENCE, 0.3).is_read().plays(SILENCE, 1)
    assert caller.decided == [
        (1.08, TurnBegan(1.0)),
        (1.16, Read(1)),
        (1.74, Read(2, final=True)),
        (1.74, TurnEnded(1.0, 1.04, 0.7, 0.0)),
    ]


def test_over_our_own_prompt_more_speech_is_wanted() -> None:
    caller = Caller().plays(SILENCE, 1, -20).plays(MOVING[0], 0.04, -20).plays(MOVING[1], 0.04, -20)
    assert caller.plays(SILENCE, 1, -20).decided == []
    for _ in range(4):
        caller.plays(MOVING[0], 0.04, -20).plays(MOVING[1], 0.04, -20)
    assert caller.decided == [(2.18, TurnBegan(2.08))]


def test_a_key_pressed_over_our_own_prompt_is_no_speech() -> None:
    assert Caller().plays(SILENCE, 1, -20).plays(VOICE, 1, -20).plays(SILENCE, 1, -20).decided == []


def test_the_echo_of_our_own_prompt_begins_nothing() -> None:
    assert Caller().plays(SILENCE, 1, -20).plays((-46.0, 1.0, 0.9), 10, -20).decided == []


def test_a_loud_echo_is_known_by_its_shape() -> None:
    caller = Caller()
    own = [-20.0 if number % 11 < 7 else -45.0 - number % 5 for number in range(300)]
    for number in range(300):
        back = own[number - 8] - 12.0 if number >= 8 else -70.0
        caller.plays((back, 1.0, 0.9), 0.02, own[number])
    assert caller.decided == []


def test_a_reading_nobody_asked_for_is_ignored() -> None:
    assert Caller().is_read(answers=True).decided == []


def test_the_next_turn_begins_from_nothing() -> None:
    caller = Caller(Expect(kind="yes_no")).plays(VOICE, 0.4).plays(SILENCE, 0.2).is_read(answers=True)
    assert not caller.turns.in_turn
    caller.plays(VOICE, 0.02).plays(SILENCE, 1).plays(VOICE, 0.2)
    assert caller.turns.in_turn
    assert caller.decided[-1] == (1.7, TurnBegan(1.62))
