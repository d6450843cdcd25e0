"""Pure: signed, short-lived, single-use tickets: who holds one may do one thing, once, until it expires.

That a ticket is used once is remembered by the node that took it. Times are seconds since the epoch, brought by the
caller; `nonce` is fresh randomness.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ivr.model.errors import NotAllowed

LONGEST_TICKET = 4096
"""Characters; a longer one is not even looked at."""


class Seal:
    """A MAC (HMAC-SHA256) over JSON, under a key of its own for each purpose, and what was used up under it."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = sha256(f"ivr {purpose}:{secret}".encode()).digest()
        self._used: dict[str, float] = {}

    def mac(self, signed: Any) -> str:
        return hmac.new(self._key, json.dumps(signed, sort_keys=True).encode(), sha256).hexdigest()

    def fits(self, mac: str, signed: Any) -> bool:
        """In constant time."""
        return mac.isascii() and hmac.compare_digest(mac, self.mac(signed))

    def use(self, mac: str, expiry: float, now: float) -> bool:
        """False: it was used before."""
        self._used = {used: until for used, until in self._used.items() if until >= now}
        is_first = mac not in self._used
        self._used[mac] = expiry
        return is_first


class Tickets:
    """Tickets that carry what they say: `base64url(JSON).mac`. Who holds one can read it: nothing secret goes in."""

    def __init__(self, secret: str, purpose: str, seconds: float) -> None:
        self.seconds = seconds
        self._seal = Seal(secret, purpose)

    def issue(self, says: Mapping[str, Any], now: float, nonce: str) -> str:
        """`says`: anything JSON can hold."""
        text = json.dumps([int(now + self.seconds), nonce, dict(says)], ensure_ascii=True, separators=(",", ":"))
        body = urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return f"{body}.{self._seal.mac(body)}"

    def read(self, ticket: str, now: float) -> dict[str, Any]:
        """What it says; it stays unused.

        Raises:
            NotAllowed: it is malformed, foreign or expired; the message is that one word.
        """
        return self._opened(ticket, now)[1]

    def use(self, ticket: str, now: float) -> dict[str, Any]:
        """What it says; from now on it is used up.

        Raises:
            NotAllowed: it is malformed, foreign, expired or reused; the message is that one word.
        """
        expiry, says = self._opened(ticket, now)
        if not self._seal.use(ticket, expiry, now):
            raise NotAllowed("reused")
        return says

    def _opened(self, ticket: str, now: float) -> tuple[float, dict[str, Any]]:
        body, _, mac = ticket.partition(".")
        if not (body and mac and ticket.isascii()) or len(ticket) > LONGEST_TICKET:
            raise NotAllowed("malformed")
        if not self._seal.fits(mac, body):
            raise NotAllowed("foreign")
        try:
            expiry, _, says = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (NotBase64, ValueError) as error:  # signed by us, but not one of these
            raise NotAllowed("malformed") from error
        if expiry < now:
            raise NotAllowed("expired")
        return float(expiry), says
