"""`ivr --help` reads no command, and says of each what it says itself."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ivr.cli import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_a_command_says_itself(name: str) -> None:
    shown = " ".join(CliRunner(env={"COLUMNS": "400", "TERM": "dumb"}).invoke(app, [name, "--help"]).output.split())
    assert COMMANDS[name].rstrip(".").split(" that nobody made")[0] in shown


def test_the_list_of_commands_is_shown_without_reading_any() -> None:
    shown = "import sys; from ivr.cli import app; app(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "Answer calls." in told
    assert "sqlalchemy" not in told
    assert "ivr.cli.serve" not in told


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("print('done')", 0, "done"), ("sys.exit()", 0, ""), ("sys.exit(3)", 3, ""), ("sys.exit('no')", 1, "no"),
        ("1 / 0", 1, "ZeroDivisionError"), ("signal.raise_signal(signal.SIGINT)", 130, "KeyboardInterrupt"),
    ],
)  # fmt: skip
def test_the_program_ends_at_once_with_its_code_and_everything_said(ending: str, code: int, said: str) -> None:
    program = "import signal, sys\ndef app():\n    " + ending + "\nimport ivr.__main__ as it\nit.app = app\nit.main()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
