"""What the documents name is there: commands with their options, files, targets of make, variables, links."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click import Context, UsageError
from typer.main import get_command

from ivr.cli import app
from ivr.model.roles import MAY

ROOT = Path(__file__).parents[1]
DOCS = [
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "DECISIONS.md", "CONTRIBUTING.md", "CHANGELOG.md")
] + sorted((ROOT / "docs").glob("*.md"))
FOLDERS = ("ivr", "asr", "tts", "telephony", "flows", "docs", "tests", "benchmarks", "campaigns")
MADE_BY_READERS = ("flows/clinic", "flows/schema.json")
"""Files that a reader makes while following a document."""

OF_OTHERS = {"IVR_TOKEN"}
"""Variables of other programs (a dialplan of Asterisk)."""

NO_SETTINGS = {*MAY, "survey.not_offered"}
"""Permissions and notes, written as settings are."""

each_document = pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """Lines of code blocks and pieces between backticks that call our program."""
    blocks = re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in re.sub(r"\\\n", " ", block).splitlines()]
    pieces = [*lines, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]
    found = [
        re.search(r"(?:^|\s|/)ivr ([a-z][\w-]*(?: .*)?)$", piece.split("   #")[0].split("  #")[0]) for piece in pieces
    ]
    return [one[1].strip() for one in found if one]


def inside(node: Any, name: str) -> Any:
    """A command of a group, or None; a single command has none, nor has a name that is not there."""
    try:
        return node.resolve_command(Context(node), [name])[1] if hasattr(node, "list_commands") else None
    except UsageError:
        return None


def wrong_in(command: str) -> str:
    """What of a command is not there; empty where all is."""
    words = shlex.split(re.sub(r"[\[\]…]|\.\.\.", " ", command.split("(")[0]).replace("'", ""), comments=True)
    node: Any = get_command(app)
    for number, word in enumerate(words):
        if not hasattr(node, "list_commands"):
            options = {name for parameter in node.params for name in parameter.opts}
            given = [re.split(r"[=|]", one)[0] for one in words[number:] if one.startswith("--")]
            unknown = [one for one in given if one not in options]
            return f"{command}: no {', '.join(unknown)}" if unknown else ""
        if "/" in words[number + 1 : number + 2]:  # `ivr models list / download / verify`
            return next((f"{command}: no {one}" for one in words[number:] if one != "/" and not inside(node, one)), "")
        if not (found := inside(node, word)):
            return f"{command}: no {word}"
        node = found
    return ""


@each_document
def test_each_command_and_its_options_are_there(path: Path) -> None:
    assert [wrong for command in commands(text_of(path)) if (wrong := wrong_in(command))] == []


def test_a_command_that_is_not_there_is_found() -> None:
    text = "`ivr flow shout` and `ivr serve --loud`\n```bash\n.venv/bin/ivr users list   # all\nivr nothing\n```\n"
    told = [wrong_in(command) for command in commands(text)]
    assert sorted(told) == ["", "flow shout: no shout", "nothing: no nothing", "serve --loud: no --loud"]


@each_document
def test_each_file_is_there(path: Path) -> None:
    named = re.findall(rf"(?<![\w/.-])((?:{'|'.join(FOLDERS)})/[\w./-]*[\w/])(?![\w*{{<…])", text_of(path))
    gone = [
        name for name in dict.fromkeys(named)
        if not name.startswith(MADE_BY_READERS)
        and not any((ROOT / f"{name}{ending}").exists() for ending in ("", ".py", ".yaml"))
    ]  # fmt: skip
    assert gone == []


@each_document
def test_each_benchmark_is_there(path: Path) -> None:
    named = set(re.findall(r"-m (benchmarks\.[a-z]\w*)", text_of(path)))
    gone = [
        name
        for name in named
        if not any((ROOT / name.replace(".", "/")).with_suffix(end).exists() for end in ("", ".py"))
    ]
    assert gone == []


@each_document
def test_each_variable_of_the_environment_is_read_somewhere(path: Path) -> None:
    files = [file for top in ("ivr", "benchmarks", "tests") for file in sorted((ROOT / top).rglob("*.py"))]
    read = "".join(text_of(file) for file in files if file != Path(__file__))
    named = set(re.findall(r"\b(IVR_[A-Z_]+[A-Z])\b", text_of(path)))
    gone = {name for name in named if name not in read and not re.fullmatch(r"IVR_SIP_\w+_(USER|PASSWORD)", name)}
    assert gone - OF_OTHERS == set()


@each_document
def test_each_target_of_make_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text_of(path), re.MULTILINE)) - targets == set()


@each_document
def test_each_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(((?!https?://)[\w./#-]+)\)", text_of(path)):
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        headings = (
            re.findall(r"^#+ (.*)$", text_of(file), re.MULTILINE) if file.is_file() and file.suffix == ".md" else []
        )
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        if not file.exists() or (anchor and anchor not in anchors):
            broken.append(target)
    assert broken == []


@each_document
def test_each_setting_that_is_named_with_its_section_is_there(path: Path) -> None:
    settings = text_of(ROOT / "config.yaml")
    sections = set(re.findall(r"^([a-z_]+):", settings, re.MULTILINE))
    named = set(re.findall(r"`([a-z_]+)\.([a-z_]+)(?:[:.][^`]*)?`", text_of(path)))
    gone = {f"{a}.{b}" for a, b in named if a in sections and not re.search(rf"\b{b}:", settings)}
    assert gone - NO_SETTINGS == set()
