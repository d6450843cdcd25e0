"""What may help an agent is looked up while they talk: answers, similar cases, what the customer went through."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog

from ivr.assist.rules import Rule
from ivr.console.desk_seats import Assist, Seated, Suggest
from ivr.console.desk_talk import Talk
from ivr.model.errors import IvrError

log = structlog.get_logger(__name__)


class Helping:
    """Nothing here is waited for, and what fails is not shown."""

    def __init__(self, suggest: Suggest, assist: Assist | None = None) -> None:
        self._suggest, self._assist = suggest, assist
        self._tasks: set[asyncio.Task[None]] = set()

    def rules(self) -> Sequence[Rule]:
        """Of the house, for what to do next."""
        return self._assist.house_rules() if self._assist else ()

    def began(self, seat: Seated, talk: Talk) -> None:
        """They have answered."""
        self._start(self._look_back(seat, talk))
        self._start(self._similar(seat, talk))

    def heard(self, seat: Seated, talk: Talk, text: str) -> None:
        """The caller said something."""
        self._start(self._answers(seat, talk, text))
        self._start(self._similar(seat, talk))

    def over(self, talk: Talk, agent_id: str) -> None:
        if self._assist:
            self._assist.over(agent_id, talk.call_id)

    async def _answers(self, seat: Seated, talk: Talk, text: str) -> None:
        try:
            found = await self._suggest(talk.call_id, text, talk.handoff.language)
        except IvrError as error:
            log.warning("no answers could be suggested", call_id=talk.call_id, code=error.code)
            return
        if found:
            talk.suggestions = found
            seat.changed()

    async def _look_back(self, seat: Seated, talk: Talk) -> None:
        if self._assist:
            talk.before = await self._assist.before(talk.handoff)
            seat.changed()

    async def _similar(self, seat: Seated, talk: Talk) -> None:
        if self._assist is None:
            return
        talk.asked += 1
        number, said = talk.asked, [line.text for line in talk.lines if line.who == "caller"]
        try:
            found = await self._assist.similar(seat.desk.agent_id, talk.handoff, said)
        except IvrError as error:
            log.warning("no similar cases", call_id=talk.call_id, code=error.code)
            return
        # An answer to what was said before comes too late.
        is_latest = number == talk.asked or not talk.similar.cases
        if (found.cases or found.outcomes) and is_latest:
            talk.similar = found
            seat.changed()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
