"""Pure: the clock of a caller who says nothing. Noise gives them a moment more, but not for ever: only what was said
ends a silence. (A television that starts the clock anew each time is dead air: peers.md, thread 11.)
"""

from dataclasses import dataclass

from ivr.call.timing import NO_INPUT
from ivr.model.commands import CancelTimer, Command, StartTimer


@dataclass(slots=True)
class Stillness:
    """Since we last fell silent: does the clock run, were there only noises, did it ring over one."""

    caller_talks: bool = False
    """Or so it sounds: the recognizer has not said yet what it was."""

    runs: bool = False
    _noises: int = 0
    _rang: bool = False

    def begin(self, seconds: float) -> StartTimer:
        """We are silent now, and wait this long for the caller."""
        self.runs, self._rang = True, False
        return StartTimer(NO_INPUT, seconds)

    def end(self) -> CancelTimer:
        """Something was said or keyed, or went wrong: the next silence is another."""
        self.runs, self._noises, self._rang = False, 0, False
        return CancelTimer(NO_INPUT)

    def voice(self) -> list[Command]:
        """Somebody seems to speak. The first time this stops the clock; after a noise it runs on."""
        self.caller_talks = True
        if self._noises:
            return []
        self.runs = False
        return [CancelTimer(NO_INPUT)]

    def noise(self) -> bool:
        """What sounded like speech had no words: is the time of the caller over?"""
        self._noises += 1
        return self._rang

    def rang(self) -> bool:
        """The clock has run out: is the caller silent? If they seem to speak, what they say decides."""
        self.runs, self._rang = False, self.caller_talks
        return not self.caller_talks
