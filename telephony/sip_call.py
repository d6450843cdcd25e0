"""The signalling of one SIP call that was answered, whoever called: hold, keys, session timer, transfer, the end.

It tells its `Party` what happened and never touches sound. Repetition is the business of `sip_transactions`.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from aiosipua.message import SipRequest, SipResponse

from telephony.rtp_digits import digit_of_info
from telephony.sip_dialog import SipDialog
from telephony.sip_messages import ALLOW, SDP, reply, session_interval, sipfrag_status
from telephony.sip_sdp import AgreedSound, BadSdp, CodecName, NoCommonSound, read_sound, write_answer, write_offer
from telephony.sip_transactions import Handle, Later, Send, ServerTransaction, Transactions, on_loop

log = structlog.get_logger(__name__)


class Party(Protocol):
    """Whom a call tells."""

    def sound_agreed(self, agreed: AgreedSound) -> None: ...

    def key_pressed(self, digit: str, source: str = "events") -> None: ...

    def over(self, reason: str) -> None:
        """caller or network; never for what we did ourselves."""


def new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"


@dataclass(slots=True, eq=False)
class SipCall:
    """`rtp` is where we want sound, as peers are told."""

    dialog: SipDialog
    transactions: Transactions
    send: Send
    party: Party
    rtp: tuple[str, int]
    codecs: tuple[CodecName, ...]
    on_gone: Callable[[], None]
    """The dialogue need not be found any more."""

    later: Later = on_loop
    is_over: bool = False
    peer_updates: bool = False
    """The peer takes UPDATE: the session is refreshed without touching the sound."""

    agreed: AgreedSound | None = None
    _version: int = 1
    _invite: ServerTransaction | None = None
    """The INVITE whose 200 waits for its ACK."""

    _we_offered: bool = False
    _interval: int = 0
    _we_refresh: bool = False
    _timer: Handle | None = None
    _referred: "asyncio.Future[int] | None" = None
    _is_asking: bool = field(default=False)

    def accept(self, invite: ServerTransaction, agreed: AgreedSound | None, interval: int, refresher: str) -> None:
        """Answer the first INVITE, or a later one of the same call. `agreed` None: it made no offer, so we do."""
        self._invite, self._we_offered = invite, agreed is None
        invite.on_unacknowledged = self.lost
        self._version += 1
        if agreed is None:
            body = write_offer(self.codecs, *self.rtp, self._version)
        else:
            body = write_answer(agreed, *self.rtp, self._version)
        headers = {"Contact": f"<{self.dialog.contact}>", "Allow": ALLOW}
        if interval:
            headers["Session-Expires"] = f"{interval};refresher={refresher}"
            headers["Supported"] = "timer"
            if refresher == "uac":
                headers["Require"] = "timer"
        self.peer_updates = "UPDATE" in " ".join(invite.request.headers.get("allow")).upper()
        invite.answer(reply(invite.request, 200, self.dialog.local_tag, headers, body))
        if agreed is not None:
            self._agree(agreed)
        self.keep_session(interval, we_refresh=refresher == "uas")

    def acknowledge(self, ack: SipRequest, number: int) -> None:
        """The peer has our 200; where we had to make the offer, its answer is in the ACK."""
        if self._invite is None or self._invite.essentials.number != number:
            return
        self._invite.acknowledged()
        self._invite = None
        if self._we_offered:
            self._we_offered = False
            try:
                self._agree(read_sound(ack.text, self.codecs))
            except (BadSdp, NoCommonSound) as error:
                log.warning("the answer to our offer cannot be used", code=error.code)
                self.lost()

    def take(self, transaction: ServerTransaction) -> None:
        """Any request inside the dialogue but ACK."""
        request, seen = transaction.request, transaction.essentials
        if self.is_over:
            return self._refuse(transaction, 481)
        if not self.dialog.is_in_order(seen):
            return self._refuse(transaction, 500)
        match request.method:
            case "BYE":
                self._refuse(transaction, 200)
                self._end("caller")
            case "INVITE" | "UPDATE":
                self._renegotiate(transaction)
            case "INFO":
                self._refuse(transaction, 200)
                if digit := digit_of_info(request.content_type or "", request.text):
                    self.party.key_pressed(digit, "info")
            case "NOTIFY":
                self._notified(transaction)
            case "OPTIONS":
                self._refuse(transaction, 200)
            case _:
                self._refuse(transaction, 405)

    def keep_session(self, interval: int, *, we_refresh: bool) -> None:
        """RFC 4028: who refreshes does so at half the time; who does not is gone a while before the end of it."""
        self._interval, self._we_refresh = interval, we_refresh
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if interval and not self.is_over:
            wait = interval / 2 if we_refresh else interval - min(32.0, interval / 3)
            self._timer = self.later(wait, self._refresh if we_refresh else self.lost)

    def bye(self) -> None:
        """We hang up. Repeated until the peer has it."""
        if not self.is_over:
            self._close()
            self._ask("BYE", lambda response: self.on_gone())

    def lost(self) -> None:
        """Nobody is there any more: say goodbye all the same."""
        if not self.is_over:
            self.bye()
            self.party.over("network")

    async def refer(self, address: str, seconds: float) -> int:
        """Ask the peer to call `address` in our place (RFC 3515) and wait for what becomes of it.

        Returns: the final SIP status the peer reports; 408 if it reports none in time, 487 if the call ended meanwhile.
        """
        self._referred = asyncio.get_running_loop().create_future()
        referred = self._referred

        def answered(response: SipResponse | None) -> None:
            status = response.status_code if response else 408
            if status >= 300 and not referred.done():
                referred.set_result(status)

        self._ask(
            "REFER", answered, {"Refer-To": f"<{address}>", "Referred-By": self.dialog.local.partition(";tag=")[0]}
        )
        try:
            async with asyncio.timeout(seconds):
                return await referred
        except TimeoutError:
            return 408
        finally:
            self._referred = None

    def _renegotiate(self, transaction: ServerTransaction) -> None:
        """Hold, resume, another codec, another address; or a refresh that changes nothing."""
        request = transaction.request
        if self._is_asking or self._invite is not None:
            return self._refuse(transaction, 491)
        interval, refresher = session_interval(request.get_header("session-expires") or "")
        interval = interval or self._interval
        refresher = refresher or ("uas" if self._we_refresh else "uac")
        agreed = None
        if request.body:
            try:
                agreed = read_sound(request.text, self.codecs)
            except BadSdp:
                return self._refuse(transaction, 400)
            except NoCommonSound:
                return self._refuse(transaction, 488)  # the call goes on as it was
        if request.method == "INVITE":
            return self.accept(transaction, agreed, interval, refresher)
        self._version += 1
        body = write_answer(agreed, *self.rtp, self._version) if agreed else ""
        headers = {"Session-Expires": f"{interval};refresher={refresher}"} if interval else {}
        headers["Contact"] = f"<{self.dialog.contact}>"
        transaction.answer(reply(request, 200, self.dialog.local_tag, headers, body))
        if agreed:
            self._agree(agreed)
        self.keep_session(interval, we_refresh=refresher == "uas")

    def _notified(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if (request.get_header("event") or "").partition(";")[0].strip().lower() != "refer":
            return self._refuse(transaction, 489)
        self._refuse(transaction, 200)
        status = sipfrag_status(request.text)
        if status >= 200 and self._referred and not self._referred.done():
            self._referred.set_result(status)

    def _refresh(self) -> None:
        self._timer = None
        headers = {"Session-Expires": f"{self._interval};refresher=uac", "Supported": "timer"}
        if self.peer_updates:
            self._ask("UPDATE", self._refreshed, headers)
        elif self.agreed is not None:
            self._is_asking = True
            direction = self.agreed.direction
            body = write_offer((self.agreed.codec,), *self.rtp, self._version, direction)
            self._ask("INVITE", self._refreshed, headers, body)

    def _refreshed(self, response: SipResponse | None) -> None:
        if response is not None and response.status_code < 200:
            return
        self._is_asking = False
        if response is None or response.status_code in (408, 481):
            return self.lost()
        if response.status_code < 300 and (response.cseq and response.cseq.method == "INVITE"):
            self.send(self.dialog.ack(response, new_branch()), self.dialog.peer)
        self.keep_session(self._interval, we_refresh=True)

    def _agree(self, agreed: AgreedSound) -> None:
        self.agreed = agreed
        self.party.sound_agreed(agreed)

    def _refuse(self, transaction: ServerTransaction, status: int) -> None:
        """Any answer without a body; 200 too."""
        headers = {"Allow": ALLOW, "Accept": SDP} if status in (405, 200) else {}
        transaction.answer(reply(transaction.request, status, self.dialog.local_tag, headers))

    def _ask(
        self,
        method: str,
        on_reply: Callable[[SipResponse | None], None],
        headers: dict[str, str] | None = None,
        body: str = "",
    ) -> None:
        branch = new_branch()
        request = self.dialog.request(method, branch, headers, body)
        self.transactions.request(request, branch, self.dialog.peer, on_reply)

    def _end(self, reason: str) -> None:
        self._close()
        self.on_gone()
        self.party.over(reason)

    def _close(self) -> None:
        self.is_over = True
        self.keep_session(0, we_refresh=False)
        if self._invite:
            self._invite.acknowledged()
        if self._referred and not self._referred.done():
            self._referred.set_result(487)
