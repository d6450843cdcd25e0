"""Against a real HTTP server on loopback, whose answers the test chooses."""

import asyncio
from collections.abc import Awaitable, Callable

from ivr.model.commands import Fetch
from ivr.model.events import Fetched
from ivr.web.fetcher import HttpFetcher

OK = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + '{"name": "x"}'
BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
MISSING = 'HTTP/1.1 404 No\r\nContent-Length: 13\r\n\r\n{"ok": false}'
PROSE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Far:
    """Answers the next of its scripted replies to each request, and remembers the requests."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.requests = list(answers), list[str]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.answers:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = next((line for line in head.splitlines() if line.startswith("content-length")), "x: 0")
                body = await reader.readexactly(int(length.split(":")[1]))
                self.requests.append(head + body.decode())
                answer = self.answers.pop(0)
                if answer == "silence":
                    await reader.read()
                writer.write(answer.encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def asked(far: Far, make: Callable[[str], Fetch]) -> Fetched:
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with HttpFetcher() as fetcher:
        answer = await fetcher.fetch(make(f"http://127.0.0.1:{port}/thing"))
    server.close()
    return answer


def run(work: Awaitable[Fetched]) -> Fetched:
    async def bounded() -> Fetched:
        return await asyncio.wait_for(work, 10)

    return asyncio.run(bounded())


def test_an_answer_is_parsed() -> None:
    far = Far(OK)
    assert run(asked(far, lambda url: Fetch("f", url))) == Fetched("f", ok=True, status=200, body={"name": "x"})
    assert far.requests[0].startswith("get /thing")


def test_a_busy_system_is_asked_again() -> None:
    assert run(asked(Far(BUSY, OK), lambda url: Fetch("f", url))).ok
    answer = run(asked(Far(BUSY, BUSY), lambda url: Fetch("f", url)))
    assert answer == Fetched("f", ok=False, status=503, error="status")


def test_a_change_is_only_repeated_with_a_key_that_makes_it_safe() -> None:
    far = Far(BUSY, OK)
    assert not run(asked(far, lambda url: Fetch("f", url, "POST", {"a": 1}))).ok
    assert len(far.requests) == 1
    far = Far(BUSY, OK)
    assert run(asked(far, lambda url: Fetch("f", url, "POST", {"a": 1}, idempotency_key="k1"))).ok
    assert all("idempotency-key: k1" in request for request in far.requests)
    assert '{"a":1}' in far.requests[1]


def test_every_failure_is_an_answer_too() -> None:
    assert run(asked(Far(MISSING), lambda url: Fetch("f", url))) == Fetched(
        "f", ok=False, status=404, body={"ok": False}, error="status"
    )
    assert run(asked(Far(PROSE), lambda url: Fetch("f", url))) == Fetched("f", ok=False, status=200, error="not_json")
    slow = run(asked(Far("silence", "silence"), lambda url: Fetch("f", url, timeout_seconds=0.2)))
    assert slow == Fetched("f", ok=False, error="timeout")
    assert run(asked(Far(), lambda url: Fetch("f", "http://127.0.0.1:1/x"))) == Fetched("f", ok=False, error="refused")
    assert run(asked(Far(), lambda url: Fetch("f", "nonsense://"))) == Fetched("f", ok=False, error="refused")
