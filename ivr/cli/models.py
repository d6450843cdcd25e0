"""`ivr models`: which recognition models there are, which are installed, and how to get one."""

from typing import Annotated

import typer
from rich.progress import DownloadColumn, Progress
from rich.table import Column, Table

from asr.models import Shelf
from ivr.cli.start import ConfigOption, console, settings, told_to_people

models = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Models of the recognizers: list, download, verify."
)

Name = Annotated[str, typer.Argument(help="A name of `ivr models list`.")]


@models.command("list")
def list_models(config: ConfigOption = None) -> None:
    """Every model this server knows, and what to do about those that are not installed."""
    with told_to_people():
        table = Table(Column("model", no_wrap=True), "engine", "language", "MB", "licence", "installed")
        known = _shelf(config).all()
        for status in known:
            model = status.model
            where = "[green]yes[/]" if status.path else "[yellow]no[/]"
            table.add_row(model.name, model.engine, model.language, str(model.megabytes), model.licence, where)
        console.print(table)
        for status in known:
            if not status.path:
                # Below the table: a command that a narrow terminal broke or shortened cannot be copied.
                console.print(f"{status.model.name}: {status.how}", markup=False, soft_wrap=True)


@models.command()
def download(name: Name, config: ConfigOption = None) -> None:
    """Bring a model into the models folder and verify it."""
    with told_to_people(), Progress(*Progress.get_default_columns(), DownloadColumn(), console=console) as progress:
        task = progress.add_task(name, total=None)
        path = _shelf(config).download(name, lambda done, total: progress.update(task, completed=done, total=total))
        console.print(f"{name} is in {path}", markup=False, soft_wrap=True)


@models.command()
def verify(name: Name, config: ConfigOption = None) -> None:
    """Compare a model's files with their pinned sha256."""
    with told_to_people():
        _shelf(config).verify(name)
        console.print(f"[green]{name} is intact[/]")


def _shelf(config: ConfigOption) -> Shelf:
    wanted, _ = settings(config)
    return Shelf(wanted.hearing.models)
