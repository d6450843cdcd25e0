"""Intents whose phrases collide, for the supervisor: which two phrases, and how alike they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.model.meaning import Vocabulary
from ivr.nlu.cleanup import clean, is_chinese, spelled
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.nlu.examples import expanded
from ivr.nlu.sounds import chinese_sounds, english_sounds

COLLIDE = 0.9
"""Cosine from which two phrases of different intents are told apart by luck."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two phrases that mean nearly the same but belong to different intents."""

    intent: str
    phrase: str
    other_intent: str
    other_phrase: str
    likeness: float
    """0 to 1; 1.0 is the same words, or the same sound."""


def find_conflicts(
    vocabulary: Vocabulary, encoder: SentenceEncoder | None = None, collide: float = COLLIDE
) -> tuple[Conflict, ...]:
    """The worst pair of phrases for each two intents that collide, worst first.

    Args:
        vocabulary: the flow's words in one language.
        encoder: None for the shared multilingual one.
        collide: least likeness, 0 to 1, that is reported.

    Raises:
        ModelMissing: the encoder's weights are not installed.
    """
    rows = [(intent.name, phrase) for intent in vocabulary.intents for phrase in intent.phrases]
    slots = {rule.name: rule for rule in vocabulary.slots}
    texts = [expanded(phrase, 0, slots, vocabulary.language) for _, phrase in rows]
    if not rows:
        return ()
    vectors = (encoder or shared_encoder()).encode(texts)
    likeness = vectors @ vectors.T
    sounds = _sounds(texts, vocabulary.language)
    worst: dict[tuple[str, str], Conflict] = {}
    for first, second in np.argwhere(np.triu(np.ones(likeness.shape, bool), 1)):
        (name, phrase), (other, other_phrase) = rows[first], rows[second]
        same = sounds[first] == sounds[second] and sounds[first] != ""
        score = 1.0 if same else round(float(likeness[first, second]), 3)
        if name == other or score < collide or not (texts[first] and texts[second]):
            continue
        known = worst.get((name, other))
        if known is None or score > known.likeness:
            worst[name, other] = Conflict(name, phrase, other, other_phrase, score)
    return tuple(sorted(worst.values(), key=lambda conflict: (-conflict.likeness, conflict.intent)))


def _sounds(texts: Sequence[str], language: str) -> list[str]:
    sounds_of = chinese_sounds if is_chinese(language) else english_sounds
    return [sounds_of(spelled(clean(text, language), language)) for text in texts]
