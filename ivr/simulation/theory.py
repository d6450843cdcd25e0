"""Pure: what Erlang C says of a queue, where its assumptions hold: one queue, agents of its own, steady arrivals."""

from dataclasses import dataclass

from ivr.routing.erlang import Forecast, Overloaded, forecast, load
from ivr.simulation.plan import Callers, Plan, Worker


@dataclass(frozen=True, slots=True)
class Theory:
    erlangs: float
    agents: int
    forecast: Forecast
    patient: bool
    """Nobody gives up; else the theory is too gloomy."""


def theory(plan: Plan, queue: str) -> Theory | None:
    """None: the assumptions do not hold, or the queue would grow for ever."""
    callers = [one for one in plan.callers if one.queue == queue]
    workers = [one for one in plan.workers if one.profile.serves(queue)]
    if not callers or not all(_is_steady(plan, one) for one in callers) or not all(map(_is_dedicated, workers)):
        return None
    settings = plan.settings(queue)
    if settings.skills or any(one.skills or one.language or one.emergency for one in callers):
        return None
    per_hour = sum(rate.per_hour for one in callers for rate in one.rates)
    handling = sum(_handling(plan, one) * sum(rate.per_hour for rate in one.rates) for one in callers) / per_hour
    erlangs = load(per_hour, 3600.0, handling)
    try:
        found = forecast(erlangs, len(workers), handling, settings.service_level_s)
    except Overloaded:
        return None
    return Theory(erlangs, len(workers), found, all(one.patience.kind == "never" for one in callers))


def _is_steady(plan: Plan, callers: Callers) -> bool:
    covers = len(callers.rates) == 1 and callers.rates[0].begins <= plan.begins and callers.rates[0].ends >= plan.ends
    return covers and callers.rates[0].per_hour > 0


def _is_dedicated(worker: Worker) -> bool:
    row = worker.profile.queues
    return len(row) == 1 and row[0].delay_seconds == 0 and not worker.shifts and not worker.breaks


def _handling(plan: Plan, callers: Callers) -> float:
    """Talk, writing, and the ringing, during which the agent is taken as well."""
    wrap_up = plan.settings(callers.queue).wrap_up
    box = 0.0 if wrap_up.kind == "none" else wrap_up.seconds
    writing = box if callers.writing is None or wrap_up.kind == "none" else callers.writing.mean
    return callers.talk.mean + writing + plan.behaviour.answers_after.mean
