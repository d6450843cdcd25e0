"""SIP over TCP and TLS: whole calls both ways, and everything that must not come in over a stream either."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ivr.model.errors import CallFailed
from ivr.model.events import CallerHungUp
from telephony import sip_streams
from telephony.sip_frames import SipFrames, Unframed
from telephony.sip_gate import LARGEST_MESSAGE
from telephony.sip_settings import SipSettings, SipTrunkSettings, Transport
from telephony.sip_trunk import SipTrunk
from tests.telephony.sip_kit import LOOPBACK, SETTINGS, TRUNK, Desk, End, an_end
from tests.telephony.test_sip_calls import until

MESSAGE = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n" \
          b"To: <sip:x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody"  # fmt: skip


def test_messages_are_cut_out_of_a_stream_wherever_it_is_broken() -> None:
    stream = b"\r\n\r\n" + MESSAGE + b"\r\n" + MESSAGE.replace(b"Content-Length", b"l") + b"OPTIONS"
    for size in (1, 7, len(stream)):
        frames = SipFrames()
        found = [each for at in range(0, len(stream), size) for each in frames.feed(stream[at : at + size])]
        assert [len(each) for each in found] == [len(MESSAGE), len(MESSAGE) - 13]
        assert frames.is_halfway


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"x" * (LARGEST_MESSAGE + 1), "too_large"),
        (MESSAGE.replace(b": 4", b": 9000"), "too_large"),
        (MESSAGE.replace(b": 4", b": four"), "malformed"),
        (MESSAGE.replace(b": 4", b": 999999"), "malformed"),
        (MESSAGE.replace(b"Content-Length: 4\r\n", b""), "malformed"),
    ],
)
def test_a_stream_that_cannot_be_framed_is_given_up(sent: bytes, why: str) -> None:
    with pytest.raises(Unframed, match=why):
        SipFrames().feed(sent)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of 127.0.0.1, signed by itself, with its key in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM)
                     + key.private_bytes(serialization.Encoding.PEM, kind, plain))  # fmt: skip
    return str(path)


def secured(certificate: str) -> SipSettings:
    return replace(SETTINGS, certificate=certificate, key=certificate, ca=certificate, tls_port=0)


def trunk_over(transport: Transport, near: End, far: End) -> SipTrunk:
    streams = far.server.streams
    port = streams.tls_port if transport == "tls" else streams.port
    settings = replace(TRUNK, address=f"{LOOPBACK}:{port}", transport=transport)
    return SipTrunk(near.door, settings)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@pytest.mark.parametrize("ends", ["caller", "called"])
def test_a_call_is_placed_answered_and_ended_over_one_connection(
    transport: Transport, ends: str, certificate: str
) -> None:
    settings = secured(certificate)

    async def run() -> None:
        async with asyncio.timeout(60), an_end(Desk(), settings) as near, an_end(Desk(), settings) as far:
            line = await trunk_over(transport, near, far).call("+15555550199", "+15555550001", 5)
            await far.desk.until(lambda desk: desk.answered)
            (call,) = far.server.calls.values()
            assert call.dialog.contact == f"sip:{far.server.near(transport)};transport={transport}"
            if ends == "caller":
                await line.hang_up()
                await far.desk.until(lambda desk: desk.events == [CallerHungUp("caller")])
            else:
                for each in far.door.lines:
                    await each.hang_up()
                assert [item async for item in line.incoming()][-1] == CallerHungUp("caller")
            await until(lambda: not near.server.calls and not far.server.calls)
            assert (len(near.server.streams.open), near.counted.refusals, far.counted.refusals) == (1, [], [])

    asyncio.run(run())


def test_a_trunk_without_the_right_certificate_or_without_anybody_is_unreachable(certificate: str) -> None:
    async def run() -> None:
        stranger = replace(secured(certificate), ca="")
        async with asyncio.timeout(60), an_end(Desk(), stranger) as near, an_end(Desk(), secured(certificate)) as far:
            gone = SipTrunk(near.door, replace(TRUNK, address=f"{LOOPBACK}:1", transport="tcp"))
            for trunk in (trunk_over("tls", near, far), gone):
                with pytest.raises(CallFailed) as told:
                    await trunk.call("+15555550199", "+15555550001", 5)
                assert told.value.outcome == "unreachable"
            assert not near.server.streams.open

    asyncio.run(run())


Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(end: End) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(LOOPBACK, end.server.streams.port)
    try:
        yield reader, writer
    finally:
        writer.close()


def with_an_end(test: Callable[[End], Awaitable[None]], settings: SipSettings = SETTINGS) -> None:
    async def run() -> None:
        async with asyncio.timeout(60), an_end(Desk(), settings) as end:
            await test(end)

    asyncio.run(run())


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


def test_a_question_is_answered_on_its_connection_and_what_follows_is_read_on() -> None:
    async def test(end: End) -> None:
        async with connected(end) as (reader, writer):
            writer.write(b"\r\n\r\n" + MESSAGE + MESSAGE.replace(b"z9hG4bK1", b"z9hG4bK2"))
            for branch in (b"z9hG4bK1", b"z9hG4bK2"):
                answer = await reader.readuntil(b"\r\n\r\n")
                assert answer.startswith(b"SIP/2.0 200")
                assert branch in answer

    with_an_end(test)


def test_a_stranger_is_disconnected_before_a_byte_is_read() -> None:
    elsewhere = replace(SETTINGS, trunks=(SipTrunkSettings("elsewhere", sources=("203.0.113.9",)),))

    async def test(end: End) -> None:
        async with connected(end) as (reader, _):
            assert await is_closed(reader)
        assert end.counted.refusals == ["unknown_source"]

    with_an_end(test, elsewhere)


@pytest.mark.parametrize(
    ("sent", "why"),
    [(b"x" * (LARGEST_MESSAGE + 1), "too_large"), (MESSAGE.replace(b": 4", b": four"), "malformed")],
)
def test_what_cannot_be_framed_costs_the_connection_and_no_other(sent: bytes, why: str) -> None:
    async def test(end: End) -> None:
        async with connected(end) as (reader, writer), connected(end) as (other, talking):
            writer.write(sent)
            assert await is_closed(reader)
            assert end.counted.refusals == [why]
            talking.write(MESSAGE)
            assert (await other.readline()).startswith(b"SIP/2.0 200")

    with_an_end(test)


def test_half_a_message_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_streams, "HALFWAY_SECONDS", 0.05)

    async def test(end: End) -> None:
        async with connected(end) as (reader, writer):
            writer.write(MESSAGE[:40])
            assert await is_closed(reader)
        assert end.counted.refusals == ["half_a_message"]

    with_an_end(test)


def test_a_flood_of_connections_and_of_invites_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_streams, "MOST_OF_ONE", 1)
    invite = MESSAGE.replace(b"OPTIONS", b"INVITE")

    async def test(end: End) -> None:
        async with connected(end) as (reader, writer):
            await until(lambda: len(end.server.streams.open) == 1)
            async with connected(end) as (second, _):
                assert await is_closed(second)
            writer.write(b"".join(invite.replace(b"z9hG4bK1", b"z9hG4bK%d" % number) for number in range(300)))
            await until(lambda: end.counted.refusals.count("flood") > 100)
            assert end.counted.refusals[0] == "too_many_connections"

    with_an_end(test)


def test_a_peer_that_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_streams, "MOST_UNREAD", -1)

    async def test(end: End) -> None:
        async with connected(end) as (reader, writer):
            writer.write(MESSAGE)
            assert await is_closed(reader)
        assert end.counted.refusals == ["does_not_read"]

    with_an_end(test)


def test_whoever_does_not_speak_tls_at_the_door_for_it_is_let_go(certificate: str) -> None:
    async def test(end: End) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, end.server.streams.tls_port)
        writer.write(MESSAGE)
        await is_closed(reader)
        writer.close()
        await until(lambda: end.counted.refusals == ["no_tls"])
        assert not end.server.streams.open

    with_an_end(test, secured(certificate))


def test_a_port_that_is_taken_says_so(tmp_path: Path) -> None:
    async def test(end: End) -> None:
        taken = replace(SETTINGS, port=end.server.port)
        with pytest.raises(Exception, match="cannot listen"):
            async with an_end(Desk(), taken):
                pass

    with_an_end(test)
