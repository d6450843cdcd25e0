"""An independent Media Streams client calls the whole server: real speech in, real speech out, and what is remembered.

The calls go on side by side, as they do on a real line; each test looks at one of them.
"""

import asyncio
import wave
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from asr.moonshine import MoonshineRecognizer
from ivr.model.audio import AudioFrame
from tests.server.running import Running, eventually
from tests.server.streams import say, streamed

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

BRANCH = "Find a branch near the Bird's Nest."
TO_PROMPT: list[Any] = [{"wait_for": "audio"}]
MARK = {"wait_for": {"event": "mark", "timeout": 30}}


@dataclass(frozen=True)
class Held:
    """A call that is over."""

    seen: Any
    """What the far end saw: streamdouble's `SessionResult`."""

    record: dict[str, Any]
    journal: list[dict[str, Any]]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [event["fields"] for event in self.journal if event["kind"] == kind]


def scripts(folder: Path) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    words = say(folder, BRANCH)
    at_once = {"max_drain_s": 0.01}
    return {
        "request": ([*TO_PROMPT, MARK, {"say": words}, MARK], {}),
        "barge_in": ([*TO_PROMPT, {"wait": 1.0}, {"say": words}, {"expect": "clear"}, {"wait": 1.5}], at_once),
        "keys": ([*TO_PROMPT, {"wait": 0.5}, {"dtmf": "2"}, {"wait": 1.0}, {"dtmf": "4421"}, {"wait": 1.0}], at_once),
        "silence": ([{"wait": 40}], {}),
        "hang_up": ([*TO_PROMPT, {"wait": 0.3}], at_once),
        "hang_up_speaking": ([*TO_PROMPT, {"wait": 0.5}, {"say": words}], at_once),
        "cut": ([*TO_PROMPT, {"wait": 0.3}, "hangup"], {}),
    }  # fmt: skip


@pytest.fixture(scope="module")
def calls(server: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Held]:
    folder = tmp_path_factory.mktemp("callers")
    wanted = scripts(folder)

    async def all_at_once() -> list[tuple[str, Any]]:
        return await asyncio.gather(
            *(streamed(server, folder, steps, **config) for steps, config in wanted.values())
        )  # fmt: skip

    held = {}
    for name, (call_sid, seen) in zip(wanted, asyncio.run(all_at_once()), strict=True):
        record = server.record_of(call_sid)
        held[name] = Held(seen, record, server.journal_of(record))
    return held


def spoken(call: Held) -> str:
    return " ".join(words for turn in call.record["turns"] for words in turn["said"])


def test_the_far_end_has_nothing_to_complain_of(calls: dict[str, Held]) -> None:
    assert {name: call.seen.violations for name, call in calls.items()} == dict.fromkeys(calls, [])
    assert {name: call.seen.failed_expectations for name, call in calls.items()} == dict.fromkeys(calls, [])
    assert {name: call.seen.unknown_events for name, call in calls.items()} == dict.fromkeys(calls, [])


def test_a_spoken_request_is_understood_and_answered(calls: dict[str, Held]) -> None:
    call = calls["request"]
    turn = call.record["turns"][1]
    assert (turn["number"], turn["intent"], turn["no_match"], turn["interrupted"]) == (1, "branch_lookup", False, False)
    assert "branch" in turn["heard"].lower()
    assert turn["said"][0].startswith("Nearest to the Bird's Nest: Olympic Park branch")
    assert set(turn["latency"]) == {"end_of_turn", "recognition", "understanding_and_flow", "first_audio", "total"}
    assert call.record["outcome"] == "branch_found"
    assert call.seen.clears_received == 0
    # Every utterance ended in exactly one report, played to its end, but what the caller did not wait for.
    finished = call.of_kind("PlaybackFinished")
    assert [each["utterance"] for each in finished] == list(range(1, len(finished) + 1))
    assert not finished[0]["interrupted"]


def test_speaking_over_the_greeting_stops_it_once_and_is_answered(calls: dict[str, Held]) -> None:
    call = calls["barge_in"]
    assert call.seen.clears_received == 1
    greeting = next(each for each in call.of_kind("PlaybackFinished") if each["utterance"] == 1)
    assert greeting["interrupted"]
    assert 0.5 < greeting["played_seconds"] < 4.0
    assert "1:1" not in call.seen.marks_echoed
    turn = call.record["turns"][1]
    assert (turn["interrupted"], turn["intent"], call.record["stats"]["barge_ins"]) == (True, "branch_lookup", 1)
    assert "Olympic Park" in turn["said"][0]


def test_keys_during_a_prompt_stop_it_and_reach_the_flow(calls: dict[str, Held]) -> None:
    call = calls["keys"]
    assert [turn["keys"] for turn in call.record["turns"]] == ["", "2", "4421"]
    assert call.seen.clears_received == 2
    assert call.record["path"][:4] == ["hotline.greet", "hotline.l_calm", "hotline.l_auth", "hotline.l_confirm"]
    assert "four four two one" in spoken(call)


def test_a_silent_caller_is_asked_again_and_politely_let_go(calls: dict[str, Held]) -> None:
    call = calls["silence"]
    said = call.record["turns"][0]["said"]
    assert said[1:3] == [
        "I'm listening. What do you need?",
        "Branches, press 1. Lost card, press 2. A person, press 0.",
    ]
    assert len(said) == 4
    assert (call.record["end_reason"], call.record["disconnect_by"]) == ("silent_line", "system")
    assert not [each for each in call.of_kind("PlaybackFinished") if each["interrupted"]]
    assert call.record["survey"]["status"] == "not_offered"


@pytest.mark.parametrize(
    ("name", "by"), [("hang_up", "customer"), ("hang_up_speaking", "customer"), ("cut", "network")]
)
def test_however_the_caller_goes_the_record_is_complete(calls: dict[str, Held], name: str, by: str) -> None:
    call = calls[name]
    record = call.record
    assert (record["end_reason"], record["disconnect_by"]) == ("abandoned_in_ivr", by)
    assert record["survey"]["status"] == "hung_up_before"
    assert [event["kind"] for event in call.journal].count("CallerHungUp") == 1
    assert [event["seq"] for event in call.journal] == list(range(1, len(call.journal) + 1))
    assert call.journal[-1]["kind"] == "CallerHungUp"
    cut = call.of_kind("PlaybackFinished")
    assert cut
    assert all(each["interrupted"] for each in cut)


def test_every_call_has_one_survey_record_and_nothing_is_left_running(server: Running, calls: dict[str, Held]) -> None:
    eventually(lambda: server.meter("ivr_live_calls") == 0.0, "an empty house")
    statuses = Counter(call.record["survey"]["status"] for call in calls.values())
    assert statuses == {"hung_up_before": len(calls) - 1, "not_offered": 1}
    counted = sum(server.meter(f'ivr_surveys_total{{status="{status}"}}') for status in statuses)
    assert counted >= len(calls)
    assert server.meter("ivr_stalls_total") == 0.0


def test_the_recording_has_the_caller_left_and_us_right(
    server: Running, calls: dict[str, Held], tmp_path: Path
) -> None:
    address = calls["request"].record["recording"]
    assert server.http.get(address).status_code == 400
    sound = server.http.get(address, params={"reason": "the caller complained"})
    assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/wav")
    (tmp_path / "call.wav").write_bytes(sound.content)
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        rate, both = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    greeting, request = transcript(both[: 5 * rate, 1], rate), transcript(both[8 * rate :, 0], rate)
    assert "automated assistant" in greeting
    assert "calls are recorded" in greeting
    assert "branch" in request


def transcript(samples: Any, rate: int) -> str:
    """What the embedded recognizer reads in it, freely."""

    async def read() -> str:
        with ThreadPoolExecutor(1) as threads:
            stream = MoonshineRecognizer(threads).open(16_000, "en")
            wide = soxr.resample(samples.astype(np.float32), rate, 16_000).astype("<i2")
            for first in range(0, len(wide) - 320, 320):
                stream.feed(AudioFrame(wide[first : first + 320].tobytes(), 16_000))
            recognition = await stream.recognize(final=True)
            await stream.close()
        return recognition.hypotheses[0].text.lower() if recognition.hypotheses else ""

    return asyncio.run(read())
