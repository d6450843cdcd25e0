import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from asr.models import moonshine_folder
from asr.moonshine import MoonshineRecognizer
from asr.moonshine_net import MoonshineNet
from asr.tokens import plain
from benchmarks.sound import spoken_digits
from ivr.flow.sentences import control_phrases
from ivr.model.audio import PHONE_RATE, AudioFrame, silence
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Recognition, SlotRule
from tests.asr.spoken import frames, hiss, in_a_loop, prompt, say, utterance

pytestmark = pytest.mark.voice

PIN = Expect(kind="digits", slots=(SlotRule("pin", "digits", (4, 4)),))
YES_NO = Expect(kind="yes_no")
ACCOUNT = Expect(kind="choice", phrases=("savings account", "checking account", "credit card"))

NUMBER = Expect(
    kind="number",
    phrases=tuple(
        way for name in ("agent", "repeat", "back", "goodbye", "hold_on") for way in control_phrases("en")[name]
    ),
)


def human(name: str) -> bytes:
    """A digit of the Free Spoken Digit Dataset (CC BY-SA 4.0), as it comes over the telephone."""
    found = [recording.pcm for recording in spoken_digits() if recording.name == name]
    if not found:
        pytest.skip("no spoken_digits in the shared data (IVR_SHARED_DATA)")
    return b"".join((silence(0.2, PHONE_RATE), found[0], silence(0.5, PHONE_RATE)))


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def moonshine(pool: ThreadPoolExecutor) -> MoonshineRecognizer:
    return MoonshineRecognizer(pool)


def wanted() -> bool:
    return False


def read(moonshine: MoonshineRecognizer, pcm: bytes, expect: Expect) -> Recognition:
    return moonshine.read(utterance(pcm), expect, wanted)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("auth-thankyou", "thank you"),
        ("please-try-again", "please try again"),
        ("cannot-complete-as-dialed", "your call cannot be completed as dialed"),
    ],
)
def test_a_human_prompt_is_read_freely(moonshine: MoonshineRecognizer, name: str, words: str) -> None:
    recognition = read(moonshine, prompt(name), Expect())
    assert plain(recognition.text) == words
    assert recognition.confidence > 0.5


@pytest.mark.parametrize(("name", "value"), [("5_theo_3", "five"), ("5_jackson_3", "five"), ("9_theo_1", "nine")])
def test_a_digit_that_sounds_like_a_command_is_a_digit_where_one_is_asked_for(
    moonshine: MoonshineRecognizer, name: str, value: str
) -> None:
    recognition = read(moonshine, human(name), NUMBER)
    assert ([recognition.text, recognition.hypotheses[1].text], recognition.fits) == ([value, "bye"], True)


def test_a_command_stays_one_where_a_digit_is_asked_for(moonshine: MoonshineRecognizer) -> None:
    assert [read(moonshine, say(text), NUMBER).text for text in ("goodbye", "hold on", "sorry")] == [
        "goodbye", "hold on", "sorry",
    ]  # fmt: skip


@pytest.mark.parametrize("digit", ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
def test_a_human_digit_fits_where_one_digit_is_asked_for(moonshine: MoonshineRecognizer, digit: str) -> None:
    number = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"].index(digit)
    recognition = read(moonshine, prompt(f"digits/{number}"), Expect(kind="digits"))
    assert (recognition.text, recognition.fits) == (digit, True)


@pytest.mark.parametrize(
    ("said", "expect", "text", "fits"),
    [
        ("Four four two one.", PIN, "four four two one", True),
        ("Four four.", PIN, "four four", False),
        ("Yes, that is right.", YES_NO, "yes that is right", True),
        ("I'd like the savings account, please.", ACCOUNT, "i'd like the savings account please", True),
        ("Nine out of ten.", Expect(kind="number"), "nine out of ten", True),
    ],
)
def test_an_answer_is_held_to_what_the_step_expects(
    moonshine: MoonshineRecognizer, said: str, expect: Expect, text: str, fits: bool
) -> None:
    recognition = read(moonshine, say(said), expect)
    assert (recognition.text, recognition.fits) == (text, fits)


@pytest.mark.parametrize("expect", [PIN, YES_NO, ACCOUNT])
def test_a_caller_who_says_something_else_is_not_forced_into_the_grammar(
    moonshine: MoonshineRecognizer, expect: Expect
) -> None:
    recognition = read(moonshine, say("I want to speak to an agent."), expect)
    assert plain(recognition.text) == "i want to speak to an agent"
    assert not recognition.fits


def test_an_open_question_offers_the_names_of_the_step(moonshine: MoonshineRecognizer) -> None:
    places = SlotRule("place", "places", values={"Wang Fuging Street": ()})
    readings = read(moonshine, say("What time is it in Wangfujing Street?"), Expect(slots=(places,))).hypotheses
    assert len(readings) > 1
    assert len({plain(reading.text) for reading in readings}) == len(readings)


@pytest.mark.parametrize("amplitude", [30, 100, 1000])
@pytest.mark.parametrize("expect", [Expect(), PIN, YES_NO, ACCOUNT])
def test_line_noise_has_no_words(moonshine: MoonshineRecognizer, amplitude: int, expect: Expect) -> None:
    assert read(moonshine, hiss(2.0, amplitude), expect).hypotheses == ()


def test_work_that_nobody_wants_any_more_ends_early(moonshine: MoonshineRecognizer) -> None:
    assert moonshine.read(utterance(prompt("agent-loginok")), Expect(), lambda: True) == Recognition()


@in_a_loop
async def test_a_final_result_after_a_pause_is_the_speculative_one(moonshine: MoonshineRecognizer) -> None:
    stream = moonshine.open(8000, "en-US")
    stream.expect(PIN)
    for frame in frames(say("Four four two one.")):
        stream.feed(frame)
    early = await stream.recognize(final=False)
    stream.feed(AudioFrame(silence(0.5, 8000), 8000))
    assert await stream.recognize(final=True) is early
    assert (early.engine, early.text) == ("moonshine", "four four two one")
    assert early.seconds > 0.0
    stream.expect(Expect())
    assert (await stream.recognize(final=True)).hypotheses != early.hypotheses
    for frame in frames(say("Seven.")):
        stream.feed(frame)
    stream.expect(PIN)
    assert (await stream.recognize(final=True)).text == "four four two one seven"
    stream.reset()
    assert await stream.recognize(final=True) == Recognition(engine="moonshine")
    assert await stream.partial() == ""
    await stream.close()


@in_a_loop
async def test_a_cancelled_wait_does_not_break_the_next(moonshine: MoonshineRecognizer) -> None:
    stream = moonshine.open(16000, "en")
    stream.feed(AudioFrame(b"".join(frame.pcm for frame in frames(say("Seven."))), 16000))
    waiting = asyncio.create_task(stream.recognize(final=False))
    await asyncio.sleep(0)
    waiting.cancel()
    assert (await stream.recognize(final=True)).engine == "moonshine"


@in_a_loop
async def test_many_calls_share_the_weights(moonshine: MoonshineRecognizer) -> None:
    said = {digit: say(f"{digit}.") for digit in ("seven", "nine", "three", "six")}

    async def call(digit: str) -> str:
        stream = moonshine.open(8000, "en")
        stream.expect(Expect(kind="digits"))
        for frame in frames(said[digit]):
            stream.feed(frame)
        return (await stream.recognize(final=True)).text

    digits = list(said) * 3
    assert await asyncio.gather(*map(call, digits)) == digits


def test_another_language_is_refused(moonshine: MoonshineRecognizer) -> None:
    with pytest.raises(RecognizerError, match="English"):
        moonshine.open(8000, "zh")


def test_missing_or_changed_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"encoder_model\.ort"):
        MoonshineNet(tmp_path)
    for file in moonshine_folder().iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "tokenizer.bin").unlink()
    (tmp_path / "tokenizer.bin").write_bytes(b"")
    with pytest.raises(RecognizerError, match="not the file"):
        MoonshineNet(tmp_path)


ORDERS = Expect(
    kind="open",
    patterns=("(can I get|give me) (a|an) [{size}] [{roast}] {drink} [with {milk}]",),
    slots=(
        SlotRule("size", "sizes", values={"small": (), "medium": (), "twenty ounce": ()}),
        SlotRule("roast", "roasts", values={"dark roast": (), "medium roast": ()}),
        SlotRule("drink", "drinks", values={"latte": (), "iced mocha": (), "cappuccino": ()}),
        SlotRule("milk", "milks", values={"skim milk": (), "soy milk": ()}),
    ),
)


@pytest.mark.parametrize(
    "said",
    ["Can I get a medium roast medium latte with soy milk?", "Give me a twenty ounce dark roast iced mocha, please."],
)
def test_a_whole_order_is_read_as_the_flow_writes_it(moonshine: MoonshineRecognizer, said: str) -> None:
    recognition = read(moonshine, say(said), ORDERS)
    assert (recognition.text, recognition.fits) == (plain(said), True)


@pytest.mark.parametrize("said", ["I have lost my credit card on the bus.", "What time do you close on Sunday?"])
def test_other_sentences_are_not_pressed_into_an_order(moonshine: MoonshineRecognizer, said: str) -> None:
    recognition = read(moonshine, say(said), ORDERS)
    assert (plain(recognition.text), recognition.fits) == (plain(said), False)
