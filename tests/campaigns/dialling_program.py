"""A program that calls for cases until it is killed: `python -m tests.campaigns.dialling_program URL LOG CASES`.

The carrier remembers its calls in a file, as a real one does outside of our program: every dial is a line.
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.logs import set_up_logs
from ivr.model.campaign_ports import Looked
from tests.campaigns.kit import TestCarrier, campaign_desk
from tests.campaigns.made import alert


@dataclass(slots=True)
class CarrierOnPaper(TestCarrier):
    paper: Path = field(default=Path())

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        with self.paper.open("a") as book:
            book.write(f"{attempt_id} {to}\n")
            book.flush()
            os.fsync(book.fileno())
        await asyncio.sleep(0.02)  # the answer is on its way: here a crash leaves the outcome unknown
        asyncio.get_running_loop().call_later(0.05, self.on_dial, attempt_id)
        return f"CA{attempt_id}"

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        lines = self.paper.read_text().splitlines() if self.paper.exists() else []
        placed = [line.split()[0] for line in lines if line.split()[1:] == [to]]
        fresh = [attempt for attempt in placed if f"CA{attempt}" not in known]
        return Looked(known=True, provider_id=f"CA{fresh[-1]}" if fresh else "")

    async def status(self, provider_id: str) -> Looked:
        return Looked(known=True, provider_id=provider_id, outcome="no_answer")


async def call_all(url: str, paper: Path, count: int) -> None:
    carrier = CarrierOnPaper(paper=paper)
    async with campaign_desk(url, carrier, lines=20) as here:

        def answer(attempt: str) -> None:
            here.live.answered(attempt, f"call-{attempt}")
            here.live.noted(f"call-{attempt}", "verdict", "confirmed")
            here.live.call_ended(f"call-{attempt}", "self_service_completed", {})

        carrier.on_dial = answer
        for number in range(count):
            wanted = alert(f"e{number}", f"+1555556{number:04d}", customer=f"c{number}")
            await here.desk.receive("fraud_check", replace(wanted, occurred_at=datetime(2026, 11, 22, tzinfo=UTC)))
        print("received", flush=True)  # noqa: T201 - the test listens
        while here.desk.flying or any(not due.next_at for due in await here.book.due()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    set_up_logs("error", as_json=False)
    asyncio.run(call_all(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
