"""A program for the kill test: calls begin, answer a survey question, and end, until somebody kills it.

Each line on stdout is a promise: what it names was on disk when the line was written.
"""

import asyncio
import sys
from itertools import count

from ivr.store.calls import open_store
from tests.store.samples import EVENTS, ended_call, live_call


def promise(what: str, call_id: str) -> None:
    sys.stdout.write(f"{what} {call_id}\n")
    sys.stdout.flush()


async def one_caller(url: str, name: str) -> None:
    async with open_store(url, node=name) as store:
        for number in count():
            call_id = f"{name}-{number}"
            await store.begin(live_call(call_id))
            promise("began", call_id)
            for entry in EVENTS:
                store.append(call_id, entry)
            await store.keep_survey_answer(call_id, "csat", "4")
            promise("answered", call_id)
            if number % 2:
                await store.finish(ended_call(call_id))
                promise("finished", call_id)


async def main(url: str) -> None:
    await asyncio.gather(*(one_caller(url, name) for name in ("north", "south")))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
