"""Pure: a contact as the numbers that every metric adds up, so that a month is added up from days, not read anew.

Each metric is two sums (`ivr.insight.metric`); each sum has an id that is made of its name, so that what was kept
stays readable when metrics are added. Metrics that count the same share the sum.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.insight import spreads
from ivr.insight.metric import PERCENTILES, Figure, Metric, figure_of
from ivr.insight.metrics_survey import TALLIES
from ivr.insight.registry import OF_CONTACTS
from ivr.insight.repeats import Windows
from ivr.insight.steps import STEPS
from ivr.model.contacts import Contact
from ivr.model.counts import CountedContact, Numbers

ENTRY = np.dtype([("id", "<u4"), ("sum", "<f8")])


def id_of(name: str) -> int:
    """Of a sum or of the values of a metric; a test holds that no two are the same."""
    return zlib.crc32(name.encode())


class Sums:
    """Which sums the metrics of one kind of fact need."""

    def __init__(self, metrics: Sequence[Metric[Any]]) -> None:
        self.metrics = tuple(metrics)
        self.of: dict[str, tuple[int, int]] = {}
        """Ids of numerator and denominator by metric."""

        self.counted: dict[int, Callable[[Any], float]] = {}
        self.highest: set[int] = set()
        """Ids of what is not added up: the highest counts."""

        self.values = {id_of(f"{one.name}/values"): one.values for one in metrics if one.values}
        self.spread_of = {one.name: id_of(f"{one.name}/values") for one in metrics if one.values}
        known: dict[Callable[[Any], float], int] = {}
        for one in metrics:
            above = known.setdefault(one.numerator, id_of(f"{one.name}/above"))
            below = known.setdefault(one.denominator, id_of(f"{one.name}/below"))
            self.of[one.name] = above, below
            self.counted |= {above: one.numerator, below: one.denominator}
            if one.kind == "highest":
                self.highest.add(above)

    def numbers(self, fact: Any) -> Numbers:
        """Of one contact or one step."""
        found = sorted((one, value) for one, count in self.counted.items() if (value := float(count(fact))))
        sums = np.array(found, ENTRY).tobytes() if found else b""
        values = {one: single for one, read in self.values.items() if (single := read(fact))}
        return Numbers(sums, spreads.packed(values))

    def together(self, facts: Sequence[Any]) -> Numbers:
        """Of several, in one go."""
        found = []
        for one, count in sorted(self.counted.items(), key=lambda item: item[0]):
            value = float(max(map(count, facts)) if one in self.highest else sum(map(count, facts)))
            if value:
                found.append((one, value))
        values = {one: [single for fact in facts for single in read(fact)] for one, read in self.values.items()}
        return Numbers(np.array(found, ENTRY).tobytes() if found else b"", spreads.packed(values))

    def merged(self, groups: Sequence[int], numbers: Sequence[Numbers]) -> list[Numbers]:
        """What each group comes to, by its number (0, 1, …).

        Args:
            groups: number of the group of each of `numbers`.
        """
        owner, many = np.asarray(groups, np.int64), max(groups, default=-1) + 1
        sums = self._merged_sums(owner, [one.sums for one in numbers])
        values = spreads.merged(owner, [one.spread for one in numbers])
        return [Numbers(sums.get(group, b""), values.get(group, b"")) for group in range(many)]

    def _merged_sums(self, groups: NDArray[np.int64], blobs: Sequence[bytes]) -> dict[int, bytes]:
        ids = np.array(sorted(self.counted), np.uint32)
        table = self._table(groups, blobs, ids)
        owner, place = np.nonzero(table)
        whole = np.empty(len(owner), ENTRY)
        whole["id"], whole["sum"] = ids[place], table[owner, place]
        return spreads.split(owner, whole) if len(owner) else {}

    def _table(self, groups: NDArray[np.int64], blobs: Sequence[bytes], ids: NDArray[np.uint32]) -> NDArray[np.float64]:
        """What each sum comes to in each group, shape (groups, ids). `ids` are sorted; other sums are left out."""
        found, owner = spreads.unpacked(groups, blobs, ENTRY)
        many = int(groups.max(initial=-1)) + 1
        place = np.searchsorted(ids, found["id"])
        known = ids[np.minimum(place, len(ids) - 1)] == found["id"]
        at, values = (owner * len(ids) + place)[known], found["sum"][known]
        table = np.bincount(at, values, many * len(ids)).astype(np.float64).reshape(many, len(ids))
        for column in np.flatnonzero(np.isin(ids, list(self.highest))):
            mine = at % len(ids) == column
            table[:, column] = 0.0
            np.maximum.at(table[:, column], at[mine] // len(ids), values[mine])
        return table

    def figures(
        self, groups: Sequence[int], numbers: Sequence[Numbers], metrics: Iterable[Metric[Any]]
    ) -> list[dict[str, Figure]]:
        """The figures of each group, by its number.

        Args:
            groups: number of the group (0, 1, …) of each of `numbers`.
        """
        asked, owner = list(metrics), np.asarray(groups, np.int64)
        ids = np.array(sorted({one for metric in asked for one in self.of[metric.name]}), np.uint32)
        place = {one: column for column, one in enumerate(ids.tolist())}
        wanted = {self.spread_of[one.name] for one in asked if one.name in self.spread_of}
        blobs = [one.spread for one in numbers] if wanted else [b""] * len(numbers)
        told = spreads.percentiles(owner, blobs, PERCENTILES, wanted)
        columns = [(one, place[self.of[one.name][0]], place[self.of[one.name][1]]) for one in asked]
        table = self._table(owner, [one.sums for one in numbers], ids).tolist() if asked else []
        return [
            {
                one.name: figure_of(
                    one, row[above], row[below], told.get((group, self.spread_of.get(one.name, -1)), ())
                )
                for one, above, below in columns
            }
            for group, row in enumerate(table)
        ]

    def total(self, numbers: Sequence[Numbers], name: str) -> float:
        """The denominator of a metric."""
        kept = np.frombuffer(b"".join(one.sums for one in numbers), ENTRY)
        return float(kept["sum"][kept["id"] == self.of[name][1]].sum())


CONTACT_SUMS = Sums((*OF_CONTACTS, *TALLIES))
STEP_SUMS = Sums(STEPS)
RIPE_AFTER = Windows().after
EVERY_CONTACT = "access_rate"
"""A metric whose denominator is the number of contacts."""


def counted(contact: Contact) -> list[CountedContact]:
    """A contact as it counts in reports: once as a whole, and once for each queue where it was in several."""
    queues = list(dict.fromkeys(visit.queue for visit in contact.visits))
    parts = [(0, queues[0] if len(queues) == 1 else "", contact)]
    for part, queue in enumerate(queues, 1) if len(queues) > 1 else ():
        visits = tuple(visit for visit in contact.visits if visit.queue == queue)
        parts.append((part, queue, replace(contact, visits=visits)))
    is_open = contact.customer and contact.repeated is None
    return [
        CountedContact(
            contact.contact_id, part, counted_at(one), one.flow, one.flow_version, one.language, one.direction,
            one.intent, one.topic, one.agent, queue, CONTACT_SUMS.numbers(one),
            contact.arrived_at + RIPE_AFTER if is_open else None,
        )
        for part, queue, one in parts
    ]  # fmt: skip


def counted_at(contact: Contact) -> datetime:
    """A contact belongs to the time it came to its queue, else to the time it came (domain.md 2.3)."""
    return contact.visits[0].enqueued_at if contact.visits else contact.arrived_at
