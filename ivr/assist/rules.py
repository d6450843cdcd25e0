"""Pure: what to do next, by rules that supervisors write in YAML, besides the sensible ones that are built in.

::

    rules:
      - name: verify_before_money
        when: {intent: [transfer_money, raise_limit], verified_below: 2}
        say: {en: Verify the identity before you speak of money., zh: 谈及资金前请先核实身份。}
        urgency: 90
        tone: amber
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ivr.model.assist import Before
from ivr.model.errors import ConfigError
from ivr.model.people import Handoff

Tone = Literal["red", "amber", "accent", ""]
Level = Literal["none", "amber", "red"]
LEVELS: tuple[Level, ...] = ("none", "amber", "red")
MOST_RULES = 200


def _listed(raw: Any) -> Any:
    return (raw,) if isinstance(raw, str | int | float) else raw


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class When(_Part):
    """All that is written must hold; of a list, one of its values."""

    intent: Names = ()
    queue: Names = ()
    came_from: Names = ()
    reason: Names = ()
    tier: Names = ()
    language: Names = ()
    verified_below: Annotated[int, Field(ge=1, le=3)] | None = None
    mood: Literal["amber", "red"] | None = None
    """At least."""

    knows: Names = ()
    """Facts that are known, all of them: `product`, or `product=ac`."""

    lacks: Names = ()
    """Facts that are not."""

    tried: Names = ()
    """Steps of the bot, with or without its file: `balance`, `hotline.balance`."""

    says: Names = ()
    """Words of the caller in this call, whatever their case."""

    calls_in_7_days: Annotated[int, Field(ge=1)] | None = None
    """At least so many before this one."""

    open_case: bool | None = None
    waits_for_callback: bool | None = None
    held_seconds: Annotated[float, Field(gt=0)] | None = None
    """At least so long on hold."""


class Rule(_Part):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    when: When
    say: Annotated[Mapping[str, Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1)]
    urgency: Annotated[int, Field(ge=0, le=100)] = 50
    tone: Tone = ""

    def words(self, language: str) -> str:
        """In the agent's language, else in the first that is written."""
        return self.say.get(language) or next(iter(self.say.values()))


class _File(_Part):
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at one moment of a talk."""

    known: Handoff
    before: Before = Before()
    mood: Level = "none"
    held_for: float = 0.0
    """Seconds."""

    said: tuple[str, ...] = field(default=())
    """Of the caller, in this call."""


def read_rules(text: str, where: str) -> tuple[Rule, ...]:
    """
    Raises:
        ConfigError: says which rule is wrong and what is wrong with it.
    """
    try:
        raw = yaml.safe_load(text) or {}
        rules = _File.model_validate(raw).rules
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{where}:{mark.line + 1}" if mark else where
        raise ConfigError(f"{line}: this is no YAML: {getattr(error, 'problem', error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{where}: {_named(raw, first['loc'])}{place}: {first['msg']}") from error
    twice = next((one.name for number, one in enumerate(rules) if one.name in [r.name for r in rules[:number]]), "")
    if twice:
        raise ConfigError(f"{where}: rule {twice} is there twice; give one another name")
    return rules


def _named(raw: Any, place: tuple[int | str, ...]) -> str:
    """The name of the rule that a mistake is in, where it has one."""
    try:
        return f"rule {raw['rules'][place[1]]['name']}: "
    except (KeyError, IndexError, TypeError):
        return ""


def holds(when: When, now: Situation) -> bool:
    """Whether everything that is written holds."""
    known = now.known
    return (
        _is_of(when.intent, known.intent)
        and _is_of(when.queue, known.queue)
        and _is_of(when.came_from, known.came_from)
        and _is_of(when.reason, known.reason)
        and _is_of(when.tier, known.tier)
        and _is_of(when.language, known.language)
        and _facts_hold(when, known)
        and (not when.tried or any(_is_step(name, step) for name in when.tried for step in known.tried))
        and (not when.says or any(word.casefold() in said.casefold() for word in when.says for said in now.said))
        and (when.mood is None or LEVELS.index(now.mood) >= LEVELS.index(when.mood))
        and (when.held_seconds is None or now.held_for >= when.held_seconds)
        and _past_holds(when, now.before)
    )


def _facts_hold(when: When, known: Handoff) -> bool:
    verified = when.verified_below is None or known.authentication_level < when.verified_below
    there = all(_is_known(fact, known.facts) for fact in when.knows)
    return verified and there and not any(_is_known(fact, known.facts) for fact in when.lacks)


def _past_holds(when: When, before: Before) -> bool:
    return (
        (when.calls_in_7_days is None or before.calls >= when.calls_in_7_days)
        and (when.open_case is None or bool(before.open_case) == when.open_case)
        and (when.waits_for_callback is None or bool(before.callback_queue) == when.waits_for_callback)
    )


def _is_of(wanted: tuple[str, ...], found: str) -> bool:
    return not wanted or found in wanted


def _is_known(fact: str, facts: Mapping[str, str]) -> bool:
    name, equals, value = fact.partition("=")
    found = facts.get(name.strip(), "")
    return found.casefold() == value.strip().casefold() if equals else bool(found)


def _is_step(name: str, step: str) -> bool:
    return name in (step, step.rpartition(".")[2])
