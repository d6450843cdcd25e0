"""Spoken orders through a flow: python -m benchmarks.spoken_commands [--snr clean,24,6] [--rate 16000,8000] [--limit N]

189 real recordings of many speakers (Picovoice speech-to-intent-benchmark, Apache-2.0), read from the shared data.
Kitchen noise is mixed in as its authors do. Every order goes the way of a call: the flow benchmarks/flows/coffee.yaml
says what it expects, the recognizer reads the sound, the understanding reads the words, the engine acts on them.
An order is right if the flow took the intent without asking back, with every value and no other.

Published, mean of 6 to 24 dB in cafe and kitchen: Dialogflow 0.78, Lex 0.85, Watson 0.87, LUIS 0.91, Rhino 0.98.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from asr.moonshine import MoonshineRecognizer
from asr.utterance import Utterance
from benchmarks.figures import spread
from benchmarks.sound import shared, telephone
from ivr.flow.engine import advance, begin
from ivr.flow.loader import load_flow
from ivr.flow.progress import Answer
from ivr.flow.vocabulary import vocabulary
from ivr.model.audio import PHONE_RATE, AudioFrame
from ivr.model.meaning import Recognition
from ivr.nlu.understanding import build_understanding

CREDIT = "recordings and noise: Picovoice speech-to-intent-benchmark (Apache-2.0)"
FLOW = Path(__file__).parent / "flows" / "coffee.yaml"
WIDE = 16000
SNRS = ("clean", "24", "21", "18", "15", "12", "9", "6")
LOUDEST_FRAME = 2048
"""Samples: the signal-to-noise ratio is that of the loudest frames of both, as in the benchmark's own mixer."""

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Order:
    name: str
    sound: Sound
    intent: str
    slots: Mapping[str, str]

    @property
    def is_held_out(self) -> bool:
        """Half of the files, by the hash of their name; what was tuned was tuned on the other half."""
        return md5(self.name.encode(), usedforsecurity=False).digest()[0] % 2 == 1


@dataclass(slots=True)
class Tally:
    """One condition."""

    right: list[bool] = field(default_factory=list)
    held_out: list[bool] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    wrong_values: int = 0
    """Orders the flow took with another value: worse than asking again."""


def orders(folder: Path) -> Iterator[Order]:
    for name, label in sorted(json.loads((folder / "labels.json").read_text(encoding="utf-8")).items()):
        path = folder / "audio" / name
        if path.is_file():
            sound, rate = soundfile.read(path, dtype="float32")
            if rate != WIDE:
                raise SystemExit(f"{path} is at {rate} Hz, not {WIDE}")
            slots = {slot: " ".join(value.split()) for slot, value in label["slots"].items()}
            yield Order(name, sound, label["intent"], slots)


def loudest(sound: Sound) -> float:
    """Energy of the loudest frame."""
    whole = sound[: sound.size // LOUDEST_FRAME * LOUDEST_FRAME].reshape(-1, LOUDEST_FRAME)
    return float((whole.astype(np.float64) ** 2).sum(axis=1).max())


def mixed(order: Order, noise: Sound, snr: str) -> Sound:
    """The order in noise; the piece of noise is chosen by the order's name, so that two runs hear the same."""
    if snr == "clean":
        return order.sound
    seed = int(md5(f"{order.name} {snr}".encode(), usedforsecurity=False).hexdigest()[:8], 16)
    start = int(np.random.default_rng(seed).integers(0, noise.size - order.sound.size))
    piece = noise[start : start + order.sound.size]
    scale = np.sqrt(loudest(order.sound) / (loudest(piece) * 10 ** (float(snr) / 10)))
    both = order.sound + np.float32(scale) * piece
    half: Sound = both / (2 * np.abs(both).max())
    return half


def heard(sound: Sound, rate: int) -> Utterance:
    """What comes off the line: 16-bit samples, at 8 kHz through G.711 mu-law."""
    utterance = Utterance(rate)
    wide = np.clip(np.round(sound * 32767), -32768, 32767).astype("<i2").tobytes()
    utterance.feed(AudioFrame(telephone(sound, WIDE) if rate == PHONE_RATE else wide, rate))
    return utterance


class Counter:
    """The coffee flow with its ears and its understanding."""

    def __init__(self) -> None:
        self._flow = load_flow(FLOW)
        self._recognizer = MoonshineRecognizer(ThreadPoolExecutor(1))
        self._understanding = build_understanding({"en": vocabulary(self._flow, "en")})
        self._start = begin(self._flow)

    def take(self, utterance: Utterance) -> tuple[str, Mapping[str, str], Recognition]:
        """The intent the flow acted on at once, the values it has then, and what was recognized."""
        expect = self._start.expect
        assert expect is not None
        recognition = self._recognizer.read(utterance, expect, lambda: False)
        meaning = self._understanding.understand(recognition.hypotheses, expect)
        answer = Answer(recognition.text, "", recognition.confidence, recognition.hypotheses, meaning)
        after = advance(self._flow, self._start.state, answer)
        slots = {rule.name: str(after.state.variables.get(rule.name) or "") for rule in expect.slots}
        return after.intent, {slot: value for slot, value in slots.items() if value}, recognition


def play(counter: Counter, order: Order, sound: Sound, rate: int, tally: Tally, tell: bool) -> None:
    utterance = heard(sound, rate)
    wall, cpu = time.perf_counter(), time.process_time()
    intent, slots, recognition = counter.take(utterance)
    tally.wall.append(time.perf_counter() - wall)
    tally.cpu.append(time.process_time() - cpu)
    right = intent == order.intent and slots == order.slots
    tally.right.append(right)
    tally.wrong_values += bool(intent) and not right
    if order.is_held_out:
        tally.held_out.append(right)
    if tell and not right:
        texts = " | ".join(hypothesis.text for hypothesis in recognition.hypotheses[:2])
        print(f"    {order.name[:8]} {sorted(order.slots.values())}: heard {texts}", file=sys.stderr)


def row(rate: int, snr: str, tally: Tally) -> dict[str, object]:
    wall = spread(tally.wall)
    return {
        "rate": rate, "snr": snr, "orders": len(tally.right), "accepted": round(float(np.mean(tally.right)), 4),
        "held_out_orders": len(tally.held_out),
        "held_out": round(float(np.mean(tally.held_out)), 4) if tally.held_out else None,
        "wrong": round(tally.wrong_values / len(tally.right), 4),
        "seconds_p50": wall.p50, "seconds_p95": wall.p95, "cpu_seconds": round(float(np.mean(tally.cpu)), 3),
    }  # fmt: skip


def means(rows: Sequence[Mapping[str, object]], rate: int) -> dict[str, object]:
    """Over the noisy conditions of one rate, as published."""
    noisy = [found for found in rows if found["rate"] == rate and found["snr"] != "clean"]
    columns = ("accepted", "held_out", "wrong", "cpu_seconds")
    values = {name: [float(str(found[name])) for found in noisy if found[name] is not None] for name in columns}
    return {"rate": rate, "snr": "mean", **{name: round(float(np.mean(v)), 4) for name, v in values.items() if v}}


def show(found: Mapping[str, object]) -> None:
    times = f"p50 {found['seconds_p50']:.2f} s  p95 {found['seconds_p95']:.2f} s  " if "seconds_p50" in found else ""
    print(
        f"{found['rate']:>6} Hz  {found['snr']:>5}  right {found.get('accepted', 0):.3f}  "
        f"held out {found.get('held_out') or float('nan'):.3f}  wrongly acted on {found.get('wrong', 0):.3f}  "
        f"{times}cpu {found.get('cpu_seconds', 0):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snr", default=",".join(SNRS), help="clean and dB, with commas")
    parser.add_argument("--rate", default=f"{WIDE},{PHONE_RATE}", help="16000 (wide band), 8000 (G.711)")
    parser.add_argument("--limit", type=int, default=10_000, help="orders, evenly chosen")
    parser.add_argument("--half", choices=("tuned", "held-out", "both"), default="both")
    parser.add_argument("--folder", type=Path, default=None, help="labels.json, audio/ and noise_kitchen.flac")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true", help="tell what was heard wrongly (standard error)")
    wishes = parser.parse_args()
    folder = wishes.folder or shared("spoken_commands")
    if folder is None or not (folder / "labels.json").is_file():
        raise SystemExit("spoken commands: skipped, IVR_SHARED_DATA names no folder with spoken_commands/labels.json")
    halves = {"tuned": (False,), "held-out": (True,), "both": (False, True)}[wishes.half]
    chosen = [order for order in orders(folder) if order.is_held_out in halves]
    chosen = chosen[:: max(1, -(-len(chosen) // wishes.limit))]
    rows = measured(chosen, folder, wishes)
    if wishes.json:
        print(json.dumps({"credit": CREDIT, "rows": rows}, indent=1))


def measured(chosen: Sequence[Order], folder: Path, wishes: argparse.Namespace) -> list[dict[str, object]]:
    noise = soundfile.read(folder / "noise_kitchen.flac", dtype="float32")[0]
    counter = Counter()
    counter.take(heard(chosen[0].sound, WIDE))
    if not wishes.json:
        print(f"{len(chosen)} orders; {CREDIT}")
    rows: list[dict[str, object]] = []
    for rate in map(int, wishes.rate.split(",")):
        for snr in wishes.snr.split(","):
            tally = Tally()
            for order in chosen:
                play(counter, order, mixed(order, noise, snr), rate, tally, wishes.misses)
            rows.append(row(rate, snr, tally))
            if not wishes.json:
                show(rows[-1])
        if any(found["snr"] != "clean" for found in rows if found["rate"] == rate):
            rows.append(means(rows, rate))
            if not wishes.json:
                show(rows[-1])
    return rows


if __name__ == "__main__":
    main()
