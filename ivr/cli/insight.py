"""`ivr insight`: what callers asked in vain; figures counted anew."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from ivr.cli.start import ConfigOption, console, database, logs, settings, told_to_people
from ivr.insight.mining import Heap
from ivr.store.agent_time import AgentTime
from ivr.store.archive import CallArchive
from ivr.store.contacts import ContactStore
from ivr.store.flow_versions import FlowVersions, open_engine
from ivr.store.rollups import RollupStore
from ivr.store.trainer import TrainerStore
from ivr.wiring.rollups import RollupMaker
from ivr.wiring.training import Training

insight = typer.Typer(
    add_completion=False, no_args_is_help=True, help="What callers asked in vain; figures counted anew."
)


@insight.callback()
def _insight() -> None:
    """What callers asked in vain; figures counted anew."""


@insight.command()
def mine(
    flow: Annotated[str, typer.Argument(help="Name of a flow as in config.yaml: bank/hotline.")],
    most: Annotated[int, typer.Option(help="Most heaps to show.", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Unanswered questions in heaps, the most worthwhile first, each with what could be done about it."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)

        async def run() -> tuple[Heap, ...]:
            async with open_engine(database(wanted)) as engine:
                training = Training(wanted, TrainerStore(engine), FlowVersions(engine), CallArchive(engine))
                return await training.heaps(flow)

        heaps = asyncio.run(run())[:most]
        if as_json:
            typer.echo(json.dumps([_plain(heap) for heap in heaps], ensure_ascii=False, indent=2))
        elif not heaps:
            console.print(f"nothing was asked in vain of {flow}")
        else:
            console.print(_table(heaps))


@insight.command()
def rebuild(config: ConfigOption = None) -> None:
    """Count every contact again and add up all quarter hours and days anew: after an upgrade that counts differently.
    Reports go on meanwhile, from what is counted already. Sums of calls that are deleted stay as they are."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)

        async def run() -> int:
            async with open_engine(database(wanted)) as engine:
                maker = RollupMaker(ContactStore(engine), RollupStore(engine), AgentTime(engine))
                with console.status("counting") as status:
                    return await maker.rebuild(
                        datetime.now(UTC), lambda done, of: status.update(f"counting: {done:,} so far")
                    )

        console.print(f"[bold green]done[/] {asyncio.run(run()):,} quarter hours and days are added up")


def _plain(heap: Heap) -> dict[str, Any]:
    items = [{**asdict(item), "at": item.at.isoformat()} for item in heap.items]
    return {**asdict(heap), "items": items}


def _table(heaps: tuple[Heap, ...]) -> Table:
    table = Table("rank", "asked", "to a person", "about", "for example", "proposal")
    for heap in heaps:
        proposal = heap.proposal
        table.add_row(
            f"{heap.rank:.1f}", str(len(heap.items)), str(sum(item.transferred for item in heap.items)), heap.name,
            heap.items[0].text, f"{proposal.kind}: {proposal.name}",
        )  # fmt: skip
    return table
