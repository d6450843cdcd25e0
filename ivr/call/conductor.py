"""Pure: decide what a call does next: events in, commands out; it has no clock, a timer comes back as an event.
It owns turn-taking (barge-in, silence, keys, fillers, what waits for speech to end) and leaves the words to the flow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ivr.call import timing
from ivr.call.dialogue import Dialogue
from ivr.call.greeting import Greeting, Onward
from ivr.call.keypad import Keypad
from ivr.call.lookup import Lookup
from ivr.call.stillness import Stillness
from ivr.call.utterances import Utterances
from ivr.call.waiting import Waiting
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
    Transfer,
)
from ivr.model.events import (
    AgentJoined,
    CallAnswered,
    CallerHungUp,
    CallEvent,
    CallStalled,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    MachineDetected,
    MessageTaken,
    OnlyNoted,
    PlaybackFinished,
    QueueLeft,
    QueueNews,
    SpeakingFailed,
    SpeechStarted,
    TimerFired,
    TransferFinished,
)
from ivr.model.meaning import Expect


@dataclass(slots=True)
class Conductor:
    """One public method: `handle`. The rest is state that the record and the tests may read."""

    dialogue: Dialogue
    survey: Dialogue | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    no_input_seconds: float = timing.NO_INPUT_SECONDS
    state: FlowState = field(default_factory=lambda: FlowState((), ""))
    expect: Expect = timing.NOT_ASKED
    path: list[str] = field(default_factory=list)
    end_reason: str = ""
    """Why the main flow ended, once it has."""
    surveying: bool = False
    over: bool = False
    progress: Progress | None = None
    """The last step the engine took; the record reads match and intent from it."""
    consent: Dialogue | None = None
    """Asks before the flow begins whether the call may be recorded."""
    machine: Dialogue | None = None
    greeting: Greeting | None = None
    """Where we called: who picked up speaks first, and may be a machine, for which `machine` has the words."""
    wait: Waiting | None = None
    """While the caller waits for a person, or talks with one: the flow rests."""
    _running: Dialogue | None = None
    _mouth: Utterances = field(default_factory=Utterances)
    _after_speech: list[Action] = field(default_factory=list)
    _lookup: Lookup = field(default_factory=Lookup)
    _still: Stillness = field(default_factory=Stillness)
    _keypad: Keypad = field(default_factory=Keypad)
    _held: list[Reply] = field(default_factory=list)
    _first_turn: bool = True

    def handle(self, event: CallEvent) -> list[Command]:
        """Take one event; return what to do about it, in order. Nothing after the call is over."""
        if isinstance(event, CallAnswered):
            self.facts = {"caller": event.caller, "called": event.called, **event.parameters, **self.facts}
        is_known = bool(self.wait) or (not self._first_turn and self.progress is not None and self.progress.matched)
        onward = self.greeting.take(event, is_known=is_known) if self.greeting and not self.over else None
        return self._go_onward(onward) if onward else self._react(event)

    def _react(self, event: CallEvent) -> list[Command]:  # noqa: C901 - one flat table of all events
        if self.over or isinstance(event, OnlyNoted):
            return []
        match event:
            case CallAnswered():
                return self._go_to(self.consent or self.dialogue)
            case SpeechStarted():
                return [*self._still.voice(), *self._interrupt()]
            case Heard():
                return self._heard(event)
            case DigitPressed(digit=digit):
                return self._pressed(digit)
            case PlaybackFinished():
                return self._finished_saying(event)
            case TimerFired(name=name):
                return self._timer(name)
            case Fetched():
                return self._looked_up(self._lookup.came_back(event))
            case QueueNews() | AgentJoined() | QueueLeft():
                return self._of_the_queue(event)
            case TransferFinished():
                return self._reply(Outcome(event.outcome))
            case MessageTaken():
                return self._reply(Outcome(event.outcome, event.transcript))
            case HearingFailed(reason=reason):
                return self._failed(f"hearing:{reason}", unheard=self.expect.kind == "none")
            case SpeakingFailed(utterance=utterance):
                return self._could_not_say(utterance)
            case CallStalled(what=what):
                return self._failed(f"stalled:{what}")
            case CallerHungUp():
                self.over = True
                return [CancelTimer(name) for name in timing.TIMERS]
            case MachineDetected():
                return []  # who called us is no machine that we have words for
            case _:
                assert_never(event)

    def rescue(self, apologies: Mapping[str, str]) -> list[Command]:
        """The flow itself broke: apologise, and end the call towards a person where the line can."""
        self._after_speech, self._held = [HangUp("error", survey=False)], []
        self.expect, self.wait = timing.NOT_ASKED, None
        language = self.state.language or self.language
        return [self._mouth.say(Say(apologies.get(language, timing.APOLOGY), barge_in=False, language=language))]

    # -- what the caller does
    def _heard(self, heard: Heard) -> list[Command]:
        self._still.caller_talks = False
        if (heard.meaning.backchannel and (self._mouth.was_cut_off or self._mouth.speaking)) or not heard.text:
            return self._carry_on()
        self._mouth.forget_cut_off()
        return self._answer(Answer(heard.text, "", heard.confidence, heard.alternatives, heard.meaning, heard.mood))

    def _pressed(self, key: str) -> list[Command]:
        if self.expect.kind == "none":
            return []
        keys, timers = self._keypad.press(key, self.expect.keys)
        self._mouth.forget_cut_off()
        commands = [self._still.end(), *self._interrupt(), *timers]
        return [*commands, *self._answer(Answer(digits=keys))] if keys else commands

    def _answer(self, answer: Answer) -> list[Command]:
        """Reply now, or after a notice that must be heard out: what is said over it is kept, not lost."""
        if self.expect.kind == "none":
            return []
        if self._mouth.must_be_heard_out(self.expect):
            self._held = [answer]
            return []
        return [*self._interrupt(), *self._reply(answer)]

    def _interrupt(self) -> list[Command]:
        is_bound = self.expect.kind == "none" or self._mouth.must_be_heard_out(self.expect)
        return [StopSpeaking()] if not is_bound and self._mouth.break_off() else []

    def _carry_on(self) -> list[Command]:
        """It was only a noise, or "uh-huh": say the rest of what was cut off, else wait on."""
        if (again := self._mouth.take_cut_off()) or self._mouth.speaking:
            return list(again)
        if self._still.noise():
            return self._reply(Silence())
        return [] if self._still.runs else self._fell_silent()

    def _finished_saying(self, event: PlaybackFinished) -> list[Command]:
        lost = self._mouth.was_lost(event)
        self._mouth.finished(event, caller_talks=self._still.caller_talks)
        return [] if self._mouth.speaking or lost else self._fell_silent()

    def _could_not_say(self, utterance: int) -> list[Command]:
        """No voice could say it. The flow apologises, and after a second time leads to a person."""
        self._mouth.speaking.pop(utterance, None)
        if self._mouth.speaking or self._after_speech or self.wait or self.expect.kind == "none":
            return [] if self._mouth.speaking else self._fell_silent()
        return self._reply(Trouble("speaking"))

    def _timer(self, name: str) -> list[Command]:
        if name == timing.BETWEEN_KEYS and (keys := self._keypad.take()):
            return [CancelTimer(timing.BETWEEN_KEYS), *self._answer(Answer(digits=keys))]
        if name == timing.FETCH_LIMIT:
            return self._looked_up(self._lookup.too_late())
        if name == timing.FILLER and (words := self._lookup.filler(self.state.language)):
            said = [] if self._mouth.speaking else [self._mouth.say(Say(words, language=self.state.language))]
            return [*said, StartTimer(timing.FILLER, timing.FILLER_EVERY_SECONDS)]
        is_silent = name == timing.NO_INPUT and not self._mouth.speaking and self._still.rang()
        return self._reply(Silence()) if is_silent else []

    def _looked_up(self, outcome: Outcome | None) -> list[Command]:
        return [CancelTimer(timing.FILLER), CancelTimer(timing.FETCH_LIMIT), *self._reply(outcome)] if outcome else []

    def _failed(self, what: str, *, unheard: bool = False) -> list[Command]:
        """Whoever is being connected, or talks with somebody, is not told of a trouble of ours."""
        self._still.caller_talks = False
        actions = self.progress.actions if self.progress and not self._after_speech else ()
        is_transferring = any(isinstance(action, Transfer) for action in actions)
        return [] if unheard or is_transferring else self._reply(Trouble(what))

    def _of_the_queue(self, event: QueueNews | AgentJoined | QueueLeft) -> list[Command]:
        wait = self.wait
        if isinstance(event, QueueLeft):
            self.wait = None
            return [*(wait.ended() if wait else []), *self._reply(Outcome(event.outcome))]
        stop = self._interrupt() if wait and isinstance(event, AgentJoined) else []
        return [*stop, *self._of_the_wait(wait, wait.told(event, aloud=not self._still.caller_talks))] if wait else []

    def _of_the_wait(self, wait: Waiting, commands: list[Command]) -> list[Command]:
        self.expect = wait.expect
        done = [self._mouth.say(command) if isinstance(command, Say) else command for command in commands]
        return done if self._mouth.speaking else [*done, *self._fell_silent()]

    # -- what the flow says
    def _go_onward(self, onward: Onward) -> list[Command]:
        stop = self._hush() if onward.hush else []
        self.survey = None if onward.to == "machine" else self.survey
        if to := {"flow": self.consent or self.dialogue, "machine": self.machine}.get(onward.to):
            return [*stop, *onward.commands, *self._go_to(to)]
        self.expect = replace(timing.GREETED, language=self.language) if onward.commands else self.expect
        return [*stop, *onward.commands, Listen(self.expect)] if onward.commands else []

    def _hush(self) -> list[Command]:
        self._after_speech, self._held, self._still.caller_talks = [], [], False
        return [self._still.end(), *([StopSpeaking()] if self._mouth.hush() else [])]

    def _go_to(self, dialogue: Dialogue) -> list[Command]:
        self._running = dialogue
        return self._follow(dialogue.begin(self.facts, self.state.language or self.language))

    def _reply(self, reply: Reply) -> list[Command]:
        if self._running is None:
            return []
        if self.wait:
            return [self._still.end(), *self._of_the_wait(self.wait, self.wait.replied(reply))]
        self._first_turn = False
        commands = [self._still.end(), *self._follow(self._running.advance(self.state, reply))]
        is_asked = self._running is self.consent and self.state.finished
        return [*commands, *self._go_to(self.dialogue)] if is_asked else commands

    def _follow(self, progress: Progress) -> list[Command]:
        self.progress, self.state = progress, progress.state
        self.path.extend(progress.path)
        name = self._running.name if self._running else ""
        self.expect = replace(progress.expect, flow=name) if progress.expect else timing.NOT_ASKED
        self._keypad.take()
        commands: list[Command] = [Listen(self.expect)]
        for action in progress.actions:
            commands.extend(self._take_up(action))
        return commands if self._mouth.speaking else [*commands, *self._fell_silent()]

    def _take_up(self, action: Action) -> list[Command]:
        """Speech, notes and fetches at once; what ends or moves the call waits until we have finished speaking."""
        if isinstance(action, Say):
            return [self._mouth.say(action)]
        if isinstance(action, Fetch):
            return self._lookup.begin(action)
        if not isinstance(action, Note):
            self._after_speech.append(action)
        return [action] if isinstance(action, Note) else []

    def _fell_silent(self) -> list[Command]:
        """Nobody of us speaks any more: now do what waited, answer what was held, or listen."""
        if self._after_speech:
            waiting, self._after_speech = self._after_speech, []
            return [command for action in waiting for command in self._carry_out(action)]
        if self._held:
            return self._reply(self._held.pop())
        is_busy = self._still.caller_talks or self._keypad.is_under_way or self._lookup.is_under_way
        if self.expect.kind == "none" or is_busy or (self.wait and not self.expect.no_input_seconds):
            return []
        return [self._still.begin(self.expect.no_input_seconds or self.no_input_seconds + self._first_turn)]

    def _carry_out(self, action: Action) -> list[Command]:
        self._held.clear()
        if isinstance(action, JoinQueue) and self._running:
            caller, called = str(self.facts.get("caller", "")), str(self.facts.get("called", ""))
            self.wait = Waiting(action, self._running, self.state.language or self.language, caller, called)
            self.expect = self.wait.expect
            return self.wait.begin()
        if not isinstance(action, HangUp):
            return [action]
        self.end_reason = self.end_reason or action.reason
        if self.survey and action.survey and not self.surveying:
            self.surveying = True
            return self._go_to(self.survey)
        self.over = True
        return [replace(action, reason=self.end_reason)]
