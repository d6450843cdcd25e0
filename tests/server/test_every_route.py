"""Each thing the running server describes is either on the list of what everybody may ask, or behind the door.

Twilio's webhooks are not described; `test_door.py` knocks there.
"""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.server.running import Running

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

OPEN = {
    "GET /healthz": "is it alive",
    "GET /readyz": "can it take calls",
    "GET /metrics": "carries nothing personal",
    "GET /phone/numbers": "whom the public phone can call",
    "POST /phone/token": "a ticket of the public phone, with phone.public",
    "POST /webrtc/offer": "opened by a single-use ticket in its body",
    "POST /api/session": "where people log in",
    "POST /api/session/password": "a new password, for who knows the old one",
}
EXAMPLES = ("/examples/", "/example/")
"""The companies of the shipped flows: pretended customers, on when server.examples says so."""
REFUSALS = {401, 403}


def operations(server: Running) -> Iterator[tuple[str, str]]:
    for path, methods in server.http.get("/openapi.json").raise_for_status().json()["paths"].items():
        for method in methods:
            yield method.upper(), path


def test_whatever_is_not_meant_for_everybody_asks_who_is_there(server: Running) -> None:
    open_doors = {}
    with httpx.Client(base_url=server.url, timeout=10.0) as stranger:
        for method, path in operations(server):
            if f"{method} {path}" in OPEN or path.startswith(EXAMPLES):
                continue
            address = re.sub(r"\{[^}]*\}", "x", path)
            for headers in ({}, {"Authorization": "Bearer guessed"}):
                answer = stranger.request(method, address, headers=headers, json={})
                if answer.status_code not in REFUSALS:
                    open_doors[f"{method} {path}"] = answer.status_code
    assert open_doors == {}


def test_the_list_of_what_is_open_names_nothing_that_is_gone(server: Running) -> None:
    assert OPEN.keys() - {f"{method} {path}" for method, path in operations(server)} == set()


def test_each_thing_is_described_with_who_may_ask_and_how_errors_look(server: Running) -> None:
    schema = server.http.get("/openapi.json").json()
    described = {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items() if not path.startswith(EXAMPLES)
        for method, operation in methods.items()
    }  # fmt: skip
    made_up = {name for name, one in described.items() if one["summary"].istitle()}
    unguarded = {name for name, one in described.items() if "security" not in one}
    vague = {name for name, one in described.items() if "application/problem+json" not in str(one["responses"])}
    assert (made_up, unguarded - OPEN.keys(), vague) == (set(), set(), set())
    assert set(schema["components"]["securitySchemes"]) == {"key", "session"}
    assert "HTTPValidationError" not in str(schema)


@pytest.mark.parametrize("page", ["/console", "/console/calls", "/console/users", "/desk", "/desk/supervise"])
def test_a_page_of_the_house_leads_a_stranger_to_the_log_in(server: Running, page: str) -> None:
    answer = httpx.get(server.url + page, follow_redirects=True)
    assert answer.url.path == "/login"
