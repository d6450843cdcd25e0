"""Trained understandings kept on disk, so that the next start reads them in milliseconds instead of training again.

A file is named by all that went into it: words of the flow, settings, this code, the libraries. What does not match
is never found; what is damaged, or could have been written by somebody else, is not read.
"""

import hashlib
import io
import os
import pickle
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from ivr.model import meaning
from ivr.model.meaning import Vocabulary
from ivr.nlu.encoder import WEIGHTS_SHA256
from ivr.nlu.examples import taught
from ivr.nlu.minilm import is_installed, shared_minilm
from ivr.nlu.own_file import opened
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.understanding import FlowUnderstanding, build_understanding

log = structlog.get_logger(__name__)

MOST_FILES = 40
"""The ones not used for longest go first; one of the bank's size is 4 MB."""

Train = Callable[[Mapping[str, Vocabulary], UnderstandingSettings], FlowUnderstanding]

_DIGEST = 32
_ALLOWED = {
    ("builtins", "set"), ("builtins", "frozenset"), ("re", "_compile"), ("_codecs", "encode"),
    ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"), ("numpy._core.numeric", "_frombuffer"),
}  # fmt: skip
"""All that a kept understanding is made of besides classes and functions of this folder and `ivr.model.meaning`."""
_BROKEN = (pickle.UnpicklingError, EOFError, ImportError, AttributeError, LookupError, TypeError, ValueError)


def train_with_all(vocabularies: Mapping[str, Vocabulary], settings: UnderstandingSettings) -> FlowUnderstanding:
    """With every encoder that is installed."""
    return build_understanding(vocabularies, settings, english_encoders=(shared_minilm(),) if is_installed() else ())


class KeptUnderstandings:
    """A folder of them, for this user alone."""

    def __init__(self, folder: Path, train: Train = train_with_all, vectors_folder: Path | None = None) -> None:
        self._folder = folder
        self._train = train
        self._vectors_folder = vectors_folder

    def understanding(
        self, vocabularies: Mapping[str, Vocabulary], settings: UnderstandingSettings | None = None
    ) -> FlowUnderstanding:
        """The understanding of these words: read back, else trained (seconds) and kept.

        A folder that cannot be read or written costs time, nothing else.

        Raises:
            ModelMissing: it has to be trained, and the encoder's weights are not installed.
        """
        chosen = settings or UnderstandingSettings()
        # Knowledge is looked up, and keeps its own vectors: a new answer must not train anew, only a new question.
        words = {language: taught(vocabulary) for language, vocabulary in vocabularies.items()}
        path = self._folder / f"{name_of(words, chosen)}.understanding"
        found = self._read(path)
        if found is None:
            found = self._train(words, chosen)
            self._write(path, found)
        return found.knowing(vocabularies, vectors_folder=self._vectors_folder)

    def _read(self, path: Path) -> FlowUnderstanding | None:
        try:
            with opened(path) as file:
                content = file.read()
            if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
                log.warning("kept_understanding_refused", file=path.name)
                return None
            found = _Unpickler(io.BytesIO(content[_DIGEST:])).load()
            os.utime(path)
        except FileNotFoundError:
            return None
        except PermissionError:
            log.warning("kept_understanding_refused", file=path.name)
            return None
        except (OSError, *_BROKEN) as error:
            log.warning("kept_understanding_unreadable", file=path.name, error=type(error).__name__)
            return None
        return found if isinstance(found, FlowUnderstanding) else None

    def _write(self, path: Path, understanding: FlowUnderstanding) -> None:
        try:
            content = pickle.dumps(understanding, pickle.HIGHEST_PROTOCOL)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=self._folder, suffix=".part")  # mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            Path(draft).replace(path)
            self._forget_old()
        except (OSError, pickle.PicklingError, *_BROKEN) as error:
            log.warning("understanding_not_kept", error=type(error).__name__, folder=str(self._folder))

    def _forget_old(self) -> None:
        files = sorted(self._folder.glob("*.understanding"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_FILES]:
            path.unlink(missing_ok=True)


def name_of(vocabularies: Mapping[str, Vocabulary], settings: UnderstandingSettings) -> str:
    """24 hex digits over everything a trained understanding depends on."""
    said = repr((sorted(vocabularies.items()), settings, _made_by()))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


@cache
def _made_by() -> str:
    """The code of this folder with its word lists, the shape of meanings, the encoder and the libraries."""
    digest = hashlib.sha256(f"{WEIGHTS_SHA256} {is_installed()}".encode())
    own = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in (".py", ".txt"))
    for path in (*own, Path(str(meaning.__file__))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in ("numpy", "scikit-learn", "scipy", "pypinyin", "rapidfuzz"):
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()


class _Unpickler(pickle.Unpickler):
    """Builds our own classes and arrays, and nothing that could run a command."""

    def find_class(self, module: str, name: str) -> Any:
        ours = module.startswith("ivr.nlu.") or module == "ivr.model.meaning"
        if "." in name or not (ours or (module, name) in _ALLOWED):
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an understanding")
        found = super().find_class(module, name)
        if ours and getattr(found, "__module__", "") != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not its own")
        return found
