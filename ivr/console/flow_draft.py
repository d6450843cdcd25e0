"""A draft that is open in the editor: its texts as typed so far, and what was found about them last."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ivr.console.house import Draft, Workshop
from ivr.flow.flow import Flow
from ivr.flow.problems import Problem

SETTLED_SECONDS = 0.5
"""Without a key for so long, the draft is checked."""


@dataclass(slots=True)
class OpenDraft:
    """For one page. `changed` is called after each check."""

    workshop: Workshop
    opened: Draft
    """As it was read; saving compares with it."""

    draft: Draft
    file: str
    """The file that is shown."""

    flow: Flow | None = None
    problems: list[Problem] = field(default_factory=list)
    changed: list[Callable[[], None]] = field(default_factory=list)
    _edits: int = 0

    @property
    def text(self) -> str:
        return self.draft.texts[self.file]

    @property
    def is_changed(self) -> bool:
        return dict(self.draft.texts) != dict(self.opened.texts)

    @property
    def errors(self) -> list[Problem]:
        return [one for one in self.problems if one.level == "error"]

    def of_file(self) -> list[Problem]:
        """Findings in the file that is shown."""
        return [one for one in self.problems if one.file == self.file]

    def put(self, file: str, text: str) -> None:
        self.draft = replace(self.draft, texts={**self.draft.texts, file: text})

    def take(self, texts: Mapping[str, str]) -> None:
        """Go on with other texts: an older version."""
        self.draft = replace(self.draft, texts=dict(texts))
        if self.file not in texts:
            self.file = self.draft.main

    async def settle(self, text: str) -> None:
        """Take what was typed; check it unless more is typed meanwhile."""
        self.put(self.file, text)
        self._edits += 1
        mine = self._edits
        await asyncio.sleep(SETTLED_SECONDS)
        if mine == self._edits:
            await self.check()

    async def check(self) -> None:
        mine = self._edits
        flow, problems = await self.workshop.check(self.draft)
        if mine == self._edits:
            self.problems = problems
            # While a file cannot be read at all, the graph stays at what it was.
            self.flow = flow or self.flow
            for each in self.changed:
                each()
