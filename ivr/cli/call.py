"""`ivr call`: a sound file as the caller. The answer is a transcript, a stereo recording and the record."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.start import FAILED, ConfigOption, console, listening_socket, local_url, logs, settings, told_to_people
from ivr.config import Config, Number
from ivr.environment import Environment
from ivr.model.calls import CallRecord, Leg
from ivr.wiring.chat import example_site
from ivr.wiring.server import open_centre
from telephony.file_line import FileLine


def call(
    sound: Annotated[Path, typer.Argument(help="WAV file with what the caller says.", exists=True, dir_okay=False)],
    flow: Annotated[Path | None, typer.Option(help="Flow file; else the flow of config.yaml.")] = None,
    language: Annotated[str, typer.Option("--language", "-l")] = "en",
    out: Annotated[Path, typer.Option(help="Folder for the recording.")] = Path("var/recordings"),
    listen: Annotated[float, typer.Option(help="Seconds the caller goes on listening after the file.")] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole record as JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Let a sound file call, at the pace of a real call."""
    with told_to_people():
        wanted, environment = settings(config)
        recording = wanted.recording.model_copy(update={"enabled": True, "folder": out.absolute()})
        wanted = wanted.model_copy(update={"recording": recording})
        logs(wanted, quiet=True)
        record = asyncio.run(_hold(sound, flow, language, listen, wanted, environment))
        if record is None:
            raise typer.Exit(FAILED)
        if as_json:
            console.print_json(json.dumps(asdict(record), default=str))
        else:
            _tell(record)


async def _hold(
    sound: Path, flow: Path | None, language: str, listen: float, config: Config, environment: Environment
) -> CallRecord | None:
    with listening_socket("127.0.0.1", 0) as bound, example_site(bound):
        async with open_centre(config, environment, local_url(bound)) as centre:
            name = str(flow) if flow else centre.flows.first()
            if flow:
                await asyncio.to_thread(centre.flows.read, flow)
            number = Number(number="*", flow=name, language=language)
            line = FileLine(sound, caller="file", called=name, listening_seconds=listen)
            plan = centre.flows.plan_for(centre.flows.flow(name), number)
            return await centre.reception.take_with(plan, line, line.answered, Leg("file", {"path": sound.name}))


def _tell(record: CallRecord) -> None:
    for turn in record.turns:
        heard = turn.heard or (f"[keys {turn.keys}]" if turn.keys else "")
        if heard:
            total = turn.latency.get("total")
            console.print(f"caller> {heard}", style="bold cyan", markup=False, end="")
            console.print(f"   {total * 1000:.0f} ms" if total is not None else "", style="dim")
        for said in turn.said:
            console.print(f"   bot> {said}", style="green", markup=False)
    console.print(f"ended: {record.end_reason}, outcome: {record.outcome}, call {record.call_id}", style="dim")
    if record.survey:
        console.print(f"survey: {record.survey.status} {dict(record.survey.answers) or ''}", style="dim", markup=False)
    console.print(f"recording: {record.recording}", soft_wrap=True, markup=False)
