"""What the console shows and changes, handed over by the wiring; and who is looking at it just now."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from fastapi import Request

from ivr.call.text_call import TextCall
from ivr.console.pulse import Pulse
from ivr.console.rooms import CampaignRoom, InsightRoom, TrainerRoom
from ivr.console.words_codes import worded
from ivr.flow.flow import Flow
from ivr.flow.problems import Problem
from ivr.model.calls import CallRecord
from ivr.model.errors import NotAllowed
from ivr.model.roles import MAY, Permission
from ivr.store.accounts import Accounts, User
from ivr.store.archive import CallArchive
from ivr.store.audit import AuditLog
from ivr.store.flow_versions import By, FlowVersions, LiveFlow
from ivr.store.recovery_cases import RecoveryCases
from ivr.store.satisfied import SatisfactionBook
from ivr.web.live import LiveCalls
from ivr.web.origin import address_of
from ivr.web.routing import AgentBook, Routing
from ivr.web.security import Door


class Looks(Protocol):
    """Where it is noted who looked at what; `ivr.store.calls.SqlCallStore` is one."""

    async def keep_look(
        self, who: str, action: str, subject: str, address: str, detail: Mapping[str, str | int | bool] | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow as somebody edits it: every file by its path below the folder of flows."""

    flow: str
    texts: Mapping[str, str]

    @property
    def main(self) -> str:
        return f"{self.flow}.yaml"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How the conversations beside a flow went."""

    played: int
    failures: tuple[str, ...]
    """What went differently, line by line; empty: nothing did."""

    @property
    def is_good(self) -> bool:
        return not self.failures


class Workshop(Protocol):
    """Where flows are edited; `ivr.wiring.console.FlowWorkshop` is it. What takes long runs beside the calls."""

    def names(self) -> Sequence[str]:
        """Flows of the folder, and those that are live without being in it."""

    async def draft(self, flow: str) -> Draft:
        """As it lies in the folder; else as it is live. Raises NotThere."""

    async def check(self, draft: Draft) -> tuple[Flow | None, list[Problem]]:
        """What `ivr flow check` finds in it."""

    async def save(self, before: Draft, after: Draft, by: By) -> None:
        """Write what differs into the folder.

        Raises:
            NotNow: somebody else has changed it since it was opened.
            StoreError: the folder cannot be written.
        """

    async def rehearse(self, draft: Draft) -> Rehearsed: ...

    async def call(self, draft: Draft, language: str) -> TextCall:
        """A call by text to this draft; its methods may take as long as its requests: run them in a thread."""

    async def live(self, flow: str) -> Mapping[str, str]:
        """The texts that calls get now; empty: it was never published."""

    async def publish(self, flow: str, by: By, wanted: str, *, untested: bool) -> LiveFlow:
        """Raises as `ivr.wiring.versions.FlowDesk.publish`."""

    async def canary(self, flow: str, wanted: str, share: float, by: By, *, untested: bool) -> LiveFlow: ...

    def served(self) -> Mapping[str, str]:
        """Version that new calls get, by flow."""

    def titles(self, language: str) -> Mapping[str, str]:
        """What the flows that answer calls name their intents, by intent."""

    @property
    def broken(self) -> Mapping[str, str]: ...


Supervise = Callable[[str, str, str], Awaitable[str]]
"""`supervise(call_id, mode, supervisor)`: mode is monitor, whisper or barge. Returns an address to open, or empty where
the supervisor's telephone rings. Raises IvrError: it cannot be now."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything the pages need; built once."""

    archive: CallArchive
    looks: Looks
    audit: AuditLog
    accounts: Accounts
    versions: FlowVersions
    workshop: Workshop
    routing: Routing
    agents: AgentBook
    live: LiveCalls
    door: Door
    utc: Callable[[], datetime]
    satisfaction: SatisfactionBook
    pulse: Pulse = field(default_factory=Pulse)
    supervise: Supervise | None = None
    """None: nobody can listen in on this server."""

    insight: InsightRoom | None = None
    trainer: TrainerRoom | None = None
    cases: RecoveryCases | None = None
    campaigns: CampaignRoom | None = None
    """None: campaigns are off, or there is no line to call out by."""

    erase_sound: Callable[[str], Awaitable[int]] | None = None
    """Deletes the recording of a call. Raises NotNow: it is under a legal hold, or not over."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on a page."""

    house: House
    request: Request
    user: User
    language: str
    translate: Callable[[str], str]

    def t(self, english: str, **values: Any) -> str:
        """Words of the page in the visitor's language; `{name}` is filled in."""
        return self.translate(english).format(**values) if values else self.translate(english)

    def code(self, code: str) -> str:
        """A code of a record, a queue, a reason, in words; empty stays empty."""
        return worded(code, self.language)

    def topic(self, name: str) -> str:
        """An intent or a matter, as its flow names it."""
        return self.house.workshop.titles(self.language).get(name) or self.code(name)

    def may(self, permission: Permission) -> bool:
        return self.user.role in MAY[permission]

    @property
    def by(self) -> By:
        return By(self.user.name, address_of(self.request))

    def noted(self, note: str) -> By:
        return By(self.user.name, address_of(self.request), note)

    async def look(self, action: str, subject: str = "", **detail: str | int | bool) -> None:
        """Note it in the audit, before anything is shown or done. Raises StoreError: it could not be noted."""
        await self.house.looks.keep_look(self.user.name, action, subject, address_of(self.request), detail)

    async def needs(self, permission: Permission) -> None:
        """A page stays open for hours: ask again before anything is changed.

        Raises:
            LoginNeeded: the session is over.
            NotAllowed: the role has changed.
        """
        user = await self.house.door.person(self.request)
        if user.role not in MAY[permission]:
            raise NotAllowed(f"this is for: {', '.join(MAY[permission])}; you are logged in as {user.role}")


def caller_shown(record: CallRecord) -> str:
    """The other end's number; a browser has none."""
    return record.customers_number or f"({record.leg.kind})"
