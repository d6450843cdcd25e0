"""An agent's page is loaded again in the middle of a talk: real routing, rooms and desk; scripted lines."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.console.desk_return import Returns, awaited
from ivr.console.desk_talk import Suggestion
from ivr.console.desks import Desks
from ivr.model.audio import AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.events import CallerHungUp, QueueLeft
from ivr.routing.effects import BackInLine
from ivr.routing.happenings import AgentLoggedIn
from ivr.web.webrtc_gate import Claims
from ivr.wiring.routing import RoutingWires
from tests.call.fakes import ScriptLine
from tests.wiring.test_routing import Sitter, with_routing


class BrowserLine(ScriptLine):
    """Hears the room until it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.hears, self.gone = asyncio.Event(), asyncio.Event()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        async for _ in audio:
            self.hears.set()

    def goes(self, reason: str) -> None:
        self.arrivals.put_nowait(CallerHungUp(reason))
        self.gone.set()

    async def over(self) -> None:
        await self.gone.wait()


async def nothing(call_id: str, text: str, language: str) -> tuple[Suggestion, ...]:
    return ()


async def settled(desks: Desks, phase: str) -> None:
    async with asyncio.timeout(60):
        while not ((talk := desks.desk("ann").talk) and talk.phase == phase):  # noqa: ASYNC110 - pages are told, not us
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("comes_back", [True, False])
def test_the_caller_waits_a_moment_for_the_same_agent_and_then_for_another(tmp_path: Path, comes_back: bool) -> None:
    async def run(wires: RoutingWires) -> None:
        desks = Desks(wires.dispatcher, wires.meetings, wires.telephones, nothing, wires.telephones.desks)
        returns = Returns(desks, lambda language, rate: None)
        desks.attach("ann", "page", lambda: None)
        await wires.dispatcher.ask(AgentLoggedIn("ann", available=True))
        wires.meetings.grace_seconds = 60.0 if comes_back else 0.05
        back_in_line = asyncio.Event()
        wires.dispatcher.watchers.append(lambda did, now: back_in_line.set() if isinstance(did, BackInLine) else None)
        caller, first, second = Sitter("c1"), BrowserLine(), BrowserLine()
        joined = asyncio.create_task(wires.dispatcher.join("c1", JoinQueue("general"), caller))
        async with asyncio.timeout(60):
            while (offer := desks.desk("ann").offer) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        claims = Claims("agent", caller="ann", offer=offer.offer_id)
        lines = [asyncio.create_task(returns.take_line(claims, first))]
        await settled(desks, "talking")
        assert awaited(desks, "ann") is None
        first.goes("network")
        if comes_back:
            await settled(desks, "lost")
            assert awaited(desks, "ann") is desks.desk("ann").talk
            lines.append(asyncio.create_task(returns.take_line(claims, second)))
            await second.hears.wait()
            await settled(desks, "talking")
            second.goes("caller")
            assert await joined == QueueLeft("connected", "ann")
        else:
            await settled(desks, "over")
            async with asyncio.timeout(60):
                await back_in_line.wait()
            entry = next(iter(wires.dispatcher.centre.floor.entries.values()))
            assert (entry.state, entry.avoid, desks.desk("ann").offer) == ("waiting", {"ann"}, None)
            joined.cancel()
        await asyncio.gather(*lines)
        await desks.close()

    with_routing(tmp_path, run)
