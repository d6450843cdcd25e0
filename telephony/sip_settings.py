"""Pure: what the SIP line must be told. Passwords come from the environment, the rest from config.yaml."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Literal

from ivr.model.errors import ConfigError
from telephony.sip_sdp import CodecName

Transport = Literal["udp", "tcp", "tls"]
NumberStyle = Literal["e164", "digits", "national"]


@dataclass(frozen=True, slots=True)
class SipTrunkSettings:
    """One carrier or PBX.

    Raises:
        ConfigError: a source is no IPv4 address or network, or an address cannot be read.
    """

    name: str
    sources: tuple[str, ...] = ()
    """Addresses and networks calls may come from: `203.0.113.10`, `198.51.100.0/24`."""

    media: tuple[str, ...] = ()
    """Addresses sound may come from besides the one that was agreed: a peer behind NAT."""

    address: str = ""
    """`host` or `host:port` calls go out to; empty: calls only come in."""

    domain: str = ""
    """Of the SIP addresses we write; empty: the host of `address`."""

    country: str = ""
    """Country code of numbers the trunk writes without one: `86`."""

    style: NumberStyle = "e164"
    """How the trunk wants numbers: +8613…, 8613…, or 013… and 00…"""

    prefix: str = ""
    """Dialled before every number: `9`."""

    user: str = ""
    password: str = field(default="", repr=False)
    registers: bool = False
    accepts_refer: bool = True
    """False: transfers are bridged by us from the start."""

    keep_alive_seconds: float = 30.0
    """OPTIONS to `address`; 0: none."""

    transport: Transport = "udp"
    """Of what we send to `address`. What comes in is answered the way it came."""

    def __post_init__(self) -> None:
        try:
            self.networks()
        except ValueError as error:
            raise ConfigError(f"sip.trunks.{self.name}.sources: {error}") from error
        port = self.address.partition(":")[2]
        if ":" in self.address and not (port.isdigit() and 0 < int(port) < 65536):
            raise ConfigError(f"sip.trunks.{self.name}.address: write host or host:port")
        if self.registers and not (self.user and self.address):
            raise ConfigError(
                f"sip.trunks.{self.name}: registering needs `address` and IVR_SIP_{self.name.upper()}_USER in the"
                " environment"
            )

    def networks(self) -> tuple[IPv4Network, ...]:
        """Raises ValueError."""
        found = [ip_network(each) for each in self.sources]
        return tuple(each for each in found if isinstance(each, IPv4Network))

    @property
    def target(self) -> tuple[str, int]:
        host, _, port = self.address.partition(":")
        return host, int(port or (5061 if self.transport == "tls" else 5060))

    @property
    def host(self) -> str:
        """For addresses we write."""
        return self.domain or self.target[0]


@dataclass(frozen=True, slots=True)
class SipSettings:
    """All times are seconds."""

    host: str = "127.0.0.1"
    """Address of this machine to listen on: never 0.0.0.0 with a public interface behind it."""

    port: int = 5060
    """UDP and TCP."""

    tls_port: int = 5061
    certificate: str = ""
    """PEM file of our certificate; empty: no connection over TLS is taken."""

    key: str = field(default="", repr=False)
    """PEM file of its key."""

    ca: str = ""
    """PEM file of who signs the certificates of trunks; empty: who this machine trusts."""

    public_address: str = ""
    """What peers are told, where the network translates our address; empty: `host`."""

    rtp_ports: tuple[int, int] = (16384, 17383)
    codecs: tuple[CodecName, ...] = ("PCMA", "PCMU")
    trunks: tuple[SipTrunkSettings, ...] = ()
    invites_per_second: float = 10.0
    """New calls and repetitions, from one address; as many as fit in two seconds may come at once."""

    most_calls: int = 48
    retry_after_seconds: int = 10
    """What a caller who finds no room is told."""

    session_seconds: int = 1800
    least_session_seconds: int = 90
    """RFC 4028 §4."""

    transfer_seconds: float = 60.0
    quiet_warning_seconds: float = 15.0
    quiet_end_seconds: float = 60.0
    """No packet for so long, and nobody has put us on hold: the call is gone."""

    longest_call_seconds: float = 3600.0
    user_agent: str = "ivr"

    def __post_init__(self) -> None:
        """
        Raises:
            ConfigError: peers cannot be told an address to send to, or there is no port for sound.
        """
        try:
            told = IPv4Address(self.advertised)
        except ValueError as error:
            raise ConfigError("sip.listen, sip.public_address: write an IPv4 address, not a name") from error
        if told.is_unspecified:
            raise ConfigError("sip.public_address: needed where sip.listen is 0.0.0.0; it is what peers are told")
        if self.rtp_ports[0] < 1024 or self.rtp_ports[1] > 65534 or self.rtp_ports[0] >= self.rtp_ports[1]:
            raise ConfigError("sip.rtp_ports: write the first and the last port, between 1024 and 65534")

    @property
    def advertised(self) -> str:
        return self.public_address or self.host
