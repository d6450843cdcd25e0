"""Results on their way to a customer's systems: from the outbox, signed, again and again until they are taken."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from ivr.campaigns.campaign import Campaign
from ivr.model.campaign_ports import CampaignBook
from ivr.model.campaigns import Letter
from ivr.model.errors import IvrError
from ivr.model.ports import Clock
from ivr.model.signing import signature

PAUSES = (2.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0)
"""Seconds after each failure, spread over some seven hours; then a person must look."""

LOOK_SECONDS = 2.0
AT_ONCE = 20

Send = Callable[[str, bytes, Mapping[str, str]], Awaitable[str]]
"""Address, body, headers: empty when it was taken (2xx), else why not. Never raises."""

log = structlog.get_logger(__name__)


class Post:
    """One task. A letter may arrive twice (a crash between taking and noting); its id tells."""

    def __init__(
        self, campaigns: Mapping[str, Campaign], book: CampaignBook, send: Send, secret: str, clock: Clock
    ) -> None:
        self._campaigns, self._book, self._send, self._secret, self._clock = campaigns, book, send, secret, clock
        self.wake = asyncio.Event()

    async def run(self) -> None:
        while True:
            self.wake.clear()
            try:
                letters = await self._book.letters(self._clock.utc(), AT_ONCE)
                await asyncio.gather(*(self.deliver(letter) for letter in letters))
            except IvrError as error:
                log.warning("results cannot be sent just now", code=error.code)
                letters = []
            if len(letters) < AT_ONCE:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self.wake.wait()
        except TimeoutError:
            pass

    async def deliver(self, letter: Letter) -> None:
        campaign = self._campaigns.get(letter.campaign)
        now = self._clock.utc()
        if campaign is None or not campaign.webhook:
            return await self._book.letter_delivered(letter.letter_id, now)
        body, timestamp = letter.body.encode(), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json", "X-Ivr-Timestamp": timestamp, "Idempotency-Key": letter.letter_id,
            "X-Ivr-Signature": f"sha256={signature(self._secret, timestamp, body)}",
        }  # fmt: skip
        trouble = await self._send(campaign.webhook, body, headers)
        if not trouble:
            return await self._book.letter_delivered(letter.letter_id, self._clock.utc())
        again = timedelta(seconds=PAUSES[letter.tries]) if letter.tries < len(PAUSES) else None
        log.warning("a result was not taken", case_id=letter.case_id, trouble=trouble, tries=letter.tries + 1)
        await self._book.letter_failed(letter.letter_id, trouble, self._clock.utc() + again if again else None)
