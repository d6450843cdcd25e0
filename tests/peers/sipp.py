"""sipp scenarios, put together from steps, and sipp itself run against our server."""

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

SOUNDS = Path("/usr/share/sip-tester")
NEEDED = "sipp is not installed (apt-get install sip-tester)"

SDP = """\
v=0
o=caller 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP {kinds}
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a={direction}
"""


def sdp(kinds: str = "8 101", direction: str = "sendrecv", version: int = 1) -> str:
    return SDP.format(kinds=kinds, direction=direction, version=version)


def _request(method: str, number: int, to: str, extra: str, body: str, uri: str = "[next_url]") -> str:
    content = f"Content-Type: application/sdp\n{extra}" if body.startswith("v=") else extra
    return f"""\
<send{"" if method == "ACK" else ' retrans="500"'}><![CDATA[
{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550001@[local_ip]:[local_port]>;tag=[pid]SIPp[call_number]
{to}
Call-ID: [call_id]
CSeq: {number} {method}
Contact: <sip:+15550001@[local_ip]:[local_port]>
Max-Forwards: 70
{content}Content-Length: [len]

{body}]]></send>
"""


def invite(body: str = SDP.format(kinds="8 101", direction="sendrecv", version=1), extra: str = "") -> str:
    target = "sip:[service]@[remote_ip]:[remote_port]"
    return _request("INVITE", 1, f"To: <{target}>", extra, body, target)


def inside(method: str, number: int, body: str = "", extra: str = "") -> str:
    """A request inside the dialogue."""
    return _request(method, number, "To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]", extra, body)


def ack(number: int = 1) -> str:
    return inside("ACK", number)


ACK_OF_REFUSAL = """\
<send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
"""Belongs to the INVITE: the same branch."""


def expect(status: int, body: str = "", header: str = "") -> str:
    """A reply; `body` is a pattern its description must match, `header` one the whole reply must."""
    checks = ""
    if body:
        checks += f'<ereg regexp="{body}" search_in="body" check_it="true" assign_to="seen"/>'
    if header:
        checks += f'<ereg regexp="{header}" search_in="msg" check_it="true" assign_to="seen"/>'
    action = f"<action>{checks}</action>" if checks else ""
    return f'<recv response="{status}" rrs="true">{action}</recv>\n'


TRYING = '<recv response="100" optional="true"/>\n'


def expect_request(method: str) -> str:
    return f'<recv request="{method}"/>\n'


def reply(status: str, extra: str = "", body: str = "") -> str:
    content = "Content-Type: application/sdp\n" if body else ""
    return f"""\
<send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{";tag=[pid]SIPpTag[call_number]" if extra == "first" else ""}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
{content}{"" if extra == "first" else extra}Content-Length: [len]

{body}]]></send>
"""


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>\n'


def play(name: str) -> str:
    """A recorded piece of RTP; needs root."""
    return f'<nop><action><exec play_pcap_audio="{SOUNDS / name}"/></action></nop>\n'


CALL = invite() + TRYING + expect(200, body="PCMA/8000") + ack()
GOODBYE = inside("BYE", 9) + expect(200)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    told: str
    """Its last words, for a failing test."""


async def sipp(
    folder: Path,
    scenario: str,
    *arguments: str,
    remote: str = "",
    host: str = "127.0.0.1",
    service: str = "+15559",
    seconds: float = 12.0,
) -> Ran:
    """Run one scenario to its end, or for so many seconds. `remote` is `host:port` of whom it calls; empty: it waits
    to be called."""
    if not shutil.which("sipp"):
        pytest.skip(NEEDED)
    if "play_pcap" in scenario and os.geteuid() != 0:
        pytest.skip("sipp plays recorded RTP only as root")
    file = folder / f"scenario{abs(hash(scenario))}.xml"
    uses = '<Reference variables="seen"/>' if 'assign_to="seen"' in scenario else ""
    file.write_text(f'<?xml version="1.0"?>\n<scenario name="test">\n{scenario}{uses}</scenario>\n', encoding="utf-8")
    command = [*([remote] if remote else []), "-sf", str(file), "-i", host, "-s", service, "-nostdin", *arguments]
    command += [] if "-m" in arguments else ["-m", "1"]
    ran = await asyncio.create_subprocess_exec(
        "sipp", *command, "-trace_err", "-error_file", str(folder / "errors"),
        cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with suppress(TimeoutError):  # its code says so
            async with asyncio.timeout(seconds):
                await ran.wait()
    finally:
        if ran.returncode is None:
            ran.kill()
        await ran.wait()
    return Ran(-1 if ran.returncode is None else ran.returncode, _errors(folder / "errors"))


def _errors(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
