"""Campaigns: what runs, what waits, and pausing or stopping it; how to turn them on where they are off."""

from functools import partial

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.links import campaign_link
from ivr.console.parts import Act, card, empty, follow, heading, tried
from ivr.console.rooms import CampaignRoom
from ivr.model.audit import Deed
from ivr.model.campaigns import CampaignState
from ivr.web.origin import address_of

CHIPS: dict[str, str] = {"running": "good", "paused": "amber", "stopped": "red"}
WISHES: dict[CampaignState, tuple[str, str]] = {
    "running": ("Run", "play_arrow"), "paused": ("Pause", "pause"), "stopped": ("Stop …", "stop"),
}  # fmt: skip
HOW_TO_START = (
    "Put one file for each campaign into the folder campaigns (fraud_check.yaml is an example).",
    "Set campaigns.enabled: true in config.yaml.",
    "Set IVR_EVENTS_SECRET, with which your systems sign the events they send.",
    "Set up a line that calls out: Twilio, or a SIP trunk with an address.",
    "Start the server again.",
)


async def campaigns(visit: Visit) -> None:
    t, room = visit.t, visit.house.campaigns
    with ui.row().classes("w-full items-center justify-between gap-3"):
        heading(t("Campaigns"), t("Calls that we make: who is called, how far it got, how fast."))
        if room:
            ui.link(t("Do-not-call list"), "/console/do-not-call").classes("text-sm").props("data-test=to-list")
    if room is None:
        _off(visit)
        return
    await visit.look("campaign.list")
    place = ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3")
    seen: list[object] = []

    async def draw() -> None:
        """Only what has changed is built anew: a button that somebody has the focus on must stay."""
        desk = room.desk
        now = [(name, desk.states[name], desk.waiting(name), on_the_line(room, name), desk.breaker.is_open)
               for name in sorted(desk.campaigns)]  # fmt: skip
        if seen != [now]:
            seen[:] = [now]
            place.clear()
            with place:
                for name, *_ in now:
                    _one(visit, room, name, draw)

    await draw()
    if not room.desk.campaigns:
        empty(t("There is no campaign yet: put a file into the folder of campaigns."), "campaign")
    follow(visit, draw, every_seconds=2.0)


def on_the_line(room: CampaignRoom, name: str) -> int:
    return sum(each == name for each in room.desk.flying.values())


def _off(visit: Visit) -> None:
    t = visit.t
    with card():
        empty(t("Campaigns are off on this server: nobody is called."), "phone_disabled")
        with ui.column().classes("gap-1 self-center max-w-2xl").props("data-test=how-to-start"):
            ui.label(t("To turn them on:")).classes("font-semibold")
            for number, words in enumerate(HOW_TO_START, 1):
                ui.label(f"{number}. {t(words)}").classes("text-sm")


def _one(visit: Visit, room: CampaignRoom, name: str, again: Act) -> None:
    t, campaign, desk = visit.t, room.desk.campaigns[name], room.desk
    with card() as place:
        place.props(f'data-test="campaign-{name}"')
        with ui.row().classes("w-full items-center gap-2"):
            ui.link(name.replace("_", " "), campaign_link(name)).classes("text-lg font-semibold")
            ui.label(t(desk.states[name])).classes(f"chip {CHIPS[desk.states[name]]}").props("data-test=state")
            ui.label(t(campaign.lane)).classes("chip accent" if campaign.lane == "urgent" else "chip")
            if desk.breaker.is_open:
                ui.label(t("the trunk is given a rest")).classes("chip red")
        facts = (campaign.flow, campaign.purpose.replace("_", " "), f"{t('hours')}: {t(campaign.window)}",
                 campaign.profile.name.upper())  # fmt: skip
        ui.label(" · ".join(facts)).classes("text-sm soft")
        with ui.row().classes("w-full gap-6"):
            _number(t("waiting"), desk.waiting(name), "waiting")
            _number(t("on the line now"), on_the_line(room, name), "live")
            _number(t("lines at most"), campaign.most_lines, "lines")
        state_buttons(visit, room, name, again)


def _number(words: str, value: int, test: str) -> None:
    with ui.column().classes("gap-0"):
        ui.label(f"{value:,}").classes("text-2xl font-semibold figures").props(f"data-test={test}")
        ui.label(words).classes("text-xs soft")


def state_buttons(visit: Visit, room: CampaignRoom, name: str, again: Act) -> None:
    """Run, pause, stop: those that would change something. Stopping asks first: it cancels what waits."""
    if not visit.may("campaigns.run"):
        return

    async def put(state: CampaignState) -> None:
        await visit.needs("campaigns.run")
        deed = Deed(visit.user.name, f"campaign.{state}", name, address_of(visit.request))
        await room.desk.put_state(name, state, deed)
        await again()

    async def wish(state: CampaignState) -> None:
        if state == "stopped":
            _ask_stop(visit, room, name, partial(put, state))
        else:
            await tried(visit, put(state), visit.t("Done."))

    with ui.row().classes("gap-2"):
        for state, (words, icon) in WISHES.items():
            if state != room.desk.states[name]:
                button = ui.button(visit.t(words), icon=icon, on_click=partial(wish, state))
                button.props(f'outline dense no-caps data-test="{state}"').classes("px-3")


def _ask_stop(visit: Visit, room: CampaignRoom, name: str, stop: Act) -> None:
    t = visit.t
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-[28rem] max-w-full gap-3"):
        ui.label(t("Stop {name}?", name=name.replace("_", " "))).classes("text-lg font-semibold")
        ui.label(t("{n} cases that wait are cancelled, and new events are refused.", n=room.desk.waiting(name)))

        async def go() -> None:
            dialog.close()
            await tried(visit, stop(), t("Done."))

        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat no-caps autofocus")
            ui.button(t("Stop"), on_click=go, color="negative").props("no-caps data-test=stop-now")
    dialog.on("hide", dialog.delete)
