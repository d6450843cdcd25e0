"""Pure: what the flow editor proposes while somebody types: the keys of a flow file, and the names in this one."""

import json
from functools import cache
from typing import Any

from ivr.flow.flow import Flow
from ivr.flow.json_schema import flow_json_schema

SCRIPT = """
import("nicegui-codemirror").then((CM) => {
  const place = getElement(%(id)d);
  window.ivrNames = %(names)s;
  place.editorPromise.then(() => {
    const source = (context) => {
      const word = context.matchBefore(/[\\w-]+/);
      if (!word && !context.explicit) return null;
      return {from: word ? word.from : context.pos, options: window.ivrNames, validFor: /^[\\w-]*$/};
    };
    place.editor.dispatch({effects: CM.StateEffect.appendConfig.of(
      CM.EditorState.languageData.of(() => [{autocomplete: source}]))});
  });
});
"""
"""Run in the browser: the editor's own completion gets one more source."""


def names(flow: Flow | None) -> list[dict[str, str]]:
    """CodeMirror completions: `label`, `type` and `detail`."""
    found = dict(_keys())
    for file in flow.files.values() if flow else ():
        for kind, those in (("step", file.steps), ("intent", file.intents), ("slot", file.slots)):
            found.update({name: {"label": name, "type": "variable", "detail": kind} for name in those})
    return list(found.values())


def script(element_id: int, flow: Flow | None) -> str:
    return SCRIPT % {"id": element_id, "names": json.dumps(names(flow))}


def names_script(flow: Flow | None) -> str:
    """The names have changed."""
    return f"window.ivrNames = {json.dumps(names(flow))};"


@cache
def _keys() -> dict[str, dict[str, str]]:
    schema = flow_json_schema()
    found: dict[str, dict[str, str]] = {}
    for shape in (schema, *schema["$defs"].values()):
        title = str(shape.get("title", ""))
        for key, about in shape.get("properties", {}).items():
            found.setdefault(key, {"label": key, "type": "property", "detail": _detail(about, title)})
    return found


def _detail(about: dict[str, Any], title: str) -> str:
    return str(about.get("description", "")).partition(".")[0][:60] or title
