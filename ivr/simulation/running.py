"""Pure: a day in a call centre, with a clock of its own, driving the routing that the server runs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.model.contacts import AgentShift
from ivr.routing.centre import TICK_SECONDS, Centre
from ivr.routing.happenings import (
    AgentKnown,
    AgentLoggedIn,
    AgentLoggedOut,
    CallerJoined,
    CallerLeft,
    Happening,
    StateAsked,
    Tick,
    WrapUpDone,
)
from ivr.routing.priority import head_start
from ivr.routing.promises import broken
from ivr.routing.telling import LOOK_EVERY, Announcer, estimate
from ivr.simulation.acting import Acting
from ivr.simulation.agenda import Agenda, Arrives, Counting, Dice, HasWritten, Item, Listens, LosesPatience
from ivr.simulation.arrivals import arrivals
from ivr.simulation.deadlines import next_tick
from ivr.simulation.ledger import Ledger
from ivr.simulation.plan import Callers, Plan, Worker
from ivr.simulation.times import less, more, shift

MOST_SECONDS_AFTER = 4 * 3600.0
"""Who still waits so long after the last arrival is counted as in the queue."""

MOST_BROKEN_TOLD = 20


@dataclass(slots=True)
class Ran:
    """What became of a simulated day."""

    plan: Plan
    ledger: Ledger = field(default_factory=Ledger)
    shifts: dict[str, AgentShift] = field(default_factory=dict)
    """Where the agents' time went while the figures count."""

    broken: list[str] = field(default_factory=list)
    """Promises of the routing that did not hold."""

    happenings: int = 0
    checks: int = 0


def run(plan: Plan, checks_every: int = 1, *, ticks_always: bool = False) -> Ran:
    """Simulate a plan.

    Args:
        checks_every: how often, in happenings, the promises of the routing are checked; 0: never.
        ticks_always: tick every 250 ms as the server does, not only where something is due.
    """
    return _Day(plan, checks_every, ticks_always).go()


class _Day:
    def __init__(self, plan: Plan, checks_every: int, ticks_always: bool) -> None:
        self.plan, self.checks_every, self.ticks_always = plan, checks_every, ticks_always
        self.ran = Ran(plan)
        self.now = plan.midnight + plan.begins
        self.decided_at = self.now
        self.centre = Centre(plan.queues, is_open=self._is_open, seed=plan.seed)
        self.agenda, self.dice, self.announcer = Agenda(), Dice(plan.seed), Announcer()
        self.acting = Acting(plan, self.centre, self.agenda, self.dice, self.ran.ledger)
        self.times_before: dict[str, AgentShift] = {}
        self.earlier_logins: dict[str, AgentShift] = {}

    def go(self) -> Ran:
        self._plan_the_day()
        last = self.plan.midnight + self.plan.ends + MOST_SECONDS_AFTER
        while self._goes_on():
            self.now = max(self.now, min(self.agenda.next_at, self._next_tick()))
            if self.now > last:
                break
            if self.agenda.next_at <= self.now:
                self._meets(self.agenda.pop())
            else:
                self._happens(Tick())
        self.ran.broken += self.ran.ledger.broken
        return self.ran

    def _goes_on(self) -> bool:
        return self.agenda.next_at < float("inf") or bool(self.centre.floor.entries)

    def _next_tick(self) -> float:
        if self.ticks_always:
            return (self.now // TICK_SECONDS + 1) * TICK_SECONDS
        return next_tick(self.centre.floor, self.decided_at)

    def _is_open(self, queue: str, at: float) -> bool:
        hours = self.plan.hours.get(queue)
        return hours is None or hours.is_open(datetime.fromtimestamp(at, UTC))

    # -- the day

    def _plan_the_day(self) -> None:
        plan, begins = self.plan, self.now
        for worker in plan.workers:
            self._plan_worker(worker)
        self.agenda.put(begins + plan.warm_up, Counting(begins=True))
        self.agenda.put(plan.midnight + plan.ends, Counting(begins=False))
        for callers in plan.callers:
            die = self.dice.of(f"arrivals of {callers.name}")
            for number, at in enumerate(arrivals(callers.rates, plan.begins, plan.ends, die), 1):
                self.agenda.put(plan.midnight + at, Arrives(callers, number))

    def _plan_worker(self, worker: Worker) -> None:
        plan, name = self.plan, worker.profile.agent_id
        self.agenda.put(self.now, AgentKnown(worker.profile))
        if not worker.shifts:
            self.agenda.put(self.now, AgentLoggedIn(name, available=True))
        for one in worker.shifts:
            self.agenda.put(plan.midnight + max(plan.begins, one.begins), AgentLoggedIn(name, available=True))
            self.agenda.put(plan.midnight + one.ends, AgentLoggedOut(name))
        for pause in worker.breaks:
            self.agenda.put(plan.midnight + pause.begins, StateAsked(name, "break", "lunch"))
            self.agenda.put(plan.midnight + pause.ends, StateAsked(name, "available"))

    # -- what is met

    def _meets(self, item: Item) -> None:
        match item:
            case Arrives(callers=callers, number=number):
                self._arrives(callers, f"{callers.name}-{number}")
            case LosesPatience(entry_id=entry_id):
                if self._waits(entry_id):
                    self._happens(CallerLeft(entry_id))
            case Listens(entry_id=entry_id, callers=callers):
                self._listens(entry_id, callers)
            case HasWritten(agent_id=agent_id, entry_id=entry_id):
                writes = self.centre.floor.agents[agent_id].state == "wrap_up"
                if writes and self.acting.talks_to[agent_id] == entry_id:
                    self._happens(WrapUpDone(agent_id, "resolved"))
            case AgentLoggedIn(agent_id=agent_id):
                # The routing counts times from the login on.
                self.earlier_logins[agent_id] = self._times_of(agent_id)
                self._happens(item)
            case Counting(begins=begins):
                self._count_times(begins=begins)
            case StateAsked(agent_id=agent_id):
                if self.centre.floor.agents[agent_id].state != "offline":
                    self._happens(item)
            case _:
                self._happens(item)

    def _arrives(self, callers: Callers, entry_id: str) -> None:
        self.acting.kinds[entry_id] = callers
        self.ran.ledger.joins(entry_id, callers.name, self.now)
        self._happens(
            CallerJoined(
                entry_id,
                callers.queue,
                skills=callers.skills,
                language=callers.language,
                priority=head_start(callers.priority, callers.tier),
                emergency=callers.emergency,
                tier=callers.tier,
            )
        )
        entry = self.centre.floor.entries.get(entry_id)
        if entry is None:
            return
        seconds = estimate(self.centre.floor, entry, self.now).seconds if entry.state == "waiting" else 0.0
        self.ran.ledger.expects(entry_id, seconds)
        self.agenda.put(self.now + callers.patience.draw(self.dice.of("patience")), LosesPatience(entry_id))
        if callers.takes_callback:
            self.agenda.put(self.now, Listens(entry_id, callers))

    def _waits(self, entry_id: str) -> bool:
        entry = self.centre.floor.entries.get(entry_id)
        return entry is not None and entry.state in ("waiting", "offered") and not entry.callback_number

    def _listens(self, entry_id: str, callers: Callers) -> None:
        if not self._waits(entry_id):
            self.announcer.forget(entry_id)
            return
        news = self.announcer.news(self.centre.floor, entry_id, self.now)
        offered = any(one.kind == "callback_offer" for one in news)
        if offered and self.dice.of("callbacks taken").share() <= callers.takes_callback:
            self._happens(CallerLeft(entry_id, "callback", number=entry_id))
        else:
            self.agenda.put(self.now + LOOK_EVERY, Listens(entry_id, callers))

    def _happens(self, happening: Happening) -> None:
        ran = self.ran
        effects = self.centre.handle(happening, self.now)
        self.decided_at = self.now
        ran.happenings += 1
        for effect in effects:
            self.acting.follow(effect, self.now)
        if self.checks_every and ran.happenings % self.checks_every == 0 and len(ran.broken) < MOST_BROKEN_TOLD:
            ran.checks += 1
            ran.broken += broken(self.centre.floor, self.now)

    def _times_of(self, agent_id: str) -> AgentShift:
        spent = shift(agent_id, self.centre.floor.agents[agent_id].times(self.now))
        return more(spent, self.earlier_logins.get(agent_id, AgentShift(agent_id)))

    def _count_times(self, *, begins: bool) -> None:
        """What was before the figures begin does not count."""
        found = {name: self._times_of(name) for name in self.centre.floor.agents}
        if begins:
            self.times_before = found
        else:
            self.ran.shifts = {name: less(one, self.times_before[name]) for name, one in found.items()}
