"""What the console works with: flows in the folder, tried and tested beside the calls, and everything else there is."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.text_call import TextCall
from ivr.config import Config, Number
from ivr.console.alarms import alert_of
from ivr.console.frame import Frame
from ivr.console.house import Draft, House, Rehearsed
from ivr.console.pages import console_pages
from ivr.flow.check_surroundings import Surroundings
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts, read_flow
from ivr.flow.problems import ConversationsFailed, Problem
from ivr.insight.feeling import Feeling
from ivr.model.commands import Fetch
from ivr.model.errors import NotNow, NotThere, StoreError
from ivr.model.events import Fetched
from ivr.routing.effects import Effect, Record
from ivr.store.calls import SqlCallStore
from ivr.store.flow_versions import By, FlowVersions, LiveFlow
from ivr.web.fetcher import HttpFetcher
from ivr.web.live import LiveCalls
from ivr.web.security import Door
from ivr.wiring.campaigns import CampaignWires
from ivr.wiring.console_rooms import campaign_room, insight_room, trainer_room
from ivr.wiring.flows import FlowShelf, surroundings_of, wordings
from ivr.wiring.insight import InsightWires
from ivr.wiring.publishing import PublishedFlows
from ivr.wiring.rehearsing import conversations_of, rehearsed
from ivr.wiring.routing import RoutingWires
from ivr.wiring.sound import sound_eraser
from ivr.wiring.versions import NAME, FlowDesk
from ivr.wiring.webrtc import WebRtcWires

FETCH_SECONDS = 15.0


class Running(Protocol):
    """The server that is looked at; `ivr.wiring.server.Centre` is it."""

    @property
    def config(self) -> Config: ...

    @property
    def store(self) -> SqlCallStore: ...

    @property
    def live(self) -> LiveCalls: ...

    @property
    def routing(self) -> RoutingWires: ...

    @property
    def flows(self) -> FlowShelf: ...

    @property
    def published(self) -> PublishedFlows: ...

    @property
    def insight(self) -> InsightWires: ...

    @property
    def campaigns(self) -> CampaignWires | None: ...

    @property
    def webrtc(self) -> WebRtcWires | None: ...


def console_wires(centre: Running, door: Door) -> Callable[[Frame], None]:
    """The pages of the console, for `serve_console`; they are told when a call or a queue changes."""
    config, store, routing = centre.config, centre.store, centre.routing
    house = House(
        archive=store.archive, looks=store, audit=store.audit, accounts=store.accounts, versions=store.flows,
        workshop=FlowWorkshop(config, store.flows, centre.published, centre.flows.facts), routing=routing.dispatcher,
        agents=routing.book, live=centre.live, door=door, utc=lambda: datetime.now(UTC),
        satisfaction=store.satisfaction,
        supervise=_at_the_desk if centre.webrtc else None, erase_sound=sound_eraser(config, store), cases=store.cases,
        insight=insight_room(centre), trainer=trainer_room(centre), campaigns=campaign_room(centre.campaigns),
    )  # fmt: skip
    assert house.insight
    house.insight.alarms.told = house.pulse.beat
    centre.insight.moods.told.append(house.insight.alarms.raised)

    alarms = house.insight.alarms

    def saw(effect: Effect, now: float) -> None:
        if isinstance(effect, Record) and (alert := alert_of(effect.event)):
            alarms.raised(effect.event.entry_id.partition(".")[0], alert, False)
        house.pulse.beat()

    routing.dispatcher.watchers.append(saw)
    centre.live.on_change = house.pulse.beat
    return console_pages(house)


async def _at_the_desk(call_id: str, mode: str, supervisor: str) -> str:
    """Supervisors join talks on a page of the desk, which has the microphone."""
    return f"/desk/supervise?{urlencode({'call': call_id, 'mode': mode})}"


@dataclass(slots=True)
class FlowWorkshop:
    """Implements `ivr.console.house.Workshop` on the folder of flows."""

    config: Config
    versions: FlowVersions
    published: PublishedFlows
    facts: Mapping[str, str]
    _learned: dict[tuple[str, str], tuple[FlowDialogue, FlowShelf]] = field(default_factory=dict)
    """The last draft of each flow that somebody tried: the next question to it need not wait."""

    @property
    def folder(self) -> Path:
        return self.config.flows.folder

    @property
    def broken(self) -> Mapping[str, str]:
        return self.published.broken

    def names(self) -> Sequence[str]:
        files = [path for path in self.folder.glob("*/*.yaml") if _is_flow(path)]
        return sorted({path.relative_to(self.folder).with_suffix("").as_posix() for path in files} | set(self.served()))

    def served(self) -> Mapping[str, str]:
        return self.published.served()

    def titles(self, language: str) -> Mapping[str, str]:
        found = (each.flow for each in self.published.shelf.flows.values())
        intents = (one for flow in found for file in flow.files.values() for one in file.intents.items())
        return {name: words[0] for name, intent in intents if (words := intent.title.get(language))}

    async def draft(self, flow: str) -> Draft:
        return await asyncio.to_thread(self._draft, flow) or await self._published_draft(flow)

    def _draft(self, flow: str) -> Draft | None:
        """What the flow's file leads to; also of one that has mistakes."""
        main = self.folder / f"{flow}.yaml"
        if not NAME.fullmatch(flow) or not main.is_file():
            return None
        found, texts = self._read(main)
        return Draft(flow, texts if texts else {f"{flow}.yaml": main.read_text(encoding="utf-8")})

    def _read(self, main: Path) -> tuple[Flow | None, dict[str, str]]:
        texts: dict[str, str] = {}

        def read(path: Path) -> str:
            text = path.read_text(encoding="utf-8")
            with suppress(ValueError):
                texts[path.relative_to(self.folder).as_posix()] = text
            return text

        flow, _ = read_flow(main, wordings(), read)
        return flow, texts

    async def _published_draft(self, flow: str) -> Draft:
        texts = await self.live(flow)
        if not texts:
            raise NotThere("there is no flow by that name")
        return Draft(flow, texts)

    async def check(self, draft: Draft) -> tuple[Flow | None, list[Problem]]:
        return await asyncio.to_thread(_checked, draft, self.folder, surroundings_of(self.config))

    async def save(self, before: Draft, after: Draft, by: By) -> None:
        await asyncio.to_thread(self._save, before, after)

    def _save(self, before: Draft, after: Draft) -> None:
        differing = {path: text for path, text in after.texts.items() if before.texts.get(path) != text}
        for path in differing:
            place = self._place(path)
            now = place.read_text(encoding="utf-8") if place.is_file() else None
            if now is not None and now not in (before.texts.get(path), differing[path]):
                raise NotNow(f"somebody else has changed {path} since you opened it; copy your text and open it again")
        try:
            for path, text in differing.items():
                place = self._place(path)
                place.parent.mkdir(parents=True, exist_ok=True)
                fresh = place.with_name(f".{place.name}.new")
                fresh.write_text(text, encoding="utf-8")
                os.replace(fresh, place)
        except OSError as error:
            raise StoreError(f"the folder of flows cannot be written ({error.strerror}); see flows.folder") from error

    def _place(self, path: str) -> Path:
        place = (self.folder / path).resolve()
        if not place.is_relative_to(self.folder.resolve()):
            raise NotThere(f"{path} is not in the folder of flows")
        return place

    async def rehearse(self, draft: Draft) -> Rehearsed:
        return await asyncio.to_thread(self._rehearse, draft)

    def _rehearse(self, draft: Draft) -> Rehearsed:
        dialogue, shelf = self._learn(draft)
        main = self.folder / f"{draft.flow}.yaml"
        played = sum(path == main for path, _ in conversations_of(self.config, draft.flow))
        try:
            rehearsed(self.config, dialogue, shelf.understanding(dialogue))
        except ConversationsFailed as error:
            return Rehearsed(played, error.failures)
        return Rehearsed(played, ())

    async def call(self, draft: Draft, language: str) -> TextCall:
        loop = asyncio.get_running_loop()

        def fetch(request: Fetch) -> Fetched:
            return asyncio.run_coroutine_threadsafe(_fetched(request), loop).result(FETCH_SECONDS)

        def made() -> TextCall:
            dialogue, shelf = self._learn(draft)
            if self.config.survey.enabled:
                shelf.flow(self.config.survey.flow)
            plan = shelf.plan_for(dialogue, Number(number="*", flow=draft.flow, language=language))
            known: dict[str, Any] = {**plan.facts, "call_id": "console"}
            conductor = Conductor(plan.dialogue, plan.survey, known, plan.language)
            return TextCall(conductor, plan.understanding, datetime.now(UTC), fetch, Feeling())

        return await asyncio.to_thread(made)

    def _learn(self, draft: Draft) -> tuple[FlowDialogue, FlowShelf]:
        """Raises FlowProblems."""
        flow = flow_of_texts(draft.texts, draft.main, wordings())
        key = (draft.flow, flow.version)
        if key not in self._learned:
            shelf = FlowShelf(self.config, self.facts)
            learned = shelf.learned(draft.flow, flow), shelf
            for old in [known for known in self._learned if known[0] == draft.flow]:
                self._learned.pop(old, None)
            self._learned[key] = learned
        return self._learned[key]

    async def live(self, flow: str) -> Mapping[str, str]:
        live = (await self.versions.live()).get(flow)
        return (await self.versions.version(flow, live.version)).texts if live else {}

    async def publish(self, flow: str, by: By, wanted: str, *, untested: bool) -> LiveFlow:
        return await FlowDesk(self.config, self.versions).publish(flow, by, wanted, untested=untested)

    async def canary(self, flow: str, wanted: str, share: float, by: By, *, untested: bool) -> LiveFlow:
        return await FlowDesk(self.config, self.versions).canary(flow, wanted, share, by, untested=untested)


def _is_flow(path: Path) -> bool:
    """Knowledge files lie beside flows and look alike."""
    with suppress(OSError, UnicodeDecodeError):
        return any(line.startswith("flow:") for line in path.read_text(encoding="utf-8").splitlines())
    return False


def _checked(draft: Draft, folder: Path, around: Surroundings) -> tuple[Flow | None, list[Problem]]:
    """Files that the draft does not hold yet (a subflow that was just named) are read from the folder."""

    def read(path: Path) -> str:
        text = draft.texts.get(path.as_posix())
        return text if text is not None else (folder / path).read_text(encoding="utf-8")

    return read_flow(draft.main, wordings(), read, around)


async def _fetched(request: Fetch) -> Fetched:
    async with HttpFetcher() as fetcher:
        return await fetcher.fetch(request)
