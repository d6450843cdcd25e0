"""Pure: what somebody who writes a flow did wrong in YAML, told in words that need no knowledge of YAML."""

import re

from ruamel.yaml.error import MarkedYAMLError

from ivr.flow.problems import Problem

_REMEDY = "Check the indentation, and put quotes around a text that holds one of : { } [ ] , #."
_CURLY = "“”„‘’‚«»"
_VALUE = re.compile(r"^\s*(?:- )?(?:[^\s:]+:\s+)?(.)")
"""The first letter of what a line says: after its dash and its name."""

_TWICE = re.compile(r'found duplicate key "([^"]*)"')
_STEP = re.compile(r"  ([^\s:#]+):\s*(#.*)?$")
_QUOTE = "Put quotes around the whole text."
_BEGINS = {"[": "]", "{": "}", '"': '"', "'": "'"}


def yaml_mistake(error: MarkedYAMLError, text: str, file: str) -> Problem:
    """The mistake behind what the parser met; at the line that is to be corrected, which may be another one."""
    lines = text.splitlines()
    met = error.problem_mark.line if error.problem_mark else 0
    begun = error.context_mark.line if error.context_mark else met
    column = error.problem_mark.column if error.problem_mark else 0
    found = str(error.problem or "")
    at, why, remedy = _told(found, str(error.context or ""), lines, met, begun, column)
    return Problem(file, at + 1, _step_around(lines, at), why, remedy, code="yaml")


def _told(found: str, context: str, lines: list[str], met: int, begun: int, column: int) -> tuple[int, str, str]:
    """Line (from 0), what is wrong, what to do."""
    line = lines[met] if met < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    first = _VALUE.match(line)
    if "\t" in indent:
        return met, "the line is indented with a tab.", "Indent with spaces."
    if "quoted scalar" in context and "end of stream" in found:
        return begun, "a quote opens here and is never closed.", "Close it at the end of the text."
    if "flow sequence" in context or "flow mapping" in context:
        if found.endswith(("but got '{'", "but got '['")):
            return met, f"the text between brackets has a {found[-2]} in it.", _QUOTE
        opened, closing = ("[", "]") if "sequence" in context else ("{", "}")
        why = f"a bracket {opened} opens here and is not closed."
        return begun, why, f"Close it with {closing}; a text with , [ ] {{ or }} in it needs quotes."
    if first and first[1] in _CURLY:
        return met, f"{first[1]} is not a quote that YAML knows.", "Use the plain ones: \"…\" or '…'."
    if found.startswith("could not find expected ':'"):
        return begun, "the line has no ':' with a space after it.", "Write `name: value`, with the plain colon."
    return _told_of_texts(found, lines, met, begun, column)


def _told_of_texts(found: str, lines: list[str], met: int, begun: int, column: int) -> tuple[int, str, str]:
    line = lines[met] if met < len(lines) else ""
    first = _VALUE.match(line)
    if found.startswith("mapping values are not allowed"):
        if ": " in line[:column]:
            return met, "the text has a ':' in it.", _QUOTE
        return met, "the line is indented further than the one it goes on with.", _neighbours(lines, met)
    if "cannot start any token" in found or "sequence entries are not allowed" in found or "chomping" in found:
        return met, f"no text may begin with {first[1] if first else line[column : column + 1]}.", _QUOTE
    if "unknown escape" in found:
        why = "between double quotes a \\ begins a sign of its own."
        return met, why, "Use single quotes, or write \\\\ for it."
    if "another document" in found:
        return met, "--- begins a second document, but a file is one.", "Remove the line."
    if twice := _TWICE.match(found):
        return met, f"'{twice[1]}' stands here twice.", "Keep one of them."
    if found.startswith("expected <block end>"):
        return _told_of_blocks(lines, met, begun, column)
    return met, f"this is not valid YAML: {found}.", _REMEDY


def _told_of_blocks(lines: list[str], met: int, begun: int, column: int) -> tuple[int, str, str]:
    line = lines[met] if met < len(lines) else ""
    first = _VALUE.match(line)
    if line[column : column + 1] in ("}", "]"):
        return met, f"there is a {line[column]} too many.", "Remove it."
    if line[:column].strip() and first and first[1] in _BEGINS:
        why = f"the text begins with {first[1]}, so that it ends with the next {_BEGINS[first[1]]}, but more follows."
        return met, why, "Put quotes around the whole text, other ones than those in it."
    if _is_item(lines, met) != _is_item(lines, begun):
        why = "lines with a dash and lines without one are mixed below the same name."
        return met, why, "Take the dashes away, or give each line one."
    return met, "the line is not indented as the lines it belongs to.", _neighbours(lines, met)


def _is_item(lines: list[str], number: int) -> bool:
    return number < len(lines) and lines[number].lstrip().startswith("- ")


def _neighbours(lines: list[str], met: int) -> str:
    """How far the line is indented, and how far those before it are: the one above, and the name they stand below."""
    widths = {at: len(lines[at]) - len(lines[at].lstrip()) for at in range(min(met + 1, len(lines)))}
    above = [at for at in range(met - 1, -1, -1) if lines[at].strip() and lines[at].lstrip()[0] != "#"]
    if not above or met not in widths:
        return "Line it up with its neighbours."
    told = [f"line {above[0] + 1} has {widths[above[0]]}"]
    below = next((at for at in above if widths[at] < min(widths[above[0]], widths[met] + 1)), None)
    told += [f"line {below + 1}, which those belong to, has {widths[below]}"] if below is not None else []
    spaces = "1 space" if widths[met] == 1 else f"{widths[met]} spaces"
    return f"It has {spaces} before it, {', '.join(told)}."


def _step_around(lines: list[str], at: int) -> str:
    """Name of the step a line is in, as far as indentation tells."""
    for line in reversed(lines[: at + 1]):
        if line[:1].strip() and not line.startswith("#"):
            return ""
        if found := _STEP.match(line):
            inside = any(earlier.startswith("steps:") for earlier in lines[:at])
            return found[1] if inside else ""
    return ""
