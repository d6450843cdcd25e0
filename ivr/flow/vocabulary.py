"""Pure: all a flow says about its callers' words in one language."""

from collections.abc import Iterable

from ivr.flow.flow import Flow, words_in
from ivr.flow.knowledge import KnowledgeFile
from ivr.flow.schema import FlowFile, Intent, Slot
from ivr.model.meaning import IntentExamples, KnowledgeQuestions, SlotRule, Vocabulary
from ivr.model.patterns import is_pattern, sentences


def vocabulary(flow: Flow, language: str) -> Vocabulary:
    """What an `Understanding` of this flow is built from. Subflows are part of it; the main file wins."""
    files = [flow.main, *(file for file in flow.files.values() if file is not flow.main)]
    intents: dict[str, IntentExamples] = {}
    slots: dict[str, SlotRule] = {}
    controls: dict[str, tuple[str, ...]] = {}
    out_of_scope: list[str] = []
    for file in files:
        for name, intent in file.intents.items():
            intents.setdefault(name, _examples(name, intent, language))
        for name in file.slots:
            slots.setdefault(name, slot_rule(file, name, language))
        for control, words in file.controls.items():
            controls[control] = (*controls.get(control, ()), *words_in(words, language))
        out_of_scope.extend(words_in(file.out_of_scope, language))
    knowledge = tuple(_questions(source, file, language) for source, file in flow.knowledge.items())
    return Vocabulary(
        flow.name, language, tuple(intents.values()), tuple(slots.values()), controls, tuple(out_of_scope), knowledge
    )


def _questions(source: str, file: KnowledgeFile, language: str) -> KnowledgeQuestions:
    lists = tuple(
        SlotRule(name, name, values={value: words_in(words, language) for value, words in values.items()})
        for name, values in file.lists.items()
    )
    entries = {name: words_in(entry.questions, language) for name, entry in file.entries.items()}
    return KnowledgeQuestions(source, entries, lists)


def example_phrases(phrases: Iterable[str]) -> tuple[str, ...]:
    """Phrases of an intent as single sentences: some of each pattern, the others as they are."""
    return tuple(dict.fromkeys(sentence for phrase in phrases for sentence in sentences(phrase)))


def _examples(name: str, intent: Intent, language: str) -> IntentExamples:
    phrases = words_in(intent.phrases, language)
    patterns = tuple(phrase for phrase in phrases if is_pattern(phrase))
    return IntentExamples(name, example_phrases(phrases), intent.kind, patterns)


def slot_rule(file: FlowFile, name: str, language: str) -> SlotRule:
    """A slot of a file as the understanding needs it."""
    slot = file.slots.get(name, Slot())
    ways = {value: words_in(words, language) for value, words in file.lists.get(slot.kind, {}).items()}
    return SlotRule(name, slot.kind, slot.span, ways)
