"""Every setting of the server, with its default. `config.yaml` says what each is for; `ivr.config_file` reads it.

Secrets and what differs between deployments are not here: see `ivr.environment`.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ivr.config_assist import Assist
from ivr.config_insight import Insight, Telemetry
from ivr.config_queues import Agent, PastCalls, Queue, check_queues
from ivr.config_section import FolderPath, Section
from ivr.config_sip import Asterisk as Asterisk
from ivr.config_sip import Sip as Sip
from ivr.config_sip import SipTrunk as SipTrunk
from ivr.config_surveys import Recovery, Survey
from ivr.model.dial_strings import KEYS, split
from ivr.model.meaning import AnswerKind

RecognizerName = Literal["moonshine", "vosk", "whisper"]
VoiceName = Literal["hibari", "espeak", "pyttsx3", "kokoro"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(gt=0.0)]
Count = Annotated[int, Field(ge=0)]

E164 = re.compile(r"\+[1-9]\d{6,14}")
"""ITU-T E.164: at most 15 digits, no leading zero."""

SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+")


def _reachable(address: str) -> str:
    if not E164.fullmatch(address) and not SIP.fullmatch(address):
        raise ValueError("write a telephone number as '+15555550123' (in quotes) or a SIP address as 'sip:a@b'")
    return address


def _destination(target: str) -> str:
    address, keys = split(target)
    if keys and not KEYS.fullmatch(keys):
        raise ValueError("write an extension as '+15555550120,,204': after the number commas (2 s each) and keys")
    return _reachable(address) + keys


def _own_number(number: str) -> str:
    return number if number == "*" else _reachable(number)


def _prefix(prefix: str) -> str:
    if not re.fullmatch(r"\+\d{1,15}", prefix):
        raise ValueError("write the beginning of a number as '+1555' (in quotes)")
    return prefix


def _ice_url(url: str) -> str:
    if not re.fullmatch(r"(stun|turn)s?:[^\s@/]+(\?transport=(udp|tcp))?", url):
        raise ValueError("write 'stun:host:3478' or 'turn:host:3478?transport=udp'; credentials are made by the server")
    return url


def _origin(origin: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+", origin):
        raise ValueError("write scheme and host of the site, as 'https://shop.example', with nothing after it")
    return origin


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Address = Annotated[str, AfterValidator(_reachable)]
Destination = Annotated[str, AfterValidator(_destination)]
OwnNumber = Annotated[str, AfterValidator(_own_number)]
Prefix = Annotated[str, AfterValidator(_prefix)]
IceUrl = Annotated[str, AfterValidator(_ice_url)]
Origin = Annotated[str, AfterValidator(_origin)]


class Server(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    max_calls: Annotated[int, Field(ge=1)] = 48
    drain_seconds: Annotated[float, Field(ge=0.0)] = 30.0
    examples: bool = False


class Flows(Section):
    folder: FolderPath = Path("flows")
    trained: FolderPath = Path("var/understanding")
    knowledge_vectors: FolderPath = Path("var/knowledge")


class Number(Section):
    number: OwnNumber
    flow: str
    language: str = "en"
    voice: str = ""
    name: dict[str, str] = {}


class UnknownNumber(Section):
    say: str = "This number is not in service. Please check the number and call again. Goodbye."
    language: str = "en"


class SecondOpinion(Section):
    recognizer: RecognizerName | Literal[""] = ""
    below_confidence: Share = 0.6
    longer_than_words: Annotated[int, Field(ge=0)] = 4


class Hearing(Section):
    recognizers: dict[Language, list[RecognizerName]] = {"en": ["moonshine"], "zh": ["vosk", "whisper"], "ko": ["vosk"]}
    models: FolderPath = Path("var/models")
    threads: Annotated[int, Field(ge=1)] = 2
    second_opinion: SecondOpinion = SecondOpinion()
    end_of_turn_seconds: dict[AnswerKind, Seconds] = {}
    no_input_seconds: Seconds = 5.0


class Speaking(Section):
    voices: dict[Language, list[VoiceName]] = {"en": ["hibari", "espeak", "pyttsx3"], "zh": ["kokoro", "espeak"]}
    cache: FolderPath = Path("var/prompts")
    cache_megabytes: Annotated[int, Field(ge=1)] = 512
    warm: bool = True


class Recording(Section):
    enabled: bool = True
    consent: Literal["none", "announce", "ask"] = "announce"
    folder: FolderPath = Path("var/recordings")
    format: Literal["wav", "opus"] = "wav"
    retention_days: Annotated[int, Field(ge=1)] = 90


class Privacy(Section):
    redact: list[Literal["card", "identity", "phone", "account", "code", "email"]] = [
        "card", "identity", "phone", "account", "code", "email",
    ]  # fmt: skip
    transcript_days: Annotated[int, Field(ge=1)] = 365
    reason_to_listen: bool = True


class Store(Section):
    path: FolderPath = Path("var/ivr.db")
    node: str = "main"


class Accounts(Section):
    idle_minutes: Annotated[int, Field(ge=1)] = 30
    longest_hours: Annotated[int, Field(ge=1, le=72)] = 12


class DialPlan(Section):
    allow: list[Prefix] = []
    deny: list[Prefix] = []
    caller_id: Address | Literal[""] = ""
    longest_call_seconds: Annotated[int, Field(ge=1)] = 3600
    most_calls_at_once: Count = 4
    sip_hosts: list[str] = []

    def allows(self, address: str) -> bool:
        """The longest prefix that fits decides, and at equal length `deny`; without one, nothing is dialled.

        SIP addresses are trunks of our own.
        """
        if not address.startswith("+"):
            return True
        allowed = max((len(prefix) for prefix in self.allow if address.startswith(prefix)), default=0)
        denied = max((len(prefix) for prefix in self.deny if address.startswith(prefix)), default=0)
        return allowed > denied


class WebRtc(Section):
    enabled: bool = True
    codecs: Annotated[list[Literal["pcmu", "pcma", "opus"]], Field(min_length=1)] = ["pcmu", "pcma"]
    stun_urls: list[IceUrl] = []
    turn_urls: list[IceUrl] = []
    turn_seconds: Annotated[int, Field(ge=60)] = 3600
    allowed_origins: list[Origin] = []
    token_seconds: Annotated[int, Field(ge=5, le=300)] = 120
    max_connections: Annotated[int, Field(ge=1)] = 60
    setups_per_second: Seconds = 5.0
    connect_seconds: Seconds = 15.0
    vanished_seconds: Annotated[float, Field(gt=2.0, le=60.0)] = 8.0
    comfort_noise: bool = True


class Phone(Section):
    public: bool = False
    numbers: list[OwnNumber] = []
    tokens_per_minute: Annotated[int, Field(ge=1)] = 10


class Campaigns(Section):
    enabled: bool = False
    folder: FolderPath = Path("campaigns")
    trunk: str = ""
    """Empty: Twilio where there is an account, else the first SIP trunk with an address. A trunk's name, `twilio`, or
    `loopback`: simulated customers in this program, and nobody else is called."""

    customers: FolderPath | None = None
    """Who answers on loopback, as `ivr/demo/customers.yaml`, which is the default."""


class Logging(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Webhook(Section):
    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
    events: Annotated[list[str], Field(min_length=1)] = ["*"]


class Config(Section):
    """All of config.yaml."""

    server: Server = Server()
    flows: Flows = Flows()
    numbers: list[Number] = []
    unknown_number: UnknownNumber = UnknownNumber()
    directory: dict[str, Destination] = {}
    rescue: str = ""
    dial_plan: DialPlan = DialPlan()
    hearing: Hearing = Hearing()
    speaking: Speaking = Speaking()
    recording: Recording = Recording()
    privacy: Privacy = Privacy()
    survey: Survey = Survey()
    recovery: Recovery = Recovery()
    store: Store = Store()
    webrtc: WebRtc = WebRtc()
    phone: Phone = Phone()
    accounts: Accounts = Accounts()
    queues: list[Queue] = []
    agents: list[Agent] = []
    past_calls: PastCalls = PastCalls()
    sip: Sip = Sip()
    assist: Assist = Assist()
    insight: Insight = Insight()
    telemetry: Telemetry = Telemetry()
    campaigns: Campaigns = Campaigns()
    logging: Logging = Logging()
    facts: dict[str, str] = {}
    webhooks: list[Webhook] = []

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Config":
        numbers = [number.number for number in self.numbers]
        twice = next((number for number in numbers if numbers.count(number) > 1), "")
        if twice:
            raise ValueError(f"numbers: {twice} is there twice; keep one")
        if self.rescue and self.rescue not in self.directory:
            raise ValueError(f"rescue: {self.rescue!r} is not in the directory; add it there")
        for name, address in self.directory.items():
            if not self.dial_plan.allows(address):
                raise ValueError(
                    f"directory.{name}: the dial plan does not allow it; add its prefix to dial_plan.allow"
                )
        unserved = next((number for number in self.phone.numbers if number == "*" or not self.number_for(number)), "")
        if unserved:
            raise ValueError(f"phone.numbers: no flow answers {unserved}; give it an entry under numbers")
        return self

    def public_numbers(self) -> list[str]:
        """Whom the public phone page may call: `phone.numbers`, else every number that is written out."""
        return self.phone.numbers or [each.number for each in self.numbers if each.number != "*"]

    @model_validator(mode="after")
    def _queues_agree(self) -> "Config":
        check_queues(self.queues, self.agents)
        return self

    def number_for(self, called: str) -> Number | None:
        """What to do with a call to `called` (E.164): its own entry, else the one for "*", else nothing."""
        found = {number.number: number for number in self.numbers}
        return found.get(called) or found.get("*")
