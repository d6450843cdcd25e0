"""The example systems on a thread of its own, for commands that have no server running."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from ivr.web.example_appliance import PREFIX as APPLIANCE
from ivr.web.example_appliance import example_appliance_router
from ivr.web.example_bank import PREFIX as BANK
from ivr.web.example_bank import example_bank_router


def example_facts(base_url: str) -> dict[str, str]:
    """Where flows find the example systems of the server at `base_url`."""
    return {"bank_url": f"{base_url}{BANK}", "appliance_url": f"{base_url}{APPLIANCE}"}


@contextmanager
def example_site(bound: socket.socket) -> Iterator[None]:
    """Answer the requests to the example systems on `bound` while the block runs."""
    app = FastAPI()
    app.include_router(example_bank_router())
    app.include_router(example_appliance_router())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="examples", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2.0)
