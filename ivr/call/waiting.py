"""Pure: a caller's wait for a person, from joining the queue until it is left: what they hear, want, and are told.

The conductor hands over what happens and carries out what comes back; words still to be numbered are `Say`s. How a
place in the queue is kept, and who answers, is decided by the switchboard.
"""

from dataclasses import dataclass, field
from typing import Literal

from ivr.call.callback_number import as_read_out, full_number
from ivr.call.dialogue import Dialogue
from ivr.call.timing import BETWEEN_KEYS, NO_INPUT
from ivr.call.wishes import confirming, numbering, while_waiting, wish_of, with_agent
from ivr.flow.progress import Answer, Reply
from ivr.model.commands import CancelTimer, Command, HoldMusic, JoinQueue, LeaveQueue, Listen, Say
from ivr.model.events import AgentJoined, QueueNews
from ivr.model.meaning import Expect

TRIES = 2
"""Failures at our own question after which the caller simply goes on waiting."""

LONGEST_MINUTES = 30
"""More is announced as "more than thirty minutes" (domain.md 2.2.8)."""


@dataclass(slots=True)
class Waiting:
    request: JoinQueue
    dialogue: Dialogue
    """The flow that the caller comes from: its words, its wordings, its understanding."""

    language: str
    caller: str = ""
    called: str = ""

    agent: str = ""
    """Who talks with the caller; empty while nobody does."""

    expect: Expect = field(init=False)
    _asking: Literal["", "confirm", "number"] = ""
    _number: str = ""
    _tries: int = 0
    _offered: bool = False
    _quiet: bool = False
    _told_options: bool = False
    _news: QueueNews | None = None
    """The last place in line that was told."""

    def __post_init__(self) -> None:
        self.expect = self._listening()

    def begin(self) -> list[Command]:
        return [self.request, HoldMusic(), Listen(self.expect)]

    def told(self, news: QueueNews | AgentJoined, *, aloud: bool) -> list[Command]:
        """How it goes. Nothing is said while the caller talks or answers a question of ours."""
        if isinstance(news, AgentJoined):
            return self._joined(news)
        if news.kind == "moved":
            return [HoldMusic(self._is_music, news.queue)]
        if news.kind == "back":
            return self._back()
        if self.agent:
            return []
        if news.kind in ("position", "next"):
            self._news = news
        heard: list[Command] = []
        if news.kind == "callback_offer":
            self._offered = True
            heard = [] if self._asking else self._listen()
        if not aloud or self._asking:
            return heard
        if news.kind == "callback_offer":
            return [*heard, self._say("wait_offer")]
        return self._announce(news)

    def ended(self) -> list[Command]:
        """The queue was left: the flow goes on."""
        return [] if self.agent else [HoldMusic(False), CancelTimer(BETWEEN_KEYS)]

    def replied(self, reply: Reply) -> list[Command]:
        """The caller said or keyed something, or left a question of ours unanswered. What is for the person they talk
        with is not for us, and while the place in line is kept a trouble of ours is not worth a word."""
        if self.agent:
            return []
        if isinstance(reply, Answer):
            return self._answered(reply)
        return self._again("") if self._asking else []

    def _answered(self, answer: Answer) -> list[Command]:
        match self._asking:
            case "confirm":
                return self._confirmed(answer)
            case "number":
                return self._numbered(answer)
        match wish_of(answer, offered=self._offered):
            case "back":
                return [LeaveQueue("exited_with_key")]
            case "callback":
                return self._call_back()
            case "quiet":
                return self._music(quiet=True)
            case "music":
                return self._music(quiet=False)
            case "music_switch":
                return self._music(quiet=not self._quiet)
            case "how_long":
                return self._announce(self._news) if self._news else [self._say("wait_still")]
            case "options":
                return [self._say("wait_options")]
            case _:
                return []

    # -- news and music

    @property
    def _is_music(self) -> bool:
        return not (self.agent or self._asking or self._quiet)

    def _joined(self, event: AgentJoined) -> list[Command]:
        """A person is on the line: from now on we only write down."""
        self.agent, self._asking = event.agent, ""
        self.expect = with_agent(self.dialogue.name, self.language)
        return [CancelTimer(NO_INPUT), CancelTimer(BETWEEN_KEYS), HoldMusic(False), Listen(self.expect)]

    def _back(self) -> list[Command]:
        """The person's line was lost: the caller waits again, at the old place."""
        self.agent = ""
        self.expect = self._listening()
        return [HoldMusic(not self._quiet), Listen(self.expect)]

    def _announce(self, news: QueueNews) -> list[Command]:
        words = self._place(news)
        if not words:
            return []
        said: list[Command] = [Say(("" if self.language.startswith("zh") else " ").join(words), language=self.language)]
        if not self._told_options:
            self._told_options = True
            said.append(self._say("wait_options"))
        return said

    def _place(self, news: QueueNews) -> list[str]:
        """Sentences; none for news that are no place in line ("ringing": whoever is rung may not answer)."""
        words: list[str] = []
        if news.kind == "next" or (news.kind == "position" and news.position == 1):
            words.append(self._sentence("wait_next"))
        elif news.kind == "position" and news.position > 1:
            place, ahead = self._worded(news.position), self._worded(news.position - 1)
            words.append(self._sentence("wait_position", position=place, ahead=ahead))
        if news.kind in ("position", "next") and news.minutes > LONGEST_MINUTES:
            words.append(self._sentence("wait_long"))
        elif news.kind in ("position", "next") and news.minutes:
            name = "wait_minute" if news.minutes == 1 else "wait_minutes"
            words.append(self._sentence(name, minutes=self._worded(news.minutes)))
        return words

    def _music(self, *, quiet: bool) -> list[Command]:
        self._quiet = quiet
        return [HoldMusic(False), self._say("wait_quiet")] if quiet else [HoldMusic()]

    # -- a call back

    def _call_back(self) -> list[Command]:
        self._tries = 0
        return self._confirm(full_number(self.caller)) or self._ask_number()

    def _confirm(self, number: str, *lead: Command) -> list[Command]:
        if not number:
            return []
        self._number = number
        return [*self._asks("confirm"), *lead, self._question()]

    def _question(self) -> Say:
        if self._asking == "number":
            return self._say("wait_number")
        written = as_read_out(self._number, self.caller, self.called)
        spoken = self.dialogue.worded("phone", written, self.language)
        return self._say("wait_confirm", number=spoken)

    def _ask_number(self, *lead: Command) -> list[Command]:
        return [*self._asks("number"), *lead, self._say("wait_number")]

    def _confirmed(self, answer: Answer) -> list[Command]:
        other = answer.meaning.slot("number")
        if other is not None and (number := self._full(other.value)):
            return self._confirm(number)
        match answer.digits or answer.meaning.control:
            case "1" | "yes":
                return [*self._asks(""), LeaveQueue("callback", self._number)]
            case "2" | "no":
                return self._ask_number()
            case "*" | "back" | "goodbye":
                return self._stay()
        return self._again("")

    def _numbered(self, answer: Answer) -> list[Command]:
        if answer.digits == "*" or answer.meaning.control in ("back", "no", "goodbye"):
            return self._stay()
        said = answer.meaning.slot("number")
        number = self._full(answer.digits or (said.value if said else ""))
        return self._confirm(number) or self._again("wait_bad_number")

    def _again(self, lead: str) -> list[Command]:
        self._tries += 1
        if self._tries >= TRIES:
            return self._stay()
        return [*([self._say(lead)] if lead else []), self._question()]

    def _stay(self) -> list[Command]:
        return [*self._asks(""), self._say("wait_stay")]

    def _asks(self, what: Literal["", "confirm", "number"]) -> list[Command]:
        """The music makes room for a question of ours, and comes back after it."""
        was, self._asking = self._asking, what
        music: list[Command] = [] if self._quiet or bool(was) == bool(what) else [HoldMusic(not what)]
        return [*music, *self._listen()]

    # -- shared

    def _full(self, typed: str) -> str:
        return full_number(typed, self.caller, self.called)

    def _listening(self) -> Expect:
        flow = self.dialogue.name
        match self._asking:
            case "confirm":
                return confirming(flow, self.language)
            case "number":
                return numbering(flow, self.language)
            case _:
                return while_waiting(flow, self.language, offered=self._offered)

    def _listen(self) -> list[Command]:
        self.expect = self._listening()
        return [Listen(self.expect)]

    def _worded(self, number: int) -> str:
        return self.dialogue.worded("number", str(number), self.language)

    def _sentence(self, name: str, **places: str) -> str:
        return self.dialogue.sentence(name, self.language, **places)

    def _say(self, name: str, **places: str) -> Say:
        return Say(self._sentence(name, **places), language=self.language)
