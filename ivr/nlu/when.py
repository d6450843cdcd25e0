"""Pure: a day, a time of day, or both, as read from a caller's words."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class When:
    day: date | None = None
    clock: time | None = None
    said: str = ""
    """How much of the words said it."""

    day_is_named: bool = False
    """A day by its month, weekday or "tomorrow", not only a number that may be one."""
