"""Pure: figures of surveys by flow version, queue, agent or hour: formulas and Wilson intervals from the registry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.insight.kano import Feature, feature
from ivr.insight.metric import Figure
from ivr.insight.metrics_survey import tallied
from ivr.insight.registry import metric_called
from ivr.insight.rollups import begin_s
from ivr.model.contacts import Contact
from ivr.model.counts import QUARTER, Cell, CountedContact
from ivr.model.recovery import SurveyLine

By = Literal["", "flow_version", "queue", "agent", "hour", "language", "direction"]
NAMES = (
    "survey_coverage", "offer_rate", "response_rate", "completion_rate", "survey_reach", "csat", "csat_mean", "nps",
    "ces", "ces_easy", "fcr_survey",
)  # fmt: skip
KANO = "kano_"


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """Of one group of calls."""

    group: str
    calls: int
    figures: tuple[Figure, ...]
    csat_histogram: dict[int, int]
    nps_margin: float | None
    """Half width of the 95 % interval, points."""

    not_offered: dict[str, int]


def contact_of(line: SurveyLine) -> Contact:
    """As much of a contact as survey metrics read."""
    arrived = line.arrived_at or line.ended_at
    with_agent = arrived if line.handled_by in ("agent", "both") else None
    return Contact(
        line.call_id, arrived, line.direction, language=line.language, flow=line.flow, flow_version=line.flow_version,  # type: ignore[arg-type]
        agent=line.agent, end_reason=line.end_reason or "ended", agent_answered_at=with_agent, survey=line.survey,
    )  # fmt: skip


def formula(name: str) -> str:
    return metric_called(name).formula


def kano_of(answered: Iterable[Mapping[str, str]]) -> dict[str, Feature]:
    """By feature: answers `kano_<feature>.have` and `.lack`, each 1 (like) to 5 (dislike)."""
    pairs: dict[str, list[tuple[int, int]]] = {}
    for answers in answered:
        for name in answers:
            if name.startswith(KANO) and name.endswith(".have"):
                about = name.removesuffix(".have")
                have, lack = answers[name], answers.get(f"{about}.lack", "")
                if have in _SCALE and lack in _SCALE:
                    pairs.setdefault(about.removeprefix(KANO), []).append((int(have), int(lack)))
    return {name: feature(found) for name, found in sorted(pairs.items())}


_SCALE = frozenset("12345")


def survey_figures(name: str, found: Mapping[str, Figure]) -> SurveyFigures:
    """From the figures of `NAMES` and of `ivr.insight.metrics_survey.TALLIES`."""
    scores, likely, reasons = tallied(found)
    calls = round(found["survey_coverage"].denominator)
    return SurveyFigures(name, calls, tuple(found[one] for one in NAMES), scores, likely.margin, reasons)


def cell_of(line: SurveyLine, one: CountedContact, by: str) -> Cell:
    """A call that is no contact yet, as reports add it up."""
    key = str(getattr(line, by)) if by in ("queue", "agent", "flow_version", "language", "direction") else ""
    return Cell(begin_s(one.counted_at, QUARTER), line.flow, key, one.numbers)
