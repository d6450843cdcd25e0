import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import pytest

from asr.scripted import Breaks, ScriptedEars, ScriptedRecognizer, words
from ivr.model.audio import AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.events import CallEvent, Heard, SpeechStarted
from ivr.model.meaning import Expect, Recognition
from ivr.model.ports import Ears, Recognizer

T = TypeVar("T")
FRAME = AudioFrame(bytes(320), 8000)


def run(what: Coroutine[None, None, T]) -> T:
    return asyncio.run(what)


def test_each_utterance_has_its_line_and_the_last_one_stays() -> None:
    async def play() -> list[str]:
        recognizer: Recognizer = ScriptedRecognizer(["yes", words("no", "know"), ""])
        assert recognizer.languages() >= {"en"}
        stream = recognizer.open(8000, "en")
        heard = []
        for _ in range(4):
            stream.reset()
            stream.feed(FRAME)
            heard.append((await stream.recognize(final=False)).text)
            assert (await stream.recognize(final=True)).text == heard[-1]
        assert await stream.partial() == ""
        await recognizer.close()
        return heard

    assert run(play()) == ["yes", "no", "", ""]


def test_without_a_script_nothing_is_heard() -> None:
    assert run(ScriptedRecognizer().open(8000, "en").recognize(final=True)) == Recognition(engine="scripted")


def test_a_line_may_break() -> None:
    with pytest.raises(RecognizerError, match="no power"):
        run(ScriptedRecognizer([Breaks("no power")]).open(8000, "en").recognize(final=True))


def test_a_gate_holds_the_recognition_back() -> None:
    async def play() -> str:
        gate = asyncio.Event()
        stream = ScriptedRecognizer(["yes"], gate).open(8000, "en")
        task = asyncio.create_task(stream.recognize(final=True))
        gate.set()
        return (await task).text

    assert run(play()) == "yes"


def test_scripted_ears_tell_each_event_in_its_frame() -> None:
    async def play() -> list[list[CallEvent]]:
        ears = ScriptedEars([(0.05, Heard("yes")), (0.01, SpeechStarted(0.0))])
        as_port: Ears = ears
        as_port.expect(Expect(step="one"))
        told = [await as_port.hear(FRAME, -96.0) for _ in range(4)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(as_port.news(), 0.001)
        await as_port.close()
        assert (ears.expected, ears.is_closed) == ([Expect(step="one")], True)
        return told

    assert run(play()) == [[SpeechStarted(0.0)], [], [Heard("yes")], []]
