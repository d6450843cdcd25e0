"""Pure: addresses of the console's pages."""

from urllib.parse import quote

ROOT = "/console"


def call_link(call_id: str) -> str:
    return f"{ROOT}/call?id={quote(call_id, safe='')}"


def flow_link(flow: str) -> str:
    return f"{ROOT}/flow?name={quote(flow, safe='')}"


def recording_link(call_id: str, reason: str = "") -> str:
    """Served by `ivr.web.calls`, for whoever may play it and says why."""
    return f"/api/calls/{quote(call_id, safe='')}/recording{_why(reason)}"


def message_link(message_id: str, reason: str = "") -> str:
    """Served by `ivr.web.messages`."""
    return f"/api/messages/{quote(message_id, safe='')}/audio{_why(reason)}"


def _why(reason: str) -> str:
    return f"?reason={quote(reason, safe='')}" if reason else ""


def campaign_link(name: str) -> str:
    return f"{ROOT}/campaign?name={quote(name, safe='')}"


def case_link(campaign: str, case_id: str) -> str:
    return f"{ROOT}/case?campaign={quote(campaign, safe='')}&id={quote(case_id, safe='')}"
