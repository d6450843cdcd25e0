import numpy as np
import pytest

from asr.utterance import LONGEST_SECONDS, Utterance
from ivr.model.audio import AudioFrame, silence
from tests.asr.spoken import frames, hiss


def tone(seconds: float, amplitude: int, rate: int = 8000) -> bytes:
    pcm: bytes = (np.sin(np.arange(int(seconds * rate)) * 0.5) * amplitude).astype("<i2").tobytes()
    return pcm


def heard(*parts: bytes) -> Utterance:
    utterance = Utterance(8000)
    for part in parts:
        for frame in frames(part):
            utterance.feed(frame)
    return utterance


@pytest.mark.parametrize(
    ("sound", "silent"),
    [(b"", True), (silence(2, 8000), True), (hiss(2, 30), True), (tone(0.04, 9000), True), (tone(0.06, 9000), False)],
)
def test_nothing_shorter_or_quieter_than_a_word_is_read(sound: bytes, silent: bool) -> None:
    assert heard(sound).is_silent is silent


def test_quiet_around_the_speech_is_trimmed_and_the_end_is_padded() -> None:
    padded = heard(silence(2, 8000), tone(1, 9000), silence(3, 8000)).sound(8000)
    assert padded.size == int(1.7 * 8000)
    assert heard(tone(1, 9000)).sound(16000).size == int(1.5 * 16000)
    assert heard(silence(1, 8000)).sound(8000).size == 0


@pytest.mark.parametrize(
    ("more", "matters"),
    [
        (silence(1, 8000), False),
        (hiss(1, 400), False),
        (tone(0.04, 9000), False),
        (tone(0.3, 9000), True),
        (tone(0.3, 2000), True),
    ],
)
def test_only_sound_that_may_hold_a_word_makes_a_new_version(more: bytes, matters: bool) -> None:
    utterance = heard(tone(1, 9000))
    before = utterance.settle()
    for frame in frames(more):
        utterance.feed(frame)
    assert (utterance.settle() != before) is matters


def test_a_copy_does_not_hear_what_comes_later() -> None:
    utterance = heard(tone(1, 9000))
    copy = utterance.copy()
    utterance.feed(AudioFrame(tone(1, 9000), 8000))
    assert utterance.pieces(50) == [frame.pcm for frame in frames(tone(1, 9000))]
    assert (copy.seconds, utterance.seconds) == (1.0, 2.0)
    assert len(b"".join(copy.pieces(0))) == 16000


def test_no_more_than_the_longest_is_kept() -> None:
    assert heard(tone(LONGEST_SECONDS + 2, 900)).seconds == LONGEST_SECONDS
