"""Pure: addresses of the console's pages."""

from urllib.parse import quote

ROOT = "/console"


def call_link(call_id: str) -> str:
    return f"{ROOT}/call?id={quote(call_id, safe='')}"


def flow_link(flow: str) -> str:
    return f"{ROOT}/flow?name={quote(flow, safe='')}"


def recording_link(call_id: str) -> str:
    """Served by `ivr.web.calls`, for whoever may play it."""
    return f"/api/calls/{quote(call_id, safe='')}/recording"


def message_link(message_id: str) -> str:
    """Served by `ivr.web.messages`."""
    return f"/api/messages/{quote(message_id, safe='')}/audio"
