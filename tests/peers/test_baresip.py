"""baresip, a real telephone program, calls the whole server: real speech in, real speech back, and the record of it.

sipsak asks whether we are there.
"""

import asyncio
import shutil
import subprocess
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from ivr.config import Hearing, Recording, Sip, SipTrunk, Speaking
from ivr.environment import Environment
from ivr.model.audio import PHONE_RATE, AudioFrame
from ivr.model.calls import CallRecord
from ivr.store.archive import CallFilter
from ivr.wiring.centre import Centre
from ivr.wiring.server import open_centre
from telephony.resample import read_wav
from telephony.standin.voices import CallerVoices, Speaker
from tests.peers.test_sipp import free_port
from tests.telephony.sip_kit import an_end
from tests.wiring.kit import config

pytestmark = pytest.mark.peer

GREETING_SECONDS = 5.0
WAIT_SECONDS = 10.0
CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
call_local_timeout 60
audio_player aufile,{folder}/player.wav
audio_source aufile,{folder}/words.wav
audio_alert aufile,{folder}/alert.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_buffer 20-160
rtp_ports 42000-42400
jitter_buffer_type fixed
jitter_buffer_delay 5-10
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
net_interface 127.0.0.1
snd_path {folder}
"""


def needs(program: str, package: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not installed (apt-get install {package})")
    return found


def test_sipsak_is_told_that_we_are_there_and_what_we_take() -> None:
    sipsak = needs("sipsak", "sipsak")

    async def run() -> tuple[int, str]:
        async with an_end() as end:
            asked = await asyncio.create_subprocess_exec(
                sipsak, "-vv", "-s", f"sip:bot@127.0.0.1:{end.server.port}",
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            told, _ = await asyncio.wait_for(asked.communicate(), 10)
            return asked.returncode or 0, told.decode()

    code, told = asyncio.run(run())
    assert code == 0, told
    assert "SIP/2.0 200 OK" in told
    assert "Allow: INVITE, ACK, BYE" in told


@asynccontextmanager
async def a_centre(folder: Path) -> AsyncIterator[Centre]:
    trunk = SipTrunk(name="test", sources=["127.0.0.1"], keep_alive_seconds=0)
    settings = config(
        folder,
        sip=Sip(enabled=True, sip_port=0, rtp_ports=(40000, 41998), trunks=[trunk]),
        hearing=Hearing(recognizers={"en": ["moonshine"]}),
        recording=Recording(enabled=False),
        speaking=Speaking(voices={"en": ["hibari"]}, cache=folder / "prompts", warm=False),
    )
    async with open_centre(settings, Environment(), "http://127.0.0.1:1") as centre:
        await centre.warm()
        yield centre


def prepare(folder: Path) -> None:
    """baresip's account and settings, and what its caller says once the menu has been read out."""
    said = CallerVoices(folder / "clips").say("I would like to know your hours please.", Speaker()).samples
    parts = (np.zeros(round(GREETING_SECONDS * PHONE_RATE)), said, np.zeros(round(WAIT_SECONDS * PHONE_RATE)))
    with wave.open(str(folder / "words.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(PHONE_RATE)
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
    (folder / "accounts").write_text("<sip:caller@127.0.0.1>;regint=0;audio_codecs=PCMA,PCMU\n", encoding="utf-8")
    (folder / "config").write_text(CONFIG.format(folder=folder, port=free_port()), encoding="utf-8")


@asynccontextmanager
async def calling_with_baresip(folder: Path, port: int) -> AsyncIterator[None]:
    """A call that is on the line while the block runs, or until one side hangs up."""
    phone = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), "-e", f"d sip:+15559@127.0.0.1:{port}", "-t", "40",
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        phone.terminate()
        try:
            await asyncio.wait_for(phone.wait(), 5)
        except TimeoutError:
            phone.kill()
            await phone.wait()


async def one_record(centre: Centre) -> CallRecord:
    """Of the only call there is, once it is over and written."""
    async with asyncio.timeout(30):
        while True:
            page = await centre.store.archive.page(CallFilter())
            if page.calls and page.calls[0].ended_at:
                return await centre.store.archive.call(page.calls[0].call_id)
            await asyncio.sleep(0.1)


async def understood(centre: Centre, pcm: bytes) -> str:
    """The words in a recording, by our recognizer."""
    stream = centre.hearing.by_language["en"].open(PHONE_RATE, "en")
    for at in range(0, len(pcm), 320):
        stream.feed(AudioFrame(pcm[at : at + 320], PHONE_RATE))
    read = await stream.recognize(final=True)
    await stream.close()
    return read.hypotheses[0].text.lower() if read.hypotheses else ""


@pytest.mark.voice
def test_a_caller_with_a_real_telephone_program_is_understood_and_hears_the_answer(tmp_path: Path) -> None:
    needs("baresip", "baresip-core")
    folder = tmp_path / "phone"
    folder.mkdir()
    prepare(folder)

    async def run() -> tuple[CallRecord, str]:
        async with a_centre(tmp_path) as centre:
            assert centre.sip.server
            async with calling_with_baresip(folder, centre.sip.server.port):
                record = await one_record(centre)
            recordings = sorted(folder.glob("dump*-dec.wav"))
            assert len(recordings) == 1
            return record, await understood(centre, read_wav(recordings[0], PHONE_RATE))

    record, heard_back = asyncio.run(run())
    assert (record.leg.kind, record.end_reason) == ("sip", "self_service_completed")
    assert record.path[-2:] == ("hours.hours", "hours.bye")
    assert any("hours" in turn.heard for turn in record.turns)
    assert "the shop" in heard_back
    assert "open at nine" in heard_back
