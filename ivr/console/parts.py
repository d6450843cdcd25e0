"""What all pages are made of: titles, cards with a figure, tables, empty and error states, and answers to errors."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import structlog
from nicegui import background_tasks, ui

from ivr.console.house import Visit
from ivr.console.pulse import next_beat
from ivr.model.errors import IvrError
from ivr.web.problems import LoginNeeded

THROTTLE_SECONDS = 0.4
"""A page is drawn again at most so often, however much happens."""

log = structlog.get_logger(__name__)

Read = TypeVar("Read")

Act = Callable[[], Awaitable[None]]
"""Something a page does: draw itself, change something."""


def heading(title: str, text: str = "") -> None:
    with ui.column().classes("gap-0"):
        ui.label(title).classes("text-2xl font-semibold").props("role=heading aria-level=1")
        if text:
            ui.label(text).classes("text-sm soft")


def crumbs(visit: Visit, words: str, href: str, here: str = "") -> None:
    """The way back to the list that a page belongs to."""
    with ui.row().classes("items-center gap-2 text-sm").props(f'role=navigation aria-label="{visit.t("Way back")}"'):
        with ui.link(target=href).classes("flex items-center gap-1 no-underline").props("data-test=back"):
            ui.icon("arrow_back").props("aria-hidden=true")
            ui.label(words)
        if here:
            ui.label(here).classes("soft figures")


@contextmanager
def card(title: str = "", classes: str = "") -> Iterator[ui.column]:
    """A frame with a title round one matter."""
    with ui.element("section").classes(f"card w-full p-4 flex flex-col gap-2 {classes}"):
        if title:
            ui.label(title).classes("text-base font-semibold").props("role=heading aria-level=2")
        with ui.column().classes("w-full gap-2") as inside:
            yield inside


def figure(name: str, value: str, note: str = "", tone: str = "", test: str = "") -> None:
    """One number that is read from across the room."""
    with ui.element("div").classes("card p-4 grow basis-36 min-w-36"):
        ui.label(name).classes("text-sm soft")
        shown = ui.label(value).classes(f"text-3xl font-semibold tabular-nums {tone}")
        if test:
            shown.props(f"data-test={test}")
        ui.label(note or "\u00a0").classes("text-xs soft")


def empty(text: str, icon: str = "inbox") -> None:
    """Nothing there yet, and what would bring it."""
    with ui.column().classes("w-full items-center gap-1 py-6 soft"):
        ui.icon(icon, size="2rem").props("aria-hidden=true")
        ui.label(text).classes("text-sm text-center")


def trouble(visit: Visit, error: IvrError) -> None:
    """What could not be shown, and why."""
    with ui.row().classes("w-full items-center gap-2 p-3 rounded border border-red-400").props("role=alert"):
        ui.icon("error_outline", color="negative", size="1.5rem")
        ui.label(told(visit, error)).classes("grow whitespace-pre-wrap")
        ui.button(visit.t("Try again"), on_click=ui.navigate.reload).props("flat dense")


KINDS = {
    "not_there": "This is not there, or not any more.",
    "not_now": "This cannot be done now.",
    "not_allowed": "Your role may not do this.",
    "bad_query": "Something was written in a way that cannot be read.",
    "store": "The database does not answer; try again in a moment.",
    "flow": "The flow has a mistake.",
    "config": "The configuration has a mistake.",
    "line": "The telephone line did not do it.",
}
"""English words by kind of error; before the error's own words where these are in another language."""


def told(visit: Visit, error: IvrError) -> str:
    """What went wrong, in the visitor's language; errors of ours are written in English."""
    if isinstance(error, LoginNeeded):
        return visit.t("Your session is over: log in again.")
    text = str(error)
    if visit.language != "zh" or any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return text
    if (known := visit.t(text)) != text:
        return known
    kind = visit.t(KINDS.get(error.code.partition(".")[0], "This did not work."))
    return f"{kind}\n{text}"


async def tried(visit: Visit, doing: Awaitable[Any], done: str = "") -> bool:
    """Do something that may be refused; say what came of it. Whether it was done."""
    try:
        await doing
    except IvrError as error:
        log.info("console_refused", code=error.code)
        ui.notify(told(visit, error), type="negative", multi_line=True, timeout=8000, close_button=True)
        return False
    if done:
        ui.notify(done, type="positive")
    return True


class Filled:
    """A part of a page that is read anew now and then: a spinner meanwhile, and what went wrong in its place. Of two
    readings that overlap the one that was begun last is shown."""

    def __init__(self, visit: Visit, classes: str = "w-full gap-3") -> None:
        self._visit, self._begun = visit, 0
        self.place = ui.column().classes(classes).props("aria-live=polite")

    async def fill(self, reading: Awaitable[Read], show: Callable[[Read], None]) -> None:
        self._begun += 1
        mine = self._begun
        self.place.clear()
        with self.place:
            ui.spinner(size="2rem").classes("self-center my-12").props(f'aria-label="{self._visit.t("Loading …")}"')
        try:
            found = await reading
        except IvrError as error:
            self._put(mine, partial(trouble, self._visit, error))
            return
        self._put(mine, lambda: show(found))

    def _put(self, mine: int, show: Callable[[], None]) -> None:
        if mine == self._begun and not self.place.is_deleted:
            self.place.clear()
            with self.place:
                show()


def follow(visit: Visit, refresh: Act, every_seconds: float = 5.0) -> None:
    """Draw with each beat of the house, and every so many seconds (clocks run), until the page is left. Whether the
    visitor is still logged in is looked after by the frame."""
    client, pulse = ui.context.client, visit.house.pulse
    heard = pulse.listen()

    async def run() -> None:
        await client.connected()
        while True:
            await next_beat(heard, every_seconds)
            with client:
                try:
                    await refresh()
                except IvrError as error:
                    log.warning("console_page_not_refreshed", code=error.code)
            await asyncio.sleep(THROTTLE_SECONDS)

    task = background_tasks.create(run(), name="console page")

    def leave() -> None:
        pulse.forget(heard)
        task.cancel()

    client.on_delete(leave)


def table(columns: list[dict[str, Any]], rows: list[dict[str, Any]], key: str, **more: Any) -> ui.table:
    """A plain table; rows can be reached and opened with the keyboard where `on_open` is given."""
    on_open: Callable[[dict[str, Any]], None] | None = more.pop("on_open", None)
    size = int(more.pop("pagination", 0))
    made = ui.table(columns=columns, rows=rows, row_key=key, pagination=size, **more)
    made.classes("w-full").props("flat dense wrap-cells" + ("" if size and len(rows) > size else " hide-pagination"))
    if on_open:
        made.on("row-click", lambda event: on_open(event.args[1]), [[], ["*"], None])
        made.classes("cursor-pointer")
    return made


def linked(made: ui.table, name: str) -> None:
    """The cells of a column lead to `link` of their row, where it has one."""
    made.add_slot(
        f"body-cell-{name}",
        '<q-td :props="props"><a v-if="props.row.link" :href="props.row.link" class="text-primary underline">'
        "{{ props.value }}</a><span v-else>{{ props.value }}</span></q-td>",
    )


def column(name: str, label: str, *, align: str = "left", sortable: bool = True) -> dict[str, Any]:
    return {"name": name, "label": label, "field": name, "align": align, "sortable": sortable}


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
