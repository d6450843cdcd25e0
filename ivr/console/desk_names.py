"""Pure: what queues, intents, facts and their values are called in the language of the agent who reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Called = Mapping[str, str]
"""By name: as people read it."""


def spoken(name: str) -> str:
    """`card_emergency` as it is read where nobody has said better."""
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Names:
    """Of one flow, and of all queues; what has no words of its own is read as it is written."""

    queues: Called = field(default_factory=dict)
    intents: Called = field(default_factory=dict)
    labels: Called = field(default_factory=dict)
    """Of slots, variables, steps and choices."""

    values: Mapping[str, Called] = field(default_factory=dict)
    """By slot: of the values of its list."""

    def queue(self, name: str) -> str:
        return self.queues.get(name) or spoken(name)

    def intent(self, name: str) -> str:
        return self.intents.get(name) or spoken(name)

    def label(self, name: str) -> str:
        return self.labels.get(name) or spoken(name)

    def value(self, slot: str, value: str) -> str:
        return self.values.get(slot, {}).get(value) or value


NamesOf = Callable[[str, str], Names]
"""Of a flow, in a language; of a flow that is not known only the queues."""
