"""Media Streams messages by hand: good ones, and what no carrier would send."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from tests.server.running import ACCOUNT

SILENCE = base64.b64encode(b"\xff" * 160).decode()


def start_message(call_sid: str, parameters: Mapping[str, str]) -> str:
    return json.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": "MZ1",
            "start": {
                "streamSid": "MZ1",
                "accountSid": ACCOUNT,
                "callSid": call_sid,
                "tracks": ["inbound"],
                "customParameters": dict(parameters),
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }
    )


def media(number: int, at_ms: int, payload: str = SILENCE, **more: Any) -> str:
    """20 ms of the caller's sound."""
    sound = {"track": "inbound", "chunk": str(number), "timestamp": str(at_ms), "payload": payload}
    return json.dumps(
        {"event": "media", "sequenceNumber": str(number), "streamSid": "MZ1", "media": sound, **more}
    )  # fmt: skip


GARBAGE: tuple[tuple[str, str | bytes], ...] = (
    ("malformed", "{"),
    ("malformed", "null"),
    ("malformed", '["media"]'),
    ("malformed", '{"event": 7}'),
    ("malformed", "[" * 30_000),
    ("binary", b"\x00\xff" * 80),
    ("out_of_place", '{"event": "start", "sequenceNumber": "2", "start": {}}'),
    ("unknown_event", '{"event": "surprise", "sequenceNumber": "3", "surprise": {}}'),
    ("malformed", media(4, 20, payload="%%%")),
    ("foreign_stream", media(5, 20).replace("MZ1", "MZ2")),
    ("unnumbered", media(4, 20).replace('"sequenceNumber": "4"', '"sequenceNumber": null')),
    ("repeated_or_late", media(2, 20)),
    ("repeated_or_late", media(2, 20)),
    ("malformed", '{"event": "dtmf", "sequenceNumber": "6", "streamSid": "MZ1", "dtmf": {"digit": "x"}}'),
    ("unknown_mark", '{"event": "mark", "sequenceNumber": "7", "streamSid": "MZ1", "mark": {"name": "1:99"}}'),
    ("late_mark", '{"event": "mark", "sequenceNumber": "8", "streamSid": "MZ1", "mark": {"name": "9:1"}}'),
)
"""What is ignored, and the name under which it is counted."""
