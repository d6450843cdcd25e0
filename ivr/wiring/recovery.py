"""What goes on after calls without anybody asking: overdue cases escalate, missed calls are judged, customers scored.

All of it is durable (`ivr.wiring.durable`): an escalation that a crash interrupted is told of after the next start.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from dbos import DBOS, SetWorkflowID

from ivr.config_surveys import Recovery
from ivr.model.audit import Deed
from ivr.model.ports import Clock
from ivr.model.recovery import RecoveryCase
from ivr.store.customer_values import CustomerValues
from ivr.store.recovery_cases import CaseFilter, RecoveryCases
from ivr.surveys.recovery import escalated, is_overdue
from ivr.web.live import LiveCalls
from ivr.wiring.durable import every
from ivr.wiring.surveys import SurveyDesk
from ivr.wiring.values import rescore_all

EVERY_MINUTE, EVERY_FIVE_MINUTES, MONTHLY = "* * * * *", "*/5 * * * *", "0 3 1 * *"
MOST_AT_ONCE = 200
LOOK_BACK = timedelta(days=2)
SETTLED = timedelta(minutes=2)
"""A call that ended so recently is still being judged by the server that held it."""

WEBHOOK_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RecoveryDesk:
    """What the workflows work on."""

    settings: Recovery
    cases: RecoveryCases
    surveys: SurveyDesk
    values: CustomerValues
    live: LiveCalls
    clock: Clock
    tiers: dict[str, str] = field(default_factory=dict)
    """Who is above standard, as last read."""

    def tier_of(self, customer: str) -> str:
        return self.tiers.get(customer, "standard")

    def opened(self, case: RecoveryCase) -> None:
        """Tell the console at once, and the webhook durably."""
        self.show("recovery_case", case)
        if self.settings.webhook:
            self.surveys.in_background(_start_telling("recovery_case", case.case_id))

    def show(self, kind: str, case: RecoveryCase) -> None:
        self.live.happened(kind, case.call_id, **told(case))


_at_work: list[RecoveryDesk] = []
"""The desk of this program; workflows are functions of a module and find it here."""


def told(case: RecoveryCase) -> dict[str, Any]:
    """A case without number and words."""
    return {
        "case_id": case.case_id, "due_at": case.due_at.isoformat(), "reasons": list(case.reasons),
        "owner": case.owner, "tier": case.tier, "state": case.state, "escalations": case.escalations,
    }  # fmt: skip


@asynccontextmanager
async def recovering(desk: RecoveryDesk) -> AsyncIterator[RecoveryDesk]:
    """Put the desk in place; enter it before `durable`, and call `keep_going` inside that."""
    desk.surveys.alert, desk.surveys.tier_of = desk.opened, desk.tier_of
    desk.tiers = dict(await desk.values.tiers(desk.clock.utc()))
    _at_work.append(desk)
    try:
        yield desk
    finally:
        _at_work.remove(desk)


async def keep_going() -> None:
    """Inside `durable`: judge what the last run left, and let the rest come round."""
    desk = _at_work[-1]
    # This node's own calls of the last run are over for certain: the store has closed them at its start.
    await desk.surveys.catch_up(desk.clock.utc() - LOOK_BACK, desk.clock.utc() - SETTLED)
    await every("recovery_cases_overdue", EVERY_MINUTE, escalate_overdue)
    await every("calls_unjudged", EVERY_FIVE_MINUTES, judge_missed)
    await every("customer_values", MONTHLY, rescore_customers)


@DBOS.workflow()
async def escalate_overdue(due: datetime, context: Any) -> None:
    """Each overdue case one level up, and told."""
    for case_id, level in await overdue_cases():
        if await escalate(case_id, level):
            await tell("recovery_case_escalated", case_id)


@DBOS.step()
async def overdue_cases() -> list[tuple[str, int]]:
    desk = _at_work[-1]
    now = desk.clock.utc()
    page = await desk.cases.page(CaseFilter(overdue_at=now, limit=MOST_AT_ONCE))
    return [(case.case_id, case.escalations) for case in page.cases if _is_overdue(desk, case, now)]


@DBOS.step(retries_allowed=True, max_attempts=5)
async def escalate(case_id: str, level: int) -> bool:
    """From `level` to the next, once, however often it is tried. False: somebody has contacted the customer."""
    desk = _at_work[-1]
    now = desk.clock.utc()

    def up(case: RecoveryCase) -> RecoveryCase:
        is_mine = case.escalations == level and _is_overdue(desk, case, now)
        return escalated(case, desk.settings.escalate_to, now) if is_mine else case

    deed = Deed("ivr", "recovery_case.escalate", case_id, "", {"level": level + 1})
    after = await desk.cases.change(case_id, up, deed)
    return after.escalations == level + 1


@DBOS.step(retries_allowed=True, max_attempts=8, interval_seconds=2.0, backoff_rate=2.0)
async def tell(kind: str, case_id: str) -> None:
    """To the console, and to the webhook where one is set; tried again for some minutes."""
    desk = _at_work[-1]
    case = await desk.cases.case(case_id)
    if kind != "recovery_case":
        desk.show(kind, case)
        log.warning("recovery case overdue", case_id=case.case_id, level=case.escalations, tier=case.tier)
    if desk.settings.webhook:
        async with httpx.AsyncClient(timeout=WEBHOOK_SECONDS) as client:
            content = {"event": kind, "call_id": case.call_id, **told(case)}
            (await client.post(desk.settings.webhook, json=content)).raise_for_status()


@DBOS.workflow()
async def tell_of(kind: str, case_id: str) -> None:
    await tell(kind, case_id)


async def _start_telling(kind: str, case_id: str) -> None:
    with SetWorkflowID(f"{kind}-{case_id}"):
        await DBOS.start_workflow_async(tell_of, kind, case_id)


@DBOS.workflow()
async def judge_missed(due: datetime, context: Any) -> None:
    await judge_those_missed()


@DBOS.step(retries_allowed=True)
async def judge_those_missed() -> int:
    desk = _at_work[-1]
    now = desk.clock.utc()
    desk.tiers = dict(await desk.values.tiers(now))
    return await desk.surveys.catch_up(now - LOOK_BACK, now - SETTLED)


@DBOS.workflow()
async def rescore_customers(due: datetime, context: Any) -> None:
    await rescore_everybody(due)


@DBOS.step(retries_allowed=True)
async def rescore_everybody(at: datetime) -> int:
    """The moment it was due stands in the history, so that a second try adds nothing."""
    return await rescore_all(_at_work[-1].values, at)


def _is_overdue(desk: RecoveryDesk, case: RecoveryCase, now: datetime) -> bool:
    again = timedelta(minutes=desk.settings.escalate_again_minutes)
    return is_overdue(case, now, again, desk.settings.most_escalations)
