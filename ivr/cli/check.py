"""`ivr check`: would the server start, and is every flow sound?"""

from pathlib import Path
from typing import Annotated

import typer

from ivr.assist.rules import read_rules
from ivr.cli.start import FAILED, ConfigOption, complaints, console, settings, told_to_people
from ivr.flow.check_surroundings import Surroundings
from ivr.flow.loader import read_flow
from ivr.flow.problems import Level, Problem
from ivr.model.errors import ConfigError
from ivr.wiring.flows import surroundings_of, wordings


def check(
    config: ConfigOption = None,
    flows: Annotated[list[Path] | None, typer.Argument(help="Flow files; else all that config.yaml names.")] = None,
) -> None:
    """Check config.yaml and the flows, and say where and what to do about everything that is wrong."""
    with told_to_people():
        wanted, _ = settings(config)
        named = [*(number.flow for number in wanted.numbers), *([wanted.survey.flow] if wanted.survey.enabled else [])]
        paths = flows or [wanted.flows.folder / f"{name}.yaml" for name in dict.fromkeys(named)]
        levels = [level for path in paths for level in _check(path, surroundings_of(wanted))]
        errors, warnings = levels.count("error"), levels.count("warning")
        errors += 0 if flows else _check_advice(wanted.assist.rules)
        if errors:
            complaints.print(f"[bold red]{errors} error{'s' if errors > 1 else ''}[/]: the server would not start")
            raise typer.Exit(FAILED)
        besides = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
        console.print(f"[bold green]all right[/]: {len(paths)} flow{'s' if len(paths) != 1 else ''}{besides}")


def _check(path: Path, around: Surroundings) -> list[Level]:
    _, problems = read_flow(path, wordings(), around=around)
    for problem in problems:
        tell(problem)
    return [problem.level for problem in problems]


def _check_advice(path: Path) -> int:
    try:
        read_rules(path.read_text(encoding="utf-8") if path.is_file() else "", str(path))
    except ConfigError as error:
        complaints.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


def tell(problem: Problem) -> None:
    complaints.print(str(problem), style="red" if problem.level == "error" else "yellow", markup=False, soft_wrap=True)
