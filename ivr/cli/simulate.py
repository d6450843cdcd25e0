"""`ivr simulate`: a day in a call centre in seconds: is the staff enough, who waits, do the announcements hold?"""

import json
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ivr.cli.start import FAILED, complaints, console, told_to_people
from ivr.simulation.centre_file import load_centre
from ivr.simulation.outcome import Group, Outcome, outcome
from ivr.simulation.running import run

COLUMNS = ("offered", "service level", "95 %", "ASA", "P90", "longest", "abandoned", "flowed out", "callback")
EXAMPLE = Path(str(files("ivr.examples") / "centre.yaml"))


def simulate(
    centre: Annotated[
        Path, typer.Argument(help="What to simulate; else a bank's hotline.", show_default=False)
    ] = EXAMPLE,
    seed: Annotated[int | None, typer.Option(help="Other dice than the file's.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
    check_every: Annotated[
        int, typer.Option(min=0, help="Hold the routing to its promises every so many decisions; 0: never.")
    ] = 1,
) -> None:
    """Simulate a call centre: the real routing with a clock of its own."""
    with told_to_people():
        plan = load_centre(centre)
        if seed is not None:
            plan = replace(plan, seed=seed)
        show(outcome(run(plan, check_every)), as_json=as_json)


def show(found: Outcome, *, as_json: bool) -> None:
    """
    Raises:
        typer.Exit: the routing broke a promise.
    """
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        tell(found)
    for broken in found.broken:
        complaints.print(f"[bold red]not as promised[/] {broken}")
    if found.broken:
        raise typer.Exit(FAILED)


def tell(found: Outcome) -> None:
    console.print(f"[bold]{found.name}[/], {found.seconds / 3600:g} h, seed {found.seed}")
    groups = Table(
        "", "offered", "service level", "95 %", "ASA", "P90", "longest", "abandoned", "flowed out", "callback"
    )
    for column in groups.columns[1:]:
        column.justify = "right"
    for name, group in {"all": found.everybody, **found.queues}.items():
        groups.add_row(name, *_cells(group))
    groups.add_section()
    for name, group in found.callers.items():
        groups.add_row(name, *_cells(group))
    console.print(groups)
    _tell_people(found)
    _tell_expectation(found)
    _tell_theories(found)
    checked = f"{found.checks:,} checks" if found.checks else "not checked"
    console.print(f"{found.happenings:,} decisions of the routing, promises broken: {len(found.broken)} ({checked})")


def _cells(group: Group) -> list[str]:
    level, counts = group.figures["service_level"], group.counts
    low, high = level.interval or (0.0, 1.0)
    p90 = dict(group.figures["avg_wait"].percentiles).get(0.9)
    return [
        str(counts.offered),
        share(level.value),
        f"{low:.0%} to {high:.0%}" if level.value is not None else "",
        seconds(group.figures["asa"].value),
        seconds(p90),
        seconds(group.figures["max_wait"].value),
        share(group.figures["abandonment_rate"].value),
        str(counts.flow_out),
        str(counts.callback_converted),
    ]


def _tell_people(found: Outcome) -> None:
    teams = Table("agents", "occupancy", "busy", "ringing", "idle", "away")
    for column in teams.columns[1:]:
        column.justify = "right"
    teams.add_row("all", share(found.occupancy.value), *_hours(found, [one.agent for one in found.shifts]))
    members: dict[str, list[str]] = {}
    for one in found.shifts:
        members.setdefault(one.agent.rpartition("-")[0] or one.agent, []).append(one.agent)
    for team, names in members.items():
        mine = [one for one in found.shifts if one.agent in names]
        busy = sum(one.talk + one.hold + one.wrap_up for one in mine)
        at_work = busy + sum(one.idle for one in mine)
        teams.add_row(f"{team} ({len(mine)})", share(busy / at_work if at_work else None), *_hours(found, names))
    console.print(teams)


def _hours(found: Outcome, names: list[str]) -> list[str]:
    mine = [one for one in found.shifts if one.agent in names]
    spent = (
        sum(one.talk + one.hold + one.wrap_up for one in mine),
        sum(one.ring for one in mine),
        sum(one.idle for one in mine),
        sum(one.away for one in mine),
    )
    return [f"{each / 3600:.1f} h" for each in spent]


def _tell_expectation(found: Outcome) -> None:
    told = found.expected
    if told.callers:
        console.print(
            f"waits told to {told.callers} callers: off by {seconds(told.mean_error)} in the mean"
            f" (P90 {seconds(told.p90_error)}), {told.bias or 0.0:+.0f} s too long, kept for {share(told.kept)}"
        )


def _tell_theories(found: Outcome) -> None:
    for queue, one in found.theories.items():
        caveat = "" if one.patient else " (it knows nobody who gives up)"
        console.print(
            f"Erlang C for {queue}: {one.erlangs:.1f} erlang, {one.agents} agents:"
            f" service level {share(one.forecast.service_level)}, ASA {seconds(one.forecast.asa)},"
            f" occupancy {share(one.forecast.occupancy)}{caveat}"
        )


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"
