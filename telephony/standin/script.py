"""Pure: what a scripted caller does, one step after the other."""

from dataclasses import dataclass

from telephony.standin.clip import Clip


@dataclass(frozen=True, slots=True)
class WaitForSilence:
    """Hear the server out: it has been audible since the caller's last act, its sound has run out, and it has
    been quiet for a while."""

    quiet: float = 0.7
    """Seconds; longer than the server's pauses between two sentences."""

    longest: float = 20.0
    """Seconds without an answer after which the caller goes on regardless."""


@dataclass(frozen=True, slots=True)
class Speak:
    clip: Clip
    after: float | None = None
    """Interrupt: begin once the server has been audible so long since the last act. None: at once."""

    only: float | None = None
    """Break off after so many seconds of the clip. None: to its end."""


@dataclass(frozen=True, slots=True)
class Press:
    keys: str
    after: float | None = None
    """As for `Speak`."""

    gap: float = 0.3
    """Seconds between two keys."""


@dataclass(frozen=True, slots=True)
class StaySilent:
    seconds: float


@dataclass(frozen=True, slots=True)
class UntilLineCloses:
    """Say nothing until the server closes the stream: to hang up, or to hand the caller to somebody."""

    longest: float = 60.0


@dataclass(frozen=True, slots=True)
class HangUp:
    after: float | None = None
    """As for `Speak`: in the middle of the server's sentence."""


@dataclass(frozen=True, slots=True)
class CutSocket:
    """The network breaks: the socket dies without a `stop`."""

    after: float | None = None


Step = WaitForSilence | Speak | Press | StaySilent | UntilLineCloses | HangUp | CutSocket

NOBODY_SPEAKS_SECONDS = 20.0
"""How long an `after` waits for the server to speak at all."""
