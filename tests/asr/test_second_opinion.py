import asyncio

import pytest

from asr.second_opinion import AskWhen, SecondOpinion
from ivr.model.audio import AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition
from tests.asr.spoken import in_a_loop

SENTENCE = "i want to go to the bird messed"


def heard(text: str, confidence: float, *, fits: bool = False, engine: str = "") -> Recognition:
    return Recognition((Hypothesis(text, confidence),), engine=engine, fits=fits, seconds=0.5)


class Told:
    """A recognizer that says what the test tells it to."""

    def __init__(self, name: str, answer: Recognition | RecognizerError | None, languages: str = "en") -> None:
        self.name = name
        self.answer = answer
        self.done: list[str] = []
        self.never = asyncio.Event()
        self._languages = frozenset(languages.split())

    def languages(self) -> frozenset[str]:
        return self._languages

    def open(self, rate: int, language: str) -> "Told":
        self.done.append(f"open {rate} {language}")
        return self

    def expect(self, expect: Expect) -> None:
        self.done.append(f"expect {expect.kind}")

    def feed(self, frame: AudioFrame) -> None:
        self.done.append("feed")

    async def partial(self) -> str:
        return f"partial of {self.name}"

    async def recognize(self, *, final: bool) -> Recognition:
        self.done.append(f"recognize {final}")
        if self.answer is None:
            await self.never.wait()
        if isinstance(self.answer, RecognizerError):
            raise self.answer
        assert self.answer
        return self.answer

    def reset(self) -> None:
        self.done.append("reset")

    async def close(self) -> None:
        self.done.append("close")


async def ask(first: Told, second: Told, *, final: bool = True) -> Recognition:
    stream = SecondOpinion(first, second, AskWhen(wait_seconds=0.01)).open(8000, "en-US")
    return await stream.recognize(final=final)


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (heard(SENTENCE, 0.8), True),
        (heard(SENTENCE, 0.95), False),
        (heard(SENTENCE, 0.3, fits=True), False),
        (heard("the nest", 0.8), False),
        (heard("the nest", 0.5), True),
        (Recognition(), False),
    ],
)
def test_the_second_is_asked_about_long_or_doubtful_speech_only(first: Recognition, asked: bool) -> None:
    assert AskWhen().wanted(first) is asked


@in_a_loop
async def test_the_second_leads_on_a_long_sentence_and_the_first_stays_as_an_alternative() -> None:
    first = Told("a", heard(SENTENCE, 0.8, engine="a"))
    second = Told("b", heard("i want to go to the bird's nest", 0.9, engine="b"))
    assert await ask(first, second) == Recognition(
        (Hypothesis("i want to go to the bird's nest", 0.9), Hypothesis(SENTENCE, 0.8)), engine="b", seconds=1.0
    )


@in_a_loop
async def test_the_first_leads_when_the_second_doubts_itself() -> None:
    recognition = await ask(Told("a", heard(SENTENCE, 0.8)), Told("b", heard("i want to go to the birds", 0.4)))
    assert [h.text for h in recognition.hypotheses] == [SENTENCE, "i want to go to the birds"]


@in_a_loop
async def test_the_same_words_from_both_are_surer() -> None:
    recognition = await ask(Told("a", heard(SENTENCE, 0.8)), Told("b", heard(SENTENCE.title() + ".", 0.9)))
    assert recognition.hypotheses == (Hypothesis(SENTENCE, 0.9),)


@in_a_loop
async def test_a_short_second_opinion_leads_only_if_it_fits_the_step() -> None:
    first = heard("the nest", 0.5)
    assert (await ask(Told("a", first), Told("b", heard("yes", 0.9)))).text == "the nest"
    assert (await ask(Told("a", first), Told("b", heard("yes", 0.9, fits=True)))).text == "yes"


@pytest.mark.parametrize("answer", [None, RecognizerError("broken"), Recognition()])
def test_a_second_that_is_late_broken_or_silent_leaves_the_first(answer: Recognition | RecognizerError | None) -> None:
    first = heard(SENTENCE, 0.8)

    async def scenario() -> Recognition:
        return await ask(Told("a", first), Told("b", answer))

    assert asyncio.run(scenario()) == first


@in_a_loop
async def test_a_call_that_finds_no_room_keeps_the_first() -> None:
    first, second = Told("a", heard(SENTENCE, 0.8)), Told("b", None)
    both = SecondOpinion(first, second)
    waiting = asyncio.create_task(both.open(8000, "en").recognize(final=True))
    while "recognize True" not in second.done:  # noqa: ASYNC110 - one turn of the loop, no clock
        await asyncio.sleep(0)
    assert await both.open(8000, "en").recognize(final=True) == first.answer
    assert second.done.count("recognize True") == 1
    second.answer = heard(SENTENCE, 0.7)
    second.never.set()
    assert (await waiting).text == SENTENCE


@in_a_loop
async def test_both_hear_the_call_and_speculation_asks_the_first_only() -> None:
    first, second = Told("a", heard(SENTENCE, 0.8), "en zh"), Told("b", heard(SENTENCE, 0.8))
    both = SecondOpinion(first, second)
    assert (both.name, both.languages()) == ("a+b", frozenset({"en", "zh"}))
    assert both.open(8000, "zh") is first
    first.done.clear()
    stream = both.open(8000, "en")
    stream.expect(Expect(kind="free"))
    stream.feed(AudioFrame(b"\0\0", 8000))
    assert await stream.partial() == "partial of a"
    assert await stream.recognize(final=False) == first.answer
    stream.reset()
    await stream.close()
    await both.close()
    shared = ["open 8000 en", "expect free", "feed"]
    assert first.done == [*shared, "recognize False", "reset", "close", "close"]
    assert second.done == [*shared, "reset", "close", "close"]
