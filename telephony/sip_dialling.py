"""One INVITE of ours, from its sending to its answer: digest, early sound, refusal, CANCEL, answers that cross it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosipua.auth import SipDigestAuth, answer_challenge
from aiosipua.message import SipRequest, SipResponse

from ivr.model.errors import CallFailed
from telephony.sip_call import SipCall, new_branch
from telephony.sip_dialog import SipDialog
from telephony.sip_line import SipLine
from telephony.sip_messages import ALLOW, SDP, cancel_of, session_interval
from telephony.sip_sdp import BadSdp, NoCommonSound, read_sound, write_offer
from telephony.sip_settings import SipSettings, SipTrunkSettings

CANCELLED_SECONDS = 5.0
"""How long we wait for the end of a call that we cancelled."""

OUTCOMES = {
    401: "rejected", 403: "rejected", 407: "rejected", 603: "rejected", 607: "rejected", 608: "rejected",
    404: "unreachable", 410: "unreachable", 484: "unreachable", 502: "unreachable", 604: "unreachable",
    408: "no_answer", 480: "no_answer", 487: "no_answer",
    486: "busy", 600: "busy",
}  # fmt: skip
"""RFC 3261 §21 in our words; every other refusal is `failed`."""


def outcome_of(status: int) -> str:
    return OUTCOMES.get(status, "failed")


@dataclass(slots=True, eq=False)
class Dialling:
    """`answer` is done when the call is answered, or fails with CallFailed."""

    call: SipCall
    line: SipLine
    trunk: SipTrunkSettings
    settings: SipSettings
    answer: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    rang: Callable[[], None] = lambda: None
    """Told once, when the far end says that it rings (180, 183)."""

    _invite: SipRequest | None = None
    _has_tried: bool = False
    _has_credentials: bool = False
    _is_cancelled: bool = False
    _is_proceeding: bool = False
    _is_ringing: bool = False
    _interval: int = 0
    _tag: str = ""

    @property
    def is_answered(self) -> bool:
        return self.answer.done() and self.answer.exception() is None

    @property
    def dialog(self) -> SipDialog:
        return self.call.dialog

    def start(self) -> None:
        self._interval = self.settings.session_seconds
        self._send_invite({})

    def cancel(self) -> None:
        """The far end stops ringing. Before it has said anything CANCEL may not be sent (RFC 3261 §9.1)."""
        if not self._is_cancelled and not self.answer.done():
            self._is_cancelled = True
            if self._is_proceeding:
                self._send_cancel()

    def _send_invite(self, headers: dict[str, str]) -> None:
        offer = write_offer(self.settings.codecs, *self.call.rtp, 1)
        wanted = {"Supported": "timer", "Allow": ALLOW, "Min-SE": str(self.settings.least_session_seconds), **headers}
        if self._interval:
            wanted["Session-Expires"] = str(self._interval)
        branch = new_branch()
        self._invite = self.dialog.request("INVITE", branch, wanted, offer)
        self._is_proceeding = False
        self.call.transactions.request(self._invite, branch, self.dialog.peer, self._replied)

    def _send_cancel(self) -> None:
        assert self._invite is not None
        branch = self._invite.via[0].branch or ""
        self.call.transactions.request(cancel_of(self._invite), branch, self.dialog.peer, lambda response: None)

    def _replied(self, response: SipResponse | None) -> None:
        if response is None:
            return self._failed(CallFailed("unreachable", "the trunk does not answer"))
        status = response.status_code
        if status < 200:
            return self._proceeding(response)
        if status < 300:
            return self._answered(response)
        if self._is_cancelled:
            return self._failed(CallFailed("no_answer", "cancelled"))
        if status in (401, 407) and not self._has_credentials and self._authenticate(response):
            return None
        if status == 422 and not self._has_tried and self._lengthen(response):
            return None
        return self._failed(CallFailed(outcome_of(status), f"the trunk refused the call: status {status}"))

    def _proceeding(self, response: SipResponse) -> None:
        was_proceeding, self._is_proceeding = self._is_proceeding, True
        if self._is_cancelled:
            return None if was_proceeding else self._send_cancel()
        if response.status_code > 100 and not self._is_ringing:
            self._is_ringing = True
            self.rang()
        if response.status_code > 100 and response.content_type == SDP and response.body:
            self._agree(response)
        return None

    def _answered(self, response: SipResponse) -> None:
        to = response.to_addr
        tag = (to.tag if to else "") or ""
        if self.answer.done() and tag == self._tag:
            return self._acknowledge(response)  # our ACK was lost
        if self.answer.done() or self._is_cancelled:
            return self._turn_away(response)
        self._tag = tag
        self.dialog.answered_by(response)
        self._acknowledge(response)
        has_sound = bool(response.body) and self._agree(response)
        if not has_sound and self.call.agreed is None:
            self.call.bye()
            return self._failed(CallFailed("failed", "the answer of the trunk has no sound we speak"))
        interval, refresher = session_interval(response.get_header("session-expires") or "")
        self.call.peer_updates = "UPDATE" in " ".join(response.headers.get("allow")).upper()
        self.call.keep_session(interval, we_refresh=refresher != "uas")
        self.line.answered()
        self.answer.set_result(None)
        return None

    def _agree(self, response: SipResponse) -> bool:
        try:
            agreed = read_sound(response.text, self.settings.codecs)
        except (BadSdp, NoCommonSound):
            return False
        self.call.agreed = agreed
        self.line.sound_agreed(agreed)
        return True

    def _acknowledge(self, response: SipResponse) -> None:
        self.call.send(self.dialog.ack(response, new_branch()), self.dialog.peer)

    def _turn_away(self, response: SipResponse) -> None:
        """A second phone answered too, or the answer crossed our CANCEL: acknowledge it, then hang up on it."""
        own = self.dialog
        other = SipDialog(
            own.call_id, own.near, own.peer, own.user_agent, own.local, own.remote, own.local_tag, "",
            own.remote_target, transport=own.transport,
        )  # fmt: skip
        other.number = own.number
        other.answered_by(response)
        self.call.send(other.ack(response, new_branch()), other.peer)
        branch = new_branch()
        bye = other.request("BYE", branch)
        self.call.transactions.request(bye, branch, other.peer, lambda answer: None)
        self._failed(CallFailed("no_answer", "cancelled"))

    def _authenticate(self, response: SipResponse) -> bool:
        """Answer a challenge, once."""
        self._has_credentials = True
        if not self.trunk.password or self._invite is None:
            return False
        auth = SipDigestAuth(self.trunk.user, self.trunk.password)
        header = answer_challenge(auth, response, response.status_code, "INVITE", self._invite.uri)
        if header is not None:
            self._send_invite({header[0]: header[1]})
        return header is not None

    def _lengthen(self, response: SipResponse) -> bool:
        """The session timer we asked for is too short for the peer (RFC 4028 §6)."""
        self._has_tried = True
        least, _ = session_interval(response.get_header("min-se") or "")
        if least <= self._interval:
            return False
        self._interval = least
        self._send_invite({"Min-SE": str(least)})
        return True

    def _failed(self, error: CallFailed) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


async def answer_in_time(dialling: Dialling, ring_seconds: float) -> None:
    """Send the INVITE and wait for its answer; cancelled with the caller of this.

    Raises:
        CallFailed: no answer.
    """
    dialling.start()
    dialling.answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())  # may come too late
    try:
        async with asyncio.timeout(ring_seconds):
            await asyncio.shield(dialling.answer)
    except TimeoutError as error:
        dialling.cancel()
        await asyncio.wait([dialling.answer], timeout=CANCELLED_SECONDS)
        if dialling.is_answered:
            return  # in the last moment, before our CANCEL could be sent
        raise CallFailed("no_answer", "nobody answered in time") from error
    finally:
        if not dialling.is_answered:
            dialling.cancel()
            dialling.call.is_over = True
