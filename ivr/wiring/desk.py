"""The console of this server: its frame, the agent desk, and what they work with."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from ivr.call.reception import Reception
from ivr.config_queues import by_name
from ivr.console.desk_acts import DeskActs
from ivr.console.desk_page import desk_pages
from ivr.console.desk_return import Returns
from ivr.console.desk_supervise import Supervision
from ivr.console.desk_talk import Suggestion
from ivr.console.desks import Desks
from ivr.console.frame import Frame
from ivr.flow.answers import told
from ivr.flow.flow import words_in
from ivr.nlu.understanding import FlowUnderstanding
from ivr.store.calls import SqlCallStore
from ivr.web.security import Door
from ivr.wiring.assisting import Assistance
from ivr.wiring.desk_names import FlowNames
from ivr.wiring.flows import FlowShelf
from ivr.wiring.hearing import HearingShop
from ivr.wiring.routing import RoutingWires
from ivr.wiring.webrtc import WebRtcWires

Pages = Callable[[Frame], None]
"""Registers pages in the frame."""

PLACE = re.compile(r"\{\w+\}")
"""Of a list's value in a question, as `ivr.flow.fill` has them."""

LEAST_CONFIDENCE = 0.35
"""Of a suggestion; below it is noise even for a person who chooses."""


@dataclass(frozen=True, slots=True)
class DeskWires:
    desks: Desks
    acts: DeskActs
    supervision: Supervision
    suggestions: "Suggestions"
    assistance: Assistance | None = None

    def pages(self, frame: Frame) -> None:
        desk_pages(frame, self.acts, self.supervision)


@asynccontextmanager
async def open_desks(
    routing: RoutingWires,
    store: SqlCallStore,
    suggested: "Suggestions",
    shop: HearingShop,
    browsers: WebRtcWires | None,
    assistance: Assistance | None = None,
) -> AsyncIterator[DeskWires]:
    """Desks that can be worked at while the block runs."""
    phones = routing.telephones
    desks = Desks(routing.dispatcher, routing.meetings, phones, suggested.find, phones.desks, assistance)
    desks.names_of = FlowNames(suggested.flows, by_name(suggested.flows.config.queues)).of
    gate = browsers.gate if browsers else None
    acts, supervision = DeskActs(desks, store.notes, gate, shop.plain_ears), Supervision(desks, store, gate)
    wires = DeskWires(desks, acts, supervision, suggested, assistance)
    if browsers:
        browsers.calls.handle("agent", Returns(desks, shop.plain_ears).take_line)
        browsers.calls.handle("supervisor", wires.supervision.take_line)
    working = {asyncio.create_task(desks.run(), name="desks")}
    if assistance:
        working.add(asyncio.create_task(assistance.run(), name="similar cases"))
    try:
        yield wires
    finally:
        for task in working:
            task.cancel()
        await asyncio.wait(working)
        await wires.acts.close()
        await desks.close()


@dataclass(slots=True)
class Suggestions:
    """Answers of the flow's knowledge base, for an agent to choose from."""

    flows: FlowShelf
    reception: Reception
    shop: HearingShop

    async def find(self, call_id: str, text: str, language: str) -> tuple[Suggestion, ...]:
        """At most three, best first; none where the call's flow knows nothing."""
        call = self.reception.live.get(call_id)
        if call is None:
            return ()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.shop.threads, self._look_up, call.log.record.flow, text, language)

    def _look_up(self, name: str, text: str, language: str) -> tuple[Suggestion, ...]:
        dialogue = self.flows.flow(name)
        understanding = self.flows.understanding(dialogue)
        if not isinstance(understanding, FlowUnderstanding):
            return ()
        found = []
        for guess in understanding.answers(text, language):
            file = dialogue.flow.knowledge.get(guess.source)
            entry = file.entries.get(guess.entry) if file else None
            if file is None or entry is None or guess.confidence < LEAST_CONFIDENCE:
                continue
            said = {value.name: value.value for value in guess.values}
            asked = PLACE.sub("…", next(iter(words_in(entry.questions, language)), guess.entry))
            answer = told(file, entry, said, language)
            found.append(Suggestion(answer, asked, f"{guess.source}#{guess.entry}", guess.confidence))
        return tuple(found)


def serve_console(app: FastAPI, door: Door, *pages: Pages) -> None:
    """Put the pages that NiceGUI makes into `app`, which has all its other routes already."""
    frame = Frame(door)
    for register in pages:
        register(frame)
    frame.serve(app)
