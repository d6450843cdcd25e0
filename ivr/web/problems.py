"""Every error as RFC 9457 problem+json, in one shape. The HTTP status of our own errors stands in one table."""

import math
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ivr.model.errors import (
    BadQuery,
    ConfigError,
    FlowError,
    IvrError,
    LineError,
    LoginWrong,
    NotAllowed,
    NotNow,
    NotThere,
    RecognizerError,
    StoreError,
    TooOften,
    VoiceError,
)

MEDIA_TYPE = "application/problem+json"

GONE = 499
"""As nginx says it: the client has closed the connection."""

STORE_BACK_SECONDS = 2
"""Until a request that the database could not take should be sent again."""

log = structlog.get_logger(__name__)


class KeyWrong(NotAllowed):
    """The API key is missing or wrong."""

    code = "not_allowed.key"


class KeyNotSet(NotAllowed):
    """This server has no API key, so nothing personal is shown to anybody."""

    code = "not_allowed.no_key_set"


class NotFromHere(NotAllowed):
    """A page of another site sent the request."""

    code = "not_allowed.other_site"


class LoginNeeded(NotAllowed):
    """No session, or one that has expired."""

    code = "not_allowed.login_needed"


class PasswordStale(NotAllowed):
    """The password was given by somebody else; nothing is shown until it is changed."""

    code = "not_allowed.change_password"


STATUS: Mapping[type[IvrError], int] = {
    IvrError: 500,
    ConfigError: 500,
    FlowError: 422,
    LineError: 502,
    RecognizerError: 503,
    VoiceError: 503,
    StoreError: 503,
    NotAllowed: 403,
    KeyWrong: 401,
    KeyNotSet: 503,
    LoginNeeded: 401,
    LoginWrong: 401,
    TooOften: 429,
    NotThere: 404,
    BadQuery: 400,
    NotNow: 409,
}
"""The nearest class of an error decides."""

TITLES = {
    400: "The question makes no sense",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not there",
    405: "Not done this way",
    413: "Too large",
    409: "Not in this state",
    422: "The request does not fit",
    429: "Too often",
    500: "Our fault",
    502: "The line failed",
    503: "Not just now",
}


def status_of(error: IvrError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """A problem document: type, title, status, detail, code, and whatever else helps."""
    content = {
        "type": f"urn:ivr:problem:{code}",
        "title": TITLES.get(status, "It did not work"),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    headers = {"WWW-Authenticate": 'Bearer realm="ivr"'} if status == 401 else None
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document."""
    app.add_exception_handler(IvrError, _ours)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IvrError)
    answer = problem(status_of(error), error.code, str(error))
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(math.ceil(error.wait_seconds))
    elif isinstance(error, StoreError):
        answer.headers["Retry-After"] = str(STORE_BACK_SECONDS)
    return answer


async def _unfit(_: Request, error: Exception) -> JSONResponse:
    """What was sent is left out of the answer: it may be personal."""
    assert isinstance(error, RequestValidationError)
    wrong = [{"where": ".".join(map(str, found["loc"])), "what": found["msg"]} for found in error.errors()]
    return problem(422, "unfit", "; ".join(f"{one['where']}: {one['what']}" for one in wrong), errors=wrong)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, f"http.{error.status_code}", str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _gone(_: Request, error: Exception) -> JSONResponse:
    """Who hung up before the request was whole does not read it; the log of requests does."""
    return problem(GONE, "gone", "the request was broken off")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", path=request.scope["path"], error=type(error).__name__, exc_info=error)
    return problem(500, "unexpected", "something went wrong here; the log of the server has the details")
