"""What breaks in the middle of a call: the caller hears an apology and keeps the place, or comes to a person; never
silence for ever. The flow, the session, the ears, the voices and the fetcher are the real ones."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from asr.ears import SpeechEars
from asr.scripted import Breaks, Hangs, Line, LoudnessDetector, ScriptedRecognizer
from asr.settings import HearingSettings
from ivr.call.dialogue import Dialogue, FlowDialogue
from ivr.call.live import Surroundings
from ivr.call.reception import Plan, Reception
from ivr.flow.loader import load_flow
from ivr.flow.progress import FlowState, Progress, Reply
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord, JournalEntry
from ivr.model.commands import Command, Say
from ivr.model.errors import StoreError
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed, HearingFailed
from ivr.model.ports import Ears, Fetcher, Voice
from ivr.web.example_bank import example_bank_router
from ivr.web.fetcher import HttpFetcher
from ivr.wiring.flows import wordings
from tests.call.fakes import FRAME, Clock, Memory, ScriptEars, ScriptLine, ToneVoice, around
from tests.call.test_conductor import flow as table_flow
from tests.call.test_reception import ANSWERED, LEG, NoUnderstanding, concluded
from tts.cache import PromptCache
from tts.chain import VoiceChain, VoicePlace
from tts.scripted import Act, ScriptedVoice
from tts.speaking import SpeakingVoices

ROOT = Path(__file__).parents[2]
HOTLINE = FlowDialogue("bank/hotline", load_flow(ROOT / "flows" / "bank" / "hotline.yaml", wordings()))
GREETING = "How can I help?"
TROUBLE = "I'm sorry, something went wrong on my side."
PERSON = "I'll connect you now."
BANK = "http://bank.test/example/bank"
LOUD = AudioFrame((12_000 * np.sin(np.arange(160) * 0.35)).astype("<i2").tobytes(), 8000)
LIMIT_SECONDS = 0.2


@dataclass
class Fault:
    """One call of the shipped hotline, with whatever is broken in it."""

    voice: Voice = field(default_factory=ToneVoice)
    fetcher: Fetcher | None = None
    store: Memory = field(default_factory=Memory)
    dialogue: Dialogue = HOTLINE
    ears: Ears | None = None
    line: ScriptLine = field(default_factory=ScriptLine)
    watchers: tuple[Callable[..., None], ...] = ()
    bank_url: str = BANK
    said: list[str] = field(default_factory=list)

    async def hold(self, caller: Callable[["Fault"], Any]) -> CallRecord:
        """The whole call; `caller` acts beside it, then hangs up unless the call has ended."""
        usual = around(ToneVoice(), self.store)
        surroundings = Surroundings(
            self.voice, self.fetcher or usual.fetcher, usual.switchboard, self.store, Clock(), {}, usual.apologies,
            patience=replace(usual.patience, fetch=5.0, first_sound=1.0), watchers=(self._hear_us, *self.watchers),
        )  # fmt: skip
        plan = Plan(self.dialogue, NoUnderstanding(), facts={"bank_url": self.bank_url})
        ears = self.ears or ScriptEars()
        reception = Reception(AnyPlan(plan), surroundings, lambda plan, rate: ears, concluded, None)
        taking = asyncio.create_task(reception.take(self.line, ANSWERED, LEG))
        acting = asyncio.create_task(caller(self))
        record = await asyncio.wait_for(taking, 10)
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        assert record is not None
        assert reception.live == {}
        assert record.survey is not None
        return record

    def _hear_us(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        if isinstance(what, Say):
            self.said.append(what.text)

    async def until(self, words: str, times: int = 1, *, sounding: AudioFrame | None = None) -> None:
        """Wait until we have said it so often; meanwhile the caller's line is quiet, or sounds so."""
        while sum(words in text for text in self.said) < times:
            await self.frames(sounding or FRAME, 1)

    async def frames(self, frame: AudioFrame, count: int) -> None:
        for _ in range(count):
            self.line.arrivals.put_nowait(frame)
            while not self.line.arrivals.empty():  # noqa: ASYNC110
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)

    def press(self, keys: str) -> None:
        for key in keys:
            self.line.arrivals.put_nowait(DigitPressed(key))

    def leave(self) -> None:
        self.line.arrivals.put_nowait(CallerHungUp("caller"))


@dataclass
class AnyPlan:
    chosen: Plan

    def plan(self, called: str, parameters: Any) -> Plan:
        return self.chosen


def real_ears(threads: ThreadPoolExecutor, *lines: Line) -> SpeechEars:
    recognizer = ScriptedRecognizer(lines)
    return SpeechEars(
        detector=LoudnessDetector(), open_stream=lambda language: recognizer.open(8000, language),
        understanding=NoUnderstanding(), threads=threads, rate=8000,
        settings=HearingSettings(recognition_limit=LIMIT_SECONDS),
    )  # fmt: skip


@pytest.mark.parametrize("broken", [Breaks(), Hangs()], ids=["raises", "hangs"])
def test_a_recognizer_that_breaks_is_an_apology_and_the_same_question_then_a_person(broken: Line) -> None:
    async def caller(call: Fault) -> None:
        for times in (1, 2):
            await call.until(GREETING, times)
            await call.frames(FRAME, 20)
            await call.frames(LOUD, 30)
            await call.until(TROUBLE if times == 1 else PERSON)
        await call.until("nobody is free")
        call.leave()

    async def scenario(threads: ThreadPoolExecutor) -> tuple[Fault, CallRecord]:
        call = Fault(ears=real_ears(threads, broken))
        return call, await call.hold(caller)

    with ThreadPoolExecutor(1) as threads:
        call, record = asyncio.run(scenario(threads))
    assert call.said[1] == TROUBLE
    assert call.said[2] == call.said[0]
    assert call.said[3].startswith(PERSON)
    assert record.path[:2] == ("hotline.greet", "hotline.greet")
    assert "hotline.q_general" in record.path
    assert record.escalation_reason == "system"


def speaking(folder: Path, *voices: tuple[str, Iterable[Act]], events: list[str] | None = None) -> SpeakingVoices:
    places = [VoicePlace(ScriptedVoice(name, acts, events=events)) for name, acts in voices]
    return SpeakingVoices(VoiceChain(places), PromptCache(folder), Clock())


async def heard_out(call: Fault) -> None:
    await call.until(GREETING)
    await asyncio.wait_for(call.line.played.get(), 5)
    call.leave()


def test_where_a_voice_dies_the_next_one_speaks(tmp_path: Path) -> None:
    events: list[str] = []

    async def scenario() -> CallRecord:
        voices = speaking(tmp_path, ("first", repeat("fail")), ("second", ()), events=events)
        record = await Fault(voice=voices).hold(heard_out)
        await voices.close()
        return record

    record = asyncio.run(scenario())
    assert [event for event in events if "made" in event][0].startswith("second made Example Bank")
    assert record.path == ("hotline.greet",)


def test_with_every_voice_dead_the_call_ends_by_itself(tmp_path: Path) -> None:
    async def patient(call: Fault) -> None:
        """Does nothing, and does not hang up either."""
        await call.until("nothing like it")

    async def scenario() -> tuple[Fault, CallRecord]:
        voices = speaking(tmp_path, ("first", repeat("fail")), ("second", repeat("stay_silent")))
        call = Fault(voice=voices)
        record = await call.hold(patient)
        await voices.close()
        return call, record

    call, record = asyncio.run(scenario())
    assert record.disconnect_by == "system"
    assert call.line.hung_up == 1


def test_what_was_made_before_the_voice_died_is_still_heard(tmp_path: Path) -> None:
    async def scenario() -> CallRecord:
        before = speaking(tmp_path, ("only", ()))
        await before.warm(HOTLINE.prompts())
        await before.close()
        dead = speaking(tmp_path, ("only", repeat("fail")))
        call = Fault(voice=dead)
        record = await call.hold(heard_out)
        await dead.close()
        assert TROUBLE not in call.said
        return record

    assert asyncio.run(scenario()).path == ("hotline.greet",)


def bank_client(handler: Callable[[httpx.Request], httpx.Response] | None) -> httpx.AsyncClient:
    if handler:
        return httpx.AsyncClient(transport=httpx.MockTransport(handler))
    app = FastAPI()
    app.include_router(example_bank_router())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


def too_late(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("too late", request=request)


def no_json(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<html>sorry</html>")


@pytest.mark.parametrize(
    ("card", "handler"),
    [("9999", None), ("4421", too_late), ("4421", no_json)],
    ids=["the bank breaks", "the bank is too late", "the bank talks nonsense"],
)
def test_a_bank_that_fails_leads_to_the_flows_own_error_path(card: str, handler: Any) -> None:
    async def scenario() -> tuple[Fault, CallRecord]:
        async with HttpFetcher(bank_client(handler)) as fetcher:
            call = Fault(fetcher=fetcher)
            return call, await call.hold(freezes(card))

    call, record = asyncio.run(scenario())
    assert "I couldn't freeze it, so I'm putting you through first." in call.said
    assert record.path[record.path.index("hotline.l_failed") :][:2] == ("hotline.l_failed", "hotline.l_transfer")
    assert "card_frozen" not in record.outcome


def test_a_bank_that_cannot_be_reached_is_the_same(unused_port: int) -> None:
    async def scenario() -> tuple[Fault, CallRecord]:
        async with HttpFetcher() as fetcher:
            call = Fault(fetcher=fetcher, bank_url=f"http://127.0.0.1:{unused_port}")
            return call, await call.hold(freezes("4421"))

    _, record = asyncio.run(scenario())
    assert "hotline.l_failed" in record.path


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def freezes(card: str) -> Callable[[Fault], Any]:
    async def caller(call: Fault) -> None:
        await call.until(GREETING)
        call.press("2")
        await call.until("last four digits")
        call.press(card)
        await call.until("Shall I?")
        call.press("1")
        await call.until("card team calls you back")
        call.leave()

    return caller


class NoDisk(Memory):
    async def begin(self, record: CallRecord) -> None:
        raise StoreError("no disk")

    async def finish(self, record: CallRecord) -> None:
        raise StoreError("no disk")

    def append(self, call_id: str, entry: JournalEntry) -> None:
        raise RuntimeError("no disk")


def test_a_store_that_refuses_everything_costs_no_call() -> None:
    call = Fault(store=NoDisk())
    record = asyncio.run(call.hold(heard_out))
    assert (record.end_reason, record.path) == ("abandoned_in_ivr", ("hotline.greet",))


@dataclass
class BrokenDialogue:
    """Begins well, then has a bug."""

    name: str = "broken"
    version: str = "1"

    def begin(self, facts: Any, language: str) -> Progress:
        return HOTLINE.begin(facts, language)

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        raise ZeroDivisionError

    def sentence(self, name: str, language: str, **places: str) -> str:
        return HOTLINE.sentence(name, language, **places)

    def worded(self, kind: str, value: str, language: str) -> str:
        return HOTLINE.worded(kind, value, language)


def test_a_bug_in_the_dialogue_is_an_apology_and_the_end() -> None:
    async def caller(call: Fault) -> None:
        await call.until(GREETING)
        call.press("2")
        await call.until("nothing like it")

    call = Fault(dialogue=BrokenDialogue())
    record = asyncio.run(call.hold(caller))
    assert call.said[1:] == ["So sorry."]
    assert (record.end_reason, record.disconnect_by) == ("error", "system")


class Bug(ToneVoice):
    """Fails the first time in a way that no port allows."""

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        self.said.append(text)
        if len(self.said) == 1:
            raise KeyError(text)
        yield FRAME


def test_a_bug_in_a_voice_is_an_apology_and_the_same_question() -> None:
    call = Fault(voice=Bug())

    async def caller(call: Fault) -> None:
        await call.until(GREETING, 2)
        call.leave()

    record = asyncio.run(call.hold(caller))
    assert call.said[1:] == [TROUBLE, call.said[0]]
    assert record.end_reason == "abandoned_in_ivr"


class DeafEars(ScriptEars):
    """Break wherever they are asked for news, once."""

    told = False

    async def news(self) -> CallEvent:
        if not self.told:
            self.told = True
            raise OSError("bug")
        return await super().news()


def test_a_bug_in_the_ears_or_in_a_watcher_does_not_end_the_call() -> None:
    def nosy(call_id: str, at: float, what: object) -> None:
        raise LookupError

    async def caller(call: Fault) -> None:
        await call.until("What can I", 0)
        await call.until(TROUBLE)
        call.leave()

    call = Fault(ears=DeafEars(), watchers=(nosy,))
    record = asyncio.run(call.hold(caller))
    assert HearingFailed("ears") in [entry.event for entry in call.store.journal]
    assert record.end_reason == "abandoned_in_ivr"


def test_a_line_that_refuses_a_command_does_not_end_the_call() -> None:
    class Odd(ScriptLine):
        async def stop_playing(self) -> None:
            raise ValueError("bug")

    async def caller(call: Fault) -> None:
        await asyncio.wait_for(call.line.played.get(), 5)
        call.press("1")
        await asyncio.wait_for(call.line.played.get(), 5)
        call.leave()

    call = Fault(line=Odd(), dialogue=table_flow())
    assert asyncio.run(call.hold(caller)).end_reason == "abandoned_in_ivr"
