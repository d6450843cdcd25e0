"""Pure: what a customer's systems are told of a settled case, and the signature both directions are proved with."""

import hmac
import json
from datetime import datetime

from ivr.model.campaigns import Case
from ivr.model.signing import signature

SKEW_SECONDS = 300.0
"""A signed message older, or further in the future, is refused: nobody can send yesterday's again."""


def result_of(case: Case, at: datetime) -> str:
    """The body of the result webhook: no words and no number of the customer, only ids they gave us."""
    return json.dumps(
        {
            "type": "case.settled",
            "case_id": case.case_id,
            "campaign": case.campaign,
            "customer": case.alert.customer,
            "events": [{"source": alert.source, "event_id": alert.event_id} for alert in case.alerts],
            "state": case.state,
            "reason": case.reason,
            "result": dict(case.result),
            "attempts": [{"number": one.number, "outcome": one.outcome, "rule": one.rule} for one in case.attempts],
            "times": {stage: moment.isoformat() for stage, moment in case.times.items()},
            "settled_at": at.isoformat(),
        },
        sort_keys=True,
    )


def refusal(secret: str, timestamp: str, given: str, body: bytes, now: float) -> str:
    """Why a signed message is not believed; empty: it is.

    Args:
        timestamp: seconds since 1970 UTC, as the sender wrote it.
        given: the signature, with or without `sha256=` before it.
    """
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return "the timestamp is missing or not in whole seconds since 1970"
    if not given:
        return "the signature is missing"
    expected = signature(secret, timestamp, body).encode()
    if not hmac.compare_digest(expected, given.removeprefix("sha256=").encode("utf-8", "surrogateescape")):
        return "the signature does not fit timestamp and body"
    return "" if abs(now - int(timestamp)) <= SKEW_SECONDS else "the timestamp is more than five minutes off"
