"""Pure: when a message begins and ends, and which words it has. Its clock is the sound itself, so a test needs none."""

from dataclasses import dataclass, field

from ivr.model.events import CallEvent, DigitPressed, Heard, HearingFailed, SpeechStarted
from ivr.model.meaning import Expect

END_KEY = "#"
SILENCE_SECONDS = 3.0
"""Quiet after words that ends a message."""

FIRST_WORD_SECONDS = 6.0
"""Longest quiet before the first word."""

LAST_WORDS_SECONDS = 4.0
"""Once the message was ended by key or by its limit, so long the recognizer may take for what was said last."""

PAUSE_SECONDS = 1.2
"""Pauses inside a message are longer than between question and answer."""


def dictating(flow: str, language: str, longest_seconds: float) -> Expect:
    """What the ears are told while a message is taken: words as they come, no questions, no commands."""
    return Expect("message", flow, "free", language, end_of_turn_seconds=PAUSE_SECONDS, longest_seconds=longest_seconds)


@dataclass(slots=True)
class Dictation:
    longest_seconds: float
    seconds: float = 0.0
    """Of sound, since the beep; no more are kept once `is_closed`."""

    _words: list[str] = field(default_factory=list)
    _spoke: bool = False
    _talks: bool = False
    _unread: bool = False
    _quiet_since: float = 0.0
    _closed_at: float | None = None

    @property
    def is_closed(self) -> bool:
        """Nothing more is kept; the last words may still come."""
        return self._closed_at is not None

    @property
    def is_over(self) -> bool:
        if self._closed_at is not None:
            return not self._talks or self.seconds - self._closed_at >= LAST_WORDS_SECONDS
        if self._talks:
            return False
        return self.seconds - self._quiet_since >= (SILENCE_SECONDS if self._spoke else FIRST_WORD_SECONDS)

    @property
    def transcript(self) -> str:
        return " ".join(self._words)

    @property
    def has_speech(self) -> bool:
        """Words were heard, or there was speech that nobody could read."""
        return bool(self._words) or self._unread or self._talks

    def heard(self, seconds: float) -> None:
        """So much more sound has come."""
        self.seconds += seconds
        if self._closed_at is None and self.seconds >= self.longest_seconds:
            self._closed_at = self.seconds

    def saw(self, event: CallEvent) -> None:
        match event:
            case SpeechStarted():
                self._spoke = self._talks = True
            case Heard(text=text, times=times):
                if text:
                    self._words.append(text)
                self._talks = False
                self._quiet_since = max(0.0, self.seconds - times.waited - times.recognizing)
            case HearingFailed():
                self._unread = self._unread or self._talks
                self._talks = False
                self._quiet_since = self.seconds
            case DigitPressed(digit=digit) if digit == END_KEY and self._closed_at is None:
                self._closed_at = self.seconds
            case _:
                pass
