"""`/api/recovery-cases`: cases that make up for bad calls: read, given to somebody, worked on, closed; all audited."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from ivr.model.audit import Deed
from ivr.model.recovery import CaseOutcome, RecoveryCase, RootCause
from ivr.store.recovery_cases import MOST_PER_PAGE, CaseFilter, CasePage
from ivr.surveys.recovery import LoopFigures, assigned, closed, contacted, found_cause, loop_figures, remedied
from ivr.web.security import Audit, Guard, Reader, note_look

FIGURES_DAYS = 30


class Cases(Protocol):
    """Where cases are kept; `ivr.store.recovery_cases.RecoveryCases` is one."""

    async def case(self, case_id: str) -> RecoveryCase: ...

    async def page(self, wanted: CaseFilter) -> CasePage: ...

    async def since(self, opened: datetime) -> tuple[RecoveryCase, ...]: ...

    async def load(self) -> Mapping[str, int]: ...

    async def open(self, case: RecoveryCase, deed: Deed | None = None) -> RecoveryCase: ...

    async def change(
        self, case_id: str, how: Callable[[RecoveryCase], RecoveryCase], deed: Deed | None = None
    ) -> RecoveryCase: ...


class CaseShape(BaseModel):
    case_id: str
    call_id: str
    """Its record, sound and words: `/api/calls/{call_id}`."""

    customer: str
    reasons: list[str]
    opened_at: datetime
    due_at: datetime
    owner: str
    agent: str
    tier: str
    state: str
    contacted_at: datetime | None
    root_cause: str
    remedy: str
    outcome: str
    loop_score: int | None
    closed_at: datetime | None
    escalations: int
    escalated_at: datetime | None
    is_late: bool | None


class CaseList(BaseModel):
    cases: list[CaseShape]
    next: str | None


class LoopShape(BaseModel):
    """Of the last 30 days."""

    contacted_in_time: tuple[int, int]
    saved: tuple[int, int]
    open: int
    overdue: int


class CaseWish(BaseModel):
    """A case that a person opens."""

    call_id: Annotated[str, Field(min_length=1, max_length=64)]
    customer: Annotated[str, Field(max_length=64)] = ""
    due_at: AwareDatetime
    owner: Annotated[str, Field(max_length=64)] = ""
    agent: Annotated[str, Field(max_length=64)] = ""
    tier: Annotated[str, Field(pattern="^(vip|gold|standard|emergency)$")] = "standard"


class CaseStep(BaseModel):
    """What is done next. `assign` needs owner; `cause`: root_cause; `remedy`: remedy; `close`: outcome."""

    do: Literal["assign", "contact", "cause", "remedy", "close"]
    owner: Annotated[str, Field(max_length=64)] = ""
    root_cause: RootCause = ""
    remedy: Annotated[str, Field(max_length=2000)] = ""
    outcome: CaseOutcome = "no_action"
    loop_score: Annotated[int | None, Field(ge=1, le=5)] = None

    def applied(self, case: RecoveryCase, now: datetime) -> RecoveryCase:
        """
        Raises:
            NotNow: it does not fit the state of the case.
        """
        match self.do:
            case "assign":
                return assigned(case, self.owner)
            case "contact":
                return contacted(case, now)
            case "cause":
                return found_cause(case, self.root_cause)
            case "remedy":
                return remedied(case, self.remedy)
            case "close":
                return closed(case, self.outcome, now, self.loop_score)


def wanted_cases(
    state: str = "unclosed",
    owner: str = "",
    call_id: str = "",
    overdue: bool = False,
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
    cursor: str = "",
) -> CaseFilter:
    """The query of `GET /api/recovery-cases`; `state=` (empty) shows all."""
    return CaseFilter(state, owner, call_id, datetime.now(UTC) if overdue else None, limit, cursor)


def recovery_router(cases: Cases, audit: Audit, reads: Guard, works: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/recovery-cases", tags=["recovery"])
    Reads = Annotated[Reader, Depends(reads)]  # noqa: N806  types, made here because the key is known only now
    Works = Annotated[Reader, Depends(works)]  # noqa: N806

    @router.get("", summary="Those due first come first")
    async def list_cases(reader: Reads, wanted: Annotated[CaseFilter, Depends(wanted_cases)]) -> CaseList:
        await note_look(audit, reader, "recovery_cases.list", wanted.owner)
        page = await cases.page(wanted)
        return CaseList(cases=[_shape(case) for case in page.cases], next=page.next_cursor or None)

    @router.get("/figures")
    async def figures(reader: Reads) -> LoopShape:
        now = datetime.now(UTC)
        return _loop(loop_figures(await cases.since(now - timedelta(days=FIGURES_DAYS)), now))

    @router.get("/{case_id}")
    async def read_case(reader: Reads, case_id: str) -> CaseShape:
        case = await cases.case(case_id)
        await note_look(audit, reader, "recovery_case.read", case_id)
        return _shape(case)

    @router.post("", status_code=201, summary="Open a case by hand; the one of a call that has one is shown")
    async def open_case(reader: Works, wish: CaseWish) -> CaseShape:
        new = RecoveryCase(
            f"r-{wish.call_id}", wish.call_id, wish.customer, ("by_hand",), datetime.now(UTC), wish.due_at, "",
            wish.agent, wish.tier,
        )  # fmt: skip
        case = assigned(new, wish.owner)
        return _shape(await cases.open(case, _deed(reader, "open", case.case_id)))

    @router.post("/{case_id}", summary="The next step of a case")
    async def change_case(reader: Works, case_id: str, step: CaseStep) -> CaseShape:
        now = datetime.now(UTC)
        deed = _deed(reader, step.do, case_id)
        return _shape(await cases.change(case_id, lambda case: step.applied(case, now), deed))

    return router


def _loop(found: LoopFigures) -> LoopShape:
    return LoopShape(
        contacted_in_time=found.contacted_in_time, saved=found.saved, open=found.open, overdue=found.overdue
    )


def _deed(reader: Reader, what: str, case_id: str) -> Deed:
    return Deed(reader.who, f"recovery_case.{what}", case_id, reader.address)


def _shape(case: RecoveryCase) -> CaseShape:
    own = CaseShape.model_fields.keys() - {"reasons"}
    return CaseShape(**{name: getattr(case, name) for name in own}, reasons=list(case.reasons))
