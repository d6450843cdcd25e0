"""Pure: satisfied, resolved, effortful: the six kinds of calls, and where journeys break (domain.md 2.5.4 to 2.5.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

EFFORTFUL_POINTS = 30.0
UNSURVEYED = "unsurveyed"
ACTIONS = {
    "promoter": "promoter pool",
    "satisfied_effortful": "process fix",
    "satisfied_unresolved": "proactive follow-up",
    "dissatisfied_resolved": "attitude and policy review",
    "dissatisfied_effortless": "product and policy",
    "critical": "recovery loop now",
    UNSURVEYED: "",
}
"""Segment to what is done about it."""

LAWS = {"estimated_silent": 24, "offset_needed": 12, "retention_saving": 6}
"""Rules of thumb of the trade, to be labelled as such: one complaint stands for 24 silent ones; 12 satisfied callers
offset one who is not; winning a customer costs 6 times keeping one (domain.md 2.5.5)."""

CLIFF_TIMES_MEDIAN = 2.0
CLIFF_VISITS = 50


def segment(csat: int | None, resolved: bool, effort_points: float) -> str:
    """One of `ACTIONS`. Satisfaction is never inferred from silence."""
    if csat is None:
        return UNSURVEYED
    effortful = effort_points > EFFORTFUL_POINTS
    if csat >= 4:
        return "satisfied_unresolved" if not resolved else "satisfied_effortful" if effortful else "promoter"
    return "dissatisfied_resolved" if resolved else "critical" if effortful else "dissatisfied_effortless"


@dataclass(frozen=True, slots=True)
class Cliff:
    """A step where far more callers hang up than elsewhere in the flow."""

    step: str
    hazard: float
    """Hang-ups at the step / visits."""

    median: float


def cliffs(steps: Mapping[str, tuple[int, int]]) -> tuple[Cliff, ...]:
    """Steps with a hazard of more than twice the flow's median and at least 50 visits, steepest first.

    `steps`: name to (hang-ups, visits).
    """
    hazards = {name: hang_ups / visits for name, (hang_ups, visits) in steps.items() if visits}
    if not hazards:
        return ()
    usual = median(hazards.values())
    found = [
        Cliff(name, hazard, usual)
        for name, hazard in hazards.items()
        if hazard > CLIFF_TIMES_MEDIAN * usual and steps[name][1] >= CLIFF_VISITS
    ]
    return tuple(sorted(found, key=lambda cliff: (-cliff.hazard, cliff.step)))
