"""Pure: what a flow expects of the house it runs in, held against config.yaml: people, telephones, addresses.

Warnings only: the house may change without the flow, and every such step says what happens where nobody is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.flow.fill import places
from ivr.flow.finding import Findings
from ivr.flow.problems import did_you_mean
from ivr.flow.schema_steps import FetchStep, QueueStep, TransferStep


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What config.yaml gives flows, by name."""

    directory: frozenset[str]
    queues: frozenset[str]
    """Those with settings of their own, and those that an agent answers."""

    facts: frozenset[str]


def check_surroundings(found: Findings, around: Surroundings) -> None:
    """Warn of names that the configuration does not know. Names that a call makes up are left out."""
    for path, what, known in _named(found, around):
        name = what[1]
        if name in known or any(place for place, _ in places(name)):
            continue
        near = did_you_mean(name, known, list_all=False)
        why, remedy = _WORDS[what[0]]
        found.warn(path, why.format(name), near or remedy.format(name), code=f"not_configured_{what[0]}")


_WORDS = {
    "transfer": (
        "transfers to '{}', which is no name under `directory:` in config.yaml: nobody would be called.",
        "Add it there.",
    ),
    "queue": (
        "the queue '{}' is not under `queues:` in config.yaml and none of `agents:` there answers it.",
        "Add it there and give it to an agent; until somebody answers it, callers get `otherwise:`.",
    ),
    "fact": (
        "asks at {{{}}}, which `facts:` in config.yaml does not give.",
        "Add the address there: `facts: {{ {}: https://… }}`.",
    ),
}


def _named(found: Findings, around: Surroundings) -> Iterator[tuple[tuple[str, ...], tuple[str, str], frozenset[str]]]:
    for name, step in found.file.steps.items():
        if isinstance(step, TransferStep):
            yield ("steps", name, "transfer"), ("transfer", step.transfer), around.directory
        if isinstance(step, QueueStep):
            yield ("steps", name, "queue"), ("queue", step.queue), around.queues
        if isinstance(step, FetchStep):
            base = next((place for place, _ in places(step.fetch)), "")
            if base in found.file.needs and step.fetch.startswith(f"{{{base}"):
                yield ("steps", name, "fetch"), ("fact", base), around.facts
