"""The console of this server: its frame, the agent desk, and what they work with."""

from collections.abc import Callable

from fastapi import FastAPI

from ivr.console.frame import Frame
from ivr.web.security import Door

Pages = Callable[[Frame], None]
"""Registers pages in the frame."""


def serve_console(app: FastAPI, door: Door, *pages: Pages) -> None:
    """Put the pages that NiceGUI makes into `app`, which has all its other routes already."""
    frame = Frame(door)
    for register in pages:
        register(frame)
    frame.serve(app)
