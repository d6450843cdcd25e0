"""Pure: what may be told of a call to anybody but the two who talk: journal, record, watchers, recording, the agent's
screen. Everything that was said, keyed, answered or noted passes here first (domain.md 2.11); only the conductor has
the real words.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from ivr.call.hiding import HIDDEN, hidden
from ivr.call.pieces import Pieces
from ivr.call.record import SURVEY_NOTE
from ivr.model.commands import Command, Fetch, JoinQueue, Note, Say, Transfer
from ivr.model.events import (
    AgentSaid,
    CallEvent,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    MessageTaken,
    PartialHeard,
    PlaybackFinished,
    PlaybackStarted,
    SpeechStarted,
)
from ivr.model.redacted_bodies import redacted_body
from ivr.model.redacted_events import redacted, sensitive_seconds
from ivr.model.redaction import EVERY_KIND, FACT_KINDS, redact, sensitive_spans

MARGIN_SECONDS = 0.15
"""Word times are a recognizer's guess: so much more is blanked on either side."""

AGENT_MARGIN_SECONDS = 0.5
"""When an agent began to speak is known from when their words were told."""

CALLER, US = 0, 1
"""Channels of a recording."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A part of the recording that must be silent, in seconds since the answer."""

    channel: int
    began: float
    ended: float


@dataclass(slots=True)
class Disclosure:
    """Of one call. `kinds` are those of `ivr.model.redaction`."""

    kinds: Set[str] = EVERY_KIND
    _secret_until: float = -1.0
    """When a secret step was last seen."""

    _speech_at: float | None = None
    """When the speech under way began."""

    _entry: list[tuple[float, CallEvent]] = field(default_factory=list)
    """From the first key of an entry on: a card number is only known as one by its last key."""

    _pieces: Pieces | None = None
    """Numbers that are told over several turns."""

    _aloud: dict[int, float | None] = field(default_factory=dict)
    """What we say that must not be kept, by utterance, and since when it is heard."""

    def event(self, event: CallEvent, at: float, *, secret: bool) -> CallEvent:
        """The event as it may be shown. `secret`: a secret is asked for; also a recognition that comes when the step
        is over (it was keyed meanwhile) is part of it."""
        if secret:
            self._secret_until = at
        late = self._is_late(event)
        if isinstance(event, SpeechStarted):
            self._speech_at = event.at
        elif isinstance(event, Heard):
            self._speech_at = None
        if secret or late:
            return hidden(event)
        shown = self._without(event)
        if isinstance(event, AgentSaid) and isinstance(shown, AgentSaid):
            return self.pieces.agent_said(event.text, shown, at)
        if isinstance(event, Heard) and isinstance(shown, Heard):
            return self.pieces.heard(event, shown)
        return shown

    @property
    def pieces(self) -> Pieces:
        if self._pieces is None:
            self._pieces = Pieces(self.kinds)
        return self._pieces

    def blanks(self, event: CallEvent, shown: CallEvent, at: float) -> tuple[Blank, ...]:
        """What the recording must not keep of it."""
        match event:
            case PlaybackStarted(utterance=number) if number in self._aloud:
                self._aloud[number] = at
            case PlaybackFinished(utterance=number) if began := self._aloud.pop(number, None):
                return (Blank(US, began - MARGIN_SECONDS, at + MARGIN_SECONDS),)
            case Heard(times=times) if isinstance(shown, Heard) and shown.text == HIDDEN:
                return (Blank(CALLER, times.began - MARGIN_SECONDS, times.ended + MARGIN_SECONDS),)
            case Heard():
                parts = [*sensitive_seconds(event, self.kinds), *self.pieces.seconds()]
                return tuple(Blank(CALLER, began - MARGIN_SECONDS, end + MARGIN_SECONDS) for began, end in parts)
            case HearingFailed() if (unread := self._speech_at) is not None:
                self._speech_at = None  # Nobody can tell whether it was a card number: it is not kept.
                return (Blank(CALLER, unread - MARGIN_SECONDS, at),) if self.kinds else ()
            case AgentSaid(text=text, seconds=seconds) if seconds:
                spoken = self.pieces.agents_seconds()
                if isinstance(shown, AgentSaid) and shown.text != text:
                    spoken.append((at - seconds, at))
                return tuple(Blank(US, began - AGENT_MARGIN_SECONDS, end) for began, end in spoken)
            case _:
                pass
        return ()

    def ready(self, shown: CallEvent, at: float) -> list[tuple[float, CallEvent]]:
        """What may be written down now, in order: keys wait until their entry is over."""
        is_key = isinstance(shown, DigitPressed) and shown.digit != HIDDEN
        between = isinstance(shown, PlaybackStarted | PlaybackFinished | SpeechStarted | PartialHeard)
        if is_key or (self._entry and between):
            self._entry.append((at, shown))
            return []
        return [*self.entry_over(), (at, shown)]

    def entry_over(self) -> list[tuple[float, CallEvent]]:
        """The entry that waited, with its keys hidden where they were a number that must not be kept."""
        entry, self._entry = self._entry, []
        pressed = [(at, event.digit) for at, event in entry if isinstance(event, DigitPressed)]
        keys = "".join(digit for _, digit in pressed)
        completes = bool(pressed) and self.pieces.keyed(keys, pressed[0][0], pressed[-1][0])
        shown = iter(HIDDEN if completes and key.isdigit() else key for key in self.keys(keys))
        return [(at, DigitPressed(next(shown)) if isinstance(event, DigitPressed) else event) for at, event in entry]

    def keys(self, keys: str) -> str:
        """Keys of one entry as they may be kept: as many, some of them hidden."""
        shown = list(keys)
        for span in sensitive_spans(keys, self.kinds):
            shown[span.start : span.end] = HIDDEN * (span.end - span.start)
        return "".join(shown)

    def command(self, command: Command) -> Command:
        """The command as it may be shown; what is carried out is the real one."""
        match command:
            case Say(text=text, utterance=number):
                shown = self._text(text, self.kinds)
                if shown != text:
                    self._aloud[number] = None
                return replace(command, text=shown)
            case Note(name=name, value=value):
                kinds = self.kinds if name.startswith(SURVEY_NOTE) else self._fact_kinds
                return replace(command, value=self._text(value, kinds))
            case JoinQueue(facts=facts):
                return replace(command, facts=self._facts(facts))
            case Transfer(facts=facts):
                return replace(command, facts=self._facts(facts))
            case Fetch():
                # Requests carry what the task needs and nobody else should see.
                return replace(command, url="", body=None, headers={})
            case _:
                return command

    @property
    def _fact_kinds(self) -> Set[str]:
        return FACT_KINDS & self.kinds

    def _facts(self, facts: Mapping[str, str]) -> dict[str, str]:
        return {name: self._text(value, self._fact_kinds) for name, value in facts.items()}

    def _text(self, text: str, kinds: Set[str]) -> str:
        return self.pieces.clean(redact(text, kinds))

    def _without(self, event: CallEvent) -> CallEvent:
        match event:
            case MessageTaken(transcript=transcript):
                return replace(event, transcript=self._text(transcript, self.kinds))
            case Fetched(body=body):
                return replace(event, body=redacted_body(body, self.kinds))
            case PartialHeard(text=text) | AgentSaid(text=text):
                return replace(event, text=self._text(text, self.kinds))
            case _:
                return redacted(event, self.kinds)

    def _is_late(self, event: CallEvent) -> bool:
        """Speech that began while a secret was asked for."""
        match event:
            case Heard(times=times) if times.ended:
                return times.began <= self._secret_until
            case Heard() | PartialHeard():
                return self._speech_at is not None and self._speech_at <= self._secret_until
            case _:
                return False
