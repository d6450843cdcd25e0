"""Pure: what one agent's desk holds: the call that rings, the call they talk in, what they still have to write up."""

from dataclasses import dataclass, field
from typing import Literal

from ivr.call.attendance import MeetingView, Phase
from ivr.insight.emotion import Mood
from ivr.model.assist import Before, Similar
from ivr.model.people import Handoff

MOST_LINES = 400
"""Of a transcript, kept for the desk; the record has all."""

SHOWN = ("intent", "language", "chosen")
"""Facts of a handoff that have a place of their own on the desk."""

Scene = Literal["idle", "ringing", "talk", "wrap_up"]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the transcript."""

    who: Literal["caller", "bot", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer of the knowledge base that may fit what the caller said."""

    text: str
    question: str
    """The entry's first wording, so that the agent sees what it answers."""

    source: str
    """File and entry: `hotline/knowledge#fees`."""

    confidence: float
    """0 to 1."""


@dataclass(slots=True)
class Offer:
    """A call that rings here."""

    offer_id: str
    handoff: Handoff
    rings_until: float
    """Seconds since 1970 UTC, as everything of the routing."""

    waited: float = 0.0
    by_phone: bool = False
    """Their telephone rings; the desk only shows who it is."""

    consulting: str = ""
    """The colleague who asks; empty: the caller comes from a queue."""


@dataclass(slots=True)
class Talk:
    """A call from the moment it was accepted until it is written up."""

    offer_id: str
    handoff: Handoff
    began: float
    by_phone: bool = False
    lines: list[Said] = field(default_factory=list)
    view: MeetingView | None = None
    """None: not connected yet."""

    ringing: str = ""
    """Whom we are asking to join: an agent, a number."""

    is_blind: bool = False
    """They get the caller as soon as they answer."""

    suggestions: tuple[Suggestion, ...] = ()
    before: Before = Before()
    similar: Similar = Similar()
    asked: int = 0
    """How often help was looked up; an answer to an older question does not count."""

    mood: Mood = field(default_factory=Mood)
    text: str = ""
    """The notes."""

    disposition: str = ""
    is_over: bool = False

    @property
    def call_id(self) -> str:
        return self.handoff.call_id

    @property
    def phase(self) -> Phase | Literal["connecting"]:
        if self.is_over:
            return "over"
        return self.view.phase if self.view else "connecting"

    def is_muted(self, agent_id: str) -> bool:
        return self.view is not None and agent_id in self.view.muted

    def heard(self, line: Said) -> None:
        self.lines.append(line)
        del self.lines[:-MOST_LINES]

    def note(self, text: str) -> None:
        """Add to the notes, on a line of its own; what is there already is not added twice."""
        if text and text not in self.text:
            self.text = f"{self.text.rstrip()}\n{text}".lstrip()


@dataclass(slots=True)
class Desk:
    """Everything of one agent's desk that outlives a page."""

    agent_id: str
    offer: Offer | None = None
    talk: Talk | None = None
    """Also while it is written up; None as soon as that is done."""

    trouble: str = ""
    """Key of the last thing that went wrong, for the page to say; empty: nothing."""

    @property
    def scene(self) -> Scene:
        if self.offer:
            return "ringing"
        if self.talk:
            return "wrap_up" if self.talk.is_over else "talk"
        return "idle"
