"""Pure: figures of surveys by flow version, queue, agent or hour: formulas and Wilson intervals from the registry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.insight.answers import OFFERED
from ivr.insight.kano import Feature, feature
from ivr.insight.metric import Figure
from ivr.insight.metrics_survey import histogram, not_offered, nps
from ivr.insight.registry import metric_called, report
from ivr.model.contacts import Contact
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


def group_of(by: By) -> Callable[[SurveyLine], str]:
    match by:
        case "flow_version":
            return lambda line: f"{line.flow}@{line.flow_version}"
        case "hour":
            return lambda line: f"{line.arrived_at or line.ended_at:%H}"
        case "":
            return lambda line: "all"
        case _:
            return lambda line: str(getattr(line, by))


def figures_by(lines: Iterable[SurveyLine], by: By) -> Sequence[SurveyFigures]:
    """Groups in the order of their names."""
    key = group_of(by)
    groups: dict[str, list[Contact]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(contact_of(line))
    return [_figures(name, groups[name]) for name in sorted(groups)]


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


def kano(lines: Iterable[SurveyLine]) -> dict[str, Feature]:
    """As `kano_of`, of whole lines."""
    return kano_of(line.survey.answers for line in lines)


def kano_of(surveys: Iterable[Mapping[str, str]]) -> dict[str, Feature]:
    """By feature: answers `kano_<feature>.have` and `.lack`, each 1 (like) to 5 (dislike)."""
    pairs: dict[str, list[tuple[int, int]]] = {}
    for answers in surveys:
        for name in answers:
            if name.startswith(KANO) and name.endswith(".have"):
                about = name.removesuffix(".have")
                have, lack = answers[name], answers.get(f"{about}.lack", "")
                if have in _SCALE and lack in _SCALE:
                    pairs.setdefault(about.removeprefix(KANO), []).append((int(have), int(lack)))
    return {name: feature(found) for name, found in sorted(pairs.items())}


_SCALE = frozenset("12345")


def _figures(name: str, contacts: Sequence[Contact]) -> SurveyFigures:
    found = report(contacts, NAMES)
    return SurveyFigures(
        name, len(contacts), tuple(found.values()), histogram(contacts), nps(contacts).margin, not_offered(contacts)
    )


def was_offered(line: SurveyLine) -> bool:
    return line.survey.status in OFFERED
