"""A desk with the pages that show it, and what desks need of lines and telephones."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from ivr.console.desk_talk import Desk, Suggestion
from ivr.model.people import Handoff
from ivr.model.ports import Line

Suggest = Callable[[str, str, str], Awaitable[tuple[Suggestion, ...]]]
"""Call id, what the caller said, language: answers that may fit, best first."""

Changed = Callable[[], None]


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
