"""A SIP line for the benchmarks: our server, and a telephone of a few lines that buffers nothing."""

import asyncio
import random
import re
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from benchmarks.line_kinds import Phone, Take
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered
from ivr.model.g711 import alaw_decode, alaw_encode
from ivr.model.ports import Line
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.sip_door import SipDoor
from telephony.sip_server import SipServer
from telephony.sip_settings import SipSettings, SipTrunkSettings

LOOPBACK = "127.0.0.1"
TRUNK = SipTrunkSettings("benchmark", sources=(LOOPBACK,), keep_alive_seconds=0)
SETTINGS = SipSettings(port=0, rtp_ports=(20000, 29998), trunks=(TRUNK,), invites_per_second=1000, most_calls=200)
PCMA = 8


class SipKind:
    """G.711 A-law over RTP; the network loses packets both ways."""

    @asynccontextmanager
    async def serving(self, callers: int, take: Take) -> AsyncIterator[list[Any]]:
        server = SipServer(SETTINGS)
        door = SipDoor(server, _Desk(take), DialPlan(), OutgoingCalls(0, 60))
        await server.open()
        try:
            yield [(server.port, number) for number in range(callers)]
        finally:
            await door.close()

    async def call(self, ticket: Any, phone: Phone, loss: float) -> None:
        port, number = ticket
        dice, loop = random.Random(number), asyncio.get_running_loop()
        signalling, sip = await loop.create_datagram_endpoint(_Signalling, local_addr=(LOOPBACK, 0))
        sound, rtp = await loop.create_datagram_endpoint(lambda: _Ear(phone, dice, loss), local_addr=(LOOPBACK, 0))
        ours = sound.get_extra_info("sockname")[1]
        near = f"{LOOPBACK}:{signalling.get_extra_info('sockname')[1]}"
        signalling.sendto(invite(near, number, ours), (LOOPBACK, port))
        answer = await sip.answer
        signalling.sendto(request("ACK", near, number, 1, answer), (LOOPBACK, port))
        found = re.search(r"m=audio (\d+)", answer)
        assert found, answer
        began = time.monotonic() + random.random() * 0.02
        for at in range(round(phone.seconds * 50)):
            await asyncio.sleep(max(0.0, began + at * 0.02 - time.monotonic()))
            payload = alaw_encode(phone.say(at, time.monotonic()).tobytes())
            if dice.random() >= loss:
                header = struct.pack("!BBHLL", 0x80, PCMA, at & 0xFFFF, at * 160, number + 1)
                sound.sendto(header + payload, (LOOPBACK, int(found[1])))
        signalling.sendto(request("BYE", near, number, 2, answer), (LOOPBACK, port))
        rtp.is_over = True
        await asyncio.sleep(0.2)
        for transport in (signalling, sound):
            transport.close()


class _Signalling(asyncio.DatagramProtocol):
    """Waits for the answer to an INVITE."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if b"200 OK" in data.split(b"\r\n", 1)[0] and not self.answer.done():
            self.answer.set_result(data.decode())


class _Ear(asyncio.DatagramProtocol):
    """Hears each packet as it comes."""

    def __init__(self, phone: Phone, dice: random.Random, loss: float) -> None:
        self._phone, self._dice, self._loss, self.is_over = phone, dice, loss, False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.is_over and data[1] & 0x7F == PCMA and self._dice.random() >= self._loss:
            self._phone.hear(time.monotonic(), np.frombuffer(alaw_decode(data[12:]), "<i2"))


def invite(near: str, number: int, port: int) -> bytes:
    host = near.partition(":")[0]
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\na=ptime:20\r\n"
    )
    kind = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    return (head("INVITE", near, number, 1, "") + kind).encode()


def request(method: str, near: str, number: int, count: int, answer: str) -> bytes:
    """ACK or BYE of a call that was answered."""
    tag = re.search(r"^To:.*;tag=([^;\r]+)", answer, re.MULTILINE | re.IGNORECASE)
    assert tag, answer
    return (head(method, near, number, count, f";tag={tag[1]}") + "Content-Length: 0\r\n\r\n").encode()


def head(method: str, near: str, number: int, count: int, tag: str) -> str:
    return (
        f"{method} sip:{number}@{LOOPBACK} SIP/2.0\r\nVia: SIP/2.0/UDP {near};branch=z9hG4bK{method}{number};rport\r\n"
        f"From: <sip:caller@{near}>;tag=c{number}\r\nTo: <sip:{number}@{LOOPBACK}>{tag}\r\n"
        f"Call-ID: {number}@{near}\r\nCSeq: {count} {method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:{near}>\r\n"
    )


class _Desk:
    """`SipCalls` that hands every line over."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def flow_for(self, called: str) -> str:
        return "benchmark"

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        await self._take(int(answered.called), line)

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        """Nothing to remember."""
