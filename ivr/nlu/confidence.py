"""Is the best guess right? A small logistic model over how sure and how near the guess is, fitted on held-out texts.

Its answer is a chance that can be acted on: fitted so that at `accept` no more than the allowed share of turns is
acted on wrongly, both among turns in scope and among others.
"""

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.classifier import Classes
from ivr.nlu.encoder import Vectors
from ivr.nlu.lexical import Scores

Features = NDArray[np.float64]
_FEWEST = 8
"""Fewest held-out texts of each kind to fit on; below it a cautious constant model is used."""


def features(chances: Scores, vectors: Vectors, known: Vectors, known_classes: Classes) -> Features:
    """What the head looks at, shape (texts, 8).

    Args:
        chances: shape (texts, classes), the last class being "none".
        vectors: unit vectors of the texts.
        known: unit vectors of the training examples.
        known_classes: their classes.
    """
    none = chances.shape[1] - 1
    intents = chances[:, :none]
    order = np.argsort(-intents, axis=1)
    rows = np.arange(len(chances))
    first = intents[rows, order[:, 0]]
    second = intents[rows, order[:, 1]] if none > 1 else np.full(len(rows), 1e-4)
    entropy = -(chances * np.log(chances + 1e-9)).sum(axis=1)
    likeness = vectors @ known.T
    is_guess = known_classes[None, :] == order[:, :1]
    to_guess = np.where(is_guess, likeness, -1.0).max(axis=1)
    to_none = np.where(known_classes[None, :] == none, likeness, -1.0).max(axis=1, initial=-1.0)
    kept = min(3, likeness.shape[1])
    best = np.partition(np.where(known_classes[None, :] == none, -1.0, likeness), -kept, axis=1)[:, -kept:]
    columns = [
        _log(first), _log(first) - _log(second), _log(first) - _log(chances[:, none]), entropy,
        to_guess, to_guess - to_none, best.mean(axis=1), best.max(axis=1),
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float64)


def _log(chances: Scores) -> Scores:
    return np.asarray(np.log(chances + 1e-6))


class ConfidenceHead:
    """Fitted once, read by all calls."""

    def __init__(
        self, judged: Features, right: NDArray[np.bool_], in_scope: NDArray[np.bool_], other_share: float
    ) -> None:
        """Fit on held-out texts.

        Args:
            judged: from `features`.
            right: whether the best guess was right; never for a text out of scope.
            in_scope: whether the text was about one of the intents.
            other_share: share of turns out of scope to expect, 0 to 1.
        """
        self._mean = judged.mean(axis=0)
        self._spread = judged.std(axis=0) + 1e-6
        self._shift = 0.0
        fits = min(int(right.sum()), int((~right).sum())) >= _FEWEST
        self._slopes: NDArray[np.float64] | None = None
        if fits:
            from sklearn.linear_model import LogisticRegression  # 3 s: only where models are trained

            weights = np.where(in_scope, 1.0 - other_share, other_share)
            weights = weights / np.where(in_scope, max(in_scope.sum(), 1), max((~in_scope).sum(), 1)) * len(judged)
            model = LogisticRegression(C=1.0, max_iter=500)
            model.fit((judged - self._mean) / self._spread, right, sample_weight=weights)
            self._slopes, self._offset = model.coef_[0], float(model.intercept_[0])

    def allow(
        self, judged: Features, right: NDArray[np.bool_], in_scope: NDArray[np.bool_], accept: float, wrong: float
    ) -> None:
        """Shift the scale so that at `accept` at most a share `wrong` of either kind of turn is acted on wrongly."""
        confident = self.confidence(judged)
        for kind in (in_scope, ~in_scope):
            mistakes = np.sort(confident[kind & ~right])[::-1]
            permitted = int(wrong * kind.sum())
            if len(mistakes) > permitted:
                threshold = min(float(mistakes[permitted]) + 1e-3, 0.995)
                self._shift = max(self._shift, _logit(threshold) - _logit(accept))

    def confidence(self, judged: Features) -> Scores:
        """The chance, 0 to 1, that the best guess is right, shape (texts,)."""
        if self._slopes is None:
            return np.asarray(np.clip(np.exp(judged[:, 0]) * np.clip(judged[:, 4], 0.0, 1.0), 0.0, 1.0))
        logits = (judged - self._mean) / self._spread @ self._slopes + self._offset - self._shift
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _logit(chance: float) -> float:
    return float(np.log(chance / (1.0 - chance)))
