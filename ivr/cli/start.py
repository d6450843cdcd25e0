"""What every command begins with: settings, logs, and errors that a person can act on."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ivr.config import Config
from ivr.config_file import config_path, load_config
from ivr.environment import Environment, read_environment
from ivr.flow.problems import FlowProblems
from ivr.logs import set_up_logs
from ivr.model.errors import IvrError
from ivr.store.engine import sqlite_url

PIPED_WIDTH = 200
"""Characters of a line that goes into a file or another program: nothing there may be cut at 80."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
complaints = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPED_WIDTH)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="config.yaml to use; else IVR_CONFIG, else ./config.yaml.", show_default=False),
]

WRONG = 2
"""Exit code: what you wrote is wrong; nothing was done."""

FAILED = 1


@contextmanager
def told_to_people() -> Iterator[None]:
    """Turn the errors we mean into one clear message and an exit code; a bug keeps its traceback."""
    try:
        yield
    except IvrError as error:
        if not isinstance(error, FlowProblems):  # each of its lines says itself what it is
            complaints.print("[bold red]error:[/]", end=" ")
        complaints.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(WRONG) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def settings(path: Path | None) -> tuple[Config, Environment]:
    """
    Raises:
        ConfigError: the file or the environment is wrong.
    """
    environment = read_environment(os.environ)
    found = path or config_path(environment.config, Path.cwd())
    return (load_config(found) if found else Config()), environment


def database(config: Config) -> str:
    """URL of the database: IVR_DATABASE_URL, else the SQLite file of config.yaml."""
    return read_environment(os.environ).database_url or sqlite_url(config.store.path)


def logs(config: Config, *, quiet: bool = False) -> None:
    """For a command with a display of its own (`quiet`) only warnings, and on stderr."""
    level = "warning" if quiet else config.logging.level
    stream = sys.stderr if quiet else sys.stdout
    set_up_logs(level, as_json=config.logging.format == "json" and not quiet, stream=stream)


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket, so that the port is known before anything is built; port 0 picks a free one.

    Raises:
        typer.Exit: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        complaints.print(f"[bold red]cannot listen on {host}:{port}[/]: {error.strerror}; choose another with --port")
        raise typer.Exit(WRONG) from error
    return bound


def local_url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
