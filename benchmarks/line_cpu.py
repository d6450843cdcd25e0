"""Processor time of a Twilio line: `python -m benchmarks.line_cpu [calls …]`.

The real router in this process takes calls that only send and receive sound (no recognition, no synthesis); the
callers are another process. Prints per cent of one core for each call, and how late the paced sound was.
"""

import asyncio
import base64
import json
import multiprocessing
import sys
import time
from collections.abc import AsyncIterator

import httpx
import numpy as np
import websockets
from fastapi import FastAPI

from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, PlaybackFinished, TransferFinished
from telephony.dial_plan import DialPlan
from telephony.twilio_line import TwilioLine
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_web import twilio_router
from tests.telephony.serving import Twilio, running, start_message

SECONDS = 8.0
WARM_UP_SECONDS = 1.0
SETTINGS = TwilioSettings("AC" + "0" * 32, "auth-token", "https://ivr.example.test")


class Centre:
    """Speaks without end, and listens."""

    def flow_for(self, called: str) -> str:
        return "echo"

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(line.play(1, noise()))
            async for item in line.incoming():
                line.level_heard()
                if isinstance(item, PlaybackFinished):
                    break

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        """No transfers here."""

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        """Nothing to remember."""


async def noise() -> AsyncIterator[AudioFrame]:
    pcm = np.random.default_rng(1).normal(0, 2000, 160).astype("<i2").tobytes()
    while True:
        yield AudioFrame(pcm, 8000)


async def talk(url: str, call_sid: str, parameters: dict[str, str]) -> list[float]:
    """One caller; gives back how far behind real time the sound it got was, by the 100 ms."""
    late: list[float] = []
    payload = base64.b64encode(bytes(range(160))).decode()
    async with websockets.connect(url, compression=None) as socket:
        await socket.send(json.dumps(start_message(parameters, call_sid)))
        began, got = time.monotonic(), 0

        async def listen() -> None:
            nonlocal got
            async for message in socket:
                got += len(base64.b64decode(json.loads(message)["media"]["payload"]))
                if got > 8000:  # the line has filled the far end by then
                    late.append(time.monotonic() - began - got / 8000)

        listening = asyncio.create_task(listen())
        for number in range(round((SECONDS + WARM_UP_SECONDS) * 50)):
            await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
            media = {"track": "inbound", "timestamp": str(number * 20), "payload": payload}
            message = {"event": "media", "sequenceNumber": str(number + 2), "streamSid": "MZ1", "media": media}
            await socket.send(json.dumps(message))
        listening.cancel()
    return late


def callers(url: str, tickets: list[tuple[str, dict[str, str]]], answer: "multiprocessing.Queue[list[float]]") -> None:
    async def all_talk() -> list[float]:
        behind = await asyncio.gather(*(talk(url, call_sid, parameters) for call_sid, parameters in tickets))
        return [each for late in behind for each in late]

    answer.put(asyncio.run(all_talk()))


async def measure(calls: int) -> None:
    app = FastAPI()
    app.include_router(twilio_router(SETTINGS, Centre(), DialPlan()))
    async with running(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        twilio = Twilio(port, http)
        sids = [f"CA{number:032d}" for number in range(calls)]
        tickets = [(sid, await twilio.parameters(CallSid=sid)) for sid in sids]
        apart = multiprocessing.get_context("spawn")
        answer: multiprocessing.Queue[list[float]] = apart.Queue()
        process = apart.Process(target=callers, args=(twilio.media_url, tickets, answer))
        process.start()
        await asyncio.sleep(WARM_UP_SECONDS + 2.5)
        used, began = time.process_time(), time.monotonic()
        await asyncio.sleep(SECONDS - 4)
        used, spent = time.process_time() - used, time.monotonic() - began
        behind = np.array(await asyncio.to_thread(answer.get))
        await asyncio.to_thread(process.join)
    late = np.percentile(behind, (50, 95, 99)) * 1000
    print(
        f"calls {calls:3d}  one core {used / spent:6.1%}  per call {used / spent / calls:6.2%}  "
        f"sound in hand at the far end, ms: p50 {-late[0]:.0f}, p95 {-late[1]:.0f}, p99 {-late[2]:.0f}"
    )


if __name__ == "__main__":
    for count in [int(each) for each in sys.argv[1:]] or [1, 10, 20, 40]:
        asyncio.run(measure(count))
