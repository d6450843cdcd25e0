"""SIP's and Asterisk's side of the reception."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from fastapi import APIRouter
from prometheus_client import Counter

from ivr.call.reception import Reception
from ivr.call.recorder import StereoRecorder
from ivr.config import Config, SipTrunk
from ivr.environment import Environment
from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.errors import ConfigError
from ivr.model.events import CallAnswered
from ivr.model.ports import Line
from ivr.web.metrics import NOT_TAKEN, Meters
from ivr.wiring.twilio import dial_plan, reception_told
from telephony.asterisk_audiosocket import AudioSocketServer
from telephony.asterisk_door import AsteriskDoor, AsteriskSettings
from telephony.asterisk_web import asterisk_router
from telephony.outgoing import OutgoingCalls
from telephony.sip_door import SipDoor
from telephony.sip_server import SipServer
from telephony.sip_settings import SipSettings, SipTrunkSettings
from telephony.sip_trunk import SipTrunk as OutgoingTrunk
from telephony.sip_upkeep import SipUpkeep

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class SipDesk:
    """Implements `telephony.sip_door.SipCalls`, and Asterisk's part of it."""

    config: Config
    reception: Reception

    def flow_for(self, called: str) -> str:
        number = self.config.number_for(called)
        return number.flow if number else ""

    def has_room(self) -> bool:
        return not self.reception.is_full

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        if await self.reception.take(line, answered, leg) is None:
            # the trunk has taken the caller elsewhere, and will not bring them back
            await self.reception.ended(leg.provider_ids["call_sid"])

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        log.info("an outgoing call was not answered", outcome=outcome, attempt=attempt_id)
        self.reception.attempt_told(attempt_id, outcome)


class SipCounts:
    """Everything turned away at either door, by why."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._refused = Counter(
            "ivr_sip_refused", "SIP and Asterisk messages and calls turned away", ["why"], registry=meters.registry
        )

    def refused(self, why: str) -> None:
        self._refused.labels(why).inc()
        if why in NOT_TAKEN:
            self._meters.refused(why)

    def ignored(self, kind: str, count: int) -> None:
        self._meters.ignored(kind, count)


@dataclass(slots=True)
class EarlyRecording:
    """A tap for what comes before an answer: announcements of the carrier. No file where nothing came."""

    path: Path
    _recorder: StereoRecorder | None = None
    _is_broken: bool = False

    def caller_said(self, at: float, frame: AudioFrame) -> None:
        if self._recorder is None and not self._is_broken:
            try:
                self._recorder = StereoRecorder(self.path, frame.rate)
            except OSError:
                self._is_broken = True
                log.warning("early media is not recorded", folder=str(self.path.parent))
        if self._recorder:
            self._recorder.caller_said(at, frame)

    def caller_heard(self, at: float, frame: AudioFrame) -> None:
        """We say nothing before the answer."""

    def close(self) -> None:
        if self._recorder:
            self._recorder.close()


def early_recording(config: Config, call_id: str) -> EarlyRecording | None:
    """Beside the other recordings, and swept with them; named after the SIP Call-ID."""
    if not config.recording.enabled:
        return None
    return EarlyRecording(config.recording.folder / "early" / f"{call_id.partition('@')[0]}.wav")


@dataclass(frozen=True, slots=True)
class SipWires:
    """What runs, if any of it does."""

    server: SipServer | None = None
    trunks: Mapping[str, OutgoingTrunk] = field(default_factory=dict)
    """By name, those that calls go out through: each is a `Trunk` and a `Dialer`."""

    router: APIRouter | None = None
    audiosocket: AudioSocketServer | None = None


def sip_settings(config: Config, environment: Environment) -> SipSettings:
    """
    Raises:
        ConfigError: a trunk is wrong; says which and what to write.
    """
    sip = config.sip
    if sip.enabled and not sip.trunks:
        raise ConfigError("sip.trunks: name at least one; calls from elsewhere are not answered")
    return SipSettings(
        host=sip.listen,
        port=sip.sip_port,
        tls_port=sip.tls.port,
        certificate=str(sip.tls.certificate or ""),
        key=str(sip.tls.key or sip.tls.certificate or ""),
        ca=str(sip.tls.ca or ""),
        public_address=sip.public_address,
        rtp_ports=sip.rtp_ports,
        codecs=tuple(sip.codecs),
        trunks=tuple(_trunk(trunk, environment) for trunk in sip.trunks),
        invites_per_second=sip.invites_per_second,
        most_calls=config.server.max_calls,
        transfer_seconds=sip.transfer_seconds,
        quiet_end_seconds=sip.quiet_end_seconds,
        longest_call_seconds=config.dial_plan.longest_call_seconds,
    )


def _trunk(trunk: SipTrunk, environment: Environment) -> SipTrunkSettings:
    return SipTrunkSettings(
        name=trunk.name,
        sources=tuple(trunk.sources),
        media=tuple(trunk.media),
        address=trunk.address,
        domain=trunk.domain,
        country=trunk.country,
        style=trunk.numbers,
        prefix=trunk.prefix,
        user=environment.sip_users.get(trunk.name.upper(), ""),
        password=environment.sip_passwords.get(trunk.name.upper(), ""),
        registers=trunk.register_with_it,
        accepts_refer=trunk.accepts_refer,
        keep_alive_seconds=trunk.keep_alive_seconds,
        transport=trunk.transport,
    )


def _asterisk(config: Config, environment: Environment) -> AsteriskSettings:
    longest = float(config.dial_plan.longest_call_seconds)
    return AsteriskSettings(environment.asterisk_token, tuple(config.sip.asterisk.sources), longest)


@asynccontextmanager
async def sip_lines(
    config: Config, environment: Environment, reception: Reception, meters: Meters, outgoing: OutgoingCalls
) -> AsyncIterator[SipWires]:
    """Listen while the block runs; calls on the line are told goodbye at its end.

    Raises:
        ConfigError: a setting is wrong.
        LineError: an address cannot be listened on.
    """
    desk, counts, wires = SipDesk(config, reception), SipCounts(meters), SipWires()
    async with AsyncExitStack() as stack:
        if config.sip.asterisk.enabled:
            wires = await _open_asterisk(stack, config, environment, desk, counts)
        if config.sip.enabled:
            server = SipServer(sip_settings(config, environment), counts)
            door = SipDoor(server, desk, dial_plan(config), outgoing)
            await server.open()
            stack.push_async_callback(door.close)
            calling = [trunk for trunk in server.settings.trunks if trunk.address]
            upkeep = [asyncio.create_task(SipUpkeep(server, trunk).run()) for trunk in calling]
            stack.callback(lambda: [task.cancel() for task in upkeep])
            early = partial(early_recording, config)
            rang = partial(reception_told, reception)
            trunks = {trunk.name: OutgoingTrunk(door, trunk, early, rang=rang) for trunk in calling}
            wires = SipWires(server, trunks, wires.router, wires.audiosocket)
        yield wires


async def _open_asterisk(
    stack: AsyncExitStack, config: Config, environment: Environment, desk: SipDesk, counts: SipCounts
) -> SipWires:
    settings, asterisk = config.sip, config.sip.asterisk
    door = AsteriskDoor(_asterisk(config, environment), desk, counts)
    server = AudioSocketServer(door, asterisk.audiosocket_host, asterisk.audiosocket_port)
    await server.open()
    stack.push_async_callback(server.close)
    log.info("Asterisk may call", audiosocket_port=server.port, sip=settings.enabled)
    return SipWires(router=asterisk_router(door), audiosocket=server)
