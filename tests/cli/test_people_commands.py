"""`ivr users` and `ivr audit`, as an operator types them."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from ivr.cli import app

GOOD = "correct horse battery"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("IVR_DATABASE_URL", "IVR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IVR_USER_PASSWORD", GOOD)
    path = tmp_path / "config.yaml"
    path.write_text("store: {path: ivr.db}\n", encoding="utf-8")
    yield path
    structlog.reset_defaults()


def ivr(config: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert result.exit_code == code, result.output
    return result


def test_the_first_administrator_is_made_and_people_are_managed_from_a_terminal(config: Path) -> None:
    assert "added ann (admin)" in ivr(config, "users", "add", "ann", "--role", "admin").output
    ivr(config, "users", "add", "bob", "--role", "agent", "--shown-as", "Bob B.")
    listed = ivr(config, "users", "list").output
    assert re.search(r"bob\s.*Bob B\.\s.*agent\s.*desk\.use", listed)
    assert "bob (trainer, off)" in ivr(config, "users", "change", "bob", "--role", "trainer", "--off").output
    assert "(switched off)" in ivr(config, "users", "list").output
    ivr(config, "users", "password", "bob")
    ivr(config, "users", "remove", "bob")
    told = ivr(config, "audit", "list", "--action", "user.").output
    assert [told.count(action) for action in ("user.add", "user.change", "user.remove")] == [2, 2, 1]
    assert GOOD not in told
    assert "command line" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "ann", "--role", "admin"), "already"),
        (("add", "bob", "--role", "boss"), "there is no role 'boss'; there are: agent, supervisor"),
        (("change", "ann"), "say what to change"),
        (("change", "ann", "--role", "agent"), "last administrator"),
        (("remove", "nobody"), "there is no user 'nobody'; see: ivr users list"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(config: Path, words: tuple[str, ...], told: str) -> None:
    ivr(config, "users", "add", "ann", "--role", "admin")
    assert told in ivr(config, "users", *words, code=2).output


def test_without_a_terminal_or_a_variable_no_password_is_made_up(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IVR_USER_PASSWORD")
    assert "set IVR_USER_PASSWORD" in ivr(config, "users", "add", "ann", "--role", "admin", code=2).output
    monkeypatch.setenv("IVR_USER_PASSWORD", "short")
    assert "12 to 256 characters" in ivr(config, "users", "add", "ann", "--role", "admin", code=2).output


def test_the_audit_is_verified_and_the_first_broken_entry_is_named(config: Path) -> None:
    for name in ("ann", "bob", "cat"):
        ivr(config, "users", "add", name, "--role", "admin")
    found = re.search(r"whole 3 entries, end (3:[0-9a-f]{64})", ivr(config, "audit", "verify").output)
    assert found
    ivr(config, "users", "remove", "cat")
    assert "whole 4 entries" in ivr(config, "audit", "verify", "--noted", found.group(1)).output
    assert "NUMBER:HASH" in ivr(config, "audit", "verify", "--noted", "3", code=2).output
    with sqlite3.connect(config.parent / "ivr.db") as database:
        database.execute("UPDATE audit SET subject = 'dan' WHERE number = 2")
    database.close()
    told = ivr(config, "audit", "verify", code=1).output
    assert "broken at entry 2: it is not as it was written; 1 before it are as they were written" in told
