"""Pure: how far the parts of a classifier and its best guess can be trusted, from texts held out of training.

Fold by fold, texts are held out, and so are whole intents: their texts are what a caller asks that nobody prepared
for. A head fitted without those takes a near stranger for an acquaintance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.classifier import Classes, Classifier, Material, Weights, fitted_weights, fused, together
from ivr.nlu.confidence import ConfidenceHead, Features, Judged, features
from ivr.nlu.lexical import Scores
from ivr.nlu.settings import UnderstandingSettings

_MANY = 2000
_FEWEST_INTENTS = 4
"""Below it no intent is held out: too little would be left to tell apart."""


@dataclass(frozen=True, slots=True)
class _HeldOut:
    parts: list[Scores]
    judged: Material
    known: Material
    strange: NDArray[np.bool_]
    """Texts of an intent that was held out whole."""


def calibrated(
    clean: Material,
    noised: Sequence[Material],
    anchors: Material,
    none: int,
    language: str,
    settings: UnderstandingSettings,
) -> tuple[Weights, ConfidenceHead]:
    """Weights of the parts and the confidence head.

    Args:
        clean: the examples, and lines out of scope.
        noised: noised copies of `clean`, row by row; the first is learned from too.
        anchors: learned from, never judged.
        none: the class of lines out of scope, after those of the intents.
    """
    held = _held_out(clean, noised, anchors, none, language, settings)
    strange = np.concatenate([each.strange for each in held])
    classes = np.concatenate([each.judged.classes for each in held])
    parts = [np.concatenate(part) for part in zip(*(each.parts for each in held), strict=True)]
    weights = fitted_weights([part[~strange] for part in parts], classes[~strange])
    rows: list[Features] = []
    right: list[NDArray[np.bool_]] = []
    for each in held:
        chances = fused(each.parts, weights)
        rows.append(features(each.parts, chances, each.judged.vectors, each.known))
        right.append((chances[:, :none].argmax(axis=1) == each.judged.classes) & ~each.strange)
    in_scope = (classes != none) & ~strange
    judged = Judged(np.concatenate(rows), np.concatenate(right), in_scope, strange)
    return weights, ConfidenceHead(judged, settings)


def _held_out(
    clean: Material,
    noised: Sequence[Material],
    anchors: Material,
    none: int,
    language: str,
    settings: UnderstandingSettings,
) -> list[_HeldOut]:
    folds = settings.folds if len(clean.texts) < _MANY else min(settings.folds, 3)
    fold_of = _folds(clean.classes, folds)
    held: list[_HeldOut] = []
    for fold in range(folds):
        gone = [number for number in range(none) if number % folds == fold] if none >= _FEWEST_INTENTS else []
        inside = np.flatnonzero((fold_of != fold) & ~np.isin(clean.classes, gone))
        outside = np.flatnonzero(fold_of == fold)
        if not len(outside):
            continue
        near = anchors.rows(np.flatnonzero(~np.isin(anchors.classes, gone)))
        known = clean.rows(inside)
        copies = [copy.rows(inside) for copy in noised[:1]]
        model = Classifier(together([known, near]), copies, none + 1, language)
        judged = together([material.rows(outside) for material in (clean, *noised)])
        parts = model.parts(judged.texts, judged.vectors)
        held.append(_HeldOut(parts, judged, known, np.isin(judged.classes, gone)))
    return held


def _folds(classes: Classes, folds: int) -> NDArray[np.int64]:
    """A fold for each text, spread within its class; a class of one is never held out (fold -1)."""
    fold_of = np.full(len(classes), -1, np.int64)
    for number in np.unique(classes):
        rows = np.flatnonzero(classes == number)
        if len(rows) > 1:
            fold_of[rows] = np.arange(len(rows)) % folds
    return fold_of
