"""Words, letters and sounds of a text to scores of classes: TF-IDF into a linear support vector machine.

The part that survives recognition errors: English words 1-2, letters 2-5 inside words, sounds 3-6 across words;
Chinese characters 1-3 and toneless pinyin 1-3 (no word segmentation: measured worse, and homophones break it).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from ivr.nlu.cleanup import is_chinese
from ivr.nlu.sounds import chinese_sounds, english_sounds

Scores = NDArray[np.float64]
_MANY_TEXTS = 3000


class LexicalModel:
    """Fitted once, read by all calls."""

    def __init__(self, texts: Sequence[str], classes: NDArray[np.int64], class_count: int, language: str) -> None:
        """Fit on cleaned texts and their class numbers, 0 to class_count - 1; at least two classes must occur."""
        self._sounds = chinese_sounds if is_chinese(language) else english_sounds
        self._spelling, self._speech = _vectorizers(is_chinese(language), len(texts) > _MANY_TEXTS)
        for vectorizer in self._spelling:
            vectorizer.fit(texts)
        self._speech.fit([self._sounds(text) for text in texts])
        machine = LinearSVC(C=1.0, dual=True)
        machine.fit(self._features(texts), classes)
        weights, offsets = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:
            weights, offsets = np.vstack([-weights, weights]), np.concatenate([-offsets, offsets])
        self._weights = np.zeros((weights.shape[1], class_count), np.float32)
        self._offsets = np.full(class_count, -1.0)
        self._weights[:, machine.classes_] = weights.T
        self._offsets[machine.classes_] = offsets

    def scores(self, texts: Sequence[str]) -> Scores:
        """Margins, shape (texts, classes): above 0 the class is likely. Not probabilities."""
        features = self._features(texts)
        margins: Scores = np.asarray(features @ self._weights, np.float64) + self._offsets
        return margins

    def _features(self, texts: Sequence[str]) -> csr_matrix:
        blocks = [vectorizer.transform(texts) for vectorizer in self._spelling]
        blocks.append(self._speech.transform([self._sounds(text) for text in texts]))
        stacked: csr_matrix = hstack(blocks, format="csr", dtype=np.float32)
        return stacked


def _vectorizers(chinese: bool, many: bool) -> tuple[list[TfidfVectorizer], TfidfVectorizer]:
    common = {"sublinear_tf": True, "lowercase": False, "dtype": np.float32, "min_df": 2 if many else 1}
    if chinese:
        spelling = [TfidfVectorizer(analyzer="char", ngram_range=(1, 3), **common)]
        return spelling, TfidfVectorizer(analyzer="word", token_pattern=r"\S+", ngram_range=(1, 3), **common)
    spelling = [
        TfidfVectorizer(analyzer="word", token_pattern=r"[^\s]+", ngram_range=(1, 2), **common),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **common),
    ]
    return spelling, TfidfVectorizer(analyzer="char", ngram_range=(3, 6), **common)
