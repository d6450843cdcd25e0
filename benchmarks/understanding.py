"""How well callers are understood: BANKING77 by cross-validation, clean and with simulated recognition errors.

    python benchmarks/understanding.py                     one fold of five, 10-shot and 5-shot
    python benchmarks/understanding.py --folds 5 --draws 3 everything (about 15 minutes on one core)
    python benchmarks/understanding.py --only speech       through a synthetic voice, a phone line and the recognizer
    python benchmarks/understanding.py --only knowledge    the knowledge base at 300,000 entries
    python benchmarks/understanding.py --only knowledge --file   the same as a flow and a table, read as a server would

Data: BANKING77, PolyAI, CC BY 4.0 (Casanueva et al. 2020), read from ../shared/data; texts as a recognizer writes
them: lower case, no punctuation, figures as words. Its own test split is not used.
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.understanding_knowledge import measure_file, measure_knowledge
from benchmarks.understanding_speech import measure_speech
from ivr.model.meaning import IntentExamples, Vocabulary
from ivr.nlu.cleanup import clean, spelled
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.nlu.intents import IntentModel
from ivr.nlu.minilm import shared_minilm
from ivr.nlu.noise import Mishearer
from ivr.nlu.settings import UnderstandingSettings

Encoders = tuple[SentenceEncoder, ...]
FOLDS = 5
SPOKEN = 154
NOISE = (0.0, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Questions:
    texts: list[str]
    classes: NDArray[np.int64]
    names: list[str]
    vectors: tuple[NDArray[np.float32], ...]
    """One array per encoder."""


def shared_data() -> Path:
    """The folder of shared data, by IVR_SHARED_DATA or beside a parent of this file."""
    given = os.environ.get("IVR_SHARED_DATA")
    places = [Path(given)] if given else [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise SystemExit("no shared/data beside a parent folder; set IVR_SHARED_DATA")
    return found


def read_questions(encoders: Encoders, most: int) -> Questions:
    with (shared_data() / "banking77" / "train.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(spelled(clean(row["text"], "en"), "en"), row["category"]) for row in csv.DictReader(lines)]
    order = np.random.default_rng(1).permutation(len(rows))[:most]
    names = sorted({rows[at][1] for at in order})
    number = {name: at for at, name in enumerate(names)}
    texts = [rows[at][0] for at in order]
    classes = np.array([number[rows[at][1]] for at in order], np.int64)
    return Questions(texts, classes, names, tuple(encoder.encode(texts) for encoder in encoders))


def taught(questions: Questions, rows: NDArray[np.int64], encoders: Encoders) -> IntentModel:
    """The intents of a flow that has these questions as its phrases, trained as any flow is."""
    intents = tuple(
        IntentExamples(
            questions.names[number], tuple(questions.texts[at] for at in rows if questions.classes[at] == number)
        )
        for number in np.unique(questions.classes[rows])
    )
    return IntentModel(Vocabulary("bank", "en", intents), encoders, UnderstandingSettings())


def accuracy(
    questions: Questions, train: NDArray[np.int64], test: NDArray[np.int64], encoders: Encoders
) -> dict[float, tuple[float, float, float]]:
    """Top-1, top-1 with all intents equally frequent (as in the set's own test), and top-3, by word error rate."""
    generator = np.random.default_rng(2)
    model = taught(questions, train, encoders)
    mishearer = Mishearer("en", [questions.texts[at] for at in train])
    classes = questions.classes[test]
    found: dict[float, tuple[float, float, float]] = {}
    for rate in NOISE:
        said = mishearer.copies([questions.texts[at] for at in test], rate, generator)
        ranked = [[guess.intent for guess in guesses] for guesses in model.all_guesses(said)]
        first = np.array([names[:1] == [questions.names[at]] for names, at in zip(ranked, classes, strict=True)])
        third = np.mean([questions.names[at] in names for names, at in zip(ranked, classes, strict=True)])
        even = np.mean([first[classes == number].mean() for number in np.unique(classes)])
        found[rate] = float(first.mean()), float(even), float(third)
    return found


def shots(questions: Questions, count: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows to learn from, `count` of each intent; other rows to test on)."""
    generator = np.random.default_rng(seed)
    learn = np.concatenate(
        [
            generator.permutation(np.flatnonzero(questions.classes == number))[:count]
            for number in range(len(questions.names))
        ]
    )
    rest = np.setdiff1d(np.arange(len(questions.classes)), learn)
    return learn, generator.permutation(rest)[:2000]


def print_accuracy(name: str, runs: Sequence[dict[float, tuple[float, float, float]]]) -> None:
    for rate in NOISE:
        first, even, third = np.mean([run[rate] for run in runs], axis=0)
        print(
            f"{name:8} simulated word errors {rate:4.0%}   top-1 {first:.3f} (intents even {even:.3f})   "
            f"top-3 {third:.3f}   runs {len(runs)}",
            flush=True,
        )


def measure_policy(questions: Questions, encoders: Encoders, per_intent: int) -> None:
    """Accept, confirm, ask again: 62 intents learned, 15 siblings held out as questions nobody prepared for."""
    generator = np.random.default_rng(3)
    shuffled = generator.permutation(len(questions.names))
    known, strange = set(shuffled[:62].tolist()), set(shuffled[62:].tolist())
    learn, rest = shots(questions, per_intent, 4)
    began = time.process_time()
    model = taught(questions, learn[np.isin(questions.classes[learn], sorted(known))], encoders)
    print(f"trained 62 intents x {per_intent} in {time.process_time() - began:.1f} s of CPU")
    mishearer = Mishearer("en", questions.texts[:2000])
    inside = [at for at in rest if int(questions.classes[at]) in known][:600]
    outside = [at for at in rest if int(questions.classes[at]) in strange][:300]
    seconds: list[float] = []
    for rate in NOISE:
        print_zones(f"in scope, {rate:.0%}", questions, model, inside, rate, mishearer, seconds)
    print_zones("near, unknown", questions, model, outside, 0.0, mishearer, seconds)
    p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1000
    print(f"one request: p50 {p50:.1f} ms  p95 {p95:.1f} ms  p99 {p99:.1f} ms  ({len(seconds)} requests)")


def print_zones(
    name: str, questions: Questions, model: IntentModel, rows: Sequence[int], rate: float,
    mishearer: Mishearer, seconds: list[float],
) -> None:  # fmt: skip
    generator = np.random.default_rng(5)
    counts = np.zeros(5)
    for at in rows:
        said = mishearer.copy(questions.texts[at], rate, generator)
        began = time.perf_counter()
        guesses = model.guesses(said)
        seconds.append(time.perf_counter() - began)
        sure = guesses[0].confidence if guesses else 0.0
        right = bool(guesses) and guesses[0].intent == questions.names[int(questions.classes[at])]
        zone = 0 if sure >= 0.75 else 2 if sure >= 0.35 else 4
        counts[zone if zone == 4 else zone + (not right)] += 1
    shares = counts / max(len(rows), 1)
    print(
        f"{name:14} accepted right {shares[0]:.3f}  accepted wrong {shares[1]:.3f}  confirmed right {shares[2]:.3f}  "
        f"confirmed wrong {shares[3]:.3f}  asked again {shares[4]:.3f}"
    )


def _folds(written: str) -> int:
    """How many of the folds are tested; the examples are always parted into `FOLDS`."""
    if not written.isdigit() or not 1 <= int(written) <= FOLDS:
        raise argparse.ArgumentTypeError(
            f"the examples are parted into {FOLDS} folds; write a number from 1 to {FOLDS}, not {written}"
        )
    return int(written)


def runs_of(
    name: str, questions: Questions, splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], encoders: Encoders
) -> list[dict[float, tuple[float, float, float]]]:
    """Each run in turn, with a sign of life on stderr: one takes minutes."""
    found = []
    for number, (train, test) in enumerate(splits, 1):
        began = time.perf_counter()
        found.append(accuracy(questions, train, test, encoders))
        first, _, third = found[-1][0.0]
        print(f"  {name}: run {number} of {len(splits)}, top-1 {first:.3f}, top-3 {third:.3f}, "
              f"{time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=_folds, default=1, help=f"folds, of {FOLDS}, to test on with all examples")
    parser.add_argument("--draws", type=int, default=1, help="random draws of the few-shot runs")
    parser.add_argument("--most", type=int, default=10_003, help="questions used, for a light run")
    parser.add_argument("--entries", type=int, default=300_000, help="entries of the knowledge base")
    parser.add_argument(
        "--file", nargs="?", const="", help="knowledge through the loader: your file, else a made-up one"
    )
    parser.add_argument("--vectors", type=Path, default=Path("var/knowledge"), help="where vectors are kept")
    parser.add_argument("--spoken", type=int, default=SPOKEN, help="questions spoken and recognized")
    parser.add_argument("--phrases", type=int, default=60, help="phrases an intent where questions are spoken")
    parser.add_argument("--minilm", action="store_true", help="with the English encoder of the extra")
    parser.add_argument("--only", choices=("accuracy", "policy", "speech", "knowledge", "all"), default="all")
    chosen = parser.parse_args()
    encoders: Encoders = (shared_encoder(), shared_minilm()) if chosen.minilm else (shared_encoder(),)
    if chosen.only != "knowledge":
        questions = read_questions(encoders, chosen.most)
    if chosen.only in ("accuracy", "all"):
        fold_of = np.random.default_rng(6).integers(0, FOLDS, len(questions.classes))
        splits = [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(chosen.folds)]
        print_accuracy("full", runs_of("full", questions, splits, encoders))
        for count in (10, 5):
            draws = [shots(questions, count, seed) for seed in range(chosen.draws)]
            print_accuracy(f"{count}-shot", runs_of(f"{count}-shot", questions, draws, encoders))
    if chosen.only in ("policy", "all"):
        measure_policy(questions, encoders, per_intent=20)
    if chosen.only in ("speech", "all"):
        learn, rest = shots(questions, chosen.phrases, 7)
        said = rest[: chosen.spoken]
        names = [questions.names[number] for number in questions.classes[said]]
        print(f"{chosen.phrases} phrases an intent")
        measure_speech(taught(questions, learn, encoders), [questions.texts[at] for at in said], names)
    if chosen.only == "knowledge" and chosen.file is not None:
        measure_file(Path(chosen.file) if chosen.file else None, chosen.entries, chosen.vectors)
    elif chosen.only in ("knowledge", "all"):
        measure_knowledge(encoders[0], chosen.entries)


if __name__ == "__main__":
    main()
