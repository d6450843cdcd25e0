"""Logs: structlog for us and for every library, as JSON or for a terminal.

The last line of defence for callers' privacy: whatever a log call carries by mistake, words and keys are hidden and
numbers are masked to their last two digits. It does not replace care: no log call should carry them at all.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

HIDDEN = "(hidden)"
WORDS = frozenset(
    {
        "text", "said", "heard", "words", "transcript", "partial", "utterance_text", "hypothesis", "hypotheses",
        "alternatives", "digit", "digits", "keys", "pressed", "dtmf", "answer", "answers", "comment", "slots", "body",
        "name_of_caller", "last4", "pin", "password", "token", "auth_token", "api_key", "authorization", "secret",
    }
)  # fmt: skip
"""Fields that may carry what a caller said or pressed, or a secret of ours."""

NUMBERS = frozenset(
    {
        "caller", "called", "caller_id", "ani", "dnis", "from", "from_", "to", "number", "phone", "phone_number",
        "from_e164", "to_e164", "target",
    }
)  # fmt: skip
"""Fields that may carry a telephone number."""

E164 = re.compile(r"(?:\+|%2B)\d{5,13}(?=\d{2}(?!\d))", re.IGNORECASE)
"""A telephone number inside any other text (E.164: at most 15 digits), up to its last two digits."""

QUIET = ("uvicorn.access", "httpx", "httpcore", "twilio.http_client", "alembic", "sqlalchemy.engine", "aiosqlite")
"""Libraries that log addresses and queries below warning; both carry telephone numbers."""

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def hide_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: hides words, masks numbers, at any depth."""
    for name, value in event.items():
        event[name] = _hidden(name, value)
    return event


def masked(number: str) -> str:
    """A telephone number with nothing but its last two digits: `••••••34`."""
    return "•" * max(0, len(number) - 2) + number[-2:] if len(number) > 4 else "•" * len(number)


def _hidden(name: str, value: Any) -> Any:
    known = name.lower()
    if known in WORDS:
        return HIDDEN if value else value
    if known in NUMBERS and isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(name, inner) for inner in value]
    if isinstance(value, str):
        return E164.sub("•••", value)
    return value


def set_up_logs(level: str = "info", *, as_json: bool = True, stream: TextIO | None = None) -> None:
    """Send all logs of this program to `stream` (standard error), in one format.

    Args:
        level: debug, info, warning or error.
        as_json: one JSON object a line; else colours for a terminal.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(as_json)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(LEVELS[level])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        # Their own handlers would print everything twice, past the processors above.
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )  # fmt: skip


def _last_steps(as_json: bool) -> list[Processor]:
    """Hiding comes after the traceback was made into text: its last line may quote what a caller said."""
    common: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        traceback: Processor = structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        )
        return [*common, traceback, hide_personal, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [*common, structlog.processors.format_exc_info, hide_personal, structlog.dev.ConsoleRenderer()]
