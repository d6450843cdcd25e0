"""Take calls: give each its flow, ears and record, hold it to its end, and leave a complete record whatever happens."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import structlog

from ivr.call.conductor import Conductor
from ivr.call.consent import ConsentQuestion
from ivr.call.dialogue import Dialogue
from ivr.call.disclosure import Disclosure
from ivr.call.greeting import Greeting
from ivr.call.live import LiveCall, Surroundings
from ivr.call.record import CallLog
from ivr.call.recording import start_recording
from ivr.call.session import Session
from ivr.call.surveying import Offer, OfferedSurvey
from ivr.call.timing import NO_INPUT_SECONDS
from ivr.model.calls import CallRecord, Leg, SurveyRecord
from ivr.model.errors import IvrError
from ivr.model.events import CallAnswered, CallerHungUp, TransferFinished
from ivr.model.ports import Ears, Line, Understanding, Voice
from ivr.model.redaction import REDACTION_VERSION

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to hold one call."""

    dialogue: Dialogue
    understanding: Understanding
    """Of the flow and of the survey: it tells them apart by `Expect.flow`."""

    language: str = "en"
    survey: Dialogue | None = None
    no_survey_because: str = ""
    """For a call without a survey: disabled_for_flow, fatigue_rule."""

    voice: Voice | None = None
    """Where the number has one of its own."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    machine: Dialogue | None = None
    """For a call we placed: what to say to an answering machine. Who picks up speaks first then, and the ears tell
    what they are (`MachineDetected`)."""


class Plans(Protocol):
    def plan(self, called: str, parameters: Mapping[str, str]) -> Plan:
        """The flow for a called number.

        Raises:
            NotThere: no flow answers this number.
        """


EarsFor = Callable[[Plan, int], Ears]
"""Ears for one call, at the rate of its line."""

ConcludeSurvey = Callable[[CallLog, Conductor, Plan], SurveyRecord]
"""The one survey record of a call."""


OfferSurvey = Callable[[LiveCall, float], Offer]
"""Whether the caller is asked, so many seconds after the answer, when the call would end."""


class Watching(Protocol):
    """Who is told of calls as a whole: live view, metrics."""

    def began(self, record: CallRecord) -> None: ...

    def ended(self, record: CallRecord) -> None: ...


@dataclass(slots=True)
class Reception:
    """All live calls of this node."""

    plans: Plans
    around: Surroundings
    ears_for: EarsFor
    conclude_survey: ConcludeSurvey
    recordings: Path | None = None
    """Folder for recordings; None: no call is recorded."""

    most_calls: int = 48
    no_input_seconds: float = NO_INPUT_SECONDS
    watching: Sequence[Watching] = ()
    recorded: Callable[[str, Path], None] = lambda call_id, path: None
    """Told of each recording once the call is over and its record kept; must not wait. See `ivr.call.recordings`."""
    messages: Path | None = None
    """Folder for what callers leave as messages."""

    asks_consent: bool = False
    """Only who agrees is recorded."""

    attempt_told: Callable[[str, str], None] = lambda attempt_id, status: None
    """Told what the carrier says of calls we place: `ringing`, or how one ended."""

    offer_survey: OfferSurvey = lambda call, seconds: Offer()
    is_closing: bool = False
    """No new calls; those on the line go on."""

    live: dict[str, LiveCall] = field(default_factory=dict)
    _away: dict[str, LiveCall] = field(default_factory=dict)
    """Calls whose line is with a transfer, by the provider's call id."""

    _plans: dict[str, Plan] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return self.is_closing or len(self.live) >= self.most_calls

    async def take(self, line: Line, answered: CallAnswered, leg: Leg, call_id: str = "") -> CallRecord | None:
        """Hold a new call. None while it is away at a transfer; then `take_back` or `ended` comes.

        Args:
            call_id: where the caller was already told one; else a new one is made.

        Raises:
            NotThere: no flow answers this number.
        """
        plan = self.plans.plan(answered.called, answered.parameters)
        return await self.take_with(plan, line, answered, leg, call_id)

    async def take_with(
        self, plan: Plan, line: Line, answered: CallAnswered, leg: Leg, call_id: str = ""
    ) -> CallRecord | None:
        """The same with a flow that was chosen elsewhere."""
        call = await self._begin(plan, line, answered, leg, call_id or uuid4().hex)
        return await self._hold(call, plan, line, answered, _provider_id(leg))

    async def take_back(self, provider_id: str, line: Line, back: TransferFinished) -> CallRecord | None:
        """The caller is with us again after a transfer. None if we do not know them (a restart in between)."""
        call = self._away.pop(provider_id, None)
        if call is None:
            return None
        call.away = False
        return await self._hold(call, self._plans[call.call_id], line, back, provider_id)

    async def ended(self, provider_id: str) -> None:
        """The carrier says that the call is over; it may have ended while it was away."""
        if call := self._away.pop(provider_id, None):
            call.log.saw(CallerHungUp("provider"), self._since(call))
            await self._finish(call)

    async def close(self) -> None:
        """Finish the records of calls that are away; live lines are ended by their servers."""
        for provider_id in list(self._away):
            await self.ended(provider_id)

    async def _begin(self, plan: Plan, line: Line, answered: CallAnswered, leg: Leg, call_id: str) -> LiveCall:
        clock = self.around.clock
        arrived = clock.utc()
        day = f"{arrived:%Y-%m-%d}"
        asks = self.asks_consent and self.recordings is not None
        record = CallRecord(
            call_id=call_id,
            leg=leg,
            caller=answered.caller,
            called=answered.called,
            direction=answered.direction,
            flow=plan.dialogue.name,
            flow_version=plan.dialogue.version,
            language=plan.language,
            arrived_at=arrived,
            answered_at=arrived,
        )
        facts = {**plan.facts, "call_id": call_id}
        conductor = Conductor(plan.dialogue, plan.survey, facts, plan.language, self.no_input_seconds)
        conductor.machine, conductor.greeting = plan.machine, Greeting() if plan.machine else None
        conductor.consent = ConsentQuestion(plan.dialogue.name) if asks else None
        disclosure = Disclosure(self.around.redact)
        call = LiveCall(call_id, conductor, CallLog(record, disclosure.keys), clock.now(), disclosure)
        if plan.survey:
            conductor.survey = OfferedSurvey(plan.survey, lambda: self.offer_survey(call, self._since(call)))
        call.recording = self.recordings / day / f"{call_id}.wav" if self.recordings else None
        call.messages = self.messages / day if self.messages else None
        if not asks:
            start_recording(call, line, 0.0)
        record = call.log.record
        await self._store_begin(record)
        self.live[call_id], self._plans[call_id] = call, plan
        for watching in self.watching:
            watching.began(record)
        log.info("call answered", call_id=call_id, flow=record.flow, leg=leg.kind)
        return call

    async def _hold(
        self, call: LiveCall, plan: Plan, line: Line, first: CallAnswered | TransferFinished, provider_id: str
    ) -> CallRecord | None:
        line.listen_along(call.recorder, self._since(call))
        around = replace(self.around, voice=plan.voice) if plan.voice else self.around
        try:
            await Session(call, line, self.ears_for(plan, line.rate), around).run(first)
        finally:
            if call.away:
                self._away[provider_id] = call
                record = None
            else:
                record = await asyncio.shield(self._finish(call))
        return record

    async def _finish(self, call: LiveCall) -> CallRecord:
        self.live.pop(call.call_id, None)
        plan = self._plans.pop(call.call_id)
        if call.recorder:
            call.recorder.close()
        record = call.log.finish(
            self.around.clock.utc(),
            tuple(call.conductor.path),
            call.conductor.end_reason,
            self.conclude_survey(call.log, call.conductor, plan),
            {
                "dropped_frames": call.dropped_frames,
                "utterances": call.log.said,
                "barge_ins": call.log.interruptions,
                "redaction_version": REDACTION_VERSION if self.around.redact else "",
            },
        )
        await self._store_finish(record)
        if call.recorder:
            self.recorded(call.call_id, call.recorder.path)
        for watching in self.watching:
            watching.ended(record)
        log.info(
            "call ended", call_id=call.call_id, reason=record.end_reason, survey=record.survey and record.survey.status
        )
        return record

    async def _store_begin(self, record: CallRecord) -> None:
        try:
            await self.around.store.begin(record)
        except IvrError as error:
            log.warning("the beginning of the call is not kept", call_id=record.call_id, code=error.code)

    async def _store_finish(self, record: CallRecord) -> None:
        try:
            await self.around.store.finish(record)
        except IvrError as error:
            log.warning("the record of the call is not kept", call_id=record.call_id, code=error.code)

    def _since(self, call: LiveCall) -> float:
        return self.around.clock.now() - call.answered_at


def _provider_id(leg: Leg) -> str:
    return leg.provider_ids.get("call_sid", "")
