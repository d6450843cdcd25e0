"""`/api/flows`: what calls get; publishing, rolling back, canaries: for whoever holds the key, all of it audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from ivr.store.flow_versions import By, FlowChange, FlowVersion, LiveFlow
from ivr.web.security import Door, Reader


class Versions(Protocol):
    """Where versions are; `ivr.store.flow_versions.FlowVersions` is it."""

    async def live(self) -> Mapping[str, LiveFlow]: ...

    async def versions(self, flow: str) -> tuple[FlowVersion, ...]: ...

    async def history(self, flow: str) -> tuple[FlowChange, ...]: ...

    async def roll_back(self, flow: str, by: By) -> LiveFlow: ...


class Desk(Protocol):
    """Who makes a version ready before it goes live; `ivr.wiring.versions.FlowDesk` is it."""

    async def publish(self, name: str, by: By, wanted: str, *, untested: bool) -> LiveFlow: ...

    async def canary(self, name: str, wanted: str, share: float, by: By, *, untested: bool) -> LiveFlow: ...


class Serving(Protocol):
    """What this server answers calls with just now."""

    def served(self) -> Mapping[str, str]:
        """Version by flow."""

    @property
    def broken(self) -> Mapping[str, str]:
        """Why what is published is not served here, by flow."""


class FlowShape(BaseModel):
    flow: str
    served: str
    """The version new calls get from this server."""

    published: bool
    live: str = ""
    previous: str = ""
    canary: str = ""
    share: float = 0.0
    since: datetime | None = None
    problem: str = ""
    untested: bool = False
    """Answered by a publication or a canary before which no conversation was played."""


class PublishWish(BaseModel):
    version: str = "draft"
    note: str = Field(default="", max_length=500)
    untested: bool = False
    """Even if its conversations go differently: for emergencies."""


class CanaryWish(BaseModel):
    version: str = ""
    """Empty ends it."""

    share: float = 0.0
    note: str = Field(default="", max_length=500)
    untested: bool = False


class NoteWish(BaseModel):
    note: str = Field(default="", max_length=500)


def flows_router(versions: Versions, desk: Desk, serving: Serving, door: Door) -> APIRouter:
    """The routes of flows. A flow's name holds a slash: /api/flows/bank/hotline/publish. Each change is in the audit in
    the transaction that makes it."""
    router = APIRouter(prefix="/api/flows", tags=["flows"])
    # Types, made here because the door is known only now.
    Known = Annotated[Reader, Depends(door.may("flows.read"))]  # noqa: N806
    Publisher = Annotated[Reader, Depends(door.may("flows.publish"))]  # noqa: N806

    @router.get("")
    async def list_flows(reader: Known) -> dict[str, list[FlowShape]]:
        live = await versions.live()
        names = sorted({*serving.served(), *live})
        return {"flows": [_shape(name, live.get(name), serving) for name in names]}

    @router.get("/{name:path}/versions")
    async def list_versions(reader: Known, name: str) -> dict[str, Any]:
        kept, history = await versions.versions(name), await versions.history(name)
        return {
            "flow": name,
            "versions": [{"version": one.version, "at": one.at, "who": one.who, "note": one.note} for one in kept],
            "history": [_change(one) for one in history],
        }

    @router.post("/{name:path}/publish")
    async def publish(reader: Publisher, name: str, wish: PublishWish) -> FlowShape:
        by = _by(reader, wish.note)
        return _shape(name, await desk.publish(name, by, wish.version, untested=wish.untested), serving)

    @router.post("/{name:path}/rollback")
    async def roll_back(reader: Publisher, name: str, wish: NoteWish) -> FlowShape:
        return _shape(name, await versions.roll_back(name, _by(reader, wish.note)), serving)

    @router.post("/{name:path}/canary")
    async def canary(reader: Publisher, name: str, wish: CanaryWish) -> FlowShape:
        by = _by(reader, wish.note)
        return _shape(name, await desk.canary(name, wish.version, wish.share, by, untested=wish.untested), serving)

    return router


def _by(reader: Reader, note: str) -> By:
    return By(reader.who, reader.address, note)


def _change(one: FlowChange) -> dict[str, Any]:
    return {"at": one.at, "action": one.action, "version": one.version, "share": one.share, "who": one.who,
            "note": one.note}  # fmt: skip


def _shape(name: str, live: LiveFlow | None, serving: Serving) -> FlowShape:
    served, problem = serving.served().get(name, ""), serving.broken.get(name, "")
    if live is None:
        return FlowShape(flow=name, served=served, published=False, problem=problem)
    return FlowShape(
        flow=name, served=served, published=True, live=live.version, previous=live.previous, canary=live.canary,
        share=live.share, since=live.since, problem=problem, untested=live.untested,
    )  # fmt: skip
