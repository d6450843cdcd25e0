"""Texts to the chances of intents: a lexical model and sentence vectors, fused by weights fitted on held-out texts.

The last class is "none of them", taught with the shipped out-of-domain lines and the flow's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.encoder import Vectors
from ivr.nlu.lexical import LexicalModel, Scores

Classes = NDArray[np.int64]
_STRENGTH = 20.0
"""C of the logistic regression over unit vectors."""


@dataclass(frozen=True, slots=True)
class Material:
    """Texts to learn from or to judge, row by row."""

    texts: list[str]
    vectors: tuple[Vectors, ...]
    """One array per encoder, shape (texts, dimensions)."""

    classes: Classes

    def rows(self, chosen: NDArray[np.int64]) -> "Material":
        return Material(
            [self.texts[at] for at in chosen], tuple(vectors[chosen] for vectors in self.vectors), self.classes[chosen]
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """Inverse temperatures of the parts."""

    lexical: float = 2.0
    vectors: tuple[float, ...] = (0.8,)


class Classifier:
    """Fitted once, read by all calls."""

    def __init__(self, material: Material, class_count: int, language: str) -> None:
        self._lexical = LexicalModel(material.texts, material.classes, class_count, language)
        self._linear = [_Linear(vectors, material.classes, class_count) for vectors in material.vectors]
        self.weights = Weights(2.0, tuple(0.8 for _ in material.vectors))

    def parts(self, texts: Sequence[str], vectors: Sequence[Vectors]) -> list[Scores]:
        """Scores of each part, each of shape (texts, classes)."""
        return [
            self._lexical.scores(texts),
            *(linear.scores(rows) for linear, rows in zip(self._linear, vectors, strict=True)),
        ]

    def chances(self, texts: Sequence[str], vectors: Sequence[Vectors]) -> Scores:
        """Probabilities, shape (texts, classes)."""
        return fused(self.parts(texts, vectors), self.weights)


class _Linear:
    def __init__(self, vectors: Vectors, classes: Classes, class_count: int) -> None:
        from sklearn.linear_model import LogisticRegression  # 3 s: only where models are trained

        model = LogisticRegression(C=_STRENGTH, max_iter=300)
        model.fit(vectors, classes)
        weights, offsets = model.coef_, model.intercept_
        if len(model.classes_) == 2:
            weights, offsets = np.vstack([-weights, weights]) / 2, np.concatenate([-offsets, offsets]) / 2
        self._weights = np.zeros((vectors.shape[1], class_count), np.float32)
        self._offsets = np.full(class_count, float(offsets.min()) - 4.0)
        self._weights[:, model.classes_] = weights.T
        self._offsets[model.classes_] = offsets

    def scores(self, vectors: Vectors) -> Scores:
        logits: Scores = np.asarray(vectors @ self._weights, np.float64) + self._offsets
        return logits


def fused(parts: Sequence[Scores], weights: Weights) -> Scores:
    """Weighted sum of the parts' scores as probabilities."""
    logits = weights.lexical * parts[0]
    for weight, scores in zip(weights.vectors, parts[1:], strict=True):
        logits = logits + weight * scores
    logits = logits - logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def fitted_weights(parts: Sequence[Scores], classes: Classes, none_share: float = 0.2) -> Weights:
    """Weights of least negative log likelihood on held-out texts, over a small grid.

    The lexical part never falls away: it is what survives recognition errors that no noised copy has.

    Args:
        parts: scores of each part for the same texts, the last class being "none".
        classes: the right classes.
        none_share: how much the texts of the last class weigh together, 0 to 1.
    """
    grid = [0.3, 0.5, 0.8, 1.2]
    none = classes == parts[0].shape[1] - 1
    rows = np.where(none, none_share / max(int(none.sum()), 1), (1 - none_share) / max(int((~none).sum()), 1))
    best, chosen = np.inf, Weights(2.0, tuple(0.8 for _ in parts[1:]))
    for lexical in (0.35, 0.7, 1.35, 2.0, 3.0, 4.5):
        for combination in np.array(np.meshgrid(*[grid] * (len(parts) - 1))).reshape(len(parts) - 1, -1).T:
            weights = Weights(lexical, tuple(float(value) for value in combination))
            chances = fused(parts, weights)
            loss = float(-(rows * np.log(chances[np.arange(len(classes)), classes] + 1e-9)).sum())
            if loss < best:
                best, chosen = loss, weights
    return chosen
