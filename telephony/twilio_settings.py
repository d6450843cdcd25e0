"""Pure: what the Twilio line must be told. Secrets come from the environment, the rest from config.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ivr.model.errors import ConfigError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """All times are seconds.

    Raises:
        ConfigError: an identity is missing, or the public address is not one Twilio can use.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str
    """`https://host[:port][/prefix]` exactly as Twilio sees it; signatures are computed over it, never over what
    the request says of itself."""

    shared_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets of webhook signing keys by key id, for accounts that sign with one instead of the auth token."""

    require_socket_signature: bool = False
    """Twilio's documents disagree on whether it signs the socket's upgrade; a wrong signature is always refused."""

    token_seconds: float = 60.0
    start_seconds: float = 5.0
    """A socket that has not sent a valid `start` by then is closed."""

    most_streams: int = 200
    most_waiting_per_address: int = 50
    """Sockets of one address that have not sent `start` yet. Behind a proxy all of them have its address."""

    quiet_warning_seconds: float = 15.0
    quiet_end_seconds: float = 60.0
    """Twilio sends sound all the time, silence too: nothing at all for so long means that the call is gone."""

    human_number: str = ""
    """Whom a caller gets when a call of ours broke; empty: an apology only."""

    language: str = "en-US"
    unknown_number_text: str = "The number you have dialled is not in service. Goodbye."
    apology_text: str = "We are sorry, something went wrong on our side."
    ring_seconds: int = 30
    longest_call_seconds: int = 3600
    machine_detection: str = "Enable"
    """`Enable`, `DetectMessageEnd`, or empty for none. Runs beside the call, never before it."""

    rest_url: str = ""
    """Another address for Twilio's REST API: tests and proxies."""

    rest_seconds: float = 10.0

    def __post_init__(self) -> None:
        url = urlsplit(self.public_url)
        if not self.account_sid or not self.auth_token:
            raise ConfigError("Twilio needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in the environment")
        if not url.hostname or url.query or url.fragment:
            raise ConfigError("IVR_PUBLIC_URL must be https://host[:port][/prefix] as Twilio reaches it")
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK):
            raise ConfigError("IVR_PUBLIC_URL must begin with https://: Twilio opens streams over wss only")

    def url(self, path: str) -> str:
        """Our public address of a path that begins with a slash."""
        return self.public_url.rstrip("/") + path

    def socket_url(self, path: str) -> str:
        """The same for a websocket: wss for https."""
        return "ws" + self.url(path).removeprefix("http")
