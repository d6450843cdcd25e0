"""A desk with the pages that show it, and what desks need of lines and telephones."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ivr.assist.rules import Rule
from ivr.console.desk_talk import Desk, Suggestion
from ivr.model.assist import Before, Similar
from ivr.model.people import Handoff
from ivr.model.ports import Line

Suggest = Callable[[str, str, str], Awaitable[tuple[Suggestion, ...]]]
"""Call id, what the caller said, language: answers that may fit, best first."""

Changed = Callable[[], None]


class Assist(Protocol):
    """What else may help; `ivr.wiring.assisting.Assistance` is it."""

    async def before(self, known: Handoff) -> Before:
        """What the customer went through lately; never raises for a database that is away."""

    async def similar(self, agent_id: str, known: Handoff, said: Sequence[str]) -> Similar:
        """Solved calls like this one; raises IvrError."""

    def house_rules(self) -> Sequence[Rule]: ...

    def over(self, agent_id: str, call_id: str) -> None: ...


class AgentLine(Line, Protocol):
    """The line of a desk's browser."""

    async def over(self) -> None:
        """Wait until it is over."""


class Telephones(Protocol):
    """How agents are reached without a desk, and people outside."""

    async def telephone(self, agent_id: str, seconds: float) -> Line: ...

    async def ring(self, agent_id: str, offer_id: str, handoff: Handoff, seconds: float) -> Line: ...

    async def outside(self, number: str, seconds: float) -> Line: ...


@dataclass(slots=True)
class Seated:
    """A desk with the pages that show it."""

    desk: Desk
    pages: dict[str, Changed] = field(default_factory=dict)
    """By the page's id: told of every change."""

    alone_since: float | None = None
    answered: "asyncio.Future[Line] | None" = None
    """Of the call that rings."""

    line: Line | None = None

    def changed(self) -> None:
        for tell in list(self.pages.values()):
            tell()
