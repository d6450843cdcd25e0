"""The people of the house: who may log in, as what; for administrators."""

from functools import partial

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.parts import Act, heading, tried
from ivr.model.roles import ROLES, Role, permissions_of
from ivr.store.accounts import User, UserChange
from ivr.store.passwords import temporary_password


async def users(visit: Visit) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between"):
        heading(t("Users"), t("Who may log in, and as what. Every change is in the audit."))
        add = ui.button(t("Add somebody"), icon="person_add").props("no-caps data-test=add-user")
    place = ui.column().classes("w-full gap-2")

    async def draw() -> None:
        found = await visit.house.accounts.users()
        place.clear()
        with place:
            for one in found:
                _user(visit, one, draw)

    add.on_click(partial(_ask_add, visit, draw))
    await draw()


def _user(visit: Visit, one: User, draw: Act) -> None:
    t = visit.t

    async def change(wish: UserChange, action: str) -> None:
        async def do() -> None:
            await visit.needs("users.change")
            await visit.house.accounts.change(one.name, wish, visit.by)

        await tried(visit, do(), action)
        await draw()

    async def give_password() -> None:
        fresh = temporary_password(one.name)

        async def do() -> None:
            await visit.needs("users.change")
            await visit.house.accounts.change(one.name, UserChange(password=fresh), visit.by)

        if await tried(visit, do()):
            _tell_password(visit, one.name, fresh)

    with ui.element("div").classes("card w-full p-3"), ui.row().classes("w-full items-center gap-3"):
        with ui.column().classes("gap-0 w-48"):
            ui.label(one.shown_as or one.name).classes("font-semibold")
            ui.label(f"{one.name} · {clock(one.created_at)[:10]}").classes("text-sm soft")
        role = ui.select({each: t(each) for each in ROLES}, value=one.role, label=t("Role")).props("dense outlined")
        role.classes("w-40").tooltip(", ".join(permissions_of(one.role)))
        role.on_value_change(lambda event: change(UserChange(role=event.value), t("Done.")))
        active = ui.switch(t("may log in"), value=one.is_active)
        active.on_value_change(lambda event: change(UserChange(is_active=event.value), t("Done.")))
        if one.must_change:
            ui.label(t("has not chosen a password yet")).classes("chip amber")
        ui.space()
        ui.button(t("New password"), on_click=give_password).props("flat no-caps dense")


def _ask_add(visit: Visit, draw: Act) -> None:
    t = visit.t
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-96 max-w-full gap-2"):
        ui.label(t("Add somebody")).classes("text-lg font-semibold")
        name = ui.input(t("Name to log in with")).classes("w-full").props("autofocus data-test=user-name")
        shown_as = ui.input(t("Name as colleagues read it")).classes("w-full")
        role = ui.select({each: t(each) for each in ROLES}, value="agent", label=t("Role")).classes("w-full")

        async def add() -> None:
            login, chosen = (name.value or "").strip(), str(role.value)
            fresh = temporary_password(login)
            as_role: Role = next(each for each in ROLES if each == chosen)

            async def do() -> None:
                await visit.needs("users.change")
                user = User(login, as_role, (shown_as.value or "").strip(), must_change=True)
                await visit.house.accounts.add(user, fresh, visit.by)

            if await tried(visit, do()):
                dialog.close()
                _tell_password(visit, str(name.value), fresh)
                await draw()

        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat no-caps")
            ui.button(t("Add"), on_click=add).props("no-caps data-test=user-add")
    dialog.on("hide", dialog.delete)


def _tell_password(visit: Visit, name: str, password: str) -> None:
    t = visit.t
    with (
        ui.context.client.content,
        ui.dialog(value=True).props("persistent") as dialog,
        ui.card().classes("w-96 max-w-full gap-2"),
    ):
        ui.label(t("Password of {name}", name=name)).classes("text-lg font-semibold")
        ui.label(password).classes("text-xl font-mono select-all").props("data-test=password")
        ui.label(t("It is shown only now, and must be changed at the first login.")).classes("text-sm soft")
        ui.button(t("Close"), on_click=dialog.close).props("no-caps autofocus").classes("self-end")
    dialog.on("hide", dialog.delete)
