"""`ivr flow test`: the conversations that lie beside the flows, by text in milliseconds, or spoken."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.start import FAILED, ConfigOption, complaints, console, logs, settings, told_to_people
from ivr.config import Config
from ivr.flow.conversation import Script
from ivr.model.errors import NotThere
from ivr.wiring.rehearsing import Rehearsing, conversations_of
from ivr.wiring.versions import name_of


def rehearse(
    flow: Annotated[str, typer.Argument(help="A flow (bank/hotline) or a folder (bank); else all of them.")] = "",
    voice: Annotated[
        bool, typer.Option("--voice", help="Speak what callers say, over 8 kHz, and recognize it.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Play the conversation tests. What goes differently is told with file and line."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)
        scripts = find_scripts(wanted, name_of(wanted, flow) if flow else "")
        began = time.perf_counter()
        failures = asyncio.run(_spoken(wanted, scripts)) if voice else _typed(wanted, scripts)
        seconds = time.perf_counter() - began
        failed = sum(bool(each) for each in failures)
        if failed:
            complaints.print(f"[bold red]{failed} of {len(failures)} conversations went differently[/]")
            raise typer.Exit(FAILED)
        console.print(f"[bold green]all right[/]: {len(failures)} conversations in {seconds:.2f} s")


def find_scripts(config: Config, flow: str) -> list[tuple[Path, Script]]:
    """The conversations of a flow, a folder, or all, each with the path of its flow file.

    Raises:
        FlowProblems: a test file has mistakes.
        NotThere: there is no conversation.
    """
    found = conversations_of(config, flow)
    if not found:
        where = config.flows.folder / (flow.split("/")[0] or "*") / "tests"
        raise NotThere(f"no conversation of {flow or 'any flow'} is in {where}; docs/flows.md says how to write one")
    return found


def _typed(config: Config, scripts: list[tuple[Path, Script]]) -> list[list[str]]:
    with console.status("learning what callers say"):
        rehearsing = Rehearsing(config)
        for path, _ in scripts:
            rehearsing.flow(path)
    return [_told(rehearsing.play(path, script)) for path, script in scripts]


async def _spoken(config: Config, scripts: list[tuple[Path, Script]]) -> list[list[str]]:
    from ivr.wiring.spoken import spoken  # voices and recognizers: seconds that a test by text does not wait for

    failures = []
    skipped: dict[str, list[str]] = {}
    async with spoken(config) as (rehearsing, unheard):
        for path, script in scripts:
            language = script.language or (await asyncio.to_thread(rehearsing.flow, path))[0].flow.languages[0]
            if language in unheard:
                skipped.setdefault(language, []).append(script.name)
                continue
            failures.append(_told(await asyncio.to_thread(rehearsing.play, path, script)))
        for language, names in skipped.items():
            told = f"not spoken: {len(names)} conversations in {language!r}: {unheard[language]}"
            complaints.print(told, markup=False, soft_wrap=True)
    return failures


def _told(failures: list[str]) -> list[str]:
    for failure in failures:
        complaints.print(failure, style="red", markup=False, soft_wrap=True)
    return failures
