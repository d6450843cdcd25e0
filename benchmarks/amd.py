"""Answering machines and people told apart: greetings of several voices through G.711 and noise, with the real ears.

    python -m benchmarks.amd --people 500 --machines 300

A person who is taken for a machine would hear a message instead of a question: that is counted as hung up on. Sound is
played to the ears frame by frame; a recognition takes effect 80 ms of sound after it was asked for (speech.md §1).
"""

import argparse
import asyncio
import io
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from asr.ears import SpeechEars
from asr.moonshine import MoonshineRecognizer
from asr.settings import HearingSettings
from asr.vad import SileroModel, VoiceActivity
from benchmarks.figures import spread
from benchmarks.greetings import Greeting, greetings
from benchmarks.sound import telephone, with_noise
from ivr.call.timing import GREETED
from ivr.insight.intervals import wilson
from ivr.logs import set_up_logs
from ivr.model.audio import PHONE_RATE, QUIETEST_DBFS, AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.events import Heard, MachineDetected, PartialHeard
from ivr.model.ports import RecognizerStream
from ivr.wiring.hearing import WordsOnly
from telephony.answering_machine import AnsweringEars, GreetingJudge

SNRS = (None, 20.0, 10.0, 5.0)
"""dB of the speech over pink noise; None: a clean line."""

BEFORE = (0.2, 1.5)
"""Seconds between the answer and the first word."""

AFTER_SECONDS = 3.0
FRAME = PHONE_RATE // 50
READING_FRAMES = 4
MODEL = SileroModel()
SETTINGS = HearingSettings(recognition_limit=60.0)
"""Sound waits for recognition here, so a busy machine changes no result."""


@dataclass(frozen=True, slots=True)
class Judged:
    greeting: Greeting
    snr: float | None
    verdicts: tuple[tuple[float, str], ...]
    """Seconds since the answer, and what was decided."""

    words: str
    """What was recognized, to see why somebody was judged wrongly."""

    @property
    def is_called_machine(self) -> bool:
        return any(kind in ("machine", "beep") for _, kind in self.verdicts)

    @property
    def decided(self) -> float | None:
        """When the call knew what to do: for a machine that was found, when it was found."""
        wanted = [at for at, kind in self.verdicts if not self.is_called_machine or kind in ("machine", "beep")]
        return wanted[0] if wanted else None


def on_the_line(greeting: Greeting, snr: float | None, seed: int) -> bytes:
    before = np.zeros(round(random.Random(seed).uniform(*BEFORE) * PHONE_RATE), np.int16)
    after = np.zeros(round(AFTER_SECONDS * PHONE_RATE), np.int16)
    whole = np.concatenate([before, greeting.sound, after])
    pcm = telephone(whole.astype(np.float32) / 32768, PHONE_RATE)
    return pcm if snr is None else with_noise(pcm, snr, seed)


async def judged(greeting: Greeting, snr: float | None, seed: int, moonshine: MoonshineRecognizer,
                 threads: ThreadPoolExecutor) -> Judged:  # fmt: skip
    def open_stream(language: str) -> RecognizerStream:
        if language != "en":
            raise RecognizerError("no Chinese recognizer here")
        return moonshine.open(PHONE_RATE, language)

    ears = SpeechEars(
        detector=VoiceActivity(MODEL, PHONE_RATE), open_stream=open_stream, understanding=WordsOnly(),
        threads=threads, rate=PHONE_RATE, language=greeting.language, settings=SETTINGS,
    )  # fmt: skip
    whole = AnsweringEars(ears, GreetingJudge(greeting.language), PHONE_RATE)
    whole.expect(GREETED if greeting.language == "en" else type(GREETED)(
        step="greeting", kind="none", language=greeting.language, end_of_turn_seconds=GREETED.end_of_turn_seconds
    ))  # fmt: skip
    pcm, verdicts, in_flight = on_the_line(greeting, snr, seed), list[tuple[float, str]](), 0
    words: list[str] = []
    for number, at in enumerate(range(0, len(pcm) - 2 * FRAME + 1, 2 * FRAME)):
        for event in await whole.hear(AudioFrame(pcm[at : at + 2 * FRAME], PHONE_RATE), QUIETEST_DBFS):
            if isinstance(event, MachineDetected):
                verdicts.append(((number + 1) / 50, event.kind))
            elif isinstance(event, PartialHeard | Heard):
                words.append(event.text)
        await asyncio.sleep(0)
        in_flight = in_flight + 1 if ears._reader.is_busy else 0
        while in_flight >= READING_FRAMES and ears._reader.is_busy:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    await whole.close()
    return Judged(greeting, snr, tuple(verdicts), " | ".join(words))


async def measure(people: int, machines: int, seed: int) -> list[Judged]:
    every = sorted(greetings(), key=lambda each: each.name)
    chance = random.Random(seed)
    threads = ThreadPoolExecutor(1)
    moonshine = MoonshineRecognizer(threads)
    found = []
    for wanted, is_machine in ((people, False), (machines, True)):
        kind = [each for each in every if each.is_machine is is_machine]
        chance.shuffle(kind)
        print(f"{len(kind)} greetings of {'machines' if is_machine else 'people'}, {wanted} calls", flush=True)
        for number in range(wanted):
            # Every greeting once clean before any is heard with noise, and so on.
            snr = SNRS[(number // len(kind) + number) % len(SNRS)]
            found.append(await judged(kind[number % len(kind)], snr, seed + number, moonshine, threads))
    await moonshine.close()
    threads.shutdown()
    return found


def tell(found: Sequence[Judged]) -> None:
    people = [each for each in found if not each.greeting.is_machine]
    machines = [each for each in found if each.greeting.is_machine]
    _share("people hung up on", people, lambda each: each.is_called_machine)
    _share("machines found", machines, lambda each: each.is_called_machine)
    for language in ("en", "zh"):
        _share(f"machines found, {language}", [each for each in machines if each.greeting.language == language],
               lambda each: each.is_called_machine)  # fmt: skip
    for snr in SNRS:
        name = f"{snr:.0f} dB" if snr else "clean"
        _share(f"people hung up on, {name}", [each for each in people if each.snr == snr],
               lambda each: each.is_called_machine)  # fmt: skip
        _share(f"machines found, {name}", [each for each in machines if each.snr == snr],
               lambda each: each.is_called_machine)  # fmt: skip
    for name, some in (("people", people), ("machines", machines), ("all", [*people, *machines])):
        took = spread(each.decided for each in some if each.decided is not None)
        print(f"{name}: decided after p50 {took.p50:.2f} s, p95 {took.p95:.2f} s; undecided "
              f"{sum(each.decided is None for each in some)} of {len(some)}")  # fmt: skip
    print("first verdicts on people:", dict(Counter(each.verdicts[0][1] for each in people if each.verdicts)))
    for each in people:
        if each.is_called_machine:
            print(f"  WRONG {each.greeting.name} at {each.snr} dB: {each.verdicts}: {each.words}")
    missed = Counter(each.greeting.name for each in machines if not each.is_called_machine)
    for name, times in missed.most_common(15):
        print(f"  missed {times}x {name}")


def _share(name: str, some: Sequence[Judged], is_so) -> None:  # type: ignore[no-untyped-def]
    hits = sum(map(is_so, some))
    low, high = wilson(hits, len(some))
    percent = 100 * hits / max(1, len(some))
    print(f"{name}: {hits} of {len(some)} ({percent:.1f} %, 95 % {100 * low:.1f} to {100 * high:.1f} %)")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--people", type=int, default=500)
    asked.add_argument("--machines", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    set_up_logs("error", as_json=False, stream=io.StringIO())  # that Chinese is not recognized is meant here
    tell(asyncio.run(measure(given.people, given.machines, given.seed)))


if __name__ == "__main__":
    main()
