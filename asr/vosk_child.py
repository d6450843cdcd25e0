"""The server's end of the pipes to one Vosk child: start it, talk to it, notice that it died, end it."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asr
from asr.vosk_messages import HEADER, Ask, pack
from ivr.model.errors import RecognizerError

_MOST_UNSENT = 16 << 20
"""Bytes waiting for a child that does not read: eight minutes of telephone sound for two callers."""


class VoskChild:
    """A running child. Once `is_alive` is False it stays so; start another."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        assert running.stdin
        assert running.stdout
        self._running = running
        self._input, self._output = running.stdin, running.stdout
        self._requests = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.gone = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, model: Path, threads: int, seconds: float) -> "VoskChild":
        """Start a child and wait until its model is loaded (2 s for 250 MB).

        Raises:
            RecognizerError: it did not say hello in time.
        """
        ours = str(Path(asr.__file__).parents[1])
        path = os.pathsep.join(part for part in (ours, os.environ.get("PYTHONPATH", "")) if part)
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "asr.vosk_worker", str(model), str(threads),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        child = cls(running)
        loaded = False
        try:
            await child.ask(Ask.HELLO, 0, {}, seconds)
            loaded = True
        finally:
            if not loaded:
                await child.end()
        return child

    @property
    def is_alive(self) -> bool:
        return not self.gone.is_set()

    @property
    def number(self) -> int:
        """Its process id."""
        return self._running.pid

    def send(self, ask: Ask, stream: int, body: bytes | Mapping[str, Any] = b"", request: int = 0) -> None:
        """Write without waiting. A child that has stopped reading is ended."""
        if not self.is_alive:
            return
        self._input.write(pack(ask, stream, request, body))
        if self._input.transport.get_write_buffer_size() > _MOST_UNSENT:
            self.kill()

    async def ask(self, ask: Ask, stream: int, body: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Write and wait for the answer; a child that does not answer in time is ended.

        Raises:
            RecognizerError: it died or took too long.
        """
        request = next(self._requests)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        try:
            self.send(ask, stream, body, request)
            if not self.is_alive:
                raise RecognizerError("vosk: its process has ended; the next turn starts another")
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as late:
            self.kill()
            raise RecognizerError(f"vosk: no answer within {seconds:g} s; its process was ended") from late
        finally:
            self._waiting.pop(request, None)

    def kill(self) -> None:
        self._lose()
        if self._running.returncode is None:
            self._running.kill()

    async def end(self) -> None:
        """End the child and wait until it is gone."""
        self.kill()
        await self._running.wait()
        await self._reading
        self._input.close()

    async def _read(self) -> None:
        try:
            while True:
                _, _, request, size = HEADER.unpack(await self._output.readexactly(HEADER.size))
                answer = self._waiting.get(request)
                body = json.loads(await self._output.readexactly(size))
                if answer and not answer.done():
                    answer.set_result(body)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._lose()

    def _lose(self) -> None:
        self.gone.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(RecognizerError("vosk: its process died; the next turn starts another"))
