from telephony.standin.playout import Gap, PlayOut, Run, audible_blocks
from tests.standin.sounds import pause, spoken


def test_sound_sent_at_once_is_heard_at_the_pace_of_the_ear() -> None:
    far = PlayOut()
    far.media(1.0, spoken(0.5))
    far.media(1.0, spoken(0.5))
    assert far.runs == (Run(1.0, 2.0, 1.0),)
    assert [far.is_playing(at) for at in (1.0, 1.9, 2.0)] == [True, True, False]
    assert [first for first, _ in far.sound()] == [8000, 12000]


def test_the_first_audible_sample_is_found_behind_leading_silence() -> None:
    far = PlayOut()
    far.media(0.0, pause(0.3) + spoken(0.2) + pause(0.4))
    assert far.runs == (Run(0.3, 0.5, 0.0),)
    assert far.is_audible(0.4)
    assert not far.is_audible(0.6)
    assert far.is_playing(0.6)


def test_a_pause_between_words_does_not_end_a_run_but_a_longer_one_does() -> None:
    far = PlayOut()
    far.media(0.0, spoken(0.2) + pause(0.15) + spoken(0.2) + pause(0.5) + spoken(0.1))
    assert far.runs == (Run(0.0, 0.55, 0.0), Run(1.05, 1.15, 0.0))


def test_a_mark_is_due_when_the_sound_before_it_has_been_heard() -> None:
    far = PlayOut()
    far.media(0.0, spoken(0.4))
    far.mark(0.0, "1:1")
    far.media(0.0, spoken(0.4))
    far.mark(0.0, "1:2")
    assert [far.due_marks(at) for at in (0.39, 0.4, 0.5, 0.8, 0.9)] == [[], ["1:1"], [], ["1:2"], []]


def test_a_mark_on_an_empty_queue_is_due_at_once() -> None:
    far = PlayOut()
    far.mark(3.0, "1:1")
    assert far.due_marks(3.0) == ["1:1"]


def test_clear_forgets_the_unheard_and_makes_the_marks_due_at_once_as_twilio_does() -> None:
    far = PlayOut()
    far.media(0.0, spoken(1.0))
    far.media(0.0, spoken(1.0))
    far.mark(0.0, "1:1")
    far.clear(0.5)
    assert far.due_marks(0.5) == ["1:1"]
    assert far.runs == (Run(0.0, 0.5, 0.0),)
    assert [(first, len(sound)) for first, sound in far.sound()] == [(0, 4000)]
    assert not far.is_playing(0.5)
    far.clear(0.6)
    assert far.clears == [0.5]


def test_an_answer_right_after_a_clear_is_a_run_of_its_own() -> None:
    far = PlayOut()
    far.media(0.0, spoken(1.0))
    far.clear(0.5)
    far.media(0.55, spoken(0.2))
    assert far.runs == (Run(0.0, 0.5, 0.0), Run(0.55, 0.75, 0.55))


def test_sound_that_comes_after_the_queue_ran_dry_inside_an_utterance_is_a_gap() -> None:
    far = PlayOut()
    far.media(0.0, spoken(0.1))
    far.media(0.15, spoken(0.1))
    far.mark(0.15, "1:1")
    far.media(2.0, spoken(0.1))
    assert [(gap.at, round(gap.seconds, 6)) for gap in far.gaps] == [(0.15, 0.05)]
    assert isinstance(far.gaps[0], Gap)


def test_quiet_counts_from_the_last_audible_sample_or_from_where_we_began_to_listen() -> None:
    far = PlayOut()
    far.media(1.0, spoken(1.0) + pause(0.5))
    assert far.quiet_seconds(0.5, since=0.0) == 0.5
    assert far.quiet_seconds(1.5, since=0.0) == 0.0
    assert far.quiet_seconds(2.3, since=0.0) == 2.3 - 2.0
    assert far.quiet_seconds(2.3, since=2.1) == 2.3 - 2.1


def test_audible_time_counts_only_utterances_that_began_since() -> None:
    far = PlayOut()
    far.media(0.0, spoken(1.0) + pause(1.0) + spoken(1.0))
    assert far.audible_seconds(2.5, since=0.0) == 1.5
    assert far.audible_seconds(2.5, since=0.5) == 0.0
    assert far.audible_seconds(0.4, since=0.0) == 0.4


def test_a_mark_ends_an_utterance() -> None:
    far = PlayOut()
    far.media(0.0, spoken(1.0))
    far.mark(0.0, "1:1")
    far.media(0.0, spoken(1.0))
    assert far.runs == (Run(0.0, 1.0, 0.0), Run(1.0, 2.0, 1.0))


def test_faint_noise_is_not_audible() -> None:
    faint = bytes([0xFE, 0x7E]) * 400
    assert audible_blocks(faint).tolist() == [False] * 10
    assert audible_blocks(spoken(0.015)).tolist() == [True, True]
    assert audible_blocks(b"").tolist() == []
