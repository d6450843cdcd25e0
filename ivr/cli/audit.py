"""`ivr audit`: read the audit, and prove that nobody has changed it."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ivr.cli.start import FAILED, ConfigOption, complaints, console, database, logs, settings, told_to_people
from ivr.config import Config
from ivr.model.audit import AuditEntry, ChainEnd
from ivr.model.errors import BadQuery
from ivr.store.audit import AuditFilter, AuditLog, Verdict
from ivr.store.flow_versions import open_engine
from ivr.store.rows import from_ms

audit = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The audit: who did and looked at what, as a chain of hashes."
)

NOTED = re.compile(r"(\d+):([0-9a-f]{64})")
WHY = {
    "missing": "it is missing",
    "changed": "it is not as it was written",
    "cut": "it and all after it are missing",
    "added": "it was put in",
}


@audit.command()
def verify(
    noted: Annotated[
        str, typer.Option(help="An end of the chain that you noted earlier, as printed: NUMBER:HASH.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Hold every entry against its hash and the one before. Note the end that is printed somewhere else: whoever can
    write the database can write a whole new chain, but not one that ends as yours did."""
    with told_to_people():
        verdict = asyncio.run(_verify(_settings(config), _noted(noted)))
        if verdict.broken:
            complaints.print(
                f"[bold red]broken[/] at entry {verdict.broken.number}: {WHY[verdict.broken.why]}; "
                f"{verdict.entries} before it are as they were written", soft_wrap=True,
            )  # fmt: skip
            raise typer.Exit(FAILED)
        console.print(f"[bold green]whole[/] {verdict.entries} entries, end {verdict.end.number}:{verdict.end.hash}")


@audit.command("list")
def list_entries(
    who: Annotated[str, typer.Option(help="User, key:xxxxxxxx, user@host.")] = "",
    action: Annotated[str, typer.Option(help="login, call.read …; with a dot at the end all that begin so.")] = "",
    subject: Annotated[str, typer.Option(help="What it was done to.")] = "",
    most: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    config: ConfigOption = None,
) -> None:
    """Who did and looked at what."""
    with told_to_people():
        wanted = AuditFilter(who, action, subject, limit=most)
        table = Table("number", "when", "who", "what", "to what", "from", "detail")
        for entry in asyncio.run(_list(_settings(config), wanted)):
            deed = entry.deed
            detail = ", ".join(f"{key} {value}" for key, value in deed.detail.items())
            when = f"{from_ms(entry.at_ms).astimezone():%Y-%m-%d %H:%M:%S}"
            table.add_row(str(entry.number), when, deed.who, deed.action, deed.subject, deed.address, detail)
        console.print(table)


def _noted(text: str) -> ChainEnd | None:
    found = NOTED.fullmatch(text)
    if text and not found:
        raise BadQuery("--noted: write it as it was printed, NUMBER:HASH")
    return ChainEnd(int(found.group(1)), found.group(2)) if found else None


def _settings(path: Path | None) -> Config:
    wanted, _ = settings(path)
    logs(wanted, quiet=True)
    return wanted


async def _verify(config: Config, noted: ChainEnd | None) -> Verdict:
    async with open_engine(database(config)) as engine:
        return await AuditLog(engine).verify(noted)


async def _list(config: Config, wanted: AuditFilter) -> tuple[AuditEntry, ...]:
    async with open_engine(database(config)) as engine:
        return await AuditLog(engine).page(wanted)
