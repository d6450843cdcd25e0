"""Pure: read TwiML as Twilio does: a list of verbs, carried out from first to last.

Source: https://www.twilio.com/docs/voice/twiml. Verbs that our server never answers with are refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from ivr.model.errors import LineError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Where our own server may do without TLS: a demonstration on one machine. Twilio itself takes `wss` only."""


class TwimlError(LineError):
    """An answer that Twilio would not understand (its error 12100 or 12200)."""

    code = "line.twiml"


@dataclass(frozen=True, slots=True)
class Connect:
    """`<Connect><Stream>`: sound both ways until the server closes the socket."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    status_callback: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


@dataclass(frozen=True, slots=True)
class Dial:
    targets: tuple[str, ...]
    """Numbers and SIP addresses, in order."""

    action: str = ""
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Announce:
    """`<Say>`: the carrier's own voice."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str = "rejected"


Verb = Connect | Redirect | Dial | Announce | Pause | HangUp | Reject


def parse(document: str) -> tuple[Verb, ...]:
    """The verbs of a TwiML document.

    Raises:
        TwimlError: not XML, not a `<Response>`, an unknown verb, or a verb without what it needs.
    """
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise TwimlError(f"the answer is not XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(f"the answer is <{root.tag}>, TwiML begins with <Response>")
    return tuple(_verb(element) for element in root)


def _verb(element: ElementTree.Element) -> Verb:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise TwimlError(f"<{element.tag}> is not a verb the stand-in carries out; it knows {', '.join(_READERS)}")
    return reader(element)


def _connect(element: ElementTree.Element) -> Connect:
    stream = element.find("Stream")
    if stream is None or not stream.get("url"):
        raise TwimlError("<Connect> holds no <Stream url=…>")
    url = stream.get("url", "")
    address = urlsplit(url)
    if address.scheme != "wss" and not (address.scheme == "ws" and address.hostname in LOOPBACK):
        raise TwimlError("a <Stream> needs a wss:// address (Twilio error 31922)")
    if "?" in url:
        raise TwimlError("the address of a <Stream> may not have a query: use <Parameter>")
    parameters = {child.get("name", ""): child.get("value", "") for child in stream.findall("Parameter")}
    return Connect(url, parameters, stream.get("statusCallback", ""), element.get("action", ""))


def _redirect(element: ElementTree.Element) -> Redirect:
    if not _text(element):
        raise TwimlError("<Redirect> holds no address")
    return Redirect(_text(element))


def _dial(element: ElementTree.Element) -> Dial:
    targets = tuple(_text(child) for child in element if child.tag in ("Number", "Sip", "Client") and _text(child))
    targets = targets or ((_text(element),) if _text(element) else ())
    if not targets:
        raise TwimlError("<Dial> names nobody: it needs a number, <Number>, <Sip> or <Client>")
    return Dial(targets, element.get("action", ""), _number(element, "timeout", 30.0))


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    try:
        return float(element.get(name, default))
    except ValueError as error:
        raise TwimlError(f"{name} of <{element.tag}> is not a number") from error


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


_READERS: dict[str, Callable[[ElementTree.Element], Verb]] = {
    "Connect": _connect,
    "Redirect": _redirect,
    "Dial": _dial,
    "Say": lambda element: Announce(_text(element)),
    "Pause": lambda element: Pause(_number(element, "length", 1.0)),
    "Hangup": lambda element: HangUp(),
    "Reject": lambda element: Reject(element.get("reason", "rejected")),
}
