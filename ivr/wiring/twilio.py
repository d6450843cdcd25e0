"""Twilio's side of the reception."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter

from ivr.call.reception import Reception
from ivr.config import Config
from ivr.environment import Environment
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, TransferFinished
from ivr.web.metrics import Meters
from telephony.dial_plan import DialPlan, sip_host
from telephony.outgoing import OutgoingCalls
from telephony.twilio_legs import TwilioLegs
from telephony.twilio_line import TwilioLine
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_trunk import TwilioTrunk
from telephony.twilio_web import twilio_router


@dataclass(slots=True)
class TwilioDesk:
    """Implements `telephony.twilio_door.TwilioCalls`."""

    config: Config
    reception: Reception

    def flow_for(self, called: str) -> str:
        number = self.config.number_for(called)
        return number.flow if number else ""

    def has_room(self) -> bool:
        return not self.reception.is_full

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        await self.reception.take(line, answered, leg)

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        await self.reception.take_back(call_sid, line, finished)

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        await self.reception.ended(call_sid)
        if attempt_id:
            self.reception.attempt_told(attempt_id, status)


def twilio_settings(config: Config, environment: Environment) -> TwilioSettings:
    """
    Raises:
        ConfigError: the account or the public address is missing or wrong.
    """
    return TwilioSettings(
        account_sid=environment.twilio_account_sid,
        auth_token=environment.twilio_auth_token,
        public_url=environment.public_url,
        human_number=config.directory.get(config.rescue, ""),
        unknown_number_text=config.unknown_number.say,
        unknown_number_language=config.unknown_number.language,
        longest_call_seconds=config.dial_plan.longest_call_seconds,
    )


def dial_plan(config: Config) -> DialPlan:
    """What may be called: numbers as `dial_plan` says, SIP addresses of hosts that config.yaml names anywhere."""
    phones = [agent.phone for agent in config.agents]
    addresses = [address for address in (*config.directory.values(), *phones) if address.startswith("sip")]
    hosts = {sip_host(address) for address in addresses} | set(config.dial_plan.sip_hosts)
    return DialPlan(tuple(config.dial_plan.allow), tuple(config.dial_plan.deny), tuple(sorted(hosts)))


def reception_told(reception: Reception, attempt_id: str) -> None:
    """Looked up when it happens: campaigns put themselves there later."""
    reception.attempt_told(attempt_id, "ringing")


@dataclass(frozen=True, slots=True)
class TwilioWires:
    """The routes that Twilio asks, and the dialer that asks Twilio; they share what is on its way out."""

    router: APIRouter
    dialer: TwilioDialer
    trunk: TwilioTrunk

    async def close(self) -> None:
        await self.trunk.close()
        await self.dialer.close()


def twilio_wires(
    config: Config, environment: Environment, reception: Reception, meters: Meters, outgoing: OutgoingCalls
) -> TwilioWires:
    """
    Args:
        outgoing: what is on its way out, whichever line it takes.

    Raises:
        ConfigError: the account or the public address is missing or wrong.
    """
    settings, plan = twilio_settings(config, environment), dial_plan(config)
    desk = TwilioDesk(config, reception)
    rang = partial(reception_told, reception)
    legs, dialer = TwilioLegs(), TwilioDialer(settings, plan, outgoing)
    router = twilio_router(settings, desk, plan, outgoing, meters, rang, legs)
    return TwilioWires(router, dialer, TwilioTrunk(dialer, legs))
