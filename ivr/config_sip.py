"""Settings of telephone lines without Twilio: SIP trunks, and Asterisk."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ivr.config_section import FolderPath, Section

Seconds = Annotated[float, Field(gt=0.0)]
Port = Annotated[int, Field(ge=1, le=65535)]


def _upwards(ports: tuple[int, int]) -> tuple[int, int]:
    if ports[0] >= ports[1]:
        raise ValueError(f"the lower port comes first: [{ports[1]}, {ports[0]}]")
    return ports


class SipTrunk(Section):
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")]
    sources: list[str] = []
    media: list[str] = []
    address: str = ""
    domain: str = ""
    country: Annotated[str, Field(pattern=r"^\d{0,4}$")] = ""
    numbers: Literal["e164", "digits", "national"] = "e164"
    prefix: Annotated[str, Field(pattern=r"^[0-9*#]{0,8}$")] = ""
    register_with_it: bool = False
    accepts_refer: bool = True
    keep_alive_seconds: Annotated[float, Field(ge=0.0)] = 30.0
    transport: Literal["udp", "tcp", "tls"] = "udp"


class SipTls(Section):
    port: Annotated[int, Field(ge=0, le=65535)] = 5061
    certificate: FolderPath | None = None
    key: FolderPath | None = None
    ca: FolderPath | None = None


class Asterisk(Section):
    enabled: bool = False
    sources: list[str] = ["127.0.0.1"]
    audiosocket_host: str = "127.0.0.1"
    audiosocket_port: Annotated[int, Field(ge=0, le=65535)] = 9092


class Sip(Section):
    enabled: bool = False
    listen: str = "127.0.0.1"
    sip_port: Annotated[int, Field(ge=0, le=65535)] = 5060
    public_address: str = ""
    rtp_ports: Annotated[tuple[Port, Port], AfterValidator(_upwards)] = (16384, 17383)
    codecs: Annotated[list[Literal["PCMA", "PCMU"]], Field(min_length=1)] = ["PCMA", "PCMU"]
    invites_per_second: Annotated[float, Field(gt=0.0)] = 10.0
    quiet_end_seconds: Seconds = 60.0
    transfer_seconds: Seconds = 60.0
    tls: SipTls = SipTls()
    trunks: list[SipTrunk] = []
    asterisk: Asterisk = Asterisk()
