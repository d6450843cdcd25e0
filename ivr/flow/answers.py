"""Pure: how an answer of a knowledge file is told, for the value that was said."""

from collections.abc import Iterator, Mapping

from ivr.flow.fill import fill, places
from ivr.flow.flow import words_in
from ivr.flow.knowledge import Entry, KnowledgeFile


def told(file: KnowledgeFile, entry: Entry, said: Mapping[str, str], language: str) -> str:
    """What a caller hears who said these values of the lists: the answer for one of them, else the one for all."""
    texts = words_in(_own(entry, said), language)
    spoken = {name: _way(file, name, value, language) for name, value in said.items()}
    return fill(texts[0], spoken, language, {}) if texts else ""


def told_always(file: KnowledgeFile, language: str) -> Iterator[str]:
    """Every answer that is known before anyone asks: what is told to who said nothing, or one value."""
    for entry in file.entries.values():
        lists = {value: name for name in entry.slots() for value in file.lists[name]}
        for said in ({}, *({lists[value]: value} for value in entry.answers)):
            texts = words_in(_own(entry, said), language)[:1]
            if all(name in said for text in texts for name, _ in places(text)):
                yield told(file, entry, said, language)


def _own(entry: Entry, said: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return next((entry.answers[value] for value in said.values() if value in entry.answers), entry.answer)


def _way(file: KnowledgeFile, name: str, value: str, language: str) -> str:
    ways = words_in(file.lists[name].get(value, {}), language)
    return ways[0] if ways else value
