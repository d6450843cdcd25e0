"""Intents of one flow in one language: learned from its example phrases, with calibrated confidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.model.meaning import IntentGuess, Vocabulary
from ivr.nlu.classifier import Classes, Classifier, Material, fitted_weights, fused
from ivr.nlu.clauses import clauses
from ivr.nlu.cleanup import clean, spelled, without_courtesy
from ivr.nlu.confidence import ConfidenceHead, Features, features
from ivr.nlu.encoder import SentenceEncoder
from ivr.nlu.examples import training_texts
from ivr.nlu.lexical import Scores
from ivr.nlu.negatives import generic_negatives
from ivr.nlu.noise import Mishearer
from ivr.nlu.settings import UnderstandingSettings

_MANY = 2000
_SAME_TOPIC = 0.75
"""Cosine from which a shipped out-of-domain line is about this flow after all, and is left out."""
_EXACT = 0.99
_PART = 0.95
"""What a clause counts of what it would count alone."""
_FAINTEST = 0.02


@dataclass(frozen=True, slots=True)
class _HeldOut:
    parts: list[Scores]
    vectors: NDArray[np.float32]
    classes: Classes
    known: Material


class IntentModel:
    """Trained at load, in seconds; read by all calls without a lock."""

    def __init__(
        self, vocabulary: Vocabulary, encoders: Sequence[SentenceEncoder], settings: UnderstandingSettings
    ) -> None:
        """Train.

        Raises:
            ModelMissing: an encoder's weights are not installed.
        """
        self._language = vocabulary.language
        self._encoders = tuple(encoders)
        self._settings = settings
        self.names = tuple(intent.name for intent in vocabulary.intents)
        self._none = len(self.names)
        texts, classes = training_texts(vocabulary)
        self._exact = _unique(texts, classes)
        generator = np.random.default_rng(settings.seed)
        clean_material = self._material(*self._with_negatives(texts, classes, vocabulary.out_of_scope))
        mishearer = Mishearer(self._language, texts)
        noised = [
            self._material(mishearer.copies(clean_material.texts, rate, generator), clean_material.classes)
            for rate in settings.word_error_rates
        ]
        self._known = clean_material
        self._head = self._calibrated(clean_material, noised)
        learned = _together([clean_material, *noised[:1]])
        self._classifier = Classifier(learned, self._none + 1, self._language)
        self._classifier.weights = self._weights

    def guesses(self, text: str) -> tuple[IntentGuess, ...]:
        """Intents the words may mean, best first, with the chance that each is the right one.

        Where the whole is not clear, what one of its clauses clearly asks for counts, a little less.
        """
        whole = self._whole(text)
        if whole and whole[0].confidence >= self._settings.accept:
            return whole
        chances = {guess.intent: guess.confidence for guess in whole}
        for clause in clauses(text, self._language):
            for guess in self._whole(clause)[:1]:
                chances[guess.intent] = max(chances.get(guess.intent, 0.0), round(_PART * guess.confidence, 4))
        best = sorted(chances.items(), key=lambda pair: -pair[1])[: self._settings.most_guesses]
        return tuple(IntentGuess(intent, chance) for intent, chance in best)

    def _whole(self, text: str) -> tuple[IntentGuess, ...]:
        said = self._normal(text)
        if not said:
            return ()
        if said in self._exact:
            return (IntentGuess(self.names[self._exact[said]], _EXACT),)
        said = without_courtesy(said, self._language)
        if said in self._exact:
            return (IntentGuess(self.names[self._exact[said]], _EXACT),)
        vectors = [encoder.encode([said]) for encoder in self._encoders]
        chances = self._classifier.chances([said], vectors)
        judged = features(chances, vectors[-1], self._known.vectors[-1], self._known.classes)
        sure = float(self._head.confidence(judged)[0])
        return self._ranked(chances[0], sure)

    def is_example(self, text: str) -> bool:
        """Whether the words are one of the flow's own phrases."""
        return self._normal(text) in self._exact

    def _normal(self, text: str) -> str:
        return spelled(clean(text, self._language), self._language)

    def _ranked(self, chances: NDArray[np.float64], sure: float) -> tuple[IntentGuess, ...]:
        order = np.argsort(-chances[: self._none])[: self._settings.most_guesses]
        rest = max(1.0 - float(chances[order[0]]), 1e-6)
        found = [IntentGuess(self.names[order[0]], round(sure, 4))]
        for at in order[1:]:
            share = min(float(chances[at]) / rest * (1.0 - sure), sure)
            found.append(IntentGuess(self.names[at], round(share, 4)))
        return tuple(guess for guess in found if guess.confidence >= _FAINTEST)

    def _material(self, texts: list[str], classes: Classes) -> Material:
        return Material(texts, tuple(encoder.encode(texts) for encoder in self._encoders), classes)

    def _with_negatives(self, texts: list[str], classes: list[int], own: Sequence[str]) -> tuple[list[str], Classes]:
        """Examples, the shipped out-of-domain lines that are not about this flow, and the flow's own."""
        shipped = [spelled(clean(line, self._language), self._language) for line in generic_negatives(self._language)]
        first = self._encoders[0]
        near = (first.encode(shipped) @ first.encode(texts).T).max(axis=1, initial=-1.0)
        others = [line for line, likeness in zip(shipped, near, strict=True) if likeness < _SAME_TOPIC]
        others += [spelled(clean(line, self._language), self._language) for line in own]
        everything = texts + [line for line in others if line]
        numbers = classes + [self._none] * (len(everything) - len(texts))
        return everything, np.array(numbers, np.int64)

    def _calibrated(self, clean_material: Material, noised: list[Material]) -> ConfidenceHead:
        """Weights of the parts and the confidence head, from texts held out of training fold by fold."""
        settings = self._settings
        folds = settings.folds if len(clean_material.texts) < _MANY else min(settings.folds, 3)
        fold_of = _folds(clean_material.classes, folds)
        held: list[_HeldOut] = []
        for fold in range(folds):
            inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            if not len(outside):
                continue
            known = clean_material.rows(inside)
            learned = _together([known, *(copy.rows(inside) for copy in noised[:1])])
            model = Classifier(learned, self._none + 1, self._language)
            judged = _together([material.rows(outside) for material in (clean_material, *noised)])
            held.append(_HeldOut(model.parts(judged.texts, judged.vectors), judged.vectors[-1], judged.classes, known))
        classes = np.concatenate([each.classes for each in held])
        parts = [np.concatenate(part) for part in zip(*(each.parts for each in held), strict=True)]
        self._weights = fitted_weights(parts, classes)
        judged_rows, right = self._judged(held)
        in_scope = classes != self._none
        head = ConfidenceHead(judged_rows, right, in_scope, settings.out_of_scope_share)
        head.allow(judged_rows, right, in_scope, settings.accept, settings.wrong_actions)
        return head

    def _judged(self, held: list[_HeldOut]) -> tuple[Features, NDArray[np.bool_]]:
        rows: list[Features] = []
        right: list[NDArray[np.bool_]] = []
        for each in held:
            chances = fused(each.parts, self._weights)
            rows.append(features(chances, each.vectors, each.known.vectors[-1], each.known.classes))
            right.append(chances[:, : self._none].argmax(axis=1) == each.classes)
        return np.concatenate(rows), np.concatenate(right)


def _together(materials: Sequence[Material]) -> Material:
    return Material(
        [text for material in materials for text in material.texts],
        tuple(np.concatenate(rows) for rows in zip(*(material.vectors for material in materials), strict=True)),
        np.concatenate([material.classes for material in materials]),
    )


def _folds(classes: Classes, folds: int) -> NDArray[np.int64]:
    """A fold for each text, spread within its class; a class of one is never held out (fold -1)."""
    fold_of = np.full(len(classes), -1, np.int64)
    for number in np.unique(classes):
        rows = np.flatnonzero(classes == number)
        if len(rows) > 1:
            fold_of[rows] = np.arange(len(rows)) % folds
    return fold_of


def _unique(texts: list[str], classes: list[int]) -> dict[str, int]:
    """Examples that belong to one intent only: said word for word they need no model."""
    owners: dict[str, set[int]] = {}
    for text, number in zip(texts, classes, strict=True):
        owners.setdefault(text, set()).add(number)
    return {text: next(iter(numbers)) for text, numbers in owners.items() if len(numbers) == 1}
