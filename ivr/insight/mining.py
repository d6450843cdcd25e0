"""Pure: what callers asked and nobody answered, in heaps worth a trainer's time, each with a proposal (2.10.3)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from ivr.insight.clustering import Floats, cluster, vectors
from ivr.insight.likeness import plain
from ivr.model.insight import TrainerItem

LEAST_ALIKE = 0.30
"""Average cosine of a heap. domain.md 2.10.2 says 0.75, which fits sentence embeddings; letter n-grams of two wordings
of one question come to about 0.3 to 0.5. Set by eye, not measured."""

NEAR = 0.30
"""Likeness to what a flow knows from which the heap is taken for more of the same."""

HALF_LIFE = timedelta(days=14)
MOST_ITEMS = 5000
MOST_PHRASES = 8
TERMS = 3
LONGEST_NAME = 24

ProposalKind = Literal["phrases", "questions", "new_intent", "new_entry"]
_QUESTION = re.compile(
    r"^(?:what|when|where|why|how|who|which|is|are|do|does|did|can|could|may|will|would)\b|\?|\uff1f|吗|呢|多少|几|怎么|什么"
    r"|哪|为什么|能不能|可不可以",
    re.I,
)
_WORD = re.compile(r"[a-z0-9']+|[\u4e00-\u9fff]+")
_STOP: frozenset[str] = frozenset((
    "a", "an", "the", "i", "i'm", "my", "me", "you", "your", "we", "it", "is", "are", "do", "does", "to", "of",
    "in", "on", "at", "for", "and", "or", "can", "could", "please", "want", "need", "have", "with", "be",
    "this", "that", "what", "how", "when", "where", "there", "any", "some", "just", "so", "um", "uh", "hello",
    "hi", "yes", "no", "not",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What a flow understands already, in one language."""

    intents: Mapping[str, Sequence[str]]
    """Name to phrases."""

    entries: Mapping[str, Sequence[str]]
    """`file#entry` to questions."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be done about a heap; a trainer edits it."""

    kind: ProposalKind
    """phrases for an intent, questions for a knowledge entry, a new intent, a new knowledge entry."""

    name: str
    """The intent; `file#entry` for questions; the name of what is new."""

    language: str
    phrases: tuple[str, ...]
    likeness: float = 0.0
    """To what `name` knows already, 0 to 1."""

    answer: str = ""
    """For a new entry; empty: still to be written."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Sentences that ask for the same."""

    heap_id: str
    """Of its oldest item, so that it keeps its name while it grows."""

    name: str
    """Its top terms, or the sentence that is most like all of it."""

    items: tuple[TrainerItem, ...]
    rank: float
    """count * (1 + share that went on to a person) * recency, half-life 14 days."""

    proposal: Proposal


def mine(items: Sequence[TrainerItem], known: Mapping[str, Known], now: datetime) -> tuple[Heap, ...]:
    """Heaps of items, the most worthwhile first. Languages are never mixed.

    Args:
        items: at most the newest `MOST_ITEMS` are looked at.
        known: by language.
    """
    newest = sorted(items, key=lambda item: item.at, reverse=True)[:MOST_ITEMS]
    heaps: list[Heap] = []
    for language in dict.fromkeys(item.language for item in newest):
        mine_own = [item for item in newest if item.language == language]
        heaps += _of_language(mine_own, known.get(language, Known({}, {})), language, now)
    return tuple(sorted(heaps, key=lambda heap: (-heap.rank, heap.heap_id)))


def _of_language(items: Sequence[TrainerItem], known: Known, language: str, now: datetime) -> list[Heap]:
    by_text: dict[str, list[TrainerItem]] = {}
    for item in items:
        by_text.setdefault(plain(item.text), []).append(item)
    texts = list(by_text)
    phrases = [(name, False, phrase) for name, said in known.intents.items() for phrase in said]
    phrases += [(name, True, phrase) for name, said in known.entries.items() for phrase in said]
    rows = vectors([*texts, *(phrase for _, _, phrase in phrases)])
    rarity = Counter(term for text in texts for term in set(_terms(text)))
    heaps = []
    for found in cluster(rows[: len(texts)], LEAST_ALIKE):
        members = [item for place in found for item in by_text[texts[place]]]
        central = texts[found[_central(rows[found], [len(by_text[texts[place]]) for place in found])]]
        name = _named([texts[place] for place in found], rarity, len(texts), central)
        near = (rows[found] @ rows[len(texts) :].T).mean(axis=0) if phrases else None
        best = int(near.argmax()) if near is not None else -1
        likeness = float(near[best]) if near is not None else 0.0
        target = phrases[best][:2] if likeness >= NEAR else ("", False)
        proposal = _proposal(members, target, likeness, language, name)
        heaps.append(_heap(members, name, proposal, now))
    return heaps


def _heap(members: Sequence[TrainerItem], name: str, proposal: Proposal, now: datetime) -> Heap:
    count = len(members)
    share = sum(item.transferred for item in members) / count
    recency = sum(0.5 ** max(0.0, (now - item.at) / HALF_LIFE) for item in members) / count
    oldest = min(members, key=lambda item: (item.at, item.item_id))
    return Heap(oldest.item_id, name, tuple(members), count * (1 + share) * recency, proposal)


def _proposal(
    members: Sequence[TrainerItem], target: tuple[str, bool], likeness: float, language: str, name: str
) -> Proposal:
    said = Counter(item.text.strip().rstrip(".。!?\uff01\uff1f") for item in members)
    phrases = tuple(text for text, _ in said.most_common() if "<" not in text)[:MOST_PHRASES]
    nearest, is_entry = target
    if nearest:
        return Proposal("questions" if is_entry else "phrases", nearest, language, phrases, round(likeness, 3))
    asks = sum(bool(_QUESTION.search(item.text)) for item in members) * 2 >= len(members)
    missed = sum(item.source == "knowledge_miss" for item in members) * 2 > len(members)
    kind: ProposalKind = "new_entry" if asks or missed else "new_intent"
    return Proposal(kind, identifier(name), language, phrases, round(likeness, 3))


def identifier(name: str) -> str:
    """A name that a flow file takes: small ASCII letters, digits and _; of other scripts a number stands for it."""
    plain_name = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    if not plain_name or not plain_name[0].isalpha():
        plain_name = f"topic_{sum(ord(letter) * place for place, letter in enumerate(name, 1)) % 100_000:05d}"
    return plain_name[:40]


def _central(rows: Floats, counts: Sequence[int]) -> int:
    """The sentence that is most like all of its heap, each as often as it was said."""
    return int((rows @ (np.asarray(counts, np.float32) @ rows)).argmax())


def _terms(text: str) -> list[str]:
    """Words that mean something; Chinese is written without blanks and gives none."""
    return [word for word in _WORD.findall(text) if word.isascii() and word not in _STOP and len(word) > 1]


def _named(texts: Sequence[str], rarity: Mapping[str, int], n: int, central: str) -> str:
    """Terms that stand in many of these sentences and in few others, in the order in which they are said; of a
    language without blanks the central sentence itself, as pieces of it would be no words."""
    here = Counter(term for text in texts for term in set(_terms(text)))
    ranked = sorted(here, key=lambda term: (-here[term] * (1 + n / rarity[term]) ** 0.5, term))[:TERMS]
    if not ranked or any(word > "\u2fff" for word in central):
        return central if len(central) <= LONGEST_NAME else f"{central[: LONGEST_NAME - 1]}…"
    places = {term: [said.index(term) / len(said) for said in map(_terms, texts) if term in said] for term in ranked}
    return " ".join(sorted(ranked, key=lambda term: sum(places[term]) / len(places[term])))
