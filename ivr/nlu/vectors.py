"""The nearest of many unit vectors: plain arithmetic for small sets, faiss (optional) for hundreds of thousands."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.encoder import SentenceEncoder, Vectors

SMALL = 30_000
"""Vectors up to which a matrix product is quick enough (about 5 ms)."""

_CELLS, _VISITED = 1024, 32
"""Inverted lists and how many are looked into: 0.6 ms and no loss of recall at 300,000 (nlu.md section 5)."""
_TRAINED_ON = 60_000


class VectorIndex(Protocol):
    def nearest(self, vector: NDArray[np.float32], most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(row numbers, cosines) of the nearest vectors, best first."""


class PlainIndex:
    """Exact; 2 kB a vector."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def nearest(self, vector: NDArray[np.float32], most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`."""
        likeness = self._vectors @ vector
        kept = min(most, len(likeness))
        rows = np.argpartition(-likeness, kept - 1)[:kept] if kept else np.zeros(0, np.int64)
        rows = rows[np.argsort(-likeness[rows])].astype(np.int64)
        return rows, likeness[rows]


class CellIndex:
    """Approximate, eight bits a dimension; 0.7 kB a vector. Needs faiss."""

    def __init__(self, vectors: Vectors, faiss: Any) -> None:
        dimensions = vectors.shape[1]
        coarse = faiss.IndexFlatIP(dimensions)
        kind = faiss.ScalarQuantizer.QT_8bit
        self._index = faiss.IndexIVFScalarQuantizer(coarse, dimensions, _CELLS, kind, faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(0).permutation(len(vectors))[:_TRAINED_ON]
        self._index.train(vectors[sample])
        self._index.add(vectors)
        self._index.nprobe = _VISITED

    def nearest(self, vector: NDArray[np.float32], most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`."""
        likeness, rows = self._index.search(vector[None, :], most)
        found = rows[0] >= 0
        return rows[0][found], likeness[0][found]


def kept_vectors(texts: Sequence[str], encoder: SentenceEncoder, folder: Path | None) -> Vectors:
    """Vectors of the texts; with a folder they are read from there if the same texts were encoded before.

    Encoding takes about half a millisecond a text: minutes for hundreds of thousands, so it is done once.
    """
    if folder is None:
        return encoder.encode(texts)
    digest = hashlib.sha256("\n".join((encoder.name, *texts)).encode("utf-8", "replace")).hexdigest()
    path = folder / f"{digest[:32]}.npy"
    if path.is_file():
        kept: Vectors = np.load(path, allow_pickle=False)
        if len(kept) == len(texts):
            return kept
    vectors = encoder.encode(texts)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, vectors)
    partial.replace(path)  # readers see a whole file or none
    return vectors


def vector_index(vectors: Vectors, small: int = SMALL) -> VectorIndex:
    """The index that suits the number of vectors; without faiss always the plain one, which gets slow."""
    if len(vectors) <= small:
        return PlainIndex(vectors)
    try:
        import faiss  # the extra "knowledge": 25 MB that small sites need not install
    except ModuleNotFoundError:
        return PlainIndex(vectors)
    return CellIndex(np.ascontiguousarray(vectors, np.float32), faiss)
