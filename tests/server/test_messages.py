"""A caller leaves a message on the whole server: after the beep, in real speech, and it can be read and listened to."""

import asyncio
import io
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import CONFIG, serving
from tests.server.streams import say, streamed

pytestmark = [pytest.mark.voice, pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

FLOW = """
flow: word
start: please
agent: person
steps:
  please: { say: "Please leave a message after the tone.", then: word }
  word: { message: wish, longest_seconds: 20, then: thanks, otherwise: person }
  thanks: { say: "Thank you, we have your message.", then: end }
  person: { queue: people, otherwise: end }
  end: { hangup: self_service_completed, survey: false }
"""
WORDS = "Please call me back about my new credit card."
UNTIL_IT_HANGS_UP = {"wait": 20.0}
"""A driver without steps hangs up at once; so it waits, and the server ends the call."""

MARK = {"wait_for": {"event": "mark", "timeout": 30}}


def test_a_message_is_left_in_real_speech_and_can_be_read_and_played(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "word.yaml").write_text(FLOW, encoding="utf-8")
    config = CONFIG.replace("{root}/flows", str(flows)).replace("bank/hotline", "word") + "survey: {{enabled: false}}\n"
    with serving(tmp_path, config) as server:
        steps: list[Any] = [{"wait_for": "audio"}, MARK, MARK, {"say": say(tmp_path, WORDS)}, UNTIL_IT_HANGS_UP]
        call_sid, _ = asyncio.run(streamed(server, tmp_path, steps))
        record = server.record_of(call_sid)
        assert record["end_reason"] == "self_service_completed"
        assert "thank you" in " ".join(text for turn in record["turns"] for text in turn["said"]).lower()
        (message,) = server.http.get(f"/api/messages?call_id={record['call_id']}").json()["messages"]
        sound = server.http.get(message["audio"], params={"reason": "it waits for an answer"})
    assert record["notes"]["message.wish"] == message["message_id"]
    assert "credit card" in message["transcript"].lower()
    assert sound.status_code == 200
    with wave.open(io.BytesIO(sound.content)) as file:
        assert file.getnchannels() == 1
        assert abs(file.getnframes() / file.getframerate() - message["seconds"]) < 0.1
        assert 4.0 < message["seconds"] < 12.0
