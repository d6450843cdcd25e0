"""What was learned once is read back the next time, and only if it is ours and whole."""

import hashlib
import os
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from ivr.model.errors import ModelMissing
from ivr.model.meaning import Expect, Hypothesis, IntentExamples, SlotRule, Vocabulary
from ivr.nlu.encoder import shared_encoder
from ivr.nlu.kept import MOST_FILES, KeptUnderstandings, name_of
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.understanding import FlowUnderstanding, build_understanding

WORDS = Vocabulary(
    "shop",
    "en",
    (
        IntentExamples("opening", ("when do you open", "what are your hours", "are you open today")),
        IntentExamples("order", ("where is my order", "track my parcel", "has my parcel been sent")),
    ),
    (SlotRule("size", "size", values={"small": ("little",), "large": ("big",)}),),
    {"agent": ("shop assistant",)},
)
QUESTIONS = ("when are you open on sunday", "where did my parcel go", "shop assistant", "the big one", "sing a song")


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def meanings(understanding: FlowUnderstanding) -> list[object]:
    return [understanding.understand((Hypothesis(text),), Expect()) for text in QUESTIONS]


@cache
def trained() -> FlowUnderstanding:
    return build_understanding({"en": WORDS})


@dataclass
class Trainer:
    """Trains once for all tests, and counts how often it was asked to."""

    asked: int = 0

    def __call__(self, vocabularies: Mapping[str, Vocabulary], settings: UnderstandingSettings) -> FlowUnderstanding:
        self.asked += 1
        try:
            return trained()
        except ModelMissing as error:
            pytest.skip(str(error))


def kept(folder: Path, trainer: Trainer | None = None) -> FlowUnderstanding:
    return KeptUnderstandings(folder, trainer or Trainer()).understanding({"en": WORDS})


def only_file(folder: Path) -> Path:
    (found,) = folder.glob("*.understanding")
    return found


def test_what_is_read_back_understands_exactly_as_what_was_trained(tmp_path: Path) -> None:
    trainer = Trainer()
    first, again = kept(tmp_path / "var", trainer), kept(tmp_path / "var", trainer)
    assert trainer.asked == 1
    assert again is not first
    assert meanings(again) == meanings(first)
    assert again._readers["en"]._intents._encoders == (shared_encoder(),)  # type: ignore[union-attr]


def test_the_folder_and_its_files_are_for_us_alone(tmp_path: Path) -> None:
    kept(tmp_path / "var")
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert only_file(tmp_path / "var").stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_can_write_is_refused_and_made_again(tmp_path: Path) -> None:
    kept(tmp_path)
    only_file(tmp_path).chmod(0o622)
    with capture_logs() as logs:
        kept(tmp_path, trainer := Trainer())
    assert trainer.asked == 1
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("kept_understanding_refused", "warning")]
    assert only_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_refused_and_made_again(tmp_path: Path) -> None:
    kept(tmp_path)
    content = bytearray(only_file(tmp_path).read_bytes())
    content[len(content) // 2] ^= 1
    only_file(tmp_path).write_bytes(content)
    with capture_logs() as logs:
        assert meanings(kept(tmp_path)) == meanings(kept(tmp_path))
    assert [entry["event"] for entry in logs] == ["kept_understanding_refused"]


class Command:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


@pytest.mark.parametrize("content", [Command(), {"not": "an understanding"}, np.zeros(3)])
def test_a_file_that_holds_anything_else_is_not_run(tmp_path: Path, content: object) -> None:
    kept(tmp_path)
    written = pickle.dumps(content)
    only_file(tmp_path).write_bytes(hashlib.sha256(written).digest() + written)
    trainer = Trainer()
    assert isinstance(kept(tmp_path, trainer), FlowUnderstanding)
    assert trainer.asked == 1


def test_a_name_imported_into_our_modules_is_not_reached(tmp_path: Path) -> None:
    kept(tmp_path)
    written = b"civr.nlu.kept\nPath\n."
    only_file(tmp_path).write_bytes(hashlib.sha256(written).digest() + written)
    with capture_logs() as logs:
        kept(tmp_path)
    assert [entry["event"] for entry in logs] == ["kept_understanding_unreadable"]


def test_other_words_and_other_settings_are_another_file() -> None:
    settings = UnderstandingSettings()
    more = Vocabulary(WORDS.flow, WORDS.language, WORDS.intents[:1], WORDS.slots, WORDS.controls)
    names = {
        name_of({"en": WORDS}, settings),
        name_of({"en": more}, settings),
        name_of({"en": WORDS, "zh": WORDS}, settings),
        name_of({"en": WORDS}, UnderstandingSettings(seed=settings.seed + 1)),
    }
    assert len(names) == 4
    assert name_of({"en": WORDS}, settings) in names


def test_the_files_not_used_for_longest_go_first(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 3):
        path = tmp_path / f"{number:03}.understanding"
        path.write_bytes(b"old")
        os.utime(path, (number, number))
    kept(tmp_path)
    left = sorted(path.name for path in tmp_path.glob("[0-9][0-9][0-9].understanding"))
    assert (left[0], len(left)) == ("004.understanding", MOST_FILES - 1)


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with capture_logs() as logs:
        assert isinstance(kept(tmp_path / "file" / "var"), FlowUnderstanding)
    assert [entry["event"] for entry in logs][-1] == "understanding_not_kept"
