"""Who may call from a browser, and whom: tickets, origin, room and rate, looked at before anything is built.

A ticket is signed, lives minutes and is used once (`ivr.model.tickets`); it carries the claims.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit

import structlog
from fastapi import Request, Response
from pydantic import BaseModel, Field, ValidationError

from ivr.model.errors import BadQuery, NotAllowed
from ivr.model.tickets import Tickets
from ivr.web.knocks import Knocks
from ivr.web.problems import problem

Role = Literal["caller", "agent", "supervisor"]
Number = Annotated[str, Field(max_length=100, pattern=r"^(\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+|)$")]
Parameters = Annotated[dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)]],
                       Field(max_length=20)]  # fmt: skip

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a ticket says of who holds it."""

    role: Role
    called: str = ""
    """The number that picks the flow, for callers."""

    caller: str = ""
    """Their number or id, as the site knows them; may be empty."""

    offer: str = ""
    """Which offered call is being answered, for agents; which call is listened to, for supervisors."""

    params: Mapping[str, str] = field(default_factory=dict)


class Browsers(Protocol):
    """The call centre, as far as browsers see it."""

    def flow_for(self, called: str) -> str:
        """Which flow answers this number; empty: none."""

    def has_room(self, role: str) -> bool:
        """One more connection can be taken."""

    async def turn(self) -> bool:
        """Wait for one's turn to be set up; False: too many are being set up."""

    async def connect(self, claims: Claims, sdp: str) -> tuple[str, str]:
        """Our SDP and the id of the call, which goes on by itself.

        Raises:
            BadQuery: the offer is not one of an audio call.
            NotAllowed: nobody expects somebody in this role.
        """

    def ice_servers(self, who: str) -> list[dict[str, Any]]:
        """As `RTCConfiguration.iceServers`, with credentials that expire."""


class Counts(Protocol):
    def refused(self, why: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DoorRules:
    """Who may knock."""

    origins: Sequence[str] = ()
    """Sites whose pages may call, `https://shop.example`; our own always may."""

    public_url: str = ""
    is_public: bool = False
    """Anybody may have a ticket for `numbers`."""

    numbers: Sequence[str] = ()


class Offer(BaseModel):
    token: Annotated[str, Field(min_length=1, max_length=4096)]
    sdp: Annotated[str, Field(min_length=1, max_length=65536)]
    type: Literal["offer"] = "offer"


class Answer(BaseModel):
    sdp: str
    type: Literal["answer"] = "answer"
    call_id: str


class TicketOrder(BaseModel):
    """Whom the holder may call, and as whom."""

    called: Number = Field(description="One of our numbers, E.164: it picks the flow")
    caller: Annotated[str, Field(max_length=100, description="Who calls, as the record shall have it")] = ""
    params: Parameters = Field(default_factory=dict, description="Facts for the flow")


class PublicOrder(BaseModel):
    called: Number = Field(default="", description="One of our public numbers; empty: the first")


class Ticket(BaseModel):
    token: str
    expires_in: int
    """Seconds."""

    called: str
    ice_servers: list[dict[str, Any]]


class Refusal(Exception):
    """Answered with a problem document, and counted as `webrtc_…`."""

    def __init__(self, status: int, why: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.why, self.detail = status, why, detail


class WebRtcGate:
    """What stands before the call: tickets, origin, room, rate."""

    def __init__(
        self,
        browsers: Browsers,
        tickets: Tickets,
        rules: DoorRules,
        counts: Counts,
        knocks: Knocks,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.browsers, self.tickets, self.rules = browsers, tickets, rules
        self._counts, self._knocks, self._now = counts, knocks, now

    def issue(self, claims: Claims) -> Ticket:
        token = self.tickets.issue(asdict(claims), self._now(), secrets.token_hex(8))
        servers = self.browsers.ice_servers(secrets.token_hex(4))
        return Ticket(token=token, expires_in=int(self.tickets.seconds), called=claims.called, ice_servers=servers)

    def public_ticket(self, order: PublicOrder, address: str) -> Ticket:
        if not self.rules.is_public:
            raise Refusal(404, "not_public", "this server has no public phone (phone.public in config.yaml)")
        if not self._knocks.allows(address, time.monotonic()):
            raise Refusal(429, "too_many_tickets", "too many calls from your address; try again in a minute")
        called = order.called or next(iter(self.rules.numbers), "")
        if called not in self.rules.numbers:
            raise Refusal(404, "unknown_number", "this number cannot be called from here")
        if not self.browsers.has_room("caller"):
            raise Refusal(503, "no_room", "all lines are busy; try again in a moment")
        return self.issue(Claims("caller", called))

    async def answer(self, body: bytes) -> Answer:
        """Everything that can be refused without building anything is refused first."""
        offer = _offer(body)
        claims = self._claims(offer.token)
        if claims.role == "caller" and not self.browsers.flow_for(claims.called):
            raise Refusal(404, "unknown_number", "no flow answers the called number")
        if not self.browsers.has_room(claims.role):
            raise Refusal(503, "no_room", "all lines are busy; try again in a moment")
        if not await self.browsers.turn():
            raise Refusal(429, "too_many_setups", "too many calls are beginning at this moment; try again")
        try:
            sdp, call_id = await self.browsers.connect(claims, offer.sdp)
        except (BadQuery, NotAllowed) as error:
            status, why = (422, "bad_offer") if isinstance(error, BadQuery) else (403, "not_expected")
            raise Refusal(status, why, str(error)) from error
        except Exception as error:
            # aiortc raises what it stumbles over: ValueError, KeyError, AssertionError, its own.
            log.warning("an offer could not be answered", error=type(error).__name__)
            raise Refusal(422, "bad_offer", "sdp: it could not be understood") from error
        return Answer(sdp=sdp, call_id=call_id)

    def check_origin(self, request: Request) -> str:
        """The origin to allow in the answer; empty where the page is ours, or no page asks."""
        origin = request.headers.get("origin", "")
        if not origin or origin in self.rules.origins:
            return origin
        if urlsplit(origin).netloc in (request.headers.get("host"), urlsplit(self.rules.public_url).netloc):
            return ""
        raise Refusal(403, "foreign_origin", "pages of this site may not call here (webrtc.allowed_origins)")

    def ice_servers(self, authorization: str) -> list[dict[str, Any]]:
        """For who shows `Bearer <ticket>`, which stays unused."""
        try:
            self.tickets.read(authorization.removeprefix("Bearer ").strip(), self._now())
        except NotAllowed as error:
            raise Refusal(401, f"token_{error}", f"the token is {error}; ask for a new one") from error
        return self.browsers.ice_servers(secrets.token_hex(4))

    def refused(self, refusal: Refusal) -> Response:
        self._counts.refused(refusal.why if refusal.why in ("no_room", "unknown_number") else f"webrtc_{refusal.why}")
        log.warning("refused at the WebRTC door", fault=refusal.why)
        return problem(refusal.status, f"webrtc.{refusal.why}", refusal.detail)

    def _claims(self, token: str) -> Claims:
        try:
            return Claims(**self.tickets.use(token, self._now()))
        except NotAllowed as error:
            raise Refusal(401, f"token_{error}", f"the token is {error}; ask for a new one") from error


def _offer(body: bytes) -> Offer:
    try:
        return Offer.model_validate_json(body)
    except ValidationError as error:
        where = {".".join(map(str, found["loc"])) or "body" for found in error.errors()}
        raise Refusal(422, "unfit", f"send JSON with token, sdp and type; wrong: {', '.join(sorted(where))}") from error
