"""Past calls held again with another version: journals out of the store, versions made ready, no sound anywhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.call.dialogue import FlowDialogue
from ivr.call.replay import Candidate, Replayed, compare
from ivr.config import Config
from ivr.model.calls import CallRecord, JournalEntry
from ivr.model.errors import NotThere
from ivr.store.archive import CallArchive, CallFilter
from ivr.store.flow_versions import FlowVersion, FlowVersions
from ivr.wiring.flows import FlowShelf
from ivr.wiring.versions import flow_of, named_version

PAGE = 200


@dataclass(slots=True)
class Replaying:
    config: Config
    store: FlowVersions
    archive: CallArchive
    _ready: dict[str, Candidate] = field(default_factory=dict)

    async def run(self, name: str, wanted: str, since: datetime, most: int = 500) -> Replayed:
        """Compare a version with what each call was held with; with what is live where that was not published.

        Args:
            name: of the flow: bank/hotline.
            wanted: a version, `live` or `draft`.
            since: calls that arrived from then on, at most `most`, newest first.

        Raises:
            NotThere: there is no such version, or nothing to compare with.
            FlowProblems: the draft has an error.
        """
        return await self.against(await named_version(self.config, self.store, name, wanted), since, most)

    async def against(self, tried: FlowVersion, since: datetime, most: int = 500) -> Replayed:
        """The same with a version that is nowhere kept yet.

        Raises:
            NotThere: there is nothing to compare with.
        """
        name = tried.flow
        kept = {one.version: one for one in await self.store.versions(name)}
        live = (await self.store.live()).get(name)
        if live is None:
            raise NotThere(f"{name} was never published, so there is nothing to compare with: ivr flow publish {name}")
        calls = [call for call in await self._calls(name, since, most) if call.answered_at and call.ended_at]
        before = {}
        for call in calls:
            version = kept.get(call.flow_version) or kept[live.version]
            before[call.call_id] = await asyncio.to_thread(self._candidate, version)
        journals: dict[str, Sequence[JournalEntry]] = {
            call.call_id: await self.archive.journal(call.call_id) for call in calls
        }
        languages = {call.call_id: call.language for call in calls}
        after = await asyncio.to_thread(self._candidate, tried)
        return await asyncio.to_thread(compare, journals, languages, before, after, since)

    async def _calls(self, name: str, since: datetime, most: int) -> list[CallRecord]:
        found: list[CallRecord] = []
        cursor = ""
        while len(found) < most:
            wanted = CallFilter(since=since, flow=name, limit=min(PAGE, most - len(found)), cursor=cursor)
            page = await self.archive.page(wanted)
            found += page.calls
            cursor = page.next_cursor
            if not cursor:
                break
        return found

    def _candidate(self, version: FlowVersion) -> Candidate:
        if version.version not in self._ready:
            shelf = FlowShelf(self.config)
            dialogue: FlowDialogue = shelf.learned(version.flow, flow_of(version))
            facts = {"bank_url": "http://replay.invalid", **self.config.facts, "call_id": "replay"}
            self._ready[version.version] = Candidate(dialogue, shelf.understanding(dialogue), facts)
        return self._ready[version.version]
