"""From words to meaning, for one flow: picks the reading that fits the step best among what was recognized."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from weakref import WeakValueDictionary

from ivr.model.meaning import Expect, Hypothesis, KnowledgeGuess, Meaning, Vocabulary
from ivr.nlu.cleanup import is_chinese
from ivr.nlu.controls import ControlMatcher
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.nlu.endings import ends_open
from ivr.nlu.examples import taught
from ivr.nlu.intents import IntentModel
from ivr.nlu.knowledge import KnowledgeBase, KnowledgeEntry
from ivr.nlu.reader import VALUE_KINDS, Reader
from ivr.nlu.sentences import SentenceReader
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.slots import SlotReader

_MOST_HYPOTHESES = 5
_RANK_COST = 0.07
"""What each place further down the recognizer's list costs a reading that fits better."""

_ENOUGH = 0.75
"""A reading that fits so well need not be compared with others."""
_WHOLE_SENTENCE = 0.35
"""What a sentence of the flow's own patterns is worth more than words that only resemble it."""


def local_now() -> datetime:
    """This machine's local time: right where callers and server share a time zone."""
    return datetime.now().astimezone().replace(tzinfo=None)


_PLAINLY_ASKED = 0.75
"""Likeness to a question of the knowledge base from which the words are taken for a whole question."""

_BASES: "WeakValueDictionary[str, KnowledgeBase]" = WeakValueDictionary()
"""Those in use, by what is in them: a version that changes no question searches where the version before does."""


class FlowUnderstanding:
    """The `Understanding` port. Holds no state of a call; any number of threads may use it."""

    def __init__(
        self, readers: Mapping[str, Reader], knowledge: Mapping[str, Mapping[str, KnowledgeBase]] | None = None
    ) -> None:
        """Both by language; knowledge bases also by their source."""
        self._readers = dict(readers)
        self._knowledge = knowledge or {}

    def knowing(
        self,
        vocabularies: Mapping[str, Vocabulary],
        encoder: SentenceEncoder | None = None,
        vectors_folder: Path | None = None,
    ) -> "FlowUnderstanding":
        """The same with the knowledge files of these vocabularies; arguments as of `build_understanding`."""
        first = encoder or shared_encoder()
        bases = {language: _knowledge(words, first, vectors_folder) for language, words in vocabularies.items()}
        return FlowUnderstanding(self._readers, bases)

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        """The meaning of an utterance at a step; an empty `Meaning` if nothing was understood.

        Args:
            hypotheses: what was recognized, best first; may be empty, their texts may be anything.
            expect: what the step waits for; a language the flow lacks is read as its nearest one.
        """
        language = self._nearest(expect.language)
        reader = self._readers[language]
        enough = _WHOLE_SENTENCE + _ENOUGH if expect.patterns else _ENOUGH
        best, best_score = Meaning(hypotheses[0].text if hypotheses else ""), -1.0
        for rank, hypothesis in enumerate(hypotheses[:_MOST_HYPOTHESES]):
            meaning = self._looked_up(reader.read(hypothesis.text, expect), expect, language)
            whole = _WHOLE_SENTENCE if reader.follows_pattern(hypothesis.text, expect) else 0.0
            score = _fit(meaning, expect) + whole - _RANK_COST * rank
            if score > best_score:
                best, best_score = meaning, score
            if best_score >= enough - _RANK_COST * rank:
                break
        return best

    def answers(self, text: str, language: str, most: int = 3) -> tuple[KnowledgeGuess, ...]:
        """What the knowledge files of the flow may answer to these words, best first, however unlikely: for a person
        who chooses."""
        bases = self._knowledge.get(self._nearest(language), {})
        found = [(name, hit) for name, base in bases.items() for hit in base.search(text, most)]
        guesses = [KnowledgeGuess(name, hit.entry.key, hit.score, hit.slots) for name, hit in found]
        return tuple(sorted(guesses, key=lambda guess: -guess.confidence)[:most])

    def _looked_up(self, meaning: Meaning, expect: Expect, language: str) -> Meaning:
        """The meaning with the nearest entry of each knowledge file that the step looks into."""
        if not expect.knowledge or not meaning.text.strip():
            return meaning
        bases = self._knowledge.get(language, {})
        found = [
            (name, hit) for name in expect.knowledge if name in bases for hit in bases[name].search(meaning.text, 1)
        ]
        answers = tuple(KnowledgeGuess(name, hit.entry.key, hit.score, hit.slots) for name, hit in found)
        plain = max((guess.confidence for guess in answers), default=0.0) >= _PLAINLY_ASKED
        complete = meaning.complete or (plain and not ends_open(meaning.text, language))
        return replace(meaning, answers=answers, complete=complete)

    def _nearest(self, language: str) -> str:
        if language in self._readers:
            return language
        near = (known for known in self._readers if is_chinese(known) == is_chinese(language))
        return next(near, next(iter(self._readers)))


def _fit(meaning: Meaning, expect: Expect) -> float:
    """How well a reading answers the step, 0 to 1."""
    asked = {rule.name for rule in expect.slots} or {"choice", expect.kind}
    values = [value.confidence for value in meaning.slots if value.name in asked]
    if expect.kind in VALUE_KINDS or expect.kind == "free":
        return max([*values, meaning.control_confidence, 0.9 * meaning.confidence, 0.0])
    if expect.kind == "yes_no":
        return max(meaning.control_confidence, 0.9 * meaning.confidence)
    bonus = 0.05 if meaning.slots else 0.0
    asked_for = max((guess.confidence for guess in meaning.answers), default=0.0)
    return max(meaning.control_confidence, meaning.confidence + bonus, asked_for)


def build_understanding(
    vocabularies: Mapping[str, Vocabulary],
    settings: UnderstandingSettings | None = None,
    encoders: Sequence[SentenceEncoder] | None = None,
    english_encoders: Sequence[SentenceEncoder] = (),
    now: Callable[[], datetime] = local_now,
    vectors_folder: Path | None = None,
) -> FlowUnderstanding:
    """Train what one flow version needs, in all its languages. Takes seconds; do it off the event loop.

    Args:
        vocabularies: by language ("en", "zh"); empty is allowed and understands the universal commands in English.
        settings: None for the defaults.
        encoders: sentence encoders for all languages; None for the shared multilingual one.
        english_encoders: more of them for English, such as `shared_minilm()`; the last judges confidence.
        now: the callers' local time, naive, for "tomorrow".
        vectors_folder: where the vectors of knowledge files are kept between starts; None to encode anew.

    Raises:
        ModelMissing: an encoder's weights are not installed.
    """
    chosen = settings or UnderstandingSettings()
    known = vocabularies or {"en": Vocabulary("", "en")}
    models = tuple(encoders) if encoders else (shared_encoder(),)
    readers = {}
    for language, vocabulary in known.items():
        english = tuple(english_encoders) if language.startswith("en") else ()
        readers[language] = _reader(taught(vocabulary), chosen, models + english, now)
    return FlowUnderstanding(readers).knowing(known, models[0], vectors_folder)


def _knowledge(
    vocabulary: Vocabulary, encoder: SentenceEncoder, vectors_folder: Path | None
) -> dict[str, KnowledgeBase]:
    """The knowledge bases of a flow by their source."""
    bases = {}
    for known in vocabulary.knowledge:
        said = repr((vocabulary.language, encoder.name, known.lists, list(known.entries.items())))
        name = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        base = _BASES.get(name)
        if base is None:
            entries = [KnowledgeEntry(key, asked, "", known.lists) for key, asked in known.entries.items()]
            base = _BASES[name] = KnowledgeBase(entries, vocabulary.language, encoder, vectors_folder=vectors_folder)
        bases[known.source] = base
    return bases


def _reader(
    vocabulary: Vocabulary,
    settings: UnderstandingSettings,
    encoders: tuple[SentenceEncoder, ...],
    now: Callable[[], datetime],
) -> Reader:
    language = vocabulary.language
    learnable = any(intent.phrases for intent in vocabulary.intents)
    slots = SlotReader(vocabulary, settings.phone_region, now)
    return Reader(
        language,
        ControlMatcher(language, vocabulary.controls),
        slots,
        IntentModel(vocabulary, encoders, settings) if learnable else None,
        SentenceReader(vocabulary, slots),
        settings,
    )
