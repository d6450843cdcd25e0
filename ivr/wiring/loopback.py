"""Campaigns without a carrier: simulated customers in this program, for demonstrations and tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from ivr.call.reception import Reception
from ivr.config import Config
from ivr.demo.customers import load_customers, who_answers
from ivr.wiring.sip import SipDesk
from ivr.wiring.twilio import dial_plan, reception_told
from telephony.loopback import LoopbackTrunk
from telephony.outgoing import OutgoingCalls
from telephony.standin.voices import CallerVoices

LOOPBACK = "loopback"

log = structlog.get_logger(__name__)


@asynccontextmanager
async def loopback(config: Config, reception: Reception) -> AsyncIterator[LoopbackTrunk]:
    """A trunk to `campaigns.customers`, with the dial plan of real ones; its calls end with the block.

    Raises:
        ConfigError: the file of customers is wrong.
    """
    plan = config.dial_plan
    customers = load_customers(config.campaigns.customers)
    voices = CallerVoices(config.speaking.cache / "customers")
    log.warning("campaigns call nobody", trunk=LOOPBACK, customers=len(customers))
    trunk = LoopbackTrunk(
        who_answers(customers, voices), SipDesk(config, reception), dial_plan(config),
        OutgoingCalls(plan.most_calls_at_once, plan.longest_call_seconds), partial(reception_told, reception),
        plan.longest_call_seconds,
    )  # fmt: skip
    try:
        yield trunk
    finally:
        await trunk.close()
