"""pyttsx3 in its child: the real one, and children that hang, die and talk nonsense."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import psutil
import pytest

from ivr.model.audio import AudioFrame
from ivr.model.errors import VoiceError
from tts.pyttsx3_voice import Pyttsx3Voice

READY = 'print(\'{"ok": true, "error": ""}\', flush=True);'


def child(code: str) -> list[str]:
    """A child that runs `code`, with `sys`, `json` and `time` imported."""
    return [sys.executable, "-c", "import sys, json, time;" + code]


async def said(voice: Pyttsx3Voice, text: str = "Hello.", language: str = "en") -> AudioFrame:
    return AudioFrame(b"".join([frame.pcm async for frame in voice.speak(text, 8000, language)]), 8000)


OTHERS: set[psutil.Process] = set()
"""Children of this worker that were there before the test: other tests keep whole servers running."""


@pytest.fixture(autouse=True)
def look_around() -> None:
    OTHERS.clear()
    OTHERS.update(psutil.Process().children())


def children() -> list[psutil.Process]:
    """Those of the voice."""
    alive = [process for process in psutil.Process().children() if process not in OTHERS]
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


async def started() -> Pyttsx3Voice:
    """The real voice; skips where pyttsx3 finds no speech engine."""
    voice = Pyttsx3Voice()
    try:
        await voice.start()
    except VoiceError as error:
        await voice.close()
        pytest.skip(str(error))
    return voice


@pytest.mark.voice
@pytest.mark.peer
def test_the_real_child_speaks_english_and_chinese_one_sentence_at_a_time() -> None:
    async def scenario() -> list[AudioFrame]:
        voice = await started()
        try:
            return list(
                await asyncio.gather(
                    said(voice, "Thank you for calling. How can I help?"),
                    said(voice, "感谢您的来电。", "zh-CN"),
                    said(voice, "Good bye."),
                )
            )
        finally:
            await voice.close()

    for sound in asyncio.run(scenario()):
        assert 0.4 < sound.seconds < 5.0
        assert np.flatnonzero(np.abs(sound.samples.astype(int)) > 104)[0] / 8000 < 0.010  # 104: -50 dBFS
        assert -28.0 < sound.dbfs < -17.0
    assert children() == []


@pytest.mark.voice
@pytest.mark.peer
def test_a_child_that_was_killed_is_replaced_for_the_next_sentence() -> None:
    async def scenario() -> AudioFrame:
        voice = await started()
        try:
            children()[0].kill()
            with pytest.raises(VoiceError, match="lost its child"):
                await said(voice)
            return await said(voice)
        finally:
            await voice.close()

    assert asyncio.run(scenario()).seconds > 0.2


@pytest.mark.voice
@pytest.mark.peer
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child's life to its parent's")
def test_the_child_dies_with_a_server_that_is_killed() -> None:
    server = textwrap.dedent("""
        import asyncio, psutil
        from tts.pyttsx3_voice import Pyttsx3Voice

        async def main():
            await Pyttsx3Voice().start()
            print(psutil.Process().children()[0].pid, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """)
    asyncio.run(closed_at_once())
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        orphan = psutil.Process(int(running.stdout.readline()))
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert psutil.wait_procs([orphan], timeout=10)[1] == []


async def closed_at_once() -> None:
    await (await started()).close()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit(1)", "lost its child"),
        ("print('Audio saved to x', flush=True)", "no answer"),
        ("print(json.dumps({'ok': False, 'error': 'RuntimeError'}), flush=True)", "failed: RuntimeError; is espeak-ng"),
        (READY + "sys.stdin.readline()", "lost its child"),
        (READY + "sys.stdin.readline(); time.sleep(60)", "did not answer within 0.3 s"),
        (READY + "sys.stdin.readline();" + READY, "no readable sound: FileNotFoundError"),
        (
            READY + "r = json.loads(sys.stdin.readline()); open(r['file'], 'w').write('RIFF');" + READY,
            "no readable sound",
        ),
    ],
)
def test_a_child_that_misbehaves_fails_the_sentence_and_leaves_no_process(code: str, message: str) -> None:
    async def scenario() -> None:
        voice = Pyttsx3Voice(timeout_seconds=0.3, command=child(code))
        try:
            with pytest.raises(VoiceError, match=message):
                await said(voice)
        finally:
            await voice.close()

    asyncio.run(scenario())
    assert children() == []


WAV = (
    "import wave; r = json.loads(sys.stdin.readline()); w = wave.open(r['file'], 'wb'); w.setnchannels({channels});"
    "w.setsampwidth({width}); w.setframerate(8000); w.writeframes({sound}); w.close();"
)


@pytest.mark.parametrize(
    ("wav", "message"),
    [
        (WAV.format(channels=1, width=2, sound="bytes(8000)"), "made no sound of a sentence of 6 characters"),
        (WAV.format(channels=1, width=1, sound="bytes(8000)"), "wrote 8-bit sound"),
    ],
)
def test_sound_that_is_none_fails_the_sentence(wav: str, message: str) -> None:
    async def scenario() -> None:
        voice = Pyttsx3Voice(command=child(READY + wav + READY + "sys.stdin.read()"))
        try:
            with pytest.raises(VoiceError, match=message):
                await said(voice)
        finally:
            await voice.close()

    asyncio.run(scenario())


def test_stereo_sound_is_heard_by_its_left_channel() -> None:
    async def scenario() -> AudioFrame:
        wav = WAV.format(channels=2, width=2, sound="(b'\\0\\x20\\0\\0' * 4 + b'\\0\\xe0\\0\\0' * 4) * 1000")
        voice = Pyttsx3Voice(command=child(READY + wav + READY + "sys.stdin.read()"))
        try:
            return await said(voice)
        finally:
            await voice.close()

    assert asyncio.run(scenario()).seconds == pytest.approx(1.0, abs=0.03)


def test_a_caller_who_interrupts_ends_the_child_so_that_no_answer_is_taken_for_the_next() -> None:
    async def scenario() -> None:
        voice = Pyttsx3Voice(command=child(READY + "sys.stdin.readline(); time.sleep(60)"))
        await voice.start()
        speaking = asyncio.create_task(said(voice))
        await asyncio.sleep(0)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        assert children() == []
        await voice.close()

    asyncio.run(scenario())


def test_a_program_that_is_not_there_is_a_voice_error() -> None:
    with pytest.raises(VoiceError, match="its child cannot be started"):
        asyncio.run(Pyttsx3Voice(command=["/nowhere/python"]).start())


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(VoiceError, match="does not speak 'fr': add it to its voices"):
        asyncio.run(said(Pyttsx3Voice(), language="fr"))
