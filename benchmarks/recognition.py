"""How well and how fast the recognizers read telephone sound: `python -m benchmarks.recognition --limit 60`.

(a) human sentences: word error rate; (b) single digits, free and held to the digit grammar; (c) short answers held to
what a step expects, how often right, and how often something else is wrongly taken for one of them.
Times are per utterance in one thread, beginning when the sound is complete.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import hibari
import jiwer
import numpy as np

from asr.models import Shelf
from asr.moonshine import MoonshineRecognizer
from asr.utterance import Utterance
from asr.whisper import WhisperRecognizer
from benchmarks.sound import Recording, in_words, prompts, spoken_digits, telephone, with_noise
from ivr.model.errors import ModelMissing
from ivr.model.meaning import Expect, Recognition, SlotRule

Read = Callable[[Utterance, Expect, Callable[[], bool]], Recognition]

OPEN = Expect()
ACCOUNTS = ("savings account", "checking account", "credit card", "mortgage", "car loan", "something else")
ANSWERS: tuple[tuple[Expect, tuple[str, ...]], ...] = (
    (Expect(kind="yes_no"), ("yes", "no", "yes that's right", "no that's wrong", "yeah sure", "no thank you")),
    (Expect(kind="choice", phrases=ACCOUNTS), (*ACCOUNTS, "i'd like the savings account please", "um the mortgage")),
    (
        Expect(kind="digits", slots=(SlotRule("pin", "digits", (4, 4)),)),
        ("four four two one", "nine zero five seven", "one two three four", "eight six six oh", "double three two one"),
    ),
    (Expect(kind="number"), ("ten", "eight", "seven out of ten", "i'd say nine", "zero", "two")),
)  # fmt: skip
OTHER = (
    "i want to speak to an agent", "what are your opening hours", "can you repeat that", "where is my order",
    "i lost my password", "that depends on the price", "hold on a second", "my name is jackson",
)  # fmt: skip


@dataclass(slots=True)
class Times:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    sound: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        p50, p95, p99 = np.percentile(np.array(self.wall) * 1000, [50, 95, 99])
        share = sum(self.cpu) / sum(self.sound)
        return f"text after p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms, {share:.3f} CPU s per s of sound"


def read(engine: Read, recording: Recording, expect: Expect, times: Times) -> Recognition:
    utterance = recording.utterance()
    wall, cpu = time.perf_counter(), time.process_time()
    recognition = engine(utterance, expect, lambda: False) if not utterance.is_silent else Recognition()
    times.wall.append(time.perf_counter() - wall)
    times.cpu.append(time.process_time() - cpu)
    times.sound.append(recording.seconds)
    return recognition


def sentences(engine: Read, recordings: Sequence[Recording]) -> None:
    times = Times()
    heard = [in_words(read(engine, recording, OPEN, times).text) for recording in recordings]
    said = [recording.words for recording in recordings]
    exact = sum(a == b for a, b in zip(said, heard, strict=True)) / len(said)
    print(f"  human sentences (n={len(said)}): WER {jiwer.wer(said, heard):.1%}, exact {exact:.0%}; {times}")


def digits(engine: Read, recordings: Sequence[Recording]) -> None:
    for label, expect in (("free", OPEN), ("digit grammar", Expect(kind="digits"))):
        times = Times()
        heard = [read(engine, recording, expect, times) for recording in recordings]
        pairs = list(zip(heard, recordings, strict=True))
        wrong = sum(in_words(h.text) != r.words for h, r in pairs) / len(pairs)
        taken = [h.text == r.words for h, r in pairs if h.fits]
        text = f"  single digits, {label} (n={len(pairs)}): error {wrong:.1%}"
        if taken and expect is not OPEN:
            text += f", {len(taken) / len(pairs):.0%} accepted, {sum(taken) / len(taken):.0%} of those right"
        print(f"{text}; {times}")


def answers(engine: Read, made: Callable[[str], Recording]) -> None:
    free, held, wrongly = Times(), Times(), Times()
    right: dict[str, list[bool]] = {"free": [], "held": []}
    for expect, said in ANSWERS:
        for text in said:
            recording = made(text)
            right["free"].append(same(read(engine, recording, OPEN, free).text, text))
            right["held"].append(same(read(engine, recording, expect, held).text, text))
    for label, times in (("free", free), ("held", held)):
        print(f"  short answers, {label} (n={len(right[label])}): exact {np.mean(right[label]):.0%}; {times}")
    taken = [read(engine, made(text), expect, wrongly).fits for expect, _ in ANSWERS for text in OTHER]
    print(f"  something else (n={len(taken)}): {np.mean(taken):.1%} taken for an answer; {wrongly}")


def same(heard: str, said: str) -> bool:
    spoken = in_words(said).replace("double three", "three three").replace("oh", "zero")
    return in_words(heard).replace("oh", "zero") == spoken


def synthetic() -> Callable[[str], Recording]:
    """A synthetic caller at 18 dB over pink noise. Her voice is fixed, so two runs read the same sound."""
    voice = hibari.Hibari()

    def make(text: str) -> Recording:
        sound = np.asarray(voice(text, seed=len(text)), np.float32)
        pcm = telephone(sound / np.abs(sound).max() * 0.4, hibari.SAMPLE_RATE)
        return Recording(text, text, with_noise(pcm, 18.0, len(text)))

    return make


def engines(names: Iterable[str], folder: Path) -> Iterable[tuple[str, Read]]:
    executor = ThreadPoolExecutor(1)
    shelf = Shelf(folder)
    for name in names:
        try:
            if name == "moonshine":
                yield name, MoonshineRecognizer(executor).read
            else:
                yield name, WhisperRecognizer(executor, shelf.download(name, lambda done, total: None)).read
        except ModelMissing as missing:
            print(f"{name}: skipped, {missing}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", nargs="+", default=["moonshine"], help="moonshine whisper-tiny-en whisper-base")
    parser.add_argument("--limit", type=int, default=10_000, help="recordings of each kind, evenly chosen")
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    wishes = parser.parse_args()
    human = some([r for r in prompts() if len(r.words.split()) >= 3], wishes.limit)
    single = some(list(spoken_digits()), wishes.limit)
    made = synthetic()
    for name, engine in engines(wishes.engine, wishes.models):
        engine(made("warm up").utterance(), Expect(kind="digits"), lambda: False)
        print(name)
        if human:
            sentences(engine, human)
        else:
            print("  human sentences: skipped, apt install asterisk-core-sounds-en-wav")
        if single:
            digits(engine, single)
        else:
            print("  single digits: skipped, IVR_SHARED_DATA names no folder with spoken_digits")
        answers(engine, made)


def some(recordings: list[Recording], limit: int) -> list[Recording]:
    return recordings[:: max(1, -(-len(recordings) // limit))]


if __name__ == "__main__":
    main()
