"""Questions are encoded once; what is kept finds what was found before, and a folder in trouble costs only time."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from ivr.model.meaning import KnowledgeQuestions, Vocabulary
from ivr.nlu import kept_vectors, vectors
from ivr.nlu.encoder import Vectors
from ivr.nlu.kept_vectors import kept_index
from ivr.nlu.understanding import build_understanding
from ivr.nlu.vectors import CellIndex, VectorIndex


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


class CountingEncoder:
    """A vector for each text, drawn by its hash."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
        rows = np.array([np.random.default_rng(seed).normal(size=16) for seed in seeds]).reshape(-1, 16)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def nearest(index: VectorIndex, text: str) -> tuple[list[int], list[float]]:
    rows, likeness = index.nearest(CountingEncoder().encode([text])[0], 2)
    return rows.tolist(), likeness.tolist()


def test_questions_are_encoded_once_and_what_is_read_back_finds_the_same(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    first = kept_index(["a", "b", "c"], encoder, tmp_path / "vectors")
    again = kept_index(["a", "b", "c"], encoder, tmp_path / "vectors")
    assert encoder.texts == ["a", "b", "c"]
    assert nearest(first, "b") == nearest(again, "b") == nearest(kept_index("abc", CountingEncoder(), None), "b")
    assert (tmp_path / "vectors").stat().st_mode & 0o777 == 0o700


def test_after_an_edit_only_the_new_questions_are_encoded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    kept_index(["a", "b", "c"], encoder, tmp_path)
    encoder.texts.clear()
    index = kept_index(["d", "c", "a", "e"], encoder, tmp_path)
    assert encoder.texts == ["d", "e"]
    assert [nearest(index, text)[0][0] for text in "dcae"] == [0, 1, 2, 3]
    encoder.texts.clear()
    kept_index(["b", "e"], encoder, tmp_path)
    kept_index([], encoder, tmp_path)
    assert encoder.texts == []


def test_another_encoder_shares_nothing(tmp_path: Path) -> None:
    kept_index(["a"], CountingEncoder(), tmp_path)
    other = CountingEncoder("other")
    kept_index(["a"], other, tmp_path)
    assert other.texts == ["a"]


def test_damaged_files_are_made_again(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    kept_index(["a", "b"], encoder, tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"nonsense")
    with capture_logs() as logs:
        index = kept_index(["a", "b"], encoder, tmp_path)
    assert encoder.texts == ["a", "b", "a", "b"]
    assert nearest(index, "b")[0][0] == 1
    assert {entry["event"] for entry in logs} == {"kept_vectors_unreadable"}


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with capture_logs() as logs:
        assert nearest(kept_index(["a", "b"], CountingEncoder(), tmp_path / "file" / "x"), "b")[0][0] == 1
    assert {entry["event"] for entry in logs} == {"vectors_not_kept"}


def test_the_sets_not_used_for_longest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        kept_index([name], CountingEncoder(), tmp_path)
    monkeypatch.setattr(kept_vectors, "MOST_BYTES", 1)
    kept_index(["a"], CountingEncoder(), tmp_path)
    again = CountingEncoder()
    kept_index(["a"], again, tmp_path)
    assert again.texts == []
    kept_index(["b"], again, tmp_path)
    assert again.texts == ["b"]


def test_a_large_set_is_read_back_as_a_finished_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="the extra 'knowledge' is not installed: pip install faiss-cpu")
    monkeypatch.setattr(vectors, "_CELLS", 8)
    monkeypatch.setattr(vectors, "SMALL", 100)
    texts, encoder = [f"question {number}" for number in range(600)], CountingEncoder()
    first = kept_index(texts, encoder, tmp_path)
    (kept,) = tmp_path.glob("*.cells")
    for path in tmp_path.glob("*.npy"):
        path.unlink()
    again = kept_index(texts, encoder, tmp_path)
    assert len(encoder.texts) == 600
    assert isinstance(first, CellIndex)
    assert isinstance(again, CellIndex)
    assert nearest(first, texts[70]) == nearest(again, texts[70])
    kept.write_bytes(b"nonsense")
    assert nearest(kept_index(texts, encoder, tmp_path), texts[70])[0][0] == 70


def test_a_version_that_changes_no_question_searches_in_the_same_base(tmp_path: Path) -> None:
    def built(question: str, flow: str) -> object:
        known = KnowledgeQuestions("shop/knowledge.yaml", {"hours": (question,)})
        words = {"en": Vocabulary(flow, "en", knowledge=(known,))}
        understanding = build_understanding(words, encoders=(encoder,), vectors_folder=tmp_path)
        held.append(understanding)
        return understanding._knowledge["en"]["shop/knowledge.yaml"]

    held: list[object] = []
    encoder = CountingEncoder()
    first = built("when are you open", "one")
    assert built("when are you open", "two") is first
    assert built("where are you", "two") is not first
