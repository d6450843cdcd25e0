"""The rules of ARCHITECTURE.md that a machine can check."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("ivr", "asr", "tts", "telephony")
MAY_IMPORT = {
    "ivr.model": {"ivr.model"},
    "asr": {"asr", "ivr.model"},
    "tts": {"tts", "ivr.model"},
    "telephony": {"telephony", "ivr.model"},
    "ivr.flow": {"ivr.flow", "ivr.model"},
    "ivr.nlu": {"ivr.nlu", "ivr.model"},
    "ivr.routing": {"ivr.routing", "ivr.model"},
    "ivr.assist": {"ivr.assist", "ivr.model"},
    "ivr.campaigns": {"ivr.campaigns", "ivr.model"},
    "ivr.insight": {"ivr.insight", "ivr.model"},
    "ivr.store": {"ivr.store", "ivr.model"},
    "ivr.call": {"ivr.call", "ivr.model", "ivr.flow"},
    "ivr.surveys": {"ivr.surveys", "ivr.model", "ivr.flow"},
    "ivr.simulation": {
        "ivr.simulation",
        "ivr.routing",
        "ivr.insight",
        "ivr.model",
        "ivr.config",
        "ivr.config_file",
        "ivr.config_queues",
        "ivr.config_section",
    },
    "ivr.web": {"ivr"},
    "ivr.console": {"ivr"},
    "ivr": {"ivr", "asr", "tts", "telephony"},
}
WIRING = "ivr.wiring"
MAY_IMPORT_WIRING = {"ivr.cli", "ivr.wiring"}
NOT_IN_PURE = {
    "asyncio", "time", "socket", "threading", "random", "subprocess", "multiprocessing", "concurrent",
    "fastapi", "starlette", "aiortc", "vosk", "sqlalchemy", "httpx", "websockets", "secrets", "os",
}  # fmt: skip
pytestmark = pytest.mark.xdist_group("rules")
"""Every file is read once, not once by each worker."""

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MAY_CATCH_EVERYTHING = ("ivr.call.session", "ivr.web", "ivr.wiring", "workers")

FILES = sorted(path for top in OURS for path in (ROOT / top).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by full name, so that the rules can be read"
            assert node.module
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def inside(module: str, folder: str) -> bool:
    return module == folder or module.startswith(folder + ".")


def is_pure(path: Path) -> bool:
    return (ast.get_docstring(tree_of(path)) or "").startswith("Pure:")


def test_folders_import_only_what_they_may() -> None:
    def wrong(path: Path) -> list[str]:
        allowed = MAY_IMPORT[max((rule for rule in MAY_IMPORT if inside(module_of(path), rule)), key=len)]
        ours = {name for name in imports(path) if name.split(".")[0] in OURS}
        return sorted(name for name in ours if not any(inside(name, folder) for folder in allowed))

    assert {module_of(path): found for path in FILES if (found := wrong(path))} == {}


def test_only_the_command_line_sees_the_wiring() -> None:
    seeing = {module_of(path) for path in FILES if any(inside(name, WIRING) for name in imports(path))}
    assert [name for name in seeing if not any(inside(name, may) for may in MAY_IMPORT_WIRING)] == []


def test_pure_files_do_not_touch_the_world() -> None:
    pure = [path for path in FILES if is_pure(path)]
    touched = {module_of(path): {name.split(".")[0] for name in imports(path)} & NOT_IN_PURE for path in pure}
    assert len(pure) > 100
    assert {module: found for module, found in touched.items() if found} == {}


def test_files_and_functions_stay_readable() -> None:
    files = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {module_of(path): length for path, length in files.items() if length > LONGEST_FILE} == {}
    assert [found for path in FILES for found in long_functions(path)] == []


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def test_every_module_says_what_it_is_for() -> None:
    written = [path for path in FILES if path.read_text(encoding="utf-8")]
    assert [module_of(path) for path in written if not ast.get_docstring(tree_of(path))] == []


def test_only_shells_catch_everything() -> None:
    may = MAY_CATCH_EVERYTHING
    others = [
        path
        for path in FILES
        if not any(inside(module_of(path), each) or each in module_of(path).split(".")[-1] for each in may)
    ]
    assert [found for path in others for found in catching_everything(path)] == []


def catching_everything(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
            if names & {"", "Exception", "BaseException"}:
                yield f"{path}:{node.lineno}"
