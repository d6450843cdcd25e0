"""Results of campaigns as deliveries: a shelf of `ivr.wiring.courier` over the letters that the cases wrote."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.campaigns.campaign import Campaign
from ivr.model.campaign_ports import CampaignBook
from ivr.model.campaigns import Letter
from ivr.model.webhooks import Delivery


@dataclass(frozen=True, slots=True)
class ResultShelf:
    campaigns: Mapping[str, Campaign]
    book: CampaignBook

    async def due(self, now: float, most: int) -> Sequence[Delivery]:
        """A campaign without a webhook only keeps its results."""
        letters = await self.book.letters(_at(now), most)
        kept = [one for one in letters if not self._webhook(one)]
        await asyncio.gather(*(self.book.letter_delivered(one.letter_id, _at(now)) for one in kept))
        sent = [(one, url) for one in letters if (url := self._webhook(one))]
        return [Delivery(one.letter_id, url, one.body, one.tries, now) for one, url in sent]

    async def take(self, one: Delivery, until: float) -> bool:
        return await self.book.hold_letter(one.delivery_id, _at(one.due_at), _at(until))

    async def postpone(self, one: Delivery, trouble: str, due_at: float) -> None:
        await self.book.letter_failed(one.delivery_id, trouble, _at(due_at))

    async def delivered(self, one: Delivery, at: float) -> None:
        await self.book.letter_delivered(one.delivery_id, _at(at))

    async def give_up(self, one: Delivery, trouble: str) -> None:
        """It stays in the books, and somebody must look."""
        await self.book.letter_failed(one.delivery_id, trouble, None)

    def _webhook(self, letter: Letter) -> str:
        campaign = self.campaigns.get(letter.campaign)
        return campaign.webhook if campaign else ""


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
