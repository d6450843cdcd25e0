"""Pure: solved calls in memory, and which of them are like the one on the line.

Nothing that could be read back is kept: of the caller's words their vector, of facts a hash, and the call's id. What an
agent wrote is read from the database at the moment it is shown.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ivr.model.assist import SolvedCase

Vector = NDArray[np.float32]
BY_MEANING, BY_INTENT, BY_FACTS = 0.8, 0.12, 0.08
"""Shares of the likeness: cosine of the words, the same intent, facts with the same values."""

MOST_CHARACTERS = 400
MOST_TURNS = 6
"""Of what a caller said, the first that say something: what they wanted stands at the beginning."""

FEWEST_WORDS, FEWEST_SIGNS = 3, 5
"""A turn with fewer words (or signs, in Chinese) is an answer, not a matter."""

SHOWN = ("intent", "language", "summary", "customer", "tier", "authentication_level")
"""Facts that say nothing of the matter, or are compared otherwise."""


def wording(turns: Iterable[str]) -> str:
    """What a caller said, as one text to be encoded; empty: nothing that says what it is about."""
    said = [turn.strip() for turn in turns if _says_something(turn)]
    return " ".join(said[:MOST_TURNS])[:MOST_CHARACTERS]


def _says_something(turn: str) -> bool:
    signs = sum(not sign.isascii() for sign in turn)
    return len(turn.split()) >= FEWEST_WORDS or signs >= FEWEST_SIGNS


def marks_of(facts: Mapping[str, str]) -> frozenset[int]:
    """64 bits for each fact and its value: enough to see that two are the same, too little to read one."""
    return frozenset(
        int.from_bytes(hashlib.blake2b(f"{name}={value}".casefold().encode("utf-8", "replace"), digest_size=8).digest())
        for name, value in facts.items()
        if value and name not in SHOWN
    )


@dataclass(frozen=True, slots=True)
class Matter:
    """The call on the line, as it is compared."""

    flow: str
    language: str
    intent: str
    vectors: Vector
    """One row of unit length for each thing the caller said: the nearest counts, for what stands
    beside it may say nothing of the matter."""

    marks: frozenset[int] = frozenset()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    call_id: str
    likeness: float
    disposition: str


@dataclass(slots=True)
class _Learned:
    call_id: str
    at: datetime
    intent: str
    disposition: str
    marks: frozenset[int]
    vector: Vector


@dataclass(slots=True)
class CaseIndex:
    """Of one server. 4 kB a case; a look through two thousand is one product of matrices, a millisecond or two."""

    most: int = 2_000
    """All languages and flows together; the oldest go first."""

    _by_kind: dict[tuple[str, str], dict[str, _Learned]] = field(default_factory=dict)
    """By flow and language, then by call."""

    _rows: dict[tuple[str, str], tuple[list[_Learned], Vector]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self._by_kind.values()))

    @property
    def known(self) -> frozenset[str]:
        return frozenset(call_id for learned in self._by_kind.values() for call_id in learned)

    def learn(self, cases: Sequence[SolvedCase], vectors: Vector) -> None:
        """Args: vectors: one row of unit length for each case."""
        for case, vector in zip(cases, vectors, strict=True):
            kind = (case.flow, case.language)
            learned = _Learned(case.call_id, case.at, case.intent, case.disposition, marks_of(case.facts), vector)
            self._by_kind.setdefault(kind, {})[case.call_id] = learned
            self._rows.pop(kind, None)
        self._drop_the_oldest()

    def forget(self, call_ids: Iterable[str]) -> None:
        gone = set(call_ids)
        for kind, learned in self._by_kind.items():
            for call_id in gone & learned.keys():
                del learned[call_id]
                self._rows.pop(kind, None)

    def forget_before(self, moment: datetime) -> None:
        self.forget([one.call_id for learned in self._by_kind.values() for one in learned.values() if one.at < moment])

    def alike(self, matter: Matter, least: float, most: int) -> list[Alike]:
        """Cases of the same flow and language that are at least so alike, the most alike first."""
        learned, vectors = self._of((matter.flow, matter.language))
        if not learned:
            return []
        likeness = BY_MEANING * (vectors @ matter.vectors.T).max(axis=1)
        near = np.flatnonzero(likeness >= least - BY_INTENT - BY_FACTS).tolist()
        found = [
            Alike(one.call_id, round(min(1.0, float(likeness[at]) + _beside(one, matter)), 3), one.disposition)
            for at in near
            if (one := learned[at]).call_id != matter.call_id
        ]
        return sorted((one for one in found if one.likeness >= least), key=lambda one: -one.likeness)[:most]

    def _of(self, kind: tuple[str, str]) -> tuple[list[_Learned], Vector]:
        if kind not in self._rows:
            learned = list(self._by_kind.get(kind, {}).values())
            rows = np.stack([one.vector for one in learned]) if learned else np.zeros((0, 0), np.float32)
            self._rows[kind] = (learned, rows)
        return self._rows[kind]

    def _drop_the_oldest(self) -> None:
        if (more := len(self) - self.most) > 0:
            everything = sorted((one.at, one.call_id) for each in self._by_kind.values() for one in each.values())
            self.forget(call_id for _, call_id in everything[:more])


def _beside(one: _Learned, matter: Matter) -> float:
    """What intent and facts add to the likeness of the words."""
    same_intent = BY_INTENT if one.intent and one.intent == matter.intent else 0.0
    either = one.marks | matter.marks
    return same_intent + (BY_FACTS * len(one.marks & matter.marks) / len(either) if either else 0.0)


def outcomes_of(alike: Iterable[Alike]) -> dict[str, int]:
    """How many were closed by which disposition, the most frequent first."""
    return dict(Counter(one.disposition for one in alike).most_common())
