"""The encoder that was kept says exactly what the one that was unpacked says, and only ours is read."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from ivr.model.errors import ModelMissing
from ivr.nlu.encoder import WEIGHTS_SHA256, UniversalEncoder, shared_encoder
from ivr.nlu.kept_encoder import is_kept, keep, read_kept
from ivr.nlu.readings import reading

SENTENCES = ["I lost my card", "我的卡丢了", "12,50 € für Zoë"]


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the encoder kept in it."""
    try:
        model = shared_encoder()._load()
    except ModelMissing as error:
        pytest.skip(str(error))
    found = tmp_path_factory.mktemp("kept")
    (found / "older.encoder").write_bytes(b"of another version")
    keep(found, WEIGHTS_SHA256, model)
    assert len(list(found.iterdir())) == 1, "what an older version kept is gone"
    return found


def test_a_kept_encoder_gives_the_very_same_vectors(folder: Path) -> None:
    assert is_kept(folder, WEIGHTS_SHA256)
    again = UniversalEncoder()
    again.warm(folder)
    assert np.array_equal(again.encode(SENTENCES), shared_encoder().encode(SENTENCES))


def test_nothing_is_read_where_nothing_of_these_weights_was_kept(folder: Path) -> None:
    assert read_kept(folder, "0" * 64) is None


@pytest.mark.parametrize("harm", ["shorter", "others may write", "another class"])
def test_an_encoder_that_is_not_as_it_was_written_is_not_read(folder: Path, tmp_path: Path, harm: str) -> None:
    (kept,) = folder.iterdir()
    path = tmp_path / kept.name
    shutil.copy(kept, path)
    match harm:
        case "shorter":
            os.truncate(path, 1000)
        case "others may write":
            path.chmod(0o666)
        case _:
            keep(tmp_path, WEIGHTS_SHA256, _Strange())
    with capture_logs() as logs:
        assert read_kept(tmp_path, WEIGHTS_SHA256) is None
    assert [entry["event"] for entry in logs] == ["kept_encoder_unreadable"]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with capture_logs() as logs:
        keep(tmp_path / "file" / "folder", WEIGHTS_SHA256, _Strange())
    assert [entry["event"] for entry in logs] == ["encoder_not_kept"]


class _Strange:
    """Pickled, but nothing that an encoder is made of."""

    class _Backend:
        table = 1

    def __init__(self) -> None:
        self._tokenizer, self._model = Path("/"), self._Backend()


@pytest.mark.parametrize(("character", "read"), [("银", "yin"), ("绿", "lv"), ("欸", "ai"), ("a", "a"), ("〇", "ling")])
def test_a_character_is_read_without_its_tone(character: str, read: str) -> None:
    assert reading(character) == read


def test_every_character_is_read_as_pypinyin_reads_it() -> None:
    pypinyin = pytest.importorskip("pypinyin")
    characters = [chr(code) for code in range(0x4E00, 0x9FFF, 7)]
    assert [reading(one) for one in characters] == ["".join(pypinyin.lazy_pinyin(one)) for one in characters]
