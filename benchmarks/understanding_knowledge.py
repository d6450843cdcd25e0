"""The knowledge base at scale: entries from aspects, products and towns, asked for in other words."""

import csv
import gc
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ivr.flow.loader import load_flow
from ivr.flow.tables import COLUMNS, VALUE
from ivr.flow.vocabulary import vocabulary
from ivr.model.meaning import Expect, Hypothesis
from ivr.model.ports import Understanding
from ivr.nlu.encoder import SentenceEncoder, Vectors, shared_encoder
from ivr.nlu.kept import KeptUnderstandings
from ivr.nlu.knowledge import KnowledgeBase, KnowledgeEntry

CHUNK = 5000
TELL_EVERY = 6
"""Chunks; about once in ten seconds on two cores."""

ASPECTS = (
    ("how long is the warranty of the {} in {}", "for how many years is a {} covered in {}"),
    ("where can I have my {} repaired in {}", "who mends a {} around {}"),
    ("what does delivery of a {} to {} cost", "price for shipping a {} to {}"),
    ("can I return a {} in a shop in {}", "may I bring my {} back to the store in {}"),
    ("how do I clean the filter of the {} in {}", "washing the filter of a {}, I live in {}"),
    ("when is the {} back in stock in {}", "how soon will you have the {} again in {}"),
    ("is there a student discount on the {} in {}", "do students pay less for the {} in {}"),
    ("can someone install the {} on a Sunday in {}", "does a fitter come on Sundays for a {} in {}"),
    ("how much power does the {} use in {}", "electricity consumption of the {} at {}"),
    ("who collects my old {} in {}", "I want to get rid of an old {} in {}"),
)
KINDS = (
    "washing machine",
    "dryer",
    "fridge",
    "freezer",
    "oven",
    "air conditioner",
    "dishwasher",
    "heater",
    "fan",
    "hob",
)
SERIES = (
    "alpha",
    "breeze",
    "comet",
    "delta",
    "eco",
    "falcon",
    "glacier",
    "harmony",
    "ivory",
    "jade",
    "krypton",
    "lotus",
)
FIRST = (
    "north",
    "south",
    "east",
    "west",
    "new",
    "old",
    "great",
    "little",
    "upper",
    "lower",
    "saint",
    "port",
    "lake",
    "mount",
    "glen",
)
SECOND = (
    "ham", "field", "bridge", "ford", "bury", "minster", "worth", "stead", "haven", "dale", "combe", "wick", "stow",
    "ridge", "brook", "marsh", "cliff",
)  # fmt: skip
QUERIES = 200

FLOW = """\
flow: shop
start: start
agent: person
steps:
  start: {{ ask: Hello., knowledge: faq, no: bye }}
  faq: {{ answer: {}, not_found: bye, then: start }}
  person: {{ queue: people, otherwise: bye }}
  bye: {{ hangup: done }}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry, its question, and the same in other words."""

    entry: str
    question: str
    other: str


def measure_knowledge(encoder: SentenceEncoder, most: int) -> None:
    """Print recall at 1 and 5, and the time of one search, encoding included."""
    asked = made_up(most)
    print(f"{len(asked)} entries made up, {memory()}", flush=True)
    began = time.perf_counter()
    questions = [KnowledgeEntry(one.entry, (one.question,), "answer") for one in asked]
    base = KnowledgeBase(questions, "en", ManyAtOnce(encoder))
    print(f"knowledge: {len(base)} entries indexed in {time.perf_counter() - began:.0f} s")
    measure_searches(base, [(one.other, one.entry) for one in asked])


class ManyAtOnce:
    """Implements `SentenceEncoder`: very many sentences go to a program for each core, and it is told how far they
    are."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.name = encoder.name
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `SentenceEncoder.encode`."""
        if len(texts) <= CHUNK:
            return self._encoder.encode(texts)
        began, vectors = time.perf_counter(), np.empty((len(texts), self._encoder.encode(texts[:1]).shape[1]), "<f4")
        chunks = [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            for number, part in enumerate(pool.map(_encoded, chunks)):
                vectors[number * CHUNK : number * CHUNK + len(part)] = part
                if number % TELL_EVERY == 0 or number + 1 == len(chunks):
                    done, seconds = min(len(texts), (number + 1) * CHUNK), time.perf_counter() - began
                    print(f"encoded {done} of {len(texts)} questions in {seconds:.0f} s", flush=True)
        return vectors


def _encoded(texts: Sequence[str]) -> Vectors:
    return shared_encoder().encode(texts)


def made_up(most: int) -> list[Asked]:
    """Entries from aspects, products and towns, in random order."""
    towns = [first + second for first in FIRST for second in SECOND]
    products = [f"{series} {kind}" for series in SERIES for kind in KINDS]
    every = len(ASPECTS) * len(products) * len(towns)
    asked = []
    for key in np.random.default_rng(0).permutation(every)[:most]:
        aspect, rest = divmod(int(key), len(products) * len(towns))
        product, town = divmod(rest, len(towns))
        plain, other = (words.format(products[product], towns[town]) for words in ASPECTS[aspect])
        asked.append(Asked(f"e{key}", plain, other))
    return asked


def measure_searches(base: KnowledgeBase, asked: Sequence[tuple[str, str]]) -> None:
    """Print how often the right entry is found, and the time it takes; `asked` are (words, entry)."""
    seconds, first, fifth = [], 0, 0
    chosen = np.random.default_rng(1).permutation(len(asked))[:QUERIES]
    for words, entry in (asked[at] for at in chosen):
        began = time.perf_counter()
        hits = base.search(words)
        seconds.append(time.perf_counter() - began)
        keys = [hit.entry.key for hit in hits]
        first += keys[:1] == [entry]
        fifth += entry in keys
    p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1000
    print(f"recall@1 {first / len(chosen):.3f}  recall@5 {fifth / len(chosen):.3f}  {memory()}")
    print(f"one search: p50 {p50:.1f} ms  p95 {p95:.1f} ms  p99 {p99:.1f} ms  ({len(chosen)}, encoding included)")


def measure_file(file: Path | None, most: int, vectors_folder: Path) -> None:
    """The same through the loader of flows, from a file a supervisor could write: once with everything to be encoded,
    and once as at every start after it.

    Args:
        file: `knowledge.csv` or `.yaml`; None: a table of `most` made-up questions, and one entry with a slot.
        vectors_folder: where vectors are kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        others = {} if file else _write_table(Path(folder), most)
        flow_file = Path(folder) / "shop.yaml"
        used = file.resolve() if file else Path(folder) / "knowledge.yaml"
        flow_file.write_text(FLOW.format(os.path.relpath(used, folder)), encoding="utf-8")
        for start in ("first start", "next start"):
            began = time.process_time()
            flow = load_flow(flow_file)
            loaded = time.process_time()
            words = vocabulary(flow, "en")
            understanding = KeptUnderstandings(vectors_folder, vectors_folder=vectors_folder).understanding(
                {"en": words}
            )
            done = time.process_time()
            print(
                f"{start}: flow read and checked {loaded - began:.1f} s of CPU, made searchable {done - loaded:.1f} s, "
                f"{memory()}"
            )
            (known,) = words.knowledge
            asked = [(others.get(key, texts[0]), key) for key, texts in known.entries.items() if key != "warranty"]
            measure_turns(understanding, known.source, asked)
            del flow, words, known, understanding
            gc.collect()


def measure_turns(understanding: Understanding, source: str, asked: Sequence[tuple[str, str]]) -> None:
    """One utterance at a step that looks into the file, from words to meaning: by the clock, and CPU time of one core,
    which is what counts where other programs run beside."""
    expect = Expect(step="start", flow="shop", knowledge=(source,))
    seconds, first = [], 0
    chosen = np.random.default_rng(1).permutation(len(asked))[:QUERIES]
    for words, entry in (asked[at] for at in chosen):
        began, began_working = time.perf_counter(), time.process_time()
        answer = understanding.understand((Hypothesis(words),), expect).answer(source)
        seconds.append((time.perf_counter() - began, time.process_time() - began_working))
        first += bool(answer and answer.entry == entry)
    for name, row in zip(("by the clock", "of one core"), np.array(seconds).T, strict=True):
        p50, p95, p99 = np.percentile(row, [50, 95, 99]) * 1000
        print(f"one turn {name}: p50 {p50:.1f} ms  p95 {p95:.1f} ms  p99 {p99:.1f} ms  ({len(chosen)} turns)")
    slot = understanding.understand((Hypothesis("for how long is my k twenty guaranteed"),), expect).answer(source)
    print(f"the nearest is right: {first / len(chosen):.3f}; an entry with a slot: {slot}")


def memory() -> str:
    now = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return f"memory {now:.0f} MB (most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)"


def _write_table(folder: Path, most: int) -> dict[str, str]:
    """A table and the file with the lists it uses; the other words for each entry."""
    asked = made_up(most)
    with (folder / "questions.csv").open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow([*COLUMNS, VALUE])
        table.writerow(["warranty", "en", "how long is the warranty of the {model}", "Two years.", ""])
        table.writerow(["warranty", "en", "", "Three years for the {model}.", "k20"])
        table.writerows([one.entry, "en", one.question, f"The answer to {one.entry}.", ""] for one in asked)
    (folder / "knowledge.yaml").write_text(
        "knowledge: shop\nlists: { model: { k20: [k twenty], b7: [breeze seven] } }\ntables: questions.csv\n",
        encoding="utf-8",
    )
    return {one.entry: one.other for one in asked}
