"""Reading an utterance with Moonshine: freely, inside a grammar, or freely but leaning towards likely words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from asr.grammar import Place
from asr.leaning import Leaning, Spot
from asr.moonshine_net import Encoded, Floats, choose_past
from asr.token_grammar import TokenGrammar
from asr.tokens import STOP, Tokens

FREE_PER_SECOND = 6.5
"""Most tokens per second of sound in free speech (Useful Moonshine's own limit against loops)."""

CLOSED_PER_SECOND = 10.0
"""Digits come with a comma each, so they take more tokens."""

FIRST_TOKENS = 6
"""Enough for the opening of a sentence: "may I have a"."""

LARGEST_LOSS = 9.0
"""A reading inside the grammar that is this much less likely in all than free speech is another sentence, however
long it is (log-prob). Totals only fall, so decoding can stop there: half the work on what is not an answer."""


@dataclass(frozen=True, slots=True)
class Search:
    """How far to look for readings inside a grammar."""

    beams: int = 4
    """Readings followed at once."""

    first_beams: int = 4
    """The same for the first tokens, where a misheard word must not shut out the sentence it begins."""

    largest_loss: float = LARGEST_LOSS
    patience: float = 0.0
    """How far below the best finished reading (log-prob) the unfinished are still followed."""


Stop = Callable[[], bool]
"""Asked between steps: True ends the work early, its result is not wanted any more."""


class Reader(Protocol):
    """The part of the network that decoding uses."""

    tokens: Tokens

    def step(self, heard: Encoded, tokens: Sequence[int], past: list[Floats]) -> tuple[Floats, list[Floats]]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the utterance."""

    tokens: tuple[int, ...]
    total: float
    """Sum of the log-probabilities of all tokens and of ending there."""

    worst: float = 0.0
    """Lowest log-probability of a token."""

    @property
    def mean(self) -> float:
        """Log-probability per token, the stop included."""
        return self.total / (len(self.tokens) + 1)

    def or_else(self, other: Reading) -> Reading:
        """This reading or another that says the same in other tokens: their chances added."""
        return Reading(self.tokens, float(np.logaddexp(self.total, other.total)), self.worst)


@dataclass(frozen=True, slots=True)
class _Beam:
    tokens: tuple[int, ...]
    total: float
    place: Place
    row: int


@dataclass(frozen=True, slots=True)
class _Leant:
    tokens: tuple[int, ...]
    total: float
    spot: Spot
    row: int


def read_freely(net: Reader, heard: Encoded, stop: Stop) -> Reading:
    """The likeliest token at each step."""
    past, scores = heard.past, heard.log_probs
    tokens: list[int] = []
    total = worst = 0.0
    for _ in range(_most_tokens(heard, FREE_PER_SECOND)):
        token = int(scores[0].argmax())
        chance = float(scores[0, token])
        total += chance
        worst = min(worst, chance)
        if token == STOP or stop():
            break
        tokens.append(token)
        scores, past = net.step(heard, [token], past)
    return Reading(tuple(tokens), total, worst)


def read_inside(
    net: Reader, heard: Encoded, grammar: TokenGrammar, free: Reading, stop: Stop, search: Search | None = None
) -> list[Reading]:
    """The likeliest readings that lie in the grammar, best first; none that are far worse than `free`."""
    search = search or Search()
    past, scores = heard.past, heard.log_probs
    alive = [_Beam((), 0.0, grammar.grammar.start, 0)]
    done: list[Reading] = []
    for count in range(_most_tokens(heard, CLOSED_PER_SECOND)):
        beams = max(search.beams, search.first_beams) if count < FIRST_TOKENS else search.beams
        grown: list[_Beam] = []
        for beam in alive:
            choices = grammar.choices(beam.place)
            row = scores[beam.row]
            if choices.full:
                done.append(Reading(beam.tokens, beam.total + float(row[STOP])))
            for at in _best(row[choices.tokens], beams):
                token = int(choices.tokens[at])
                grown.append(_Beam((*beam.tokens, token), beam.total + float(row[token]), choices.places[at], beam.row))
        alive = sorted(grown, key=lambda beam: -beam.total)[:beams]
        if not alive or stop() or _is_settled(alive[0], done, free.total - search.largest_loss, search.patience):
            break
        past = choose_past(past, [beam.row for beam in alive])
        scores, past = net.step(heard, [beam.tokens[-1] for beam in alive], past)
        alive = [_Beam(b.tokens, b.total, b.place, row) for row, b in enumerate(alive)]
    near = [reading for reading in done if reading.total >= free.total - search.largest_loss]
    return sorted(near, key=lambda reading: -reading.total)


def read_leaning(net: Reader, heard: Encoded, leaning: Leaning, stop: Stop, beams: int = 4) -> list[Reading]:
    """Free readings, best first, where words of `leaning` get a bonus while they are being spelled."""
    past, scores = heard.past, heard.log_probs
    alive = [_Leant((), 0.0, leaning.start, 0)]
    done: list[tuple[float, Reading]] = []
    for _ in range(_most_tokens(heard, FREE_PER_SECOND)):
        grown: list[_Leant] = []
        for beam in alive:
            ended = Reading(beam.tokens, beam.total + float(scores[beam.row, STOP]))
            done.append((ended.total + leaning.kept(beam.spot), ended))
            grown += _grow(beam, scores[beam.row], leaning, beams)
        alive = sorted(grown, key=lambda beam: -(beam.total + leaning.bonus(beam.spot)))[:beams]
        if stop() or max(score for score, _ in done) > alive[0].total + leaning.bonus(alive[0].spot):
            break
        past = choose_past(past, [beam.row for beam in alive])
        scores, past = net.step(heard, [beam.tokens[-1] for beam in alive], past)
        alive = [_Leant(b.tokens, b.total, b.spot, row) for row, b in enumerate(alive)]
    return [reading for _, reading in sorted(done, key=lambda pair: -pair[0])]


def _grow(beam: _Leant, row: NDArray[np.float32], leaning: Leaning, beams: int) -> list[_Leant]:
    """The readings one token longer that are worth looking at."""
    likely = leaning.likely(beam.spot)
    tokens = {*_best(row, beams), *(int(likely[at]) for at in _best(row[likely], beams))} - {STOP}
    return [
        _Leant((*beam.tokens, token), beam.total + float(row[token]), leaning.after(beam.spot, token), beam.row)
        for token in tokens
    ]


def _most_tokens(heard: Encoded, per_second: float) -> int:
    return 4 + int(np.ceil(heard.seconds * per_second))


def _best(row: NDArray[np.float32], count: int) -> list[int]:
    """Indices of the `count` highest values, in no order."""
    if row.size <= count:
        return list(range(row.size))
    return [int(at) for at in np.argpartition(row, row.size - count)[-count:]]


def _is_settled(best: _Beam, done: list[Reading], least: float, patience: float) -> bool:
    """Nothing alive can beat what is finished, or come near free speech."""
    return best.total < max([least, *(reading.total - patience for reading in done)])
