"""What the environment tells the server: secrets and what differs between deployments. The names are a contract."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ivr.model.errors import ConfigError

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Environment:
    """Empty means not set. Secrets never show in a representation."""

    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    public_url: str = ""
    """Scheme and host under which Twilio reaches us, without a slash at the end."""

    api_key: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    config: str = ""
    """Path of config.yaml."""

    turn_secret: str = field(default="", repr=False)
    """What we share with the TURN server (coturn: static-auth-secret)."""
    asterisk_token: str = field(default="", repr=False)
    """What an Asterisk in front of us must show."""

    sip_users: Mapping[str, str] = field(default_factory=dict)
    """By trunk, in capitals: IVR_SIP_<TRUNK>_USER."""

    sip_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    events_secret: str = field(default="", repr=False)
    """What a customer's systems sign events with, and we their results."""

    @property
    def has_twilio(self) -> bool:
        """A telephone line can be served: account and public URL are known."""
        return bool(self.twilio_auth_token and self.public_url)


def read_environment(variables: Mapping[str, str]) -> Environment:
    """The settings among environment variables.

    Raises:
        ConfigError: one is wrong; says which and what to write, never its value where it is secret.
    """
    found = {name: variables.get(name, "").strip() for name in NAMES}
    sid, token = found["TWILIO_ACCOUNT_SID"], found["TWILIO_AUTH_TOKEN"]
    if sid and not ACCOUNT_SID.fullmatch(sid):
        raise ConfigError("TWILIO_ACCOUNT_SID: not an account SID; it is AC and 32 hex digits, from the Twilio console")
    if bool(sid) != bool(token):
        missing = "TWILIO_AUTH_TOKEN" if sid else "TWILIO_ACCOUNT_SID"
        raise ConfigError(f"{missing} is not set, but the other half of the Twilio account is; set both or none")
    return Environment(
        twilio_account_sid=sid,
        twilio_auth_token=token,
        public_url=_public_url(found["IVR_PUBLIC_URL"]),
        api_key=_api_key(found["IVR_API_KEY"]),
        database_url=found["IVR_DATABASE_URL"],
        config=found["IVR_CONFIG"],
        events_secret=_events_secret(found["IVR_EVENTS_SECRET"]),
        turn_secret=found["IVR_TURN_SECRET"],
        asterisk_token=found["IVR_ASTERISK_TOKEN"],
        sip_users=_of_trunks(variables, "USER"),
        sip_passwords=_of_trunks(variables, "PASSWORD"),
    )


NAMES = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "IVR_PUBLIC_URL",
    "IVR_API_KEY",
    "IVR_DATABASE_URL",
    "IVR_CONFIG",
    "IVR_EVENTS_SECRET",
    "IVR_TURN_SECRET",
    "IVR_ASTERISK_TOKEN",
)

SHORTEST_SECRET = 16


def _events_secret(text: str) -> str:
    if text and len(text) < SHORTEST_SECRET:
        raise ConfigError(
            f"IVR_EVENTS_SECRET: at least {SHORTEST_SECRET} characters; make one with openssl rand -hex 32"
        )
    return text


TRUNK_NAME = re.compile(r"IVR_SIP_([A-Z0-9_]+)_(USER|PASSWORD)")


def _of_trunks(variables: Mapping[str, str], what: str) -> dict[str, str]:
    """Values of IVR_SIP_<TRUNK>_<what> by trunk."""
    names = ((TRUNK_NAME.fullmatch(name), value.strip()) for name, value in variables.items())
    return {match[1]: value for match, value in names if match and match[2] == what}


def _public_url(text: str) -> str:
    """Twilio signs the URL it calls: a wrong one makes every webhook look forged."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("IVR_PUBLIC_URL: not a URL; write https://your.host, as Twilio reaches this server")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigError(
            "IVR_PUBLIC_URL: http is for loopback only, callers' words would travel in the open; use https"
        )
    if parts.query or parts.fragment or parts.username:
        raise ConfigError("IVR_PUBLIC_URL: write scheme, host and path only, with no user, ? or #")
    return text.rstrip("/")


def _api_key(text: str) -> str:
    if any(not 33 <= ord(letter) <= 126 for letter in text):
        raise ConfigError("IVR_API_KEY: use visible ASCII characters only; it must fit into an HTTP header")
    return text
