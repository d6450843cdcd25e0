"""Who is let in from Asterisk: the allow-listed machines, with the token, over AudioSocket or a websocket.

AudioSocket carries a UUID and nothing else, so the dialplan asks for one first (`POST /asterisk/calls`), naming the
numbers; it is good for one connection within 30 seconds.
"""

import asyncio
import hmac
import secrets
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Protocol
from uuid import UUID

import structlog

from ivr.model.calls import Leg
from ivr.model.errors import ConfigError, NotAllowed
from ivr.model.events import CallAnswered
from ivr.model.ports import Line
from telephony.asterisk_line import AsteriskLine

ANNOUNCED_SECONDS = 30.0
MOST_ANNOUNCED = 200
GOODBYE_SECONDS = 1.0
LONGEST_FACT = 64
NOT_TAKEN = ("unknown_number", "no_room")
"""These befall callers; the rest is a fault of who knocks."""

log = structlog.get_logger(__name__)


class AsteriskCalls(Protocol):
    """The call centre, as far as Asterisk's calls need it (`telephony.sip_door.SipCalls` has more)."""

    def flow_for(self, called: str) -> str: ...

    def has_room(self) -> bool: ...

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None: ...


class Counts(Protocol):
    def refused(self, why: str) -> None: ...

    def ignored(self, kind: str, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """
    Raises:
        ConfigError: a source is no address or network, or the token is too short.
    """

    token: str
    sources: tuple[str, ...] = ("127.0.0.1",)
    longest_call_seconds: float = 3600.0

    def __post_init__(self) -> None:
        if len(self.token) < 16:
            raise ConfigError("IVR_ASTERISK_TOKEN: use at least 16 characters; `openssl rand -hex 16` makes some")
        try:
            for source in self.sources:
                ip_network(source)
        except ValueError as error:
            raise ConfigError(f"sip.asterisk.sources: {error}") from error


class AsteriskDoor:
    """All state of both doors."""

    def __init__(self, settings: AsteriskSettings, calls: AsteriskCalls, counts: Counts) -> None:
        self._settings, self._calls, self._counts = settings, calls, counts
        self._networks = [ip_network(source) for source in settings.sources]
        self.longest_call_seconds = settings.longest_call_seconds
        self._announced: dict[str, tuple[float, CallAnswered]] = {}
        self.lines: set[AsteriskLine] = set()
        self.faults: Counter[str] = Counter()
        self.is_closing = False

    def check(self, address: str, authorization: str, token: str) -> None:
        """
        Raises:
            NotAllowed: from elsewhere, or without the token (`?token=`, `Bearer` or the password of `Basic`).
        """
        if not self.is_known(address):
            self.refuse("unknown_source")
            raise NotAllowed("this address is not in sip.asterisk.sources")
        if not hmac.compare_digest((token or _token_in(authorization)).encode(), self._settings.token.encode()):
            self.refuse("bad_token")
            raise NotAllowed("the token is missing or wrong")

    def is_known(self, address: str) -> bool:
        try:
            source = ip_address(address)
        except ValueError:
            return False
        return any(source in network for network in self._networks)

    def announce(self, called: str, caller: str) -> str:
        """A UUID for a call that will come over AudioSocket.

        Raises:
            NotAllowed: no flow answers the number, or there is no room.
        """
        answered = self.answered(called, caller)
        now = time.monotonic()
        self._announced = {uuid: each for uuid, each in self._announced.items() if each[0] > now}
        if len(self._announced) >= MOST_ANNOUNCED:
            self.refuse("no_room")
            raise NotAllowed("too many calls are announced")
        uuid = str(UUID(bytes=secrets.token_bytes(16), version=4))
        self._announced[uuid] = (now + ANNOUNCED_SECONDS, answered)
        return uuid

    def answered(self, called: str, caller: str) -> CallAnswered:
        """The first event of a call with these numbers.

        Raises:
            NotAllowed: no flow answers the number, or there is no room.
        """
        called, caller = called[:LONGEST_FACT], caller[:LONGEST_FACT]
        if not called or not self._calls.flow_for(called):
            self.refuse("unknown_number")
            raise NotAllowed("no flow answers this number")
        if self.is_closing or not self._calls.has_room():
            self.refuse("no_room")
            raise NotAllowed("all lines are busy")
        return CallAnswered(caller, called)

    def claim(self, uuid: str) -> CallAnswered:
        """The call that was announced under this UUID; once.

        Raises:
            NotAllowed: none was, or it came too late.
        """
        until, answered = self._announced.pop(uuid, (0.0, CallAnswered("", "")))
        if until < time.monotonic():
            self.refuse("bad_uuid")
            raise NotAllowed("the UUID was not announced")
        return answered

    async def hold(
        self, line: AsteriskLine, answered: CallAnswered, leg: Leg, *pumps: Coroutine[Any, Any, None]
    ) -> None:
        """The call itself, to its end; `pumps` carry its sound meanwhile and never raise."""
        self.lines.add(line)
        line.answered()
        try:
            async with asyncio.TaskGroup() as group:
                carrying = [group.create_task(pump) for pump in pumps]
                await self._calls.run_call(line, answered, leg)
                line.drop("system")
                _, late = await asyncio.wait(carrying, timeout=GOODBYE_SECONDS)
                for pump in late:
                    pump.cancel()
        finally:
            line.drop("network")
            self.lines.discard(line)
            for kind, count in line.faults.items():
                self._counts.ignored(kind, count)

    def refuse(self, why: str) -> None:
        self.faults[why] += 1
        self._counts.refused(why if why in NOT_TAKEN else f"asterisk_{why}")
        log.warning("refused at the Asterisk door", fault=why)

    async def close(self) -> None:
        """No new calls; the ones on the line end."""
        self.is_closing = True
        for line in list(self.lines):
            line.drop("system")


def _token_in(authorization: str) -> str:
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ""
