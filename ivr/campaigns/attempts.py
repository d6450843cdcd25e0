"""One attempt to reach somebody, in steps that may each be done again after a crash without harm.

The order is the promise: the attempt is written down, then dialled; a call that may have been placed before a crash is
looked for at the carrier, and never dialled again while that is not known.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from ivr.campaigns import deciding
from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.deciding import attempt_of
from ivr.model.campaign_ports import CampaignBook, Carrier, Change, Looked
from ivr.model.campaigns import ENDED_ATTEMPTS, Attempt, AttemptOutcome, Case, Circumstances
from ivr.model.errors import CallFailed, LineError, NotAllowed, NotThere
from ivr.model.ports import Clock

OUTCOMES: dict[str, AttemptOutcome] = {
    "busy": "busy", "no_answer": "no_answer", "rejected": "rejected", "cancelled": "no_answer",
    "failed": "network_error", "unreachable": "network_error", "completed": "human",
}  # fmt: skip
"""How lines say that a call ended. `completed` without a call of ours: somebody answered and was not heard."""

ASK_AGAIN_SECONDS = 15.0
"""Between questions to a carrier that does not tell."""

GIVE_UP_SECONDS = 6 * 3600.0
"""A carrier that has not told by then is not asked any more; the case goes on as if nobody had answered."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who else must know: the desk that counts lines."""

    took_off: Callable[[str, Case], None]
    landed: Callable[[str, str, Case | None, AttemptOutcome | None], None]


@dataclass(slots=True)
class AttemptSteps:
    campaigns: dict[str, Campaign]
    book: CampaignBook
    live: LiveAttempts
    carrier: Carrier
    clock: Clock
    hooks: Hooks
    run: str
    """Of this server since it started."""

    is_dialable: Callable[[str], bool] = lambda number: True
    _fresh: dict[str, Case] = field(default_factory=dict)
    """Cases as this run wrote them down a moment ago, until their attempts are settled."""

    _placed: dict[str, str] = field(default_factory=dict)
    """What the carrier calls those it took from this run: a database that is away afterwards is no reason to dial
    again."""

    async def begin(self, case_id: str, attempt_id: str) -> str:
        """Write the attempt down, if the rules let it be made. Returns the run that shall dial; empty: nobody shall."""
        begin = partial(self._begin_call, attempt_id)
        case = await self.book.change(case_id, begin, rules=True) or await self.book.case(case_id)
        attempt = attempt_of(case, attempt_id) if case else None
        if case is None or attempt is None or attempt.outcome in ENDED_ATTEMPTS:
            self.hooks.landed(attempt_id, case_id, case, None)
            return ""
        self.hooks.took_off(attempt_id, case)
        self._fresh[attempt_id] = case
        return attempt.run

    def _begin_call(self, attempt_id: str, case: Case, around: Circumstances) -> Change | None:
        campaign = self.campaigns.get(case.campaign)
        if campaign is None or attempt_of(case, attempt_id):
            return None
        to = case.phones[min(case.next_phone, len(case.phones) - 1)]
        turn = deciding.Turn(campaign, self.carrier.name, self.run, self.clock.utc(), self.is_dialable(to))
        return deciding.begin_call(turn, case, around)

    async def place(self, case_id: str, attempt_id: str, run: str) -> AttemptOutcome | None:
        """Dial; after a crash, first ask whether that was done. Returns how it failed; None: it is under way."""
        case, campaign, attempt = await self._known(case_id, attempt_id)
        self.hooks.took_off(attempt_id, case)
        live = self.live.expect(campaign, case, attempt_id)
        live.call_id = attempt.call_id
        if attempt.provider_id or attempt.outcome in ENDED_ATTEMPTS:
            return None
        if attempt_id not in self._placed:
            failed = await self._dial(campaign, case, attempt, fresh=run == self.run)
            if failed:
                return failed
        if provider_id := self._placed[attempt_id]:
            await self.book.change(case_id, partial(deciding.placed, attempt_id, provider_id))
        return None

    async def _dial(self, campaign: Campaign, case: Case, attempt: Attempt, *, fresh: bool) -> AttemptOutcome | None:
        """Have the carrier place the call, or find the one it placed already; or how it failed.

        Args:
            fresh: nobody can have dialled for this attempt yet.
        """
        if not fresh:
            looked = await self._look(campaign, case, attempt)
            if looked.provider_id or not looked.known:
                self._placed[attempt.attempt_id] = looked.provider_id
                return None
        try:
            provider_id = await self.carrier.dial(attempt.to, campaign.caller_id, campaign.flow, attempt.attempt_id)
        except NotAllowed:
            return "congestion"  # the dial plan was asked before: too many calls are out
        except CallFailed as error:
            return OUTCOMES.get(error.outcome, "network_error")
        except LineError as error:
            log.warning("it is not known whether a call was placed", attempt=attempt.attempt_id, code=error.code)
            looked = await self._look(campaign, case, attempt)
            if looked.known and not looked.provider_id:
                return "network_error"
            provider_id = looked.provider_id
        self._placed[attempt.attempt_id] = provider_id
        return None

    async def wait(self, case_id: str, attempt_id: str, run: str) -> AttemptOutcome:
        """Until the attempt is over: the call, or what the carrier says."""
        case, campaign, attempt = await self._known(case_id, attempt_id)
        if attempt.outcome in ENDED_ATTEMPTS:
            return attempt.outcome
        live = self.live.expect(campaign, case, attempt_id)
        # A call that began under another run is not ours any more: only the carrier can tell.
        pause = ASK_AGAIN_SECONDS if run == self.run else 0.0
        waited = 0.0
        while waited < GIVE_UP_SECONDS:
            try:
                async with asyncio.timeout(pause or 0.01):
                    return await asyncio.shield(live.over)
            except TimeoutError:
                waited += max(pause, 1.0)
            if live.call_id and run == self.run:
                continue
            self._fresh.pop(attempt_id, None)
            case, campaign, attempt = await self._known(case_id, attempt_id)
            looked = await self.carrier.status(attempt.provider_id) if attempt.provider_id else Looked(known=False)
            if looked.outcome:
                return "human" if attempt.call_id else looked.outcome
            pause = ASK_AGAIN_SECONDS
        return "no_answer"

    async def settle(self, case_id: str, attempt_id: str, outcome: AttemptOutcome) -> None:
        """Take the end of the attempt into the case, after everything the call noted."""
        await self.live.written(attempt_id)
        live = self.live.by_id.get(attempt_id)
        _, campaign, _ = await self._known(case_id, attempt_id)
        over = partial(
            deciding.call_over, campaign, attempt_id, outcome, dict(live.notes) if live else {}, self.clock.utc()
        )  # fmt: skip
        case = await self.book.change(case_id, over) or await self.book.case(case_id)
        self.live.forget(attempt_id)
        self._fresh.pop(attempt_id, None)
        self._placed.pop(attempt_id, None)
        self.hooks.landed(attempt_id, case_id, case, outcome)

    async def _look(self, campaign: Campaign, case: Case, attempt: Attempt) -> Looked:
        """Ask the carrier until it tells: whoever dials without that may ring twice."""
        known = frozenset(one.provider_id for one in case.attempts if one.provider_id)
        waited = 0.0
        while waited < GIVE_UP_SECONDS:
            try:
                looked = await self.carrier.look_up(
                    attempt.to, campaign.caller_id, attempt.times["created"], known
                )  # fmt: skip
            except LineError:
                looked = Looked(known=False)
            if looked.known:
                return looked
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            waited += ASK_AGAIN_SECONDS
        return Looked(known=False)

    async def _known(self, case_id: str, attempt_id: str) -> tuple[Case, Campaign, Attempt]:
        case = self._fresh.get(attempt_id) or await self.book.case(case_id)
        attempt = attempt_of(case, attempt_id) if case else None
        if case is None or attempt is None:
            raise NotThere("an attempt is written down before its next step, and this one is not")
        return case, self.campaigns[case.campaign], attempt
