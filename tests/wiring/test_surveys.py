"""The whole survey of a call, as the server holds it: one record whatever happens, at every step, in both languages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from ivr.call.conductor import Conductor
from ivr.call.dialogue import FlowDialogue
from ivr.call.reception import Plan
from ivr.call.surveying import Offer, OfferedSurvey
from ivr.call.text_call import TextCall
from ivr.config_surveys import Recovery, Survey
from ivr.flow.loader import load_flow
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.vocabulary import vocabulary
from ivr.model.calls import CallRecord, SurveyRecord, SurveyStatus
from ivr.model.events import CallAnswered, CallerHungUp
from ivr.model.recovery import RecoveryCase
from ivr.store.calls import SqlCallStore, open_store
from ivr.surveys.offering import FATIGUE
from ivr.wiring.surveys import SurveyDesk, conclude
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call
from tests.surveys.lexicon import survey
from tests.wiring.test_recovery import SetClock

MAIN = """\
flow: short
languages: [en, zh]
start: hello
agent: person
steps:
  hello:
    ask: { en: How can I help?, zh: 您好 }
    keys: { "1": bye, "2": quiet, "3": broken, "4": wrong }
    no: bye
  person: { queue: people, otherwise: bye }
  bye: { hangup: self_service_completed }
  quiet: { hangup: self_service_completed, survey: false }
  broken: { hangup: error, survey: false }
  wrong: { note: { survey.not_offered: wrong_number }, then: quiet }
"""
UNHAPPY = ("1", "2", "2", "3", "", "1")
"""Keys of a caller through every question: the bot's menu, Q1, Q2, Q3, the comment (words), the call-back."""


@dataclass
class Held:
    """One text call with its survey."""

    folder: Path
    third: str = "nps"
    language: str = "en"
    against: str = ""
    call: TextCall = field(init=False)
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        path = self.folder / "short.yaml"
        path.write_text(MAIN, encoding="utf-8")
        flow = load_flow(path)
        asked = OfferedSurvey(FlowDialogue("survey/post_call", survey()), lambda: Offer(self.against, self.third))
        understanding = PlainUnderstanding(vocabulary(flow, self.language))
        self.plan = Plan(FlowDialogue("short", flow), understanding, self.language, asked.survey)
        conductor = Conductor(self.plan.dialogue, asked, {}, self.language)
        self.call = TextCall(conductor, understanding, NOON)
        self.call.begin()

    def acts(self, keys: Sequence[str]) -> "Held":
        for key in keys:
            if self.call.conductor.over:
                break
            if key:
                self.call.press(key)
            else:
                self.call.say("nobody knew anything")
        return self

    def record(self, *, follow_up: bool = False) -> CallRecord:
        if not self.call.log.hung_up:
            self.call.happen(CallerHungUp("caller" if not self.call.conductor.over else "system"))
        return self.call.finish(conclude(self.call.log, self.call.conductor, self.plan, follow_up=follow_up))

    def survey(self, *, follow_up: bool = False) -> SurveyRecord:
        found = self.record(follow_up=follow_up).survey
        assert found is not None
        return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_caller_who_is_not_content_is_asked_why_and_called_back(tmp_path: Path, language: str) -> None:
    held = Held(tmp_path, language=language).acts(UNHAPPY)
    assert held.call.conductor.over
    found = held.survey()
    assert found.status == "completed"
    assert dict(found.answers) == {
        "csat": "2", "resolved": "no", "nps": "3", "comment": "nobody knew anything", "call_back": "yes",
    }  # fmt: skip
    assert found.version.startswith("survey/post_call@")


@pytest.mark.parametrize("third", ["ces", "nps", "kano_wait", ""])
@pytest.mark.parametrize("after", range(len(UNHAPPY) + 2))
def test_a_caller_may_hang_up_after_any_answer_and_there_is_one_record(tmp_path: Path, third: str, after: int) -> None:
    keys = (*UNHAPPY[:4], "3", *UNHAPPY[4:]) if third == "kano_wait" else UNHAPPY
    keys = (*keys[:3], *keys[4:]) if not third else keys
    found = Held(tmp_path, third).acts(keys[:after]).survey()
    expected: dict[int, SurveyStatus] = {0: "hung_up_before", 1: "no_response", 2: "partial"}
    assert found.status == expected.get(after, "completed")
    assert set(found.answers) <= {
        "csat", "resolved", "ces", "nps", "comment", "call_back", "kano_wait.have", "kano_wait.lack",
    }  # fmt: skip
    assert len(found.answers) == (0 if after < 2 else len(found.answers))


@pytest.mark.parametrize(
    ("keys", "against", "status", "reason"),
    [
        (("1", "*"), "", "declined", ""),
        (("1",), FATIGUE, "not_offered", FATIGUE),
        (("2",), "", "not_offered", "disabled_for_flow"),
        (("3",), "", "not_offered", "system_error"),
        (("4",), "", "not_offered", "wrong_number"),
        ((), "", "hung_up_before", "customer_hung_up_first"),
        (("1",), "", "no_response", "hung_up_in_survey"),
    ],
)
def test_statuses_and_their_reasons(
    tmp_path: Path, keys: tuple[str, ...], against: str, status: str, reason: str
) -> None:
    found = Held(tmp_path, against=against).acts(keys).survey()
    assert (found.status, found.reason) == (status, reason)
    assert found.status in get_args(SurveyStatus)


def test_a_survey_a_rule_keeps_away_is_not_noticed_by_the_caller(tmp_path: Path) -> None:
    held = Held(tmp_path, against=FATIGUE)
    before = len(held.call.lines)
    held.acts(("1",))
    assert [line for line in held.call.lines[before:] if "question" in line] == []
    assert held.record().end_reason == "self_service_completed"


def test_who_hung_up_first_is_called_later_where_that_is_wanted(tmp_path: Path) -> None:
    assert Held(tmp_path).survey(follow_up=True).status == "deferred"


def test_at_most_three_questions_before_the_comment(tmp_path: Path) -> None:
    held = Held(tmp_path, "ces").acts(("1", "5", "1", "5"))
    asked = [line for line in held.call.lines if "?" in line and "help?" not in line]
    assert len(asked) == 3
    assert held.call.conductor.over


# -- what follows the call


def desk(store: SqlCallStore, **survey_settings: object) -> tuple[SurveyDesk, list[RecoveryCase], list[str]]:
    opened: list[RecoveryCase] = []
    later: list[str] = []
    found = SurveyDesk(
        Survey(**survey_settings), Recovery(), store.surveys, store.cases, SetClock(), opened.append,  # type: ignore[arg-type]
        lambda record: later.append(record.call_id),
    )  # fmt: skip
    found.campaign_of = lambda parameters: parameters.get("campaign", "")
    return found, opened, later


def after_calls(folder: Path, *records: CallRecord) -> tuple[list[RecoveryCase], list[str]]:
    async def run() -> tuple[list[RecoveryCase], list[str]]:
        async with open_store(new_database(folder / "ivr.db"), utc=lambda: NOON) as store:
            surveys, opened, later = desk(store)
            for record in records:
                await store.begin(live_call(record.call_id))
                surveys.began(record)
                surveys.saw(record.call_id, 0.0, CallAnswered("", "", parameters={"campaign": "returns"}))
                await store.finish(record)
                surveys.ended(record)
            await surveys.close()
            assert (await store.surveys.of_campaign("returns", "2026-11-22")).today == len(records) - len(later)
            return opened, later

    return asyncio.run(run())


def test_a_low_score_opens_a_case_at_once_and_a_good_one_does_not(tmp_path: Path) -> None:
    low = SurveyRecord("completed", "", {"csat": "2", "resolved": "yes"}, "s1")
    opened, _ = after_calls(tmp_path, ended_call("c1", survey=low), ended_call("c2"))
    (case,) = opened
    assert (case.call_id, case.reasons, case.customer) == ("c1", ("low_score",), "+8613800000001")
    assert case.due_at == case.opened_at + timedelta(hours=24)


def test_a_deferred_survey_is_handed_on(tmp_path: Path) -> None:
    deferred = SurveyRecord("deferred", "customer_hung_up_first")
    opened, later = after_calls(tmp_path, ended_call("c1", survey=deferred))
    assert (opened, later) == ([], ["c1"])


def test_who_was_asked_last_week_is_not_asked_again(tmp_path: Path) -> None:
    async def run() -> list[Offer]:
        async with open_store(new_database(tmp_path / "ivr.db"), utc=lambda: NOON) as store:
            surveys, _, _ = desk(store, min_days_between=7.0)
            offers = []
            for call_id in ("c1", "c2"):
                await store.begin(live_call(call_id))
                surveys.began(live_call(call_id))
                await surveys.settled()
                offers.append(surveys.offer_for(call_id, 30.0))
                await store.finish(ended_call(call_id))
                surveys.ended(ended_call(call_id))
                await surveys.settled()
            return offers

    first, second = asyncio.run(run())
    assert first.reason_against == ""
    assert second == Offer(FATIGUE, "")


def test_the_record_of_an_outbound_call_is_the_called_customers(tmp_path: Path) -> None:
    low = SurveyRecord("completed", "", {"csat": "1"}, "s1")
    record = replace(ended_call("c1", survey=low), direction="outbound")
    (case,), _ = after_calls(tmp_path, record)
    assert case.customer == record.called
