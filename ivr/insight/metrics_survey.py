"""Pure: what callers say: reach of the survey, satisfaction, recommendation, effort (domain.md 2.3.8)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ivr.insight.answers import answer, scored, was_offered
from ivr.insight.intervals import nps_margin
from ivr.insight.metric import Figure, Metric, Target
from ivr.insight.metrics_queue import one
from ivr.model.contacts import Contact

SOURCE = "domain.md 2.3.8"


def csat_of(contact: Contact) -> int | None:
    return scored(contact, "csat", 5)


def ces_of(contact: Contact) -> int | None:
    """1 hard to 5 very easy; the scale for the voice (domain.md 4.4)."""
    return scored(contact, "ces", 5)


def nps_of(contact: Contact) -> int | None:
    return scored(contact, "nps", 10, 0)


Score = Callable[[Contact], int | None]


def given(score: Score) -> Callable[[Contact], float]:
    return lambda contact: score(contact) is not None


def total(score: Score) -> Callable[[Contact], float]:
    return lambda contact: score(contact) or 0


def at_least(score: Score, lowest: int) -> Callable[[Contact], float]:
    return lambda contact: (score(contact) or 0) >= lowest


def one_value(score: Score) -> Callable[[Contact], list[float]]:
    return lambda contact: [] if (value := score(contact)) is None else [value]


def _recommends(contact: Contact) -> float:
    """100 for a promoter (9, 10), -100 for a detractor (0 to 6)."""
    nps = nps_of(contact)
    return 0.0 if nps is None or nps in (7, 8) else 100.0 if nps > 8 else -100.0


def is_over(contact: Contact) -> bool:
    return bool(contact.end_reason)


REACH: tuple[Metric[Contact], ...] = (
    Metric(
        "survey_coverage",
        "Survey records",
        "问卷覆盖率",
        "survey records / ended contacts; less than 100 % is a fault",
        "share",
        "share",
        lambda contact: is_over(contact) and contact.survey is not None,
        is_over,
        Target(at_least=1.0),
        source=SOURCE,
    ),
    Metric(
        "offer_rate",
        "Surveys offered",
        "邀评率",
        "offered / ended contacts",
        "share",
        "share",
        lambda contact: is_over(contact) and was_offered(contact),
        is_over,
        source=SOURCE,
    ),
    Metric(
        "response_rate",
        "Surveys answered",
        "参评率",
        "answered the first question / offered",
        "share",
        "share",
        lambda contact: was_offered(contact) and csat_of(contact) is not None,
        was_offered,
        source=SOURCE,
    ),
    Metric(
        "completion_rate",
        "Surveys completed",
        "完成率",
        "all mandatory questions answered / offered",
        "share",
        "share",
        lambda contact: contact.survey is not None and contact.survey.status == "completed",
        was_offered,
        source=SOURCE,
    ),
    Metric(
        "survey_reach",
        "Surveys offered after an agent",
        "坐席邀评率",
        "offered / contacts answered by an agent; per agent: far fewer than others may be steering",
        "share",
        "share",
        lambda contact: contact.agent_answered_at is not None and was_offered(contact),
        lambda contact: contact.agent_answered_at is not None,
        source="domain.md 2.4.5",
    ),
)

OPINION: tuple[Metric[Contact], ...] = (
    Metric(
        "csat",
        "Satisfied",
        "满意度",
        "answers of 4 or 5 / answers",
        "share",
        "share",
        at_least(csat_of, 4),
        given(csat_of),
        source=SOURCE,
    ),
    Metric(
        "csat_mean",
        "Satisfaction, mean",
        "满意度均分",
        "sum of answers / answers, 1 to 5",
        "points",
        "mean",
        total(csat_of),
        given(csat_of),
        None,
        one_value(csat_of),
        SOURCE,
    ),
    Metric(
        "nps",
        "Recommendation (NPS)",
        "净推荐值",
        "(answers of 9 and 10 - answers of 0 to 6) / answers x 100",
        "points",
        "ratio",
        _recommends,
        given(nps_of),
        source=SOURCE,
    ),
    Metric(
        "ces",
        "Ease",
        "费力度",
        "sum of answers / answers, 1 hard to 5 very easy",
        "points",
        "mean",
        total(ces_of),
        given(ces_of),
        None,
        one_value(ces_of),
        SOURCE,
    ),
    Metric(
        "ces_easy",
        "Found it easy",
        "轻松占比",
        "answers of 4 or 5 / answers; the upper part of the scale, 5 to 7 of 7 in writing",
        "share",
        "share",
        at_least(ces_of, 4),
        given(ces_of),
        source=SOURCE,
    ),
    Metric(
        "fcr_survey",
        "Solved in this call, say callers",
        "一次解决率(问卷)",
        '"yes" to "was your question solved in this call" / answers',
        "share",
        "share",
        lambda contact: answer(contact, "resolved") == "yes",
        lambda contact: answer(contact, "resolved") in ("yes", "no"),
        source="domain.md 2.3.4",
    ),
)


REASONS = (
    "customer_hung_up_first", "abandoned", "wrong_number", "test_call", "fatigue_rule", "disabled_for_flow",
    "fraud_denied_urgent", "minor_or_blocked", "system_error", "hung_up_before", "not_offered", "deferred",
)  # fmt: skip
"""Why a survey was not put to a caller (domain.md 2.4.1); what is none of these is counted as `other`."""


def _answers(name: str, english: str, counts: Callable[[Contact], float]) -> Metric[Contact]:
    return Metric(name, english, english, "how many", "contacts", "count", counts, one, source="domain.md 2.3.8")


def _why_not(contact: Contact) -> str:
    """Empty: they were asked, or there is no record."""
    survey = contact.survey
    if survey is None or was_offered(contact):
        return ""
    reason = survey.reason or survey.status
    return reason if reason in REASONS else "other"


def _given_is(score: Score, value: int) -> Callable[[Contact], float]:
    return lambda contact: score(contact) == value


def _recommends_as(points: float) -> Callable[[Contact], float]:
    return lambda contact: nps_of(contact) is not None and _recommends(contact) == points


def _because(reason: str) -> Callable[[Contact], float]:
    return lambda contact: _why_not(contact) == reason


CSAT, NPS, NOT_OFFERED = "csat_", "nps_", "not_offered_"
TALLIES: tuple[Metric[Contact], ...] = (
    *(_answers(f"{CSAT}{score}", f"Satisfaction {score}", _given_is(csat_of, score)) for score in range(1, 6)),
    *(_answers(f"{NPS}{points:.0f}", f"Recommendation {points:+.0f}", _recommends_as(points))
      for points in (100.0, 0.0, -100.0)),
    *(_answers(f"{NOT_OFFERED}{reason}", f"Not asked: {reason}", _because(reason)) for reason in (*REASONS, "other")),
)  # fmt: skip
"""What the page of satisfaction draws beside its figures; added up like metrics, and none of them by itself."""


def tallied(found: Mapping[str, Figure]) -> tuple[dict[int, int], "Nps", dict[str, int]]:
    """From figures of `TALLIES`: how often each score was given, recommendation, why callers were not asked (most
    frequent first)."""
    counts = {name: round(figure.numerator) for name, figure in found.items()}
    scores = {score: n for score in range(1, 6) if (n := counts.get(f"{CSAT}{score}", 0))}
    likely = Nps(*(counts.get(f"{NPS}{points}", 0) for points in (100, 0, -100)))
    reasons = {name.removeprefix(NOT_OFFERED): n for name, n in counts.items() if name.startswith(NOT_OFFERED) and n}
    return scores, likely, dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Nps:
    """Recommendation with its margin, because ten answers say little."""

    promoters: int
    passives: int
    detractors: int

    @property
    def points(self) -> float | None:
        """-100 to 100; None without answers."""
        answers = self.promoters + self.passives + self.detractors
        return (self.promoters - self.detractors) / answers * 100 if answers else None

    @property
    def margin(self) -> float | None:
        return nps_margin(self.promoters, self.passives, self.detractors)


def nps(contacts: Iterable[Contact]) -> Nps:
    signs = Counter(_recommends(contact) for contact in contacts if nps_of(contact) is not None)
    return Nps(signs[100.0], signs[0.0], signs[-100.0])


def histogram(contacts: Iterable[Contact], score: Score = csat_of) -> dict[int, int]:
    """How often each answer was given: a share hides the degree (domain.md 1.3 002-09)."""
    found = Counter(value for contact in contacts if (value := score(contact)) is not None)
    return dict(sorted(found.items()))


def not_offered(contacts: Iterable[Contact]) -> dict[str, int]:
    """Reasons why surveys were not put to the caller, most frequent first."""
    surveys = [contact.survey for contact in contacts if contact.survey and not was_offered(contact)]
    return dict(Counter(survey.reason or survey.status for survey in surveys).most_common())
