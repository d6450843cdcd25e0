"""The whole server called from a browser: ticket, offer, speech in, prompts and captions back, and the record."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from asr.moonshine import MoonshineRecognizer
from ivr.config import Hearing, Number, Phone, Recording, Speaking, WebRtc
from ivr.environment import Environment
from ivr.model.audio import AudioFrame
from ivr.model.errors import ConfigError
from ivr.web.webrtc_gate import Claims
from ivr.wiring.centre import Centre
from ivr.wiring.server import open_centre
from ivr.wiring.web import web_app
from ivr.wiring.webrtc import webrtc_settings
from telephony.standin.voices import CallerVoices, Speaker
from telephony.webrtc_line import WebRtcLine
from tests.telephony.browser import Browser, calling, loopback
from tests.telephony.serving import running
from tests.wiring.kit import FLOW, config

__all__ = ["loopback"]
pytestmark = [pytest.mark.usefixtures("loopback"), pytest.mark.voice, pytest.mark.xdist_group("webrtc")]

KEY, CALLED = "k", "+15555550100"


@pytest.fixture(autouse=True)
def _fresh_logs() -> None:
    structlog.reset_defaults()


@dataclass
class Served:
    centre: Centre
    http: httpx.AsyncClient

    async def offer(self, token: str, sdp: str) -> dict[str, Any]:
        answer = await self.http.post("/webrtc/offer", json={"token": token, "sdp": sdp, "type": "offer"})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[tuple[Browser, list[str]]]:
        """A call with a ticket of the public page; the list gets our id of it."""
        token, ids = (await self.http.post("/phone/token", json={})).json()["token"], list[str]()

        async def signalling(sdp: str) -> str:
            told = await self.offer(token, sdp)
            ids.append(told["call_id"])
            return str(told["sdp"])

        async with calling(signalling) as browser:
            yield browser, ids

    async def record(self, call_id: str) -> dict[str, Any]:
        """The record, once the call is over."""
        async with asyncio.timeout(60):
            while True:
                found = (await self.http.get(f"/api/calls/{call_id}")).json()
                if found.get("ended_at"):
                    return dict(found)
                await asyncio.sleep(0.05)


Test = Callable[[Served], Coroutine[Any, Any, None]]


def on_a_server(folder: Path, test: Test, **more: Any) -> None:
    settings = config(
        folder,
        numbers=[Number(number=CALLED, flow=FLOW)],
        phone=Phone(public=True),
        speaking=Speaking(voices={"en": ["hibari"]}, cache=folder / "var" / "prompts", warm=False),
        hearing=Hearing(recognizers={"en": ["moonshine"]}),
        recording=Recording(folder=folder / "var" / "recordings"),
        **more,
    )

    async def scenario() -> None:
        async with (
            asyncio.timeout(100),
            open_centre(settings, Environment(api_key=KEY), "http://127.0.0.1:1") as centre,
            running(web_app(centre)) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {KEY}"}) as http,
        ):
            await test(Served(centre, http))

    asyncio.run(scenario())


async def words_of(pcm: bytes) -> str:
    """What a recognizer hears in what the browser heard."""
    with ThreadPoolExecutor(1) as threads:
        stream = MoonshineRecognizer(threads).open(8000, "en")
        stream.feed(AudioFrame(pcm, 8000))
        found = await stream.recognize(final=True)
        await stream.close()
    return found.text.lower()


def test_a_caller_speaks_over_the_menu_and_is_understood_and_answered(tmp_path: Path) -> None:
    clip = CallerVoices(tmp_path / "clips").say("The opening hours please.", Speaker())
    hours = clip.samples.astype("<i2").tobytes()

    async def test(served: Served) -> None:
        async with served.calling() as (browser, ids):
            await browser.got("caption", who="bot", text="Press 1 for our hours, press 2 for a person.")
            await browser.until(browser.is_loud)
            before = browser.heard().size
            browser.microphone.say(hours)
            asked = await browser.got("caption", who="caller", final=True)
            await browser.got("caption", who="bot", text="We open at nine.")
            await browser.got("state", state="ended", reason="system")
            heard = browser.heard()
        assert "hour" in asked["text"].lower()
        record = await served.record(ids[0])
        assert (record["line"], record["called"], record["end_reason"]) == ("webrtc", CALLED, "self_service_completed")
        assert [turn["interrupted"] for turn in record["turns"] if turn["heard"]] == [True]
        assert "nine" in await words_of(heard[before:].tobytes())
        assert (tmp_path / "var" / "recordings").is_dir()

    on_a_server(tmp_path, test)


def test_a_caller_keys_hangs_up_and_everything_is_counted(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        async with served.calling() as (browser, ids):
            await browser.got("caption", who="bot")
            browser.channel.send("nonsense")
            browser.send(type="hangup")
            await browser.got("state", state="ended", reason="caller")
        record = await served.record(ids[0])
        assert (record["end_reason"], record["disconnect_by"]) == ("abandoned_in_ivr", "customer")
        assert served.centre.webrtc
        await served.centre.webrtc.calls.close()
        metrics = (await served.http.get("/metrics")).text
        assert 'ivr_ignored_messages_total{kind="webrtc_channel_not_json"} 1.0' in metrics

    on_a_server(tmp_path, test)


def test_an_agent_is_taken_by_whoever_registered_for_agents(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        assert served.centre.webrtc
        wires, met = served.centre.webrtc, list[Claims]()
        ticket = wires.gate.issue(Claims("agent", offer="offer-7"))

        async def handle(claims: Claims, line: WebRtcLine) -> None:
            met.append(claims)
            line.show_state("active", "talking")
            await line.send_digits("1")

        # The desks are registered from the start, so an agent is expected, but not with such an offer.
        refused = await served.http.post("/webrtc/offer", json={"token": ticket.token, "sdp": "v=0"})
        assert refused.json()["code"] == "webrtc.bad_offer"
        wires.calls.handle("agent", handle)
        token = wires.gate.issue(Claims("agent", offer="offer-7")).token

        async def signalling(sdp: str) -> str:
            return str((await served.offer(token, sdp))["sdp"])

        async with calling(signalling) as browser:
            await browser.got("state", state="active", reason="talking")
            await browser.got("state", state="ended", reason="system")
        assert met == [Claims("agent", offer="offer-7")]

    on_a_server(tmp_path, test)


def test_stopping_the_server_hangs_up_and_finishes_the_records(tmp_path: Path) -> None:
    ended: list[Any] = []

    async def test(served: Served) -> None:
        class Ended:
            def began(self, record: Any) -> None: ...

            def ended(self, record: Any) -> None:
                ended.append(record)

        served.centre.reception.watching = [*served.centre.reception.watching, Ended()]
        assert served.centre.webrtc
        async with served.calling() as (browser, ids):
            await browser.got("caption", who="bot")
            await served.centre.webrtc.calls.close()
            assert [record.call_id for record in ended] == ids
            assert ended[0].disconnect_by == "system"

    on_a_server(tmp_path, test)


def test_turn_needs_its_secret(tmp_path: Path) -> None:
    settings = config(tmp_path, webrtc=WebRtc(turn_urls=["turn:turn.example:3478"]))
    with pytest.raises(ConfigError, match="IVR_TURN_SECRET"):
        webrtc_settings(settings, Environment())
    (server,) = webrtc_settings(settings, Environment(turn_secret="s")).ice_servers("a", 0.0)
    assert server["urls"] == ["turn:turn.example:3478"]
