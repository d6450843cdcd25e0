"""Three real browsers: a caller and an agent talk, and a supervisor whom the console sent here listens, whispers to the
agent, and is heard by both. Who hears whom is measured in each browser, where its sound comes out."""

from typing import Any

import pytest

from telephony.standin.voices import CallerVoices
from tests.peers.chromium import SPEAKING_PAGE, speak
from tests.peers.desk_kit import SUPERVISOR, Pair, be_ready, call, log_in, pair
from tests.server.running import Running, eventually

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

SHOWN = 20_000
WORDS = "This is a long sentence that the others hear or do not hear, as it should be."
HEARD, NOTHING = 0.004, 0.001
"""Energy of what a browser played (RTCInboundRtpStreamStats.totalAudioEnergy): a second of this voice gives 0.01."""


def energy(page: Any) -> float:
    found: float = page.evaluate("(window.phone ?? window.desk).figures()")["energy"]
    return found


def in_silence(listeners: dict[str, Any]) -> dict[str, float]:
    """Their energy, once nothing of what was said before is still on its way."""
    last = {name: energy(page) for name, page in listeners.items()}

    def is_still() -> bool:
        next(iter(listeners.values())).wait_for_timeout(800)
        was = dict(last)
        last.update({name: energy(page) for name, page in listeners.items()})
        return all(last[name] - was[name] < NOTHING / 10 for name in last)

    eventually(is_still, "silence")
    return last


def heard(speaker: Any, voices: CallerVoices, listeners: dict[str, Any], by: set[str]) -> set[str]:
    """Who hears what `speaker` says. Waited for until `by` have, and all is silent again."""
    before = in_silence(listeners)
    speak(speaker, voices, WORDS)
    eventually(lambda: all(energy(listeners[name]) - before[name] > HEARD for name in by), f"what {by} hear")
    after = in_silence(listeners)
    return {name for name in listeners if after[name] - before[name] > NOTHING}


def join(page: Any, both: Pair, mode: str) -> None:
    """By the address that the console gives (`/console/queues`)."""
    (talk,) = eventually(lambda: _talks(both.server), "the talk")
    page.goto(f"{both.server.url}/desk/supervise?call={talk['call_id']}&mode={mode}")
    page.wait_for_selector(".talk-card.wanted [data-act='leave']", timeout=SHOWN)


def _talks(server: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.http.get("/api/queues/general/entries").json()["entries"]
    return [each for each in found if each["state"] == "connected"]


def test_a_supervisor_listens_then_whispers_then_talks_with_both(
    desk_house: Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    voices = CallerVoices(tmp_path_factory.mktemp("clips"))
    with pair(desk_house) as both:
        supervisor = both.desk.context.browser.new_context(locale="en-US").new_page()
        supervisor.add_init_script(SPEAKING_PAGE)
        log_in(supervisor, desk_house.url, path="/desk/supervise", name=SUPERVISOR)
        supervisor.wait_for_selector("text=Nobody talks just now", timeout=SHOWN)
        log_in(both.desk, desk_house.url)
        be_ready(both.desk)
        call(both.caller, desk_house.url)
        both.caller.wait_for_selector("#log .bot", timeout=SHOWN)
        both.caller.keyboard.press("0")
        both.caller.wait_for_selector("#log .bot >> nth=1", timeout=SHOWN)
        both.caller.keyboard.press("0")
        both.desk.click("[data-act='accept']", timeout=SHOWN)
        both.desk.wait_for_selector("[data-phase='talking']", timeout=SHOWN)
        join(supervisor, both, "monitor")
        pages = {"caller": both.caller, "agent": both.desk, "supervisor": supervisor}
        caller_and_agent = {name: pages[name] for name in ("caller", "agent")}
        assert heard(both.caller, voices, pages, {"agent", "supervisor"}) == {"agent", "supervisor"}
        assert heard(supervisor, voices, caller_and_agent, set()) == set()
        supervisor.click("[data-act='whisper']")
        supervisor.wait_for_selector("text=Only the agent hears you", timeout=SHOWN)
        assert heard(supervisor, voices, caller_and_agent, {"agent"}) == {"agent"}
        supervisor.click("[data-act='barge']")
        supervisor.wait_for_selector("text=Everybody hears you", timeout=SHOWN)
        assert heard(supervisor, voices, caller_and_agent, {"caller", "agent"}) == {"caller", "agent"}
        supervisor.click("[data-act='leave']")
        supervisor.wait_for_selector("[data-act='leave']", state="detached", timeout=SHOWN)
        both.desk.click("[data-act='hang_up']")
        both.desk.click(".outcomes button >> nth=0", timeout=SHOWN)
        both.desk.click("[data-act='done']")
        both.caller.click("#hangup")
        supervisor.wait_for_selector("text=Nobody talks just now", timeout=SHOWN)
        assert both.seen.problems == []
