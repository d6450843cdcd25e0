"""Callers who left unhappy: who calls them back, by when, and what came of it. Those due first come first."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import Act, Filled, empty, figure, heading, share, tried
from ivr.console.recovery_closing import ask_outcome
from ivr.console.units import between
from ivr.insight.intervals import wilson
from ivr.model.audit import Deed
from ivr.model.recovery import RecoveryCase
from ivr.store.recovery_cases import CaseFilter, RecoveryCases
from ivr.surveys.recovery import LoopFigures, assigned, contacted, loop_figures
from ivr.web.origin import address_of

MOST, FIGURES_DAYS = 100, 30
VIEWS = {"unclosed": "Open cases", "mine": "Mine", "overdue": "Overdue", "closed": "Closed cases"}
REASONS = {
    "low_score": "low score", "unresolved": "not solved, and upset", "complaint": "complaint",
    "hidden_dissatisfied": "satisfied in words only", "call_back_wanted": "wants a call back", "by_hand": "by hand",
}  # fmt: skip
STATES = {
    "open": "to be called back", "contacted": "called back", "cause_found": "cause found", "remedied": "remedied",
    "closed": "closed",
}  # fmt: skip


async def recovery(visit: Visit) -> None:
    t, cases = visit.t, visit.house.cases
    with ui.row().classes("w-full items-center justify-between"):
        heading(t("Recovery cases"), t("Callers who left unhappy: who calls them back, and by when."))
        view = ui.select({key: t(words) for key, words in VIEWS.items()}, value="unclosed")
        view.props(f'dense outlined data-test=recovery-view aria-label="{t("Which cases")}"')
    if cases is None:
        empty(t("This server keeps no recovery cases."))
        return
    filled = Filled(visit)

    async def draw() -> None:
        await filled.fill(_read(visit, cases, str(view.value)), partial(_shown, visit, cases, draw))

    view.on_value_change(draw)
    await draw()


async def _read(visit: Visit, cases: RecoveryCases, view: str) -> tuple[list[RecoveryCase], LoopFigures]:
    """Raises StoreError."""
    await visit.look("recovery_cases.list")
    now = visit.house.utc()
    wanted = {
        "mine": CaseFilter(state="unclosed", owner=visit.user.name, limit=MOST),
        "overdue": CaseFilter(state="unclosed", overdue_at=now, limit=MOST),
    }.get(view, CaseFilter(state=view, limit=MOST))
    page = await cases.page(wanted)
    return list(page.cases), loop_figures(await cases.since(now - timedelta(days=FIGURES_DAYS)), now)


def _shown(visit: Visit, cases: RecoveryCases, draw: Act, read: tuple[list[RecoveryCase], LoopFigures]) -> None:
    t, (found, loop) = visit.t, read
    in_time, saved = loop.contacted_in_time, loop.saved
    with ui.row().classes("w-full gap-3"):
        figure(t("Open cases"), str(loop.open), test="recovery-open")
        figure(t("Overdue"), str(loop.overdue), tone="text-negative" if loop.overdue else "")
        for words, (part, of) in (("Called back in time", in_time), ("Won back", saved)):
            note = f"{part} / {of} · {between(wilson(part, of))} · " if of else ""
            figure(t(words), share(part / of if of else None), note + t("in 30 days"))
    if not found:
        empty(t("No such case. A low score, a complaint or a wish for a call back opens one."), "sentiment_satisfied")
    for case in found:
        _case(visit, cases, case, draw)


def _case(visit: Visit, cases: RecoveryCases, case: RecoveryCase, draw: Act) -> None:
    t = visit.t
    is_late = case.contacted_at is None and case.state != "closed" and case.due_at <= visit.house.utc()
    with (
        ui.element("article").classes("card w-full p-3").props(f"data-test=case-{case.case_id}"),
        ui.row().classes("w-full items-center gap-3"),
    ):
        with ui.column().classes("gap-0 w-56"):
            ui.label(t("call back by {at}", at=clock(case.due_at))).classes(
                "font-semibold" + (" text-negative" if is_late else "")
            )
            ui.label((case.customer if visit.may("calls.list") else "·····") or t("no number")).classes("text-sm soft")
        with ui.column().classes("gap-1 grow"):
            with ui.row().classes("gap-1"):
                for reason in case.reasons:
                    ui.label(t(REASONS.get(reason, reason))).classes("chip")
                if case.tier != "standard":
                    ui.label(visit.code(case.tier)).classes("chip amber")
                if case.escalations:
                    ui.label(t("escalated {n} times", n=case.escalations)).classes("chip red")
            ui.label(_standing(visit, case)).classes("text-sm soft").props("data-test=standing")
        if visit.may("calls.read"):
            ui.link(t("Call"), call_link(case.call_id)).classes("text-sm")
        if case.state != "closed" and visit.may("cases.work"):
            _steps(visit, cases, case, draw)


def _standing(visit: Visit, case: RecoveryCase) -> str:
    t = visit.t
    owner = case.owner or t("the supervisors together")
    parts = [t(STATES[case.state]), owner, *([visit.code(case.root_cause)] if case.root_cause else [])]
    return " · ".join([*parts, *([t(case.outcome)] if case.outcome else []), *([case.remedy] if case.remedy else [])])


def _steps(visit: Visit, cases: RecoveryCases, case: RecoveryCase, draw: Act) -> None:
    t = visit.t

    async def take(what: str, how: Callable[[RecoveryCase], RecoveryCase]) -> None:
        async def do() -> None:
            await visit.needs("cases.work")
            deed = Deed(visit.user.name, f"recovery_case.{what}", case.case_id, address_of(visit.request))
            await cases.change(case.case_id, how, deed)

        await tried(visit, do(), t("Done."))
        await draw()

    def called_back(found: RecoveryCase) -> RecoveryCase:
        return contacted(found, visit.house.utc())

    if case.owner != visit.user.name:
        mine = partial(take, "assign", lambda found: assigned(found, visit.user.name))
        ui.button(t("I take it"), on_click=mine).props("flat no-caps dense data-test=take")
    if case.contacted_at is None:
        called = ui.button(t("Called back"), on_click=partial(take, "contact", called_back))
        called.props("outline no-caps dense data-test=contacted")
    ui.button(t("Close"), on_click=lambda: ask_outcome(visit, partial(take, "close"))).props(
        "no-caps dense data-test=close"
    )
