"""Answers from a knowledge base: the nearest question by meaning, re-ranked by the rare words shared; never guessed.

Entries that differ only by a product or a town are ONE entry with `{slot}` in its questions: the value is found in the
caller's words, taken out for the search, and given back with the answer.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.model.meaning import SlotRule, SlotValue
from ivr.nlu.cleanup import clean, pieces, spelled
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.nlu.examples import PLACEHOLDER
from ivr.nlu.kept_vectors import kept_index
from ivr.nlu.lists import ListMatcher
from ivr.nlu.vectors import VectorIndex

ANSWERED_FROM = 0.6
"""Score, 0 to 1, from which an answer is given. Paraphrases score 0.65 to 1, other topics mostly below 0.55."""

_CANDIDATES = 50
_BY_MEANING = 0.7
"""Share of the cosine in the score, the rest being shared words by rarity (nlu.md section 5)."""


@dataclass(frozen=True, slots=True)
class KnowledgeEntry:
    key: str
    questions: tuple[str, ...]
    """The question and its paraphrases; `{slot}` stands for a value."""

    answer: str
    slots: tuple[SlotRule, ...] = ()
    """Lists whose values the questions' placeholders take."""


@dataclass(frozen=True, slots=True)
class KnowledgeHit:
    entry: KnowledgeEntry
    question: str
    """The wording that came nearest."""

    score: float
    slots: tuple[SlotValue, ...] = field(default=())
    """Values found for the entry's placeholders."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Slots of the entry the caller has not said: ask for them before answering."""
        said = {value.name for value in self.slots}
        return tuple(rule.name for rule in self.entry.slots if rule.name not in said)


class KnowledgeBase:
    """One language of a knowledge base. Built at load, read by all calls."""

    def __init__(
        self,
        entries: Sequence[KnowledgeEntry],
        language: str,
        encoder: SentenceEncoder | None = None,
        answered_from: float = ANSWERED_FROM,
        vectors_folder: Path | None = None,
    ) -> None:
        """Encode all questions (about 0.5 to 1.5 ms each) and index them.

        Args:
            entries: keys must differ.
            language: of questions and callers.
            encoder: None for the shared multilingual one.
            answered_from: least score, 0 to 1, of an answer that is given.
            vectors_folder: where vectors are kept between starts; None to encode anew.

        Raises:
            ModelMissing: the encoder's weights are not installed.
        """
        self._language = language
        self._encoder = encoder or shared_encoder()
        self._answered_from = answered_from
        self._rows = [(entry, question) for entry in entries for question in entry.questions]
        self._texts = [self._normal(PLACEHOLDER.sub(r" \1 ", question)) for _, question in self._rows]
        counted = Counter(part for text in self._texts for part in set(pieces(text, language)))
        total = max(len(self._texts), 1)
        self._rarity = {part: math.log(1 + total / count) for part, count in counted.items()}
        self._unknown = math.log(1 + total)
        rules = {rule.name: rule for entry in entries for rule in entry.slots if rule.values}
        self._lists = {name: ListMatcher(rule.values, language) for name, rule in rules.items()}
        self._index: VectorIndex = kept_index(self._texts, self._encoder, vectors_folder)

    def __len__(self) -> int:
        """Questions that can be found, paraphrases included."""
        return len(self._rows)

    def answer(self, text: str) -> KnowledgeHit | None:
        """The best answer, or None where nothing is near enough: keep the question for the trainer."""
        best = self.search(text, most=1)
        return best[0] if best and best[0].score >= self._answered_from else None

    def search(self, text: str, most: int = 5) -> tuple[KnowledgeHit, ...]:
        """Entries that may answer, best first, each once, whatever their score."""
        said, values = self._without_values(self._normal(text))
        if not said or not self._rows:
            return ()
        rows, likeness = self._index.nearest(self._encoder.encode([said])[0], _CANDIDATES)
        words = set(pieces(said, self._language))
        ranked = sorted(
            (
                (self._score(float(like), words, self._texts[row]), int(row))
                for row, like in zip(rows, likeness, strict=True)
            ),
            reverse=True,
        )
        hits: dict[str, KnowledgeHit] = {}
        for score, row in ranked:
            entry, question = self._rows[row]
            if entry.key not in hits and len(hits) < most:
                names = {rule.name for rule in entry.slots}
                own = tuple(value for name, value in values.items() if name in names)
                hits[entry.key] = KnowledgeHit(entry, question, round(score, 4), own)
        return tuple(hits.values())

    def _normal(self, text: str) -> str:
        return spelled(clean(text, self._language), self._language)

    def _without_values(self, said: str) -> tuple[str, Mapping[str, SlotValue]]:
        """The words with each list's value replaced by the slot's name, as in the indexed questions."""
        values: dict[str, SlotValue] = {}
        for name, matcher in self._lists.items():
            found = matcher.exact(said)
            reading = found[0] if found else matcher.near(said)
            if reading:
                values[name] = SlotValue(name, reading.value, reading.said, reading.confidence)
                said = self._normal(said.replace(reading.said, f" {name} ", 1))
        return said, values

    def _score(self, likeness: float, words: set[str], question: str) -> float:
        other = set(pieces(question, self._language))
        every = sum(self._rarity.get(part, self._unknown) for part in words | other)
        shared = sum(self._rarity.get(part, self._unknown) for part in words & other)
        return _BY_MEANING * max(likeness, 0.0) + (1 - _BY_MEANING) * (shared / every if every else 0.0)


def fill_answer(hit: KnowledgeHit) -> str:
    """The answer with the values found in place of its placeholders; those not found stay."""
    said = {value.name: value.value for value in hit.slots}
    return PLACEHOLDER.sub(lambda found: said.get(found[1], found[0]), hit.entry.answer)
