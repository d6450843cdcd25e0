"""`ivr campaign demo`: a signed event for each simulated customer, the conversation as it is held, and the ledger."""

import asyncio
import json
import secrets
import socket
import time
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table

from ivr.campaigns.ledger import STAGES
from ivr.cli.demo import show_live
from ivr.cli.serve import running
from ivr.cli.start import console, listening_socket, local_url
from ivr.config import Config
from ivr.config_queues import Agent, AgentQueue
from ivr.demo.customers import Customer, load_customers
from ivr.environment import Environment
from ivr.model.errors import BadQuery, ConfigError
from ivr.model.signing import signature
from ivr.web.live import LiveEvent

SHOWN = ("denies", "confirms", "scam", "voicemail", "busy")
"""Who is called where nobody is named."""

SPECIALIST = Agent(
    id="specialist", name="Sam", skills={"lang:en": 5, "lang:zh": 5, "fraud_specialist": 5},
    queues=[AgentQueue(queue="fraud")], phone="+15555550190",
)  # fmt: skip
"""Answers on loopback too, in the demonstration's own server."""

LONGEST_SECONDS = 180.0
"""Of one case, from the event to its end."""


async def demonstrate(
    config: Config, environment: Environment, who: tuple[str, ...], campaign: str, url: str, folder: Path
) -> int:
    """How many cases did not come to an end.

    Args:
        url: of a running server whose `campaigns.trunk` is loopback; empty: one is started, apart from the real one.

    Raises:
        ConfigError: the environment lacks a secret, or the server is not there.
        BadQuery: nobody has one of these names.
    """
    chosen = _chosen(config, who)
    async with AsyncExitStack() as stack:
        if not url:
            config, environment = apart(config, folder), _secrets(environment)
            bound: socket.socket = stack.enter_context(listening_socket("127.0.0.1", 0))
            await stack.enter_async_context(running(config, environment, bound))
            url = local_url(bound)
        for name in ("api_key", "events_secret"):
            if not getattr(environment, name):
                raise ConfigError(f"IVR_{name.upper()} is not set; give the one that the server was started with")
        headers = {"Authorization": f"Bearer {environment.api_key}"}
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers, timeout=10.0))
        demo = Demonstration(client, campaign, environment.events_secret)
        return await demo.run(chosen)


class Demonstration:
    """Talks to the server as a bank does (events), and as a supervisor does (everything else)."""

    def __init__(self, client: httpx.AsyncClient, campaign: str, secret: str) -> None:
        self._client, self._campaign, self._secret = client, campaign, secret

    async def run(self, customers: list[Customer]) -> int:
        try:
            await self._client.post(f"/api/agents/{SPECIALIST.id}/state", json={"state": "available"})
            watching = asyncio.create_task(self._watch())
            open_cases = 0
            for customer in customers:
                console.rule(f"[bold]{customer.caller.name}[/] {customer.caller.about}")
                case = await self._case_over(await self._send(customer))
                open_cases += case["state"] in ("received", "in_progress")
                await self._tell(case)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await self._ledger()
        except httpx.TransportError as error:
            raise ConfigError(f"the server does not answer ({type(error).__name__}); is it running?") from error
        return open_cases

    async def _send(self, customer: Customer) -> str:
        event = {
            "event_id": secrets.token_hex(8), "source": "demo", "occurred_at": datetime.now(UTC).isoformat(),
            "customer_id": f"demo-{customer.caller.name}-{secrets.token_hex(4)}", **customer.event,
            "phone_candidates": [{"e164": customer.caller.number}], "exposure": 1280, "risk_score": 0.9,
        }  # fmt: skip
        body, stamp = json.dumps(event).encode(), str(int(time.time()))
        signed = {"X-Ivr-Timestamp": stamp, "X-Ivr-Signature": f"sha256={signature(self._secret, stamp, body)}"}
        answer = await self._client.post(f"/api/campaigns/{self._campaign}/events", content=body, headers=signed)
        if answer.is_error:
            raise BadQuery(f"the event was refused ({answer.status_code}): {answer.json().get('detail', answer.text)}")
        console.print(f"event accepted with {answer.status_code}: {answer.text}", style="dim", markup=False)
        return str(answer.json()["case_id"])

    async def _case_over(self, case_id: str) -> dict[str, Any]:
        """The case, once its first attempt is over and, where there was a call, its record is written."""
        until = time.monotonic() + LONGEST_SECONDS
        while True:
            case: dict[str, Any] = await self._get(f"/api/campaigns/{self._campaign}/cases/{case_id}")
            ended = [one for one in case["attempts"] if "ended" in one["times"] or one["outcome"] == "blocked_by_rule"]
            if ended or time.monotonic() > until:
                return case
            await asyncio.sleep(0.3)

    async def _tell(self, case: dict[str, Any]) -> None:
        attempt = case["attempts"][0] if case["attempts"] else {"outcome": "none", "call_id": "", "rule": ""}
        began = datetime.fromisoformat(case["received_at"])
        table = Table(show_header=False, box=None, padding=(0, 2))
        table.add_row("[dim]case[/]", f"{case['case_id']}: {case['state']} {case['reason']}")
        table.add_row("[dim]attempt[/]", f"{attempt['outcome']} {attempt['rule']}")
        times = {name: datetime.fromisoformat(case["times"][name]) for name in STAGES if name in case["times"]}
        passed = [f"{name} {(at - began).total_seconds():+.2f} s" for name, at in times.items()]
        table.add_row("[dim]ledger[/]", ", ".join(passed))
        table.add_row("[dim]result[/]", ", ".join(f"{name}: {value}" for name, value in case["result"].items()))
        if attempt["call_id"]:
            record = await self._get(f"/api/calls/{attempt['call_id']}")
            survey = record["survey"] or {}
            answers = ", ".join(f"{name} {value}" for name, value in survey.get("answers", {}).items())
            table.add_row("[dim]call[/]", f"{record['call_id']}: {record['end_reason']}, by {record['handled_by']}")
            table.add_row("[dim]survey[/]", f"{survey.get('status', 'none')} {answers}")
        console.print(table)

    async def _ledger(self) -> None:
        found = await self._get(f"/api/campaigns/{self._campaign}/ledger")
        table = Table("goal", "within", "cases", "p50", "p95", title="ledger of the last 24 hours, in seconds")
        for goal in found["goals"]:
            p50, p95 = (f"{goal[each]:.2f}" if goal[each] is not None else "" for each in ("p50", "p95"))
            table.add_row(goal["name"], f"{goal['seconds']:g}", str(goal["count"]), p50, p95)
        console.print(table)

    async def _watch(self) -> None:
        """The conversation as it is held."""
        async with self._client.stream("GET", "/api/live", timeout=None) as answer:
            kind = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    fields = json.loads(line.removeprefix("data: "))
                    show_live(LiveEvent(kind, fields.pop("call_id", ""), fields))

    async def _get(self, path: str) -> Any:
        answer = await self._client.get(path)
        if answer.is_error:
            raise BadQuery(f"{path} answered {answer.status_code}: {answer.json().get('detail', '')}")
        return answer.json()


def _chosen(config: Config, who: tuple[str, ...]) -> list[Customer]:
    by_name = {one.caller.name: one for one in load_customers(config.campaigns.customers).values()}
    if unknown := [name for name in who if name not in by_name]:
        raise BadQuery(f"nobody is called {', '.join(unknown)}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in who or SHOWN if name in by_name]


def apart(config: Config, folder: Path) -> Config:
    """The settings at hand, with loopback, and a database and recordings apart from real ones."""
    changes: dict[str, Any] = {
        "server": config.server.model_copy(update={"examples": True}),
        "campaigns": config.campaigns.model_copy(update={"enabled": True, "trunk": "loopback"}),
        "sip": config.sip.model_copy(update={"enabled": False}),
        "dial_plan": config.dial_plan.model_copy(update={"allow": ["+1555555"]}),
        "agents": [SPECIALIST],
        "store": config.store.model_copy(update={"path": folder / "ivr.db"}),
        "recording": config.recording.model_copy(update={"enabled": True, "folder": folder / "recordings"}),
        "webhooks": [],
    }
    return config.model_copy(update=changes)


def _secrets(environment: Environment) -> Environment:
    """Of the demonstration's own server; nothing of the real one's."""
    return Environment(api_key=secrets.token_hex(16), events_secret=secrets.token_hex(16))
