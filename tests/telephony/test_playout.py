import numpy as np
import pytest

from ivr.model.audio import QUIETEST_DBFS
from ivr.model.events import PlaybackFinished
from telephony.playout import ECHO_SECONDS, Playout

SECOND = np.full(8000, 8192, "<i2").tobytes()
LEVEL = pytest.approx(-12.04, abs=0.01)


def test_the_far_end_plays_without_pause_what_it_was_sent() -> None:
    playout = Playout(8000)
    playout.begin(1)
    assert playout.send(1, SECOND, now=10.0)
    assert not playout.send(1, SECOND, now=10.5)
    assert playout.ahead(11.0) == 1.0
    assert playout.ahead(99.0) == 0.0
    assert playout.finish(1, 12.0) == [PlaybackFinished(1, False, 2.0)]
    assert not playout.is_busy


def test_a_pause_between_two_pieces_is_not_counted_as_played() -> None:
    playout = Playout(8000)
    playout.begin(1)
    playout.send(1, SECOND, now=0.0)
    playout.send(1, SECOND, now=5.0)
    assert playout.clear(5.25) == [PlaybackFinished(1, True, 1.25)]


def test_clearing_ends_every_utterance_that_was_begun_and_no_other() -> None:
    playout = Playout(8000)
    for utterance in (1, 2, 3):
        playout.begin(utterance)
    playout.send(1, SECOND, now=0.0)
    playout.send(2, SECOND, now=0.0)
    playout.finish(1, 1.0)
    assert playout.clear(1.5) == [PlaybackFinished(2, True, 0.5), PlaybackFinished(3, True, 0.0)]
    assert playout.clear(1.5) == []
    assert playout.finish(2, 2.0) == []
    assert playout.ahead(1.5) == 0.0


def test_what_was_cleared_was_not_heard() -> None:
    playout = Playout(8000)
    playout.send(None, SECOND, now=0.0)
    assert [at for at, _ in playout.heard(0.05)] == pytest.approx([0.0, 0.02, 0.04])
    playout.clear(0.1)
    assert [at for at, _ in playout.heard(9.0)] == pytest.approx([0.06, 0.08])


def test_the_level_is_that_of_what_is_heard_now_and_lasts_as_long_as_an_echo() -> None:
    playout = Playout(8000)
    assert playout.level(0.0) == QUIETEST_DBFS
    playout.send(None, SECOND, now=1.0)
    assert playout.level(0.9) == QUIETEST_DBFS
    assert playout.level(1.5) == LEVEL
    assert playout.level(2.0 + ECHO_SECONDS / 2) == LEVEL
    assert playout.level(2.1 + ECHO_SECONDS) == QUIETEST_DBFS


def test_an_utterance_without_its_mark_is_overdue_after_the_margin() -> None:
    playout = Playout(8000)
    playout.begin(1)
    playout.begin(2)
    assert playout.is_outstanding(1)
    playout.send(1, SECOND, now=0.0)
    assert playout.overdue(5.9, margin=5.0) == []
    assert playout.overdue(6.0, margin=5.0) == [1]
