"""Reading centre.yaml: a call centre to be simulated, as a planner writes it. See `ivr/examples/centre.yaml`."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from ivr.config import Count, Share
from ivr.config_file import load_settings
from ivr.config_section import Section
from ivr.model.errors import ConfigError
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import QueueSettings
from ivr.routing.hours import read_hours, read_spans
from ivr.simulation.arrivals import Rate
from ivr.simulation.distributions import AT_ONCE, NEVER, Distribution, read_distribution
from ivr.simulation.plan import DAY, Behaviour, Callers, Plan, Stretch, Worker

SKILL = re.compile(r"([^\s>=?]+)\s*(?:>=\s*([1-5]))?(\?)?")


def _seconds(written: Any) -> float:
    """Of a time of the day; a default is in seconds already."""
    if isinstance(written, float):
        return written
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", str(written))
    if not found or int(found[2]) > 59 or int(found[1]) > 24:
        raise ValueError('write a time of the day like "08:00"')
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


def _requirement(written: Any) -> Any:
    if not isinstance(written, str):
        return written
    found = SKILL.fullmatch(written.strip())
    if not found:
        raise ValueError("write a skill like card_services>=3, or product:ac? for one that is only welcome")
    return Requirement(found[1], int(found[2] or 1), mandatory=not found[3])


def _needs(queue: str, written: Any) -> Any:
    try:
        return [_requirement(skill) for skill in written] if isinstance(written, list) else written
    except ValueError as error:
        raise ValueError(f"{queue}: skills: {error}") from error


def _stretches(written: Any) -> tuple[Stretch, ...]:
    """Of "08:00-12:00, 13:00-17:00"; past midnight goes on into the next day."""
    if isinstance(written, tuple):
        return written
    try:
        spans = read_spans(written, "here")
    except ConfigError as error:
        raise ValueError('write "08:00-12:00, 13:00-17:00"') from error
    ends = [span.ends + (24 * 60 if span.ends <= span.begins else 0) for span in spans]
    return tuple(Stretch(span.begins * 60.0, end * 60.0) for span, end in zip(spans, ends, strict=True))


def _rates(written: Any) -> tuple[Rate, ...]:
    if isinstance(written, int | float) and written >= 0:
        return (Rate(0.0, 2 * DAY, float(written)),)
    if not isinstance(written, Mapping):
        raise ValueError('write calls per hour, 120, or hours of the day: "08:00-10:00": 60')
    rates = []
    for stretch, calls in written.items():
        if not isinstance(calls, int | float) or calls < 0:
            raise ValueError(f"{stretch}: write calls per hour as a number")
        rates += [Rate(one.begins, one.ends, float(calls)) for one in _stretches(stretch)]
    return tuple(sorted(rates, key=lambda rate: rate.begins))


def _named(written: Any) -> Any:
    """Queues are written by name, and their skills in short."""
    if not isinstance(written, Mapping):
        return written
    queues: dict[str, Any] = {}
    for name, settings in written.items():
        given = dict(settings) if isinstance(settings, Mapping) else {} if settings is None else settings
        if isinstance(given, dict):
            given["name"] = str(name)
            given["skills"] = _needs(str(name), given.get("skills", ()))
        queues[str(name)] = given
    return queues


def _zone(written: str) -> str:
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no {written}; write it like Europe/Berlin") from error
    return written


Clock = Annotated[float, PlainValidator(_seconds)]
Stretches = Annotated[tuple[Stretch, ...], PlainValidator(_stretches)]
Rates = Annotated[tuple[Rate, ...], PlainValidator(_rates)]
Time = Annotated[Distribution, PlainValidator(read_distribution)]
Needs = tuple[Annotated[Requirement, BeforeValidator(_requirement)], ...]
Queues = Annotated[dict[str, QueueSettings], BeforeValidator(_named)]
Level = Annotated[int, Field(ge=1, le=5)]


class AgentsSection(Section):
    """One agent, or `count` alike."""

    count: Annotated[int, Field(ge=1)] = 1
    name: str = ""
    skills: dict[str, Level] = {}
    queues: list[str | ServedQueue]
    tier_level: int = 1
    weight: float = 1.0
    one_shot: bool = False
    shift: Stretches = ()
    breaks: Stretches = ()

    def workers(self, key: str, first: int) -> list[Worker]:
        """`first`: how many agents come before them, for round robin."""
        queues = tuple(ServedQueue(row) if isinstance(row, str) else row for row in self.queues)
        names = [key] if self.count == 1 else [f"{key}-{number}" for number in range(1, self.count + 1)]
        return [
            Worker(
                AgentProfile(
                    name, self.name, self.skills, queues, "", self.tier_level, first + place, self.weight, self.one_shot
                ),
                self.shift,
                self.breaks,
            )
            for place, name in enumerate(names)
        ]


class CallersSection(Section):
    queue: str
    per_hour: Rates
    talk: Time
    patience: Time = NEVER
    writing: Time | None = None
    skills: Needs = ()
    language: str = ""
    tier: Literal["", "gold", "vip"] = ""
    priority: int = 0
    emergency: bool = False
    takes_callback: Share = 0.0

    def callers(self, name: str) -> Callers:
        return Callers(
            name, self.queue, self.per_hour, self.talk, self.patience, self.writing, self.skills, self.language,
            self.tier, self.priority, self.emergency, self.takes_callback,
        )  # fmt: skip


class PeopleSection(Section):
    answers_after: Time = AT_ONCE
    rejects: Share = 0.0
    misses: Share = 0.0
    returns_after: Time = Behaviour().returns_after
    callback_answered: Share = 0.8
    callback_rings: Time = Behaviour().callback_rings


class CentreFile(Section):
    name: str = "a call centre"
    day: date = date(2026, 11, 23)
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    begins: Clock = 8 * 3600.0
    ends: Clock = 20 * 3600.0
    warm_up_minutes: Count = 0
    seed: int = 1
    queues: Queues
    hours: dict[str, dict[str, Any]] = {}
    agents: dict[str, AgentsSection]
    callers: dict[str, CallersSection]
    people: PeopleSection = PeopleSection()

    @model_validator(mode="after")
    def _fits_together(self) -> "CentreFile":
        if self.ends <= self.begins + self.warm_up_minutes * 60:
            raise ValueError("ends: must come after begins and the warm-up")
        named = [
            *((f"callers.{name}.queue", one.queue) for name, one in self.callers.items()),
            *((f"hours.{name}", name) for name in self.hours),
            *((f"queues.{name}.overflow", one.overflow) for name, one in self.queues.items() if one.overflow),
        ]
        for name, one in self.agents.items():
            named += [(f"agents.{name}.queues", row if isinstance(row, str) else row.queue) for row in one.queues]
        for place, queue in named:
            if queue not in self.queues:
                raise ValueError(f"{place}: there is no queue {queue}; there are: {', '.join(self.queues)}")
        return self

    def plan(self) -> Plan:
        """
        Raises:
            ConfigError: opening hours that cannot be read.
        """
        workers: list[Worker] = []
        for name, agents in self.agents.items():
            workers += agents.workers(name, len(workers))
        return Plan(
            self.name,
            tuple(self.queues.values()),
            tuple(workers),
            tuple(callers.callers(name) for name, callers in self.callers.items()),
            self.begins,
            self.ends,
            self.warm_up_minutes * 60.0,
            self.seed,
            self.day,
            ZoneInfo(self.time_zone),
            Behaviour(
                self.people.answers_after, self.people.rejects, self.people.misses, self.people.returns_after,
                self.people.callback_answered, self.people.callback_rings,
            ),
            {name: read_hours({"time_zone": self.time_zone, **hours}) for name, hours in self.hours.items()},
        )  # fmt: skip


def load_centre(path: Path) -> Plan:
    """
    Raises:
        ConfigError: all that is wrong, one line each: file:line: key: what, and the remedy.
    """
    return load_settings(path, CentreFile).plan()
