"""What the API tells about surveys, recovery cases and customers' value, and to whom."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from ivr.insight.judging import judge
from ivr.model.calls import SurveyRecord
from ivr.model.recovery import AfterCall, RecoveryCase
from ivr.store.calls import SqlCallStore, open_store
from ivr.web.app import create_app
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.web.security import guard_with
from ivr.web.survey_figures import kano_of
from ivr.web.surveys import survey_routers
from ivr.wiring.contacts import ContactMaker
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call

KEY = "a key nobody guesses"
SURVEYS = (
    SurveyRecord("completed", "", {"csat": "5", "resolved": "yes", "nps": "10"}, "s1"),
    SurveyRecord("completed", "", {"csat": "2", "resolved": "no", "nps": "3"}, "s1"),
    SurveyRecord("declined", "", {}, "s1"),
    SurveyRecord("not_offered", "fatigue_rule"),
)


REACHED = ("survey_coverage", "offer_rate", "response_rate")


def asked(folder: Path, work: Callable[[httpx.AsyncClient, SqlCallStore], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_store(new_database(folder / "ivr.db")) as store:
            door = guard_with(KEY)
            app = create_app(
                api_key=KEY, archive=store.archive, audit=store, recordings=folder, meters=Meters(), live=LiveCalls(),
                probes={}, routers=survey_routers(store, door), door=door,
            )  # fmt: skip
            wire = httpx.ASGITransport(app, raise_app_exceptions=False)
            headers = {"Authorization": f"Bearer {KEY}"}
            async with httpx.AsyncClient(transport=wire, base_url="http://ivr", headers=headers) as http:
                await work(http, store)

    asyncio.run(run())


async def four_calls(store: SqlCallStore) -> None:
    for number, survey in enumerate(SURVEYS):
        record = ended_call(f"c{number}", survey=survey, stats={"queues": ["desk"], "agents": ["bob"]})
        await store.begin(live_call(f"c{number}"))
        await store.finish(record)
        await store.surveys.keep(AfterCall(judge(record)))


def test_surveys_are_listed_with_their_index(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        await four_calls(store)
        page = (await http.get("/api/surveys", params={"status": "completed", "limit": 1})).json()
        (line,) = page["surveys"]
        assert (line["call_id"], line["agent"], line["survey"]["answers"]["csat"]) == ("c1", "bob", "2")
        assert line["satisfaction"]["segment"] == "dissatisfied_effortless"
        assert page["next"]
        assert (await http.get("/api/surveys", headers={"Authorization": "Bearer x"})).status_code == 401

    asked(tmp_path, work)


def test_figures_show_formula_denominator_and_interval(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        await four_calls(store)
        period = {"since": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"}
        found = (await http.get("/api/surveys/figures", params={**period, "by": "agent"})).json()
        (group,) = found["groups"]
        shown = {figure["name"]: figure for figure in group["figures"]}
        assert (group["group"], group["calls"], group["not_offered"]) == ("bob", 4, {"fatigue_rule": 1})
        assert group["csat_histogram"] == {"2": 1, "5": 1}
        values = {name: shown[name]["value"] for name in (*REACHED, "csat", "nps")}
        assert values == {
            "survey_coverage": 1.0, "offer_rate": 0.75, "response_rate": pytest.approx(2 / 3), "csat": 0.5, "nps": 0.0,
        }  # fmt: skip
        assert shown["csat"]["denominator"] == 2
        assert shown["csat"]["interval"] == [pytest.approx(0.0945, abs=1e-3), pytest.approx(0.9055, abs=1e-3)]
        assert shown["csat"]["formula"] == "answers of 4 or 5 / answers"

    asked(tmp_path, work)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("", ["all"]), ("queue", ["desk"]), ("hour", ["12"]), ("flow_version", ["bank/hotline@v7"]),
        ("language", ["en"]), ("direction", ["inbound"]),
    ],
)  # fmt: skip
def test_figures_by_every_side(tmp_path: Path, by: str, groups: list[str]) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        period = {"since": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"}
        assert (await http.get("/api/surveys/figures", params={**period, "by": by})).json()["groups"] == []
        await four_calls(store)
        found = (await http.get("/api/surveys/figures", params={**period, "by": by})).json()
        assert [one["group"] for one in found["groups"]] == groups
        assert found["groups"][0]["calls"] == 4

    asked(tmp_path, work)


def test_calls_count_once_whether_they_are_contacts_already_or_not(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        period = {"since": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"}
        await four_calls(store)
        before = (await http.get("/api/surveys/figures", params=period)).json()["groups"]
        later = NOON + timedelta(minutes=2)
        assert await ContactMaker(store.contacts, store.agent_time).run(later + timedelta(minutes=3)) == 4
        record = ended_call("c9", survey=SURVEYS[0], arrived_at=later, ended_at=later + timedelta(seconds=9))
        await store.finish(record)
        after = (await http.get("/api/surveys/figures", params=period)).json()["groups"]
        assert (before[0]["calls"], after[0]["calls"]) == (4, 5)
        assert (before[0]["csat_histogram"], after[0]["csat_histogram"]) == ({"2": 1, "5": 1}, {"2": 1, "5": 2})

    asked(tmp_path, work)


def test_kano_answers_become_features() -> None:
    answers: tuple[dict[str, str], ...] = (
        {"kano_wait.have": "1", "kano_wait.lack": "5"}, {"kano_wait.have": "1"}, {"kano_wait.have": "9"}, {},
    )  # fmt: skip
    (found,) = kano_of(answers).items()
    assert (found[0], found[1].category, found[1].counts["O"]) == ("wait", "O", 1)


def case() -> RecoveryCase:
    return RecoveryCase("r-c1", "c1", "+861", ("low_score",), NOON, NOON + timedelta(hours=1), "ann", "bob")


def test_a_case_is_worked_on_step_by_step(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        await store.cases.open(case())
        (listed,) = (await http.get("/api/recovery-cases")).json()["cases"]
        assert (listed["case_id"], listed["owner"], listed["state"]) == ("r-c1", "ann", "open")
        early = await http.post("/api/recovery-cases/r-c1", json={"do": "remedy", "remedy": "flowers"})
        assert early.status_code == 409
        for step in (
            {"do": "assign", "owner": "eve"}, {"do": "contact"}, {"do": "cause", "root_cause": "process"},
            {"do": "remedy", "remedy": "flowers"}, {"do": "close", "outcome": "saved", "loop_score": 5},
        ):  # fmt: skip
            answer = await http.post("/api/recovery-cases/r-c1", json=step)
            assert answer.status_code == 200, answer.text
        closed = (await http.get("/api/recovery-cases/r-c1")).json()
        shown = [closed[name] for name in ("state", "outcome", "owner", "loop_score")]
        assert shown == ["closed", "saved", "eve", 5]
        assert (await http.get("/api/recovery-cases")).json()["cases"] == []
        assert len((await http.get("/api/recovery-cases", params={"state": ""})).json()["cases"]) == 1
        mine = await http.post("/api/recovery-cases/r-c1", json={"do": "assign", "owner": "bob"})
        assert mine.status_code == 409

    asked(tmp_path, work)


def test_a_case_is_opened_by_hand_once(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        wish = {"call_id": "c7", "due_at": "2026-11-23T12:00:00Z", "owner": "ann", "agent": "bob"}
        made = await http.post("/api/recovery-cases", json=wish)
        assert (made.status_code, made.json()["case_id"]) == (201, "r-c7")
        again = await http.post("/api/recovery-cases", json={**wish, "owner": "eve"})
        assert again.json()["owner"] == "ann"
        assert (await http.get("/api/recovery-cases/figures")).json()["open"] == 1
        overdue = await http.get("/api/recovery-cases", params={"overdue": True})
        assert overdue.json()["cases"] == []
        assert (await http.get("/api/recovery-cases/r-none")).status_code == 404

    asked(tmp_path, work)


def test_facts_of_a_customer_and_a_person_who_decides_otherwise(tmp_path: Path) -> None:
    async def work(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        kept = await http.put("/api/customers/a7/value", json={"source": "crm", "money": 120.0})
        assert kept.status_code == 204
        wish = {"tier": "vip", "reason": "founder", "until": "2027-01-01T00:00:00Z"}
        assert (await http.post("/api/customers/a7/value/override", json=wish)).status_code == 204
        found = (await http.get("/api/customers/a7/value")).json()
        assert (found["tier"], found["override"], found["history"]) == ("standard", "vip", [])
        nobody = await http.get("/api/customers/zz/value")
        assert nobody.status_code == 404

    asked(tmp_path, work)
