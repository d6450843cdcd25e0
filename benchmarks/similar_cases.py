"""How long an agent waits for similar cases, and what they cost: `python -m benchmarks.similar_cases`.

Looking through the index and encoding the caller's sentences, as `ivr.wiring.assisting` does for each sentence; the one
query of the database is not in it.
"""

import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np

from ivr.assist.cases import CaseIndex, Matter
from ivr.model.assist import SolvedCase
from ivr.nlu.encoder import shared_encoder

CASES, SENTENCES, TIMES = 2_000, 4, 300
SAID = (
    "someone took my wallet with my bank card", "two payments of the same amount were booked",
    "我的卡昨天丢了请帮我挂失", "the machine drops water on the floor when it runs",
)  # fmt: skip


def main() -> None:
    dice, noon = np.random.default_rng(1), datetime(2026, 11, 22, 12, tzinfo=UTC)
    vectors = dice.normal(size=(CASES, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cases = [
        SolvedCase(f"c{number}", noon - timedelta(minutes=number), "bank", "en", "x", "resolved", (), {"product": "a"})
        for number in range(CASES)
    ]
    tracemalloc.start()
    index = CaseIndex(CASES)
    index.learn(cases, vectors)
    index.alike(Matter("bank", "en", "x", vectors[:SENTENCES]), 0.34, 20)
    held = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    encoder = shared_encoder()
    encoder.encode(SAID)
    encoding, looking = [], []
    for number in range(TIMES):
        began = time.perf_counter()
        said = encoder.encode([f"{words} {number}" for words in SAID])
        encoding.append(time.perf_counter() - began)
        began = time.perf_counter()
        index.alike(Matter("bank", "en", "x", said), 0.34, 20)
        looking.append(time.perf_counter() - began)
    print(f"{CASES} cases: {held:.1f} MB more than their vectors of {vectors.nbytes / 2**20:.1f} MB")
    for name, times in (("encoding four sentences", encoding), ("looking through the cases", looking)):
        p50, p95, p99 = np.percentile(np.array(times) * 1000, (50, 95, 99))
        print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    main()
