"""Who hung up before the survey is called later: after some minutes, durably, an event for a campaign like any other.
So calling hours, caps, consent and do-not-call hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from dbos import DBOS, SetWorkflowID

from ivr.campaigns.desk import CampaignDesk
from ivr.model.calls import CallRecord
from ivr.model.errors import NotThere, StoreError
from ivr.store.archive import CallArchive
from ivr.surveys.following import follow_up_alert
from ivr.wiring.surveys import SurveyDesk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FollowingUp:
    """What the workflows work on."""

    surveys: SurveyDesk
    archive: CallArchive
    desk: CampaignDesk
    campaign: str
    after: timedelta

    def left_early(self, record: CallRecord) -> None:
        """`SurveyDesk.follow_up`: call them later."""
        self.surveys.in_background(_start(record.call_id, self.after.total_seconds()))


_at_work: list[FollowingUp] = []
"""Of this program; workflows are functions of a module and find it here."""


@asynccontextmanager
async def following_up(work: FollowingUp) -> AsyncIterator[None]:
    """Inside `durable`: from now on it is meant seriously."""
    _at_work.append(work)
    work.surveys.follow_up = work.left_early
    try:
        yield
    finally:
        work.surveys.follow_up = None
        _at_work.remove(work)


async def _start(call_id: str, seconds: float) -> None:
    # The id makes it once for each call, whatever happens.
    with SetWorkflowID(f"survey-follow-up-{call_id}"):
        await DBOS.start_workflow_async(call_later, call_id, seconds)


@DBOS.workflow()
async def call_later(call_id: str, seconds: float) -> str:
    await DBOS.sleep_async(seconds)
    return await hand_to_campaign(call_id)


@DBOS.step(retries_allowed=True, max_attempts=10, interval_seconds=1.0, backoff_rate=2.0)
async def hand_to_campaign(call_id: str) -> str:
    """What became of it: new, again, merged, conflict, nobody (there is no number, or no such call any more)."""
    if not _at_work:
        raise StoreError("campaigns are not ready yet")  # tried again for about a quarter of an hour
    work = _at_work[-1]
    try:
        alert = follow_up_alert(await work.archive.call(call_id))
    except NotThere:
        alert = None
    if alert is None:
        return "nobody"
    accepted = await work.desk.receive(work.campaign, alert)
    log.info("survey is followed up", call_id=call_id, arrival=accepted.arrival)
    return accepted.arrival
