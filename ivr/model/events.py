"""Pure: what can happen to a call. Every line, engine and queue speaks these words; the journal holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.model.meaning import Hypothesis, Meaning, Word

Direction = Literal["inbound", "outbound"]


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The media is up: the first event of every call."""

    caller: str
    """ANI in E.164 as the carrier gave it; may be empty (withheld)."""

    called: str
    """DNIS in E.164: it picks the flow."""

    direction: Direction = "inbound"
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Real speech, not a click, cough or echo."""

    at: float
    """Seconds of audio since the media began, at the first voiced frame."""


@dataclass(frozen=True, slots=True)
class PartialHeard:
    text: str


@dataclass(frozen=True, slots=True)
class TurnTimes:
    """When the caller's turn began and ended, in seconds of audio since the media began, and where time went."""

    began: float = 0.0
    ended: float = 0.0
    """End of the last word."""

    waited: float = 0.0
    """Seconds from the end of the last word until the turn was taken as ended."""

    recognizing: float = 0.0
    """Seconds of recognition and understanding that the caller had to wait for on top of `waited`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn of the caller. Empty text: there was sound, but no words in it."""

    text: str
    confidence: float = 1.0
    alternatives: tuple[Hypothesis, ...] = ()
    """Other readings, best first, without the first one."""

    words: tuple[Word, ...] = ()
    meaning: Meaning = field(default_factory=Meaning)
    times: TurnTimes = field(default_factory=TurnTimes)
    engine: str = ""
    mood: str = ""
    """How the caller sounds by now: amber, red; empty: calm, or nobody listens for it."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """One key: 0-9, *, #, A-D. Where a step is secret the journal holds `•` instead."""

    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sound of an utterance left for the caller."""

    utterance: int


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    utterance: int
    interrupted: bool = False
    played_seconds: float = 0.0
    """How much of it the caller heard."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    name: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A `Fetch` came back."""

    name: str
    ok: bool
    status: int = 0
    body: Any = None
    """Parsed JSON: dict, list, str, number, bool or None."""

    error: str = ""
    """For `ok=False`: timeout, refused, status, not_json."""


@dataclass(frozen=True, slots=True)
class QueueLeft:
    outcome: str
    """connected, abandoned, timed_out, exited_with_key, exited_empty, closed, callback."""

    agent: str = ""


@dataclass(frozen=True, slots=True)
class QueueNews:
    """How the wait goes. Already held to the announcement rules (domain.md 2.2.8): what comes is to be said."""

    kind: str
    """position (say place and minutes), next (you are next), callback_offer, ringing (somebody is being rung),
    back (the line of the person they talked with was lost: they wait again, at their old place), moved (another queue
    serves them from now on: nothing is said, the music follows)."""

    position: int = 0
    """1 is next."""

    minutes: int = 0
    """Announced wait: 1, 2, 3, 5, 8, 10, 15, 20, 30, or 31 for more than 30. 0: say nothing of time."""

    queue: str = ""
    """Of `moved`: where they wait now."""


@dataclass(frozen=True, slots=True)
class AgentJoined:
    """A person talks with the caller from now on, until `QueueLeft`: we keep quiet and listen."""

    agent: str
    name: str = ""
    """As it may be told to the caller; may be empty."""


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """Words of the agent, for the transcript."""

    text: str
    confidence: float = 1.0
    seconds: float = 0.0
    """How long ago they began to say it; 0: not known."""


@dataclass(frozen=True, slots=True)
class TransferFinished:
    outcome: str
    """completed, busy, no_answer, rejected, failed, cancelled."""


@dataclass(frozen=True, slots=True)
class LineHeld:
    """Nobody hears us for a while, and it is no silence of the caller: they, or their telephone system, put the line
    on hold, or the person they talk with did. What waits for the caller stands still until they are back."""

    held: bool


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """A `TakeMessage` is over."""

    name: str
    outcome: str
    """ok, nothing (there was no speech), failed (there was, and it could not be kept)."""

    transcript: str = ""
    seconds: float = 0.0
    path: str = ""


@dataclass(frozen=True, slots=True)
class MachineDetected:
    kind: str
    """human, machine, beep (a machine that has said its greeting: now it records), fax, unknown."""


@dataclass(frozen=True, slots=True)
class HearingFailed:
    """Recognition broke for this turn; the caller must not notice more than an apology."""

    reason: str


@dataclass(frozen=True, slots=True)
class SpeakingFailed:
    """No voice could say this utterance."""

    utterance: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallStalled:
    """The watchdog: nobody speaks, nobody is expected to, and nothing is being done."""

    what: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The media is gone. Comes exactly once, last, however the call ended."""

    reason: str = "caller"
    """caller, system (we hung up), network (the socket died), provider (status callback)."""


OnlyNoted = PartialHeard | PlaybackStarted | AgentSaid | LineHeld
"""What is written down and shown, and moves no flow."""

CallEvent = (
    CallAnswered
    | SpeechStarted
    | PartialHeard
    | Heard
    | DigitPressed
    | PlaybackStarted
    | PlaybackFinished
    | TimerFired
    | Fetched
    | QueueLeft
    | QueueNews
    | AgentJoined
    | AgentSaid
    | TransferFinished
    | LineHeld
    | MessageTaken
    | MachineDetected
    | HearingFailed
    | SpeakingFailed
    | CallStalled
    | CallerHungUp
)
