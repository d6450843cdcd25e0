"""Two real browsers: a caller on the phone page asks for a person, an agent at the desk sees who it is, answers, talks,
hangs up and writes it up; and what happens when one of them vanishes in the middle."""

import io
import wave
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import soxr

from telephony.standin.voices import CallerVoices, Speaker
from tests.peers.chromium import speak
from tests.peers.desk_kit import (
    AGENT,
    SHOWN,
    Pair,
    agent_of,
    be_ready,
    call,
    ended_calls,
    entries,
    in_state,
    log_in,
    log_in_first,
    pair,
    press_for_a_person,
)
from tests.server.running import Running, eventually

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

WISH = "I want to talk to a person."
AGENT_SAYS = "Good morning, this is the bank and I am looking at your account on my screen right now."
CALLER_ASKS = "What are your fees?"
Sound = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> CallerVoices:
    return CallerVoices(tmp_path_factory.mktemp("clips"))


def ask_for_a_person(both: Pair, voices: CallerVoices) -> None:
    """Until it rings at the desk. Asked what it is about, the caller insists."""
    call(both.caller, both.server.url)
    both.caller.wait_for_selector("#log .bot", timeout=SHOWN)
    for times in (1, 2):
        say_until(both.caller, f"#log .caller >> nth={times - 1}", both.caller, voices, WISH)
    both.desk.wait_for_selector("[data-act='accept']", timeout=SHOWN)


def say_until(shown: Any, selector: str, page: Any, voices: CallerVoices, words: str) -> None:
    """As people do: say it again if nothing comes of it, that is if `selector` does not come up on the page `shown`."""
    from playwright.sync_api import TimeoutError as NotShown

    for _ in range(3):
        speak(page, voices, words)
        with suppress(NotShown):
            shown.wait_for_selector(selector, timeout=8_000)
            return
    raise AssertionError(f"said three times, and nothing came of it: {words}")


@dataclass
class Held:
    """One whole call, as both sides saw it."""

    popped: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    notes: str = ""
    states: list[str] = field(default_factory=list)
    needed: str = ""
    problems: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    recording: bytes = b""
    kept: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def held(desk_house: Running, voices: CallerVoices) -> Held:
    server = desk_house
    seen, before = Held(), [each["call_id"] for each in ended_calls(server)]
    with pair(server) as both:
        log_in_first(both.desk, server.url)
        be_ready(both.desk)
        ask_for_a_person(both, voices)
        seen.popped = both.desk.inner_text(".stage")
        seen.states.append(agent_of(server)["state"])
        both.desk.click("[data-act='accept']")
        both.desk.wait_for_selector("[data-phase='talking']", timeout=SHOWN)
        talk(both, voices, seen)
        write_up(both, seen)
        answer_the_survey(both)
        seen.problems = both.seen.problems
    (ended,) = eventually(lambda: ended_calls(server, *before), "the finished record")
    path = f"/api/calls/{ended['call_id']}"
    seen.record = server.http.get(path).json()
    seen.recording = server.http.get(f"{path}/recording", params={"reason": "a test"}).content
    seen.kept = server.http.get(f"{path}/notes").json()["notes"]
    return seen


def talk(both: Pair, voices: CallerVoices, seen: Held) -> None:
    desk = both.desk
    say_until(desk, ".lines.live .said.agent:has-text('account')", desk, voices, AGENT_SAYS)
    say_until(desk, ".suggestion", both.caller, voices, CALLER_ASKS)
    seen.suggestions = [each.inner_text() for each in desk.query_selector_all("[data-test='answer']")]
    desk.click("[data-test='answer'] [data-act='note'] >> nth=0")
    hold, hang_up = (desk.query_selector(f"[data-act='{name}']") for name in ("hold", "hang_up"))
    for act, phase in (("hold", "held"), ("hold", "talking")):
        desk.click(f"[data-act='{act}']")
        desk.wait_for_selector(f"[data-phase='{phase}']")
        seen.states.append(in_state(both.server, "on_hold" if phase == "held" else "on_call")["state"])
    shown = desk.query_selector_all(".lines.live .said")
    seen.said = [
        (each.get_attribute("class").split()[-1], each.query_selector(".words").inner_text()) for each in shown
    ]
    hold.click()
    desk.wait_for_selector("[data-phase='held']")
    # Nobody could be quicker: "resume" and "hang up" on the buttons that were there from the beginning.
    desk.evaluate("(buttons) => buttons.forEach((button) => button.click())", [hold, hang_up])


def write_up(both: Pair, seen: Held) -> None:
    desk = both.desk
    desk.wait_for_selector("[data-act='done']", timeout=SHOWN)
    seen.states.append(in_state(both.server, "wrap_up")["state"])
    desk.click("[data-act='done']")
    desk.wait_for_selector(".needed:not(:empty)")
    seen.needed = desk.inner_text(".needed")
    seen.notes = desk.input_value("textarea")
    desk.click(".outcomes button:has-text('Resolved') >> nth=0")
    desk.click("[data-act='done']")
    seen.states.append(in_state(both.server, "available")["state"])


def answer_the_survey(both: Pair) -> None:
    caller = both.caller
    caller.wait_for_selector("#log .bot:has-text('how satisfied')", timeout=SHOWN)
    caller.keyboard.press("5")
    caller.wait_for_selector("#log .bot:has-text('solved')", timeout=SHOWN)
    caller.keyboard.press("1")
    caller.wait_for_selector("#log .bot:has-text('How easy')", timeout=SHOWN)
    caller.keyboard.press("4")
    caller.wait_for_selector("body[data-state='ended']", timeout=SHOWN)


def test_the_desk_shows_who_calls_and_why_before_the_agent_answers(held: Held) -> None:
    for shown in ("Incoming call", "general", "Asked for a person", "Not verified", WISH, "to a person"):
        assert shown in held.popped


def test_both_sides_are_written_down_live_and_answers_are_suggested(held: Held) -> None:
    lines = {who: " ".join(words for each, words in held.said if each == who).lower() for who in ("agent", "caller")}
    assert "account" in lines["agent"]
    assert "fees" in lines["caller"]
    assert len(held.suggestions) == 3
    assert "hotline/knowledge#fees" in held.suggestions[0]
    assert held.notes
    assert held.notes in held.suggestions[0]


def test_the_routing_knows_what_the_agent_does(held: Held) -> None:
    assert held.states == ["ringing", "on_hold", "on_call", "wrap_up", "available"]


def test_both_are_heard_on_their_own_side_of_the_recording(held: Held, voices: CallerVoices) -> None:
    """A machine with much else to do loses some of what people say to each other: a fifth of a second that came
    through whole is enough to know the side."""
    caller, us = sides_of(held.recording)
    for words, side, other in ((AGENT_SAYS, us, caller), (CALLER_ASKS, caller, us)):
        clip = voices.say(words, Speaker()).samples.astype(float)
        assert likeness(clip, side) > 0.95
        assert likeness(clip, other) < 0.9


def test_the_caller_comes_back_to_the_survey_and_the_record_is_complete(held: Held) -> None:
    record = held.record
    assert (record["end_reason"], record["handled_by"]) == ("agent_completed", "both")
    assert record["stats"]["agents"] == [AGENT]
    assert record["survey"]["status"] == "completed"
    assert record["survey"]["answers"] == {"csat": "5", "resolved": "yes", "ces": "4"}


def test_what_came_of_it_is_demanded_and_kept_with_the_call(held: Held) -> None:
    assert held.needed == "This queue wants to know what came of it"
    (note,) = held.kept
    assert (note["agent"], note["queue"], note["disposition"]) == (AGENT, "general", "resolved")
    assert note["text"] == held.notes


def test_the_pages_complain_of_nothing(held: Held) -> None:
    assert held.problems == []


def test_a_desk_that_is_killed_while_ringing_leaves_the_caller_at_their_place(desk_house: Running) -> None:
    server = desk_house
    with pair(server) as both:
        log_in(both.desk, server.url)
        be_ready(both.desk)
        press_for_a_person(both)
        (rung,) = entries(server)
        kill(both.desk)
        eventually(lambda: entries(server)[0]["state"] == "waiting", "a place in the queue", 40.0)
        (still,) = entries(server)
        assert still["entry_id"] == rung["entry_id"]
        assert still["waited"] > rung["waited"]
        both.caller.click("#hangup")
        eventually(lambda: entries(server) == [], "an empty queue")


def test_a_desk_that_is_killed_while_talking_sends_the_caller_back_to_their_place(desk_house: Running) -> None:
    server = desk_house
    with pair(server) as both:
        log_in(both.desk, server.url)
        be_ready(both.desk)
        press_for_a_person(both)
        (rung,) = entries(server)
        both.desk.click("[data-act='accept']")
        both.desk.wait_for_selector("[data-phase='talking']", timeout=SHOWN)
        kill(both.desk)
        eventually(lambda: entries(server)[0]["state"] == "waiting", "the old place in the queue", 40.0)
        (still,) = entries(server)
        assert still["entry_id"] == rung["entry_id"]
        assert still["waited"] > rung["waited"]
        assert still["priority"] == rung["priority"] + 30
        both.caller.click("#hangup")
        eventually(lambda: entries(server) == [], "an empty queue")


def test_a_caller_who_goes_while_it_rings_frees_the_agent_at_once(desk_house: Running) -> None:
    server = desk_house
    with pair(server) as both:
        log_in(both.desk, server.url)
        be_ready(both.desk)
        press_for_a_person(both)
        both.caller.click("#hangup")
        both.desk.wait_for_selector("[data-state='available']", timeout=SHOWN)
        assert not both.desk.query_selector("[data-act='accept']")
        found = in_state(server, "available")
        assert (found["missed"], entries(server)) == (0, [])


def kill(page: Any) -> None:
    """Its process dies, as when a browser crashes: nothing is said goodbye."""
    from playwright.sync_api import Error

    page.on("dialog", lambda dialog: dialog.accept())
    with suppress(Error):
        page.goto("chrome://crash", timeout=5_000)


def sides_of(recording: bytes) -> list[Sound]:
    """Each channel at 8 kHz: the caller left, we right."""
    with wave.open(io.BytesIO(recording)) as file:
        rate, count = file.getframerate(), file.getnchannels()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, count).astype(float)
    return [soxr.resample(sound[:, channel], rate, 8000) for channel in range(count)]


def likeness(clip: Sound, sound: Sound) -> float:
    """The best normalized correlation of any loud 200 ms of `clip`, wherever in `sound`; both at 8 kHz."""
    piece, best = 1600, 0.0
    size = 1 << (len(sound) + piece).bit_length()
    spectrum = np.fft.rfft(sound, size)
    energy = np.convolve(sound * sound, np.ones(piece), "valid")
    for begin in range(0, len(clip) - piece, piece):
        part = clip[begin : begin + piece]
        if np.abs(part).max() > 500:
            found = np.fft.irfft(spectrum * np.conj(np.fft.rfft(part, size)), size)[: len(energy)]
            best = max(best, float((found / np.sqrt(energy * (part @ part) + 1e6)).max()))
    return best
