"""Pure: every sentence of a flow that never changes, so that it can be made before anyone calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from ivr.flow.answers import told_always
from ivr.flow.flow import Flow
from ivr.flow.sentences import SENTENCES

NOT_SPOKEN = frozenset({"hear", "summary"})
"""Texts of a step that are listened for or handed over, not said."""

MOST_ANSWERS = 500
"""Entries up to which the answers of a knowledge file are made in advance: about 25 MB and a minute of one core.
Of larger files an answer is made when it is first told."""


def fixed_prompts(flow: Flow) -> list[tuple[str, str]]:
    """(text, language) of each prompt without places to fill, and of each answer of small knowledge files."""
    found: dict[tuple[str, str], None] = {}
    for file in flow.files.values():
        spoken: list[Any] = [*file.steps.values(), file.help, *file.sentences.values()]
        for words in (words for part in spoken for words in _words_of(part)):
            for language, texts in words.items():
                found.update({(text, language or file.languages[0]): None for text in texts if "{" not in text})
    for language in flow.languages:
        said = SENTENCES.get(language, {}).values()
        found.update({(text, language): None for text in said if "{" not in text and len(text) > 3})
    for known in flow.knowledge.values():
        for language in flow.languages if len(known.entries) <= MOST_ANSWERS else ():
            found.update({(text, language): None for text in told_always(known, language) if text})
    return list(found)


def _words_of(part: Any) -> Iterator[Mapping[str, tuple[str, ...]]]:
    """Texts by language anywhere inside a step."""
    if isinstance(part, Mapping):
        if part and all(_is_texts(value) for value in part.values()):
            yield part
        else:
            for value in part.values():
                yield from _words_of(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from _words_of(value)
    elif hasattr(type(part), "model_fields"):
        for name in type(part).model_fields:
            if name not in NOT_SPOKEN:
                yield from _words_of(getattr(part, name))


def _is_texts(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(text, str) for text in value)
