"""Pure: decide what a call does next: events in, commands out.
The conductor owns turn-taking (barge-in, silence, keys, fillers, what waits for speech to end) and leaves the words to
the flow. It has no clock: a timer is a command that comes back as an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ivr.call.dialogue import Dialogue
from ivr.call.keypad import Entry
from ivr.call.timing import (
    APOLOGY,
    BETWEEN_KEYS,
    FETCH_LIMIT,
    FETCH_LIMIT_SECONDS,
    FILLER,
    FILLER_EVERY_SECONDS,
    FILLER_SECONDS,
    FILLERS,
    NO_INPUT,
    NO_INPUT_SECONDS,
    NOT_ASKED,
)  # fmt: skip
from ivr.call.utterances import Utterances
from ivr.flow.progress import Answer, FlowState, Outcome, Progress, Reply, Silence, Trouble
from ivr.model.commands import (
    Action,
    CancelTimer,
    Command,
    Fetch,
    HangUp,
    JoinQueue,
    Listen,
    Note,
    Say,
    StartTimer,
    StopSpeaking,
    TakeMessage,
    Transfer,
)  # fmt: skip
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallAnswered,
    CallerHungUp,
    CallEvent,
    CallStalled,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    MachineDetected,
    PartialHeard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    QueueNews,
    SpeakingFailed,
    SpeechStarted,
    TimerFired,
    TransferFinished,
)  # fmt: skip
from ivr.model.meaning import Expect


@dataclass(slots=True)
class Conductor:
    """One public method: `handle`. The rest is state that the record and the tests may read."""

    dialogue: Dialogue
    survey: Dialogue | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    no_input_seconds: float = NO_INPUT_SECONDS

    state: FlowState = field(default_factory=lambda: FlowState(()))
    expect: Expect = NOT_ASKED
    path: list[str] = field(default_factory=list)
    end_reason: str = ""
    """Why the main flow ended, once it has."""

    surveying: bool = False
    over: bool = False
    progress: Progress | None = None
    """The last step the engine took; the record reads match and intent from it."""

    _running: Dialogue | None = None
    _mouth: Utterances = field(default_factory=Utterances)
    _after_speech: list[Action] = field(default_factory=list)
    _fetching: Fetch | None = None
    _caller_talks: bool = False
    _entry: Entry | None = None
    _held: list[Reply] = field(default_factory=list)
    _first_turn: bool = True

    def handle(self, event: CallEvent) -> list[Command]:  # noqa: C901 - one flat table of all events
        """Take one event; return what to do about it, in order. Nothing after the call is over."""
        if self.over:
            return []
        match event:
            case CallAnswered():
                return self._begin(event)
            case SpeechStarted():
                return self._caller_began()
            case Heard():
                return self._heard(event)
            case DigitPressed(digit=digit):
                return self._pressed(digit)
            case PlaybackFinished():
                return self._finished_saying(event)
            case TimerFired(name=name):
                return self._timer(name)
            case Fetched():
                return self._fetched(event)
            case QueueLeft() | TransferFinished():
                return self._reply(Outcome(event.outcome))
            case HearingFailed(reason=reason):
                self._caller_talks = False
                return self._reply(Trouble(f"hearing:{reason}"))
            case SpeakingFailed(utterance=utterance):
                return self._could_not_say(utterance)
            case CallStalled(what=what):
                self._caller_talks = False
                return self._reply(Trouble(f"stalled:{what}"))
            case CallerHungUp():
                self.over = True
                return [CancelTimer(name) for name in (NO_INPUT, BETWEEN_KEYS, FILLER, FETCH_LIMIT)]
            case PartialHeard() | PlaybackStarted() | MachineDetected() | QueueNews() | AgentJoined() | AgentSaid():
                return []
            case _:
                assert_never(event)

    def rescue(self, apologies: Mapping[str, str]) -> list[Command]:
        """The flow itself broke: apologise, and end the call towards a person where the line can."""
        self._after_speech, self._held, self.expect = [HangUp("error", survey=False)], [], NOT_ASKED
        language = self.state.language or self.language
        return [self._mouth.say(Say(apologies.get(language, APOLOGY), barge_in=False, language=language))]

    # -- what the caller does

    def _caller_began(self) -> list[Command]:
        self._caller_talks = True
        return [CancelTimer(NO_INPUT), *self._interrupt()]

    def _heard(self, heard: Heard) -> list[Command]:
        self._caller_talks = False
        over_us = bool(self._mouth.was_cut_off or self._mouth.speaking)
        if (heard.meaning.backchannel and over_us) or not heard.text:
            return self._carry_on()
        self._mouth.forget_cut_off()
        return self._answer(Answer(heard.text, "", heard.confidence, heard.alternatives, heard.meaning))

    def _pressed(self, key: str) -> list[Command]:
        if self.expect.kind == "none":
            return []
        self._entry, verdict = (self._entry or Entry(self.expect.keys)).press(key)
        self._mouth.forget_cut_off()
        commands: list[Command] = [CancelTimer(NO_INPUT), *self._interrupt()]
        if verdict == "more":
            return [*commands, CancelTimer(BETWEEN_KEYS), StartTimer(BETWEEN_KEYS, self.expect.keys.between_seconds)]
        return [*commands, *self._entered()]

    def _entered(self) -> list[Command]:
        assert self._entry is not None
        answer, self._entry = Answer(digits=self._entry.keys), None
        return [CancelTimer(BETWEEN_KEYS), *self._answer(answer)]

    def _answer(self, answer: Answer) -> list[Command]:
        """Reply now, or after a notice that must be heard out: what is said over it is kept, not lost."""
        if self.expect.kind == "none":
            return []
        if self._must_be_heard_out():
            self._held = [answer]
            return []
        return [*self._interrupt(), *self._reply(answer)]

    def _interrupt(self) -> list[Command]:
        """Nothing may be broken off that must be heard, nor the words on the way to a transfer or hang-up."""
        if self.expect.kind == "none" or self._must_be_heard_out():
            return []
        return [StopSpeaking()] if self._mouth.break_off() else []

    def _must_be_heard_out(self) -> bool:
        return not self.expect.barge_in or self._mouth.must_be_heard

    def _carry_on(self) -> list[Command]:
        """It was only a noise, or "uh-huh": say the rest of what was cut off, else wait on."""
        if again := self._mouth.take_cut_off():
            return list(again)
        return [] if self._mouth.speaking else self._fell_silent()

    # -- what comes back to us

    def _finished_saying(self, event: PlaybackFinished) -> list[Command]:
        lost = self._mouth.was_lost(event)
        self._mouth.finished(event, caller_talks=self._caller_talks)
        return [] if self._mouth.speaking or lost else self._fell_silent()

    def _could_not_say(self, utterance: int) -> list[Command]:
        """No voice could say it. The flow apologises, and after a second time leads to a person."""
        self._mouth.speaking.pop(utterance, None)
        if self._mouth.speaking or self._after_speech or self.expect.kind == "none":
            return [] if self._mouth.speaking else self._fell_silent()
        return self._reply(Trouble("speaking"))

    def _timer(self, name: str) -> list[Command]:
        if name == BETWEEN_KEYS and self._entry is not None:
            return self._entered()
        if name == FETCH_LIMIT and self._fetching:
            return self._fetched(Fetched(self._fetching.name, ok=False, error="timeout"))
        if name == FILLER and self._fetching:
            words = self._fetching.filler or FILLERS.get(self.state.language, FILLERS["en"])
            said = [] if self._mouth.speaking else [self._mouth.say(Say(words, language=self.state.language))]
            return [*said, StartTimer(FILLER, FILLER_EVERY_SECONDS)]
        if name == NO_INPUT and not self._mouth.speaking and not self._caller_talks:
            return self._reply(Silence())
        return []

    def _fetched(self, event: Fetched) -> list[Command]:
        if self._fetching is None or self._fetching.name != event.name:
            return []
        self._fetching = None
        facts = {"status": str(event.status), "error": event.error}
        reply = Outcome("ok" if event.ok else "failed", event.body, facts)
        return [CancelTimer(FILLER), CancelTimer(FETCH_LIMIT), *self._reply(reply)]

    # -- what the flow says

    def _begin(self, event: CallAnswered) -> list[Command]:
        self._running = self.dialogue
        facts = {"caller": event.caller, "called": event.called, **event.parameters, **self.facts}
        return self._follow(self.dialogue.begin(facts, self.language))

    def _reply(self, reply: Reply) -> list[Command]:
        if self._running is None:
            return []
        self._first_turn = False
        return [CancelTimer(NO_INPUT), *self._follow(self._running.advance(self.state, reply))]

    def _follow(self, progress: Progress) -> list[Command]:
        self.progress = progress
        self.state = progress.state
        self.path.extend(progress.path)
        running = self._running.name if self._running else ""
        self.expect = replace(progress.expect, flow=running) if progress.expect else NOT_ASKED
        self._entry = None
        commands: list[Command] = [Listen(self.expect)]
        for action in progress.actions:
            commands.extend(self._take_up(action))
        if not self._mouth.speaking:
            commands.extend(self._fell_silent())
        return commands

    def _take_up(self, action: Action) -> list[Command]:
        """Speech, notes and fetches at once; what ends or moves the call waits until we have finished speaking."""
        match action:
            case Say():
                return [self._mouth.say(action)]
            case Note():
                return [action]
            case Fetch():
                self._fetching = action
                return [action, StartTimer(FILLER, FILLER_SECONDS), StartTimer(FETCH_LIMIT, FETCH_LIMIT_SECONDS)]
            case JoinQueue() | Transfer() | TakeMessage() | HangUp():
                self._after_speech.append(action)
                return []
            case _:
                assert_never(action)

    def _fell_silent(self) -> list[Command]:
        """Nobody of us speaks any more: now do what waited, answer what was held, or listen."""
        if self._after_speech:
            waiting, self._after_speech = self._after_speech, []
            return [command for action in waiting for command in self._carry_out(action)]
        if self._held:
            return self._reply(self._held.pop())
        if self.expect.kind == "none" or self._caller_talks or self._entry or self._fetching:
            return []
        patience = self.expect.no_input_seconds or self.no_input_seconds + self._first_turn
        return [StartTimer(NO_INPUT, patience)]

    def _carry_out(self, action: Action) -> list[Command]:
        self._held.clear()
        if not isinstance(action, HangUp):
            return [action]
        self.end_reason = self.end_reason or action.reason
        if self.survey and action.survey and not self.surveying:
            self.surveying = True
            self._running = self.survey
            return self._follow(self.survey.begin(self.facts, self.state.language or self.language))
        self.over = True
        return [replace(action, reason=self.end_reason)]
