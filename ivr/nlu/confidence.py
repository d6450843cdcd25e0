"""Is the best guess right? A small logistic model over how sure and how near the guess is, fitted on held-out texts.

Its answer is a chance that can be acted on: fitted so that at `accept` no more than the allowed share of turns is
acted on wrongly, among turns in scope and among turns about other things. Questions of the same trade that nobody
prepared for have a share of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.classifier import Material
from ivr.nlu.encoder import Vectors
from ivr.nlu.lexical import Scores
from ivr.nlu.settings import UnderstandingSettings

Features = NDArray[np.float64]
_FEWEST = 8
"""Fewest held-out texts of each kind to fit on; below it a cautious constant model is used."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Held-out texts, row by row."""

    features: Features
    right: NDArray[np.bool_]
    """Whether the best guess was right; never for a text out of scope."""

    in_scope: NDArray[np.bool_]
    strange: NDArray[np.bool_]
    """About an intent that was held out whole: near, but not in scope."""


def features(parts: Sequence[Scores], chances: Scores, vectors: Sequence[Vectors], known: Material) -> Features:
    """What the head looks at, shape (texts, 6 + 4 for each encoder).

    Args:
        parts: scores of the classifier's parts, the lexical one first.
        chances: shape (texts, classes), the last class being "none".
        vectors: unit vectors of the texts, by each encoder.
        known: the training examples.
    """
    none = chances.shape[1] - 1
    intents = chances[:, :none]
    order = np.argsort(-intents, axis=1)
    rows = np.arange(len(chances))
    first = intents[rows, order[:, 0]]
    second = intents[rows, order[:, 1]] if none > 1 else np.full(len(rows), 1e-4)
    entropy = -(chances * np.log(chances + 1e-9)).sum(axis=1)
    columns = [
        _log(first), _log(first) - _log(second), _log(first) - _log(chances[:, none]), entropy,
        parts[0][rows, order[:, 0]], parts[0][:, :none].max(axis=1),
    ]  # fmt: skip
    for said, examples in zip(vectors, known.vectors, strict=True):
        columns += _likeness(said @ examples.T, known, order[:, 0], none)
    return np.stack(columns, axis=1).astype(np.float64)


def _likeness(likeness: NDArray[np.float32], known: Material, guess: NDArray[np.int64], none: int) -> list[Scores]:
    is_guess = known.classes[None, :] == guess[:, None]
    is_none = known.classes[None, :] == none
    to_guess = np.where(is_guess, likeness, -1.0).max(axis=1)
    to_none = np.where(is_none, likeness, -1.0).max(axis=1, initial=-1.0)
    to_other = np.where(is_guess | is_none, -1.0, likeness).max(axis=1, initial=-1.0)
    kept = min(3, likeness.shape[1])
    best = np.partition(np.where(is_none, -1.0, likeness), -kept, axis=1)[:, -kept:]
    return [to_guess, to_guess - to_none, to_guess - to_other, best.mean(axis=1)]


def _log(chances: Scores) -> Scores:
    return np.asarray(np.log(chances + 1e-6))


class ConfidenceHead:
    """Fitted once, read by all calls."""

    def __init__(self, judged: Judged, settings: UnderstandingSettings) -> None:
        """Fit on held-out texts."""
        rows = judged.features
        self._mean = rows.mean(axis=0)
        self._spread = rows.std(axis=0) + 1e-6
        self._shift = 0.0
        fits = min(int(judged.right.sum()), int((~judged.right).sum())) >= _FEWEST
        self._slopes: NDArray[np.float64] | None = None
        self._offset = 0.0
        if fits:
            from sklearn.linear_model import LogisticRegression  # 3 s: only where models are trained

            model = LogisticRegression(C=1.0, max_iter=500)
            weights = _row_weights(judged, settings)
            model.fit((rows - self._mean) / self._spread, judged.right, sample_weight=weights)
            self._slopes, self._offset = model.coef_[0], float(model.intercept_[0])
        self._allow(judged, settings)

    def _allow(self, judged: Judged, settings: UnderstandingSettings) -> None:
        """Shift the scale so that at `accept` no kind of turn is acted on wrongly more often than allowed."""
        confident = self.confidence(judged.features)
        far = ~judged.in_scope & ~judged.strange
        kinds = [(judged.in_scope, settings.wrong_actions), (far, settings.wrong_actions)]
        for kind, wrong in [*kinds, (judged.strange, settings.unprepared_actions)]:
            mistakes = np.sort(confident[kind & ~judged.right])[::-1]
            permitted = int(wrong * kind.sum())
            if len(mistakes) > permitted:
                threshold = min(float(mistakes[permitted]) + 1e-3, 0.995)
                self._shift = max(self._shift, _logit(threshold) - _logit(settings.accept))

    def confidence(self, judged: Features) -> Scores:
        """The chance, 0 to 1, that the best guess is right, shape (texts,)."""
        if self._slopes is None:
            return np.asarray(np.clip(np.exp(judged[:, 0]) * np.clip(judged[:, 6], 0.0, 1.0), 0.0, 1.0))
        logits = (judged - self._mean) / self._spread @ self._slopes + self._offset - self._shift
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _row_weights(judged: Judged, settings: UnderstandingSettings) -> Scores:
    """Each kind of turn weighs as often as it is expected, however many of it were held out."""
    other = settings.out_of_scope_share
    near = other / 2 if judged.strange.any() else 0.0
    weights = np.zeros(len(judged.right))
    kinds = (
        (judged.in_scope, 1.0 - other),
        (~judged.in_scope & ~judged.strange, other - near),
        (judged.strange, near),
    )
    for kind, share in kinds:
        weights[kind] = share * len(weights) / max(int(kind.sum()), 1)
    return weights


def _logit(chance: float) -> float:
    return float(np.log(chance / (1.0 - chance)))
