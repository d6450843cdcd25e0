"""The whole history of one case: what came in, every call, every stage with its time, and what was told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from ivr.campaigns.ledger import STAGES
from ivr.console.campaign_cases import plain
from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link, campaign_link
from ivr.console.parts import card, crumbs, empty, heading, tried, trouble
from ivr.console.rooms import CampaignRoom
from ivr.model.campaigns import Attempt, Case
from ivr.model.errors import IvrError, NotNow, NotThere


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the history."""

    at: datetime
    what: str
    icon: str
    detail: str = ""
    call_id: str = ""


async def campaign_case(visit: Visit, name: str, case_id: str) -> None:
    t, room = visit.t, visit.house.campaigns
    crumbs(visit, name.replace("_", " "), f"{campaign_link(name)}&tab=cases")
    try:
        if room is None:
            raise NotNow(t("Campaigns are off on this server: nobody is called."))
        await visit.look("campaign.case", case_id)
        case = await room.book.case(case_id)
        if case is None or case.campaign != name:
            raise NotThere(t("There is no such case."))
    except IvrError as error:
        heading(t("Case"))
        trouble(visit, error)
        return
    _shown(visit, room, case)


def _shown(visit: Visit, room: CampaignRoom, case: Case) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between gap-3"):
        why = f" · {plain(visit, case.reason)}" if case.reason else ""
        heading(f"{case.alert.customer} · {plain(visit, case.state)}{why}", f"{t('Case')} {case.case_id}")
        if case.is_open and visit.may("campaigns.run"):
            _cancelling(visit, room, case)
    with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-5 gap-3"):
        with ui.column().classes("lg:col-span-3 gap-3 min-w-0"), card(t("History")):
            for moment in moments(visit, case):
                _moment(visit, moment, case.received_at)
        with ui.column().classes("lg:col-span-2 gap-3 min-w-0"):
            with card(t("Result")):
                if not case.result:
                    empty(t("Nothing was noted yet."), "pending")
                for key, value in case.result.items():
                    _fact(key.replace("_", " "), value)
            with card(t("What it is about")):
                _about(visit, case)


def _about(visit: Visit, case: Case) -> None:
    t = visit.t
    for alert in case.alerts:
        _fact(alert.source, alert.event_id)
        _fact(t("occurred"), clock(alert.occurred_at))
    _fact(t("language"), case.alert.language)
    _fact(t("lane"), t(case.lane))
    _fact(t("transactions"), str(len(case.items)))
    _fact(t("numbers"), ", ".join(f"…{number[-4:]}" for number in case.phones))
    if case.alert.expires_at:
        _fact(t("no use after"), clock(case.alert.expires_at))


def _fact(name: str, value: str) -> None:
    with ui.row().classes("w-full gap-3 no-wrap justify-between text-sm"):
        ui.label(name).classes("soft")
        ui.label(value).classes("text-right break-all figures")


def moments(visit: Visit, case: Case) -> list[Moment]:
    """Stages of the case and of every call, in the order they happened."""
    t = visit.t
    # A stage that a call reached is told with the call.
    of_calls = {(stage, at) for one in case.attempts for stage, at in one.times.items()}
    found = [Moment(at, t(stage), "flag") for stage, at in case.times.items() if (stage, at) not in of_calls]
    found += [Moment(alert.occurred_at, t("occurred"), "bolt", alert.event_id) for alert in case.merged]
    for one in case.attempts:
        found += _of_attempt(visit, one)
    known = {name: place for place, name in enumerate(map(t, STAGES))}
    return sorted(found, key=lambda one: (one.at, known.get(one.what, len(known))))


def _of_attempt(visit: Visit, one: Attempt) -> Sequence[Moment]:
    t = visit.t
    ended = plain(visit, one.outcome) + (f": {plain(visit, one.rule)}" if one.rule else "")
    call = t("Call {n} to {to}", n=one.number, to=f"…{one.to[-4:]}")
    made = [Moment(at, f"{call}: {t(stage)}", "call") for stage, at in one.times.items()]
    if made:
        last = max(made, key=lambda moment: moment.at)
        made[made.index(last)] = Moment(last.at, f"{last.what} · {ended}", "call", one.trunk, one.call_id)
    return made


def _moment(visit: Visit, one: Moment, received: datetime) -> None:
    seconds = (one.at - received).total_seconds()
    with ui.row().classes("w-full items-center gap-3 no-wrap border-t pt-2 ruled").props("data-test=moment"):
        ui.icon(one.icon, size="1.2rem").props("aria-hidden=true").classes("soft")
        with ui.column().classes("grow gap-0 min-w-0"):
            ui.label(one.what).classes("text-sm")
            if one.detail:
                ui.label(one.detail).classes("text-xs soft break-all")
        if one.call_id and visit.may("calls.read"):
            ui.link(visit.t("Call"), call_link(one.call_id)).classes("text-sm")
        with ui.column().classes("gap-0 items-end"):
            ui.label(f"{seconds:+.3f} s" if abs(seconds) < 120 else clock(one.at)).classes("text-sm figures")
            ui.label(clock(one.at)).classes("text-xs soft figures")


def _cancelling(visit: Visit, room: CampaignRoom, case: Case) -> None:
    t = visit.t

    async def cancel() -> None:
        await visit.needs("campaigns.run")
        if not (why := str(wish.value or "").strip()):
            raise NotNow(t("Say why first."))
        await visit.look("case.cancel", case.case_id)
        await room.desk.cancel(case.case_id, why)
        ui.navigate.reload()

    with ui.row().classes("items-center gap-2 no-wrap"):
        wish = ui.input(t("Why nobody need be called")).props("dense outlined maxlength=200 data-test=cancel-reason")
        button = ui.button(t("Cancel the case"), on_click=lambda: tried(visit, cancel()))
        button.props("outline no-caps data-test=cancel-case")
