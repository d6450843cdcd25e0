"""What callers left to be listened to: words at once, sound for a reason."""

from functools import partial

from nicegui import ui

from ivr.console.clocks import clock, lasting
from ivr.console.house import Visit
from ivr.console.links import call_link, message_link
from ivr.console.parts import empty, heading
from ivr.console.sound import ask_reason
from ivr.model.calls import Message
from ivr.store.messages import MessageFilter

PAGE = 30


async def messages(visit: Visit) -> None:
    heading(visit.t("Messages"), visit.t("What callers asked us to listen to later, newest first."))
    place = ui.column().classes("w-full gap-2")

    async def more(cursor: str) -> None:
        await visit.look("messages.list")
        page = await visit.house.archive.messages.page(MessageFilter(limit=PAGE, cursor=cursor))
        with place:
            if not page.messages and not cursor:
                empty(visit.t("Nobody has left a message yet."), "voicemail")
            for one in page.messages:
                _message(visit, one)
            if page.next_cursor:
                button = ui.button(visit.t("Older")).props("flat no-caps")

                async def older() -> None:
                    button.delete()
                    await more(page.next_cursor)

                button.on_click(older)

    await more("")


def _message(visit: Visit, one: Message) -> None:
    with ui.element("article").classes("card w-full p-4 flex flex-col gap-1"):
        with ui.row().classes("items-center gap-3 text-sm soft"):
            ui.label(clock(one.at))
            ui.label(visit.code(one.name)).classes("chip")
            ui.label(lasting(one.seconds))
            ui.link(visit.t("Call"), call_link(one.call_id))
        ui.label(one.transcript or visit.t("(no words were understood)")).classes(
            "" if one.transcript else "italic soft"
        )
        if one.path:
            place = ui.row().classes("w-full")

            async def play(reason: str) -> None:
                await visit.needs("calls.play")
                await visit.look("message.play", one.message_id, reason=reason)
                place.clear()
                with place:
                    ui.audio(message_link(one.message_id, reason), autoplay=True).classes("w-full")

            ask = partial(ask_reason, visit, visit.t("Why do you listen?"), visit.t("Listen"), play)
            with place:
                listen = ui.button(visit.t("Listen"), icon="headphones", on_click=ask)
                listen.props("outline no-caps dense")
