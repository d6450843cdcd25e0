"""`ivr`: everything a supervisor or an operator does from a terminal."""

from importlib import import_module

import typer
from typer.core import TyperGroup

COMMANDS = (
    "serve", "call", "chat", "demo", "check", "flow", "models", "users", "audit", "simulate", "insight", "campaign",
    "generate-history",
)  # fmt: skip
"""Each is a function or a group of that name in the file of that name, read only when it is asked for: `ivr chat`
does not wait for what `ivr serve` needs."""


class Commands(TyperGroup):
    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str):  # type: ignore[no-untyped-def, override]  # noqa: ANN201
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        found = getattr(import_module(f"ivr.cli.{name}"), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode="rich")
            single.command(cmd_name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="ivr",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="A call centre that answers.",
    rich_markup_mode="rich",
)


@app.callback()
def ivr() -> None:
    """A call centre that answers."""
