"""The flows there are: what new calls get, what is in trouble, and the way into the editor."""

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import flow_link
from ivr.console.parts import card, empty, heading, share


async def flows(visit: Visit) -> None:
    t, house = visit.t, visit.house
    heading(
        t("Flows"),
        t("What callers hear; edits of a published flow reach nobody until they are published."),
    )
    names, live, served = house.workshop.names(), await house.versions.live(), house.workshop.served()
    if not names:
        empty(t("There is no flow yet: put one into the folder of flows."), "account_tree")
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        for name in names:
            with card(), ui.row().classes("w-full items-center no-wrap"):
                with ui.column().classes("grow gap-0 min-w-0"):
                    ui.link(name, flow_link(name)).classes("text-lg font-semibold")
                    now = live.get(name)
                    words = t("live {version} since {at}", version=now.version, at=clock(now.since)) if now else ""
                    ui.label(words or t("never published: calls get the folder as it was at the start")).classes(
                        "text-sm"
                    )
                    if now and now.canary:
                        ui.label(t("canary {version}: {share} of calls", version=now.canary, share=share(now.share)))
                    if name in house.workshop.broken:
                        ui.label(house.workshop.broken[name]).classes("text-sm text-red-600").props("role=alert")
                if name in served:
                    ui.badge(t("answers calls")).props("color=positive")
