"""The audit: who saw and changed what, and whether the chain of it is whole."""

import re
from collections.abc import Sequence

from nicegui import ui

from ivr.console.audit_words import DEEDS, DETAILS, KINDS, detail_of
from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import card, column, empty, heading, linked, table, trouble
from ivr.model.audit import AuditEntry, Deed
from ivr.model.errors import IvrError
from ivr.store.audit import AuditFilter, Verdict
from ivr.store.rows import from_ms

PAGE = 100
CALL_ID = re.compile(r"[0-9a-f]{32}")


async def audit(visit: Visit) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between"):
        heading(t("Audit"), t("Who saw and did what. Each entry holds the hash of the one before."))
        verify = ui.button(t("Verify the whole chain"), icon="verified").props("no-caps data-test=verify")
    said = ui.row().classes("w-full items-center gap-2").props("role=status data-test=verdict")
    verify.on_click(lambda: _verify(visit, verify, said))
    who, action, subject = _filters(visit)
    place = ui.column().classes("w-full")

    async def draw(before: int = 0) -> None:
        place.clear()
        wanted = AuditFilter(who.value or "", action.value or "", subject.value or "", before=before, limit=PAGE)
        with place:
            try:
                await visit.look("audit.list")
                found = await visit.house.audit.page(wanted)
            except IvrError as error:
                trouble(visit, error)
                return
            if not found:
                empty(t("No entry fits."), "policy")
                return
            with card():
                _entries(visit, found)
            last = found[-1].number if len(found) == PAGE else 0
            with ui.row().classes("w-full justify-end"):
                newest = ui.button(t("Newest"), on_click=lambda: draw()).props("flat dense no-caps")
                older = ui.button(t("Older"), on_click=lambda: draw(last)).props("flat dense no-caps")
                newest.set_enabled(before > 0)
                older.set_enabled(last > 1)

    for each in (who, subject):
        each.on("keydown.enter", lambda: draw())
    action.on_value_change(lambda: draw())
    await draw()


def _filters(visit: Visit) -> tuple[ui.input, ui.select, ui.input]:
    t = visit.t
    with ui.row().classes("w-full gap-3 items-end"):
        who = ui.input(t("Who"))
        action = ui.select({key: t(words) for key, words in KINDS.items()}, value="", label=t("What"))
        subject = ui.input(t("Of what"))
    for each in (who, action, subject):
        each.props("dense outlined").classes("grow basis-40")
    return who, action, subject


async def _verify(visit: Visit, button: ui.button, said: ui.row) -> None:
    said.clear()
    with said:
        ui.spinner()
    button.disable()
    try:
        await visit.needs("audit.read")
        await visit.look("audit.verify")
        verdict = await visit.house.audit.verify()
    except IvrError as error:
        said.clear()
        with said:
            trouble(visit, error)
    else:
        said.clear()
        with said:
            _verdict(visit, verdict)
    finally:
        button.enable()


def _entries(visit: Visit, found: Sequence[AuditEntry]) -> None:
    names = {"number": "№", "at": "When", "who": "Who", "action": "What", "subject": "Of what", "detail": "More"}
    names["address"] = "From"
    keys = {key: visit.t(words) for key, words in DETAILS.items()}
    rows = [
        {"number": one.number, "at": clock(from_ms(one.at_ms)), "who": _who(visit, one.deed.who),
         "action": visit.t(DEEDS.get(one.deed.action, one.deed.action)), "subject": one.deed.subject,
         "code": one.deed.action, "address": visit.t(one.deed.address), "link": _link(visit, one.deed),
         "detail": detail_of(one.deed.detail, keys, visit.language)}
        for one in found
    ]  # fmt: skip
    made = table([column(name, visit.t(words)) for name, words in names.items()], rows, "number")
    made.props("data-test=entries")
    linked(made, "subject")
    made.add_slot(
        "body-cell-action",
        '<q-td :props="props">{{ props.value }}<q-tooltip>{{ props.row.code }}</q-tooltip></q-td>',
    )


def _who(visit: Visit, who: str) -> str:
    """A key of the interface is known by the beginning of its hash."""
    return visit.t("interface key {key}", key=who.removeprefix("key:")) if who.startswith("key:") else who


def _link(visit: Visit, deed: Deed) -> str:
    """To the call that it is about."""
    is_call = deed.action.startswith("call.") and CALL_ID.fullmatch(deed.subject) is not None
    return call_link(deed.subject) if is_call and visit.may("calls.read") else ""


def _verdict(visit: Visit, verdict: Verdict) -> None:
    broken = verdict.broken
    ui.icon(
        "verified" if broken is None else "gpp_bad", color="positive" if broken is None else "negative", size="2rem"
    )
    if broken is None:
        ui.label(visit.t("All {n} entries are as they were written.", n=verdict.entries)).classes("font-semibold")
        ui.label(visit.t("Note the end elsewhere: {hash}", hash=verdict.end.hash)).classes(
            "text-xs font-mono break-all"
        )
    else:
        words = visit.t("Entry {n} is not as it was written: {why}.", n=broken.number, why=visit.t(broken.why))
        ui.label(words).classes("text-red-600 font-semibold")
