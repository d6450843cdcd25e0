"""`ivr`: everything a supervisor or an operator does from a terminal."""

import gc
from importlib import import_module
from types import ModuleType

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "serve": "Answer calls.",
    "call": "Let a sound file call, at the pace of a real call.",
    "chat": "Talk to a flow by text.",
    "demo": "Hear it work: real calls over the Twilio media socket, on this machine only.",
    "check": "Check config.yaml and the flows, and say where and what to do about everything that is wrong.",
    "flow": "Flows: check, test, compare, publish, roll back.",
    "models": "Models of the recognizers: list, download, verify.",
    "users": "People of the house: add, list, change, remove.",
    "audit": "The audit: who did and looked at what, as a chain of hashes.",
    "simulate": "Simulate a call centre: the real routing with a clock of its own.",
    "insight": "What callers asked in vain; figures counted anew.",
    "campaign": "Calls we make.",
    "generate-history": "Fill a database with a history of calls that nobody made.",
}
"""Each is a function or a group of that name in the file of that name, read only when it is asked for: `ivr chat`
does not wait for what `ivr serve` needs, and `ivr --help` for nothing."""


class Commands(TyperGroup):
    wanted = ""
    """The command that is about to run."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self.wanted = args[0]
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: typer.Context, cmd_name: str):  # type: ignore[no-untyped-def, override]  # noqa: ANN201
        if cmd_name not in COMMANDS:
            return None
        if cmd_name != self.wanted:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name])
        name = cmd_name.replace("-", "_")
        found = getattr(_read(f"ivr.cli.{name}"), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode="rich")
            single.command(cmd_name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


def _read(module: str) -> ModuleType:
    """Looking for garbage while code is read, where there is none, takes a quarter of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return import_module(module)
    finally:
        if collects:
            gc.enable()


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
