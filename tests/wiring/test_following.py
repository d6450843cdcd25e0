"""Who hung up before the survey is called later, once, through a campaign; and that call has one survey record too."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from dbos import DBOS, WorkflowHandleAsync
from sqlalchemy import select

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.reception import Plan
from ivr.call.surveying import Offer, OfferedSurvey
from ivr.call.text_call import TextCall
from ivr.config_surveys import Recovery, Survey
from ivr.flow.loader import load_flow
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.vocabulary import vocabulary
from ivr.model.audit import Deed
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import Contact
from ivr.model.events import CallAnswered, CallerHungUp
from ivr.model.insight import KeptContact
from ivr.store.audit import AuditFilter
from ivr.store.calls import open_store
from ivr.store.campaign_tables import campaign_cases
from ivr.store.engine import database_url, make_engine
from ivr.store.recovery_cases import CaseFilter
from ivr.store.surveys import SurveyFilter
from ivr.wiring.following import FollowingUp, call_later, following_up
from ivr.wiring.surveys import SurveyDesk, conclude
from tests.campaigns.kit import ROOT, RealClock, TestCarrier, campaign_desk
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call
from tests.surveys.lexicon import survey
from tests.wiring.test_surveys import Held

DEFERRED = SurveyRecord("deferred", "customer_hung_up_first")


def test_who_left_early_becomes_one_case_of_the_campaign_however_often_it_is_told(tmp_path: Path) -> None:
    url = new_database(tmp_path / "ivr.db")

    async def run() -> None:
        async with open_store(url, utc=RealClock().utc) as store, campaign_desk(url, TestCarrier()) as opened:
            surveys = SurveyDesk(Survey(follow_up=True), Recovery(), store.surveys, store.cases, RealClock())
            record = ended_call("c1", survey=DEFERRED, ended_at=RealClock().utc())
            await store.finish(record)
            await store.finish(ended_call("c2", caller="anonymous", survey=DEFERRED))
            work = FollowingUp(surveys, store.archive, opened.desk, "survey_callback", timedelta(0))
            async with following_up(work):
                surveys.ended(record)
                await surveys.settled(30.0)
                told: WorkflowHandleAsync[str] = await DBOS.retrieve_workflow_async("survey-follow-up-c1")
                assert await told.get_result() == "new"
                assert await call_later("c1", 0.0) == "again"
                assert await call_later("c2", 0.0) == "nobody"
                assert await call_later("a call that was erased", 0.0) == "nobody"
            assert surveys.follow_up is None

    asyncio.run(run())

    async def kept() -> list[tuple[str, str, str]]:
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            rows = list(await connection.execute(select(campaign_cases)))
        await engine.dispose()
        return [(row.campaign, row.customer, row.alerts[0]["facts"]["survey_about"]) for row in rows]

    assert asyncio.run(kept()) == [("survey_callback", "+8613800000001", "earlier")]


@pytest.mark.parametrize(
    ("wanted", "possible", "campaign", "status"),
    [
        (True, True, "", "deferred"),
        (True, True, "returns", "deferred"),
        (True, True, "survey_callback", "hung_up_before"),  # who hangs up on that call is left in peace
        (True, False, "", "hung_up_before"),
        (False, True, "", "hung_up_before"),
    ],
)
def test_only_who_will_be_called_is_deferred(
    tmp_path: Path, wanted: bool, possible: bool, campaign: str, status: str
) -> None:
    async def run() -> SurveyRecord:
        async with open_store(new_database(tmp_path / "ivr.db"), utc=lambda: NOON) as store:
            surveys = SurveyDesk(Survey(follow_up=wanted), Recovery(), store.surveys, store.cases, RealClock())
            surveys.follow_up = (lambda record: None) if possible else None
            surveys.campaign_of = lambda parameters: parameters["from"]
            held = Held(tmp_path)
            surveys.began(live_call("text"))
            surveys.saw("text", 0.0, CallAnswered("", "", parameters={"from": campaign}))
            held.call.happen(CallerHungUp("caller"))
            found = surveys.conclude(held.call.log, held.call.conductor, held.plan)
            await surveys.close()
            return found

    assert asyncio.run(run()).status == status


def call_back(acts: tuple[str, ...], language: str, hangs_up: bool = False, call: str = "") -> tuple[TextCall, Plan]:
    """The call that follows up, by keys and words."""
    flow = load_flow(ROOT / "flows" / "survey" / "call_back.yaml")
    asked = OfferedSurvey(FlowDialogue("survey/post_call", survey()), lambda: Offer("", "nps"))
    understanding = PlainUnderstanding(vocabulary(flow, language))
    facts = {"survey_about": "earlier", "call": call}
    plan = Plan(FlowDialogue("survey/call_back", flow), understanding, language, asked.survey, facts=facts)
    held = TextCall(Conductor(plan.dialogue, asked, facts, language), understanding, NOON)
    held.begin()
    for act in acts:
        held.press(act) if act.isdigit() else held.say(act)
    if not held.log.hung_up:
        held.happen(CallerHungUp("caller" if hangs_up or not held.conductor.over else "system"))
    return held, plan


def called_back(folder: Path, *acts: str, language: str = "en", hangs_up: bool = False) -> tuple[SurveyRecord, str]:
    """The survey record, and the verdict for the campaign."""
    call, plan = call_back(acts, language, hangs_up)
    record = call.finish(conclude(call.log, call.conductor, plan))
    assert record.survey is not None
    return record.survey, record.notes.get("verdict", "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_call_that_follows_up_asks_about_the_earlier_one(tmp_path: Path, language: str) -> None:
    found, verdict = called_back(tmp_path, "1", "5", "1", "9", language=language)
    assert (found.status, dict(found.answers)) == ("completed", {"csat": "5", "resolved": "yes", "nps": "9"})
    assert verdict == ""


@pytest.mark.parametrize(
    ("acts", "status", "reason", "verdict"),
    [
        ((), "hung_up_before", "customer_hung_up_first", ""),
        (("1",), "no_response", "hung_up_in_survey", ""),
        (("1", "4"), "partial", "", ""),
        (("2",), "declined", "", ""),
        (("stop calling me",), "declined", "", "opted_out"),
    ],
)
def test_it_has_one_record_too_however_it_ends(
    tmp_path: Path, acts: tuple[str, ...], status: str, reason: str, verdict: str
) -> None:
    found, noted = called_back(tmp_path, *acts)
    assert (found.status, found.reason, noted) == (status, reason, verdict)


@pytest.mark.parametrize(
    ("acts", "theirs", "own"),
    [
        (("1", "2", "2", "9", "the wait", "2"), "completed", "not_offered"),
        (("2",), "declined", "not_offered"),
        ((), "deferred", "hung_up_before"),
    ],
)
def test_what_is_answered_becomes_the_survey_of_the_earlier_call_and_of_no_other(
    tmp_path: Path, acts: tuple[str, ...], theirs: str, own: str
) -> None:
    url = new_database(tmp_path / "ivr.db")

    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            desk = SurveyDesk(Survey(follow_up=True), Recovery(), store.surveys, store.cases, RealClock())
            first = ended_call("c1", survey=DEFERRED)
            await store.finish(first)
            await store.contacts.keep([KeptContact(Contact("c1", NOON, end_reason="ok", survey=DEFERRED))], {})
            await desk.after(first, "")
            call, plan = call_back(acts, "en", call="c1")
            desk.began(call.log.record)
            survey = desk.conclude(call.log, call.conductor, plan)
            ended = call.finish(survey)
            await store.finish(ended)
            desk.ended(ended)
            await desk.settled(30.0)
            assert survey.status == own
            earlier = (await store.archive.call("c1")).survey
            assert earlier
            assert earlier.status == theirs
            (kept,) = await store.contacts.called(["c1"], NOON)
            assert kept.contact.survey == earlier != (DEFERRED if acts else None)
            lines = {one.call_id: one for one in (await store.surveys.page(SurveyFilter())).surveys}
            assert {name: one.survey.status for name, one in lines.items()} == {"c1": theirs, "text": own}
            line = lines["c1"]
            assert line.judgement
            assert (line.judgement.segment == "unsurveyed") == ("csat" not in earlier.answers)
            cases = (await store.cases.page(CaseFilter())).cases
            assert [(case.call_id, case.agent) for case in cases] == ([("c1", "")] if theirs == "completed" else [])
            deeds = await store.audit.page(AuditFilter(action="survey.follow_up"))
            assert [one.deed.subject for one in deeds] == (["c1"] if acts else [])
            again = Deed("ivr", "survey.follow_up", "c1")
            assert (await store.surveys.follow_up("c1", survey, again, NOON) is None) == bool(acts)

    asyncio.run(run())
