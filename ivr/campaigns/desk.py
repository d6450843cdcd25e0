"""The desk that decides who is called next: cases that are due, lines that are free, urgent before routine.

Ten thousand cases may wait here as rows; only one that gets a line becomes an attempt.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from ivr.campaigns import cases, deciding
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.lanes import Breaker, Lanes, Lines, Pace, room_for, transfers_fit
from ivr.campaigns.pacing import fraud_priority
from ivr.model.audit import Deed
from ivr.model.campaign_ports import CampaignBook, Due, Durable
from ivr.model.campaigns import Accepted, Alert, AttemptOutcome, CampaignState, Case, Lane
from ivr.model.errors import IvrError, NotNow, NotThere
from ivr.model.ports import Clock

LANES: tuple[Lane, ...] = ("urgent", "routine")
LOOK_AGAIN_SECONDS = 5.0
"""Longest between two looks: at a breaker that may close, specialists who came free."""

DEADLINE_NEAR = timedelta(seconds=300)
FAILURES: frozenset[AttemptOutcome] = frozenset({"network_error", "congestion"})

Specialists = Callable[[str], tuple[int, int]]
"""Of a queue: how many are on duty, and how many of them are free."""

log = structlog.get_logger(__name__)


class CampaignDesk:
    """One task decides; everything else only tells it that something changed."""

    def __init__(
        self,
        campaigns: Mapping[str, Campaign],
        book: CampaignBook,
        live: LiveAttempts,
        clock: Clock,
        most_lines: int,
        specialists: Specialists = lambda queue: (0, 0),
    ) -> None:
        self.campaigns = campaigns
        self.durable: Durable | None = None
        """Set before `run`."""

        self.is_stopping: Callable[[], bool] = lambda: False
        """The server lets its calls end and is gone then: nobody more is called, the next start goes on."""

        self.breaker = Breaker()
        self.states: dict[str, CampaignState] = dict.fromkeys(campaigns, "running")
        self.flying: dict[str, str] = {}
        """Attempts under way, and their campaigns."""

        self._book, self._live, self._clock = book, live, clock
        self._most_lines, self._specialists = most_lines, specialists
        self._lanes = {name: Lanes() for name in campaigns}
        self._paces = {name: Pace(each.per_second, max(1.0, each.per_second)) for name, each in campaigns.items()}
        self._later: list[tuple[datetime, str]] = []
        self._known: dict[str, Due] = {}
        self._left: list[Due] = []
        self._changed = asyncio.Event()
        self._starting: set[asyncio.Task[None]] = set()
        live.opened = self.changed

    async def load(self) -> None:
        """Everything that waits, from the database."""
        self.states.update({name: state for name, state in (await self._book.states()).items() if name in self.states})
        for due in await self._book.due():
            if due.campaign not in self.campaigns:
                continue
            if due.in_progress:
                self._left.append(due)
            else:
                self._put(due)

    async def receive(self, campaign: str, alert: Alert, *, timeless: bool = False) -> Accepted:
        """Take an event in. On disk when it returns.

        Args:
            timeless: when it occurred is our own guess, and says nothing about whether two events are the same.

        Raises:
            NotThere: no campaign of that name. NotNow: it was stopped. StoreError: nothing was accepted.
        """
        wanted = self.campaign(campaign)
        if self.states[campaign] == "stopped":
            raise NotNow(f"the campaign {campaign} is stopped; set it running again to take events")
        now, digest = self._clock.utc(), cases.digest(alert, timeless=timeless)

        def arrive(known: str, open_case: Case | None) -> Accepted:
            taken = cases.accept(campaign, wanted.lane, alert, now, known_digest=known, open_case=open_case, own=digest)
            if taken.case is None:
                return taken
            case = cases.reached(taken.case, "accepted", self._clock.utc())
            return Accepted(taken.arrival, cases.prioritised(case, self.priority(alert, now)))

        accepted = await self._book.receive(campaign, alert, digest, arrive)
        if accepted.case and accepted.arrival == "new":
            self.changed(accepted.case)
        elif accepted.case and accepted.arrival == "merged":
            self._live.merged(accepted.case)
        return accepted

    @staticmethod
    def priority(alert: Alert, now: datetime) -> float:
        age = max(0.0, (now - alert.occurred_at).total_seconds())
        return fraud_priority(alert.exposure, alert.risk, age, alert.tier == "vip")

    def campaign(self, name: str) -> Campaign:
        if name not in self.campaigns:
            raise NotThere(f"there is no campaign {name!r}; there are: {', '.join(sorted(self.campaigns)) or 'none'}")
        return self.campaigns[name]

    async def cancel(self, case_id: str, reason: str) -> Case | None:
        """Settled elsewhere: it is taken out of the queue before this returns. A call under way goes on; its verdict
        comes too late."""
        case = await self._book.change(case_id, partial(deciding.cancelled, reason, self._clock.utc()))
        if case:
            self.changed(case)
        return case

    async def put_state(self, name: str, state: CampaignState, deed: Deed) -> None:
        self.campaign(name)
        await self._book.put_state(name, state, deed)
        self.states[name] = state
        if state == "stopped":
            for due in [due for due in self._known.values() if due.campaign == name]:
                await self.cancel(due.case_id, "campaign_stopped")
        self._changed.set()

    def changed(self, case: Case) -> None:
        """A case is new, due again, or settled."""
        self._drop(case.case_id)
        if case.is_open and case.state != "in_progress":
            self._put(_due_of(case))
        self._changed.set()

    def took_off(self, attempt_id: str, case: Case) -> None:
        """Also for attempts that a run before this one began."""
        self.flying[attempt_id] = case.campaign
        self._drop(case.case_id)

    def landed(self, attempt_id: str, case_id: str, case: Case | None, outcome: AttemptOutcome | None) -> None:
        self.flying.pop(attempt_id, None)
        if outcome and self.breaker.saw(self._clock.now(), failed=outcome in FAILURES):
            log.warning("the trunk is given a rest", seconds=self.breaker.rest)
        if case is None or not case.is_open:
            self._drop(case_id)
        elif case.state != "in_progress":
            self.changed(case)
        self._changed.set()

    def waiting(self, name: str) -> int:
        return sum(due.campaign == name for due in self._known.values())

    async def run(self) -> None:
        """Begin attempts for as long as the task lives."""
        while True:
            self._changed.clear()
            while self._left:
                await self._take_up(self._left.pop())
            pause = self._look()
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _look(self) -> float:
        """Begin what may begin now; seconds until something else may."""
        now = self._clock.utc()
        while self._later and self._later[0][0] <= now:
            _, case_id = heapq.heappop(self._later)
            due = self._known.get(case_id)
            if due and (due.next_at is None or due.next_at <= now):
                self._enqueue(due, now)
        pause = LOOK_AGAIN_SECONDS
        for lane in LANES:
            names = [name for name, campaign in self.campaigns.items() if campaign.lane == lane]
            while names:  # in turns, so that no campaign of a lane starves another
                pause = min([pause, *(self._take(name, names, lane) for name in list(names))])
        if self._later:
            pause = min(pause, max(0.01, (self._later[0][0] - now).total_seconds()))
        return pause

    def _take(self, name: str, names: list[str], lane: Lane) -> float:
        """One case of a campaign, if it may have a line; a campaign that may not is taken out of `names`."""
        at, pace = self._clock.now(), self._paces[name]
        if not self._may(name, lane) or not self._lanes[name].waiting():
            names.remove(name)
            return LOOK_AGAIN_SECONDS
        if pace.wait(at) > 0:
            names.remove(name)
            return max(0.01, pace.wait(at))
        case_id = self._lanes[name].take(lane)
        due = self._known.pop(case_id or "", None)
        if due and self.breaker.allows(at) and pace.take(at):
            self._start(due)
        elif due:
            self._put(due)
            names.remove(name)
        return LOOK_AGAIN_SECONDS

    def _may(self, name: str, lane: Lane) -> bool:
        campaign, live = self.campaigns[name], Counter(self.flying.values())
        if (
            self.is_stopping()
            or self.states[name] != "running"
            or live[name] >= campaign.most_lines
            or not self._is_closed()
        ):
            return False
        urgent = sum(count for each, count in live.items() if self.campaigns[each].lane == "urgent")
        lines = Lines(self._most_lines, urgent, live.total() - urgent)
        if not room_for(lines, lane):
            return False
        guard = campaign.guard
        on_duty, free = self._specialists(guard.queue) if guard else (0, 0)
        # With nobody on duty at all the flow blocks the card and promises a call: waiting would help nobody.
        return not guard or not on_duty or transfers_fit(live[name], guard.share, free, guard.allowance)

    def _is_closed(self) -> bool:
        """The breaker's circuit: closed, or rested long enough for a trial."""
        return not self.breaker.is_open or self.breaker.is_rested(self._clock.now())

    def _start(self, due: Due) -> None:
        attempt_id = cases.attempt_id(due.case_id, due.attempts + 1)
        self.flying[attempt_id] = due.campaign
        task = asyncio.get_running_loop().create_task(self._begin(attempt_id, due))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _begin(self, attempt_id: str, due: Due) -> None:
        assert self.durable is not None
        try:
            await self.durable.begin(attempt_id, due.case_id)
        except IvrError as error:
            log.warning("an attempt cannot begin", case_id=due.case_id, code=error.code)
            self.flying.pop(attempt_id, None)
            self._put(due)

    async def _take_up(self, due: Due) -> None:
        """An earlier run wrote an attempt down and is gone. Whoever keeps attempts goes on with it; should it have been
        forgotten there (a power cut), it is begun again here, and once either way."""
        assert self.durable is not None
        try:
            await self.durable.begin(cases.attempt_id(due.case_id, due.attempts), due.case_id)
        except IvrError as error:
            log.warning("an attempt is taken up later", case_id=due.case_id, code=error.code)
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._left.append, due)

    def _put(self, due: Due) -> None:
        self._known[due.case_id] = due
        now = self._clock.utc()
        if due.next_at is None or due.next_at <= now:
            self._enqueue(due, now)
        else:
            heapq.heappush(self._later, (due.next_at, due.case_id))

    def _enqueue(self, due: Due, now: datetime) -> None:
        """Into its lane; once its deadline is near, before those whose is not."""
        near_at = due.expires_at - DEADLINE_NEAR if due.expires_at else None
        self._lanes[due.campaign].drop(due.case_id)
        self._lanes[due.campaign].put(
            due.case_id, self.campaigns[due.campaign].lane, priority=due.priority,
            received=due.received_at.timestamp(), deadline_near=near_at is not None and near_at <= now,
        )  # fmt: skip
        if near_at and near_at > now:
            heapq.heappush(self._later, (near_at, due.case_id))

    def _drop(self, case_id: str) -> None:
        if due := self._known.pop(case_id, None):
            self._lanes[due.campaign].drop(case_id)


def _due_of(case: Case) -> Due:
    return Due(
        case.case_id, case.campaign, case.lane, case.priority, case.received_at, case.next_at,
        attempts=len(case.attempts), expires_at=case.alert.expires_at,
    )  # fmt: skip
