"""`ivr generate-history`: a month of calls that nobody made, to see reports and pages as they are with many."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.cli.start import ConfigOption, console, database, logs, settings, told_to_people
from ivr.history.writing import History, refuse_real_calls, write_history
from ivr.store.agent_time import AgentTime
from ivr.store.contacts import ContactStore
from ivr.store.customer_values import CustomerValues
from ivr.store.flow_versions import open_engine
from ivr.store.rollups import RollupStore
from ivr.wiring.rollups import RollupMaker
from ivr.wiring.values import rescore_all


def generate_history(
    calls: Annotated[int, typer.Option(min=1, help="How many, about: the last hour has none.")] = 200_000,
    days: Annotated[int, typer.Option(min=1, help="Over how many days.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed, calls, days and end give the same history.")] = 1,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M"], help="End, UTC; else the hour that ended last.", show_default=False),
    ] = None,
    journal_days: Annotated[
        int, typer.Option(min=0, help="Calls of so many last days are written event by event.")
    ] = 3,
    among_real_calls: Annotated[bool, typer.Option(help="Write although there are calls in this database.")] = False,
    config: ConfigOption = None,
) -> None:
    """Fill a database with a history of calls: hours of the week, intents, versions, queues, agents, waits, surveys,
    callers who come back. Nobody called; the numbers are nobody's."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        end = until.replace(tzinfo=UTC) if until else now
        history = History(calls, days, end, seed, journal_days)
        url = database(wanted)
        asyncio.run(_generate(url, history, among_real_calls))


async def _generate(url: str, history: History, among_real_calls: bool) -> None:
    bars = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                    console=console)  # fmt: skip
    async with open_engine(url) as engine:
        if not among_real_calls:
            await refuse_real_calls(engine)
        with bars:
            written = await _written(engine, history, bars)
            sums = bars.add_task("adding up", total=None)
            maker = RollupMaker(ContactStore(engine), RollupStore(engine), AgentTime(engine))

            def told(done: int, of: int) -> None:
                bars.update(sums, completed=done, total=of or None)

            made = await maker.catch_up(history.until, told)
            bars.update(sums, completed=made, total=made)
            values = CustomerValues(engine, lambda: history.until)
            for months in (2, 1, 0):  # as it is done every month
                await rescore_all(values, history.until - timedelta(days=30 * months))
    console.print(f"[bold green]done[/] {written:,} calls in {history.days} days; reports are added up")


async def _written(engine: AsyncEngine, history: History, bars: Progress) -> int:
    task = bars.add_task("calls", total=history.calls)

    def told(done: int, of: int) -> None:
        bars.update(task, completed=done, total=of)

    return await write_history(engine, history, max(1, os.cpu_count() or 1), told)
