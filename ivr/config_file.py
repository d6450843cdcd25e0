"""Reading config.yaml. What is wrong with it is told with file, line, key, and what to do about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ivr.config import Config
from ivr.flow.yaml_mistakes import yaml_mistake
from ivr.model.errors import ConfigError

FILE_NAME = "config.yaml"
Kind = TypeVar("Kind", bound=BaseModel)
Place = tuple[int | str, ...]

SECRET_KEYS = re.compile(
    r"(^|_)(secret|password|passwd|token|api_?key|auth|account_sid|sid|credential|database_url)s?$", re.IGNORECASE
)
SECRET_VALUES = re.compile(r"^(AC|SK)[0-9a-fA-F]{32}$|^[a-z+]+://[^/\s:@]+:[^/\s@]+@")
"""A Twilio account or key SID, or a URL with a password in it."""


def config_path(from_environment: str, folder: Path) -> Path | None:
    """`IVR_CONFIG`, else config.yaml in `folder`; None: there is none, the defaults hold.

    Raises:
        ConfigError: `IVR_CONFIG` names a file that is not there.
    """
    if from_environment:
        path = Path(from_environment)
        if not path.is_file():
            raise ConfigError(f"IVR_CONFIG: there is no file {path}; correct the path or leave the variable out")
        return path
    path = folder / FILE_NAME
    return path if path.is_file() else None


def load_config(path: Path) -> Config:
    """The settings in a file; what it leaves out has its default, relative paths are meant from its folder.

    Raises:
        ConfigError: all that is wrong, one line each: file:line: key: what, and the remedy.
    """
    tree = _read(path)
    secrets = [f"{_where(path, tree, place)}: {_dotted(place)}: {SECRET_REMEDY}" for place in _secrets(tree, ())]
    if secrets:
        raise ConfigError("\n".join(secrets))
    return _checked(path, tree, Config)


def load_settings(path: Path, kind: type[Kind]) -> Kind:
    """What another file of settings holds, with errors as for config.yaml.

    Raises:
        ConfigError: all that is wrong, one line each: file:line: key: what, and the remedy.
    """
    return _checked(path, _read(path), kind)


def _checked(path: Path, tree: Any, kind: type[Kind]) -> Kind:
    try:
        return kind.model_validate(tree, context={"folder": path.absolute().parent})
    except ValidationError as error:
        wrong = [_told(path, tree, found, kind) for found in error.errors()]
        raise ConfigError("\n".join(dict.fromkeys(wrong))) from None


PLAIN = {
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "list_type": "write a list: [one, another], also of one",
    "dict_type": "write `name: value` lines below it",
    "model_type": "write its settings below it, indented",
}
PATTERNS = {
    "https?": "write an address as 'https://crm.example.com/path'",
    "2[0-3]": "write a time of the day as '09:00', in quotes",
    r"\+[1-9]": "write a telephone number as '+15555550123', in quotes",
    "{2,3}$": "write a language as flows do: en, zh",
    "[A-Z": "use letters, digits and . _ @ - only, at most 64 of them",
    "[a-z": "use small letters, digits and _ only",
    r"\d": "use digits only, in quotes",
}
"""What a pattern wants, by a sign of it; the first that fits."""

SECRET_REMEDY = "secrets do not belong in a file; set them in the environment (TWILIO_AUTH_TOKEN, IVR_API_KEY …)"


def _read(path: Path) -> Any:
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        wrong = yaml_mistake(error, path.read_text(encoding="utf-8"), str(path))
        raise ConfigError(f"{path}:{wrong.line}: {wrong.message} {wrong.remedy}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}:1: this is not YAML in UTF-8: {error}; save it as plain text") from error
    except OSError as error:
        raise ConfigError(f"{path}: it cannot be read ({error.strerror}); check its path and permissions") from error
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        raise ConfigError(
            f"{path}:1: a list of settings was expected, 'server:' and so on; see the shipped config.yaml"
        )
    return tree


def _secrets(node: Any, place: Place) -> Iterator[Place]:
    if isinstance(node, Mapping):
        for key, inner in node.items():
            if SECRET_KEYS.search(str(key)):
                yield (*place, str(key))
            else:
                yield from _secrets(inner, (*place, key))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _secrets(inner, (*place, index))
    elif isinstance(node, str) and SECRET_VALUES.search(node):
        yield place


def _told(path: Path, tree: Any, found: ErrorDetails, model: type[BaseModel]) -> str:
    place = tuple(part for part in found["loc"] if part != "[key]")
    kind = found["type"]
    if kind == "value_error" and not place:
        # Checks across sections name their key themselves, first.
        named, colon, what = str(found["ctx"]["error"]).partition(":")
        place = tuple(int(part) if part.isdecimal() else part for part in named.split("."))
        return f"{_where(path, tree, place)}: {_dotted(place)}{colon}{what}"
    return f"{_where(path, tree, place)}: {_dotted(place)}: {_what(kind, found, place, model)}"


def _what(kind: str, found: ErrorDetails, place: Place, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return f"there is no such setting; {_did_you_mean(str(place[-1]), _settings_at(place[:-1], model))}"
    if kind == "missing":
        return "it is missing; add it"
    if kind == "value_error":
        return str(found["ctx"]["error"])
    if kind == "string_type" and isinstance(found["input"], int | float):
        return "YAML takes this for a number; put it in quotes, with its '+'"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", found["ctx"]["expected"])
        return f"{found['input']!r} is not known; {_did_you_mean(str(found['input']), allowed)}"
    if kind in ("model_type", "dict_type") and found["input"] is None:
        return "the section is empty; write its settings below it, indented, or remove the line"
    if kind in PLAIN:
        return PLAIN[kind]
    if kind == "string_pattern_mismatch":
        pattern = found["ctx"]["pattern"]
        return next((told for sign, told in PATTERNS.items() if sign in pattern), f"it has to fit {pattern}")
    return f"{found['msg'][0].lower()}{found['msg'][1:]}"


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(word for word in known if word)}" if known else "remove it"


def _settings_at(place: Place, model: type[BaseModel]) -> list[str]:
    """Names of the settings of the section at `place`."""
    kind: Any = model
    for part in place:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(part)].annotation
        elif get_origin(kind) in (list, dict):
            kind = get_args(kind)[-1]
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _where(path: Path, tree: Any, place: Place) -> str:
    """`file:line` of the deepest part of `place` that is in the file."""
    line = 0
    node = tree
    for part in place:
        try:
            line = node.lc.key(part)[0] if isinstance(node, CommentedMap) else node.lc.item(part)[0]
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return f"{path}:{line + 1}"


def _dotted(place: Place) -> str:
    """`numbers[2].flow`, as people write it; lists count from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")
