"""Pure: what browser calls must be told, and the servers that help them through firewalls.

Credentials for a TURN server are made for one browser and a limited time: the name carries the expiry, the password
is its HMAC-SHA1 under a secret shared with the server (coturn: `use-auth-secret`; draft-uberti-behave-turn-rest-00).
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

from ivr.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class WebRtcSettings:
    """All times are seconds.

    Raises:
        ConfigError: TURN servers are named, but the secret they share with us is not set.
    """

    codecs: tuple[str, ...] = ("pcmu", "pcma")
    """Best first; the first that the browser offers is taken, and no other. pcmu, pcma (8 kHz), opus (16 kHz)."""

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)
    turn_seconds: int = 3600
    """How long credentials hold: a call must not be longer."""

    most_connections: int = 60
    setups_per_second: float = 5.0
    """Setting up one takes 50 to 100 ms of a core (DTLS keys): others on the line must not hear it."""

    connect_seconds: float = 15.0
    """From the answer until sound can pass; then the browser is given up."""

    vanished_seconds: float = 8.0
    """Neither sound nor ping for so long: the browser is gone."""

    comfort_noise: bool = True
    """Soft noise in our pauses; digital silence sounds like a dead line."""

    def __post_init__(self) -> None:
        if self.turn_urls and not self.turn_secret:
            raise ConfigError("webrtc.turn_urls needs IVR_TURN_SECRET in the environment: static-auth-secret of coturn")

    def own_ice_servers(self) -> list[dict[str, Any]]:
        """What this server asks itself. A relay for browsers reaches us too, so we take none for ourselves."""
        return [{"urls": list(self.stun_urls)}] if self.stun_urls else []

    def ice_servers(self, who: str, now: float) -> list[dict[str, Any]]:
        """As `RTCConfiguration.iceServers` of a browser; empty where none is configured.

        Args:
            who: whom the credentials are for; shows in the log of the TURN server.
            now: seconds since the epoch.
        """
        servers = self.own_ice_servers()
        if self.turn_urls:
            name = f"{int(now + self.turn_seconds)}:{who}"
            mac = hmac.new(self.turn_secret.encode(), name.encode(), sha1).digest()
            servers.append({"urls": list(self.turn_urls), "username": name, "credential": b64encode(mac).decode()})
        return servers
