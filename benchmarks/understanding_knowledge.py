"""The knowledge base at scale: entries from aspects, products and towns, asked for in other words."""

import resource
import time

import numpy as np

from ivr.nlu.encoder import SentenceEncoder
from ivr.nlu.knowledge import KnowledgeBase, KnowledgeEntry

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


def measure_knowledge(encoder: SentenceEncoder, most: int) -> None:
    """Print recall at 1 and 5, and the time of one search, encoding included."""
    towns = [first + second for first in FIRST for second in SECOND]
    products = [f"{series} {kind}" for series in SERIES for kind in KINDS]
    every = len(ASPECTS) * len(products) * len(towns)
    chosen = np.random.default_rng(0).permutation(every)[:most]
    entries, questions = [], []
    for key in chosen:
        aspect, rest = divmod(int(key), len(products) * len(towns))
        product, town = divmod(rest, len(towns))
        plain, other = (words.format(products[product], towns[town]) for words in ASPECTS[aspect])
        entries.append(KnowledgeEntry(str(key), (plain,), "answer"))
        questions.append(other)
    began = time.perf_counter()
    base = KnowledgeBase(entries, "en", encoder)
    print(f"knowledge: {len(base)} entries indexed in {time.perf_counter() - began:.0f} s")
    seconds, first, fifth = [], 0, 0
    for at in np.random.default_rng(1).permutation(len(entries))[:QUERIES]:
        began = time.perf_counter()
        hits = base.search(questions[at])
        seconds.append(time.perf_counter() - began)
        keys = [hit.entry.key for hit in hits]
        first += keys[:1] == [entries[at].key]
        fifth += entries[at].key in keys
    p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"recall@1 {first / QUERIES:.3f}  recall@5 {fifth / QUERIES:.3f}  most memory {memory:.0f} MB")
    print(f"one search: p50 {p50:.1f} ms  p95 {p95:.1f} ms  p99 {p99:.1f} ms  ({QUERIES} searches, encoding included)")
