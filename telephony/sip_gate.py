"""Pure: who may send us SIP at all. Asked for every datagram before a byte of it is read as SIP."""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv4Network

from telephony.sip_settings import SipSettings, SipTrunkSettings

LARGEST_MESSAGE = 8192
"""Bytes; over UDP a real one is under 2,000."""

BURST_SECONDS = 2.0
MOST_SOURCES = 1000
"""Addresses whose rate is remembered, of those that are allowed."""


class SipGate:
    """`refusal` tells why a datagram is dropped. Times are monotonic seconds."""

    def __init__(self, settings: SipSettings) -> None:
        self._networks: list[tuple[IPv4Network, SipTrunkSettings]] = [
            (network, trunk) for trunk in settings.trunks for network in trunk.networks()
        ]
        self._rate = settings.invites_per_second
        self._known: dict[str, SipTrunkSettings | None] = {}
        self._tokens: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, address: str, trunk: SipTrunkSettings) -> None:
        """The address of a trunk we send to, once its name is resolved: answers come from there."""
        if self.trunk_of(address) is None:
            self._networks.append((IPv4Network(address), trunk))
            self._known.clear()

    def trunk_of(self, address: str) -> SipTrunkSettings | None:
        """Whose source this is; None: a stranger's."""
        if address not in self._known:
            if len(self._known) >= MOST_SOURCES:
                self._known.clear()
            self._known[address] = self._look_up(address)
        return self._known[address]

    def refusal(self, message: bytes, address: str, now: float) -> str:
        """Empty: let it in. Else: unknown_source, too_large, keep_alive (nothing in it) or flood."""
        if self.trunk_of(address) is None:
            return "unknown_source"
        if len(message) > LARGEST_MESSAGE:
            return "too_large"
        if not message.strip(b"\r\n\0 "):
            return "keep_alive"
        if message.startswith(b"INVITE ") and not self._has_token(address, now):
            return "flood"
        return ""

    def _look_up(self, address: str) -> SipTrunkSettings | None:
        try:
            source = IPv4Address(address)
        except ValueError:
            return None
        return next((trunk for network, trunk in self._networks if source in network), None)

    def _has_token(self, address: str, now: float) -> bool:
        most = self._rate * BURST_SECONDS
        tokens, at = self._tokens.pop(address, (most, now))
        tokens = min(most, tokens + (now - at) * self._rate)
        self._tokens[address] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._tokens) > MOST_SOURCES:
            self._tokens.popitem(last=False)
        return tokens >= 1
