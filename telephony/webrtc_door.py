"""Where browsers come in: an offer becomes an answer and a `WebRtcLine`. Who may come is decided elsewhere."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import structlog
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError

from telephony.webrtc_aiortc import OutgoingTrack, drain, pass_over_scraps, take_packets
from telephony.webrtc_codecs import CODECS, Codec
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_offer import read_offer
from telephony.webrtc_settings import WebRtcSettings

CHANNEL = "ivr"
LONGEST_TURN_WAIT = 2.0
"""Seconds a setup waits for its turn; then the browser is asked to come again."""

MOST_UNSENT = 65536
"""Bytes waiting in the data channel of a browser that does not read; further messages are dropped."""

MOST_EARLY = 20
"""Messages kept until the data channel opens, a moment after sound can pass: the greeting's words are among them."""

CLOSE_SECONDS = 3.0
"""A browser that does not answer our farewell is not waited for."""

log = structlog.get_logger(__name__)


class BrowserPeer:
    """One `RTCPeerConnection` and the line it carries. Implements `telephony.webrtc_line.Peer`."""

    def __init__(self, settings: WebRtcSettings, codec_name: str, gone: Callable[[], None]) -> None:
        servers = [RTCIceServer(**each) for each in settings.own_ice_servers()]
        # Without a configuration aiortc asks a STUN server of Google's.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._codec_name, self._gone = codec_name, gone
        codec: Codec = CODECS[codec_name]()
        self.line = WebRtcLine(codec, settings, self)
        self._track = OutgoingTrack(self.line.next_payload, codec.clock_rate, time.monotonic)
        self._channel: RTCDataChannel | None = None
        self._early: deque[str] = deque(maxlen=MOST_EARLY)
        self._draining: list[asyncio.Task[None]] = []
        self._is_closed = False
        self._connection.on("connectionstatechange", self._changed)
        self._connection.on("datachannel", self._opened)

    async def answer(self, sdp: str) -> str:
        """Our SDP. Raises whatever aiortc raises for an offer it cannot read."""
        connection = self._connection
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        sender = connection.addTrack(self._track)
        transceiver = next(each for each in connection.getTransceivers() if each.sender is sender)
        known, wanted = RTCRtpReceiver.getCapabilities("audio"), f"audio/{self._codec_name}"
        codecs = known.codecs if known else []
        transceiver.setCodecPreferences([each for each in codecs if each.mimeType.lower() == wanted])
        take_packets(transceiver.receiver, self.line.take_packet)
        self._draining = [asyncio.create_task(drain(each.track)) for each in connection.getReceivers() if each.track]
        await connection.setLocalDescription(await connection.createAnswer())
        pass_over_scraps(connection)
        return str(connection.localDescription.sdp)

    def send(self, text: str) -> None:
        channel = self._channel
        if channel is None:
            self._early.append(text)
            return
        if channel.readyState != "open" or channel.bufferedAmount > MOST_UNSENT:
            return
        with suppress(InvalidStateError, ConnectionError):
            channel.send(text)

    async def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._track.stop()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._connection.close()
        finally:
            for task in self._draining:
                task.cancel()
            self._gone()

    def _changed(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self.line.begin()
            case "failed":
                self.line.lose("network")
            case "closed":
                self.line.lose("caller")

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL or self._channel is not None:
            self.line.count_fault("channel_foreign")
            channel.close()
            return
        self._channel = channel
        cast(Any, channel).on("message", self.line.take_message)
        cast(Any, channel).on("close", lambda: self.line.lose("caller"))
        self.line.show_state("active")
        while self._early:
            self.send(self._early.popleft())


class WebRtcDoor:
    """All browsers of this node."""

    def __init__(self, settings: WebRtcSettings, now: Callable[[], float] = time.monotonic) -> None:
        self.settings, self._now = settings, now
        self._peers: set[BrowserPeer] = set()
        self._next_turn = 0.0

    @property
    def has_room(self) -> bool:
        return len(self._peers) < self.settings.most_connections

    async def turn(self) -> bool:
        """Wait for one's turn to be set up; False: too many wait already."""
        now = self._now()
        wait = max(0.0, self._next_turn - now)
        if wait > LONGEST_TURN_WAIT:
            return False
        self._next_turn = now + wait + 1 / self.settings.setups_per_second
        await asyncio.sleep(wait)
        return True

    async def connect(self, sdp: str) -> tuple[str, WebRtcLine]:
        """The answer to an offer, and the line; whoever gets it runs `line.carry()` until it returns.

        Raises:
            BadQuery: it is no offer of one audio call.
            Exception: anything else that aiortc finds in it.
        """
        offer = read_offer(sdp)
        peer = BrowserPeer(self.settings, offer.choose(self.settings.codecs), lambda: self._peers.discard(peer))
        self._peers.add(peer)
        is_answered = False
        try:
            answer = await peer.answer(offer.sdp)
            is_answered = True
        finally:
            if not is_answered:
                await peer.close()
        return answer, peer.line
