"""Pure: the dialogue of one SIP call: who both ends are, and the requests we write inside it (RFC 3261 §12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiosipua.headers import stringify_uri
from aiosipua.message import SipRequest, SipResponse

from telephony.sip_messages import SDP, Address, Essentials, contact_of
from telephony.sip_settings import Transport


@dataclass(slots=True)
class SipDialog:
    """`near` is `host:port` as we are told to peers, `peer` where requests are sent: the trunk, which is also the
    first hop of any route it recorded."""

    call_id: str
    near: str
    peer: Address
    user_agent: str
    local: str
    """Our address with our tag, as in From."""

    remote: str
    """The peer's, as in To."""

    local_tag: str
    remote_tag: str
    remote_target: str
    routes: list[str] = field(default_factory=list)
    number: int = 0
    """CSeq of our last request."""

    peer_number: int = 0
    branches: int = 0
    transport: Transport = "udp"

    @property
    def contact(self) -> str:
        """The address at which the peer finds us."""
        return f"sip:{self.near}" + ("" if self.transport == "udp" else f";transport={self.transport}")

    def accepts(self, seen: Essentials) -> bool:
        """A request of the peer's belongs here."""
        return seen.from_tag == self.remote_tag and seen.to_tag == self.local_tag

    def is_in_order(self, seen: Essentials) -> bool:
        """It is newer than the last one (RFC 3261 §12.2.2)."""
        if seen.number <= self.peer_number:
            return False
        self.peer_number = seen.number
        return True

    def request(
        self, method: str, branch: str, headers: Mapping[str, str] | None = None, body: str = "", kind: str = SDP
    ) -> SipRequest:
        """The next request; an ACK keeps the number of its INVITE (`ack`)."""
        self.number += 1
        return self._write(method, self.number, branch, headers or {}, body, kind)

    def ack(self, response: SipResponse, branch: str, body: str = "") -> SipRequest:
        """Of a 2xx: end to end, with a branch of its own."""
        cseq = response.cseq
        return self._write("ACK", cseq.seq if cseq else self.number, branch, {}, body, SDP)

    def answered_by(self, response: SipResponse) -> None:
        """Take the peer's tag, address and route from a reply to our INVITE."""
        to = response.to_addr
        self.remote_tag = (to.tag if to else "") or ""
        self.remote = response.get_header("to") or self.remote
        self.remote_target = contact_of(response) or self.remote_target
        self.routes = list(reversed(response.headers.get("record-route")))

    def _write(
        self, method: str, number: int, branch: str, headers: Mapping[str, str], body: str, kind: str
    ) -> SipRequest:
        request = SipRequest(method=method, uri=self.remote_target)
        request.headers.append("Via", f"SIP/2.0/{self.transport.upper()} {self.near};branch={branch};rport")
        request.headers.set_single("From", self.local)
        request.headers.set_single("To", self.remote)
        request.headers.set_single("Call-ID", self.call_id)
        request.headers.set_single("CSeq", f"{number} {method}")
        request.headers.set_single("Max-Forwards", "70")
        request.headers.set_single("User-Agent", self.user_agent)
        if method != "BYE":
            request.headers.set_single("Contact", f"<{self.contact}>")
        for route in self.routes:
            request.headers.append("Route", route)
        for name, value in headers.items():
            request.headers.set_single(name, value)
        if body:
            request.headers.set_single("Content-Type", kind)
            request.text = body
        return request


def dialog_of_invite(
    invite: SipRequest,
    seen: Essentials,
    near: str,
    peer: Address,
    user_agent: str,
    tag: str,
    transport: Transport = "udp",
) -> SipDialog:
    """Our side of a call that came in."""
    sender = invite.from_addr
    fallback = stringify_uri(sender.uri) if sender else ""
    to = invite.get_header("to") or ""
    return SipDialog(
        call_id=seen.call_id,
        near=near,
        peer=peer,
        user_agent=user_agent,
        local=f"{to};tag={tag}",
        remote=invite.get_header("from") or "",
        local_tag=tag,
        remote_tag=seen.from_tag,
        remote_target=contact_of(invite) or fallback,
        routes=list(invite.headers.get("record-route")),
        peer_number=seen.number,
        transport=transport,
    )


def new_dialog(
    near: str, user_agent: str, peer: Address, sender: str, target: str, unique: str, transport: Transport = "udp"
) -> SipDialog:
    """Our side of a call, or of a question, that goes out. `unique` is random, at least 16 characters."""
    return SipDialog(
        call_id=f"{unique}@{near.partition(':')[0]}",
        near=near,
        peer=peer,
        user_agent=user_agent,
        local=f"<{sender}>;tag={unique[:16]}",
        remote=f"<{target}>",
        local_tag=unique[:16],
        remote_tag="",
        remote_target=target,
        transport=transport,
    )
