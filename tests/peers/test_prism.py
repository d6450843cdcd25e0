"""Our REST requests, checked by Prism against the description of its API that Twilio publishes."""

import asyncio
import json
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ivr.model.errors import LineError
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_settings import TwilioSettings
from telephony.twiml import Twiml

pytestmark = pytest.mark.peer

PEERS = Path(__file__).parents[2] / "build" / "peers"
PRISM = PEERS / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
DESCRIPTION = PEERS / "twilio_api_v2010.json"
CALL_SID = "CA" + "1" * 32


def patched_description() -> dict[str, Any]:
    """Twilio repeats the field for each value of a list; its description does not say so, and Prism then wants
    something else (422 for StatusCallbackEvent)."""
    description: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    for path in description["paths"].values():
        for operation in path.values():
            bodies = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for body in bodies.values():
                for name, rule in body["schema"].get("properties", {}).items():
                    if rule.get("type") == "array":
                        body.setdefault("encoding", {})[name] = {"style": "form", "explode": True}
    return description


def is_up(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code > 0
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def prism_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not (PRISM.exists() and DESCRIPTION.exists()):
        pytest.skip("Prism is not installed: run tests/peers/install_prism.sh (needs npm)")
    description = tmp_path_factory.mktemp("prism") / "twilio.json"
    description.write_text(json.dumps(patched_description()), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(description)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            url = f"http://127.0.0.1:{port}"
            while not is_up(url):
                assert running.poll() is None, "Prism ended before it was ready"
            yield url
        finally:
            running.terminate()


def asked(prism_url: str, ask: Callable[[TwilioDialer], Awaitable[Any]], **settings: Any) -> Any:
    async def scenario() -> Any:
        account = TwilioSettings("AC" + "0" * 32, "token", "https://ivr.example.test", rest_url=prism_url, **settings)
        dialer = TwilioDialer(account, DialPlan(("+1",)), OutgoingCalls(4, 60), pause=lambda seconds: asyncio.sleep(0))
        try:
            return await ask(dialer)
        finally:
            await dialer.close()

    return asyncio.run(scenario())


@pytest.mark.parametrize("detection", ["Enable", "DetectMessageEnd", ""])
def test_a_call_with_its_callbacks_is_what_twilio_describes(prism_url: str, detection: str) -> None:
    sid = asked(
        prism_url,
        lambda dialer: dialer.dial("+14155552671", "+14155550100", "fraud check/card", "attempt 1"),
        machine_detection=detection,
    )
    assert sid.startswith("CA")


def test_a_call_whose_line_is_ours_is_what_twilio_describes(prism_url: str) -> None:
    sid = asked(prism_url, lambda dialer: dialer.dial_leg("+14155552671", "+14155550100", "a1b2", 19.6))
    assert sid.startswith("CA")


def test_redirecting_ending_and_cancelling_are_what_twilio_describes(prism_url: str) -> None:
    async def ask(dialer: TwilioDialer) -> None:
        account = TwilioSettings("AC1", "token", "https://ivr.example.test")
        await dialer.redirect(CALL_SID, Twiml(account).dial("+14155552671", 20))
        await dialer.hang_up(CALL_SID)
        await dialer.cancel(CALL_SID)

    asked(prism_url, ask)


def test_the_search_for_a_call_whose_answer_was_lost_is_what_twilio_describes(prism_url: str) -> None:
    async def ask(dialer: TwilioDialer) -> list[str]:
        return await dialer.placed("+14155552671", "+14155550100", datetime.now(UTC) - timedelta(days=9000))

    assert all(sid.startswith("CA") for sid in asked(prism_url, ask))


def test_prism_does_refuse_what_twilio_would(prism_url: str) -> None:
    with pytest.raises(LineError, match="status 422"):
        asked(
            prism_url,
            lambda dialer: dialer.dial("+14155552671", "+14155550100", "fraud", "a1"),
            ring_seconds="soon",
        )
