import numpy as np
import pytest

from telephony.standin.clip import clip_of
from telephony.standin.playout import PlayOut
from telephony.standin.script import (
    CutSocket,
    HangUp,
    Press,
    Speak,
    StaySilent,
    Step,
    UntilLineCloses,
    WaitForSilence,
)
from telephony.standin.talker import Talker
from tests.standin.sounds import clip, pause, quiet, spoken, tone

Left = list[tuple[float, str]]


def run(talker: Talker, far: PlayOut, seconds: float, start: float = 0.0) -> Left:
    """What leaves the telephone, with times: `voice` and `quiet` where they begin, keys, endings."""
    left: Left = []
    before = "quiet"
    for number in range(round(seconds * 50)):
        at = round(start + number * 0.02, 6)
        tick = talker.tick(at, far)
        now = "voice" if tick.samples is not None else "quiet"
        if now != before:
            left.append((at, now))
        before = now
        if tick.keys or tick.ending:
            left.append((at, tick.keys or tick.ending))
        if tick.ending:
            break
    return left


def talker(*steps: Step) -> Talker:
    made = Talker(steps)
    made.line_opened(0.0)
    return made


def test_a_caller_waits_for_the_end_of_the_greeting_before_speaking() -> None:
    far = PlayOut()
    far.media(0.3, spoken(1.0) + pause(0.2))
    caller = talker(WaitForSilence(quiet=0.5), Speak(clip(0.5, before=0.1, after=0.1)))
    assert run(caller, far, 4.0) == [(1.8, "voice"), (2.5, "quiet")]
    act = caller.acts[0]
    assert (act.planned_at, act.began_at, act.ended_at) == (1.8, 1.9, 2.38)
    assert caller.is_done


def test_words_end_with_the_last_audible_sample_not_with_the_clip() -> None:
    said = clip_of("hello", np.concatenate([quiet(0.2), tone(0.3), tone(0.1, level=0.0005), quiet(0.4)]))
    assert (said.first, said.last) == (1600, 3999)
    assert said.seconds == pytest.approx(1.0)


def test_silence_is_no_clip() -> None:
    with pytest.raises(ValueError, match="silent"):
        clip_of("nothing", quiet(0.2))


def test_no_answer_is_waited_for_only_so_long_and_is_remembered() -> None:
    caller = talker(WaitForSilence(longest=2.0), HangUp())
    assert run(caller, PlayOut(), 5.0) == [(2.02, "hang_up")]
    assert caller.missed == ["step 1 waited in vain for an answer"]


def test_an_interrupting_caller_begins_while_the_server_speaks() -> None:
    far = PlayOut()
    far.media(0.5, spoken(5.0))
    caller = talker(Speak(clip(0.4, before=0.0, after=0.0), after=1.0))
    assert run(caller, far, 3.0) == [(1.5, "voice"), (1.9, "quiet")]


def test_the_rest_of_an_interrupted_prompt_is_not_taken_for_the_answer() -> None:
    far = PlayOut()
    far.media(0.0, spoken(5.0))
    caller = talker(Press("2", after=1.0), WaitForSilence(quiet=0.5), HangUp())
    assert run(caller, far, 1.2) == [(1.0, "2")]
    far.clear(1.2)
    assert run(caller, far, 1.2, start=1.2) == []
    far.media(2.4, spoken(0.5))
    assert run(caller, far, 2.0, start=2.4) == [(3.4, "hang_up")]


def test_a_server_that_talks_on_is_heard_out() -> None:
    far = PlayOut()
    far.media(0.0, spoken(5.0))
    caller = talker(Press("2", after=1.0), WaitForSilence(quiet=0.5), HangUp())
    assert run(caller, far, 6.0) == [(1.0, "2"), (5.5, "hang_up")]


def test_keys_are_pressed_one_after_the_other() -> None:
    caller = talker(Press("44#", gap=0.3), StaySilent(1.0), HangUp())
    assert run(caller, PlayOut(), 3.0) == [(0.0, "4"), (0.3, "4"), (0.6, "#"), (1.62, "hang_up")]
    assert (caller.acts[0].began_at, caller.acts[0].ended_at) == (0.0, 0.6)


def test_a_caller_breaks_off_and_the_network_dies() -> None:
    caller = talker(Speak(clip(2.0, before=0.0), only=0.5), CutSocket())
    assert run(caller, PlayOut(), 3.0) == [(0.0, "voice"), (0.5, "quiet"), (0.5, "cut")]
    assert caller.acts[0].ended_at == pytest.approx(0.48)


def test_nobody_to_interrupt_is_remembered() -> None:
    caller = talker(HangUp(after=1.0))
    assert run(caller, PlayOut(), 30.0) == [(20.02, "hang_up")]
    assert caller.missed == ["step 1 waited in vain for the server to speak"]


def test_after_a_transfer_the_caller_waits_for_the_new_line_to_speak() -> None:
    caller = talker(UntilLineCloses(), WaitForSilence(quiet=0.5), Press("5"))
    assert run(caller, PlayOut(), 2.0) == []
    caller.line_closed()
    caller.line_opened(6.0)
    far = PlayOut()
    far.media(6.5, spoken(0.5))
    assert run(caller, far, 3.0, start=6.0) == [(7.5, "5")]


def test_a_line_that_never_closes_is_given_up() -> None:
    caller = talker(UntilLineCloses(longest=1.0), HangUp())
    assert run(caller, PlayOut(), 3.0) == [(1.02, "hang_up")]
    assert caller.missed == ["step 1 waited in vain for the server to close the line"]


def test_words_cut_short_by_the_end_of_the_line_are_lost() -> None:
    caller = talker(Speak(clip(1.0)), Press("12"))
    run(caller, PlayOut(), 0.3)
    caller.line_closed()
    caller.line_opened(5.0)
    assert run(caller, PlayOut(), 1.0, start=5.0) == [(5.0, "1"), (5.3, "2")]
    assert caller.acts[0].ended_at is None


def test_winding_up_ends_the_call_at_the_next_step() -> None:
    caller = talker(Speak(clip(0.2, 0.0, 0.0)), Speak(clip()))
    run(caller, PlayOut(), 0.1)
    caller.wind_up()
    assert run(caller, PlayOut(), 1.0, start=0.1) == [(0.1, "voice"), (0.2, "quiet"), (0.2, "hang_up")]
