"""coturn, an independent TURN server: a browser that can reach us through a relay only, with our credentials."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from ivr.model.events import DigitPressed
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_settings import WebRtcSettings
from tests.telephony.browser import answering, calling, loopback
from tests.telephony.far_end import speech, tone

__all__ = ["loopback"]
TURNSERVER = shutil.which("turnserver")
pytestmark = [
    pytest.mark.peer,
    pytest.mark.usefixtures("loopback"),
    pytest.mark.skipif(TURNSERVER is None, reason="coturn is not installed (apt-get install coturn)"),
]
SECRET = "north wind"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def relay() -> AsyncIterator[int]:
    """coturn on a free port of loopback, with `SECRET`."""
    port = free_port()
    assert TURNSERVER
    program = await asyncio.create_subprocess_exec(
        TURNSERVER, "-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", str(port), "--use-auth-secret",
        f"--static-auth-secret={SECRET}", "-r", "test", "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers",
        "--min-port", "45000", "--max-port", "45100", "--log-file", "stdout", "--pidfile", "/dev/null",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(10):
            await listens(port)
        yield port
    finally:
        program.terminate()
        await program.wait()


async def listens(port: int) -> None:
    """It prints nothing that is not buffered; whoever accepts on TCP relays over UDP too."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return await writer.wait_closed()


def browser_configuration(settings: WebRtcSettings) -> RTCConfiguration:
    """What a page makes of the servers we tell it, where nothing but the relay works."""
    servers = [RTCIceServer(**each) for each in settings.ice_servers("page", 2_000_000_000)]
    return RTCConfiguration(iceServers=servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_browser_behind_a_relay_speaks_and_is_heard(transport: str) -> None:
    async def greet(line: WebRtcLine) -> None:
        await line.play(1, speech(0.5))

    async def scenario() -> None:
        async with asyncio.timeout(30), relay() as port, answering(script=greet) as answered:
            urls = (f"turn:127.0.0.1:{port}?transport={transport}",)
            configuration = browser_configuration(WebRtcSettings(turn_urls=urls, turn_secret=SECRET))
            async with calling(answered.answer, configuration=configuration) as browser:
                assert " typ relay" in browser.connection.localDescription.sdp
                assert " typ host" not in browser.connection.localDescription.sdp
                browser.microphone.say(tone(0.5))
                browser.send(type="key", digit="5")
                await answered.until(lambda: bool(np.abs(answered.sound()).max(initial=0) > 4000))
                await answered.until(lambda: DigitPressed("5") in answered.events)
                await browser.until(browser.is_loud)

    asyncio.run(scenario())


def test_credentials_of_another_secret_get_no_relay() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(30), relay() as port:
            for secret, is_good in ((SECRET, True), ("another", False)):
                settings = WebRtcSettings(turn_urls=(f"turn:127.0.0.1:{port}",), turn_secret=secret)
                connection = RTCPeerConnection(browser_configuration(settings))
                connection.createDataChannel("ivr")
                await connection.setLocalDescription(await connection.createOffer())
                assert (" typ relay" in connection.localDescription.sdp) == is_good
                await connection.close()

    asyncio.run(scenario())
