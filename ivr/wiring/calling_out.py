"""Campaigns beside the call centre that answers: they need its lines, its flows and its queues."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import structlog

from ivr.campaigns.campaign import Campaign
from ivr.model.campaign_ports import Carrier
from ivr.model.errors import ConfigError
from ivr.store.engine import sqlite_url
from ivr.wiring.answering import judging
from ivr.wiring.campaigns import CampaignWires, TrunkCarrier, TwilioCarrier, campaign_wires
from ivr.wiring.centre import Centre
from ivr.wiring.following import FollowingUp, following_up
from ivr.wiring.loopback import LOOPBACK, loopback
from ivr.wiring.surveys import SurveyDesk

log = structlog.get_logger(__name__)


async def with_campaigns(
    stack: AsyncExitStack, centre: Centre, found: Mapping[str, Campaign], surveys: SurveyDesk
) -> Centre:
    if not found:
        return centre
    carrier = await _carrier(stack, centre)
    if carrier is None:
        log.warning("campaigns_without_line", remedy="set up Twilio or a SIP trunk with an address, or say loopback")
        return centre
    centre.reception.ears_for = judging(centre.reception.ears_for)
    voicemail = {name: centre.flows.flow(each.voicemail) for name, each in found.items() if each.voicemail}
    url = centre.environment.database_url or sqlite_url(centre.config.store.path)
    wires = campaign_wires(
        centre.config, centre.environment, found, carrier, url, centre.reception, centre.routing.dispatcher, voicemail
    )
    made = await stack.enter_async_context(wires)
    await _follow_surveys_up(stack, centre, made, surveys)
    return replace(centre, campaigns=made)


async def _follow_surveys_up(
    stack: AsyncExitStack, centre: Centre, campaigns: CampaignWires, surveys: SurveyDesk
) -> None:
    flying, settings = campaigns.desk.flying, centre.config.survey
    surveys.campaign_of = lambda parameters: flying.get(parameters.get("attempt", ""), "")
    if not settings.follow_up:
        return
    if settings.follow_up_campaign not in campaigns.desk.campaigns:
        log.warning("surveys_not_followed_up", campaign=settings.follow_up_campaign, remedy="add it to campaigns/")
        return
    after = timedelta(minutes=settings.follow_up_after_minutes)
    work = FollowingUp(surveys, centre.store.archive, campaigns.desk, settings.follow_up_campaign, after)
    await stack.enter_async_context(following_up(work))


async def _carrier(stack: AsyncExitStack, centre: Centre) -> Carrier | None:
    """
    Raises:
        ConfigError: config.yaml names a trunk that is not there.
    """
    wanted, trunks = centre.config.campaigns.trunk, centre.sip.trunks
    if wanted == LOOPBACK:
        trunk = await stack.enter_async_context(loopback(centre.config, centre.reception))
        centre.routing.reach_out_through(trunk)
        return TrunkCarrier(trunk, LOOPBACK)
    if wanted in trunks:
        return TrunkCarrier(trunks[wanted], wanted)
    if wanted not in ("", "twilio") or (wanted and not centre.twilio):
        known = ", ".join([*trunks, *(["twilio"] if centre.twilio else []), LOOPBACK])
        raise ConfigError(f"campaigns.trunk: there is no {wanted!r}; there are: {known}")
    if centre.twilio:
        return TwilioCarrier(centre.twilio.dialer)
    return TrunkCarrier(next(iter(trunks.values()))) if trunks else None
