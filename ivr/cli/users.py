"""`ivr users`: the people of the house: add, list, change, remove; the first administrator comes from here."""

import asyncio
import getpass
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ivr.cli.start import ConfigOption, console, database, logs, settings, told_to_people
from ivr.config import Config
from ivr.model.errors import BadQuery
from ivr.model.roles import ROLES, Role, permissions_of
from ivr.store.accounts import Accounts, User, UserChange
from ivr.store.flow_versions import By, open_engine
from ivr.store.passwords import Passwords

PASSWORD_VARIABLE = "IVR_USER_PASSWORD"

users = typer.Typer(add_completion=False, no_args_is_help=True, help="People of the house: add, list, change, remove.")

Name = Annotated[str, typer.Argument(help="What they log in with: a-z, 0-9, dot, dash, underscore.")]
RoleOption = Annotated[str, typer.Option(help=f"One of: {', '.join(ROLES)}.", show_default=False)]


@users.command()
def add(
    name: Name,
    role: RoleOption,
    shown_as: Annotated[str, typer.Option(help="As colleagues read it.")] = "",
    config: ConfigOption = None,
) -> None:
    """Add somebody. The password is asked for, or taken from IVR_USER_PASSWORD."""
    with told_to_people():
        wanted = _settings(config)
        user = User(name, _role(role), shown_as)
        password = _password(f"Password of {name}")
        added = asyncio.run(_add(wanted, user, password))
        console.print(f"[bold green]added[/] {added.name} ({added.role})")


@users.command("list")
def list_users(config: ConfigOption = None) -> None:
    """Everybody, with their role."""
    with told_to_people():
        table = Table("name", "shown as", "role", "may", "since")
        for user in asyncio.run(_list(_settings(config))):
            state = "" if user.is_active else " (switched off)"
            may = ", ".join(permissions_of(user.role))
            table.add_row(user.name, user.shown_as, f"{user.role}{state}", may, f"{user.created_at:%Y-%m-%d}")
        console.print(table)


@users.command()
def change(
    name: Name,
    role: RoleOption = "",
    shown_as: Annotated[str | None, typer.Option(help="As colleagues read it.", show_default=False)] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether they may log in.", show_default=False)] = None,
    config: ConfigOption = None,
) -> None:
    """Give somebody another role or name, or switch the account off; their sessions end."""
    with told_to_people():
        wish = UserChange(_role(role) if role else None, shown_as, on)
        if wish == UserChange():
            raise BadQuery("say what to change: --role, --shown-as, --on or --off")
        changed = asyncio.run(_change(_settings(config), name, wish))
        console.print(f"[bold green]changed[/] {changed.name} ({changed.role}{'' if changed.is_active else ', off'})")


@users.command()
def password(name: Name, config: ConfigOption = None) -> None:
    """Give somebody a new password, which they change at their next login; a lock for wrong ones is lifted."""
    with told_to_people():
        wanted = _settings(config)
        asyncio.run(_change(wanted, name, UserChange(password=_password(f"New password of {name}"))))
        console.print(f"[bold green]changed[/] the password of {name}")


@users.command()
def remove(name: Name, config: ConfigOption = None) -> None:
    """Remove somebody. What they did stays in the audit."""
    with told_to_people():
        asyncio.run(_remove(_settings(config), name))
        console.print(f"[bold green]removed[/] {name}")


def _settings(path: Path | None) -> Config:
    wanted, _ = settings(path)
    logs(wanted, quiet=True)
    return wanted


def _role(role: str) -> Role:
    found: Role | None = next((each for each in ROLES if each == role), None)
    if found is None:
        raise BadQuery(f"there is no role {role!r}; there are: {', '.join(ROLES)}")
    return found


def _password(prompt: str) -> str:
    """
    Raises:
        BadQuery: nobody is there to ask, and the variable is not set.
    """
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise BadQuery(f"no terminal to ask for the password: set {PASSWORD_VARIABLE}")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))


def _by() -> By:
    return By(f"{getpass.getuser()}@{socket.gethostname()}", "command line")


@asynccontextmanager
async def _accounts(config: Config) -> AsyncIterator[Accounts]:
    async with open_engine(database(config)) as engine:
        yield Accounts(engine, Passwords())


async def _add(config: Config, user: User, new: str) -> User:
    async with _accounts(config) as accounts:
        return await accounts.add(user, new, _by())


async def _list(config: Config) -> tuple[User, ...]:
    async with _accounts(config) as accounts:
        return await accounts.users()


async def _change(config: Config, name: str, wish: UserChange) -> User:
    async with _accounts(config) as accounts:
        return await accounts.change(name, wish, _by())


async def _remove(config: Config, name: str) -> None:
    async with _accounts(config) as accounts:
        await accounts.remove(name, _by())
