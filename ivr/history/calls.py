"""A planned call as it would have been written down: its record, what happened in it, and in the queue."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.history.plan import GREETING_SECONDS, Planned
from ivr.history.staff import Talk
from ivr.history.world import LINES, MISSED, Line, Wish
from ivr.model.calls import CallRecord, DisconnectBy, HandledBy, JournalEntry, Leg, SurveyRecord, Turn
from ivr.model.events import (
    AgentJoined,
    CallAnswered,
    CallerHungUp,
    CallEvent,
    Heard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    TimerFired,
)
from ivr.model.insight import AgentChange, KeptCall
from ivr.model.meaning import Control, IntentGuess, Meaning
from ivr.model.routing import RoutingEvent

PERSON = {"en": ("agent please", "let me talk to a person"), "zh": ("转人工", "我要人工服务")}
SAID = {"en": ("One moment please.",), "zh": ("请稍等。",)}
UPSET = {"en": ("this is useless, you do not understand me",), "zh": ("没用,听不懂我说什么",)}

FEATURES = (
    ("wait", (58, 14, 22, 4, 2), (2, 6, 30, 42, 20)),
    ("same_person", (66, 16, 14, 2, 2), (1, 3, 14, 20, 62)),
    ("callback", (12, 55, 28, 3, 2), (1, 3, 14, 22, 60)),
)
"""Asked about in turn, and how often having it and lacking it is felt as 1 (like) to 5 (dislike)."""


@dataclass(slots=True)
class _Tape:
    """What is written while a call goes on."""

    call: Planned
    rng: random.Random
    clock: float = 0.0
    turns: list[Turn] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)

    @property
    def line(self) -> Line:
        return LINES[self.call.line]

    @property
    def wish(self) -> Wish:
        return self.line.wishes[self.call.wish]

    def happened(self, event: CallEvent, at: float | None = None) -> None:
        self.journal.append(JournalEntry(len(self.journal), round(self.clock if at is None else at, 3), event))

    def greets(self) -> None:
        self.happened(CallAnswered(self.call.caller, self.line.called))
        self.happened(PlaybackStarted(1), 0.3 + self.rng.random() * 0.3)
        self.turns.append(Turn(0, "", said=SAID[self.call.language]))
        self.clock = GREETING_SECONDS

    def says(
        self,
        text: str,
        step: str,
        intent: str = "",
        *,
        control: Control = "",
        no_match: bool = False,
        last: bool = False,
    ) -> None:
        rng, sure = self.rng, self.rng.betavariate(9, 1.4)
        interrupted = rng.random() < 0.14
        end = self.clock + self.call.pace * 0.55
        wait = min(6.0, rng.lognormvariate(-0.25, 0.42))
        guesses: tuple[IntentGuess, ...] = (IntentGuess(intent, round(0.6 + 0.4 * sure, 3)),) if intent else ()
        meaning = Meaning(text, guesses, control=control, control_confidence=0.95 if control else 0.0)
        number = len(self.turns)
        self.happened(PlaybackFinished(number, interrupted, round(self.call.pace * 0.3, 2)), end - 1.5)
        self.happened(Heard(text, round(sure, 3), meaning=meaning, engine="generated"), end + wait * 0.7)
        if not last:
            self.happened(PlaybackStarted(number + 1), end + wait)
        latency = {"total": wait, "end_of_turn": wait * 0.5, "recognition": wait * 0.2}
        self.turns.append(
            Turn(
                number, f"hotline.{step}", text, round(sure, 3), "", intent, guesses[0].confidence if intent else 0.0,
                SAID[self.call.language], round(end - 1.8, 3), round(end, 3), None if last else round(end + wait, 3),
                {name: round(value, 3) for name, value in latency.items()}, interrupted, no_match, "generated",
            )
        )  # fmt: skip
        self.clock += self.call.pace


def kept_call(call: Planned) -> tuple[KeptCall, list[AgentChange]]:
    """Everything of one call, and what its agent did after it."""
    tape = _Tape(call, random.Random(call.seed))
    tape.greets()
    _with_the_bot(tape)
    talk, ended = call.talk, call.at + timedelta(seconds=call.bot_seconds)
    events: list[RoutingEvent] = []
    changes: list[AgentChange] = []
    if talk:
        ended, events, changes = _with_people(tape, talk, ended)
    survey = _survey(tape, talk)
    if survey.status in ("completed", "partial"):
        ended += timedelta(seconds=tape.rng.uniform(8, 25))
    tape.happened(CallerHungUp("caller"), (ended - call.at).total_seconds())
    return KeptCall(_record(tape, talk, ended, survey), tuple(tape.journal), tuple(events)), changes


def _with_the_bot(tape: _Tape) -> None:
    call, wish, rng = tape.call, tape.wish, tape.rng
    words = wish.english if call.language == "en" else wish.chinese
    for _ in range(call.silences):
        tape.clock += 5.0
        tape.happened(TimerFired("no_input"))
    if call.direct:
        tape.says(rng.choice(PERSON[call.language]), "greet", control="agent", last=True)
        return
    for number in range(call.misses):
        upset = number and rng.random() < 0.3
        tape.says(rng.choice((UPSET if upset else MISSED)[call.language]), "greet", no_match=True)
    if call.ending == "left" and call.misses:
        return
    steps = call.turns - call.misses
    intent = "" if wish.is_knowledge else wish.name
    tape.says(rng.choice(words), wish.steps[0], intent, last=call.ending == "agent" and steps == 1)
    for number in range(1, steps):
        tape.says("yes" if call.language == "en" else "是的", wish.steps[min(number, len(wish.steps) - 1)],
                  control="yes", last=number == steps - 1)  # fmt: skip


def _with_people(tape: _Tape, talk: Talk, joined: datetime) -> tuple[datetime, list[RoutingEvent], list[AgentChange]]:
    call, entry = tape.call, f"{tape.call.call_id}.{tape.rng.getrandbits(32):08x}"
    events: list[RoutingEvent] = []

    def event(name: str, after: float, agent: str = "", **carries: object) -> None:
        events.append(RoutingEvent(name, joined.timestamp() + after, entry, talk.queue, agent, "", carries))

    begun = (joined - call.at).total_seconds()
    event("queue.entered", 0.0, priority=0)
    for number, agent in enumerate(talk.missed):
        event("queue.offer_failed", min(20.0 * (number + 1), talk.wait), agent, reason="timed_out", ring_ms=20_000)
    left = {"abandoned": "queue.abandoned", "timed_out": "queue.timed_out", "closed": "queue.exited_empty"}
    if talk.outcome != "connected":
        event(left[talk.outcome], talk.wait)
        tape.happened(QueueLeft("exited_empty" if talk.outcome == "closed" else talk.outcome), begun + talk.wait)
        return joined + timedelta(seconds=talk.wait), events, []
    event("queue.connected", talk.wait, talk.agent, ring=round(talk.ring, 1))
    over = talk.wait + talk.talk + talk.hold
    by = "agent" if talk.by_agent else "customer"
    event("call.transferred" if talk.transferred else "call.completed", over, talk.agent,
          talk=round(talk.talk, 1), hold=round(talk.hold, 1), by=by)  # fmt: skip
    tape.happened(AgentJoined(talk.agent), begun + talk.wait)
    tape.happened(QueueLeft("connected", talk.agent), begun + over)
    parted = joined + timedelta(seconds=over)
    done = parted + timedelta(seconds=talk.wrap_up)
    changes = [AgentChange(talk.agent, "wrap_up", "", parted), AgentChange(talk.agent, "available", "", done)]
    return parted, events, changes


def _survey(tape: _Tape, talk: Talk | None) -> SurveyRecord:
    call, rng = tape.call, tape.rng
    if call.ending == "left" or (talk and talk.outcome == "abandoned"):
        return SurveyRecord("not_offered", "abandoned")
    if talk and not talk.by_agent and rng.random() < 0.45:
        return SurveyRecord("hung_up_before", "customer_hung_up_first")
    drawn = rng.random()
    if drawn < 0.52:
        status = "no_response" if drawn < 0.3 else "declined"
        return SurveyRecord("no_response" if status == "no_response" else "declined", "", {"asked": "csat"}, "s3")
    trouble = call.misses * 0.6 + (talk.wait / 120 if talk else 0.0) + (0.5 if call.again else 0.0)
    csat = max(1, min(5, round(rng.gauss(4.5 - trouble, 0.8))))
    answers = {"csat": str(csat)}
    if drawn > 0.58:
        answers["resolved"] = "yes" if rng.random() < 0.3 + 0.13 * csat else "no"
        third = rng.random()
        if third < 0.4:
            answers["nps"] = str(max(0, min(10, round(rng.gauss(csat * 2 - 0.5, 1.3)))))
        elif third < 0.8:
            answers["ces"] = str(max(1, min(5, round(rng.gauss(csat, 0.8)))))
        else:
            answers |= feelings(rng)
    return SurveyRecord("completed" if len(answers) > 1 else "partial", "", answers, "s3")


def feelings(rng: random.Random) -> dict[str, str]:
    """A pair of answers about one feature (domain.md 2.6)."""
    feature, liked, missed = rng.choices(FEATURES, (6, 3, 3))[0]
    have, lack = rng.choices("12345", liked)[0], rng.choices("12345", missed)[0]
    return {f"kano_{feature}.have": have, f"kano_{feature}.lack": lack}


def _record(tape: _Tape, talk: Talk | None, ended: datetime, survey: SurveyRecord) -> CallRecord:
    call, wish = tape.call, tape.wish
    reason, outcome = _how_it_ended(call, wish, talk)
    stats: dict[str, object] = {"no_inputs": call.silences}
    if talk:
        stats |= {"queues": [talk.queue], "queue_seconds": round(talk.wait, 1),
                  "agents": [talk.agent] if talk.agent else [],
                  "talk_seconds": round(talk.talk, 1), "hold_seconds": round(talk.hold, 1)}  # fmt: skip
    connected = talk is not None and talk.outcome == "connected"
    handled: HandledBy = "both" if connected else "bot"
    by: DisconnectBy = "system" if reason == "self_service_completed" else "customer"
    if talk and talk.by_agent:
        by = "agent"
    notes = {"knowledge.answer": wish.name} if wish.is_knowledge and not call.direct else {}
    return CallRecord(
        call.call_id, Leg("sip" if call.seed % 3 else "twilio"), call.caller, tape.line.called, "inbound",
        tape.line.flow, call.version, call.language, call.at, call.at, ended, reason, by, handled, outcome,
        wish.reason if talk and not call.direct else "direct_request" if call.direct else "",
        ("hotline.greet", *(turn.step for turn in tape.turns if turn.step)), tuple(tape.turns), notes, survey,
        "", stats,
    )  # fmt: skip


def _how_it_ended(call: Planned, wish: Wish, talk: Talk | None) -> tuple[str, str]:
    """End reason, and the outcome in the flow's words."""
    if talk is None:
        done = "self_service_completed"
        return ("abandoned_in_ivr", "abandoned_in_ivr") if call.ending == "left" else (done, wish.outcome or done)
    if talk.outcome == "connected":
        reason = "transferred_out" if talk.transferred else "agent_completed"
    else:
        reason = "abandoned_in_queue" if talk.outcome == "abandoned" else "nobody_there"
    return reason, reason
