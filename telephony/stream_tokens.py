"""Pure: the ticket that lets one call open one media stream, once, for a minute.

A token is `expiry.nonce.mac`; the mac covers the call's id and the facts that travel beside it in the stream's
parameters (who calls whom), so that another node of ours can trust them too. That a token is used once is
remembered by the node that took it.
"""

from collections.abc import Mapping

from ivr.model.tickets import Seal

LONGEST_SECONDS = 60.0


class StreamTokens:
    """Times are seconds since the epoch, brought by the caller; `nonce` is fresh randomness, without dots."""

    def __init__(self, secret: str, seconds: float = LONGEST_SECONDS) -> None:
        self._seal = Seal(secret, "stream token")
        self._seconds = min(seconds, LONGEST_SECONDS)

    def issue(self, call_sid: str, facts: Mapping[str, str], now: float, nonce: str) -> str:
        expiry = str(int(now + self._seconds))
        return f"{expiry}.{nonce}.{self._seal.mac(_signed(call_sid, facts, expiry, nonce))}"

    def refusal(self, token: str, call_sid: str, facts: Mapping[str, str], now: float) -> str:
        """Empty: the token is good, and is used up now. Else why not: malformed, foreign, expired, reused."""
        expiry, nonce, mac = (*token.split(".", 2), "", "")[:3]
        if not (expiry.isascii() and expiry.isdigit() and len(expiry) < 15 and nonce and mac.isascii()):
            return "malformed"
        if not self._seal.fits(mac, _signed(call_sid, facts, expiry, nonce)):
            return "foreign"
        if int(expiry) < now:
            return "expired"
        return "" if self._seal.use(mac, float(expiry), now) else "reused"


def _signed(call_sid: str, facts: Mapping[str, str], expiry: str, nonce: str) -> list[object]:
    return [call_sid, expiry, nonce, sorted(facts.items())]
