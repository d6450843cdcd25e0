"""The nearest of many unit vectors: plain arithmetic for small sets, faiss (optional) for hundreds of thousands."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.encoder import Vectors

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

    def __init__(self, index: Any) -> None:
        """`index` of faiss, filled; see `cells_of` and `cells`."""
        self._index = index
        self._index.nprobe = _VISITED

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def save(self, path: Path) -> None:
        """Write it for `cells` to read."""
        import faiss

        faiss.write_index(self._index, str(path))

    def nearest(self, vector: NDArray[np.float32], most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`."""
        likeness, rows = self._index.search(vector[None, :], most)
        found = rows[0] >= 0
        return rows[0][found], likeness[0][found]


def vector_index(vectors: Vectors, small: int | None = None) -> VectorIndex:
    """The index that suits the number of vectors; without faiss always the plain one, which gets slow."""
    if len(vectors) <= (SMALL if small is None else small):
        return PlainIndex(vectors)
    try:
        import faiss  # the extra "knowledge": 25 MB that small sites need not install
    except ModuleNotFoundError:
        return PlainIndex(vectors)
    return cells_of(np.ascontiguousarray(vectors, np.float32), faiss)


def cells_of(vectors: Vectors, faiss: Any) -> CellIndex:
    """An index of these vectors; 20 s of one core for 300,000."""
    dimensions = vectors.shape[1]
    coarse = faiss.IndexFlatIP(dimensions)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(coarse, dimensions, _CELLS, kind, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).permutation(len(vectors))[:_TRAINED_ON]
    index.train(vectors[sample])
    index.add(vectors)
    return CellIndex(index)


def cells(path: Path) -> CellIndex | None:
    """An index that was saved; None without faiss, or if the file is damaged."""
    try:
        import faiss

        return CellIndex(faiss.read_index(str(path)))
    except (ModuleNotFoundError, RuntimeError):
        return None
