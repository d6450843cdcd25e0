"""Figures of surveys over any number of calls: what is added up already, and the calls that are no contacts yet."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from ivr.insight.counting import counted
from ivr.insight.kano import Feature
from ivr.insight.metrics_survey import TALLIES
from ivr.insight.reports import Wanted
from ivr.insight.rollups import report_of
from ivr.model.counts import Cell
from ivr.model.recovery import SurveyLine
from ivr.store.surveys import SurveyBook
from ivr.web.reporting import Reports
from ivr.web.survey_figures import NAMES, By, SurveyFigures, cell_of, contact_of, kano_of, survey_figures


@dataclass(frozen=True, slots=True)
class SurveyReports:
    reports: Reports
    book: SurveyBook

    async def figures(
        self, since: datetime, until: datetime, by: By, zone: tzinfo, flow: str = ""
    ) -> Sequence[SurveyFigures]:
        """Groups in the order of their names. Calls count at once when they have ended.

        Raises:
            BadQuery, StoreError: as `Reports.report`.
        """
        wanted = Wanted(by, NAMES)
        cells = await self.reports.cells(since, until, wanted, flow)
        fresh = await self.book.uncounted(since, until, flow)
        return await asyncio.to_thread(_figures, cells, fresh, wanted, zone)

    async def kano(self, since: datetime, until: datetime) -> dict[str, Feature]:
        return kano_of(await self.book.kano_answers(since, until))


def _figures(
    cells: Sequence[Cell], fresh: Sequence[SurveyLine], wanted: Wanted, zone: tzinfo
) -> Sequence[SurveyFigures]:
    found = [*cells, *(cell_of(line, counted(contact_of(line))[0], wanted.by) for line in fresh)]
    if wanted.by == "flow_version":
        found = [replace(cell, key=f"{cell.flow}@{cell.key}") for cell in found]
    groups = report_of(found, (), wanted, zone, TALLIES) if found else ()
    return [survey_figures(key if wanted.by else "all", each) for key, each in groups]
