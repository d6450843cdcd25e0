"""`ivr flow replay`: which calls that were held would go elsewhere with another version of their flow."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from ivr.call.replay import Course, Replayed
from ivr.cli.start import ConfigOption, console, database, logs, settings, told_to_people
from ivr.model.errors import BadQuery
from ivr.store.archive import CallArchive
from ivr.store.flow_versions import FlowVersions, open_engine
from ivr.wiring.replaying import Replaying
from ivr.wiring.versions import DRAFT

_UNITS: Mapping[str, str] = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def replay(
    version: Annotated[str, typer.Argument(help="A version, `live`, or `draft` (what is in the folder).")] = DRAFT,
    since: Annotated[str, typer.Option(help="Calls from then on: 30m, 24h, 7d, 2026-11-01T09:00.")] = "24h",
    name: Annotated[str, typer.Option("--flow", help="Name of the flow; else the first of config.yaml.")] = "",
    most: Annotated[int, typer.Option(help="Most calls to hold again, newest first.", min=1)] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Hold past calls again, without sound, and tell which would go elsewhere."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)
        moment = moment_of(since, datetime.now(UTC))

        async def run() -> Replayed:
            async with open_engine(database(wanted)) as engine:
                replaying = Replaying(wanted, FlowVersions(engine), CallArchive(engine))
                return await replaying.run(name or wanted.numbers[0].flow, version, moment, most)

        with console.status("holding calls again"):
            replayed = asyncio.run(run())
        if as_json:
            typer.echo(json.dumps(asdict(replayed), ensure_ascii=False, indent=2))
        else:
            _tell(replayed)


def moment_of(text: str, now: datetime) -> datetime:
    """
    Raises:
        BadQuery: not a duration and not a moment.
    """
    if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise BadQuery(f"--since {text}: write 30m, 24h, 7d or a moment as 2026-11-01T09:00") from error


def _tell(replayed: Replayed) -> None:
    if replayed.elsewhere:
        table = Table("call", "parts at", "before", "now", "ended before", "ends now")
        for one in replayed.elsewhere:
            table.add_row(one.call_id, one.parts_at, one.before_next, one.after_next, _end(one.before), _end(one.after))
        console.print(table)
    before, after = replayed.contained_before, replayed.contained_after
    console.print(f"{len(replayed.elsewhere)} of {replayed.calls} calls would go elsewhere")
    console.print(f"without a person: {before} before, {after} now ({after - before:+d})")


def _end(course: Course) -> str:
    handed = f"to {', '.join(course.handed_to)}" if course.handed_to else ""
    return "; ".join(part for part in (handed, course.outcome or course.ended or "open") if part)
