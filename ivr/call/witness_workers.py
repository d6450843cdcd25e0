"""Everybody who is told what happens in a call: journal, record, recording, watchers. Told once, and only what may be
told (`ivr.call.disclosure`). Whoever of them fails is logged; the call does not notice.
"""

from collections import deque
from dataclasses import replace
from functools import partial

import structlog

from ivr.call.disclosure import CALLER, MARGIN_SECONDS
from ivr.call.hiding import HIDDEN
from ivr.call.live import LiveCall, Surroundings
from ivr.call.pieces import REMEMBERED, Correction, KeysTold, reworded
from ivr.model.calls import JournalEntry
from ivr.model.commands import Command, Listen
from ivr.model.events import AgentSaid, CallEvent, DigitPressed, Heard
from ivr.model.redaction import LONGEST

log = structlog.get_logger(__name__)

TONE_SECONDS = 0.4
"""On either side of a key: longer than anybody holds one, and than its sound and its message are apart."""


class Witnesses:
    """Of one line of a live call."""

    def __init__(self, call: LiveCall, around: Surroundings) -> None:
        self._call, self._around = call, around
        self._heard: deque[JournalEntry] = deque(maxlen=2 * REMEMBERED)
        self._keyed: deque[JournalEntry] = deque(maxlen=REMEMBERED * LONGEST)

    def saw(self, event: CallEvent, at: float) -> None:
        call, disclosure = self._call, self._call.disclosure
        # Keys pressed to a person mean nothing to us, and may be a card number all the same.
        keyed = isinstance(event, DigitPressed) and call.log.is_with_agent
        shown = disclosure.event(event, at, secret=call.conductor.expect.secret or keyed)
        if call.recorder:
            for blank in disclosure.blanks(event, shown, at):
                self._silence(blank.channel, blank.began, blank.ended)
        call.log.saw(shown, at)
        self._write_down(disclosure.ready(shown, at))

    def _take_back(self, corrections: list[Correction | KeysTold]) -> None:
        """A number was told over several turns: the earlier ones are written once more, without it."""
        clean = self._call.disclosure.pieces.clean
        self._call.log.reword(partial(reworded, corrections=corrections, clean=clean), clean)
        for one in corrections:
            if isinstance(one, KeysTold):
                self._take_back_keys(one)
                continue
            for entry in [entry for entry in self._heard if entry.event == one.told]:
                self._append(replace(entry, event=one.instead))
        # What was said of it is silent with its turn; keys were found out only now.
        for began, ended in self._call.disclosure.pieces.seconds():
            self._silence(CALLER, began - MARGIN_SECONDS, ended + MARGIN_SECONDS)

    def _take_back_keys(self, told: KeysTold) -> None:
        for entry in [entry for entry in self._keyed if told.began <= entry.at <= told.ended]:
            if isinstance(entry.event, DigitPressed) and entry.event.digit.isdigit():
                self._append(replace(entry, event=DigitPressed(HIDDEN)))
                self._silence_key(entry.at)

    def did(self, command: Command, at: float) -> Command:
        """The command as it was shown."""
        if isinstance(command, Listen):
            self.entry_over()
        shown = self._call.disclosure.command(command)
        self._call.log.did(shown, self._call.conductor.state.step, at)
        self._tell(at, shown)
        return shown

    def entry_over(self) -> None:
        """No further key belongs to the entry: what waited for that is written down."""
        self._write_down(self._call.disclosure.entry_over())

    def _write_down(self, events: list[tuple[float, CallEvent]]) -> None:
        for at, event in events:
            self._call.seq += 1
            entry = JournalEntry(self._call.seq, round(at, 4), event)
            self._append(entry)
            if isinstance(event, Heard | AgentSaid):
                self._heard.append(entry)
            elif isinstance(event, DigitPressed):
                self._keyed.append(entry)
                if event.digit == HIDDEN:
                    self._silence_key(at)
            self._tell(at, event)
        if corrections := self._call.disclosure.pieces.corrections():
            self._take_back(corrections)

    def _silence_key(self, at: float) -> None:
        """Many telephones send a key as a tone too, and it may sound a little longer than its step lasts."""
        self._silence(CALLER, at - TONE_SECONDS, at + TONE_SECONDS)

    def _append(self, entry: JournalEntry) -> None:
        call_id = self._call.call_id
        try:
            self._around.store.append(call_id, entry)
        except Exception as error:  # noqa: BLE001 - no traceback: it would be one for each event
            log.warning("journal entry not kept", call_id=call_id, error=type(error).__name__)

    def _tell(self, at: float, what: CallEvent | Command) -> None:
        for watcher in self._around.watchers:
            try:
                watcher(self._call.call_id, at, what)
            except Exception:
                log.exception("a watcher failed", call_id=self._call.call_id)

    def _silence(self, channel: int, began: float, ended: float) -> None:
        if self._call.recorder is None:
            return
        try:
            self._call.recorder.silence(channel, began, ended)
        except OSError as error:
            log.error("a recording was not blanked", call_id=self._call.call_id, error=type(error).__name__)
