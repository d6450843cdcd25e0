"""`ivr flow`: everything between an edited file and a call: check, try, compare, publish, roll back."""

import asyncio
import difflib
import getpass
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.cli.check import check, tell
from ivr.cli.flow_rehearse import rehearse
from ivr.cli.flow_replay import replay
from ivr.cli.start import FAILED, ConfigOption, complaints, console, database, logs, settings, told_to_people
from ivr.config import Config
from ivr.flow.diagram import draw as drawn
from ivr.flow.difference import difference
from ivr.flow.json_schema import flow_json_schema
from ivr.flow.problems import ConversationsFailed
from ivr.model.errors import ConfigError
from ivr.store.flow_versions import By, FlowVersion, FlowVersions, LiveFlow, open_engine
from ivr.wiring.versions import DRAFT, FlowDesk, draft, flow_of, name_of, named_version, sound_draft

flow = typer.Typer(add_completion=False, no_args_is_help=True, help="Flows: check, test, compare, publish, roll back.")
flow.command()(check)
flow.command("test")(rehearse)
flow.command()(replay)

Name = Annotated[str, typer.Argument(help="Name of a flow as in config.yaml, bank/hotline, or its file.")]
Note = Annotated[str, typer.Option(help="Why, for the history.")]
Untested = Annotated[
    bool,
    typer.Option("--untested", help="Even if its conversations go differently: for emergencies; kept in the history."),
]
OfFlow = Annotated[str, typer.Option("--flow", help="Name of the flow; else the first of config.yaml.")]


@flow.command()
def publish(name: Name, note: Note = "", untested: Untested = False, config: ConfigOption = None) -> None:
    """Check the flow as it is in the folder, play its conversations, and give it to new calls. Calls under way finish
    on what they began with."""
    with told_to_people():
        wanted = _settings(config)
        name = name_of(wanted, name)
        found, problems = draft(wanted, name)
        for problem in problems:
            tell(problem)
        if found is None or any(problem.level == "error" for problem in problems):
            complaints.print(f"[bold red]{name} is not published[/]: what is live stays live")
            raise typer.Exit(FAILED)
        with _told_if_different(name), console.status("learning what callers say, playing conversations"):
            live = asyncio.run(_publish(wanted, name, _by(note), untested))
        _live(live)


@flow.command()
def rollback(name: Name, note: Note = "", config: ConfigOption = None) -> None:
    """Give new calls the version that was live before. Done twice, it is undone."""
    with told_to_people():
        wanted = _settings(config)
        _live(asyncio.run(_roll_back(wanted, name_of(wanted, name), _by(note))))


@flow.command()
def canary(
    name: Name,
    version: Annotated[str, typer.Argument(help="A version, `draft` (what is in the folder), or `off`.")],
    share: Annotated[float, typer.Argument(help="Share of new calls, between 0 and 1.")] = 0.0,
    note: Note = "",
    untested: Untested = False,
    config: ConfigOption = None,
) -> None:
    """Give a share of new calls to another version, or end that with `off`."""
    with told_to_people(), _told_if_different(name):
        tried = "" if version == "off" else version
        wanted = _settings(config)
        _live(asyncio.run(_canary(wanted, name_of(wanted, name), tried, share, _by(note), untested)))


@flow.command()
def versions(name: Name, config: ConfigOption = None) -> None:
    """What was published, what is live, and who did what."""
    with told_to_people():
        wanted = _settings(config)
        asyncio.run(_tell_versions(wanted, name_of(wanted, name)))


@flow.command()
def diff(
    a: Annotated[str, typer.Argument(help="A version, `live` or `draft`.")] = "live",
    b: Annotated[str, typer.Argument(help="Another one.")] = DRAFT,
    name: OfFlow = "",
    config: ConfigOption = None,
) -> None:
    """What differs between two versions of a flow, in words and in text."""
    with told_to_people():
        wanted = _settings(config)
        one, other = asyncio.run(_both(wanted, name_of(wanted, name) if name else _first(wanted), a, b))
        for change in difference(flow_of(one), flow_of(other)):
            console.print(str(change), markup=False, soft_wrap=True)
        for line in _text_difference(one, other, a, b):
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            console.print(line, style=colour, markup=False, soft_wrap=True)
        if one.texts == other.texts:
            console.print("no difference")


@flow.command()
def draw(name: Name, config: ConfigOption = None) -> None:
    """The flow as a Mermaid graph."""
    with told_to_people():
        wanted = _settings(config)
        path = Path(name)
        found = sound_draft(wanted, name, path if path.suffix == ".yaml" else None)
        console.print(drawn(found.main), markup=False, soft_wrap=True, end="")


@flow.command()
def schema() -> None:
    """The JSON Schema of flow files, for completion in an editor."""
    typer.echo(json.dumps(flow_json_schema(), indent=2, ensure_ascii=False))


def _settings(path: Path | None) -> Config:
    wanted, _ = settings(path)
    logs(wanted, quiet=True)
    return wanted


def _first(config: Config) -> str:
    if not config.numbers:
        raise ConfigError("no flow is chosen: name one with --flow, or under numbers in config.yaml")
    return config.numbers[0].flow


def _by(note: str) -> By:
    return By(f"{getpass.getuser()}@{socket.gethostname()}", "command line", note)


@asynccontextmanager
async def _store(config: Config) -> AsyncIterator[FlowVersions]:
    engine: AsyncEngine
    async with open_engine(database(config)) as engine:
        yield FlowVersions(engine)


@contextmanager
def _told_if_different(name: str) -> Iterator[None]:
    """Tell which conversations keep a flow from going live, and how to do it all the same."""
    try:
        yield
    except ConversationsFailed as error:
        for failure in error.failures:
            complaints.print(failure, style="red", markup=False, soft_wrap=True)
        complaints.print(
            f"[bold red]{name} is not published[/]: {error.summary}; what is live stays live. Correct the flow or the "
            "conversations; in an emergency: --untested", soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(FAILED) from error


async def _publish(config: Config, name: str, by: By, untested: bool) -> LiveFlow:
    async with _store(config) as store:
        return await FlowDesk(config, store).publish(name, by, untested=untested)


async def _roll_back(config: Config, name: str, by: By) -> LiveFlow:
    async with _store(config) as store:
        return await store.roll_back(name, by)


async def _canary(config: Config, name: str, version: str, share: float, by: By, untested: bool) -> LiveFlow:
    async with _store(config) as store:
        return await FlowDesk(config, store).canary(name, version, share, by, untested=untested)


async def _both(config: Config, name: str, *wanted: str) -> tuple[FlowVersion, FlowVersion]:
    async with _store(config) as store:
        one, other = [await named_version(config, store, name, each) for each in wanted]
    return one, other


async def _tell_versions(config: Config, name: str) -> None:
    async with _store(config) as store:
        live = (await store.live()).get(name)
        kept, history = await store.versions(name), await store.history(name)
    if live is None:
        console.print(f"{name} was never published: calls get the files in {config.flows.folder}", soft_wrap=True)
    table = Table("version", "published", "by", "note", "calls")
    for one in kept:
        calls = "" if live is None else _share(one.version, live)
        table.add_row(one.version, f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}", one.who, one.note, calls)
    console.print(table)
    for change in history:
        share = f" {change.share:.0%}" if change.action.startswith("canary") and change.share else ""
        console.print(
            f"{change.at.astimezone():%Y-%m-%d %H:%M:%S} {change.action} {change.version}{share} {change.who} "
            f"{change.note}".rstrip(), markup=False, soft_wrap=True, style="dim",
        )  # fmt: skip


def _share(version: str, live: LiveFlow) -> str:
    if version == live.version:
        return f"{1.0 - live.share:.0%} (live)"
    return f"{live.share:.0%} (canary)" if version == live.canary else ""


def _live(live: LiveFlow) -> None:
    if live.untested:
        folder = f"the folder tests/ beside {live.flow}.yaml"
        complaints.print(
            f"[bold yellow]untested[/]: no conversation was played before {live.flow} went live, and the history says "
            f"so. Write what callers say and must hear into {folder} (docs/flows.md, Conversation tests)",
            soft_wrap=True,
        )
    console.print(f"[bold green]live[/] {live.flow} {live.version}", end="")
    console.print(f", {live.share:.0%} of calls: {live.canary}" if live.canary else "", end="")
    console.print(f" (before: {live.previous})" if live.previous else "")


def _text_difference(one: FlowVersion, other: FlowVersion, a: str, b: str) -> list[str]:
    lines: list[str] = []
    for path in dict.fromkeys((*one.texts, *other.texts)):
        before, after = (version.texts.get(path, "").splitlines() for version in (one, other))
        lines += difflib.unified_diff(before, after, f"{path} ({a})", f"{path} ({b})", lineterm="")
    return lines
