"""Pure: how a message and its time are signed, whichever way it goes: events in, results and webhooks out."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over `timestamp.body`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
