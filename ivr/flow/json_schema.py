"""Pure: the shape of a flow file as JSON Schema, for completion and marking in editors."""

from typing import Any

from ivr.flow.schema import FlowFile
from ivr.flow.schema_steps import VERBS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def flow_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a flow file. Text by language may be one text, several, or either by language."""
    schema = FlowFile.model_json_schema(by_alias=True)
    names: dict[str, Any] = schema["$defs"]
    steps = [names[model.__name__] for model in VERBS.values()]
    for step, verb in zip(steps, VERBS, strict=True):
        step["title"] = verb
        required = step.setdefault("required", [])
        if verb not in required:
            required.insert(0, verb)
    _loosen(schema)
    return {"$schema": DIALECT, **schema}


_LINE = {"type": ["string", "number"]}
"""A number is taken for text: `hear: [one, 1]`."""

_TEXT = {"anyOf": [_LINE, {"type": "array", "items": _LINE}]}
_WORDS = {"anyOf": [*_TEXT["anyOf"], {"type": "object", "additionalProperties": _TEXT}]}


def _loosen(node: Any) -> None:
    """Pydantic describes what is kept; this says what may be written."""
    if isinstance(node, list):
        for item in node:
            _loosen(item)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") == "string" and not {"pattern", "enum", "const"} & node.keys():
        node["type"] = list(_LINE["type"])
    if "patternProperties" in node:
        node["additionalProperties"] = False
    for name, value in list(node.items()):
        if isinstance(value, dict) and _is_words(value):
            node[name] = dict(_WORDS)
        elif isinstance(value, dict) and _is_names(value):
            node[name] = dict(_TEXT)
        else:
            _loosen(value)


def _is_words(node: dict[str, Any]) -> bool:
    inner = node.get("additionalProperties")
    return isinstance(inner, dict) and _is_names(inner)


def _is_names(node: dict[str, Any]) -> bool:
    return node.get("type") == "array" and node.get("items") == {"type": "string"}
