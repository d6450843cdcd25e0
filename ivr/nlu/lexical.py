"""Words, letters and sounds of a text to scores of classes: TF-IDF into a linear support vector machine.

The part that survives recognition errors: English words 1-2, letters 2-5 inside words, sounds 3-6 across words;
Chinese characters 1-3 and toneless pinyin 1-3 (no word segmentation: measured worse, and homophones break it).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.cleanup import is_chinese
from ivr.nlu.sounds import chinese_sounds, english_sounds
from ivr.nlu.tfidf import Row, WeightedGrams, inner_grams, letter_grams, word_grams

Scores = NDArray[np.float64]
_MANY_TEXTS = 3000


class LexicalModel:
    """Fitted once, read by all calls."""

    def __init__(self, texts: Sequence[str], classes: NDArray[np.int64], class_count: int, language: str) -> None:
        """Fit on cleaned texts and their class numbers, 0 to class_count - 1; at least two classes must occur."""
        from sklearn.svm import LinearSVC  # 3 s: only where models are trained, not where they are read back

        self._sounds = chinese_sounds if is_chinese(language) else english_sounds
        self._spelling, self._speech = _grams(is_chinese(language), len(texts) > _MANY_TEXTS)
        for grams in self._spelling:
            grams.fit(texts)
        self._speech.fit([self._sounds(text) for text in texts])
        machine = LinearSVC(C=1.0, dual=True)
        machine.fit(self._matrix(texts), classes)
        weights, offsets = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:
            weights, offsets = np.vstack([-weights, weights]), np.concatenate([-offsets, offsets])
        self._weights = np.zeros((weights.shape[1], class_count), np.float32)
        self._offsets = np.full(class_count, -1.0)
        self._weights[:, machine.classes_] = weights.T
        self._offsets[machine.classes_] = offsets

    def scores(self, texts: Sequence[str]) -> Scores:
        """Margins, shape (texts, classes): above 0 the class is likely. Not probabilities."""
        margins = np.empty((len(texts), len(self._offsets)), np.float64)
        for number, text in enumerate(texts):
            columns, values = self._row(text)
            margins[number] = values @ self._weights[columns]
        margins += self._offsets
        return margins

    def _row(self, text: str) -> Row:
        """The blocks of all kinds of grams, one after the other."""
        blocks = [(grams, grams.row(text)) for grams in self._spelling]
        blocks.append((self._speech, self._speech.row(self._sounds(text))))
        columns, first = [], 0
        for grams, (here, _) in blocks:
            columns.append(here + first)
            first += len(grams)
        return np.concatenate(columns), np.concatenate([values for _, (_, values) in blocks])

    def _matrix(self, texts: Sequence[str]) -> object:
        from scipy.sparse import csr_matrix  # as above

        rows = [self._row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        width = sum(map(len, self._spelling)) + len(self._speech)
        return csr_matrix((values, columns, ends), shape=(len(rows), width))


def _grams(chinese: bool, many: bool) -> tuple[list[WeightedGrams], WeightedGrams]:
    fewest = 2 if many else 1
    if chinese:
        return [WeightedGrams(letter_grams, 1, 3, fewest)], WeightedGrams(word_grams, 1, 3, fewest)
    spelling = [WeightedGrams(word_grams, 1, 2, fewest), WeightedGrams(inner_grams, 2, 5, fewest)]
    return spelling, WeightedGrams(letter_grams, 3, 6, fewest)
