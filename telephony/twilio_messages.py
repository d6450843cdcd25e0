"""Pure: the Twilio Media Streams protocol without a socket: text in, typed items out, and the reverse.

Whatever arrives, `receive` does not raise: what cannot be used is counted in `faults` and ignored. Numbers in
Twilio's messages are strings, except those of `mediaFormat`.
https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.events import DigitPressed
from ivr.model.g711 import mulaw_decode, mulaw_encode
from telephony.media_clock import DEAF_AFTER, MediaClock

FRAME_BYTES = round(PHONE_RATE * FRAME_SECONDS) * 2
LONGEST_MESSAGE = 65536
"""Characters; also the server's limit for one frame of the socket."""

KEYS = frozenset("0123456789*#ABCD")
MEDIA_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": PHONE_RATE, "channels": 1}


@dataclass(frozen=True, slots=True)
class StreamStarted:
    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkReached:
    """All sound sent before the mark of this utterance was played."""

    utterance: int


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The caller hung up, or the call was redirected, or we closed."""


Received = StreamStarted | AudioFrame | DigitPressed | MarkReached | StreamStopped


class TwilioStream:
    """One stream. `faults` counts by name what was wrong with it: for metrics and the call record."""

    def __init__(self) -> None:
        self.stream_sid = ""
        self.faults: Counter[str] = Counter()
        self._stopped = False
        self._expected = 0
        self._late_in_a_row = 0
        self._clock = MediaClock(PHONE_RATE)
        self._pcm = bytearray()
        self._generation = 1
        self._marks: set[int] = set()

    def receive(self, message: str | bytes) -> list[Received]:
        """What one message of the socket means; frames are 20 ms at 8 kHz, whatever length Twilio sent."""
        parsed = self._parse(message)
        event = parsed.get("event")
        if not parsed or event == "connected":
            return []
        if self._stopped or (event == "start") == bool(self.stream_sid):
            return self._ignore("out_of_place")
        if event == "stop":
            self._stopped = True
            return [StreamStopped()]
        if not self._in_sequence(parsed.get("sequenceNumber")):
            return []
        return self._take(event, parsed)

    def media(self, pcm: bytes) -> str:
        """Sound for the caller: PCM at 8 kHz. Raw µ-law, no header, and nothing else in `media`."""
        return self._message("media", media={"payload": base64.b64encode(mulaw_encode(pcm)).decode("ascii")})

    def mark(self, utterance: int) -> str:
        """Twilio sends it back when everything before it has been played."""
        self._marks.add(utterance)
        return self._message("mark", mark={"name": f"{self._generation}:{utterance}"})

    def clear(self) -> str:
        """Drop what Twilio still holds. Marks sent so far are dead: Twilio echoes them as if they had been played,
        other peers never do. So an echo of an older generation means nothing."""
        self._generation += 1
        self._marks.clear()
        return self._message("clear")

    def _message(self, event: str, **parts: object) -> str:
        return json.dumps({"event": event, "streamSid": self.stream_sid, **parts})

    def _parse(self, message: str | bytes) -> Mapping[str, Any]:
        if not isinstance(message, str):
            self.faults["binary"] += 1
        elif len(message) > LONGEST_MESSAGE:
            self.faults["oversize"] += 1
        else:
            try:
                parsed = json.loads(message)
            except (ValueError, RecursionError):
                parsed = None
            if isinstance(parsed, dict) and isinstance(parsed.get("event"), str):
                return parsed
            self.faults["malformed"] += 1
        return {}

    def _in_sequence(self, given: object) -> bool:
        """Gaps are counted and passed over; what comes twice or late is dropped. After a second of nothing but late
        messages the peer has begun to count anew, and is followed."""
        number = _whole(given)
        if number is None:
            self.faults["unnumbered"] += 1
            return True
        if number < self._expected:
            self.faults["repeated_or_late"] += 1
            self._late_in_a_row += 1
            if self._late_in_a_row < DEAF_AFTER:
                return False
        elif self._expected and number > self._expected:
            self.faults["gap"] += 1
        self._late_in_a_row = 0
        self._expected = number + 1
        return True

    def _take(self, event: object, message: Mapping[str, Any]) -> list[Received]:
        body = message.get(str(event))
        if not isinstance(body, dict):
            return self._ignore("malformed" if event in ("start", "media", "dtmf", "mark") else "unknown_event")
        if event != "start" and message.get("streamSid", self.stream_sid) != self.stream_sid:
            return self._ignore("foreign_stream")
        match event:
            case "media":
                return self._sound(body)
            case "mark":
                return self._reached(body.get("name"))
            case "dtmf":
                digit = body.get("digit")
                return [DigitPressed(digit)] if isinstance(digit, str) and digit in KEYS else self._ignore("malformed")
            case "start":
                return self._start(body)
            case _:
                return self._ignore("unknown_event")

    def _start(self, body: Mapping[str, Any]) -> list[Received]:
        sids = [body.get(name) for name in ("streamSid", "callSid", "accountSid")]
        parameters = body.get("customParameters", {})
        if body.get("mediaFormat") != MEDIA_FORMAT:
            return self._ignore("media_format")
        if not all(isinstance(sid, str) and sid for sid in sids) or not isinstance(parameters, dict):
            return self._ignore("malformed")
        stream_sid, call_sid, account_sid = map(str, sids)
        self.stream_sid = stream_sid
        texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
        return [StreamStarted(stream_sid, call_sid, account_sid, texts)]

    def _sound(self, media: Mapping[str, Any]) -> list[Received]:
        if media.get("track", "inbound") != "inbound":
            return self._ignore("foreign_track")
        try:
            sound = base64.b64decode(media.get("payload", ""), validate=True)
        except (binascii.Error, TypeError, ValueError):
            sound = b""
        if not sound:
            return self._ignore("malformed")
        lost = self._clock.place(_whole(media.get("timestamp")), len(sound))
        if lost is None:
            return self._ignore("old_sound")
        if lost:
            self.faults["lost_ms"] += lost * 1000 // PHONE_RATE
            self._pcm += bytes(2 * lost)
        self._pcm += mulaw_decode(sound)
        return self._frames()

    def _frames(self) -> list[Received]:
        whole = len(self._pcm) - len(self._pcm) % FRAME_BYTES
        pcm = bytes(self._pcm[:whole])
        del self._pcm[:whole]
        return [AudioFrame(pcm[at : at + FRAME_BYTES], PHONE_RATE) for at in range(0, whole, FRAME_BYTES)]

    def _reached(self, name: object) -> list[Received]:
        generation, colon, number = str(name).partition(":")
        # Some utterances have numbers below zero (`LIVE`).
        size = _whole(number.removeprefix("-"))
        utterance = -size if size is not None and number.startswith("-") else size
        if not colon or utterance is None:
            return self._ignore("malformed")
        if generation != str(self._generation):
            return self._ignore("late_mark")
        if utterance not in self._marks:
            return self._ignore("unknown_mark")
        self._marks.remove(utterance)
        return [MarkReached(utterance)]

    def _ignore(self, fault: str) -> list[Received]:
        self.faults[fault] += 1
        return []


def _whole(given: object) -> int | None:
    """A number as Twilio writes it: decimal digits in a string; a plain JSON number is taken too."""
    text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
