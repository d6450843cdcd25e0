"""The example bank on a thread of its own, for commands that have no server running."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from ivr.web.example_bank import example_bank_router


@contextmanager
def example_site(bound: socket.socket) -> Iterator[None]:
    """Answer the example bank's requests on `bound` while the block runs."""
    app = FastAPI()
    app.include_router(example_bank_router(), prefix="")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="example bank", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2.0)
