"""Pure: who hung up first, and signs that answers are steered by those they are about (domain.md 2.4.5, 2.4.6).

Signs, not verdicts: nobody is judged by one call.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.model.calls import CallRecord, DisconnectBy

WITH_AGENT = "with_agent"
"""Step of a turn in which a person talked (`ivr.call.record`)."""

SIGMAS = 3.0
"""Of the funnel: three standard errors from the mean of all (domain.md 2.4.6)."""

SMALLEST_SAMPLE = 30
DEAD_AIR_SECONDS = 20.0

_SOLICITS = re.compile(
    r"\b(?:give|leave|press|rate|score|choose|put|want|need)\b[^.?!]{0,40}\b(?:five|5|top marks|full marks|ten|10|"
    r"good (?:score|rating|review|feedback))\b"
    r"|\b(?:five|5)[- ]stars?\b[^.?!]{0,20}\b(?:please|survey|rating)\b"
    r"|\b(?:good|positive|high) (?:score|rating|review|feedback)\b"
    r"|(?:给|打|评|按|点)[^,。?!,]{0,8}(?:五分|5分|五星|5星|满分|满意|好评|高分|五|5)"
    r"|(?:五分|5分|五星|满意|满分)好评|求[个]?好评"
)


@dataclass(frozen=True, slots=True)
class HungUp:
    """How the call came to its end."""

    by: DisconnectBy
    gap: float | None
    """Seconds from the last words of the agent (or ours, without one) to the end. None: nothing was said."""


def who_hung_up(record: CallRecord) -> HungUp:
    """Who ended the call, and how long after the last goodbye could have been."""
    if record.ended_at is None or record.answered_at is None:
        return HungUp(record.disconnect_by, None)
    ended = (record.ended_at - record.answered_at).total_seconds()
    with_agent = [turn for turn in record.turns if turn.step == WITH_AGENT and turn.said]
    spoke = with_agent or [turn for turn in record.turns if turn.said]
    if not spoke:
        return HungUp(record.disconnect_by, None)
    last = spoke[-1]
    return HungUp(record.disconnect_by, round(max(0.0, ended - (last.answered_at or last.ended_at)), 2))


def solicits(words: str) -> bool:
    """Whether an agent asks for a good mark: "give me a five", 麻烦给个五分."""
    return _SOLICITS.search(words.lower()) is not None


Flag = Literal["survey_solicitation", "agent_first_disconnect", "transfer_before_end", "dead_air_before_end"]


def steering_flags(record: CallRecord) -> frozenset[Flag]:
    """What in one call may be steering; empty for calls without a person."""
    talks = [turn for turn in record.turns if turn.step == WITH_AGENT]
    if not talks:
        return frozenset()
    found: set[Flag] = set()
    if any(solicits(words) for turn in talks for words in turn.said):
        found.add("survey_solicitation")
    hung_up = who_hung_up(record)
    if hung_up.by == "agent":
        found.add("agent_first_disconnect")
    if len(record.stats.get("queues", ())) > 1 and record.end_reason == "abandoned_in_queue":
        found.add("transfer_before_end")
    if hung_up.by == "customer" and hung_up.gap is not None and hung_up.gap >= DEAD_AIR_SECONDS:
        found.add("dead_air_before_end")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of an agent's answered calls were offered the survey."""

    agent: str
    offered: int
    answered: int

    @property
    def share(self) -> float:
        return self.offered / self.answered


def outliers(reaches: Iterable[Reach]) -> Sequence[Reach]:
    """Agents whose callers "hang up first" far more often than those of others: below the funnel of 3 standard errors.

    The funnel's middle is the share of the others, so that one agent does not hide in their own figures.
    """
    everybody = [reach for reach in reaches if reach.answered]
    return [one for one in everybody if one.answered >= SMALLEST_SAMPLE and _is_low(one, everybody)]


def _is_low(one: Reach, everybody: Sequence[Reach]) -> bool:
    answered = sum(reach.answered for reach in everybody) - one.answered
    if not answered:
        return False
    mean = (sum(reach.offered for reach in everybody) - one.offered) / answered
    return one.share < mean - SIGMAS * math.sqrt(mean * (1 - mean) / one.answered)


def reach_by_agent(counts: Mapping[str, tuple[int, int]]) -> Sequence[Reach]:
    """`counts`: agent to (offered, answered)."""
    return [Reach(agent, *numbers) for agent, numbers in sorted(counts.items())]
