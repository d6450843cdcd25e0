"""Pure: what we are saying in a call, and what of it was cut off."""

from dataclasses import dataclass, field, replace

from ivr.call.resume import remaining_text
from ivr.model.commands import Say
from ivr.model.events import PlaybackFinished
from ivr.model.meaning import Expect


@dataclass(slots=True)
class Utterances:
    """Numbered speech under way or waiting on the line."""

    speaking: dict[int, Say] = field(default_factory=dict)
    _told_to_stop: set[int] = field(default_factory=set)
    _cut_off: list[Say] = field(default_factory=list)
    _count: int = 0

    def say(self, said: Say) -> Say:
        """Number an utterance; from now on it is outstanding."""
        self._count += 1
        numbered = replace(said, utterance=self._count)
        self.speaking[self._count] = numbered
        return numbered

    def break_off(self) -> bool:
        """Stop all of it; False if there is nothing to stop that was not stopped before."""
        still_spoken = self.speaking.keys() - self._told_to_stop
        self._told_to_stop |= still_spoken
        return bool(still_spoken)

    def hush(self) -> bool:
        """As `break_off`, and nothing of it is said later."""
        self._cut_off.clear()
        return self.break_off()

    def was_lost(self, event: PlaybackFinished) -> bool:
        """It was broken off, and not by us: the line is going away."""
        return event.interrupted and event.utterance not in self._told_to_stop

    def finished(self, event: PlaybackFinished, *, caller_talks: bool) -> None:
        """Played or stopped. What the caller talked over is kept in case it was only a noise."""
        said = self.speaking.pop(event.utterance, None)
        if said and event.interrupted and caller_talks:
            rest = remaining_text(said.text, event.played_seconds, said.language)
            if rest:
                self._cut_off.append(replace(said, text=rest))

    @property
    def was_cut_off(self) -> bool:
        return bool(self._cut_off)

    def must_be_heard_out(self, expect: Expect) -> bool:
        """Nothing may be broken off that must be heard, nor the words on the way to a transfer or hang-up."""
        return not expect.barge_in or any(not said.barge_in for said in self.speaking.values())

    def take_cut_off(self) -> list[Say]:
        """What is left to say of it, numbered anew."""
        again, self._cut_off = self._cut_off, []
        return [self.say(said) for said in again]

    def forget_cut_off(self) -> None:
        self._cut_off.clear()
