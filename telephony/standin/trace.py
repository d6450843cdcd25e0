"""Pure: a call as its far end saw it: what was said and heard when, and how long each answer took.

All times are seconds since the first stream of the call began, on one monotonic clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ivr.model.g711 import mulaw_decode
from telephony.standin.clip import Samples
from telephony.standin.playout import Gap, Run

EndedBy = Literal["", "caller", "server", "carrier", "network", "refused", "broken"]
"""server: it closed the stream or answered `<Hangup>`; carrier: an answer Twilio would not accept, or the longest call;
refused: the call was not taken; broken: the server could not be reached."""

PATIENCE_SECONDS = 5.0
"""A caller who leaves sooner than this after the last word did not wait for an answer."""


@dataclass(slots=True)
class Act:
    """Something the caller did. The talker fills in the times as the sound leaves."""

    kind: Literal["speech", "keys"]
    words: str
    """What was said, or the keys."""

    planned_at: float = 0.0
    began_at: float | None = None
    """When the frame with the first sample of the words, or the first key, was sent."""

    ended_at: float | None = None
    """When the frame with the last sample of the words, or the last key, was sent."""


YIELDS_SECONDS = 0.6
"""A prompt that goes on so long after the caller began to speak, without a `clear`, has not yielded."""

CLEARS_SECONDS = 1.0
"""A `clear` later than this after the last word has another reason."""

Outcome = Literal["answered", "talked_over", "cut_off", "closed", "lost", "left"]
"""talked_over: the server was speaking and did not yield; cut_off: it began to answer before the last word was out;
closed: it ended the line instead, to hang up or to hand the caller on; lost: no answer came; left: the caller did not
wait for one."""


@dataclass(frozen=True, slots=True)
class FarTurn:
    kind: Literal["speech", "keys"]
    words: str
    began_at: float
    ended_at: float
    outcome: Outcome
    answered_at: float | None = None
    """When the first audible sample of the answer was heard."""

    over_prompt: bool = False
    """The server was audible when the caller began."""

    cleared_at: float | None = None
    """When `clear` arrived, for a turn over a prompt."""

    @property
    def latency(self) -> float | None:
        """Seconds from the caller's last word to the first audible sample of the answer."""
        return None if self.answered_at is None or self.outcome != "answered" else self.answered_at - self.ended_at

    @property
    def barge_in(self) -> float | None:
        """Seconds from the caller's first voiced frame to the arrival of `clear`."""
        return None if self.cleared_at is None or not self.over_prompt else self.cleared_at - self.began_at


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that happened, for a log or a live display."""

    at: float
    what: str
    """calling, stream_opened, says, pressed, answered, cleared, stream_closed, dialled, agent_left, announced,
    missed, hung_up, trouble."""

    detail: str = ""
    seconds: float | None = None
    """For `answered`: the latency; for `cleared` within a turn: the barge-in time."""


@dataclass(slots=True)
class CallTrace:
    """Everything about one call. Filled while it goes on."""

    call_sid: str
    caller: str
    called: str
    ended_by: EndedBy = ""
    trouble: str = ""
    """What went wrong, in words; empty when nothing did."""

    events: list[Noted] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    """Where the server was audible."""

    clears: list[float] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    """Holes the caller heard in the middle of an utterance: late frames of the server."""

    lateness: list[float] = field(default_factory=list)
    """Seconds by which each of our own frames left late: above 0.02 this program, not the server, is saturated."""

    said: list[tuple[int, bytes]] = field(default_factory=list)
    """What we sent: first sample and µ-law sound. Silence that was sent is not kept."""

    heard: list[tuple[int, bytes]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    left_at: float | None = None
    """When the caller hung up, if it was the caller."""

    closings: list[float] = field(default_factory=list)
    """When the server closed a stream."""

    began_at: float = 0.0
    """The clock's reading (monotonic seconds) where the times of this call are 0."""

    seconds: float = 0.0

    @property
    def turns(self) -> tuple[FarTurn, ...]:
        return turns_of(self.acts, self.runs, self.clears, self.left_at, self.closings)

    def sounds(self) -> tuple[Samples, Samples]:
        """What the caller said and what the caller heard, each of shape (n,), 8 kHz, from the same instant."""
        length = max((first + len(sound) for first, sound in (*self.said, *self.heard)), default=0)
        return _laid_out(self.said, length), _laid_out(self.heard, length)


def turns_of(
    acts: Iterable[Act],
    runs: Sequence[Run],
    clears: Sequence[float],
    left_at: float | None = None,
    closings: Sequence[float] = (),
) -> tuple[FarTurn, ...]:
    """Match what the caller did with what was heard after it. An act that never got out is no turn."""
    complete = [
        (act, act.began_at, act.ended_at) for act in acts if act.began_at is not None and act.ended_at is not None
    ]
    nexts = [*(began for _, began, _ in complete), float("inf")][1:]
    found = []
    for (act, began, ended), until in zip(complete, nexts, strict=True):
        closed = min((at for at in closings if ended <= at < until), default=None)
        heard = _Heard(runs, clears, until if closed is None else closed)
        answered_at, prompt_end = heard.answer(began, ended), heard.prompt_end(began)
        cleared_at = heard.clear(began, ended)
        outcome: Outcome = "answered"
        if act.kind == "speech" and cleared_at is None and prompt_end and prompt_end > began + YIELDS_SECONDS:
            outcome = "talked_over"
        elif heard.was_cut_off(began, ended):
            outcome = "cut_off"
        elif answered_at is None and closed is not None:
            outcome = "closed"
        elif answered_at is None:
            outcome = "left" if left_at is not None and left_at < min(until, ended + PATIENCE_SECONDS) else "lost"
        # A `clear` may come in a pause of the prompt: then nothing of it was audible after the caller began.
        over = prompt_end is not None or cleared_at is not None
        found.append(FarTurn(act.kind, act.words, began, ended, outcome, answered_at, over, cleared_at))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What reached the caller, as far as it can have to do with one turn."""

    runs: Sequence[Run]
    clears: Sequence[float]
    until: float
    """The caller's next words, or the end of the line."""

    def prompt_end(self, began: float) -> float | None:
        """Last audible instant of the utterance that the caller spoke into, if there was one."""
        return max((run.end for run in self.runs if run.utterance < began < run.end), default=None)

    def answer(self, began: float, ended: float) -> float | None:
        """An utterance that began before the caller did is not an answer, wherever its words lie."""
        after = (run.start for run in self.runs if run.utterance >= began and ended <= run.start < self.until)
        return next(after, None)

    def clear(self, began: float, ended: float) -> float | None:
        return next((at for at in self.clears if began <= at < min(self.until, ended + CLEARS_SECONDS)), None)

    def was_cut_off(self, began: float, ended: float) -> bool:
        return any(began <= run.utterance and run.start < ended for run in self.runs)


def _laid_out(pieces: Iterable[tuple[int, bytes]], length: int) -> Samples:
    laid = np.zeros(length, dtype=np.int16)
    for first, sound in pieces:
        laid[first : first + len(sound)] = np.frombuffer(mulaw_decode(sound), dtype="<i2")
    return laid
