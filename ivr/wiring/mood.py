"""The mood of callers while they speak: live view, figures, the agent's handoff, and whoever wants to be told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from ivr.call.reception import Reception
from ivr.insight.emotion import RED_AT, Alert, Mood, heard
from ivr.insight.sentiment import sentiment
from ivr.model.calls import CallRecord
from ivr.model.commands import Command
from ivr.model.errors import StoreError
from ivr.model.events import CallEvent, Heard
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters

log = structlog.get_logger(__name__)

AlertTold = Callable[[str, Alert, bool], None]
"""Call id, the alert, and whether a person has the caller just now. Must not wait and must not raise."""

Contacts7 = Callable[[str], Awaitable[int]]
"""How often a number called in the last seven days, this time not counted; raises StoreError."""


async def _nobody(caller: str) -> int:
    return 0


@dataclass(slots=True)
class MoodWatch:
    """Implements `ivr.call.live.Watcher` (`saw`) and `ivr.call.reception.Watching`."""

    live: LiveCalls
    meters: Meters
    contacts_before: Contacts7 = _nobody
    reception: Reception | None = None
    told: list[AlertTold] = field(default_factory=list)
    """Agent desk, console: add yourself."""

    _moods: dict[str, Mood] = field(default_factory=dict)
    _felt: dict[str, Alert | None] = field(default_factory=dict)
    """What the last turn raised, until it is told."""

    _contacts: dict[str, int] = field(default_factory=dict)
    _looking: set[asyncio.Task[None]] = field(default_factory=set)

    def began(self, record: CallRecord) -> None:
        self._moods[record.call_id] = Mood()
        if record.caller:
            looking = asyncio.get_running_loop().create_task(self._look_up(record.call_id, record.caller))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)

    def ended(self, record: CallRecord) -> None:
        self._moods.pop(record.call_id, None)
        self._felt.pop(record.call_id, None)
        self._contacts.pop(record.call_id, None)

    def mood(self, call_id: str) -> Mood | None:
        """Of a call on the line; None: there is no such call."""
        return self._moods.get(call_id)

    def moods(self) -> dict[str, Mood]:
        """Of all calls on the line in which something was said."""
        return {call_id: mood for call_id, mood in self._moods.items() if mood.turns}

    def feel(self, call_id: str, words: str) -> str:
        """`ivr.call.live.Surroundings.feel`: take in what is said before anybody acts on it; amber, red or empty."""
        if call_id not in self._moods:
            return ""
        before = self._moods[call_id]
        mood, alert = heard(before, sentiment(words), words, 1 + self._contacts.get(call_id, 0))
        self._moods[call_id], self._felt[call_id] = mood, alert
        return "" if mood.level == "none" else mood.level

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        """Tell of what was felt."""
        if not isinstance(what, Heard) or not what.text or call_id not in self._moods:
            return
        if call_id not in self._felt:  # a line whose words nobody acts on
            self.feel(call_id, what.text)
        mood, alert = self._moods[call_id], self._felt.pop(call_id)
        call = self.reception.live.get(call_id) if self.reception else None
        if call and mood.value is not None:
            # Red for a word is red for the queue and the agent, too.
            call.log.mood = min(mood.value, RED_AT) if mood.level == "red" else mood.value
        value = round(mood.value or 0.0, 3)
        self.live.happened("mood", call_id, at=at, value=value, level=mood.level)
        if alert:
            self._tell(call_id, at, alert, with_agent=bool(call and call.log.is_with_agent))

    def _tell(self, call_id: str, at: float, alert: Alert, *, with_agent: bool) -> None:
        self.meters.mood_alerts.labels(alert.level, alert.cause).inc()
        self.live.happened(
            "alert", call_id, at=at, level=alert.level, cause=alert.cause, value=round(alert.value, 3),
            turn=alert.turn, with_agent=with_agent,
        )  # fmt: skip
        log.info("mood_alert", call_id=call_id, level=alert.level, cause=alert.cause)
        for told in self.told:
            told(call_id, alert, with_agent)

    async def _look_up(self, call_id: str, caller: str) -> None:
        try:
            before = await self.contacts_before(caller)
        except StoreError:
            log.warning("earlier_contacts_not_known", call_id=call_id)
            return
        if call_id in self._moods:
            self._contacts[call_id] = before
