"""`/api/trainer`: what callers asked in vain, in heaps; labels; a patch tried out. Nothing here publishes anything."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from ivr.insight.mining import Heap, Proposal, ProposalKind
from ivr.model.errors import BadQuery
from ivr.model.insight import Label, TrainerItem, TrainerStatus
from ivr.store.trainer import ItemFilter
from ivr.web.security import Audit, Door, Reader, note_look

Ids = Annotated[list[str], Field(min_length=1, max_length=500)]


class Items(Protocol):
    """Where items are; `ivr.store.trainer.TrainerStore` is one."""

    async def items(self, wanted: ItemFilter) -> list[TrainerItem]: ...

    async def change(self, item_ids: Sequence[str], **values: str) -> int: ...


class Desk(Protocol):
    """Who mines and tries patches; `ivr.wiring.training.Training` is it."""

    async def heaps(self, flow: str) -> tuple[Heap, ...]: ...

    async def patched(self, flow: str, proposal: Proposal) -> Any: ...


class ItemShape(BaseModel):
    item_id: str
    call_id: str
    at: str
    flow: str
    language: str
    text: str
    source: str
    step: str
    intent: str
    confidence: float
    transferred: bool
    status: str
    label: str
    label_name: str
    owner: str


class ProposalShape(BaseModel):
    """What could be done. `answer` is for new entries."""

    kind: ProposalKind
    name: str = Field(pattern=r"^[\w./#-]{1,120}$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    phrases: list[Annotated[str, Field(max_length=300)]] = Field(min_length=1, max_length=50)
    answer: str = Field(default="", max_length=1000)
    likeness: float = 0.0


class HeapShape(BaseModel):
    heap_id: str
    name: str
    count: int
    transferred: int
    rank: float
    items: list[ItemShape]
    proposal: dict[str, Any]


class LabelWish(BaseModel):
    item_ids: Ids
    label: Label
    name: str = Field(default="", max_length=120)
    """The intent or entry, for labels that name one."""


class AssignWish(BaseModel):
    item_ids: Ids
    owner: str = Field(min_length=1, max_length=64)


class StatusWish(BaseModel):
    item_ids: Ids
    status: TrainerStatus


class IgnoreWish(BaseModel):
    item_ids: Ids


class PatchWish(BaseModel):
    flow: str
    proposal: ProposalShape


NAMED = ("intent", "new_intent", "kb_gap")


def trainer_router(items: Items, desk: Desk, audit: Audit, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api/trainer", tags=["trainer"])
    # Words of callers, so whoever may read calls; and only who may publish may prepare what is published.
    Known = Annotated[Reader, Depends(door.may("calls.read"))]  # noqa: N806
    Trainer = Annotated[Reader, Depends(door.may("flows.publish"))]  # noqa: N806

    @router.get("/items", summary="Items, newest first; or with heaps=true in heaps with a proposal each")
    async def list_items(
        reader: Known, flow: str = "", status: str = "", source: str = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, heaps: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        await note_look(audit, reader, "trainer.items", flow)
        if heaps:
            if not flow:
                raise BadQuery("heaps: name the flow they are of")
            return {"heaps": [_heap(one) for one in (await desk.heaps(flow))[:limit]]}
        return {"items": [_item(one) for one in await items.items(ItemFilter(flow, status, source, limit))]}

    @router.post("/patch", summary="The draft with a proposal in it: its text, check, conversations, replay")
    async def try_patch(reader: Trainer, wish: PatchWish) -> dict[str, Any]:
        await note_look(audit, reader, "trainer.patch", wish.flow)
        given = wish.proposal
        proposal = Proposal(given.kind, given.name, given.language, tuple(given.phrases), given.likeness, given.answer)
        return asdict(await desk.patched(wish.flow, proposal))

    router.include_router(_changes_router(items, audit, door))
    return router


def _changes_router(items: Items, audit: Audit, door: Door) -> APIRouter:
    """What people make of items."""
    router = APIRouter()
    Trainer = Annotated[Reader, Depends(door.may("flows.publish"))]  # noqa: N806

    async def change(reader: Reader, action: str, ids: list[str], **values: str) -> dict[str, int]:
        await note_look(audit, reader, f"trainer.{action}", ids[0])
        return {"changed": await items.change(ids, **values)}

    @router.post("/label")
    async def label_items(reader: Trainer, wish: LabelWish) -> dict[str, int]:
        if wish.label in NAMED and not wish.name:
            raise BadQuery(f"name: {wish.label} needs the name of the intent or entry")
        return await change(reader, "label", wish.item_ids, status="labelled", label=wish.label, label_name=wish.name)

    @router.post("/assign")
    async def assign_items(reader: Trainer, wish: AssignWish) -> dict[str, int]:
        return await change(reader, "assign", wish.item_ids, status="triaged", owner=wish.owner)

    @router.post("/ignore")
    async def ignore_items(reader: Trainer, wish: IgnoreWish) -> dict[str, int]:
        return await change(reader, "ignore", wish.item_ids, status="ignored", label="ignore")

    @router.post("/status")
    async def set_status(reader: Trainer, wish: StatusWish) -> dict[str, int]:
        return await change(reader, "status", wish.item_ids, status=wish.status)

    return router


def _item(item: TrainerItem) -> ItemShape:
    return ItemShape(**{**asdict(item), "at": item.at.isoformat()})


def _heap(heap: Heap) -> HeapShape:
    return HeapShape(
        heap_id=heap.heap_id,
        name=heap.name,
        count=len(heap.items),
        transferred=sum(item.transferred for item in heap.items),
        rank=round(heap.rank, 3),
        items=[_item(item) for item in heap.items[:50]],
        proposal=asdict(heap.proposal),
    )
