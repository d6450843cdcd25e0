"""Pure: what a browser and we tell each other over the data channel `ivr`, as JSON texts.

From the browser: `{"type":"key","digit":"5"}`, `{"type":"ping","n":1}` every 2 s, `{"type":"hangup"}`.
To the browser: `pong`, `caption` (words of the caller, of us, of an agent) and `state`.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ivr.model.events import DigitPressed

LONGEST_MESSAGE = 1024
"""Characters; those of the browser are under 40."""

MOST_A_SECOND = 50
"""A person who keys as fast as they can sends ten."""

KEYS = frozenset("0123456789*#ABCD")
LARGEST_NUMBER = 2**53
"""What JavaScript counts exactly."""

LONGEST_CAPTION = 2000

State = Literal["active", "held", "queued", "with_agent", "ended"]
Speaker = Literal["caller", "bot", "agent"]


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The person at the browser hung up."""


Told = DigitPressed | Ping | Goodbye


class BrowserMessages:
    """What comes over one channel. Whatever is no message of ours is counted in `faults` and ignored."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self._second = 0
        self._count = 0

    def read(self, message: object, now: float) -> Told | None:
        """`now`: monotonic seconds."""
        if int(now) != self._second:
            self._second, self._count = int(now), 0
        self._count += 1
        if self._count > MOST_A_SECOND:
            return self._refused("channel_flood")
        if not isinstance(message, str):
            return self._refused("channel_binary")
        if len(message) > LONGEST_MESSAGE:
            return self._refused("channel_oversize")
        try:
            told = json.loads(message)
        except (ValueError, RecursionError):
            return self._refused("channel_not_json")
        return self._told(told) if isinstance(told, dict) else self._refused("channel_malformed")

    def _told(self, told: dict[str, object]) -> Told | None:
        digit, number = told.get("digit"), told.get("n")
        match told.get("type"):
            case "key" if isinstance(digit, str) and digit in KEYS:
                return DigitPressed(digit)
            case "ping" if type(number) is int and 0 <= number < LARGEST_NUMBER:
                return Ping(number)
            case "hangup":
                return Goodbye()
            case "key" | "ping":
                return self._refused("channel_malformed")
            case _:
                return self._refused("channel_unknown")

    def _refused(self, fault: str) -> Told | None:
        self.faults[fault] += 1
        return None


def pong(number: int) -> str:
    return json.dumps({"type": "pong", "n": number})


def caption(who: Speaker, text: str, *, final: bool = True) -> str:
    return json.dumps({"type": "caption", "who": who, "text": text[:LONGEST_CAPTION], "final": final})


def state(name: State, reason: str = "") -> str:
    return json.dumps({"type": "state", "state": name, "reason": reason})
