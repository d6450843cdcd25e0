"""Pure: which answers a trainer reads this week: a fixed, fair draw from every topic (domain.md 2.10.3 b)."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

One = TypeVar("One")
WEEKLY = 50


def drawn(strata: Mapping[Hashable, Sequence[tuple[str, One]]], seed: str, most: int = WEEKLY) -> list[One]:
    """At most `most`, spread over the strata: in turn one of each, so that rare topics are read too.

    Args:
        strata: by topic, each one with its id.
        seed: the week, `2026-W47`: the same week draws the same.
    """
    ordered = {
        name: sorted(members, key=lambda one: hashlib.sha256(f"{seed}:{one[0]}".encode()).digest())
        for name, members in strata.items()
    }
    found: list[One] = []
    place = 0
    while len(found) < most and any(place < len(members) for members in ordered.values()):
        for name in sorted(ordered, key=str):
            if place < len(ordered[name]) and len(found) < most:
                found.append(ordered[name][place][1])
        place += 1
    return found
