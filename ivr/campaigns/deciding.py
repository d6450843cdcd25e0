"""Pure: what becomes of a case when its turn comes, when the carrier tells something, and when a verdict is noted.

Each function fits `ivr.model.campaign_ports.Decide` once campaign and time are given.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from ivr.campaigns.campaign import Campaign
from ivr.campaigns.cases import leftover, next_attempt, reached, with_attempt
from ivr.campaigns.policy import Question, Verdict, may_dial
from ivr.campaigns.results import result_of
from ivr.campaigns.retries import call_later, ended_attempt, verdict, wrong_number
from ivr.campaigns.zones import zones_of
from ivr.model.audit import Deed
from ivr.model.campaign_ports import Change
from ivr.model.campaigns import Attempt, AttemptOutcome, Case, CaseState, Circumstances, Refusal, settled

WHO = "campaigns"
ALREADY_TALKING = timedelta(seconds=60)
"""Until somebody who is on the line with us is tried again."""

VERDICTS: frozenset[str] = frozenset({"confirmed", "denied", "partial", "unsure", "completed", "callback_inbound"})
"""What a flow may note as `verdict` and thereby settle the case; `opted_out`, `wrong_party` and `later` do more."""

KEPT_NOTES = ("verdict", "acted", "denied", "approved", "unsure", "reference", "case4", "call_later")
"""Notes of the flow that go into the result and, hashed, into the audit."""


@dataclass(frozen=True, slots=True)
class Turn:
    """It is a case's turn on a trunk, in one run of the server."""

    campaign: Campaign
    trunk: str
    run: str
    now: datetime
    in_dial_plan: bool = True


def begin_call(turn: Turn, case: Case, around: Circumstances) -> Change | None:
    """Write the attempt down before it is dialled; or why it may not be, and when it is looked at again."""
    if not case.is_open or case.state == "in_progress":
        return None
    to = case.phones[case.next_phone] if case.next_phone < len(case.phones) else case.phones[0]
    asked = _may(turn, case, to, around)
    case, attempt = next_attempt(case, to, turn.trunk, turn.now, turn.run)
    if asked.allowed:
        case = reached(case, "dialled", turn.now)
        return Change(case, (_deed("case.dial", case, attempt=attempt.number),))
    attempt = replace(attempt, outcome="blocked_by_rule", rule=asked.rule, counts=False)
    case = with_attempt(case, attempt)
    deed = _deed("case.blocked", case, attempt=attempt.number, rule=asked.rule)
    if asked.retry_at is not None and not _too_late(case, asked.retry_at):
        return Change(replace(case, state="scheduled", next_at=asked.retry_at), (deed,))
    state: CaseState = {"do_not_call": "opted_out", "expired": "expired"}.get(asked.rule, "unreachable")  # type: ignore[assignment]
    return _closed(settled(case, state, asked.rule), turn.now, deed)


def _may(turn: Turn, case: Case, to: str, around: Circumstances) -> Verdict:
    campaign, now = turn.campaign, turn.now
    if around.on_the_line:
        return Verdict(False, "already_on_the_line", now + ALREADY_TALKING)
    if around.last_hour >= campaign.most_per_hour:
        return Verdict(False, "cap_hour_of_campaign", now + timedelta(minutes=10))
    if around.last_day >= campaign.most_per_day:
        return Verdict(False, "cap_day_of_campaign", now + timedelta(hours=1))
    parties = (to, f"customer:{case.alert.customer}")
    question = Question(
        to, now, campaign.window, campaign.purpose, case.case_id, zones_of(case.alert, to),
        frozenset().union(*(around.refused.get(party, frozenset()) for party in parties)),
        frozenset().union(*(around.consents.get(party, frozenset()) for party in parties)),
        around.earlier, case.alert.expires_at, turn.in_dial_plan,
    )  # fmt: skip
    return may_dial(question, campaign.rules(case.alert.jurisdiction))


def placed(attempt_id: str, provider_id: str, case: Case, _: Circumstances) -> Change | None:
    """The carrier has the call."""
    attempt = attempt_of(case, attempt_id)
    return Change(with_attempt(case, replace(attempt, provider_id=provider_id))) if attempt else None


def answered(attempt_id: str, call_id: str, asked: int, now: datetime, case: Case, _: Circumstances) -> Change | None:
    attempt = attempt_of(case, attempt_id)
    if attempt is None or attempt.call_id:
        return None
    times = {**attempt.times, "answered": now}
    attempt = replace(attempt, outcome="answered", call_id=call_id, times=times, asked=asked)
    return Change(reached(with_attempt(case, attempt), "answered", now))


def stage(name: str, now: datetime, case: Case, _: Circumstances) -> Change | None:
    return None if name in case.times else Change(reached(case, name, now))


def noted(
    campaign: Campaign, attempt_id: str, notes: Mapping[str, str], now: datetime, case: Case, _: Circumstances
) -> Change | None:
    """The flow noted a verdict: it counts from this moment on, however the call goes on."""
    attempt, said = attempt_of(case, attempt_id), notes.get("verdict", "")
    if attempt is None or not case.is_open:
        return None
    kept = {name: notes[name].strip() for name in KEPT_NOTES if name in notes}
    case = replace(reached(case, "verified", now), result={**case.result, **kept})
    deed = _deed("case.verdict", case, attempt=attempt.number, verdict=said, sha256=_sha(kept))
    if said == "opted_out":
        refusal = Refusal(attempt.to, campaign.purpose, "asked in a call", campaign.name)
        return replace(_closed(verdict(case, "opted_out"), now, deed), refusal=refusal)
    if said == "wrong_party":
        return _closed_or_open(wrong_number(case, attempt, now, campaign.plan), now, deed)
    if said == "later":
        return _closed_or_open(call_later(case, later_at(notes.get("call_later", ""), now)), now, deed)
    if said not in VERDICTS:
        return None
    change = _closed(verdict(case, cast(CaseState, said)), now, deed)
    return replace(change, more=leftover(case, attempt.asked))


def call_over(
    campaign: Campaign, attempt_id: str, outcome: AttemptOutcome, notes: Mapping[str, str], now: datetime, case: Case,
    around: Circumstances,
) -> Change | None:  # fmt: skip
    """The attempt is over, answered or not."""
    attempt = attempt_of(case, attempt_id)
    if attempt is None or attempt.outcome == outcome:
        return None
    counts = outcome not in campaign.plan.not_counted
    attempt = replace(attempt, outcome=outcome, counts=counts, times={**attempt.times, "ended": now})
    deed = _deed("case.attempt", case, attempt=attempt.number, outcome=outcome, call=attempt.call_id)
    if case.state != "in_progress":  # the conversation settled it, or another channel did
        return Change(with_attempt(case, attempt), (deed,))
    if outcome == "human" and campaign.done_when == "answered" and notes.get("heard_out") == "yes":
        return _closed(verdict(with_attempt(case, attempt), "completed"), now, deed)
    return _closed_or_open(ended_attempt(case, attempt, now, campaign.plan), now, deed)


def cancelled(reason: str, now: datetime, case: Case, _: Circumstances) -> Change | None:
    """Another channel settled it: nobody is called for it any more."""
    if not case.is_open:
        return None
    return _closed(verdict(case, "cancelled", reason), now, _deed("case.cancel", case, reason=reason))


def attempt_of(case: Case, attempt_id: str) -> Attempt | None:
    return next((one for one in case.attempts if one.attempt_id == attempt_id), None)


def later_at(minutes: str, now: datetime) -> datetime:
    """What a flow notes as `call_later`: minutes from now; anything else is an hour."""
    wanted = int(minutes) if minutes.isdecimal() and minutes.isascii() else 60
    return now + timedelta(minutes=max(1, min(wanted, 7 * 24 * 60)))


def _too_late(case: Case, at: datetime) -> bool:
    return case.alert.expires_at is not None and at >= case.alert.expires_at


def _closed_or_open(case: Case, now: datetime, deed: Deed) -> Change:
    return Change(case, (deed,)) if case.is_open else _closed(case, now, deed)


def _closed(case: Case, now: datetime, deed: Deed) -> Change:
    end = _deed("case.settled", case, state=case.state, reason=case.reason, sha256=_sha(case.result))
    return Change(case, (deed, end), result_of(case, now))


def _deed(action: str, case: Case, **detail: str | int) -> Deed:
    return Deed(WHO, action, case.case_id, "", {"campaign": case.campaign, **detail})


def _sha(notes: Mapping[str, str]) -> str:
    """The audit proves what was noted without holding it."""
    return hashlib.sha256(repr(sorted(notes.items())).encode()).hexdigest()
