"""Who picked up: a person, or a machine? Judged on our side from the sound and the words of an answered call.

`GreetingJudge` decides and is pure; `AnsweringEars` puts it between the ears of a call and the call. It errs to
"human": only words that machines say, or a beep after a long greeting, make a machine of somebody; whatever else is
unclear is "unknown", and then the call speaks and asks, as to a person. Nobody is hung up on.
"""

from collections import deque
from dataclasses import dataclass, field

from ivr.model.audio import AudioFrame
from ivr.model.events import CallEvent, Heard, HearingFailed, MachineDetected, PartialHeard, SpeechStarted
from ivr.model.meaning import Expect
from ivr.model.ports import Ears
from telephony.answering_words import ENOUGH, is_person, is_person_back, weight
from telephony.beeps import BeepDetector


@dataclass(frozen=True, slots=True)
class GreetingSettings:
    """Seconds, after Asterisk's `amd.conf` and domain.md 2.8.5, but towards a person where that errs to a machine."""

    first_silence: float = 2.0
    """Nobody says anything: we do."""

    longest_hello: float = 2.6
    """A first sentence up to this long, and then a pause, is a person's; a longer one is unknown."""

    long_greeting: float = 3.0
    """Speech of this length before a beep is a machine's greeting."""

    beep_within: float = 5.0
    """Of the end of that greeting."""

    longest: float = 10.0
    """Somebody is still speaking: unknown by then."""

    watch: float = 40.0
    """From the answer: later nothing is judged any more."""


@dataclass(slots=True)
class GreetingJudge:
    """One answered call. Gives, in time: human, unknown, machine, beep (a machine: now is the time to speak); after
    human or unknown machine may still come, and after machine human: somebody picked up after all."""

    language: str = "en"
    settings: GreetingSettings = field(default_factory=GreetingSettings)
    verdict: str = ""
    now: float = 0.0
    """Seconds of sound so far."""

    _words: str = ""
    _partial: str = ""
    _greeting: tuple[float, float] = (0.0, 0.0)
    """The longest turn so far: how long it was, and when it ended."""

    _turn_began: float | None = None
    _quiet_since: float = 0.0
    _beeped: bool = False
    _is_final: bool = False

    def hear(self, seconds: float, *, beep_ended: bool) -> list[str]:
        """Time passes; maybe a beep has just ended."""
        self.now += seconds
        if self._is_final or self.now > self.settings.watch:
            return []
        if beep_ended:
            return self._beep()
        if self.verdict:
            return []
        silent = self._turn_began is None and self.now - self._quiet_since >= self.settings.first_silence
        return self._decide("unknown") if silent or self.now >= self.settings.longest else []

    def note(self, event: CallEvent) -> list[str]:
        """What the ears made of the sound."""
        match event:
            case SpeechStarted():
                self._turn_began = self.now
            case PartialHeard(text=text):
                self._partial = text
                return self._from_words()
            case Heard(text=text, times=times):
                return self._turn_over(text, max(0.0, times.ended - times.began))
            case HearingFailed():
                began = self.now if self._turn_began is None else self._turn_began
                return self._turn_over("", self.now - began, failed=True)
            case _:
                pass
        return []

    def _turn_over(self, text: str, seconds: float, *, failed: bool = False) -> list[str]:
        was_open, self._turn_began, self._quiet_since = self._turn_began is not None, None, self.now
        self._greeting = max(self._greeting, (seconds, self.now))
        if self._is_final or self.now > self.settings.watch:
            return []
        if self.verdict == "machine":
            return self._decide("human", final=True) if is_person_back(text, self.language) else []
        self._partial, self._words = "", f"{self._words} {text}".strip()
        if told := self._from_words():
            return told
        if self.verdict or not (text or was_open):
            return []
        is_hello = seconds <= self.settings.longest_hello and (text or failed)
        return self._decide("human" if is_hello else "unknown")

    def _from_words(self) -> list[str]:
        if self.verdict == "machine" or self._is_final or self.now > self.settings.watch:
            return []
        return self._decide("machine") if self._weight() >= ENOUGH else []

    def _weight(self) -> int:
        heard = f"{self._words} {self._partial}"
        if is_person(heard, self.language):
            return 0
        return weight(heard, self.language) + self._beeped + (self._beeped and self._is_long_greeting())

    def _is_long_greeting(self) -> bool:
        """Something long was said just now, or is being said still."""
        long = self.settings.long_greeting
        if self._turn_began is not None and self.now - self._turn_began >= long:
            return True
        seconds, ended = self._greeting
        return seconds >= long and self.now - ended <= self.settings.beep_within

    def _beep(self) -> list[str]:
        if self.verdict == "machine":
            return ["beep"]
        self._beeped = True
        told = self._from_words()
        return [*told, "beep"] if told else []

    def _decide(self, verdict: str, *, final: bool = False) -> list[str]:
        self.verdict, self._is_final = verdict, final
        return [verdict]


class AnsweringEars:
    """Implements `ivr.model.ports.Ears`: those of the call, with `MachineDetected` among their events."""

    def __init__(self, ears: Ears, judge: GreetingJudge, rate: int) -> None:
        self._ears, self._judge, self._beeps = ears, judge, BeepDetector(rate)
        self._waiting: deque[CallEvent] = deque()

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        heard = await self._ears.hear(frame, own_level_dbfs)
        kinds = self._judge.hear(frame.seconds, beep_ended=self._beeps.read(frame.samples))
        return [*(each for event in heard for each in self._judged(event)), *map(MachineDetected, kinds)]

    def expect(self, expect: Expect) -> None:
        self._ears.expect(expect)

    async def news(self) -> CallEvent:
        if not self._waiting:
            self._waiting.extend(self._judged(await self._ears.news()))
        return self._waiting.popleft()

    async def close(self) -> None:
        await self._ears.close()

    def _judged(self, event: CallEvent) -> list[CallEvent]:
        """A machine is told of before its words, which are no answer to anything; a person after them, for their
        "hello" answers nothing either: the call begins with the verdict."""
        kinds = self._judge.note(event)
        told: list[CallEvent] = [MachineDetected(kind) for kind in kinds]
        return [*told, event] if "machine" in kinds else [event, *told]
