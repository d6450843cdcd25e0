"""Pure: what a draft of a flow changes, for the person who is about to publish it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.flow.flow import Flow
from ivr.flow.knowledge import KnowledgeFile
from ivr.flow.schema import FlowFile


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that is not what it was."""

    kind: Literal["added", "removed", "changed"]
    where: str
    """`hotline: steps.greet.ask.en`: flow, and path of keys."""

    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        match self.kind:
            case "added":
                return f"+ {self.where}: {self.after}"
            case "removed":
                return f"- {self.where}: {self.before}"
            case _:
                return f"~ {self.where}: {self.before} > {self.after}"


def difference(before: Flow, after: Flow) -> list[Change]:
    """All that differs between two versions, entry by entry; a new or lost step or intent is one entry."""
    changes: list[Change] = []
    for name in dict.fromkeys((*before.files, *after.files)):
        old, new = before.files.get(name), after.files.get(name)
        if old is None or new is None:
            changes.append(Change("removed" if new is None else "added", f"{name}: the whole flow", name, name))
        else:
            changes += _between(_plain(old), _plain(new), f"{name}: ", ())
    for name in dict.fromkeys((*before.knowledge, *after.knowledge)):
        known, learned = before.knowledge.get(name), after.knowledge.get(name)
        if known is None or learned is None:
            changes.append(Change("removed" if learned is None else "added", f"{name}: all its answers", name, name))
        else:
            changes += _between(_plain(known), _plain(learned), f"{name}: ", ())
    return changes


def _plain(file: FlowFile | KnowledgeFile) -> dict[str, Any]:
    return file.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _between(old: Mapping[str, Any], new: Mapping[str, Any], flow: str, path: tuple[str, ...]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        here = (*path, key) if key else path
        where = flow + ".".join(here)
        if key not in new:
            yield Change("removed", where, before=old[key])
        elif key not in old:
            yield Change("added", where, after=new[key])
        elif isinstance(old[key], dict) and isinstance(new[key], dict):
            yield from _between(old[key], new[key], flow, here)
        elif old[key] != new[key]:
            yield Change("changed", where, old[key], new[key])
