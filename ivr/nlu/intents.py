"""Intents of one flow in one language: learned from its example phrases, with calibrated confidence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.model.meaning import IntentGuess, Vocabulary
from ivr.nlu.calibration import calibrated
from ivr.nlu.classifier import Classes, Classifier, Material, fused, together
from ivr.nlu.clauses import clauses
from ivr.nlu.cleanup import clean, spelled, without_courtesy
from ivr.nlu.confidence import features
from ivr.nlu.encoder import SentenceEncoder
from ivr.nlu.examples import named, training_texts
from ivr.nlu.negatives import generic_negatives
from ivr.nlu.noise import Mishearer
from ivr.nlu.settings import UnderstandingSettings

_SAME_TOPIC = 0.75
"""Cosine from which a shipped out-of-domain line is about this flow after all, and is left out."""
_EXACT = 0.99
_PART = 0.95
"""What a clause counts of what it would count alone."""
_FAINTEST = 0.02


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
        anchors = self._material(*named(vocabulary))
        weights, self._head = calibrated(clean_material, noised, anchors, self._none, self._language, settings)
        known = together([clean_material, anchors])
        self._classifier = Classifier(known, noised[:1], self._none + 1, self._language)
        self._classifier.weights = weights

    def guesses(self, text: str) -> tuple[IntentGuess, ...]:
        """Intents the words may mean, best first, with the chance that each is the right one.

        Where the whole is not clear, what one of its clauses clearly asks for counts, a little less.
        """
        whole = self.all_guesses((text,))[0]
        if whole and whole[0].confidence >= self._settings.accept:
            return whole
        chances = {guess.intent: guess.confidence for guess in whole}
        for clause in clauses(text, self._language):
            for guess in self.all_guesses((clause,))[0][:1]:
                chances[guess.intent] = max(chances.get(guess.intent, 0.0), round(_PART * guess.confidence, 4))
        best = sorted(chances.items(), key=lambda pair: -pair[1])[: self._settings.most_guesses]
        return tuple(IntentGuess(intent, chance) for intent, chance in best)

    def all_guesses(self, texts: Sequence[str]) -> list[tuple[IntentGuess, ...]]:
        """The same of each text as a whole; many at once are quicker."""
        said = [self._normal(text) for text in texts]
        short = [without_courtesy(words, self._language) for words in said]
        found = [self._as_taught(words, less) for words, less in zip(said, short, strict=True)]
        asked = sorted({less for less, taught in zip(short, found, strict=True) if taught is None})
        judged = dict(zip(asked, self._judged(asked), strict=True)) if asked else {}
        return [judged[less] if taught is None else taught for less, taught in zip(short, found, strict=True)]

    def _as_taught(self, said: str, short: str) -> tuple[IntentGuess, ...] | None:
        if not said:
            return ()
        number = self._exact.get(said, self._exact.get(short))
        return None if number is None else (IntentGuess(self.names[number], _EXACT),)

    def _judged(self, said: list[str]) -> list[tuple[IntentGuess, ...]]:
        vectors = [encoder.encode(said) for encoder in self._encoders]
        parts = self._classifier.parts(said, vectors)
        chances = fused(parts, self._classifier.weights)
        sure = self._head.confidence(features(parts, chances, vectors, self._known))
        return [self._ranked(row, float(share)) for row, share in zip(chances, sure, strict=True)]

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


def _unique(texts: list[str], classes: list[int]) -> dict[str, int]:
    """Examples that belong to one intent only: said word for word they need no model."""
    owners: dict[str, set[int]] = {}
    for text, number in zip(texts, classes, strict=True):
        owners.setdefault(text, set()).add(number)
    return {text: next(iter(numbers)) for text, numbers in owners.items() if len(numbers) == 1}
