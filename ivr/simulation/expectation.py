"""Pure: how well the announced waits foretold the real ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from ivr.model.contacts import Contact
from ivr.model.percentiles import percentile
from ivr.routing.announcements import BEYOND_LADDER, minutes_of


@dataclass(frozen=True, slots=True)
class Expectation:
    """Over callers who had to wait and were answered. Seconds; None: there were none."""

    callers: int
    bias: float | None
    """Mean of estimate - wait; above 0: told too long."""

    mean_error: float | None
    """Mean of the distance, whatever its direction."""

    p90_error: float | None
    kept: float | None
    """Share of the announcements ("about three minutes") within which the caller was answered."""


def expectation(contacts: Iterable[Contact]) -> Expectation:
    pairs = [
        (visit.announced_seconds, visit.wait)
        for contact in contacts
        for visit in contact.visits[:1]
        if visit.outcome == "connected" and visit.announced_seconds
    ]
    if not pairs:
        return Expectation(0, None, None, None, None)
    distances = [abs(told - waited) for told, waited in pairs]
    kept = [waited <= told_minutes(told) * 60 for told, waited in pairs]
    return Expectation(
        len(pairs),
        fmean(told - waited for told, waited in pairs),
        fmean(distances),
        percentile(distances, 0.9),
        fmean(kept),
    )


def told_minutes(seconds: float) -> float:
    """What is announced: "over 30 minutes" is kept by any wait."""
    minutes = minutes_of(seconds)
    return float("inf") if minutes == BEYOND_LADDER else minutes
