"""Campaigns beside the call centre that answers: they need its lines, its flows and its queues."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from ivr.campaigns.campaign import Campaign
from ivr.store.engine import sqlite_url
from ivr.wiring.campaigns import TrunkCarrier, TwilioCarrier, campaign_wires
from ivr.wiring.centre import Centre

log = structlog.get_logger(__name__)


async def with_campaigns(stack: AsyncExitStack, centre: Centre, found: Mapping[str, Campaign]) -> Centre:
    trunk = next(iter(centre.sip.trunks.values()), None)
    if not found:
        return centre
    if not centre.twilio and not trunk:
        log.warning("campaigns_without_line", remedy="set up Twilio or a SIP trunk with an address")
        return centre
    carrier = TwilioCarrier(centre.twilio.dialer) if centre.twilio else TrunkCarrier(trunk) if trunk else None
    assert carrier is not None
    voicemail = {name: centre.flows.flow(each.voicemail) for name, each in found.items() if each.voicemail}
    url = centre.environment.database_url or sqlite_url(centre.config.store.path)
    wires = campaign_wires(
        centre.config, centre.environment, found, carrier, url, centre.reception, centre.routing.dispatcher, voicemail
    )
    return replace(centre, campaigns=await stack.enter_async_context(wires))
