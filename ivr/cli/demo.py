"""`ivr demo`: a server of its own, callers who really speak, and what became of their calls."""

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from ivr.cli.serve import running
from ivr.cli.start import FAILED, ConfigOption, console, listening_socket, local_url, logs, settings, told_to_people
from ivr.config import Config
from ivr.demo.callers import DemoCaller, load_callers
from ivr.demo.check import differences
from ivr.environment import Environment
from ivr.web.live import LiveCalls, LiveEvent
from telephony.standin.carrier import StandInCarrier
from telephony.standin.trace import CallTrace
from telephony.standin.voices import CallerVoices

CALLED = "+15555550100"
PUBLIC_URL = "https://demo.invalid"
"""As the stand-in for Twilio knows this server: Twilio opens streams over wss only."""

RECORD_SECONDS = 5.0
"""Longest wait for the record after the carrier reported the end."""


def demo(
    once: Annotated[
        bool, typer.Option(help="Stop after the calls; exit 0 only if each went as its script says.")
    ] = False,
    callers: Annotated[Path | None, typer.Option(help="Another file of callers.")] = None,
    port: Annotated[int, typer.Option(help="Port of the server; 0 picks a free one.")] = 0,
    folder: Annotated[Path, typer.Option(help="Where recordings and the database go.")] = Path("var/demo"),
    config: ConfigOption = None,
) -> None:
    """Hear it work: real calls over the Twilio media socket, on this machine only."""
    with told_to_people():
        wanted, _ = settings(config)
        wanted = _on_its_own(wanted, folder.absolute())
        logs(wanted, quiet=True)
        everyone = load_callers(callers)
        bound = listening_socket("127.0.0.1", port)
        environment = Environment(
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token=secrets.token_hex(16),
            public_url=PUBLIC_URL,
            api_key=secrets.token_hex(16),
        )
        with bound:
            wrong = asyncio.run(_demo(wanted, environment, bound, everyone, folder, once=once))
        if wrong:
            raise typer.Exit(FAILED)


def _on_its_own(config: Config, folder: Path) -> Config:
    """The settings at hand, with a database and recordings apart from real ones."""
    return config.model_copy(
        update={
            "speaking": config.speaking.model_copy(update={"voices": {"en": config.speaking.voices["en"]}}),
            "server": config.server.model_copy(update={"examples": True}),
            # Its callers know what they answer, so the third question must not differ from call to call.
            "survey": config.survey.model_copy(update={"rotation": ["ces"]}),
            "store": config.store.model_copy(update={"path": folder / "ivr.db"}),
            "recording": config.recording.model_copy(update={"enabled": True, "folder": folder / "recordings"}),
        }
    )


async def _demo(
    config: Config, environment: Environment, bound: Any, everyone: tuple[DemoCaller, ...], folder: Path, *, once: bool
) -> int:
    async with running(config, environment, bound) as (centre, server):
        display = asyncio.create_task(_show_live(centre.live))
        voices = CallerVoices(folder / "callers")
        wrong, base_url = 0, local_url(bound)
        for caller in everyone:
            console.rule(f"[bold]{caller.name}[/] {caller.about}")
            with console.status(f"{caller.name} thinks of what to say"):
                talker = await asyncio.to_thread(caller.talker, voices)
            async with StandInCarrier(
                base_url, PUBLIC_URL, environment.twilio_account_sid, environment.twilio_auth_token, agent=caller.agent,
            ) as carrier:  # fmt: skip
                trace = await carrier.place_call(caller.number, caller.called or CALLED, talker)
            record = await _record_of(trace, base_url, environment)
            wrong += _judge(caller, trace, record, config.recording.folder)
        if not once:
            _where_to_look(base_url, environment)
            await server.task
        display.cancel()
        with suppress(asyncio.CancelledError):
            await display
    console.print("[bold green]every call went as its script says[/]" if not wrong else f"[bold red]{wrong} differ[/]")
    return wrong


async def _show_live(live: LiveCalls) -> None:
    async for event in live.watch():
        if event:
            show_live(event)


def show_live(event: LiveEvent) -> None:
    fields = event.fields
    at = f"{fields['at']:6.2f}s" if "at" in fields else " " * 7
    match event.kind:
        case "heard":
            console.print(f"{at} caller> {fields['text']}", style="bold cyan", markup=False)
        case "key":
            console.print(f"{at} caller> [key {fields['key']}]", style="bold cyan", markup=False)
        case "said":
            console.print(f"{at}    bot> {fields['text']}", style="green", markup=False)
        case "answered":
            parts = {name: f"{seconds * 1000:.0f}" for name, seconds in fields["latency"].items()}
            total = parts.pop("total", "?")
            split = ", ".join(f"{name.replace('_', ' ')} {ms}" for name, ms in parts.items())
            console.print(f"{at}         answered after {total} ms ({split})", style="dim")
        case _:
            pass


async def _record_of(trace: CallTrace, base_url: str, environment: Environment) -> dict[str, Any] | None:
    """The record over the API, once the call is written."""
    headers = {"Authorization": f"Bearer {environment.api_key}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as client, asyncio.timeout(60):
        for _ in range(round(RECORD_SECONDS / 0.1)):
            calls = (await client.get("/api/calls")).raise_for_status().json()["calls"]
            for brief in calls:
                whole: dict[str, Any] = (await client.get(f"/api/calls/{brief['call_id']}")).raise_for_status().json()
                if whole["provider_ids"].get("call_sid") == trace.call_sid and whole["ended_at"]:
                    return whole
            await asyncio.sleep(0.1)
    return None


def _judge(caller: DemoCaller, trace: CallTrace, record: dict[str, Any] | None, recordings: Path) -> int:
    wrong = differences(caller.expected, record, trace)
    if record:
        _show_record(record, trace, recordings)
    for what in wrong:
        console.print(f"  not as expected: {what}", style="bold red", markup=False)
    return int(bool(wrong))


def _show_record(record: dict[str, Any], trace: CallTrace, recordings: Path) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2))
    survey = record["survey"] or {}
    turns = [turn for turn in trace.turns if turn.kind == "speech" and turn.latency is not None]
    latencies = [f"{(turn.latency or 0) * 1000:.0f} ms" for turn in turns]
    answers = ", ".join(f"{name} {value}" for name, value in survey.get("answers", {}).items())
    rows = {
        "call": record["call_id"],
        "outcome": f"{record['outcome']} ({record['end_reason']}, handled by {record['handled_by']})",
        "survey": f"{survey.get('status', 'none')} {answers}",
        "last word to first sound": ", ".join(latencies) or "none",
        "recording": next((str(path) for path in recordings.rglob(f"{record['call_id']}.wav")), "none"),
    }
    for name, value in rows.items():
        table.add_row(f"[dim]{name}[/]", value)
    console.print(table)


def _where_to_look(url: str, environment: Environment) -> None:
    console.rule("still answering; stop with Ctrl-C")
    console.print(f"calls    curl -H 'Authorization: Bearer {environment.api_key}' {url}/api/calls", soft_wrap=True)
    console.print(f"live     curl -N -H 'Authorization: Bearer {environment.api_key}' {url}/api/live", soft_wrap=True)
    console.print(f"figures  {url}/metrics")
