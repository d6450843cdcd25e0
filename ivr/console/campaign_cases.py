"""The cases of a campaign: a list with filters, the newest first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, get_args

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import case_link
from ivr.console.parts import Filled, card, column, empty, linked, table
from ivr.console.rooms import CampaignRoom
from ivr.model.campaigns import Case, CaseState

PAGE = 25
STATES: tuple[str, ...] = get_args(CaseState)
Turn = Callable[[datetime | None], Awaitable[None]]


async def cases_tab(visit: Visit, room: CampaignRoom, name: str) -> None:
    pages: list[datetime | None] = [None]
    state, customer = _filters(visit)
    place = Filled(visit)

    async def read() -> Sequence[Case]:
        await visit.look("campaign.cases", name)
        ids = await room.views.cases(
            name, state=str(state.value or ""), customer=str(customer.value or "").strip(), before=pages[-1],
            most=PAGE + 1,
        )  # fmt: skip
        return await room.book.cases(ids)

    async def draw() -> None:
        await place.fill(read(), shown)

    def shown(found: Sequence[Case]) -> None:
        _list(visit, name, found[:PAGE])
        _turning(visit, pages, found, turn)

    async def turn(before: datetime | None) -> None:
        if before is None:
            pages.pop()
        else:
            pages.append(before)
        await draw()

    async def from_the_start() -> None:
        pages[:] = [None]
        await draw()

    state.on_value_change(from_the_start)
    customer.on("keydown.enter", from_the_start)
    customer.on("clear", from_the_start)
    await draw()


def _turning(visit: Visit, pages: Sequence[object], found: Sequence[Case], turn: Turn) -> None:
    """One case more than is shown tells that there are older ones."""
    with ui.row().classes("w-full justify-end"):
        back = ui.button(visit.t("Newer"), icon="chevron_left", on_click=lambda: turn(None)).props("flat dense")
        on = ui.button(visit.t("Older"), on_click=lambda: turn(found[PAGE - 1].received_at))
        on.props("flat dense icon-right=chevron_right")
        back.set_enabled(len(pages) > 1)
        on.set_enabled(len(found) > PAGE)


def _filters(visit: Visit) -> tuple[ui.select, ui.input]:
    t = visit.t
    with ui.row().classes("w-full gap-3 items-end"):
        state = ui.select(
            {"": t("All states"), **{one: plain(visit, one) for one in STATES}}, value="", label=t("State")
        )
        state.classes("min-w-44").props("dense outlined data-test=case-state")
        customer = ui.input(t("Customer's id; Enter looks it up")).classes("min-w-60")
        customer.props("dense outlined clearable data-test=customer")
    return state, customer


def _list(visit: Visit, name: str, found: Sequence[Case]) -> None:
    t = visit.t
    with card():
        if not found:
            empty(t("No case fits."), "assignment")
            return
        names = (
            ("at", t("Received")), ("customer", t("Customer")), ("state", t("State")), ("tries", t("Calls")),
            ("last", t("Last call")), ("next", t("Next call")), ("result", t("Result")),
        )  # fmt: skip
        rows = [_row(visit, name, one) for one in found]
        made = table([column(*one, sortable=False) for one in names], rows, "id").props("data-test=cases")
        linked(made, "at")


def _row(visit: Visit, name: str, case: Case) -> dict[str, Any]:
    t, last = visit.t, case.attempts[-1] if case.attempts else None
    due = clock(case.next_at) if case.next_at else (t("at once") if case.is_open else "")
    why = f" ({plain(visit, case.reason)})" if case.reason else ""
    return {
        "id": case.case_id, "link": case_link(name, case.case_id), "at": clock(case.received_at),
        "customer": case.alert.customer, "state": plain(visit, case.state) + why,
        "tries": len(case.attempts), "last": plain(visit, last.outcome) if last else "",
        "next": due if case.is_open else "",
        "result": ", ".join(f"{key}: {value}" for key, value in case.result.items()).replace("_", " "),
    }  # fmt: skip


def plain(visit: Visit, word: str) -> str:
    """A state, stage, outcome or reason in words where we know them, else as it is kept."""
    return visit.t(word).replace("_", " ")
