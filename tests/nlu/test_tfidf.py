"""Our n-grams and weights are those of scikit-learn, which the figures were measured with."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from ivr.nlu.negatives import generic_negatives
from ivr.nlu.tfidf import Grams, WeightedGrams, inner_grams, letter_grams, word_grams

ODD = ["", " ", "i", "a  b", "no no no", "x yz 123"]


@pytest.mark.parametrize("fewest", [1, 2])
@pytest.mark.parametrize(
    ("analyzer", "grams", "least", "most"),
    [("word", word_grams, 1, 2), ("char_wb", inner_grams, 2, 5), ("char", letter_grams, 3, 6)],
)
def test_columns_and_weights_equal_those_of_scikit_learn(
    analyzer: str, grams: Grams, least: int, most: int, fewest: int
) -> None:
    texts = [*generic_negatives("en")[:150], *ODD]
    pattern = r"\S+" if analyzer == "word" else r"(?u)\b\w\w+\b"
    theirs = TfidfVectorizer(
        analyzer=analyzer, token_pattern=pattern, ngram_range=(least, most), sublinear_tf=True, lowercase=False,
        dtype=np.float32, min_df=fewest,
    )  # fmt: skip
    wanted = theirs.fit_transform(texts)
    ours = WeightedGrams(grams, least, most, fewest)
    ours.fit(texts)
    assert len(ours) == wanted.shape[1]
    for number, text in enumerate(texts):
        columns, weights = ours.row(text)
        row = np.zeros(len(ours), np.float32)
        row[columns] = weights
        np.testing.assert_allclose(row, wanted[number].toarray()[0], atol=1e-6)


def test_words_nobody_has_said_before_have_no_weight() -> None:
    grams = WeightedGrams(word_grams, 1, 2)
    grams.fit(["one two"])
    columns, weights = grams.row("three")
    assert (columns.size, weights.size) == (0, 0)
