"""Answers from a knowledge base, and none where nothing fits."""

import numpy as np
import pytest

from ivr.model.meaning import SlotRule
from ivr.nlu.knowledge import KnowledgeBase, KnowledgeEntry, fill_answer
from ivr.nlu.vectors import CellIndex, PlainIndex, vector_index

PRODUCT = SlotRule("product", "products", values={"K20": ("k twenty",), "Breeze": ("breeze unit",)})
ENTRIES = (
    KnowledgeEntry("hours", ("what are your opening hours", "when are you open"), "Nine to five."),
    KnowledgeEntry("fees", ("what does a transfer cost", "fee for sending money"), "One dollar."),
    KnowledgeEntry("pin", ("how do I change my PIN",), "At any of our machines."),
    KnowledgeEntry(
        "warranty", ("how long is the warranty of the {product}",), "Two years for the {product}.", (PRODUCT,)
    ),
)
ZH = (
    KnowledgeEntry("hours", ("你们几点开门", "营业时间"), "九点到五点。"),
    KnowledgeEntry("fees", ("转账手续费多少",), "一元。"),
)


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return KnowledgeBase(ENTRIES, "en")


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("What are your opening hours?", "hours"), ("what time are you open",
        "hours"), ("how can I change my pin", "pin"),
        ("how much does a transfer cost", "fees"), ("do you sell bicycles", ""), ("sing me a song", ""), ("", ""),
        ("😀", ""),
    ],
)  # fmt: skip
def test_a_question_in_other_words_finds_its_answer_and_others_none(base: KnowledgeBase, asked: str, key: str) -> None:
    hit = base.answer(asked)
    assert (hit.entry.key if hit else "") == key


def test_one_entry_serves_all_values_of_its_slot(base: KnowledgeBase) -> None:
    hit = base.answer("how long is the warranty of the k twenty")
    assert hit is not None
    assert (hit.entry.key, fill_answer(hit), hit.missing) == ("warranty", "Two years for the K20.", ())
    unsaid = base.answer("how long is the warranty of the product")
    assert unsaid is not None
    assert (fill_answer(unsaid), unsaid.missing) == ("Two years for the {product}.", ("product",))


def test_each_entry_comes_once_best_first(base: KnowledgeBase) -> None:
    hits = base.search("when are you open", most=3)
    assert [hit.entry.key for hit in hits][:1] == ["hours"]
    assert len({hit.entry.key for hit in hits}) == len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(base) == 6


def test_chinese_and_empty_bases() -> None:
    chinese = KnowledgeBase(ZH, "zh").answer("几点开门")
    assert chinese is not None
    assert chinese.entry.key == "hours"
    assert KnowledgeBase((), "en").search("anything") == ()


def test_the_approximate_index_finds_what_the_exact_one_finds() -> None:
    faiss = pytest.importorskip("faiss", reason="the extra 'knowledge' is not installed: pip install faiss-cpu")
    assert faiss
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(41_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact, approximate = PlainIndex(vectors), vector_index(vectors, small=1000)
    assert isinstance(approximate, CellIndex)
    assert isinstance(vector_index(vectors), CellIndex)
    for row in range(20):
        assert exact.nearest(vectors[row], 1)[0][0] == approximate.nearest(vectors[row], 1)[0][0] == row
