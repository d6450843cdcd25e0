"""SIP settings of config.yaml become lines; a transferred call leaves a finished record."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from ivr.call.reception import Reception
from ivr.config import Asterisk, Config, Number, Recording, Sip, SipTrunk
from ivr.environment import Environment
from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.errors import ConfigError
from ivr.model.events import CallAnswered
from ivr.model.ports import Line
from ivr.web.metrics import Meters
from ivr.wiring.sip import EarlyRecording, SipCounts, SipDesk, early_recording, sip_lines, sip_settings
from telephony.outgoing import OutgoingCalls

CONFIG = Config(
    numbers=[Number(number="+15555550199", flow="shop/hours")],
    sip=Sip(
        enabled=True,
        sip_port=0,
        trunks=[SipTrunk(name="carrier", sources=["192.0.2.1"], address="127.0.0.1:9", register_with_it=True)],
        asterisk=Asterisk(enabled=True, audiosocket_port=0),
    ),
)
ENVIRONMENT = Environment(
    asterisk_token="a-token-of-the-test", sip_users={"CARRIER": "me"}, sip_passwords={"CARRIER": "secret"}
)


@dataclass
class Transferring:
    """A reception whose every call is away at a transfer."""

    is_full: bool = False
    over: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def attempt_told(self, attempt_id: str, status: str) -> None:
        self.told.append((attempt_id, status))

    async def take(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        return None

    async def ended(self, provider_id: str) -> None:
        self.over.append(provider_id)


def test_a_trunk_of_the_file_gets_its_password_from_the_environment() -> None:
    settings = sip_settings(CONFIG, ENVIRONMENT)
    assert [(trunk.name, trunk.user, trunk.password) for trunk in settings.trunks] == [("carrier", "me", "secret")]
    assert "secret" not in repr(settings)
    with pytest.raises(ConfigError, match="IVR_SIP_CARRIER_USER"):
        sip_settings(CONFIG, Environment())
    with pytest.raises(ConfigError, match=r"sip\.trunks"):
        sip_settings(Config(sip=Sip(enabled=True)), Environment())


def test_nothing_listens_unless_it_is_enabled_and_everything_stops_with_the_block(tmp_path: Path) -> None:
    async def run() -> None:
        reception, meters = cast(Reception, Transferring()), Meters()
        async with sip_lines(Config(), Environment(), reception, meters, OutgoingCalls(1, 1)) as wires:
            assert wires.server is None
            assert not wires.trunks
        async with sip_lines(CONFIG, ENVIRONMENT, reception, Meters(), OutgoingCalls(1, 1)) as wires:
            assert wires.server
            assert wires.server.port
            assert wires.audiosocket
            assert wires.audiosocket.port
            assert wires.router
            assert list(wires.trunks) == ["carrier"]

    asyncio.run(run())


def test_a_call_that_the_trunk_took_away_is_finished() -> None:
    reception = Transferring()
    desk = SipDesk(CONFIG, cast(Reception, reception))
    line: Any = None
    asyncio.run(desk.run_call(line, CallAnswered("", "+15555550199"), Leg("sip", {"call_sid": "c1"})))
    asyncio.run(desk.ended("c2", "busy", "a"))
    assert reception.over == ["c1"]
    assert (desk.flow_for("+15555550199"), desk.flow_for("+15555550100"), desk.has_room()) == ("shop/hours", "", True)


def test_what_is_refused_is_in_the_metrics() -> None:
    meters = Meters()
    counts = SipCounts(meters)
    counts.refused("no_room")
    counts.refused("flood")
    counts.ignored("rtp_stranger", 3)
    found = meters.registry.get_sample_value
    assert found("ivr_sip_refused_total", {"why": "flood"}) == 1
    assert found("ivr_calls_refused_total", {"why": "no_room"}) == 1
    assert found("ivr_ignored_messages_total", {"kind": "rtp_stranger"}) == 3


def test_what_comes_before_an_answer_is_kept_beside_the_recordings(tmp_path: Path) -> None:
    settings = Config(recording=Recording(folder=tmp_path))
    silent, said = early_recording(settings, "a@b"), early_recording(settings, "c@d")
    assert silent
    assert said
    silent.close()
    said.caller_said(0.0, AudioFrame(bytes(320), 8000))
    said.caller_heard(0.0, AudioFrame(bytes(320), 8000))
    said.close()
    assert [path.name for path in tmp_path.rglob("*.wav")] == ["c.wav"]
    assert early_recording(Config(recording=Recording(enabled=False)), "e") is None
    (tmp_path / "file").touch()
    broken = EarlyRecording(tmp_path / "file" / "x.wav")
    broken.caller_said(0.0, AudioFrame(bytes(320), 8000))
    broken.close()
