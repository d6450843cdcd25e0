"""Model files on this machine: is every file there, and is it the one this server was tested with."""

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from ivr.model.errors import ModelMissing, RecognizerError


def package_folder(package: str, inside: str) -> Path | None:
    """A folder of an installed package, found without importing it; None if the package is not installed."""
    found = find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / inside).is_dir():
            return Path(place) / inside
    return None


def check_files(folder: Path, hashes: Mapping[str, str]) -> None:
    """Compare files with their sha256; an empty one means only that the file must be there.

    Raises:
        ModelMissing: a file is absent.
        RecognizerError: a file differs.
    """
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file():
            raise ModelMissing(f"{path} is not there; `ivr models` shows what is missing and how to install it")
        if expected and sha256_of(path) != expected:
            raise RecognizerError(f"{path} is not the file this server was tested with; install it again")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
