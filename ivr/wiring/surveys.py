"""The survey of each call from both sides: whether it is put to the caller, what its record says, what follows it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from math import inf
from typing import Any

import structlog

from ivr.call.conductor import Conductor
from ivr.call.live import LiveCall
from ivr.call.reception import Plan
from ivr.call.record import CallLog
from ivr.call.surveying import Offer, OfferedSurvey
from ivr.config_surveys import Recovery, Survey
from ivr.insight.emotion import ends_red
from ivr.insight.judging import judge, number, said_resolved
from ivr.insight.red_words import hard_word
from ivr.insight.satisfaction import mean_sentiment
from ivr.model.audit import Deed
from ivr.model.calls import CallRecord, SurveyRecord
from ivr.model.commands import Command
from ivr.model.errors import StoreError
from ivr.model.events import CallAnswered, CallEvent
from ivr.model.ports import Clock
from ivr.model.recovery import AfterCall, Asked, CampaignCount, Judgement, RecoveryCase
from ivr.store.recovery_cases import RecoveryCases
from ivr.store.surveys import SurveyBook
from ivr.surveys.fairness import steering_flags
from ivr.surveys.offering import (
    BY_END_REASON,
    DISABLED,
    Ending,
    History,
    Rules,
    reason_against,
    third_question,
)
from ivr.surveys.record import conclude_survey
from ivr.surveys.recovery import Impression, Promise, owner_of, reasons_for

MANDATORY = ("csat", "resolved")
OFFERED = frozenset({"completed", "partial", "declined", "no_response"})

log = structlog.get_logger(__name__)


def conclude(log: CallLog, conductor: Conductor, plan: Plan, *, follow_up: bool = False) -> SurveyRecord:
    """The one survey record of a call."""
    survey = plan.survey
    against = conductor.survey.reason_against if isinstance(conductor.survey, OfferedSurvey) else ""
    return conclude_survey(
        # A flow of ours that calls for the survey asks itself whether it may.
        offered=(conductor.surveying and not against) or log.declined,
        declined=log.declined,
        answers=log.answers,
        mandatory=MANDATORY,
        hung_up_by=log.disconnect_by,
        reason_not_offered=plan.no_survey_because or against or _not_meant(log, conductor),
        version=f"{survey.name}@{survey.version}" if survey else "",
        follow_up=follow_up,
    )


def _not_meant(log: CallLog, conductor: Conductor) -> str:
    """Why the flow, or how the call ended, kept the survey away; empty: it was meant to be."""
    if conductor.surveying:
        return ""
    if log.not_offered:
        return log.not_offered
    if not conductor.end_reason:
        return BY_END_REASON.get(log.reason_so_far, "")
    return BY_END_REASON.get(conductor.end_reason, DISABLED if log.disconnect_by == "system" else "")


def rules_of(survey: Survey) -> Rules:
    return Rules(
        survey.sample_rate, survey.min_days_between, survey.nps_days_between, survey.most_per_campaign_a_day,
        survey.most_per_campaign, survey.min_talk_seconds, tuple(survey.rotation),
    )  # fmt: skip


def promise_of(recovery: Recovery) -> Promise:
    return Promise(
        timedelta(minutes=recovery.urgent_minutes), timedelta(hours=recovery.other_hours),
        time.fromisoformat(recovery.opens), time.fromisoformat(recovery.closes),
        frozenset(day - 1 for day in recovery.workdays), recovery.zone,
    )  # fmt: skip


TierOf = Callable[[str], str]
"""Tier of a customer as it is known: vip, gold, standard."""

Sentiment = Callable[[str], float]
"""Of a sentence of a caller, -1 to 1."""

CaseAlert = Callable[[RecoveryCase], None]
"""Told at once of a new case; must not wait."""

CampaignOf = Callable[[Mapping[str, str]], str]

FollowUp = Callable[[CallRecord], None]
"""Told of a caller who left before the survey and is to be called (a case of a `survey_callback` campaign)."""


@dataclass(slots=True)
class _Known:
    """What was looked up while the call went on."""

    asked: Asked = field(default_factory=Asked)
    count: CampaignCount = field(default_factory=CampaignCount)
    campaign: str = ""
    about: str = ""
    """The earlier call that this one asks about; empty: it is about itself."""

    theirs: SurveyRecord | None = None
    """What came of asking about that call."""


@dataclass(slots=True)
class SurveyDesk:
    """Implements `OfferSurvey`, `ConcludeSurvey` and `Watching`. Looks up while a call goes on and writes after it, so
    that no caller ever waits for the database here."""

    survey: Survey
    recovery: Recovery
    book: SurveyBook
    cases: RecoveryCases
    clock: Clock
    alert: CaseAlert = lambda case: None
    follow_up: FollowUp | None = None
    """None: nobody can be called later, so nobody is `deferred`."""

    tier_of: TierOf = lambda customer: "standard"
    sentiment: Sentiment | None = None
    campaign_of: CampaignOf = lambda parameters: ""
    """Which campaign placed a call, by what came with its answer; empty: none."""

    _known: dict[str, _Known] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def offer(self, call: LiveCall, seconds: float) -> Offer:
        return self.offer_for(call.call_id, seconds)

    def offer_for(self, call_id: str, seconds: float) -> Offer:
        """Whether the caller is asked, `seconds` after the answer, by what was found out meanwhile."""
        known = self._known.get(call_id, _Known())
        follows_up = bool(known.campaign) and known.campaign == self.survey.follow_up_campaign
        ending = Ending(call_id, inf if follows_up else seconds, known.campaign)
        seen = History(known.asked.any_at, known.asked.nps_at, known.count.today, known.count.in_all)
        rules, now = rules_of(self.survey), self.clock.utc()
        against = reason_against(rules, ending, seen, now)
        return Offer(against, "" if against else third_question(rules, ending, seen, now))

    def conclude(self, log: CallLog, conductor: Conductor, plan: Plan) -> SurveyRecord:
        is_wanted = self.survey.follow_up and self.follow_up is not None
        known = self._known.get(log.record.call_id, _Known())
        # Who hangs up on the call that follows up is left in peace.
        follow_up = is_wanted and known.campaign != self.survey.follow_up_campaign
        found = conclude(log, conductor, plan, follow_up=follow_up)
        known.about = str(plan.facts.get("call", "")) if plan.facts.get("survey_about") == "earlier" else ""
        if not known.about or found.status not in OFFERED:
            return found
        # Each contact has one record: the answers are the earlier call's, and this one was not asked about.
        known.theirs = found
        return SurveyRecord("not_offered", DISABLED, {}, found.version)

    def began(self, record: CallRecord) -> None:
        self._known[record.call_id] = _Known()
        self.in_background(self._look_up(record.customer, self._known[record.call_id]))

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        """A `Watcher`: the first event of a call tells which campaign placed it."""
        known = self._known.get(call_id)
        if known and isinstance(what, CallAnswered) and (campaign := self.campaign_of(what.parameters)):
            known.campaign = campaign
            self.in_background(self._look_up_campaign(known))

    def ended(self, record: CallRecord) -> None:
        known = self._known.pop(record.call_id, _Known())
        if self.follow_up and record.survey and record.survey.status == "deferred":
            self.follow_up(record)
        if known.theirs:
            self.in_background(self._settle(known.about, known.theirs, record, known.campaign))
        self.in_background(self._after(record, known.campaign))

    async def settled(self, seconds: float = 5.0) -> None:
        """Wait until nothing is looked up or written any more, but not longer than this."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def close(self) -> None:
        """Let what follows the last calls be written; what is not, is found by `catch_up` of the next start."""
        await self.settled()
        for task in self._tasks:
            task.cancel()

    async def catch_up(self, since: datetime, until: datetime) -> int:
        """Judge the ended calls that nobody has judged; how many."""
        left = await self.book.unjudged(since, until)
        for record in left:
            await self.after(record, "")
        return len(left)

    async def after(self, record: CallRecord, campaign: str) -> None:
        """Judge a call, remember that its customer was asked, and open a case if it went badly.

        Raises:
            StoreError: the database is away; nothing of it is kept.
        """
        judgement, moods = self._judged(record)
        case = await self._case_for(record, judgement, moods)
        survey = record.survey or SurveyRecord("not_offered")
        asked = survey.status in OFFERED
        new = await self.book.keep(
            AfterCall(judgement, record.customer, asked, asked and "nps" in survey.answers, campaign, case)
        )
        if new and case:
            log.info("recovery case opened", case_id=case.case_id, reasons=list(case.reasons), tier=case.tier)
            self.alert(case)

    def _judged(self, record: CallRecord) -> tuple[Judgement, list[float]]:
        said = [turn.heard for turn in record.turns if turn.heard] if self.sentiment else []
        moods = [self.sentiment(words) for words in said] if self.sentiment else []
        ended_red = record.disconnect_by == "customer" and ends_red(list(zip(moods, said, strict=True)))
        return judge(record, moods, ended_red=ended_red, more_flags=frozenset(steering_flags(record))), moods

    async def _case_for(self, record: CallRecord, judged: Judgement, moods: Sequence[float]) -> RecoveryCase | None:
        survey = record.survey
        if survey is None:
            return None
        tier, agent = self.tier_of(record.customer), next(iter(reversed(record.stats.get("agents", []))), "")
        reasons = reasons_for(
            Impression(
                number(survey, "csat", 1, 5),
                said_resolved(survey),
                mean_sentiment(moods),
                bool(hard_word(survey.answers.get("comment", ""))),
                survey.answers.get("call_back") == "yes",
                "hidden_dissatisfied" in judged.flags,
                tier,
            )  # fmt: skip
        )
        if not reasons:
            return None
        assert record.ended_at is not None
        owner = owner_of(self.recovery.owners, agent, await self.cases.load()) if self.recovery.owners else ""
        due = promise_of(self.recovery).due(record.ended_at, tier)
        return RecoveryCase(
            f"r-{record.call_id}",
            record.call_id,
            record.customer,
            reasons,
            record.ended_at,
            due,
            owner,
            agent,
            tier,
        )

    async def _settle(self, about: str, survey: SurveyRecord, record: CallRecord, campaign: str) -> None:
        """The survey of the earlier call is what this one has heard of it; a low score opens that call's case."""
        try:
            deed = Deed("ivr", "survey.follow_up", about, "", {"call": record.call_id, "status": survey.status})
            earlier = await self.book.follow_up(about, survey, deed, self.clock.utc())
            if earlier is None:
                log.warning("survey had nothing to follow up", call_id=record.call_id)
            else:
                await self.after(earlier, campaign)
        except StoreError as error:
            log.error("survey of an earlier call not kept", call_id=record.call_id, code=error.code)

    async def _look_up(self, customer: str, known: _Known) -> None:
        with suppress(StoreError):
            known.asked = await self.book.asked(customer) if customer else Asked()

    async def _look_up_campaign(self, known: _Known) -> None:
        with suppress(StoreError):
            known.count = await self.book.of_campaign(known.campaign, f"{self.clock.utc():%Y-%m-%d}")

    async def _after(self, record: CallRecord, campaign: str) -> None:
        try:
            await self.after(record, campaign)
        except Exception:
            # The call is over and recorded; `catch_up` finds it again.
            log.exception("a call could not be judged", call_id=record.call_id)

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
