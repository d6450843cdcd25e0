"""Pure: a flow's graph with the way of one call on it."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ivr.flow.diagram import draw
from ivr.flow.schema import FlowFile

MERMAID = {"theme": "neutral", "flowchart": {"useMaxWidth": False, "curve": "basis"}, "securityLevel": "strict"}
"""Nothing in a flow's texts may become a script on the page."""

NARROW = {**MERMAID, "flowchart": {"useMaxWidth": True, "curve": "basis"}}
SHOW_BEGIN = """
(() => {
  let tries = 0;
  const look = setInterval(() => {
    const place = getHtmlElement(%d), begin = place && place.querySelector('[id*="flowchart-begin"]');
    if (begin) {
      const at = begin.getBoundingClientRect(), box = place.getBoundingClientRect();
      place.scrollLeft += at.left + at.width / 2 - box.left - box.width / 2;
    }
    if (begin || ++tries > 50) clearInterval(look);
  }, 100);
})();
"""
"""Run in the browser: a wide graph is scrolled to where calls begin, once it is drawn."""

WALKED = "fill:#bfdbfe,stroke:#1d4ed8,stroke-width:3px,color:#111827"
WRONG = "fill:#fecaca,stroke:#b91c1c,stroke-width:3px,color:#111827"
WAY = "stroke:#1d4ed8,stroke-width:3px"


def drawn(file: FlowFile, path: Sequence[str] = (), wrong: Sequence[str] = ()) -> str:
    """Mermaid text of one flow file; `path`: its steps in the order they were taken; `wrong`: steps with errors."""
    text = draw(file)
    number = {name: f"s{place}" for place, name in enumerate(file.steps)}
    extra = _painted("walked", WALKED, [number[step] for step in dict.fromkeys(path) if step in number])
    extra += _painted("wrong", WRONG, [number[step] for step in dict.fromkeys(wrong) if step in number])
    taken = {(number[one], number[other]) for one, other in pairwise(path) if one in number and other in number}
    links = [line.split() for line in text.splitlines() if "-->" in line or ".->" in line]
    walked = [str(place) for place, words in enumerate(links) if (words[0], words[-1]) in taken]
    if walked:
        extra.append(f"  linkStyle {','.join(walked)} {WAY}")
    return text + "".join(f"{line}\n" for line in extra)


def way_of(file: FlowFile, path: Sequence[str]) -> str:
    """Only the steps that were taken, with the arrows between them."""
    kept = {"begin", *(f"s{place}" for place, name in enumerate(file.steps) if name in path)}
    lines = draw(file).splitlines()
    return "\n".join([lines[0], *(line for line in lines[1:] if _ends(line) <= kept)]) + "\n"


def _ends(line: str) -> set[str]:
    """The nodes that a line of the graph is about."""
    words = line.split()
    first = re.split(r"[\[({]", words[0], maxsplit=1)[0]
    return {first, words[-1]} if "-->" in line or ".->" in line else {first}


def steps_in(path: Sequence[str], flow: str) -> list[str]:
    """Of a call's whole path (`flow.step`), the steps of one flow file."""
    return [step for name, _, step in (each.partition(".") for each in path) if name == flow]


def _painted(name: str, style: str, numbers: list[str]) -> list[str]:
    return [f"  classDef {name} {style}", f"  class {','.join(numbers)} {name}"] if numbers else []
