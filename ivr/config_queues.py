"""Queues and agents as config.yaml writes them; `QueueSettings` and `AgentProfile` are what comes of it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ivr.config_section import FolderPath, Section
from ivr.model.acquaintance import PastRules
from ivr.model.errors import ConfigError
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import (
    CallbackMode,
    CallbackRules,
    Disposition,
    EwtMethod,
    OfferRules,
    OnExhausted,
    Ordering,
    QueueSettings,
    Strategy,
    WrapUp,
    WrapUpKind,
)
from ivr.routing.hours import read_hours

Seconds = Annotated[float, Field(gt=0.0)]
SecondsOrNever = Annotated[float, Field(ge=0.0)]
Level = Annotated[int, Field(ge=1, le=5)]

NEED = re.compile(r"([a-z][a-z0-9_]*(?::[A-Za-z0-9_-]+)?)(?:\s*>=\s*([1-5]))?(\?)?")
REACHABLE = re.compile(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+")


def need(text: str) -> Requirement:
    """`card_services>=3`, `lang:zh`; with a question mark behind it: wished for, not needed.

    Raises:
        ValueError: it is written otherwise; says how.
    """
    found = NEED.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"write a skill as card_services, card_services>=3 or card_services>=3?, not {text!r}")
    return Requirement(found[1], int(found[2] or 1), mandatory=not found[3])


def _need(text: str) -> str:
    need(text)
    return text


def _hours(written: dict[str, Any]) -> dict[str, Any]:
    try:
        read_hours(written)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    return written


def _phone(address: str) -> str:
    if address and not REACHABLE.fullmatch(address):
        raise ValueError("write a telephone number as '+15555550123' (in quotes) or a SIP address as 'sip:a@b'")
    return address


Hours = Annotated[dict[str, Any], AfterValidator(_hours)]


class QueueWrapUp(Section):
    kind: WrapUpKind = "timeboxed"
    seconds: SecondsOrNever = 30.0


class QueueDisposition(Section):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    en: str = ""
    zh: str = ""


class QueueOffer(Section):
    ring_seconds: Annotated[float, Field(ge=10.0, le=45.0)] = 20.0
    reject_delay: SecondsOrNever = 10.0
    missed_delay: SecondsOrNever = 30.0
    busy_delay: SecondsOrNever = 60.0
    unreachable_delay: SecondsOrNever = 5.0
    missed_exclusion: SecondsOrNever = 60.0
    max_missed: Annotated[int, Field(ge=1)] = 3
    max_unreachable: Annotated[int, Field(ge=1)] = 3


class QueueCallback(Section):
    mode: CallbackMode = "agent_first"
    offer_over_seconds: SecondsOrNever = 180.0
    most_offers: Annotated[int, Field(ge=0)] = 2
    initial_delay: Annotated[float, Field(ge=0.0, le=259_200.0)] = 60.0
    max_attempts: Annotated[int, Field(ge=1)] = 3
    retry_delay: Seconds = 300.0
    expires_after: Seconds = 259_200.0


class QueueAnnouncements(Section):
    first_if_over_seconds: SecondsOrNever = 30.0
    every_seconds: Annotated[float, Field(ge=60.0, le=90.0)] = 75.0
    min_gap_seconds: Annotated[float, Field(ge=15.0)] = 15.0


class ServiceLevel(Section):
    within_seconds: Seconds = 20.0
    goal: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8
    short_abandon_seconds: SecondsOrNever = 5.0


class Queue(Section):
    name: str
    title: dict[str, str] = {}
    strategy: Strategy = "longest_idle"
    ordering: Ordering = "score"
    age_rate: Annotated[float, Field(gt=0.0, le=10.0)] = 1.0
    skills: list[Annotated[str, AfterValidator(_need)]] = []
    relax_after_seconds: tuple[Seconds, Seconds, Seconds] = (20.0, 20.0, 30.0)
    on_exhausted: OnExhausted = "keep_last"
    hours: Hours = {}
    max_wait_seconds: SecondsOrNever = 600.0
    max_size: Annotated[int, Field(ge=0)] = 0
    join_empty: bool = False
    leave_when_empty: bool = True
    overflow: str = ""
    wrap_up: QueueWrapUp = QueueWrapUp()
    dispositions: list[QueueDisposition] = []
    offer: QueueOffer = QueueOffer()
    callback: QueueCallback = QueueCallback()
    announcements: QueueAnnouncements = QueueAnnouncements()
    service_level: ServiceLevel = ServiceLevel()
    hold_audio: FolderPath | None = None
    handling_seconds: Seconds = 240.0
    ewt_method: EwtMethod = "position"
    sticky: bool = True
    sticky_seconds: SecondsOrNever = 30.0
    vip_team_seconds: SecondsOrNever = 30.0
    empty_grace_seconds: SecondsOrNever = 30.0
    last_step_seconds: Seconds = 30.0
    resume_seconds: SecondsOrNever = 60.0
    recovery_break_seconds: SecondsOrNever = 180.0
    idle_basis: Literal["available_since", "last_contact_end"] = "available_since"
    outbound_counts: bool = True

    def settings(self) -> QueueSettings:
        offer, callback, level, said = self.offer, self.callback, self.service_level, self.announcements
        return QueueSettings(
            self.name, self.strategy, self.ordering, self.age_rate, tuple(map(need, self.skills)),
            self.relax_after_seconds, self.on_exhausted,
            service_level_s=level.within_seconds, service_level_goal=level.goal,
            short_abandon_s=level.short_abandon_seconds,
            max_wait=self.max_wait_seconds, max_size=self.max_size, join_empty=self.join_empty,
            leave_when_empty=self.leave_when_empty, overflow=self.overflow,
            wrap_up=WrapUp(self.wrap_up.kind, self.wrap_up.seconds),
            dispositions=tuple(Disposition(one.name, one.en, one.zh) for one in self.dispositions),
            offer=OfferRules(offer.ring_seconds, offer.reject_delay, offer.missed_exclusion, offer.missed_delay,
                             offer.busy_delay, offer.unreachable_delay, offer.max_missed, offer.max_unreachable),
            callback=CallbackRules(callback.mode, callback.offer_over_seconds, callback.most_offers,
                                   callback.initial_delay, callback.max_attempts, callback.retry_delay,
                                   callback.expires_after),
            hold_audio=str(self.hold_audio or ""), announce_every=said.every_seconds,
            announce_first_over=said.first_if_over_seconds, announce_min_gap=said.min_gap_seconds,
            handling_default=self.handling_seconds, sticky=self.sticky, sticky_wait=self.sticky_seconds,
            vip_team_wait=self.vip_team_seconds, empty_grace=self.empty_grace_seconds,
            last_step=self.last_step_seconds, resume=self.resume_seconds, ewt_method=self.ewt_method,
            recovery_break=self.recovery_break_seconds, idle_basis=self.idle_basis,
            outbound_counts=self.outbound_counts,
            title=dict(self.title),
        )  # fmt: skip


class PastCalls(Section):
    """What earlier calls of the same customer count for in queues."""

    sticky_days: SecondsOrNever = 7.0
    repeat_hours: SecondsOrNever = 72.0
    low_score: Annotated[int, Field(ge=0, le=5)] = 2
    avoid_days: SecondsOrNever = 90.0

    def rules(self) -> PastRules:
        return PastRules(self.sticky_days, self.repeat_hours, self.low_score, self.avoid_days)


class AgentQueue(Section):
    queue: str
    priority: Annotated[int, Field(ge=1, le=99)] = 1
    delay_seconds: Annotated[float, Field(ge=0.0, le=9999.0)] = 0.0


class Agent(Section):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$")]
    name: str = ""
    skills: dict[str, Level] = {}
    queues: list[str | AgentQueue] = []
    phone: Annotated[str, AfterValidator(_phone)] = ""
    tier_level: Annotated[int, Field(ge=1)] = 1
    tier_position: Annotated[int, Field(ge=0)] = 0
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    one_shot: bool = False

    def profile(self) -> AgentProfile:
        rows = tuple(
            ServedQueue(row) if isinstance(row, str) else ServedQueue(row.queue, row.priority, row.delay_seconds)
            for row in self.queues
        )
        return AgentProfile(
            self.id, self.name, dict(self.skills), rows, self.phone, self.tier_level, self.tier_position, self.weight,
            self.one_shot,
        )  # fmt: skip


def check_queues(queues: list[Queue], agents: list[Agent]) -> None:
    """What neither a queue nor an agent can see alone.

    Raises:
        ValueError: names the key first, as `Config` wants it.
    """
    names = [queue.name for queue in queues]
    for found, key in ((names, "queues"), ([agent.id for agent in agents], "agents")):
        if twice := next((name for name in found if found.count(name) > 1), ""):
            raise ValueError(f"{key}: {twice} is there twice; keep one")
    for number, queue in enumerate(queues):
        if queue.overflow and queue.overflow not in names:
            raise ValueError(f"queues.{number}.overflow: there is no queue {queue.overflow!r}; add it to queues")
        if queue.on_exhausted == "overflow" and not queue.overflow:
            raise ValueError(f"queues.{number}.on_exhausted: whereto? name a queue under overflow")


def by_name(queues: list[Queue]) -> Mapping[str, QueueSettings]:
    return {queue.name: queue.settings() for queue in queues}
