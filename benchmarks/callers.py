"""Many callers at once, each holding one conversation after the other, in processes of their own, so that neither the
server nor they are slowed down by the other without it being seen."""

import asyncio
import gc
import math
import multiprocessing
import resource
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from benchmarks.conversations import all_words, conversation, steps
from telephony.standin.carrier import Agent, StandInCarrier
from telephony.standin.clip import Clip
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace, FarTurn
from telephony.standin.voices import CallerVoices, Speaker, speakers

VOICES = speakers(4)
CALLERS_PER_PROCESS = 24
RAMP_SECONDS = 0.25
"""Between two callers' first calls: nobody is called by everybody in the same instant."""

LONGEST_RAMP_SECONDS = 10.0
LAST_TURN_SECONDS = 20.0
"""For the turn under way when the time is over."""

FRAME_LATE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Where:
    """The server under test, as the stand-in needs to know it."""

    base: str
    public: str
    account: str
    token: str
    called: str


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a test that one process plays."""

    where: Where
    first: int
    count: int
    of: int
    """Callers of the whole test."""

    start: float
    """Monotonic seconds (the same clock in all processes of a machine)."""

    measure_from: float
    until: float
    voices: Path


@dataclass(slots=True)
class Played:
    """What a process saw."""

    turns: list[FarTurn] = field(default_factory=list)
    """Those that began within the time measured."""

    lateness: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def add(self, trace: CallTrace, measure_from: float, until: float) -> None:
        self.calls.append(trace.call_sid)
        if trace.trouble:
            self.troubles.append(trace.trouble)
        shift = trace.began_at
        self.turns += [turn for turn in trace.turns if measure_from <= shift + turn.began_at < until]
        self.gaps += [gap.seconds for gap in trace.gaps if measure_from <= shift + gap.at < until]
        self.lateness += trace.lateness

    def join(self, other: "Played") -> None:
        self.turns += other.turns
        self.lateness += other.lateness
        self.gaps += other.gaps
        self.calls += other.calls
        self.troubles += other.troubles
        self.cpu_seconds += other.cpu_seconds


def make_voices(folder: Path) -> None:
    """Everything any caller says, on disk before the test."""
    voices = CallerVoices(folder)
    for speaker in VOICES:
        for words in all_words():
            voices.say(words, speaker)


def play(where: Where, callers: int, seconds: float, voices: Path) -> tuple[Played, float, float]:
    """Run `callers` for `seconds` after all of them have begun.

    Returns:
        What was seen, and the time measured as monotonic seconds, from and until.
    """
    ramp = min(RAMP_SECONDS * callers, LONGEST_RAMP_SECONDS)
    processes = math.ceil(callers / CALLERS_PER_PROCESS)
    start = monotonic() + 2.0 + processes
    measure_from, until = start + ramp, start + ramp + seconds
    first = [round(number * callers / processes) for number in range(processes + 1)]
    shares = [
        Share(where, begin, end - begin, callers, start, measure_from, until, voices)
        for begin, end in zip(first, first[1:], strict=False)
    ]
    whole = Played()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        for played in pool.map(play_share, shares):
            whole.join(played)
    return whole, measure_from, until


def play_share(share: Share) -> Played:
    """One process of callers, to the end of their last calls."""
    ready = CallerVoices(share.voices)
    clips = {speaker: {words: ready.say(words, speaker) for words in all_words()} for speaker in VOICES}
    gc.collect()
    gc.freeze()
    played = asyncio.run(_all_callers(share, clips))
    used = resource.getrusage(resource.RUSAGE_SELF)
    played.cpu_seconds = used.ru_utime + used.ru_stime
    return played


async def _all_callers(share: Share, clips: dict[Speaker, dict[str, Clip]]) -> Played:
    played, where = Played(), share.where
    agent = Agent(seconds=1.0)
    async with (
        StandInCarrier(where.base, where.public, where.account, where.token, agent=agent) as carrier,
        asyncio.TaskGroup() as tasks,
    ):
        for number in range(share.first, share.first + share.count):
            tasks.create_task(_caller(number, share, carrier, clips[VOICES[number % len(VOICES)]], played))
    return played


async def _caller(number: int, share: Share, carrier: StandInCarrier, clips: dict[str, Clip], played: Played) -> None:
    ramp = share.measure_from - share.start
    await asyncio.sleep(share.start + ramp * number / share.of - monotonic())
    calls = 0
    while monotonic() < share.until:
        talker = Talker(steps(conversation(number + calls * (share.of + 1)), clips))
        over = asyncio.get_running_loop().call_later(share.until - monotonic(), talker.wind_up)
        left = share.until - monotonic() + LAST_TURN_SECONDS
        trace = await carrier.place_call(
            f"+1555556{number:04d}", share.where.called, talker, longest_seconds=max(left, LAST_TURN_SECONDS)
        )
        over.cancel()
        played.add(trace, share.measure_from, share.until)
        calls += 1
        if trace.ended_by in ("refused", "broken"):
            await asyncio.sleep(1.0)


def late_frames(lateness: Sequence[float]) -> int:
    return sum(late > FRAME_LATE_SECONDS for late in lateness)
