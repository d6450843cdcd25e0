"""The commands of `ivr`, each as a program of its own: what they answer, and how they say what is wrong."""

import re
import socket
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from telephony.standin.voices import CallerVoices, Speaker
from tests.server.running import CONFIG, ROOT, ivr, write_config

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

HOTLINE = str(ROOT / "flows" / "bank" / "hotline.yaml")
OWN_FLOWS = """
numbers: [{{number: '+15555550100', flow: bank/hotline}}]
flows: {{folder: .}}
survey: {{enabled: false}}
"""
NAMELESS = "numbers: [{{number: '+15555550100', flow: bank/missing}}]\nflows: {{folder: {root}/flows}}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


def plain(text: str) -> str:
    """Without colours and line breaks that depend on the terminal."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())


def run(config: Path, *arguments: str) -> tuple[int, str]:
    """A command that does not get far enough to need a program of its own."""
    result = CliRunner().invoke(app, list(arguments), env={"IVR_CONFIG": str(config)})
    return result.exit_code, plain(result.output)


@pytest.mark.voice
def test_a_sound_file_calls_and_the_answer_is_a_transcript_and_a_stereo_recording(config: Path, tmp_path: Path) -> None:
    clip = CallerVoices(tmp_path / "clips").say("Find a branch near the Bird's Nest.", Speaker())
    with wave.open(str(tmp_path / "caller.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000) + clip.samples.astype("<i2").tobytes())
    out = tmp_path / "out"
    done = ivr(
        "call", str(tmp_path / "caller.wav"), "--flow", HOTLINE, "--out", str(out), "--listen", "4", config=config
    )
    assert done.returncode == 0, done.stderr
    printed = plain(done.stdout)
    assert "caller> Find a branch near the" in printed
    assert "bot> Nearest to the Bird's Nest: Olympic Park branch" in printed
    assert "outcome: branch_found" in printed
    (recording,) = out.rglob("*.wav")
    with wave.open(str(recording)) as stereo:
        assert stereo.getnchannels() == 2
        assert stereo.getnframes() > 4 * stereo.getframerate()


def test_a_call_can_be_typed(config: Path) -> None:
    done = ivr("chat", config=config, typed="find a branch near the Bird's Nest\nno\nno thanks\n5\nyes\n")
    assert done.returncode == 0, done.stderr
    printed = plain(done.stdout)
    assert "Nearest to the Bird's Nest: Olympic Park branch" in printed
    assert "ended: self_service_completed, outcome: branch_found" in printed
    assert "survey: completed" in printed


def test_models_are_listed_with_what_to_do_about_those_that_are_missing(config: Path) -> None:
    code, printed = run(config, "models", "list")
    assert code == 0
    assert "moonshine-tiny-en" in printed
    assert "vosk-model-small-en-us-0.15: ivr models download vosk-model-small-en-us-0.15" in printed


def test_a_model_that_cannot_be_downloaded_says_what_to_do(config: Path) -> None:
    code, printed = run(config, "models", "download", "vosk-model-small-en-us-0.15")
    assert code == 2
    assert "error: https://" in printed
    assert "ModelMissing" not in printed
    assert "vosk-model-small-en-us-0.15" in printed
    assert "unpack" in printed
    assert run(config, "models", "download", "nobody")[0] == 2


def test_a_sound_house_is_all_right(config: Path) -> None:
    code, printed = run(config, "check")
    assert (code, "all right: 2 flows" in printed) == (0, True), printed


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("server: {{prot: 1}}\n", r"config\.yaml:1: server\.prot: .*port"),
        ("server:\n  port: many\n", r"config\.yaml:2: server\.port: "),
        ("numbers: [\n", r"config\.yaml:\d+: "),
        ("rescue: nobody\n", r"rescue: 'nobody' is not in the directory; add it there"),
        (CONFIG + "TWILIO_AUTH_TOKEN: abc\n", r"TWILIO_AUTH_TOKEN: secrets do not belong in a file"),
    ],
    ids=["unknown setting", "wrong kind", "not YAML", "nobody there", "a secret"],
)
@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_broken_config_is_told_with_file_line_and_remedy(
    tmp_path: Path, command: str, written: str, told: str
) -> None:
    code, printed = run(write_config(tmp_path, written), command)
    assert code == 2
    assert "ConfigError" not in printed
    assert "error:" in printed
    assert re.search(told, printed), printed


@pytest.mark.parametrize("command", ["serve", "check", "chat"])
def test_a_config_that_is_not_there_is_told(tmp_path: Path, command: str) -> None:
    for arguments in ([command], [command, "--config", str(tmp_path / "no.yaml")]):
        code, printed = run(tmp_path / "no.yaml", *arguments)
        assert (code, "no.yaml" in printed) == (2, True), printed


def test_a_flow_that_is_not_there_is_told(tmp_path: Path) -> None:
    for command, wrong in (("serve", 2), ("check", 1), ("chat", 2)):
        code, printed = run(write_config(tmp_path, NAMELESS), command)
        assert (code, "missing.yaml" in printed) == (wrong, True), printed


def test_without_a_number_nothing_is_guessed(tmp_path: Path) -> None:
    code, printed = run(write_config(tmp_path, "survey: {{enabled: false}}\n"), "chat")
    assert (code, "no flow is chosen" in printed) == (2, True), printed


@pytest.mark.parametrize(("command", "wrong"), [("serve", 2), ("check", 1)])
def test_a_broken_flow_is_told_with_file_line_and_remedy(tmp_path: Path, command: str, wrong: int) -> None:
    text = Path(HOTLINE).read_text(encoding="utf-8")
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "knowledge.yaml").write_bytes(Path(HOTLINE).with_name("knowledge.yaml").read_bytes())
    (tmp_path / "bank" / "hotline.yaml").write_text(
        text.replace("then: b_search", "then: b_serch", 1), encoding="utf-8"
    )
    written = (
        "numbers: [{{number: '+15555550100', flow: bank/hotline}}]\nflows: {{folder: .}}\nsurvey: {{enabled: false}}\n"
    )
    code, printed = run(write_config(tmp_path, written), command)
    line = text[: text.index("then: b_search")].count("\n") + 1
    assert code == wrong
    assert f"hotline.yaml:{line}: error:" in printed
    assert "b_serch" in printed
    assert "b_search" in printed


def test_a_port_that_is_taken_is_told(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, printed = run(config, "serve", "--port", str(taken.getsockname()[1]))
    assert (code, "choose another with --port" in printed) == (2, True), printed
