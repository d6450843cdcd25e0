"""Pure: whether a number may be called now, by rules that are data: hours, do-not-call, consent, caps.

Nothing here is legal advice; every figure comes from a jurisdiction profile (domain.md 2.8.6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.model.campaigns import Contact, WindowClass

DAY = timedelta(days=1)
SEARCH_DAYS = 8
"""How far ahead an opening window is looked for: any weekly pattern shows within a week and a day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Calling hours of one class, in the callee's own time."""

    opens: time = time(9)
    closes: time = time(21)
    days: frozenset[int] = frozenset(range(7))
    """0 is Monday."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one jurisdiction demands."""

    name: str
    windows: Mapping[WindowClass, Hours | None] = field(default_factory=dict)
    """None: any hour. A class that is not listed may not be called at all."""

    needs_consent: frozenset[WindowClass] = frozenset({"marketing"})
    per_day: int = 3
    per_event: int = 3
    event_days: int = 3
    """At most `per_event` attempts of one case within so many days."""

    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it be dialled now?"""

    allowed: bool
    rule: str = ""
    """Which one forbids it: do_not_call, no_consent, window, zone_unknown, cap_day, cap_event, expired,
    not_in_dial_plan."""

    retry_at: datetime | None = None
    """When the rule will not stand in the way any more; None: never."""


ALLOWED = Verdict(True)


@dataclass(frozen=True, slots=True)
class Question:
    """Everything the rules look at, gathered at the moment of dialling."""

    to: str
    now: datetime
    window: WindowClass
    purpose: str
    case_id: str = ""
    zones: Sequence[str] = ()
    """Every time zone the callee may plausibly be in; the call must be allowed in all of them."""

    do_not_call: frozenset[str] = frozenset()
    """Purposes refused by this person or number; "*" is every purpose."""

    consents: frozenset[str] = frozenset()
    """Purposes agreed to and not revoked."""

    earlier: Sequence[Contact] = ()
    expires_at: datetime | None = None
    in_dial_plan: bool = True


def may_dial(asked: Question, profile: Profile) -> Verdict:
    """Ask every rule, those that no waiting can help first."""
    if not asked.in_dial_plan:
        return Verdict(False, "not_in_dial_plan")
    if asked.do_not_call & {asked.purpose, "*"}:
        return Verdict(False, "do_not_call")
    if asked.expires_at is not None and asked.now >= asked.expires_at:
        return Verdict(False, "expired")
    if asked.window in profile.needs_consent and asked.purpose not in asked.consents:
        return Verdict(False, "no_consent")
    waits = [verdict for verdict in (_caps(asked, profile), _window(asked, profile)) if not verdict.allowed]
    if not waits:
        return ALLOWED
    if any(verdict.retry_at is None for verdict in waits):
        return next(verdict for verdict in waits if verdict.retry_at is None)
    return max(waits, key=lambda verdict: verdict.retry_at or asked.now)


def _caps(asked: Question, profile: Profile) -> Verdict:
    day = sorted(call.at for call in asked.earlier if asked.now - call.at < DAY)
    if len(day) >= profile.per_day:
        return Verdict(False, "cap_day", day[len(day) - profile.per_day] + DAY)
    span = timedelta(days=profile.event_days)
    same = sorted(call.at for call in asked.earlier if call.case_id == asked.case_id and asked.now - call.at < span)
    if asked.case_id and len(same) >= profile.per_event:
        return Verdict(False, "cap_event", same[len(same) - profile.per_event] + span)
    return ALLOWED


def _window(asked: Question, profile: Profile) -> Verdict:
    if asked.window not in profile.windows:
        return Verdict(False, "window")
    hours = profile.windows[asked.window]
    if hours is None:
        return ALLOWED
    if not asked.zones:
        return Verdict(False, "zone_unknown")
    zones = [ZoneInfo(name) for name in asked.zones]
    if all(_is_open(asked.now.astimezone(zone), hours, profile) for zone in zones):
        return ALLOWED
    return Verdict(False, "window", _opens(asked.now, zones, hours, profile))


def _is_open(local: datetime, hours: Hours, profile: Profile) -> bool:
    wanted = local.weekday() in hours.days and local.date() not in profile.holidays
    return wanted and hours.opens <= local.time().replace(tzinfo=None) < hours.closes


def _opens(now: datetime, zones: Sequence[ZoneInfo], hours: Hours, profile: Profile) -> datetime | None:
    """The first opening in any zone at which it is open in all of them."""
    starts = sorted(
        datetime.combine(now.astimezone(zone).date() + timedelta(days=ahead), hours.opens, zone)
        for zone in zones
        for ahead in range(SEARCH_DAYS)
    )
    return next(
        (at for at in starts if at > now and all(_is_open(at.astimezone(zone), hours, profile) for zone in zones)), None
    )
