"""Pure: SIP messages read strictly and written: requests of a dialogue, replies, and the ACK and CANCEL of an INVITE.

aiosipua reads and writes the lines; what a message must have before anything is done with it is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiosipua.headers import parse_via, stringify_uri, stringify_via
from aiosipua.message import SipMessage, SipRequest, SipResponse

from ivr.model.errors import LineError

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, NOTIFY"
SDP = "application/sdp"
PHRASES = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
}
Message = SipRequest | SipResponse
Address = tuple[str, int]


class BadMessage(LineError):
    """Not SIP, or without what every message must have.

    Args:
        request: the message, where it can still be answered with 400.
    """

    code = "line.bad_message"

    def __init__(self, reason: str, request: SipRequest | None = None) -> None:
        super().__init__(reason)
        self.request = request


@dataclass(frozen=True, slots=True)
class Essentials:
    """What every message is told apart by."""

    method: str
    """Of the CSeq."""

    number: int
    branch: str
    call_id: str
    from_tag: str
    to_tag: str


def read(datagram: bytes) -> tuple[Message, Essentials]:
    """
    Raises:
        BadMessage: drop it, or answer 400 if it holds a request.
    """
    try:
        message = SipMessage.parse(datagram)
    except (ValueError, IndexError) as error:
        raise BadMessage("not a SIP message") from error
    request = message if isinstance(message, SipRequest) else None
    answerable = request if request and request.method != "ACK" and _has_return_way(request) else None
    try:
        return message, _essentials(message)
    except (ValueError, IndexError, AttributeError) as error:
        raise BadMessage("a SIP message without its essentials", answerable) from error


def _has_return_way(request: SipRequest) -> bool:
    return bool(request.via and request.via[0].host)


def _essentials(message: Message) -> Essentials:
    vias, cseq, sender, to = message.via, message.cseq, message.from_addr, message.to_addr
    if not vias or not vias[0].branch or cseq is None or sender is None or to is None or not message.call_id:
        raise ValueError("a header is missing")
    if isinstance(message, SipRequest):
        declared = message.get_header("content-length")
        if cseq.method != message.method or not message.uri or (declared and int(declared) > len(message.body)):
            raise ValueError("the headers do not agree with the message")
    elif not 100 <= message.status_code < 700:
        raise ValueError("no such status")
    return Essentials(cseq.method, cseq.seq, vias[0].branch, message.call_id, sender.tag or "", to.tag or "")


def user_of(address: str) -> str:
    """The user part of a `sip:` address; empty if it has none."""
    rest = address.partition(":")[2]
    return rest.rpartition("@")[0].partition(";")[0].partition(":")[0] if "@" in rest else ""


def contact_of(message: Message) -> str:
    """The address requests of this dialogue go to; empty: none was given."""
    contacts = message.contact
    return stringify_uri(contacts[0].uri) if contacts else ""


def stamp_source(request: SipRequest, source: Address) -> None:
    """Write into the topmost Via where the request really came from (RFC 3261 §18.2.1, RFC 3581)."""
    raw = request.headers.get("via")
    via = parse_via(raw[0])
    if via.host != source[0] or "rport" in via.params:
        via.params["received"] = source[0]
    if "rport" in via.params:
        via.params["rport"] = str(source[1])
    rest = raw[1:]
    request.headers.remove("Via")
    for value in (stringify_via(via), *rest):
        request.headers.append("Via", value)


def reply_target(request: SipRequest, source: Address) -> Address:
    """Where the answer to a request goes: to its source, at the port its Via asks for."""
    via = request.via[0]
    port = via.port if via.port and 0 < via.port < 65536 else 5060
    return source if "rport" in via.params else (source[0], port)


def reply(
    request: SipRequest, status: int, tag: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> SipResponse:
    """An answer; `tag` is ours, added to To if it has none."""
    response = SipResponse(status_code=status, reason_phrase=PHRASES.get(status, "Declined"))
    for name in ("Via", "Record-Route"):
        for value in request.headers.get(name):
            response.headers.append(name, value)
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = request.get_header(name) or ""
        has_tag = ";tag=" in value.partition(">")[2].lower() or (">" not in value and ";tag=" in value.lower())
        is_ours = name == "To" and status > 100 and not has_tag
        response.headers.set_single(name, f"{value};tag={tag}" if is_ours else value)
    for name, value in (headers or {}).items():
        response.headers.set_single(name, value)
    if body:
        response.headers.set_single("Content-Type", SDP)
        response.text = body
    return response


def ack_of(invite: SipRequest, response: SipResponse) -> SipRequest:
    """The ACK of a refusal: part of the INVITE's own transaction (RFC 3261 §17.1.1.3)."""
    return _companion("ACK", invite, response.get_header("to") or "")


def cancel_of(invite: SipRequest) -> SipRequest:
    """RFC 3261 §9.1: everything as in the INVITE."""
    return _companion("CANCEL", invite, invite.get_header("to") or "")


def _companion(method: str, invite: SipRequest, to: str) -> SipRequest:
    request = SipRequest(method=method, uri=invite.uri)
    request.headers.append("Via", invite.headers.get("via")[0])
    for name in ("From", "Call-ID"):
        request.headers.set_single(name, invite.get_header(name) or "")
    request.headers.set_single("To", to)
    number = (invite.get_header("cseq") or "1").split()[0]
    request.headers.set_single("CSeq", f"{number} {method}")
    request.headers.set_single("Max-Forwards", "70")
    for route in invite.headers.get("route"):
        request.headers.append("Route", route)
    return request


def sipfrag_status(body: str) -> int:
    """The status a NOTIFY of a transfer tells (RFC 3515 §2.4.5); 0: none."""
    words = body.strip().split(None, 2)
    is_status = len(words) > 1 and words[0].upper().startswith("SIP/") and words[1].isdigit()
    return int(words[1]) if is_status else 0


def session_interval(value: str) -> tuple[int, str]:
    """Seconds and refresher (uac, uas or empty) of a Session-Expires header; 0: there is none."""
    seconds, _, rest = value.replace(" ", "").partition(";")
    refresher = next((part[10:] for part in rest.lower().split(";") if part.startswith("refresher=")), "")
    return (int(seconds) if seconds.isascii() and seconds.isdigit() else 0), refresher
