"""The description of the API at /openapi.json: who is let in, how errors look, and a sentence for each operation.

FastAPI knows paths, parameters and shapes; what the door and the table of errors do, it does not see.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from ivr.web.problems import MEDIA_TYPE, TITLES
from ivr.web.security import COOKIE, CSRF_HEADER

ABOUT = f"""\
Programs send the header `Authorization: Bearer <IVR_API_KEY>`. People log in (`POST /api/session`), have the cookie
`{COOKIE}`, and may do what their role may; to change something they show their token in the header
`{CSRF_HEADER}` too (`GET /api/session` tells it).

Every error is a problem document (RFC 9457) with a `code` that does not change and a `detail` for people. `503` comes
with `Retry-After` where sending again helps. Long lists end with a `next`: give it as `cursor` to get what follows.
"""

OPEN = frozenset({
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /phone/numbers", "POST /phone/token", "POST /webrtc/offer",
    "POST /api/session", "POST /api/session/password", "POST /api/campaigns/{name}/events",
})  # fmt: skip
"""What needs neither key nor session: it shows nothing personal, or what is sent proves itself."""

SENTENCES: Mapping[str, str] = {
    "GET /healthz": "The program runs",
    "GET /readyz": "Whether calls can be taken; 503 names what is missing",
    "GET /metrics": "Figures for Prometheus; nothing personal",
    "GET /api/calls": "Calls, the newest first",
    "GET /api/calls/{call_id}": "The record of a call that is over: what was said, done and noted",
    "GET /api/calls/{call_id}/journal": "Every event of a call and every answer to it, in order",
    "GET /api/calls/{call_id}/recording": "The stereo recording: left the caller, right what they heard",
    "DELETE /api/calls/{call_id}/recording": "Delete the sound of a call; its record stays",
    "POST /api/calls": "Call somebody and run a flow",
    "GET /api/live": "Calls on the line just now",
    "GET /api/flows": "Flows: what is live, and what a canary gets",
    "GET /api/flows/{name}/versions": "What was published of a flow, and who did what",
    "POST /api/flows/{name}/publish": "Check a flow, play its conversations, and give it to all new calls",
    "POST /api/flows/{name}/rollback": "Give new calls the version before; twice undoes it",
    "POST /api/flows/{name}/canary": "Give a share of new calls another version, or end that",
    "GET /api/messages": "Messages that callers left, the newest first",
    "GET /api/messages/{message_id}": "One message, with its words",
    "GET /api/messages/{message_id}/audio": "The sound of a message",
    "POST /api/erasures": "Erase a caller from every table; answers with a certificate",
    "GET /api/erasures/{erasure_id}": "The certificate of an erasure",
    "GET /api/holds": "Legal holds: what is kept whatever its age",
    "POST /api/holds": "Put a call, a number or a customer under a legal hold",
    "DELETE /api/holds/{subject}": "Lift a legal hold",
    "GET /api/session": "Who is logged in, with which role and token",
    "POST /api/session": "Log in: sets the cookie of the session",
    "DELETE /api/session": "Log out",
    "POST /api/session/password": "Change one's own password",
    "GET /api/users": "People of the house",
    "POST /api/users": "Add somebody",
    "PATCH /api/users/{name}": "Give somebody another role, name or password, or switch them off",
    "DELETE /api/users/{name}": "Remove somebody; the audit keeps what they did",
    "GET /api/audit": "Who did and looked at what, the newest first",
    "GET /api/audit/verdict": "Whether the chain of hashes of the audit is whole",
    "GET /api/surveys": "Answers of surveys, the newest first",
    "GET /api/recovery-cases/figures": "How fast unhappy callers were contacted",
    "GET /api/recovery-cases/{case_id}": "One case with its history",
    "GET /api/customers/{customer}/value": "Score and tier of a customer",
    "POST /api/customers/{customer}/value/override": "Set the tier of a customer by hand, until a day",
    "POST /api/trainer/label": "Say what unanswered questions were about",
    "POST /api/trainer/assign": "Give unanswered questions to somebody",
    "POST /api/trainer/ignore": "Put unanswered questions aside",
    "POST /api/trainer/status": "Set the state of unanswered questions",
    "POST /webrtc/offer": "Begin a call from a browser, with a ticket",
    "GET /webrtc/ice": "STUN and TURN servers for a desk",
    "POST /phone/token": "A ticket for one call from the public phone page",
    "POST /api/webrtc/tokens": "A ticket for one call from a browser of yours",
    "GET /phone/numbers": "Whom the public phone page may call",
}
"""Of the operations that do not bring one themselves."""

_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people: what is wrong and what to do."},
        "code": {"type": "string", "description": "For programs; does not change."},
    },
    "required": ["type", "title", "status", "detail", "code"],
    "example": {
        "type": "urn:ivr:problem:not_there",
        "title": "Not there",
        "status": 404,
        "detail": "there is no such call",
        "code": "not_there",
    },
}
_LEFT_OUT = ("HTTPValidationError", "ValidationError")


def describe_api(app: FastAPI) -> None:
    """Complete what `app` says of itself; worked out when it is asked for, with all routes."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema if app.openapi_schema and "servers" in app.openapi_schema else _complete(plain())

    app.openapi = openapi  # type: ignore[method-assign]


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation by "METHOD /path"."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    schema["info"]["description"] = ABOUT
    schema["servers"] = [{"url": "/"}]
    parts = schema.setdefault("components", {})
    parts["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "IVR_API_KEY, for programs"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "people who logged in"},
    }
    shapes = parts.setdefault("schemas", {})
    shapes["Problem"] = _PROBLEM
    for name in _LEFT_OUT:
        shapes.pop(name, None)
    for name, operation in operations(schema):
        # Routes say the rest of a path as {name:path}; the sentences and OpenAPI do not.
        operation["summary"] = SENTENCES.get(re.sub(r":path\}", "}", name), operation.get("summary", name))
        guarded = name.split(" ")[1].startswith("/api/") and name not in OPEN
        if guarded or name == "GET /webrtc/ice":
            operation["security"] = [{"key": []}, {"session": []}]
        operation["responses"] |= {str(status): _answer(status) for status in _statuses(name, operation, guarded)}
        operation["responses"]["default"] = _answer(0)
    return schema


def _statuses(name: str, operation: Mapping[str, Any], guarded: bool) -> Iterator[int]:
    yield from (401, 403, 503) if guarded else ()
    if "{" in name:
        yield 404
    if "422" in operation["responses"]:
        yield 422


def _answer(status: int) -> dict[str, Any]:
    said = TITLES.get(status, "Any other error")
    return {"description": said, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
