"""Calls behind Asterisk: the two protocols as bytes, and whole calls over real sockets with a stand-in for Asterisk."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ivr.model.errors import ConfigError, LineError, NotAllowed
from ivr.model.events import CallAnswered, CallerHungUp, DigitPressed, PlaybackFinished, PlaybackStarted
from ivr.model.ports import Line
from telephony.asterisk_audiosocket import AudioSocketServer
from telephony.asterisk_door import MOST_ANNOUNCED, AsteriskDoor, AsteriskSettings
from telephony.asterisk_line import AsteriskLine
from telephony.asterisk_messages import BadAsterisk, FrameReader, SocketFrame, read_control, write_command, write_frame
from telephony.asterisk_web import asterisk_router
from telephony.standin.asterisk import audiosocket, chan_websocket
from tests.telephony.far_end import Recorder, speech, tone
from tests.telephony.sip_kit import Counted, Desk

TOKEN = "a-token-of-the-test"
NUMBERS = {"called": "+15559", "caller": "+15550001"}


@dataclass(frozen=True, slots=True)
class Doors:
    door: AsteriskDoor
    socket: AudioSocketServer
    desk: Desk
    counted: Counted
    http: str

    async def announce(self, token: str = TOKEN, **numbers: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            data = {**NUMBERS, **numbers, "token": token}
            return await client.post(f"http://{self.http}/asterisk/calls", data=data)

    def media(self, token: str = TOKEN, did: str = "%2B15559") -> str:
        return f"ws://{self.http}/asterisk/media?did={did}&caller=%2B15550001&token={token}"


@asynccontextmanager
async def doors(desk: Desk, sources: tuple[str, ...] = ("127.0.0.0/8",)) -> AsyncIterator[Doors]:
    counted = Counted()
    door = AsteriskDoor(AsteriskSettings(TOKEN, sources), desk, counted)
    socket = AudioSocketServer(door, "127.0.0.1", 0)
    await socket.open()
    app = FastAPI()
    app.include_router(asterisk_router(door))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="websockets-sansio"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Doors(door, socket, desk, counted, f"127.0.0.1:{port}")
    finally:
        await socket.close()
        server.should_exit = True
        await serving


async def greet(line: Line) -> None:
    await line.play(1, speech(0.3))


async def greet_and_leave(line: Line) -> None:
    await line.play(1, speech(0.1))
    await line.stop_playing()
    await line.send_digits("1")
    assert not await line.transfer("+15551", 1)
    await line.hang_up()
    await line.hang_up()


def left(desk: Desk) -> bool:
    return bool(desk.events) and isinstance(desk.events[-1], CallerHungUp)


def said_and_heard(desk: Desk, heard: bytes) -> None:
    """The same for both protocols: a greeting of 0.3 s, a key, and what the caller said."""
    assert desk.answered == [CallAnswered("+15550001", "+15559")]
    assert [event for event in desk.events if not isinstance(event, DigitPressed)] == [
        PlaybackStarted(1), PlaybackFinished(1, False, 0.3), CallerHungUp("caller"),
    ]  # fmt: skip
    assert DigitPressed("5") in desk.events
    assert sum(frame.dbfs > -20 for frame in desk.frames) >= 18
    assert len(heard) >= 0.3 * 16000


def test_a_call_over_audiosocket_is_heard_answered_and_ends_when_the_channel_does() -> None:
    async def run() -> None:
        desk = Desk(greet)
        async with asyncio.timeout(60), doors(desk) as open_doors:
            uuid = (await open_doors.announce()).text
            async with audiosocket("127.0.0.1", open_doors.socket.port, uuid) as channel:
                listening = asyncio.create_task(channel.listen())
                await channel.say(tone(0.4))
                channel.press("5")
                await desk.until(lambda desk: PlaybackFinished(1, False, 0.3) in desk.events)
                await desk.until(lambda desk: DigitPressed("5") in desk.events)
            await desk.until(left)
            listening.cancel()
        said_and_heard(desk, bytes(channel.heard))
        assert desk.legs[0].provider_ids == {"call_sid": uuid}

    asyncio.run(run())


@pytest.mark.parametrize("is_json", [False, True])
def test_a_call_over_chan_websocket_is_heard_answered_and_ends_when_the_channel_does(is_json: bool) -> None:
    async def run() -> None:
        desk = Desk(greet)
        async with asyncio.timeout(60), doors(desk) as open_doors:
            async with chan_websocket(open_doors.media(), is_json=is_json) as channel:
                listening = asyncio.create_task(channel.listen())
                await channel.tell("MEDIA_XOFF")
                await channel.tell("MEDIA_XON")
                await channel.say(tone(0.4))
                await channel.tell("DTMF_END", digit="5", duration_ms="100")
                await desk.until(lambda desk: PlaybackFinished(1, False, 0.3) in desk.events)
                await desk.until(lambda desk: DigitPressed("5") in desk.events)
            await desk.until(left)
            await listening
        said_and_heard(desk, bytes(channel.heard))
        assert channel.commands == ["ANSWER"]
        assert desk.legs[0].provider_ids == {"call_sid": "WebSocket/ivr/0x5140001a0040"}

    asyncio.run(run())


def test_asterisk_is_told_when_we_hang_up() -> None:
    async def run() -> None:
        desk = Desk(greet_and_leave)
        async with asyncio.timeout(60), doors(desk) as open_doors:
            uuid = (await open_doors.announce()).text
            async with audiosocket("127.0.0.1", open_doors.socket.port, uuid) as channel:
                await channel.listen()
            assert channel.was_hung_up
            async with chan_websocket(open_doors.media()) as other:
                await other.listen()
            assert other.commands == ["ANSWER", "HANGUP"]
        assert [event for event in desk.events if isinstance(event, CallerHungUp)] == [CallerHungUp("system")] * 2

    asyncio.run(run())


def test_who_is_not_asterisk_or_has_no_token_is_turned_away() -> None:
    async def run() -> None:
        desk = Desk()
        async with asyncio.timeout(60), doors(desk) as open_doors:
            assert (await open_doors.announce(token="wrong")).status_code == 403
            assert (await open_doors.announce(called="+1999")).status_code == 404
            for url in (open_doors.media(token="wrong"), open_doors.media(did="%2B1999")):
                with pytest.raises(InvalidStatus):
                    async with chan_websocket(url):
                        pass
            async with chan_websocket(open_doors.media(), form="opus") as channel:
                await channel.listen()
            for uuid in ("00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"):
                async with audiosocket("127.0.0.1", open_doors.socket.port, uuid) as other:
                    await other.listen()
            async with connect(open_doors.media(), subprotocols=[Subprotocol("media")]):
                pass  # gone before it said anything
            while open_doors.door.faults["no_start"] < 2:  # noqa: ASYNC110 - the door tells nobody
                await asyncio.sleep(0)
            desk.room = False
            with pytest.raises(NotAllowed, match="busy"):
                open_doors.door.announce("+15559", "")
        assert desk.answered == []
        assert open_doors.door.faults == {
            "bad_token": 2, "unknown_number": 2, "no_start": 2, "bad_uuid": 2, "no_room": 1,
        }  # fmt: skip

    asyncio.run(run())


def test_other_machines_are_not_listened_to() -> None:
    async def run() -> None:
        desk = Desk()
        async with asyncio.timeout(60), doors(desk, ("192.0.2.1",)) as open_doors:
            assert (await open_doors.announce()).status_code == 403
            async with audiosocket(
                "127.0.0.1", open_doors.socket.port, str(struct.unpack("!16s", bytes(16))[0].hex())
            ) as c:
                await c.listen()
            assert not open_doors.door.is_known("not an address")
            assert open_doors.door.faults == {"unknown_source": 2}

    asyncio.run(run())


def test_a_uuid_is_good_once_and_only_so_many_are_given() -> None:
    door = AsteriskDoor(AsteriskSettings(TOKEN), Desk(), Counted())
    uuid = door.announce("+15559", "")
    assert door.claim(uuid) == CallAnswered("", "+15559")
    with pytest.raises(NotAllowed, match="announced"):
        door.claim(uuid)
    for _ in range(MOST_ANNOUNCED):
        door.announce("+15559", "")
    with pytest.raises(NotAllowed, match="too many"):
        door.announce("+15559", "")


def test_the_token_is_taken_from_wherever_asterisk_can_put_it() -> None:
    door = AsteriskDoor(AsteriskSettings(TOKEN), Desk(), Counted())
    door.check("127.0.0.1", f"Bearer {TOKEN}", "")
    door.check("127.0.0.1", httpx.BasicAuth("ivr", TOKEN)._auth_header, "")
    for wrong in ("", "Basic !!!", "Digest x", f"Bearer x{TOKEN}"):
        with pytest.raises(NotAllowed):
            door.check("127.0.0.1", wrong, "")


def test_wrong_settings_say_so() -> None:
    with pytest.raises(ConfigError, match="IVR_ASTERISK_TOKEN"):
        AsteriskSettings("short")
    with pytest.raises(ConfigError, match="sources"):
        AsteriskSettings(TOKEN, ("x",))

    async def run() -> None:
        async with doors(Desk()) as open_doors:
            with pytest.raises(LineError, match="AudioSocket cannot listen"):
                await AudioSocketServer(open_doors.door, "127.0.0.1", open_doors.socket.port).open()

    asyncio.run(run())


def test_frames_are_read_however_the_stream_is_cut() -> None:
    stream = write_frame(0x01, bytes(16)) + write_frame(0x10, b"ab" * 160) + write_frame(0x03, b"#") + write_frame(0x00)
    for size in (1, 7, 4096):
        reader = FrameReader()
        frames = [frame for at in range(0, len(stream), size) for frame in reader.feed(stream[at : at + size])]
        assert [frame.kind for frame in frames] == [0x01, 0x10, 0x03, 0x00]
        assert frames[0].uuid == "00000000-0000-0000-0000-000000000000"
        assert [frame.digit for frame in frames] == ["", "", "#", ""]
    with pytest.raises(BadAsterisk, match="too long"):
        list(FrameReader().feed(b"\x10\xff\xff"))
    with pytest.raises(BadAsterisk, match="UUID"):
        _ = SocketFrame(0x10, bytes(16)).uuid


def test_control_messages_are_read_in_both_forms() -> None:
    assert read_control("DTMF_END digit:5 duration_ms:100").digit == "5"
    assert read_control('{"event": "DTMF_END", "digit": "#"}').digit == "#"
    assert read_control("MEDIA_XON").digit == ""
    started = '{"event": "MEDIA_START", "connection_id": "ivr", "channel_id": "1761.1", "format": "alaw", "ptime": 20}'
    assert read_control(started).channel == "1761.1"
    assert read_control("MEDIA_START format:slin").codec.encode(b"abc") == b"ab"
    assert write_command("HANGUP", is_json=True) == '{"command": "HANGUP"}'
    for wrong in ("", "lower case", "{", "[1]", '{"event": 7}', "X" * 9000):
        with pytest.raises(BadAsterisk):
            read_control(wrong)
    with pytest.raises(BadAsterisk, match="MEDIA_START"):
        _ = read_control("MEDIA_START format:opus").codec


def test_a_line_without_sound_gets_silence_and_is_given_up_on_after_a_minute() -> None:
    now, sent, closed, recorder = [100.0], list[bytes | None](), list[int](), Recorder()
    lines: list[type[Line]] = [AsteriskLine]
    assert lines

    async def run() -> list[object]:
        line = AsteriskLine(sent.append, lambda: closed.append(1), 3600.0, lambda: now[0])
        line.listen_along(recorder, 5.0)
        line.answered()
        line.take_sound(bytes(500))
        line.take_digit("")
        while not closed:
            now[0] += 0.02
            line._voice.tick()
        assert line.rate == 8000
        assert line.level_heard() < -90
        assert line.faults["dropped_frames"] > 0
        return [item async for item in line.incoming()]

    items = asyncio.run(run())
    assert items[-1] == CallerHungUp("network")
    assert now[0] == pytest.approx(160.0, abs=0.1)
    assert recorder.said[0][0] == 5.0
