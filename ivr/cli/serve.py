"""`ivr serve`: answer calls until told to stop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ivr.cli.start import ConfigOption, console, listening_socket, local_url, logs, settings, told_to_people
from ivr.config import Config
from ivr.environment import Environment
from ivr.wiring.server import Centre, open_centre, web_app

LARGEST_MESSAGE = 65536
"""Bytes of a websocket message; Twilio's are under 1 kB."""


def serve(
    config: ConfigOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; else server.host.", show_default=False)] = "",
    port: Annotated[int, typer.Option(help="Port; else server.port.", show_default=False)] = -1,
) -> None:
    """Answer calls."""
    with told_to_people():
        wanted, environment = settings(config)
        logs(wanted)
        bound = listening_socket(host or wanted.server.host, wanted.server.port if port < 0 else port)
        asyncio.run(_serve(wanted, environment, bound))


async def _serve(config: Config, environment: Environment, bound: socket.socket) -> None:
    async with running(config, environment, bound) as (centre, server):
        console.print(f"[bold green]answering calls[/] on {local_url(bound)}")
        if not environment.has_twilio:
            console.print(
                "no telephone line: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and IVR_PUBLIC_URL (see README)"
            )
        if not environment.api_key:
            console.print("the API is closed: set IVR_API_KEY to read calls")
        await server.task
        centre.live.close()


class Server(uvicorn.Server):
    """uvicorn with its task at hand."""

    task: asyncio.Task[None]

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.is_started.set()


@asynccontextmanager
async def running(
    config: Config, environment: Environment, bound: socket.socket
) -> AsyncIterator[tuple[Centre, Server]]:
    """A server that takes calls by the time the block begins; stopped, with all records written, when it ends."""
    with _progress() as progress:
        loading = progress.add_task("flows, recognizers, voices", total=None)
        async with open_centre(config, environment, local_url(bound)) as centre:
            progress.update(loading, total=1, completed=1)
            if config.speaking.warm:
                warming = progress.add_task("prompts", total=None)
                await centre.warm(lambda what, done, total: progress.update(warming, completed=done, total=total))
            progress.stop()
            server = _server(web_app(centre), config)
            server.task = asyncio.create_task(server.serve(sockets=[bound]))
            warming_on = asyncio.create_task(_warm_on(centre, wanted=config.speaking.warm))
            try:
                await server.is_started.wait()
                yield centre, server
            finally:
                warming_on.cancel()
                server.should_exit = True
                centre.live.close()
                await asyncio.wait([server.task])


async def _warm_on(centre: Centre, *, wanted: bool) -> None:
    if wanted:
        await centre.warm_the_rest()


def _server(app: FastAPI, config: Config) -> Server:
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=round(config.server.drain_seconds) or None,
        )
    )


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
