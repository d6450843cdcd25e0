"""Pure: gather key presses into one entry, by the rule of the step."""

from dataclasses import dataclass, replace
from typing import Literal

from ivr.call.timing import BETWEEN_KEYS
from ivr.model.commands import CancelTimer, Command, StartTimer
from ivr.model.meaning import KeyRule

Verdict = Literal["complete", "more", "ignored"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Keys pressed so far at one step."""

    rule: KeyRule
    keys: str = ""

    def press(self, key: str) -> tuple["Entry", Verdict]:
        """Take one key; `complete` when nothing more can belong to the entry.

        A key that means something by itself (`rule.choices`) ends the entry unless a longer choice begins with it.
        Where the rule lists choices longer than one key, only those are entries (a 0-10 scale: "1" waits for "0").
        """
        if key == self.rule.end_key:
            return (self, "complete") if self.keys else (replace(self, keys=key), "complete")
        keys = self.keys + key
        entry = replace(self, keys=keys)
        if any(choice != keys and choice.startswith(keys) for choice in self.rule.choices):
            return entry, "more"
        if keys in self.rule.choices and not self._may_grow(keys):
            return entry, "complete"
        return entry, "complete" if len(keys) >= self.rule.most else "more"

    def _may_grow(self, keys: str) -> bool:
        return keys.isdigit() and self.rule.most > 1 and not any(len(choice) > 1 for choice in self.rule.choices)


@dataclass(slots=True)
class Keypad:
    """The entry that is being keyed, if one is."""

    _entry: Entry | None = None

    @property
    def is_under_way(self) -> bool:
        return self._entry is not None

    def press(self, key: str, rule: KeyRule) -> tuple[str, list[Command]]:
        """The keys of an entry that is complete with this one, else empty text; and what that does to its timer."""
        self._entry, verdict = (self._entry or Entry(rule)).press(key)
        clock: list[Command] = [CancelTimer(BETWEEN_KEYS)]
        return (
            (self.take(), clock)
            if verdict == "complete"
            else ("", [*clock, StartTimer(BETWEEN_KEYS, rule.between_seconds)])
        )

    def take(self) -> str:
        """What was keyed so far; the next key begins another entry."""
        keys, self._entry = self._entry.keys if self._entry else "", None
        return keys
