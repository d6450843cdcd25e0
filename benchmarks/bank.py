"""The bank that sends events and the carrier that is asked for calls: a program beside the server, so that what they
cost is not counted as the server's. Started by the benchmarks of campaigns.

    python -m benchmarks.bank --events 1000 --seconds 60 --secret S --token T --path /api/campaigns/fraud_check/events

It tells the carrier's address in its first line, waits for the server's address, and tells figures as JSON at the end.
"""

import argparse
import asyncio
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import httpx
import uvicorn
from fastapi import FastAPI

from ivr.model.signing import signature
from telephony.standin.rest import StandInRest
from telephony.standin.webhooks import Addresses

PATIENCE_SECONDS = 60.0
"""After the last event, until a case that was not dialled counts as lost."""


AGAIN_SECONDS = 0.2
"""Until an event that was not accepted is sent again, as a bank does."""


@dataclass(slots=True)
class Figures:
    answers: dict[str, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    """Seconds from sending an event to the carrier being asked for its call."""

    lost: int = 0
    twice: int = 0
    others: int = 0
    """Calls that no event of ours asked for."""

    finished: bool = True
    """The server was told of the end of every call."""


@asynccontextmanager
async def serving(app: FastAPI, bound: socket.socket) -> AsyncIterator[str]:
    """Its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def number_of(event: int) -> str:
    return f"+141555{event:05d}"


def event_body(number: int) -> bytes:
    """A fraud alert about one customer."""
    return json.dumps(
        {
            "event_id": f"e{number}", "source": "bank", "occurred_at": datetime.now(UTC).isoformat(),
            "customer_id": f"c{number}", "phone_candidates": [{"e164": number_of(number)}],
            "transactions": [{"txn_id": f"t{number}", "amount_minor": 128000, "currency": "USD", "merchant": "Demo",
                              "last4": "4421", "time": "just now"}],
            "exposure": 1280, "risk_score": 0.9,
        }
    ).encode()  # fmt: skip


def signed(secret: str, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    return {"X-Ivr-Timestamp": stamp, "X-Ivr-Signature": signature(secret, stamp, body)}


async def send_all(url: str, secret: str, count: int, seconds: float, sent: dict[str, float]) -> Counter[str]:
    """Evenly over the time."""
    answers: Counter[str] = Counter()
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=30.0, limits=httpx.Limits(max_connections=50)) as client:

        async def one(number: int) -> None:
            await asyncio.sleep(max(0.0, began + number * seconds / count - time.monotonic()))
            body = event_body(number)
            sent[number_of(number)] = time.monotonic()
            while not await taken(client, url, secret, body, answers):  # noqa: ASYNC110
                await asyncio.sleep(AGAIN_SECONDS)

        await asyncio.gather(*map(one, range(count)))
    return answers


async def taken(client: httpx.AsyncClient, url: str, secret: str, body: bytes, answers: Counter[str]) -> bool:
    """Whether the server has accepted an event; what it answered is counted."""
    try:
        answer = await client.post(url, content=body, headers=signed(secret, body))
    except httpx.HTTPError as error:
        answers[type(error).__name__] += 1
        return False
    answers[str(answer.status_code)] += 1
    return answer.is_success


async def measure(given: argparse.Namespace) -> Figures:
    bound = socket.create_server(("127.0.0.1", 0))
    carrier, sent = StandInRest(Addresses("", ""), given.token), dict[str, float]()
    async with serving(carrier.app, bound) as there:
        print(there, flush=True)
        here = (await asyncio.to_thread(sys.stdin.readline)).strip()
        carrier.addresses = Addresses(here, here)
        answers = await send_all(here + given.path, given.secret, given.events, given.seconds, sent)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            ours = [call for call in carrier.calls if call.to in sent]
            if len(ours) >= given.events and all(call.status == "no-answer" for call in ours):
                break
            await asyncio.sleep(0.05)
        times = Counter(call.to for call in carrier.calls)
        figures = Figures(
            dict(answers), [call.at - sent[call.to] for call in ours], given.events - len(times.keys() & sent.keys()),
            sum(many > 1 for many in times.values()), len(times.keys() - sent.keys()), time.monotonic() < until,
        )  # fmt: skip
        await carrier.close()
    return figures


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--events", type=int, required=True)
    asked.add_argument("--seconds", type=float, required=True)
    for name in ("secret", "token", "path"):
        asked.add_argument(f"--{name}", required=True)
    print(json.dumps(asdict(asyncio.run(measure(asked.parse_args())))), flush=True)


if __name__ == "__main__":
    main()
