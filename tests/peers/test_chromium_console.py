"""Supervisors in a real browser, on a real server with real calls: every page, publishing a flow, and who may not."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.peers.chromium import browser, needs_chromium
from tests.peers.console_house import FLOW, PASSWORD, House, open_house
from tests.server.running import eventually
from tests.server.streams import streamed

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

BEFORE, AFTER = "this is the automated assistant", "this is our automated assistant"
REPLACE = """([before, after]) => {
  const place = document.querySelector("[data-test=editor]"), editor = getElement(+place.id.slice(1)).editor;
  const from = editor.state.doc.toString().indexOf(before);
  editor.dispatch({changes: {from, to: from + before.length, insert: after}});
}"""
"""As somebody who finds and replaces in the editor."""

EXPECTED = [
    # The login page asks whether somebody is logged in, and there is no icon of the site.
    "Failed to load resource: the server responded with a status of 401 (Unauthorized)",
    "Failed to load resource: the server responded with a status of 404 (Not Found)",
]


HEADING = "#main h1, #main [role=heading]"
ON_A_TABLET = {
    "": HEADING, "/calls": HEADING, "/queues": HEADING, "/satisfaction": HEADING, f"/flow?name={FLOW}": HEADING,
    "/insight": "[data-test=over-time] canvas", "/insight?tab=reasons": "[data-test=reason]",
    "/insight?tab=topics": "[data-test=against-usual] canvas", "/trainer?flow=shop/hours": HEADING,
    "/trainer?tab=audit": "[data-test=answer]", "/campaigns": "[data-test=state]",
    "/campaign?name=fraud_check": "[data-test=funnel] canvas",
    "/campaign?name=fraud_check&tab=speed": "[data-test=percentiles] canvas",
}  # fmt: skip
"""Pages, and what is there when they are."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    needs_chromium()
    with open_house(tmp_path_factory.mktemp("console")) as opened:
        yield opened


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as found:
        yield found


class Desk:
    """One person at one browser window."""

    def __init__(self, house: House, page: Any, pictures: Path) -> None:
        self.house, self.page, self.pictures = house, page, pictures
        self.problems: list[str] = []
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, path: str, until: str) -> Any:
        self.page.goto(f"{self.house.server.url}{path}")
        self.page.wait_for_selector(until, timeout=40_000)
        return self.page

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def click(self, test: str) -> None:
        self.page.click(f"[data-test={test}]")


@contextmanager
def at_work(house: House, opened: Any, name: str, pictures: Path, **context: Any) -> Iterator[Desk]:
    """Somebody who has logged in."""
    page = opened.new_page(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **context})
    desk = Desk(house, page, pictures)
    desk.open("/login?next=/console", "#go")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("#go")
    page.wait_for_url(re.compile("/console"))
    page.wait_for_selector("#main")
    yield desk
    page.context.close()
    assert [each for each in desk.problems if each not in EXPECTED] == []


@pytest.fixture(scope="module")
def sue(house: House, opened: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with at_work(house, opened, "sue", tmp_path_factory.mktemp("sue")) as desk:
        yield desk


def test_who_waits_is_on_the_wallboard_and_it_is_told_why(sue: Desk) -> None:
    page = sue.open("/console", "[data-test=waiting] >> text=1")
    page.wait_for_selector(".nicegui-echart canvas")
    sue.picture("wallboard")
    assert int(page.text_content("[data-test=live]")) >= 1
    sue.open("/console/queues", "[data-test=why]")
    sue.picture("queues")
    sue.click("why")
    assert "bo: has not lang:en>=1" in page.text_content("[data-test=exclusions]")
    sue.picture("why")
    page.keyboard.press("Escape")


def test_a_call_is_found_in_the_list_and_shows_what_was_said_and_how_it_went(sue: Desk) -> None:
    call = sue.house.spoken
    page = sue.open("/console/calls", f"a[href='/console/call?id={call['call_id']}']")
    sue.picture("calls")
    _with_keys_alone(page, f"a[href='/console/call?id={call['call_id']}']")
    page.wait_for_selector("[data-test=caller]")
    heard = " ".join(line.text_content() for line in page.query_selector_all("[data-test=caller]"))
    assert "branch" in heard.lower()
    page.wait_for_selector("[data-test=way] svg .node")
    walked = page.text_content("[data-test=way]")
    assert "b_answer" in walked
    assert "l_calm" not in walked
    sue.picture("call")


def _with_keys_alone(page: Any, wanted: str) -> None:
    """Past the navigation by the link that leads to the content, to the one wanted, and open it; what has the focus is
    seen to have it."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")


def test_whoever_listens_says_why_and_it_is_written_down(sue: Desk) -> None:
    call_id = sue.house.spoken["call_id"]
    page = sue.open(f"/console/call?id={call_id}", "[data-test=listen]")
    sue.click("listen")
    page.fill("input[data-test=reason]", "complaint about the branch")
    sue.click("play")
    page.wait_for_function("document.querySelector('audio') && document.querySelector('audio').duration > 5")
    page.click("button[aria-label^='Listen from here'] >> nth=1")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.5")
    # What is said just now is marked, and only that.
    page.wait_for_function("document.querySelectorAll('[data-test=turn]')[1].matches('.now[aria-current]')")
    assert len(page.query_selector_all("[data-test=turn].now")) == 1
    sue.picture("playing")
    entries = sue.house.server.http.get("/api/audit", params={"action": "call.play"}).json()["entries"]
    assert [(one["who"], one["subject"], one["detail"]) for one in entries] == [
        ("sue", call_id, {"reason": "complaint about the branch"})
    ]


def test_satisfaction_and_messages_show_what_callers_said(sue: Desk) -> None:
    # The call is in the list at once, and in the figures when it has settled: of the history they know already.
    page = sue.open("/console/satisfaction", f"a[href='/console/call?id={sue.house.spoken['call_id']}']")
    page.wait_for_selector("[data-test=metric-csat] >> text=4 / ")
    sue.picture("satisfaction")
    sue.open("/console/messages", "text=Nobody has left a message yet.")


def test_who_left_unhappy_is_called_back_and_the_case_is_closed(sue: Desk) -> None:
    page = sue.open("/console/recovery", "[data-test^=case-]")
    sue.click("take")
    page.wait_for_selector("[data-test=standing]:has-text('sue')")
    sue.picture("recovery")
    sue.click("contacted")
    page.wait_for_selector("[data-test=standing]:has-text('called back')")
    sue.click("close")
    page.click("[data-test=cause]")
    page.click(".q-menu .q-item:has-text('our process')")
    page.fill("[data-test=remedy]", "explained once more, and paid the fee back")
    sue.picture("recovery_closing")
    sue.click("close-now")
    page.wait_for_selector("[data-test^=case-]", state="detached")
    closed = sue.house.server.http.get("/api/recovery-cases", params={"state": "closed"}).json()["cases"]
    assert [(one["outcome"], one["root_cause"], one["owner"]) for one in closed] == [("saved", "process", "sue")]


def test_a_flow_is_corrected_tried_and_published_and_the_next_call_has_it(sue: Desk, tmp_path: Path) -> None:
    page = sue.open(f"/console/flow?name={FLOW}", "[data-test=sound]")
    sue.picture("editor")
    page.evaluate(REPLACE, ["then: q_general", "then: q_generl"])
    page.click("[data-test=problems] >> text=Did you mean 'q_general'?")
    page.wait_for_selector(".cm-line.flow-error >> text=q_generl")
    sue.picture("editor-error")
    page.evaluate(REPLACE, ["then: q_generl", "then: q_general"])
    page.evaluate(REPLACE, [BEFORE, AFTER])
    page.wait_for_selector("[data-test=sound]")
    sue.click("tab-try")
    sue.click("chat-call")
    page.wait_for_selector(f"[data-test=chat-log] >> text={AFTER}", timeout=30_000)
    sue.picture("chat")
    sue.click("tab-diff")
    sue.click("compare")
    assert AFTER in page.wait_for_selector("[data-test=change]").text_content()
    sue.picture("difference")
    sue.click("publish")
    page.fill("[data-test=note]", "friendlier")
    sue.click("publish-now")
    page.wait_for_selector("text=Published: new calls get it at once.", timeout=60_000)
    sue.click("tab-versions")
    assert "friendlier" in page.wait_for_selector("[data-test=history]").text_content()
    sue.picture("versions")
    (live,) = [one for one in sue.house.server.http.get("/api/flows").json()["flows"] if one["flow"] == FLOW]
    eventually(lambda: _served(sue.house) == live["live"], "the new version", 60.0)
    record = _called(sue.house, tmp_path)
    assert record["flow_version"] == live["live"]
    assert AFTER in record["turns"][0]["said"][0]
    assert AFTER in (sue.house.flows / f"{FLOW}.yaml").read_text(encoding="utf-8")


def test_a_flow_goes_to_some_callers_then_to_all_then_back_and_its_conversations_change_with_it(sue: Desk) -> None:
    first = sue.house.server.http.post("/api/flows/shop/hours/publish", json={"note": "as it was"}).json()["live"]
    page = sue.open("/console/flow?name=shop/hours", "[data-test=sound]")
    page.evaluate(REPLACE, ["say: We open at nine.", "say: We open at ten."])
    page.wait_for_selector("[data-test=draft-state] >> text=not saved")
    sue.click("tab-tests")
    sue.click("run-tests")
    page.wait_for_selector("[data-test=verdict] >> text=differently")
    page.click("[data-test=conversations]")
    page.wait_for_selector("[data-test=conversation] .cm-content")
    page.evaluate(REPLACE.replace("data-test=editor", "data-test=conversation"), ["We open at nine", "We open at ten"])
    sue.click("save-conversations")
    page.wait_for_selector("text=Saved.")
    sue.click("run-tests")
    page.wait_for_selector("[data-test=verdict] >> text=as written")
    sue.click("publish")
    page.click(".q-dialog .q-radio >> nth=1")
    sue.click("publish-now")
    page.wait_for_selector("text=Canary: 10% of new calls get it.", timeout=60_000)
    sue.click("tab-versions")
    sue.click("promote")
    sue.click("sure")
    page.wait_for_selector("[data-test=canary]", state="detached")
    sue.picture("promoted")
    assert _standing(sue.house, "shop/hours")["previous"] == first
    sue.click("roll-back")
    sue.click("sure")
    page.wait_for_selector("[data-test=history] >> nth=3")
    assert (_standing(sue.house, "shop/hours")["live"], _standing(sue.house, "shop/hours")["canary"]) == (first, "")
    assert "We open at ten" in (sue.house.flows / "shop" / "hours.yaml").read_text(encoding="utf-8")


def _standing(house: House, flow: str) -> dict[str, Any]:
    flows: list[dict[str, Any]] = house.server.http.get("/api/flows").raise_for_status().json()["flows"]
    return next(one for one in flows if one["flow"] == flow)


def _called(house: House, folder: Path) -> dict[str, Any]:
    """A short call, on a thread of its own: the browser is steered by a loop that runs on this one."""
    steps = [{"wait_for": "audio"}, {"wait": 0.3}, "hangup"]
    with ThreadPoolExecutor(1) as threads:
        call_sid, _ = threads.submit(lambda: asyncio.run(streamed(house.server, folder, steps))).result()
    return house.server.record_of(call_sid)


def _served(house: House) -> str:
    flows = house.server.http.get("/api/flows").json()["flows"]
    return next(str(one["served"]) for one in flows if one["flow"] == FLOW)


def test_a_figure_shows_its_formula_and_leads_to_the_calls_and_a_topic_to_what_was_done(sue: Desk) -> None:
    page = sue.open("/console/insight", "[data-test=metric-escalation_rate]")
    page.hover("[data-test=metric-escalation_rate]")
    page.wait_for_selector("[data-test=metric-escalation_rate] .formula >> text=contacts that entered the bot")
    assert "8 / " in page.text_content("[data-test=metric-escalation_rate]")
    sue.click("metric-escalation_rate")
    page.wait_for_selector("[data-test=formula] >> text=escalation reason")
    page.wait_for_selector("[data-test=groups] tbody tr")
    page.wait_for_selector("[data-test=over-time] canvas")
    sue.picture("insight")
    sue.click("tab-reasons")
    page.click("[data-test=calls-misrecognized]")
    page.wait_for_selector("[data-test=escalated-calls] a")
    assert len(page.query_selector_all("[data-test=escalated-calls] tbody a")) == 8
    sue.picture("reasons")
    sue.click("tab-topics")
    lost = page.wait_for_selector("section:has([data-test=spike]:has-text('card lost'))")
    page.wait_for_selector("[data-test=against-usual] canvas")
    lost.query_selector("input[data-test=action]").fill("told the agents")
    lost.query_selector("[data-test=note-action]").click()
    page.wait_for_selector("[data-test=done] >> text=sue: told the agents")
    sue.picture("topics")
    alerts = sue.house.server.http.get("/api/insight/topics").json()["alerts"]
    assert [one["actions"][0]["who"] for one in alerts if one["topic"] == "card_lost"] == ["sue"]


def test_a_trainer_proves_and_publishes_an_answer_dismisses_what_is_no_question_and_judges(
    house: House, opened: Any, tmp_path: Path
) -> None:
    http = house.server.http
    http.post("/api/flows/shop/hours/publish", json={"note": "what past calls are compared with"}).raise_for_status()
    with at_work(house, opened, "tim", tmp_path) as tim:
        page = tim.open("/console/trainer?flow=shop/hours", "[data-test=heap]")
        tim.click("heap")
        page.fill("textarea[data-test=answer]", "Yes, at the desk.")
        tim.click("write")
        page.wait_for_selector("[data-test=patch-editor] .cm-line.patch-new >> text=at the desk")
        assert page.is_disabled("[data-test=publish-patch]")
        tim.click("replay")
        page.wait_for_selector("[data-test=proved] >> text=4 past calls held again", timeout=60_000)
        tim.picture("proved")
        tim.click("publish-patch")
        page.wait_for_selector("text=Nothing is open", timeout=60_000)
        tim.picture("published")
        assert "at the desk" in (house.flows / "shop" / "faq.yaml").read_text(encoding="utf-8")
        assert [one["flow"] for one in http.get("/api/flows").json()["flows"] if one["live"]].count("shop/hours") == 1
        asked = {"flow": "shop/hours", "status": "deployed"}
        assert len(http.get("/api/trainer/items", params=asked).json()["items"]) == 8
        tim.open(f"/console/trainer?flow={FLOW}", "[data-test=heap]")
        tim.click("heap")
        tim.click("dismiss")
        page.fill("[data-test=dismiss-reason]", "a joke of the week")
        tim.click("dismiss-now")
        page.wait_for_selector("text=Nothing is open")
        (entry,) = http.get("/api/audit", params={"action": "trainer.ignore"}).json()["entries"]
        assert (entry["who"], entry["detail"]["reason"]) == ("tim", "a joke of the week")
        tim.click("tab-audit")
        page.wait_for_selector("[data-test=answer]")
        tim.click("judge-right")
        page.wait_for_selector("[data-test=judged-answer] >> text=Right")
        tim.picture("audit-of-answers")


def test_a_campaign_shows_how_far_and_how_fast_its_cases_got_takes_a_list_and_is_stopped(
    sue: Desk, tmp_path: Path
) -> None:
    page = sue.open("/console/campaigns", "[data-test=state] >> text=paused")
    sue.picture("campaigns")
    page.click("text=fraud check")
    page.wait_for_selector("[data-test=received] >> text=24")
    page.wait_for_selector("[data-test=funnel] canvas")
    sue.picture("funnel")
    sue.click("tab-speed")
    page.wait_for_selector("[data-test=percentiles] canvas")
    assert "event to dial5 s24" in page.text_content("[data-test=goals] tbody")
    sue.picture("speed")
    sue.click("tab-cases")
    page.fill("[data-test=customer]", "C-1005")
    page.press("[data-test=customer]", "Enter")
    page.wait_for_function("document.querySelectorAll('[data-test=cases] tbody a').length === 1")
    page.click("[data-test=cases] tbody a")
    page.wait_for_selector("[data-test=moment] >> text=+42.000 s")
    sue.picture("case")
    sue.open("/console/campaign?name=fraud_check&tab=list", "[data-test=upload]")
    rows = "customer,phone\nC-9001,+15555550171\nC-9002,0555\nC-9003,+15555550173\n"
    page.set_input_files("[data-test=upload] input[type=file]", {"name": "a.csv", "mimeType": "text/csv",
                                                                 "buffer": rows.encode()})  # fmt: skip
    page.wait_for_selector("[data-test=refused-list] >> text=write it with + and the country code")
    assert (page.text_content("[data-test=taken]"), page.text_content("[data-test=refused-rows]")) == ("2", "1")
    sue.picture("list")
    _not_called(sue)
    sue.open("/console/campaigns", "[data-test=waiting] >> text=2")
    sue.click("stopped")
    sue.click("stop-now")
    page.wait_for_selector("[data-test=state] >> text=stopped")
    page.wait_for_selector("[data-test=waiting] >> text=0")


def _not_called(sue: Desk) -> None:
    """Put on the list, found there, in the audit with the number shortened."""
    page = sue.open("/console/do-not-call", "[data-test=add-refusal]")
    page.fill("[data-test=add-party]", "+15555550199")
    page.fill("[data-test=add-reason]", "asked by letter")
    sue.click("add-refusal")
    page.wait_for_selector("[data-test=refusal] >> text=asked by letter")
    sue.picture("do-not-call")
    (entry,) = sue.house.server.http.get("/api/audit", params={"action": "do_not_call.put"}).json()["entries"]
    assert entry["who"] == "sue"
    assert "5555550199" not in entry["subject"]


def test_an_administrator_adds_people_and_verifies_the_audit_in_chinese_on_a_tablet_in_the_dark(
    house: House, opened: Any, tmp_path: Path
) -> None:
    tablet = {"viewport": {"width": 820, "height": 1180}, "locale": "zh-CN", "color_scheme": "dark"}
    with at_work(house, opened, "ada", tmp_path, **tablet) as ada:
        page = ada.open("/console/users", "[data-test=add-user]")
        ada.click("add-user")
        page.fill("[data-test=user-name]", "kim")
        ada.click("user-add")
        assert len(page.wait_for_selector("[data-test=password]").text_content()) >= 12
        ada.picture("users")
        page = ada.open("/console/audit", "td >> text=添加用户")
        ada.click("verify")
        page.wait_for_selector("[data-test=verdict] >> text=均未被改动")
        ada.picture("audit")
        for path, until in ON_A_TABLET.items():
            ada.open(f"/console{path}", until)
            ada.picture(f"tablet{path.partition('?')[0].replace('/', '-')}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 820
            if path == "/insight":
                assert "÷" in page.text_content("[data-test=formula]")


@pytest.mark.parametrize("path", [*ON_A_TABLET, "/audit", "/users", "/do-not-call"])
def test_an_agent_does_not_see_the_console(house: House, opened: Any, ann: Desk, path: str) -> None:
    page = ann.open(f"/console{path}", "#main .told")
    assert "This page is not for you" in page.text_content("#main")
    assert page.query_selector_all("nav a[href^='/console']") == []


@pytest.fixture(scope="module")
def ann(house: House, opened: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with at_work(house, opened, "ann", tmp_path_factory.mktemp("ann")) as desk:
        yield desk
