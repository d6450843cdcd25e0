"""Attempts that are under way: what carrier, call and flow tell of them, until each is over."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from typing import Any

import structlog

from ivr.campaigns import deciding
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.facts import facts_of
from ivr.model.campaign_ports import CampaignBook, Change, Decide
from ivr.model.campaigns import AttemptOutcome, Case, Circumstances
from ivr.model.errors import StoreError
from ivr.model.ports import Clock

STAGE_NOTES = {"verified": "verified", "acted": "acted"}
"""Notes of a flow that are stages of the ledger."""

CUT_SHORT = frozenset({"abandoned_in_ivr", "error", ""})
"""End reasons of calls whose flow did not come to its end."""

PAUSES = (0.2, 1.0, 5.0, 30.0)
"""Seconds until something that could not be written is tried again, the last one for ever: a verdict is not forgotten
while this program runs."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LiveAttempt:
    """One attempt from the moment it may be answered."""

    attempt_id: str
    campaign: Campaign
    case_id: str
    language: str
    facts: Mapping[str, Any]
    asked: int
    over: asyncio.Future[AttemptOutcome]
    call_id: str = ""
    notes: dict[str, str] = field(default_factory=dict)


class LiveAttempts:
    """What happens is written in the order it happens, one attempt after the other, and never holds up a call."""

    def __init__(self, book: CampaignBook, clock: Clock) -> None:
        self._book, self._clock = book, clock
        self.opened: Callable[[Case], None] = lambda case: None
        """Told of a case that came of another; the desk."""

        self.wrote: Callable[[], None] = lambda: None
        """Told that a result waits to be sent."""

        self.by_id: dict[str, LiveAttempt] = {}
        self._by_call: dict[str, LiveAttempt] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}

    def expect(self, campaign: Campaign, case: Case, attempt_id: str) -> LiveAttempt:
        """From now on it may be answered. Expecting twice is once."""
        if attempt_id not in self.by_id:
            over = asyncio.get_running_loop().create_future()
            facts, language = facts_of(case, attempt_id), case.alert.language
            self.by_id[attempt_id] = LiveAttempt(
                attempt_id, campaign, case.case_id, language, facts, len(case.alerts), over
            )
        return self.by_id[attempt_id]

    def merged(self, case: Case) -> None:
        """Who has not answered yet is asked about everything in one call."""
        for live in self.by_id.values():
            if live.case_id == case.case_id and not live.call_id:
                live.facts, live.asked = facts_of(case, live.attempt_id), len(case.alerts)

    def rang(self, attempt_id: str) -> None:
        if live := self.by_id.get(attempt_id):
            self._write(live, partial(deciding.stage, "ringing", self._clock.utc()))

    def answered(self, attempt_id: str, call_id: str) -> None:
        if live := self.by_id.get(attempt_id):
            live.call_id = call_id
            self._by_call[call_id] = live
            self._write(live, partial(deciding.answered, attempt_id, call_id, live.asked, self._clock.utc()))

    def noted(self, call_id: str, name: str, value: str) -> None:
        live = self._by_call.get(call_id)
        if live is None:
            return
        live.notes[name] = value
        now = self._clock.utc()
        if name in STAGE_NOTES:
            self._write(live, partial(deciding.stage, STAGE_NOTES[name], now))
        if name == "verdict":
            notes = dict(live.notes)
            self._write(live, partial(deciding.noted, live.campaign, live.attempt_id, notes, now))

    def call_ended(self, call_id: str, end_reason: str, notes: Mapping[str, str]) -> None:
        live = self._by_call.pop(call_id, None)
        if live:
            live.notes.update(notes)
            if end_reason not in CUT_SHORT:
                live.notes["heard_out"] = "yes"
            machine = live.notes.get("answered_by") == "machine"
            self.ended(live.attempt_id, "machine" if machine else "human")

    def ended(self, attempt_id: str, outcome: AttemptOutcome) -> None:
        """How the attempt ended; the first word counts."""
        live = self.by_id.get(attempt_id)
        if live and not live.over.done():
            live.over.set_result(outcome)

    async def written(self, attempt_id: str) -> None:
        """Everything told of the attempt so far is on disk."""
        if task := self._writing.get(attempt_id):
            await asyncio.wait([task])

    def forget(self, attempt_id: str) -> None:
        self.by_id.pop(attempt_id, None)
        self._writing.pop(attempt_id, None)

    def _write(self, live: LiveAttempt, decide: Decide) -> None:
        before = self._writing.get(live.attempt_id)
        task = asyncio.get_running_loop().create_task(self._after(before, live, decide))
        self._writing[live.attempt_id] = task

    async def _after(self, before: asyncio.Task[None] | None, live: LiveAttempt, decide: Decide) -> None:
        if before:
            await asyncio.wait([before])
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            made: list[Change | None] = []

            def seen(case: Case, around: Circumstances, made: list[Change | None] = made) -> Change | None:
                made.append(decide(case, around))
                return made[-1]

            try:
                await self._book.change(live.case_id, seen)
            except StoreError as error:
                log.warning("a case cannot be written", case_id=live.case_id, code=error.code, again_in=pause)
                await asyncio.sleep(pause)
            else:
                return self._tell(made[-1] if made else None)

    def _tell(self, change: Change | None) -> None:
        if change and change.more:
            self.opened(change.more)
        if change and change.letter:
            self.wrote()
