"""`/api/campaigns`: what runs, whom it is about, how fast it was, and the lists of who must not be called."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response

from ivr.campaigns.desk import CampaignDesk
from ivr.campaigns.ledger import Entry, breaches, percentiles
from ivr.campaigns.lists import read_list
from ivr.model.audit import Deed
from ivr.model.campaigns import Accepted, Alert, Case, Refusal
from ivr.model.errors import BadQuery, NotThere
from ivr.store.campaign_rules import DoNotCall
from ivr.store.campaign_views import CampaignViews
from ivr.web.campaign_shapes import (
    CancelWish,
    ConsentShape,
    ListReport,
    RefusalShape,
    RefusedRow,
    StateWish,
    case_shape,
)
from ivr.web.security import Audit, Door, Reader, note_look, shortened

LARGEST_LIST = 20_000_000
ROWS_AT_ONCE = 200
Hours = Annotated[float, Query(gt=0, le=24 * 31)]


class Book(Protocol):
    async def case(self, case_id: str) -> Case | None: ...

    async def cases(self, case_ids: Sequence[str]) -> Sequence[Case]: ...


def campaigns_router(desk: CampaignDesk, book: Book, views: CampaignViews, audit: Audit, door: Door) -> APIRouter:
    """What supervisors look at, and what they may do."""
    router = APIRouter()
    router.include_router(running_router(desk, audit, door))
    router.include_router(cases_router(desk, book, views, audit, door))
    router.include_router(figures_router(desk, views, door))
    return router


def running_router(desk: CampaignDesk, audit: Audit, door: Door) -> APIRouter:
    """What runs, and how it is fed and stopped."""
    router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])
    Looks = Annotated[Reader, Depends(door.may("campaigns.read"))]  # noqa: N806  known only now
    Runs = Annotated[Reader, Depends(door.may("campaigns.run"))]  # noqa: N806

    def told(name: str) -> Mapping[str, Any]:
        campaign = desk.campaign(name)
        return {
            "name": name, "flow": campaign.flow, "lane": campaign.lane, "window": campaign.window,
            "purpose": campaign.purpose, "jurisdiction": campaign.profile.name, "state": desk.states[name],
            "waiting": desk.waiting(name), "live": sum(each == name for each in desk.flying.values()),
            "lines": campaign.most_lines, "trunk_resting": desk.breaker.is_open,
        }  # fmt: skip

    @router.get("", summary="All campaigns with what waits and what is on the line")
    async def all_campaigns(reader: Looks) -> dict[str, Any]:
        return {"campaigns": [told(name) for name in sorted(desk.campaigns)]}

    @router.post("/{name}/state", summary="Run, pause (cases wait) or stop (waiting cases are cancelled)")
    async def put_state(reader: Runs, name: str, wish: StateWish) -> Mapping[str, Any]:
        await desk.put_state(name, wish.state, _deed(reader, f"campaign.{wish.state}", name))
        return told(name)

    @router.post("/{name}/list", summary="A CSV list of people to call; rows that cannot be taken come back")
    async def take_list(reader: Runs, name: str, request: Request, source: str = "list") -> ListReport:
        await note_look(audit, reader, "campaign.list", name)
        desk.campaign(name)
        return await take_rows(desk, name, await _text(request), source)

    return router


def cases_router(desk: CampaignDesk, book: Book, views: CampaignViews, audit: Audit, door: Door) -> APIRouter:
    """Whom it is about."""
    router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])
    Looks = Annotated[Reader, Depends(door.may("campaigns.read"))]  # noqa: N806  known only now
    Runs = Annotated[Reader, Depends(door.may("campaigns.run"))]  # noqa: N806

    @router.get("/{name}/cases", summary="Cases, the newest first")
    async def cases(
        reader: Looks, name: str, state: str = "", customer: str = "", most: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> dict[str, Any]:
        await note_look(audit, reader, "campaign.cases", name)
        ids = await views.cases(desk.campaign(name).name, state=state, customer=customer, most=most)
        return {"cases": [case_shape(case) for case in await book.cases(ids)]}

    @router.get("/{name}/cases/{case_id}", summary="One case with its attempts and times")
    async def one_case(reader: Looks, name: str, case_id: str) -> Mapping[str, Any]:
        await note_look(audit, reader, "campaign.case", case_id)
        return case_shape(await _case(book, name, case_id))

    @router.post("/{name}/cases/{case_id}/cancel", summary="It was settled elsewhere: nobody is called for it")
    async def cancel(reader: Runs, name: str, case_id: str, wish: CancelWish) -> Mapping[str, Any]:
        await note_look(audit, reader, "case.cancel", case_id)
        await _case(book, name, case_id)
        await desk.cancel(case_id, wish.reason)
        return case_shape(await _case(book, name, case_id))

    return router


def figures_router(desk: CampaignDesk, views: CampaignViews, door: Door) -> APIRouter:
    """How far cases got, and how fast."""
    router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])
    Looks = Annotated[Reader, Depends(door.may("campaigns.read"))]  # noqa: N806  known only now

    @router.get("/{name}/funnel", summary="How many got how far")
    async def funnel(reader: Looks, name: str, hours: Hours = 24.0) -> Mapping[str, Any]:
        return asdict(await views.funnel(desk.campaign(name).name, _since(hours)))

    @router.get("/{name}/ledger", summary="How long each goal took (seconds), and what was too late")
    async def ledger(reader: Looks, name: str, hours: Hours = 24.0) -> Mapping[str, Any]:
        goals = desk.campaign(name).goals
        entries = [Entry(one.case_id, one.times, one.reasons) for one in await views.ledger(name, _since(hours))]
        late = breaches(entries, datetime.now(UTC), goals)
        return {
            "goals": [{**asdict(goal), **asdict(percentiles(entries, goal))} for goal in goals],
            "breaches": [asdict(breach) for breach in late[:500]],
            "breached": len(late),
        }

    return router


def lists_router(rules: DoNotCall, door: Door) -> APIRouter:
    """Who must not be called, and who agreed to it. Changes are in the audit with the change itself."""
    router = APIRouter(prefix="/api", tags=["campaigns"])
    Looks = Annotated[Reader, Depends(door.may("campaigns.read"))]  # noqa: N806  known only now
    Runs = Annotated[Reader, Depends(door.may("campaigns.run"))]  # noqa: N806

    @router.get("/do-not-call", summary="Who is not to be called, the newest first")
    async def refusals(reader: Looks, party: str = "") -> dict[str, Sequence[Mapping[str, Any]]]:
        return {"refusals": [asdict(each) for each in await rules.all(party)]}

    @router.put("/do-not-call", status_code=204, summary="A number or customer is not called, from this moment on")
    async def refuse(reader: Runs, wish: RefusalShape) -> Response:
        refusal = Refusal(wish.party, wish.purpose, wish.reason, reader.who)
        await rules.put(refusal, _deed(reader, "do_not_call.put", shortened(wish.party)))
        return Response(status_code=204)

    @router.delete("/do-not-call", status_code=204, summary="They may be called again")
    async def forgive(reader: Runs, party: str, purpose: str = "*") -> Response:
        await rules.remove(party, purpose, _deed(reader, "do_not_call.remove", shortened(party)))
        return Response(status_code=204)

    @router.get("/consents", summary="Who agreed to be called for what, the newest first, also what was taken back")
    async def agreed(reader: Looks, party: str = "") -> dict[str, Sequence[Mapping[str, Any]]]:
        return {"consents": [asdict(each) for each in await rules.agreed(party)]}

    @router.put("/consents", status_code=204, summary="Somebody agreed to be called for a purpose")
    async def agree(reader: Runs, wish: ConsentShape) -> Response:
        deed = _deed(reader, "consent.put", shortened(wish.party))
        await rules.agree(wish.party, wish.purpose, wish.channel, wish.source, wish.evidence, deed)
        return Response(status_code=204)

    @router.delete("/consents", status_code=204, summary="They took it back")
    async def revoke(reader: Runs, party: str, purpose: str) -> Response:
        await rules.revoke(party, purpose, _deed(reader, "consent.revoke", shortened(party)))
        return Response(status_code=204)

    return router


class Takes(Protocol):
    async def receive(self, campaign: str, alert: Alert, *, timeless: bool = False) -> Accepted: ...


async def take_rows(desk: Takes, name: str, text: str, source: str) -> ListReport:
    """Take a list row by row; what is known already is counted, not called again."""
    report, rows = ListReport(), read_list(text, source, datetime.now(UTC))
    while some := list(islice(rows, ROWS_AT_ONCE)):
        report.refused += [RefusedRow(line=row.line, why=row.why) for row in some if row.alert is None]
        alerts = [(row.line, row.alert) for row in some if row.alert is not None]
        # In the order of the list, and in a few transactions instead of one each.
        told = await asyncio.gather(*(desk.receive(name, alert, timeless=True) for _, alert in alerts))
        for (line, _), taken in zip(alerts, told, strict=True):
            if taken.arrival == "conflict":
                report.refused.append(RefusedRow(line=line, why="event_id: it came before with other content"))
            report.taken += taken.arrival == "new"
            report.again += taken.arrival == "again"
            report.merged += taken.arrival == "merged"
    report.refused.sort(key=lambda row: row.line)
    return report


async def _case(book: Book, name: str, case_id: str) -> Case:
    case = await book.case(case_id)
    if case is None or case.campaign != name:
        raise NotThere(f"the campaign {name} has no such case")
    return case


async def _text(request: Request) -> str:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_LIST:
            raise BadQuery(f"the list is larger than {LARGEST_LIST} bytes; split it")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadQuery("the list is not UTF-8 text; save it as CSV in UTF-8") from error


def _deed(reader: Reader, action: str, subject: str) -> Deed:
    return Deed(reader.who, action, subject, reader.address)


def _since(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)
