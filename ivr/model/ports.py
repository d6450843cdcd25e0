"""Pure: where the call meets the world. The call knows these shapes; `ivr.wiring` picks who fills them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord, JournalEntry, Message
from ivr.model.commands import Fetch, JoinQueue
from ivr.model.events import CallEvent, Fetched, QueueLeft
from ivr.model.meaning import Expect, Hypothesis, Meaning, Recognition
from ivr.model.people import AgentProfile, Handoff


class Clock(Protocol):
    def now(self) -> float:
        """Monotonic seconds, for durations."""

    def utc(self) -> datetime:
        """Aware UTC time, for records."""


class Line(Protocol):
    """One leg of a call: a Twilio stream, a browser, a SIP dialogue, a file.

    `incoming` has one consumer and ends after exactly one `CallerHungUp`, whatever raced. It yields the caller's
    sound in frames of 20 ms at `rate`, keys, and `PlaybackStarted`/`PlaybackFinished` for each `play`.
    Every other method is a no-op after the end.
    """

    @property
    def rate(self) -> int: ...

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]: ...

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        """Hand over sound as it is made, at `rate`; returns when all is handed over, not when it was heard. The
        utterance `LIVE` is people talking: nothing of it may wait.

        If `audio` raises, what was handed over still plays and `PlaybackFinished` still comes; the error
        goes on to the caller of `play`.
        """

    async def stop_playing(self) -> None:
        """Drop unplayed sound; each utterance outstanding is reported as interrupted, once."""

    def listen_along(self, tap: "Tap | None", offset_seconds: float) -> None:
        """Give `tap` all sound of both directions from now on, at positions counted from the answer of the call:
        this line's media began `offset_seconds` after it."""

    def level_heard(self) -> float:
        """dBFS of our own sound that the far end is hearing about now (for echo), `QUIETEST_DBFS` in pauses."""

    async def send_digits(self, digits: str) -> None: ...

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        """Let the carrier take the caller to `target`; True if the media now leaves us for that reason."""

    async def hang_up(self) -> None: ...


class Tap(Protocol):
    """Who listens along: the recorder. Positions are seconds since the media began."""

    def caller_said(self, at: float, frame: AudioFrame) -> None: ...

    def caller_heard(self, at: float, frame: AudioFrame) -> None: ...


class Understanding(Protocol):
    """From words to meaning, for one flow version. Thread-safe; takes milliseconds; never raises for odd input."""

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning: ...


class Ears(Protocol):
    """Sound in, events out, for one call. Never waits for recognition: results come with a later frame or
    through `news`."""

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        """Take 20 ms of sound; `own_level_dbfs` is what the caller is hearing from us now."""

    def expect(self, expect: Expect) -> None: ...

    async def news(self) -> CallEvent:
        """The next event that became ready between frames (a recognition finished)."""

    async def close(self) -> None: ...


class RecognizerStream(Protocol):
    """Recognition for one call. One piece in flight at a time."""

    def expect(self, expect: Expect) -> None: ...

    def feed(self, frame: AudioFrame) -> None:
        """Sound of the utterance under way, first to last. Never waits."""

    async def partial(self) -> str:
        """Words so far, or empty where the engine has none cheaply."""

    async def recognize(self, *, final: bool) -> Recognition:
        """Read what was fed since `reset`. `final=False` is speculative: more may be fed after it.

        Raises:
            RecognizerError: the engine broke; the stream stays usable.
        """

    def reset(self) -> None:
        """Forget the utterance; the next feed begins another."""

    async def close(self) -> None: ...


class Recognizer(Protocol):
    """A speech engine, shared by all calls."""

    name: str

    def languages(self) -> frozenset[str]: ...

    def open(self, rate: int, language: str) -> RecognizerStream: ...

    async def close(self) -> None: ...


class Voice(Protocol):
    """Text to sound. One object serves all calls."""

    name: str

    def languages(self) -> frozenset[str]: ...

    def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        """Sound of `text` at `rate`, as it is made; the first frames come before the last sentence is done.

        Raises:
            VoiceError: nothing could be said (or the rest could not).
        """

    async def close(self) -> None: ...


class Fetcher(Protocol):
    async def fetch(self, request: Fetch) -> Fetched:
        """Never raises: every failure is a `Fetched` with ok=False."""


class HoldAudio(Protocol):
    """What is heard while waiting."""

    def play(self, rate: int, at_seconds: float = 0.0) -> AsyncIterator[AudioFrame]:
        """Endless sound at `rate`, from `at_seconds` on; a wait that was interrupted goes on where it was. It need not
        be paced: who plays it takes no more than is heard."""


class Seat(Protocol):
    """One party's place in a room where lines meet (`ivr.call.rooms`)."""

    def put(self, frame: AudioFrame) -> None:
        """What this party said. Never waits; any rate, any length."""

    def sound(self) -> AsyncIterator[AudioFrame]:
        """What this party is to hear, 20 ms a tick at the rate of its line, until the seat is left."""

    def leave(self) -> None:
        """The party is gone; `sound` ends. Idempotent."""


class Guest(Protocol):
    """A caller who waits for people, as a switchboard may reach them while `join` runs."""

    @property
    def call_id(self) -> str: ...

    @property
    def rate(self) -> int:
        """Samples per second of the caller's line."""

    def handoff(self, request: JoinQueue) -> Handoff:
        """Everything learned so far."""

    def tell(self, event: CallEvent) -> None:
        """Put `QueueNews`, `AgentJoined` or `AgentSaid` into the call's mailbox."""

    async def sit(self, seat: Seat) -> None:
        """Hear and be heard through `seat` instead of talking with us, until the seat is left."""


class Switchboard(Protocol):
    """Where callers wait for people."""

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        """Wait in a queue and talk with who answers; returns when the caller is ours again.

        Cancelling it means that the caller has hung up: the place, the offer and the agent are freed at once.
        """

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        """The caller does not wait any longer: `join` returns `QueueLeft(outcome)`. With `callback` the place is
        kept for a call to `number`. Nothing happens for a call that does not wait (a person just answered)."""


class AgentPhones(Protocol):
    """How agents are reached: the desk in a browser, a SIP telephone, an outside number."""

    async def ring(self, agent_id: str, offer_id: str, handoff: Handoff, seconds: float) -> Line:
        """Show what is known, ring for so long, and return the line once it was answered. Cancelling stops ringing.

        Raises:
            CallFailed: `outcome` is rejected, no_answer, busy or unreachable.
        """


class Meetings(Protocol):
    """Where a caller and an agent talk."""

    async def meet(self, guest: Guest, agent: AgentProfile, agent_line: Line, handoff: Handoff) -> str:
        """Tell the agent who comes and the guest who has come, let them talk until one of them hangs up, and hang up
        the agent's line in every case. Cancelling ends it at once.

        Returns:
            Who ended it: customer, agent, system, or network where the agent's line broke: the caller waits again.
        """


class Trunk(Protocol):
    """Places calls whose line we get: a SIP trunk, a carrier's stream."""

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> Line:
        """Ring `to` (E.164 or SIP address) and return its line once it was answered; cancelling hangs up.

        Raises:
            NotAllowed: the dial plan forbids the destination.
            CallFailed: nobody answered; `outcome` says why.
        """


class Dialer(Protocol):
    """Places calls."""

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        """Start one call and return the provider's id.

        Raises:
            NotAllowed: the dial plan forbids the destination.
            LineError: the carrier refused, or its answer is unknown (never retried blindly).
        """


class CallStore(Protocol):
    """Remembers calls. Writing never blocks or ends a call: a failure is logged and counted."""

    async def begin(self, record: CallRecord) -> None:
        """Written before the caller hears the first word."""

    def append(self, call_id: str, entry: JournalEntry) -> None:
        """Queued, written behind in batches."""

    async def keep_survey_answer(self, call_id: str, name: str, value: str) -> None:
        """On disk before the caller hears the next question."""

    async def keep_message(self, message: Message) -> None:
        """On disk before the caller hears that their message was taken.

        Raises:
            StoreError: it is not.
        """

    async def finish(self, record: CallRecord) -> None: ...
