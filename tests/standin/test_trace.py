import numpy as np
import pytest

from telephony.standin.playout import Run
from telephony.standin.trace import Act, CallTrace, FarTurn, turns_of
from tests.standin.sounds import spoken


def run(start: float, end: float, utterance: float | None = None) -> Run:
    return Run(start, end, start if utterance is None else utterance)


def said(began: float | None, ended: float | None, words: str = "hello") -> Act:
    return Act("speech", words, began_at=began, ended_at=ended)


def test_latency_runs_from_the_last_word_to_the_first_audible_sample_of_the_answer() -> None:
    turns = turns_of([said(2.0, 3.0), said(6.0, 6.5)], [run(0.0, 1.5), run(3.4, 5.0), run(7.25, 9.0)], [])
    assert turns == (
        FarTurn("speech", "hello", 2.0, 3.0, "answered", 3.4),
        FarTurn("speech", "hello", 6.0, 6.5, "answered", 7.25),
    )
    assert [turn.latency for turn in turns] == [pytest.approx(0.4), 0.75]
    assert [turn.barge_in for turn in turns] == [None, None]


def test_an_interruption_is_timed_from_the_first_voiced_frame_to_the_clear() -> None:
    (turn,) = turns_of([said(1.0, 2.0)], [run(0.0, 1.25), run(2.5, 3.0)], [1.25])
    assert turn == FarTurn("speech", "hello", 1.0, 2.0, "answered", 2.5, True, 1.25)
    assert (turn.barge_in, turn.latency) == (0.25, 0.5)


def test_a_server_that_never_stopped_has_not_answered() -> None:
    (turn,) = turns_of([said(1.0, 2.0)], [run(0.0, 4.0), run(5.0, 6.0)], [])
    assert (turn.outcome, turn.latency) == ("talked_over", None)


def test_words_into_a_pause_of_the_prompt_are_over_the_prompt() -> None:
    prompt = [run(0.0, 1.0), run(1.4, 1.8, utterance=0.0)]
    (turn,) = turns_of([said(1.2, 2.5)], [*prompt, run(3.0, 4.0)], [1.8])
    assert turn == FarTurn("speech", "hello", 1.2, 2.5, "answered", 3.0, True, 1.8)


def test_a_clear_in_a_pause_of_the_prompt_is_an_interruption_too() -> None:
    (turn,) = turns_of([said(1.2, 2.5)], [run(0.0, 1.0), run(3.0, 4.0)], [1.3])
    assert (turn.over_prompt, turn.cleared_at) == (True, 1.3)


def test_a_clear_long_after_the_last_word_has_another_reason() -> None:
    (turn,) = turns_of([said(1.2, 2.5)], [run(0.0, 1.0), run(3.0, 4.0)], [3.9])
    assert (turn.over_prompt, turn.cleared_at) == (False, None)


def test_the_rest_of_a_prompt_is_no_answer_to_a_key() -> None:
    key = Act("keys", "2", began_at=1.2, ended_at=1.2)
    (turn,) = turns_of([key], [run(0.0, 1.0), run(1.4, 2.0, utterance=0.0), run(2.5, 3.0)], [])
    assert (turn.outcome, turn.answered_at) == ("answered", 2.5)


def test_an_answer_before_the_last_word_is_a_cut_off() -> None:
    (turn,) = turns_of([said(1.0, 3.0)], [run(2.0, 4.0)], [])
    assert (turn.outcome, turn.latency) == ("cut_off", None)


def test_no_answer_before_the_caller_speaks_again_is_a_lost_turn() -> None:
    turns = turns_of([said(1.0, 2.0), said(12.0, 13.0)], [run(13.5, 14.0)], [])
    assert [turn.outcome for turn in turns] == ["lost", "answered"]


def test_a_caller_who_does_not_wait_has_left() -> None:
    assert [turn.outcome for turn in turns_of([said(1.0, 2.0)], [], [], left_at=3.0)] == ["left"]
    assert [turn.outcome for turn in turns_of([said(1.0, 2.0)], [], [], left_at=30.0)] == ["lost"]


def test_a_line_that_closes_instead_of_an_answer_is_no_lost_turn() -> None:
    runs = [run(0.0, 1.0), run(6.0, 7.0)]
    (turn,) = turns_of([said(2.0, 3.0)], runs, [], closings=[1.5, 3.5])
    assert (turn.outcome, turn.answered_at) == ("closed", None)
    (turn,) = turns_of([said(2.0, 3.0)], runs, [], closings=[8.0])
    assert (turn.outcome, turn.answered_at) == ("answered", 6.0)


def test_a_key_over_a_prompt_is_answered_by_what_comes_after_it() -> None:
    key = Act("keys", "2", began_at=1.0, ended_at=1.0)
    (turn,) = turns_of([key], [run(0.0, 1.02), run(1.3, 2.0)], [1.02])
    assert turn == FarTurn("keys", "2", 1.0, 1.0, "answered", 1.3, True, 1.02)


def test_what_never_got_out_is_no_turn() -> None:
    assert turns_of([said(1.0, None), said(None, None)], [run(0.0, 1.0)], []) == ()


def test_both_directions_are_laid_out_from_the_same_instant() -> None:
    trace = CallTrace("CA1", "+1", "+2", said=[(8, spoken(0.001))], heard=[(0, spoken(0.001)), (12, spoken(0.0005))])
    out, into = trace.sounds()
    assert (out.size, into.size) == (16, 16)
    assert not out[:8].any()
    assert out[8:].all()
    assert np.flatnonzero(into == 0).tolist() == [8, 9, 10, 11]
    assert CallTrace("CA1", "+1", "+2").turns == ()
