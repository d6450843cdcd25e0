"""Who must not be called: looked up, added, taken off. Every change is in the audit, with the number shortened."""

from collections.abc import Sequence

from nicegui import ui
from pydantic import ValidationError

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import ROOT
from ivr.console.parts import Act, Filled, card, crumbs, empty, heading, tried
from ivr.console.rooms import CampaignRoom
from ivr.model.audit import Deed
from ivr.model.campaigns import Refusal
from ivr.model.errors import BadQuery
from ivr.web.campaign_shapes import RefusalShape
from ivr.web.origin import address_of
from ivr.web.security import shortened

MOST = 100
"""Shown; a party that is looked up is found among all."""


async def do_not_call(visit: Visit) -> None:
    t, room = visit.t, visit.house.campaigns
    crumbs(visit, t("Campaigns"), f"{ROOT}/campaigns")
    heading(t("Do-not-call list"), t("Whoever is on it is not called from that moment on."))
    if room is None:
        empty(t("Campaigns are off on this server: nobody is called."), "phone_disabled")
        return
    with ui.row().classes("w-full gap-3 items-end"):
        party = ui.input(t("Number as +49…, or customer:id; Enter looks it up")).classes("grow max-w-xl")
        party.props("dense outlined clearable data-test=party")
    place = Filled(visit)

    async def read() -> Sequence[Refusal]:
        await visit.look("do_not_call.read")
        return await room.rules.all(str(party.value or "").strip(), most=MOST)

    async def draw() -> None:
        await place.fill(read(), lambda found: _shown(visit, room, found, draw))

    if visit.may("campaigns.run"):
        _adding(visit, room, draw)
    party.on("keydown.enter", draw)
    party.on("clear", draw)
    await draw()


def _adding(visit: Visit, room: CampaignRoom, again: Act) -> None:
    t = visit.t
    with card(t("Add a number or a customer")), ui.row().classes("w-full gap-3 items-center"):
        party = ui.input(t("Number as +49…, or customer:id")).classes("grow min-w-52")
        party.props("dense outlined data-test=add-party")
        purposes = dict.fromkeys(one.purpose for one in room.desk.campaigns.values())
        purpose = ui.select({"*": t("every purpose"), **{one: visit.code(one) for one in purposes}}, value="*")
        purpose.props(f'dense outlined aria-label="{t("Purpose")}"').classes("min-w-40")
        why = ui.input(t("Reason")).classes("grow min-w-40").props("dense outlined maxlength=200 data-test=add-reason")

        async def add() -> None:
            await visit.needs("campaigns.run")
            wish = checked(str(party.value or "").strip(), str(purpose.value), str(why.value or "").strip())
            refusal = Refusal(wish.party, wish.purpose, wish.reason, visit.user.name)
            await room.rules.put(refusal, _deed(visit, "do_not_call.put", wish.party))
            party.value, why.value = "", ""
            await again()

        button = ui.button(t("Add"), icon="add", on_click=lambda: tried(visit, add(), t("Done.")))
        button.props("no-caps data-test=add-refusal")


def checked(party: str, purpose: str, reason: str) -> RefusalShape:
    """Raises BadQuery: it is no number and no customer."""
    try:
        return RefusalShape(party=party, purpose=purpose, reason=reason)
    except ValidationError as error:
        raise BadQuery("write a number with + and the country code, or customer: and the customer's id") from error


def _deed(visit: Visit, action: str, party: str) -> Deed:
    return Deed(visit.user.name, action, shortened(party), address_of(visit.request))


def _shown(visit: Visit, room: CampaignRoom, found: Sequence[Refusal], again: Act) -> None:
    t = visit.t
    with card():
        if not found:
            empty(t("Nobody is on the list, or nobody by that number."), "playlist_add_check")
        for one in found:
            with ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled no-wrap").props("data-test=refusal"):
                with ui.column().classes("grow gap-0 min-w-0"):
                    ui.label(one.party).classes("font-semibold figures")
                    words = (clock(one.at), one.reason, one.source)
                    ui.label(" · ".join(word for word in words if word)).classes("text-xs soft")
                ui.label(t("every purpose") if one.purpose == "*" else visit.code(one.purpose)).classes("chip")
                if visit.may("campaigns.run"):
                    _removing(visit, room, one, again)


def _removing(visit: Visit, room: CampaignRoom, one: Refusal, again: Act) -> None:
    t = visit.t

    async def remove() -> None:
        await visit.needs("campaigns.run")
        await room.rules.remove(one.party, one.purpose, _deed(visit, "do_not_call.remove", one.party))
        await again()

    button = ui.button(t("May be called again"), on_click=lambda: tried(visit, remove(), t("Done.")))
    button.props("flat dense no-caps data-test=remove-refusal")
