"""A real browser calls the whole server from the phone page: speech in, speech and captions back, keys, mute, end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.peers.chromium import browser, needs_chromium, speech_file
from tests.server.running import CONFIG, Running, eventually, serving

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

OPEN = (
    CONFIG.replace("no_input_seconds: 1.0", "no_input_seconds: 6.0")
    + "phone: {{public: true}}\nwebrtc: {{codecs: [pcmu, pcma, opus]}}\n"
)
WORDS = "Find a branch near the Bird's Nest."
UNHEARD = "I lost my card."
SPEAKS_AT, UNHEARD_AT, WHOLE_SECONDS = 2.5, 10.0, 14.0


@dataclass
class CallSeen:
    """What the page showed of one call, at the moments that matter."""

    captions: list[tuple[str, str]] = field(default_factory=list)
    answered: dict[str, Any] = field(default_factory=dict)
    """`Call.figures()` while the answer was spoken."""

    muted: tuple[float, float] = (0.0, 0.0)
    """Energy that left the microphone when it was muted, and after the unheard words."""

    states: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    needs_chromium()
    with serving(tmp_path_factory.mktemp("phone"), OPEN) as running:
        yield running


@contextmanager
def phone(server: Running, opened: Any, seen: CallSeen, query: str = "", **context: Any) -> Iterator[Any]:
    """The page, ready to call; everything the browser complains of is kept."""
    page = opened.new_page(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **context})
    page.on("console", lambda message: seen.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    page.goto(f"{server.url}/phone{query}")
    page.wait_for_selector("body[data-ready]")
    yield page
    page.close()


@pytest.fixture(scope="module")
def call(server: Running, tmp_path_factory: pytest.TempPathFactory) -> CallSeen:
    microphone = speech_file(
        tmp_path_factory.mktemp("speech"), [(SPEAKS_AT, WORDS), (UNHEARD_AT, UNHEARD)], WHOLE_SECONDS
    )
    seen = CallSeen()
    with browser(microphone) as opened, phone(server, opened, seen, "?processing=off") as page:
        hold(page, seen)
    found = eventually(lambda: ended_calls(server), "the finished record")
    seen.record = server.http.get(f"/api/calls/{found[0]['call_id']}").json()
    seen.journal = server.journal_of(found[0])
    return seen


def ended_calls(server: Running) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = server.http.get("/api/calls").raise_for_status().json()["calls"]
    return [each for each in calls if each["ended_at"]]


def hold(page: Any, seen: CallSeen) -> None:
    """The whole call, as its person holds it."""
    began = time.monotonic()
    page.keyboard.press("Tab")
    page.click("#call")
    page.wait_for_selector("body[data-state='active']", timeout=10_000)
    seen.states.append(page.text_content("#state"))
    page.wait_for_selector("#log .caller", timeout=15_000)
    page.wait_for_selector("#log .caller ~ .bot", timeout=10_000)
    page.wait_for_timeout(1_000)
    seen.answered = page.evaluate("phone.figures()")
    page.click("#mute")
    quiet_from = page.evaluate("phone.figures()")["own_energy"]
    page.wait_for_timeout(max(0.0, (UNHEARD_AT + 2.5 - (time.monotonic() - began)) * 1000))
    seen.muted = (quiet_from, page.evaluate("phone.figures()")["own_energy"])
    page.click("#mute")
    page.keyboard.press("5")
    page.click("#open-keys")
    page.click("#keys [data-digit='#']")
    seen.states.append(page.text_content("#typed"))
    page.wait_for_timeout(500)
    page.click("#hangup")
    page.wait_for_selector("body[data-state='ended']")
    seen.states.append(page.text_content("#state"))
    seen.captions = [
        (line.get_attribute("class").split()[1], line.query_selector(".words").text_content())
        for line in page.query_selector_all("#log .said")
    ]


def test_a_spoken_request_is_understood_and_the_answer_is_heard_and_read(call: CallSeen) -> None:
    turn = call.record["turns"][1]
    assert (turn["intent"], turn["no_match"]) == ("branch_lookup", False)
    assert call.record["outcome"] == "branch_found"
    greeting, words, answer = call.captions[:3]
    assert greeting[0] == "bot"
    assert greeting[1].startswith("Example Bank, this is the automated assistant")
    assert words[0] == "caller"
    assert "branch" in words[1].lower()
    assert answer[0] == "bot"
    assert "".join(text for who, text in call.captions if who == "bot").count("Olympic Park") >= 1


def test_sound_came_back_and_none_was_lost(call: CallSeen) -> None:
    heard = call.answered
    assert heard["connection"] == "connected"
    assert heard["codec"] == "audio/PCMU"
    assert heard["received"] > 100
    assert heard["sent"] > 100
    assert heard["lost"] <= heard["received"] * 0.01
    # RTCInboundRtpStreamStats.totalAudioEnergy: some seconds of a voice at -20 dBFS give about 0.01 each.
    assert heard["energy"] > 0.005


def test_muted_words_do_not_leave_the_browser(call: CallSeen) -> None:
    before, after = call.muted
    assert after - before < 1e-6
    heard = [event["fields"]["text"].lower() for event in call.journal if event["kind"] == "Heard"]
    assert len([text for text in heard if text]) == 1
    assert "lost" not in " ".join(heard)


def test_keys_of_the_keyboard_and_of_the_page_reach_the_flow(call: CallSeen) -> None:
    assert [event["fields"]["digit"] for event in call.journal if event["kind"] == "DigitPressed"] == ["5", "#"]


def test_hanging_up_ends_the_call_with_a_complete_record(call: CallSeen) -> None:
    assert (call.record["end_reason"], call.record["disconnect_by"]) == ("abandoned_in_ivr", "customer")
    assert call.record["survey"]["status"] == "hung_up_before"
    assert set(call.record["provider_ids"]) == {"connection"}
    assert [event["kind"] for event in call.journal].count("CallerHungUp") == 1


def test_the_page_shows_how_the_call_stands_and_complains_of_nothing(call: CallSeen) -> None:
    assert call.states == ["Connected", "•#", "Call ended"]
    assert call.problems == []


def test_opus_is_spoken_on_request(server: Running) -> None:
    seen = CallSeen()
    with browser() as opened, phone(server, opened, seen, "?codec=opus&lang=zh") as page:
        page.click("#call")
        page.wait_for_selector("#log .bot", timeout=10_000)
        page.wait_for_timeout(1_500)
        figures = page.evaluate("phone.figures()")
        assert page.text_content("#state") == "通话中"
        page.click("#hangup")
        page.wait_for_selector("body[data-state='ended']")
    assert (figures["connection"], figures["codec"]) == ("connected", "audio/opus")
    assert figures["energy"] > 0.001
    assert seen.problems == []


def test_a_refused_microphone_is_explained_and_no_call_begins(server: Running) -> None:
    seen, before = CallSeen(), len(server.http.get("/api/calls").json()["calls"])
    denied = browser(None, "--deny-permission-prompts", allows_microphone=False)
    with denied as opened, phone(server, opened, seen) as page:
        page.click("#call")
        page.wait_for_selector("#problem strong")
        assert page.text_content("#problem strong") == "The microphone is not allowed"
        assert page.text_content("#call span") == "Call again"
    assert len(server.http.get("/api/calls").json()["calls"]) == before


TOO_SMALL = """() => [...document.querySelectorAll('button, label, a:focus')].filter(each => each.offsetParent)
    .map(each => [each.id, each.getBoundingClientRect()]).filter(([id, box]) => box.width < 44 || box.height < 44)
    .map(([id]) => id)"""


def test_on_a_small_screen_everything_is_in_reach_and_by_keyboard_too(server: Running) -> None:
    seen = CallSeen()
    small: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "locale": "zh-CN", "color_scheme": "dark"}
    with browser() as opened, phone(server, opened, seen, **small) as page:
        assert page.get_attribute("html", "lang") == "zh-Hans"
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate(TOO_SMALL) == []
        order = []
        for _ in range(4):
            page.keyboard.press("Tab")
            order.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        assert order == ["skip", "language", "theme", "call"]
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-state='active']", timeout=10_000)
        assert page.evaluate("document.activeElement.id") == "hangup"
        assert page.evaluate(TOO_SMALL) == []
        page.click("#open-keys")
        assert page.evaluate(TOO_SMALL) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.get_attribute("#log", "aria-live") == "polite"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "open-keys"
        page.focus("#hangup")
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-state='ended']")
        assert page.evaluate("document.activeElement.id") == "call"
    assert seen.problems == []


FAILURES: list[tuple[str, dict[str, Any] | None, str]] = [
    ("/phone/token", {"status": 503}, "All lines are busy"),
    ("/phone/token", {"status": 429}, "Too many calls in a short time"),
    ("/phone/token", {"status": 404, "json": {"code": "webrtc.not_public"}}, "Calls from this page are not open"),
    ("/phone/token", None, "The server cannot be reached"),
    ("/webrtc/offer", {"status": 401}, "The call was refused"),
    ("/webrtc/offer", {"status": 500, "body": "<html>"}, "Something went wrong on our side"),
]


def answering(answer: dict[str, Any] | None) -> Callable[[Any], None]:
    def handle(route: Any) -> None:
        if answer:
            route.fulfill(**answer)
        else:
            route.abort()

    return handle


def test_what_goes_wrong_is_told_in_words_and_another_call_can_be_tried(server: Running) -> None:
    with browser() as opened, phone(server, opened, CallSeen()) as page:
        for path, answer, told in FAILURES:
            page.route(f"**{path}", answering(answer))
            page.click("#call")
            page.wait_for_selector(f"#problem strong:text-is('{told}')")
            assert page.get_attribute("#problem", "role") == "alert"
            page.unroute(f"**{path}")
        page.click("#language")
        assert page.text_content("#problem strong") == "我们这边出了点问题"
        page.click("#call")
        page.wait_for_selector("body[data-state='active']", timeout=10_000)
        assert page.text_content("#problem") == ""
