"""From words to meaning, for one flow: picks the reading that fits the step best among what was recognized."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ivr.model.meaning import Expect, Hypothesis, Meaning, Vocabulary
from ivr.nlu.cleanup import is_chinese
from ivr.nlu.controls import ControlMatcher
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.nlu.intents import IntentModel
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


class FlowUnderstanding:
    """The `Understanding` port. Holds no state of a call; any number of threads may use it."""

    def __init__(self, readers: Mapping[str, Reader]) -> None:
        self._readers = dict(readers)

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        """The meaning of an utterance at a step; an empty `Meaning` if nothing was understood.

        Args:
            hypotheses: what was recognized, best first; may be empty, their texts may be anything.
            expect: what the step waits for; a language the flow lacks is read as its nearest one.
        """
        reader = self._reader(expect.language)
        enough = _WHOLE_SENTENCE + _ENOUGH if expect.patterns else _ENOUGH
        best, best_score = Meaning(hypotheses[0].text if hypotheses else ""), -1.0
        for rank, hypothesis in enumerate(hypotheses[:_MOST_HYPOTHESES]):
            meaning = reader.read(hypothesis.text, expect)
            whole = _WHOLE_SENTENCE if reader.follows_pattern(hypothesis.text, expect) else 0.0
            score = _fit(meaning, expect) + whole - _RANK_COST * rank
            if score > best_score:
                best, best_score = meaning, score
            if best_score >= enough - _RANK_COST * rank:
                break
        return best

    def _reader(self, language: str) -> Reader:
        found = self._readers.get(language)
        if found:
            return found
        near = (known for known in self._readers if is_chinese(known) == is_chinese(language))
        return self._readers[next(near, next(iter(self._readers)))]


def _fit(meaning: Meaning, expect: Expect) -> float:
    """How well a reading answers the step, 0 to 1."""
    asked = {rule.name for rule in expect.slots} or {"choice", expect.kind}
    values = [value.confidence for value in meaning.slots if value.name in asked]
    if expect.kind in VALUE_KINDS or expect.kind == "free":
        return max([*values, meaning.control_confidence, 0.9 * meaning.confidence, 0.0])
    if expect.kind == "yes_no":
        return max(meaning.control_confidence, 0.9 * meaning.confidence)
    bonus = 0.05 if meaning.slots else 0.0
    return max(meaning.control_confidence, meaning.confidence + bonus)


def build_understanding(
    vocabularies: Mapping[str, Vocabulary],
    settings: UnderstandingSettings | None = None,
    encoders: Sequence[SentenceEncoder] | None = None,
    now: Callable[[], datetime] = local_now,
) -> FlowUnderstanding:
    """Train what one flow version needs, in all its languages. Takes seconds; do it off the event loop.

    Args:
        vocabularies: by language ("en", "zh"); empty is allowed and understands the universal commands in English.
        settings: None for the defaults.
        encoders: sentence encoders, the last one judging confidence; None for the shared multilingual one.
        now: the callers' local time, naive, for "tomorrow".

    Raises:
        ModelMissing: an encoder's weights are not installed.
    """
    chosen = settings or UnderstandingSettings()
    known = vocabularies or {"en": Vocabulary("", "en")}
    models = tuple(encoders) if encoders else (shared_encoder(),)
    return FlowUnderstanding(
        {language: _reader(vocabulary, chosen, models, now) for language, vocabulary in known.items()}
    )


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
        SentenceReader(vocabulary, slots.asked),
        settings,
    )
