"""Vectors of questions, kept on disk: a start reads them, and an edit encodes only the questions that are new.

Beside each set of vectors lies what tells its questions apart and, for a large one, its finished index. Nothing here
can make a start fail: what cannot be read is made again, what cannot be written costs time at the next start.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from ivr.nlu.encoder import SentenceEncoder, Vectors
from ivr.nlu.vectors import CellIndex, VectorIndex, cells, vector_index

log = structlog.get_logger(__name__)

MOST_BYTES = 4 * 2**30
"""Of the folder; the sets not used for longest go first. A set of 300,000 questions takes 0.5 GB with its index."""

_LOOKED_INTO = 8
"""Other sets, the newest first, in which vectors of known questions are looked for."""

Keys = NDArray[np.uint64]


def kept_index(texts: Sequence[str], encoder: SentenceEncoder, folder: Path | None) -> VectorIndex:
    """An index of the texts, row by row. With a folder, texts that were encoded before are not encoded again.

    Encoding takes about a millisecond a text: minutes for hundreds of thousands.
    """
    if folder is None:
        return vector_index(_rounded(encoder.encode(texts)))
    place = folder / hashlib.sha256("\n".join((encoder.name, *texts)).encode("utf-8", "replace")).hexdigest()[:32]
    index = _finished(place, len(texts))
    if index is None:
        vectors = _kept(texts, encoder, place)
        index = vector_index(vectors)
        if isinstance(index, CellIndex):
            _write(place.with_suffix(".cells"), index.save)
    _forget_old(folder, place.name)
    return index


def _finished(place: Path, count: int) -> VectorIndex | None:
    path = place.with_suffix(".cells")
    index = cells(path) if path.is_file() else None
    if index is None or len(index) != count:
        return None
    _used(place)
    return index


def _kept(texts: Sequence[str], encoder: SentenceEncoder, place: Path) -> Vectors:
    vectors = _read(place.with_suffix(".npy"))
    if vectors is not None and vectors.ndim == 2 and len(vectors) == len(texts):
        _used(place)
        return np.asarray(vectors, np.float32)
    keys = _keys(texts, encoder)
    vectors = _encoded(texts, keys, encoder, place.parent)
    _write(place.with_suffix(".npy"), lambda path: _save(path, vectors))
    _write(place.with_suffix(".keys"), lambda path: _save(path, keys))
    return vectors.astype(np.float32)


def _encoded(texts: Sequence[str], keys: Keys, encoder: SentenceEncoder, folder: Path) -> NDArray[np.float16]:
    """Vectors of the texts; those that another set holds are taken from there."""
    missing = np.ones(len(texts), bool)
    found: NDArray[np.float16] | None = None
    others = sorted(folder.glob("*.keys"), key=_when, reverse=True) if folder.is_dir() else []
    for path in others[:_LOOKED_INTO]:
        known, vectors = _read(path), _read(path.with_suffix(".npy"))
        if known is None or vectors is None or len(known) != len(vectors) or not missing.any():
            continue
        order = np.argsort(known)
        at = order[np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)]
        here = missing & (known[at] == keys)
        if here.any():
            found = np.zeros((len(texts), vectors.shape[1]), np.float16) if found is None else found
            found[here] = vectors[at[here]]
            missing &= ~here
    if found is None:
        return encoder.encode(texts).astype(np.float16)
    if missing.any():
        found[missing] = encoder.encode([texts[at] for at in np.flatnonzero(missing).tolist()]).astype(np.float16)
    return found


def _keys(texts: Sequence[str], encoder: SentenceEncoder) -> Keys:
    """64 bits for each text and encoder: of a million texts, two share them once in forty million files."""
    own = encoder.name.encode()[:64]
    made = (hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8, key=own).digest() for text in texts)
    return np.frombuffer(b"".join(made), np.uint64)


def _rounded(vectors: Vectors) -> Vectors:
    """As they are kept: what is read back finds the same as what was just made."""
    return vectors.astype(np.float16).astype(np.float32)


def _read(path: Path) -> NDArray[Any] | None:
    try:
        read: NDArray[Any] = np.load(path, allow_pickle=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, EOFError) as error:
        log.warning("kept_vectors_unreadable", file=path.name, error=type(error).__name__)
        return None
    return read


def _save(path: Path, rows: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, rows)


def _write(path: Path, save: Callable[[Path], None]) -> None:
    """Readers see a whole file or none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(handle)
        try:
            save(Path(draft))
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # faiss raises RuntimeError for a full disk
        log.warning("vectors_not_kept", error=type(error).__name__, folder=str(path.parent))


def _used(place: Path) -> None:
    for path in place.parent.glob(f"{place.name}.*"):
        try:
            os.utime(path)
        except OSError:
            return


def _when(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _forget_old(folder: Path, used: str) -> None:
    """Keep the sets used last, up to `MOST_BYTES`; the one in use stays whatever its size."""
    files = sorted(folder.glob("*.*"), key=_when, reverse=True) if folder.is_dir() else []
    total = 0
    for path in files:
        try:
            total += path.stat().st_size
            if total > MOST_BYTES and path.stem != used:
                path.unlink(missing_ok=True)
        except OSError:
            continue
