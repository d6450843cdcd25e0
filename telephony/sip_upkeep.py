"""Between calls: is the trunk there (OPTIONS), does it know where we are (REGISTER), and what is its address now."""

import asyncio
import secrets

import structlog
from aiosipua.auth import SipDigestAuth, answer_challenge
from aiosipua.message import SipResponse

from ivr.model.errors import CallFailed
from telephony.sip_call import new_branch
from telephony.sip_dialog import SipDialog, new_dialog
from telephony.sip_server import SipServer
from telephony.sip_settings import SipTrunkSettings

REGISTERED_SECONDS = 300
RETRY_SECONDS = 30.0
SHORTEST_SECONDS = 5.0

log = structlog.get_logger(__name__)


class SipUpkeep:
    """One trunk's. `run` goes on until cancelled; `is_up` says whether the last question was answered."""

    def __init__(self, server: SipServer, trunk: SipTrunkSettings) -> None:
        self._server, self.trunk = server, trunk
        self.is_up = False
        self._registration: SipDialog | None = None

    async def run(self) -> None:
        while True:  # noqa: ASYNC110 - a timer, not a wait for anything
            await asyncio.sleep(await self.once())

    async def once(self) -> float:
        """Ask once, and return the seconds until the next time."""
        trunk = self.trunk
        try:
            peer = await self._server.reach(trunk)
        except CallFailed as error:
            log.warning("trunk is not reachable", trunk=trunk.name, reason=str(error))
            self._told(is_up=False, status=0)
            return RETRY_SECONDS
        self._server.gate.allow(peer[0], trunk)
        if trunk.registers:
            return await self._register(peer)
        if not trunk.keep_alive_seconds:
            return RETRY_SECONDS
        target = f"sip:{trunk.target[0]}:{trunk.target[1]}"
        response = await self._ask(self._question(peer, f"sip:{self._server.near()}", target), "OPTIONS", {})
        # any answer at all says that somebody is there; many trunks refuse OPTIONS
        self._told(is_up=response is not None, status=response.status_code if response else 0)
        return trunk.keep_alive_seconds

    async def _register(self, peer: tuple[str, int]) -> float:
        trunk = self.trunk
        if self._registration is None:
            self._registration = self._question(
                peer, f"sip:{trunk.user}@{trunk.host}", f"sip:{trunk.user}@{trunk.host}"
            )
            self._registration.remote_target = f"sip:{trunk.host}"
        dialog = self._registration
        dialog.peer = peer
        headers = {
            "Contact": f"<{dialog.contact.replace('sip:', f'sip:{trunk.user}@')}>",
            "Expires": str(REGISTERED_SECONDS),
        }
        response = await self._ask(dialog, "REGISTER", headers)
        if response is not None and response.status_code in (401, 407):
            auth = SipDigestAuth(trunk.user, trunk.password)
            answer = answer_challenge(auth, response, response.status_code, "REGISTER", dialog.remote_target)
            if answer is not None:
                response = await self._ask(dialog, "REGISTER", {**headers, answer[0]: answer[1]})
        is_up = response is not None and response.status_code < 300
        self._told(is_up=is_up, status=response.status_code if response else 0)
        if response is None or not is_up:
            return RETRY_SECONDS
        granted = response.get_header("expires") or ""
        seconds = int(granted) if granted.isascii() and granted.isdigit() else REGISTERED_SECONDS
        return max(SHORTEST_SECONDS, seconds / 2)

    def _question(self, peer: tuple[str, int], sender: str, target: str) -> SipDialog:
        server, transport = self._server, self.trunk.transport
        near, unique = server.near(transport), secrets.token_hex(12)
        return new_dialog(near, server.settings.user_agent, peer, sender, target, unique, transport)

    async def _ask(self, dialog: SipDialog, method: str, headers: dict[str, str]) -> SipResponse | None:
        answer: asyncio.Future[SipResponse | None] = asyncio.get_running_loop().create_future()

        def replied(response: SipResponse | None) -> None:
            if not answer.done() and (response is None or response.status_code >= 200):
                answer.set_result(response)

        branch = new_branch()
        self._server.transactions.request(dialog.request(method, branch, headers), branch, dialog.peer, replied)
        return await answer

    def _told(self, *, is_up: bool, status: int) -> None:
        if is_up != self.is_up:
            log.info("trunk is up" if is_up else "trunk is down", trunk=self.trunk.name, status=status)
        self.is_up = is_up
