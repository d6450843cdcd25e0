"""What the audit and a login cost: noting a look, verifying the chain, hashing a password.

python -m benchmarks.audit [--entries 100000] [--database postgresql://…]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.figures import spread
from ivr.model.audit import Deed
from ivr.store.calls import open_store
from ivr.store.engine import sqlite_url
from ivr.store.passwords import Passwords

LOOKS, LOGINS, AT_ONCE = 200, 20, 1_000


def tell(name: str, seconds: list[float]) -> None:
    found = spread(seconds)
    shown = zip(("p50", "p95", "p99"), (found.p50, found.p95, found.p99), strict=True)
    print(f"{name}: {', '.join(f'{share} {1000 * value:.1f} ms' for share, value in shown if value is not None)}")


async def measure(url: str, entries: int) -> None:
    async with open_store(url) as store:
        looks = []
        for number in range(LOOKS):
            began = time.perf_counter()
            await store.keep_look("key:00000000", "call.read", f"call{number}", "192.0.2.1")
            looks.append(time.perf_counter() - began)
        tell("a look is noted, one after the other", looks)
        for start in range(0, entries, AT_ONCE):
            await store.audit.keep(*(Deed("amy", "call.read", f"c{start + n}", "192.0.2.1") for n in range(AT_ONCE)))
        began = time.perf_counter()
        verdict = await store.audit.verify()
        seconds = time.perf_counter() - began
        assert verdict.broken is None
        print(f"{verdict.entries} entries verified in {seconds:.2f} s ({verdict.entries / seconds:.0f} a second)")
    passwords, hashes = Passwords(), []
    for _ in range(LOGINS):
        began = time.perf_counter()
        await passwords.hashed("correct horse battery")
        hashes.append(time.perf_counter() - began)
    tell("a password is hashed", hashes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(asked.database or sqlite_url(Path(folder) / "ivr.db"), asked.entries))


if __name__ == "__main__":
    main()
