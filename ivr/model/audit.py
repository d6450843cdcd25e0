"""Pure: the audit, a chain: each entry carries the hash of the one before, so that none can be changed, taken out or
put in unseen. What callers said never goes in: ids, names of things, and who did what to them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Detail = Mapping[str, str | int | bool]

GENESIS = "0" * 64
"""What the first entry follows."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something somebody did, before it has its place in the chain."""

    who: str
    """`key:xxxxxxxx`, a user's name, `user@host` of a command line."""

    action: str
    """call.read, flow.publish, user.change, login …"""

    subject: str = ""
    """What it was done to: id of a call, name of a flow or of a user."""

    address: str = ""
    """Network address, or `command line`."""

    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    number: int
    """From 1, without gaps."""

    at_ms: int
    """Milliseconds since 1970 UTC."""

    deed: Deed
    previous: str
    hash: str = ""

    def computed(self) -> str:
        """SHA-256 over canonical JSON: keys sorted, no spaces, ASCII."""
        deed = self.deed
        content = {
            "number": self.number, "at_ms": self.at_ms, "who": deed.who, "action": deed.action,
            "subject": deed.subject, "address": deed.address, "detail": dict(deed.detail), "previous": self.previous,
        }  # fmt: skip
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The last entry there is; 0 and `GENESIS` where there is none."""

    number: int = 0
    hash: str = GENESIS

    def add(self, at_ms: int, deed: Deed) -> AuditEntry:
        entry = AuditEntry(self.number + 1, at_ms, deed, self.hash)
        return replace(entry, hash=entry.computed())


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that is not as it was written."""

    number: int
    why: str
    """missing, changed, added, or cut (it and all after it were taken away)."""


def check(end: ChainEnd, entry: AuditEntry) -> Break | None:
    """Whether `entry` may follow what was checked up to `end`."""
    if entry.number != end.number + 1:
        return Break(end.number + 1, "missing" if entry.number > end.number else "added")
    if entry.computed() != entry.hash:
        return Break(entry.number, "changed")
    if entry.previous != end.hash:
        # This entry is as it was written, so the one it followed then was another.
        return Break(max(end.number, 1), "changed")
    return None


def check_end(end: ChainEnd, noted: ChainEnd) -> Break | None:
    """Whether the chain ends where it was noted that it ends."""
    if end.number < noted.number:
        return Break(end.number + 1, "cut")
    if end.number > noted.number:
        return Break(noted.number + 1, "added")
    return None if end.hash == noted.hash else Break(end.number, "changed")
