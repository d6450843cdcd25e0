"""Three real browsers: a caller and an agent talk, and a supervisor joins them with one click in the console: listens,
whispers to the agent, is heard by both. Who hears whom is measured in each browser, where its sound comes out."""

from typing import Any

import pytest

from tests.peers.chromium import SPEAKING_PAGE
from tests.peers.desk_kit import SUPERVISOR, Pair, be_ready, log_in, pair, press_for_a_person, write_up_anything
from tests.peers.tones import hum, listen, settle
from tests.server.running import Running

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

SHOWN = 30_000


def begin_to_talk(both: Pair) -> None:
    log_in(both.desk, both.server.url)
    be_ready(both.desk)
    press_for_a_person(both)
    both.desk.click("[data-act='accept']", timeout=SHOWN)
    both.desk.wait_for_selector("[data-phase='talking']", timeout=SHOWN)
    both.seen.problems.clear()  # of logging in with a password that is not theirs yet


def joined_from_the_console(both: Pair) -> Any:
    """One click beside the talk in the list of queues, and the supervisor's own browser is in it."""
    context = both.desk.context.browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    context.add_init_script(SPEAKING_PAGE)
    console = context.new_page()
    log_in(console, both.server.url, path="/console/queues", name=SUPERVISOR)
    with context.expect_page() as opened:
        console.click("[data-test='supervise-monitor']", timeout=SHOWN)
    page = opened.value
    page.on("pageerror", lambda error: both.seen.problems.append(str(error)))
    page.wait_for_selector(".talk-card.wanted [data-act='leave']", timeout=SHOWN)
    return page


def test_a_supervisor_listens_then_whispers_then_talks_with_both(desk_house: Running) -> None:
    with pair(desk_house) as both:
        begin_to_talk(both)
        page = joined_from_the_console(both)
        for who, theirs in (("caller", both.caller), ("agent", both.desk), ("supervisor", page)):
            hum(who, theirs)
        caller, agent, supervisor = listen(both.caller), listen(both.desk), listen(page)
        everybody_else = (supervisor, ("caller", "agent"))
        settle("only listening", supervisor=everybody_else, caller=(caller, ("agent",)), agent=(agent, ("caller",)))
        assert not agent.ever_heard("supervisor")
        page.click("[data-act='whisper']")
        page.wait_for_selector("text=Only the agent hears you", timeout=SHOWN)
        whispered = (agent, ("caller", "supervisor"))
        settle("whispering", supervisor=everybody_else, caller=(caller, ("agent",)), agent=whispered)
        assert not caller.ever_heard("supervisor")
        page.click("[data-act='barge']")
        page.wait_for_selector("text=Everybody hears you", timeout=SHOWN)
        settle("all three", supervisor=everybody_else, caller=(caller, ("agent", "supervisor")), agent=whispered)
        page.click("[data-act='monitor']")
        page.wait_for_selector("text=You listen; nobody hears you", timeout=SHOWN)
        settle("listening", supervisor=everybody_else, caller=(caller, ("agent",)), agent=(agent, ("caller",)))
        page.click("[data-act='leave']")
        page.wait_for_selector("[data-act='leave']", state="hidden", timeout=SHOWN)
        both.desk.click("[data-act='hang_up']")
        write_up_anything(both.desk)
        both.caller.click("#hangup")
        page.wait_for_selector("text=Nobody talks just now", timeout=SHOWN)
    assert both.seen.problems == []
