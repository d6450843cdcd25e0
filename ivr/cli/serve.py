"""`ivr serve`: answer calls until told to stop."""

import asyncio
import gc
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ivr.cli.start import ConfigOption, complaints, console, listening_socket, local_url, logs, settings, told_to_people
from ivr.config import Config
from ivr.environment import Environment
from ivr.wiring.centre import Centre
from ivr.wiring.server import open_centre
from ivr.wiring.web import web_app

DRAIN_LOOK_SECONDS = 0.1
CLOSING_SECONDS = 5
"""Longest that connections may take to close once the calls are over."""

LARGEST_MESSAGE = 65536
"""Bytes of a websocket message; Twilio's are under 1 kB."""

PAGES = (("call from a browser", "/phone"), ("answer as an agent", "/desk"), ("watch and edit", "/console"))
"""Pages for people, told at the start."""


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
        with bound:
            asyncio.run(_serve(wanted, environment, bound))


async def _serve(config: Config, environment: Environment, bound: socket.socket) -> None:
    # What is built now stays: looking it through for garbage would take a quarter of the start, and later hold up
    # every call for as long as it takes to look at a million objects.
    gc.disable()
    async with running(config, environment, bound) as (centre, server):
        gc.freeze()
        gc.enable()
        console.print(f"[bold green]answering calls[/] on {local_url(bound)}")
        for what, path in PAGES:
            console.print(f"  {what:<22}{local_url(bound)}{path}")
        for reason in centre.hearing.deaf_to(number.language for number in config.numbers).values():
            complaints.print(f"callers are not understood: {reason}", style="red", markup=False, soft_wrap=True)
        if not (environment.has_twilio or config.sip.enabled or config.sip.asterisk.enabled):
            console.print(
                "no telephone line: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and IVR_PUBLIC_URL (see README), or sip:"
            )
        if not environment.api_key:
            console.print("the API is closed: set IVR_API_KEY to read calls")
        await server.task


class Server(uvicorn.Server):
    """uvicorn with its task at hand, and with manners: told to stop, it lets the calls on the line end first."""

    task: asyncio.Task[None]

    def __init__(self, config: uvicorn.Config, centre: Centre) -> None:
        super().__init__(config)
        self.is_started = asyncio.Event()
        self._centre = centre

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn raises a signal again when it is done, and SIGTERM would then kill us with records unwritten."""
        if sig == signal.SIGTERM:
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Webhooks are answered until the last call is over: a caller may be on the way to a transfer."""
        reception = self._centre.reception
        reception.is_closing = True
        until = time.monotonic() + self._centre.config.server.drain_seconds
        while reception.live and time.monotonic() < until and not self.force_exit:  # noqa: ASYNC110 - a signal sets it
            await asyncio.sleep(DRAIN_LOOK_SECONDS)
        self._centre.live.close()
        await super().shutdown(sockets)

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
        loading = progress.add_task("settings and database", total=None)

        def told(name: str, number: int, of: int) -> None:
            what = f"learning what callers say: {name}, flow {number} of {of} (kept for the next start)"
            progress.update(loading, description=what, total=of, completed=number - 1)

        async with open_centre(config, environment, local_url(bound), told) as centre:
            progress.update(loading, description="flows, recognizers and voices", total=1, completed=1)
            if config.speaking.warm:
                warming = progress.add_task("prompts", total=None)
                await centre.warm(lambda what, done, total: progress.update(warming, completed=done, total=total))
            progress.stop()
            server = _server(web_app(centre), centre)
            server.task = asyncio.create_task(server.serve(sockets=[bound]))
            warming_on = asyncio.create_task(_warm_on(centre, wanted=config.speaking.warm))
            try:
                await server.is_started.wait()
                yield centre, server
            finally:
                warming_on.cancel()
                server.should_exit = True
                await asyncio.wait([server.task])


async def _warm_on(centre: Centre, *, wanted: bool) -> None:
    if wanted:
        await centre.warm_the_rest()


def _server(app: FastAPI, centre: Centre) -> Server:
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=CLOSING_SECONDS,
        ),
        centre,
    )


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
