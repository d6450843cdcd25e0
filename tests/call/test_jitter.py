"""What is late, lost or too much never becomes delay for the rest of the call."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ivr.call.jitter import (
    FADE_FRAMES,
    KEPT_FRAMES,
    LOUD_WINDOWS,
    MOST_FRAMES,
    WINDOW_TICKS,
    JitterBuffer,
    Script,
)


def loud(number: int, size: int = 160) -> NDArray[np.int16]:
    return np.full(size, 1000 + number, np.int16)


def soft(number: int = 1) -> NDArray[np.int16]:
    return np.full(160, number, np.int16)


def test_in_step_every_frame_comes_out_as_it_went_in() -> None:
    buffer, got = JitterBuffer(8000), []
    buffer.put(loud(0))
    buffer.take()
    for number in range(1, 500):
        buffer.put(loud(number))
        got.append(buffer.take().tolist())
    assert got == [loud(number).tolist() for number in range(1, 500)]
    assert (buffer.covered, buffer.left_out, buffer.cut, buffer.frames_waiting) == (0, 0, 0, 0.0)


def test_pieces_of_any_length_come_out_in_frames() -> None:
    buffer, sound = JitterBuffer(8000), np.arange(1, 961, dtype=np.int16)
    buffer.put(sound[:480])
    first = [buffer.take() for _ in range(3)]
    buffer.put(sound[480:])
    assert np.concatenate(first).tolist()[40:] == sound[40:480].tolist()
    assert np.concatenate([buffer.take() for _ in range(3)]).tolist() == sound[480:].tolist()


def test_a_hole_is_covered_ever_softer_and_then_silent() -> None:
    buffer = JitterBuffer(8000)
    buffer.put(np.arange(1000, 1160, dtype=np.int16))
    last = buffer.take()
    covers = [buffer.take() for _ in range(FADE_FRAMES + 1)]
    assert abs(int(covers[0][0]) - int(last[-1])) <= 1
    assert abs(int(covers[1][0]) - int(covers[0][-1])) <= 10
    assert [int(np.abs(cover).max()) for cover in covers[1:]] == [int(np.abs(covers[1]).max()), 0]
    assert int(np.abs(covers[1]).max()) < int(np.abs(covers[0]).max())
    assert buffer.covered == FADE_FRAMES


def test_silence_that_a_line_puts_where_sound_was_lost_is_not_heard_a_second_time() -> None:
    buffer = JitterBuffer(8000)
    for number in range(10):
        buffer.put(loud(number))
        buffer.take()
    buffer.take()  # nothing came
    buffer.put(np.zeros(160, np.int16))
    buffer.put(loud(11))
    buffer.take()
    assert (buffer.covered, buffer.frames_waiting) == (1, 0.0)
    buffer.put(np.zeros(160, np.int16))
    assert buffer.frames_waiting == 1.0


def test_after_a_stall_only_the_newest_is_heard() -> None:
    buffer = JitterBuffer(8000)
    for number in range(MOST_FRAMES + 1):
        buffer.put(loud(number))
    assert buffer.frames_waiting == KEPT_FRAMES
    assert buffer.cut == MOST_FRAMES + 1 - KEPT_FRAMES
    assert buffer.take()[-1] == loud(MOST_FRAMES - 1)[0]


def test_time_that_was_left_out_is_left_out_here_too() -> None:
    buffer = JitterBuffer(8000)
    for number in range(4):
        buffer.put(loud(number))
    buffer.catch_up()
    buffer.catch_up()
    assert buffer.frames_waiting == KEPT_FRAMES
    assert buffer.cut == 2


def ahead_by(frames: int, quiet_after: int = 0, ticks: int = 300) -> JitterBuffer:
    buffer = JitterBuffer(8000)
    for number in range(frames):
        buffer.put(loud(number))
    for tick in range(ticks):
        buffer.put(soft() if quiet_after and tick >= quiet_after else loud(tick % 50))
        buffer.take()
    return buffer


def test_what_waited_a_second_without_being_needed_is_left_out_in_a_pause() -> None:
    buffer = ahead_by(1, quiet_after=20, ticks=WINDOW_TICKS + 5)
    assert (buffer.left_out, buffer.frames_waiting) == (1, 0.0)


def test_without_a_pause_it_is_left_out_after_some_seconds_all_the_same() -> None:
    assert ahead_by(1, ticks=WINDOW_TICKS * LOUD_WINDOWS - 1).left_out == 0
    buffer = ahead_by(1, ticks=WINDOW_TICKS * (LOUD_WINDOWS + 1))
    assert (buffer.left_out, buffer.frames_waiting) == (1, 0.0)


def test_more_than_a_frame_too_much_is_left_out_at_once() -> None:
    buffer = ahead_by(3, ticks=WINDOW_TICKS + 3)
    assert buffer.left_out == 2


def test_a_frame_left_out_makes_no_click() -> None:
    buffer, wave = JitterBuffer(8000), 8000 * np.sin(2 * np.pi * 200 * np.arange(160 * 400) / 8000)
    sound, got = wave.astype(np.int16).reshape(-1, 160), []
    buffer.put(np.concatenate(list(sound[:3])))
    for frame in sound[3:]:
        buffer.put(frame)
        got.append(buffer.take())
    heard = np.concatenate(got[1:]).astype(int)
    assert buffer.left_out == 3
    assert np.abs(np.diff(heard)).max() <= 1300  # the sine's own steepest is 1257


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=200))
def test_whatever_comes_whenever_it_never_holds_more_than_it_may(pieces: list[int]) -> None:
    buffer = JitterBuffer(8000)
    for count in pieces:
        for _ in range(count):
            buffer.put(loud(1))
            assert buffer.frames_waiting <= MOST_FRAMES
        assert buffer.take().shape == (160,)
    for _ in range(LOUD_WINDOWS * WINDOW_TICKS * 3 + 200):
        buffer.put(loud(1))
        buffer.take()
    assert buffer.frames_waiting < 2


def test_a_script_waits_to_be_heard_to_its_end_and_no_longer_than_allowed() -> None:
    script = Script(8000, 0.05)
    script.put(loud(0, 500))
    script.catch_up()
    assert script.frames_waiting == 2.5
    heard = [script.take().tolist() for _ in range(4)]
    assert heard == [[1000] * 160, [1000] * 160, [1000] * 80 + [0] * 80, [0] * 160]
