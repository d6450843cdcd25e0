"""`ivr campaign`: give a running server a list of people to call, and check campaign files."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import Progress
from rich.table import Table

from ivr.cli.start import FAILED, ConfigOption, complaints, console, logs, settings, told_to_people
from ivr.config_campaigns import load_campaigns
from ivr.environment import read_environment
from ivr.model.errors import BadQuery, ConfigError

campaign = typer.Typer(add_completion=False, no_args_is_help=True, help="Calls we make.")

ROWS_AT_ONCE = 200
ANSWER_SECONDS = 120.0


@campaign.command()
def load(
    name: Annotated[str, typer.Argument(help="Of the campaign.")],
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8; its first line names the columns: customer, phone, …")],
    url: Annotated[str, typer.Option(help="Of the running server; else server.host and server.port.")] = "",
    config: ConfigOption = None,
) -> None:
    """Send a list to the running server. What it cannot take is told with line numbers; the rest is called."""
    with told_to_people():
        wanted, _ = settings(config)
        key = read_environment(os.environ).api_key
        if not key:
            raise ConfigError("IVR_API_KEY is not set: the server takes lists from who holds it")
        address = url or f"http://{wanted.server.host}:{wanted.server.port}"
        first, rows = _lines(file)
        refused = _send(f"{address.rstrip('/')}/api/campaigns/{name}/list", key, first, rows)
        for line, why in refused:
            complaints.print(f"{file}:{line}: {why}", markup=False)
        if refused:
            raise typer.Exit(FAILED)


@campaign.command("list")
def list_campaigns(config: ConfigOption = None) -> None:
    """The campaigns of the folder; a mistake in a file is told with file and line."""
    with told_to_people():
        wanted, _ = settings(config)
        table = Table("campaign", "flow", "lane", "hours", "jurisdiction", "lines")
        for each in load_campaigns(wanted.campaigns.folder).values():
            table.add_row(each.name, each.flow, each.lane, each.window, each.profile.name, str(each.most_lines))
        console.print(table)


@campaign.command()
def demo(
    who: Annotated[list[str] | None, typer.Argument(help="Names of customers (ivr/demo/customers.yaml).")] = None,
    name: Annotated[str, typer.Option("--campaign", help="Which campaign.")] = "fraud_check",
    url: Annotated[str, typer.Option(help="Of a running server with campaigns.trunk: loopback.")] = "",
    folder: Annotated[Path, typer.Option(help="Where a server of our own keeps things.")] = Path("var/campaign-demo"),
    config: ConfigOption = None,
) -> None:
    """See it work without a carrier: simulated customers are called, talk, and become cases in the ledger.

    Without --url a server is started for it; with it, IVR_API_KEY and IVR_EVENTS_SECRET are those of that server.
    """
    from ivr.cli.campaign_demo import demonstrate  # half of the server: the other commands do without

    with told_to_people():
        wanted, environment = settings(config)
        logs(wanted, quiet=True)
        left_open = asyncio.run(demonstrate(wanted, environment, tuple(who or ()), name, url, folder.absolute()))
        if left_open:
            raise typer.Exit(FAILED)


def _lines(file: Path) -> tuple[str, list[str]]:
    try:
        first, *rows = file.read_text(encoding="utf-8-sig").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuery(f"{file}: it cannot be read as UTF-8 text ({type(error).__name__})") from error
    return first, rows


def _send(url: str, key: str, first: str, rows: list[str]) -> list[tuple[int, str]]:
    """In pieces, so that progress shows; refused rows by their line in the whole file."""
    refused, counts = list[tuple[int, str]](), dict.fromkeys(("taken", "again", "merged"), 0)
    with Progress(console=console, transient=True) as progress, httpx.Client(timeout=ANSWER_SECONDS) as client:
        task = progress.add_task("rows", total=len(rows))
        for at in range(0, len(rows), ROWS_AT_ONCE):
            body = "\n".join([first, *rows[at : at + ROWS_AT_ONCE]])
            try:
                answer = client.post(url, content=body.encode(), headers={"Authorization": f"Bearer {key}"})
            except httpx.HTTPError as error:
                raise ConfigError(f"{url} does not answer ({type(error).__name__}); is the server running?") from error
            if not answer.is_success:
                raise BadQuery(f"the server refused the list from line {at + 2} on: {answer.json().get('detail', '')}")
            report = answer.json()
            refused += [(at + row["line"], row["why"]) for row in report["refused"]]
            counts = {what: count + report[what] for what, count in counts.items()}
            progress.update(task, completed=min(at + ROWS_AT_ONCE, len(rows)))
    console.print(", ".join(f"{what} {count}" for what, count in counts.items()) + f", refused {len(refused)}")
    return refused
