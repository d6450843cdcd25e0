"""A CSV list of people to call: taken row by row with a progress bar, and a report of the rows that were refused."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from ivr.campaigns.desk import CampaignDesk
from ivr.console.house import Visit
from ivr.console.parts import card, column, figure, table, tried
from ivr.console.rooms import CampaignRoom
from ivr.model.campaigns import Accepted, Alert
from ivr.model.errors import BadQuery
from ivr.web.campaign_shapes import ListReport
from ivr.web.campaigns import LARGEST_LIST, take_rows

COLUMNS = "customer,phone,event_id,language,timezone,jurisdiction"
EXAMPLE = f"{COLUMNS}\nC-1001,+15555550123,,en,America/New_York,us\n"


@dataclass(slots=True)
class Counting:
    """A desk that counts what it was given, for the progress bar."""

    desk: CampaignDesk
    told: Callable[[int], None]
    done: int = 0

    async def receive(self, campaign: str, alert: Alert, *, timeless: bool = False) -> Accepted:
        taken = await self.desk.receive(campaign, alert, timeless=timeless)
        self.done += 1
        self.told(self.done)
        return taken


STYLE = ".only-head .q-uploader__list { display: none; }"
"""What was sent is reported below; the list of files would only repeat it."""


async def list_tab(visit: Visit, room: CampaignRoom, name: str) -> None:
    t = visit.t
    ui.add_css(STYLE)
    with card(t("People to call, as CSV")):
        ui.label(t("The first line names the columns; customer and phone are needed, further columns are facts for the "
                   "flow. The same row sent again calls nobody again.")).classes("text-sm soft")  # fmt: skip
        ui.label(COLUMNS).classes("text-sm font-mono break-all")
        example = ui.button(t("Download an example"), icon="download")
        example.on_click(lambda: ui.download.content(EXAMPLE, "list.csv")).props("flat dense no-caps")
        upload = ui.upload(max_file_size=LARGEST_LIST, auto_upload=True, label=t("Choose a list"))
        upload.props('accept=".csv,text/csv" flat bordered data-test=upload').classes("w-full max-w-xl only-head")
    bar = ui.linear_progress(0.0, show_value=False, size="12px").props("data-test=progress")
    bar.visible = False
    count = ui.label().classes("text-sm figures").props("aria-live=polite")
    place = ui.column().classes("w-full gap-3")

    async def take(text: str) -> None:
        await visit.needs("campaigns.run")
        await visit.look("campaign.list", name)
        rows = max(1, text.count("\n"))

        def told(done: int) -> None:
            bar.value = min(1.0, done / rows)
            count.set_text(t("{n} rows taken in", n=f"{done:,}"))

        report = await take_rows(Counting(room.desk, told), name, text, "list")
        bar.value = 1.0
        place.clear()
        with place:
            _report(visit, report)

    async def uploaded(event: events.UploadEventArguments) -> None:
        bar.value, bar.visible = 0.0, True
        place.clear()
        await tried(visit, _read(event, take))
        upload.reset()

    upload.on_upload(uploaded)
    upload.on("rejected", lambda: ui.notify(t("The file is too large, or no CSV."), type="negative"))


async def _read(event: events.UploadEventArguments, take: Callable[[str], Any]) -> None:
    """Raises BadQuery: it is not text."""
    try:
        text = (await event.file.read()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadQuery("the list is not UTF-8 text; save it as CSV in UTF-8") from error
    await take(text)


def _report(visit: Visit, report: ListReport) -> None:
    t = visit.t
    with ui.row().classes("w-full gap-3 items-stretch").props("data-test=report"):
        figure(t("Taken"), f"{report.taken:,}", t("new cases"), test="taken")
        figure(t("Known already"), f"{report.again:,}", t("sent before"))
        figure(t("Added to an open case"), f"{report.merged:,}", t("one call settles them"))
        figure(t("Refused"), f"{len(report.refused):,}", t("see below") if report.refused else "",
               "text-red-500" if report.refused else "", test="refused-rows")  # fmt: skip
    if not report.refused:
        return
    with card(t("Refused rows")):
        rows = [{"line": one.line, "why": one.why} for one in report.refused]
        save = ui.button(t("Download as CSV"), icon="download")
        save.on_click(lambda: ui.download.content(as_csv(report), "refused.csv")).props("flat dense no-caps")
        names = (("line", t("Line")), ("why", t("Reason")))
        table([column(*one) for one in names], rows, "line", pagination=10).props("data-test=refused-list")


def as_csv(report: ListReport) -> str:
    """Line and reason; nothing of what stood in the row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("line", "why"))
    writer.writerows((one.line, one.why) for one in report.refused)
    return out.getvalue()
