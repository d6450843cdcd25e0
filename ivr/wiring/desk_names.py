"""What queues and flows are called for people to read, out of config.yaml and the flow files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.console.desk_names import Called, Names
from ivr.flow.flow import Flow, words_in
from ivr.flow.schema import FlowFile
from ivr.flow.schema_steps import MenuStep, Words
from ivr.model.routing import QueueSettings
from ivr.wiring.flows import FlowShelf


@dataclass(frozen=True, slots=True)
class FlowNames:
    """Looked up whenever a desk shows a call: flows are published while the server runs."""

    flows: FlowShelf
    queues: Mapping[str, QueueSettings]

    def of(self, flow: str, language: str) -> Names:
        """Implements `ivr.console.desk_names.NamesOf`."""
        dialogue = self.flows.flows.get(flow)
        names = names_in(dialogue.flow, language) if dialogue else Names()
        return replace(names, queues={name: one.title.get(language, "") for name, one in self.queues.items()})


def names_in(flow: Flow, language: str) -> Names:
    """What a flow and its subflows call their intents, facts, steps, choices and values."""
    intents: dict[str, str] = {}
    labels: dict[str, str] = {}
    values: dict[str, Called] = {}
    for file in flow.files.values():
        intents |= _firsts({name: one.title for name, one in file.intents.items()}, language)
        labels |= _choices(file, language) | _firsts(file.labels, language)
        lists = {name: _firsts(listed, language) for name, listed in file.lists.items()}
        values |= {name: lists[slot.kind] for name, slot in file.slots.items() if slot.kind in lists}
    return Names({}, intents, labels, values)


def _choices(file: FlowFile, language: str) -> dict[str, str]:
    """Choices of menus are called what callers may say for them."""
    menus = [step for step in file.steps.values() if isinstance(step, MenuStep)]
    return _firsts({one.name or one.then: one.hear for menu in menus for one in menu.choices}, language)


def _firsts(words: Mapping[str, Words], language: str) -> dict[str, str]:
    return {name: said[0] for name, each in words.items() if (said := words_in(each, language))}
