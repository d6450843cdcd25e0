"""What becomes of a reading when things go wrong around it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from asr.reading_workers import Reader, Reading
from asr.scripted import Line, ScriptedStream, words
from ivr.model.audio import AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Meaning, Recognition

FRAME = AudioFrame(bytes(320), 8000)


class Understands:
    def __init__(self) -> None:
        self.steps: list[str] = []

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        self.steps.append(expect.step)
        return Meaning(text=hypotheses[0].text)


class Faulty(ScriptedStream):
    """Cannot say words so far, cannot be closed."""

    async def partial(self) -> str:
        raise RecognizerError("partial")

    async def close(self) -> None:
        raise RecognizerError("close")


class Results:
    def __init__(self) -> None:
        self.all: list[Reading] = []
        self._new = asyncio.Event()

    def __call__(self, reading: Reading) -> None:
        self.all.append(reading)
        self._new.set()

    async def wait_for(self, count: int) -> list[Reading]:
        while len(self.all) < count:
            self._new.clear()
            await self._new.wait()
        return self.all


def with_reader(
    play: Callable[[Reader, Results], Awaitable[None]],
    *streams: ScriptedStream,
    understanding: Understands | None = None,
) -> list[Reading]:
    async def run() -> list[Reading]:
        opened = deque(streams)

        def open_stream(language: str) -> ScriptedStream:
            if not opened:
                raise RecognizerError("none left")
            return opened.popleft()

        results = Results()
        with ThreadPoolExecutor(1) as threads:
            reader = Reader(open_stream, "en", understanding or Understands(), threads, 5.0, results)
            await play(reader, results)
            await reader.close()
        return results.all

    return asyncio.run(run())


def stream(*lines: Line, gate: asyncio.Event | None = None) -> ScriptedStream:
    return ScriptedStream(deque(lines), gate)


def read(number: int, text: str) -> Reading:
    return Reading(number, words(text), Meaning(text=text))


def test_a_new_reading_takes_the_place_of_the_one_under_way() -> None:
    gate = asyncio.Event()

    async def play(reader: Reader, results: Results) -> None:
        reader.read(1, final=False)
        await asyncio.to_thread(int)
        assert only.readings == [False]
        reader.read(2, final=True)
        assert reader.is_busy
        gate.set()
        await results.wait_for(1)
        assert not reader.is_busy

    only = stream("yes", gate=gate)
    assert with_reader(play, only) == [read(2, "yes")]
    assert only.readings == [False, True]


def test_a_reading_may_be_given_up() -> None:
    async def play(reader: Reader, results: Results) -> None:
        reader.read(1, final=False)
        reader.give_up()
        reader.give_up()
        assert not reader.is_busy
        reader.read(2, final=False)
        await results.wait_for(1)

    assert with_reader(play, stream("yes")) == [read(2, "yes")]


def test_the_same_words_are_not_understood_twice() -> None:
    understanding = Understands()

    async def play(reader: Reader, results: Results) -> None:
        for number in (1, 2):
            reader.read(number, final=number == 2)
            await results.wait_for(number)
        reader.expect(Expect(step="two"))
        reader.read(3, final=True)
        await results.wait_for(3)

    all_read = with_reader(play, stream("yes"), understanding=understanding)
    assert all_read == [read(1, "yes"), read(2, "yes"), read(3, "yes")]
    assert understanding.steps == ["", "two"]


def test_an_engine_that_fails_at_partials_and_at_closing_harms_nothing() -> None:
    async def play(reader: Reader, results: Results) -> None:
        assert await reader.partial() == ""
        reader.read(1, final=True)
        await results.wait_for(1)

    assert with_reader(play, Faulty(deque(["yes"]))) == [read(1, "yes")]


def test_a_recognizer_that_comes_back_is_used_from_the_next_turn() -> None:
    first = stream("yes")

    async def play(reader: Reader, results: Results) -> None:
        reader.expect(Expect(language="zh"))
        reader.feed(FRAME)
        assert await reader.partial() == ""
        reader.read(1, final=True)
        await results.wait_for(1)
        reader.expect(Expect(language="zh", step="two"))
        reader.begin([FRAME])

    assert with_reader(play, first) == [Reading(1, failure="missing")]
    assert (first.is_closed, first.frames) == (True, [])


def test_no_words_are_not_put_to_the_understanding() -> None:
    async def play(reader: Reader, results: Results) -> None:
        reader.begin([FRAME, FRAME])
        reader.read(1, final=True)
        await results.wait_for(1)

    assert with_reader(play, stream("")) == [Reading(1, Recognition(engine="scripted"))]
