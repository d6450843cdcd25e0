"""Pure: what caller and bot did in a call, counted from its turns and its journal as domain.md 2.3.5 defines it.

The definitions, in the words of what is kept:

* **bot turn**: the caller said or keyed something in the flow: not in the queue, not to a person, not in the survey.
* **question** (valid): a bot turn in spoken words that led to an intent of kind question or task, or to a knowledge
  answer; or that was no match at a step where anything may be asked; or that we asked back about and that then came
  to nothing. Universal commands (a person, help, repeat, yes, no …), chit-chat, words that fill a slot, keys, silence
  and noise are none. What was confirmed with "yes" is one question, not two.
* **matched**: a question that led to an intent or an answer.
* **resolved**: a matched question that the caller did not ask again within the next two turns (same topic, or much the
  same words), did not reject ("that's not what I asked"), and after which they were not handed to a person, unless
  another question came in between. That nobody came back later is known only days after: `ivr.insight.repeats`.
* **simple**: answered in one go: a knowledge entry, or an intent of kind question.
* **instant**: the first sound of the answer to a simple question came at most 1.5 s after the caller's last word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.insight.likeness import alike
from ivr.model.calls import CallRecord, Turn
from ivr.model.contacts import BotPart
from ivr.model.events import CallEvent, Heard, PlaybackFinished, PlaybackStarted, TimerFired
from ivr.model.insight import FlowFacts, KeptCall
from ivr.model.meaning import Meaning

IN_COMPANY = ("in_queue", "with_agent")
"""Steps of turns past the flow (`ivr.call.record`)."""

INSTANT_SECONDS = 1.5
REPHRASE_TURNS = 2
SAME_WORDS = 0.5
"""Likeness from which two sentences are the same question; see `ivr.insight.likeness`."""

SURE_COMMAND = 0.6
"""Confidence from which the flow carries out a universal command (`ivr.flow.answering`)."""

_ANSWERS = ("", "yes", "no", "dont_know")

NEGATIVE = re.compile(
    r"\b(?:that'?s not|that is not|not what i|wrong|doesn'?t help|didn'?t help|does not help|no help|useless"
    r"|you (?:don'?t|do not) understand|misunderst)|不是这个|不对|没用|听不懂|答非所问|没有?解决|不是我(?:要|想)?问"
    r"|不是问", re.I,
)  # fmt: skip
"""A caller who says that the answer was none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the caller."""

    turn: Turn
    place: int
    """Number of the bot turn, from 0."""

    topic: str
    """Intent, or `knowledge`; empty: not matched."""

    simple: bool = False

    @property
    def matched(self) -> bool:
        return bool(self.topic)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A bot turn and what was understood; an empty meaning for keys."""

    turn: Turn
    meaning: Meaning


def bot_turns(call: KeptCall, flow: FlowFacts) -> tuple[Spoken, ...]:
    """The turns with the bot, in order, each with its meaning as journaled."""
    meanings = iter([entry.event.meaning for entry in call.journal
                     if isinstance(entry.event, Heard) and entry.event.text])  # fmt: skip
    found: list[Spoken] = []
    for turn in call.record.turns:
        meaning = next(meanings, Meaning()) if turn.heard else Meaning()
        if turn.number and turn.step not in IN_COMPANY and (turn.heard or turn.keys):
            if turn.step.startswith(f"{flow.survey_flow}."):
                break
            found.append(Spoken(turn, meaning))
    return tuple(found)


def is_command(spoken: Spoken) -> bool:
    """A universal command was carried out: a person, help, repeat …"""
    meaning = spoken.meaning
    certain = meaning.control_confidence >= max(SURE_COMMAND, meaning.confidence)
    return meaning.control not in _ANSWERS and certain and not spoken.turn.intent


def questions(spoken: Sequence[Spoken], flow: FlowFacts) -> tuple[Asked, ...]:
    """The valid questions among bot turns."""
    found: list[Asked] = []
    asked_back: Asked | None = None
    for place, one in enumerate(spoken):
        turn, pending, asked_back = one.turn, asked_back, None
        topic = _topic(turn, flow)
        if topic:
            simple = topic == "knowledge" or flow.kinds.get(topic) == "question"
            if topic == "knowledge" or flow.kinds.get(topic, "task") in ("question", "task"):
                found.append(Asked(turn, place, topic, simple))
            continue
        if pending:
            found.append(pending)
        if not turn.heard or is_command(one) or one.meaning.backchannel:
            continue
        is_open = flow.open_steps is None or turn.step in flow.open_steps
        if turn.no_match and is_open and not one.meaning.control:
            found.append(Asked(turn, place, ""))
        elif not turn.no_match and is_open and one.meaning.guesses and not one.meaning.control:
            asked_back = Asked(turn, place, "")
    return tuple([*found, asked_back] if asked_back else found)


def _topic(turn: Turn, flow: FlowFacts) -> str:
    if turn.intent:
        return turn.intent
    return "knowledge" if turn.heard and turn.step in flow.answer_steps else ""


def is_resolved(asked: Asked, all_asked: Sequence[Asked], spoken: Sequence[Spoken], *, escalated: bool) -> bool:
    """Whether a matched question was dealt with, as far as the call itself can tell."""
    later = [other for other in all_asked if other.place > asked.place]
    soon = [other for other in later if other.place <= asked.place + REPHRASE_TURNS]
    if any(_again(asked, other) for other in soon):
        return False
    after = spoken[asked.place + 1 : asked.place + 2]
    if any(NEGATIVE.search(one.turn.heard) for one in after):
        return False
    return not (escalated and not later)


def _again(asked: Asked, other: Asked) -> bool:
    if other.topic and other.topic == asked.topic and asked.topic != "knowledge":
        return True
    return alike(asked.turn.heard, other.turn.heard) >= SAME_WORDS


def escalated(record: CallRecord) -> bool:
    """The caller was handed on to a person, or began to wait for one."""
    return bool(record.stats.get("queues")) or record.end_reason == "transferred_out" or record.handled_by != "bot"


def bot_part(call: KeptCall, flow: FlowFacts) -> BotPart:
    """Everything that counts between caller and bot."""
    spoken = bot_turns(call, flow)
    asked = questions(spoken, flow)
    matched = [one for one in asked if one.matched]
    gone_on = escalated(call.record)
    resolved = [one for one in matched if is_resolved(one, asked, spoken, escalated=gone_on)]
    simple = [one for one in matched if one.simple]
    events = [entry.event for entry in call.journal]
    turns = [one.turn for one in spoken]
    return BotPart(
        questions=len(asked),
        matched=len(matched),
        resolved=len(resolved),
        simple_matched=len(simple),
        instant_answers=sum(one.turn.latency.get("total", 99.0) <= INSTANT_SECONDS for one in simple),
        turns=len(turns),
        replied_turns=sum(bool(turn.said) or turn.answered_at is not None for turn in turns),
        prompts=sum(isinstance(event, PlaybackStarted) for event in events),
        barge_ins=sum(isinstance(event, PlaybackFinished) and event.interrupted for event in events),
        no_matches=sum(turn.no_match for turn in turns),
        no_inputs=sum(event == TimerFired("no_input") for event in events),
        task_completed=_completed(call.record, matched, resolved),
        asked_for_agent_first=_agent_first(spoken, asked),
        response_seconds=tuple(turn.latency["total"] for turn in turns if "total" in turn.latency),
        confidences=tuple(turn.confidence for turn in turns if turn.heard),
    )


def _completed(record: CallRecord, matched: Sequence[Asked], resolved: Sequence[Asked]) -> bool:
    """The bot alone brought the last thing asked for to its goodbye."""
    ended_well = record.end_reason in ("self_service_completed", "survey_completed")
    return ended_well and not escalated(record) and bool(matched) and matched[-1] in resolved


def _agent_first(spoken: Sequence[Spoken], asked: Sequence[Asked]) -> bool:
    """A person was asked for, in words or with 0, before anything else was."""
    first = asked[0].place if asked else len(spoken)
    return any(one.meaning.control == "agent" or one.turn.keys == "0" for one in spoken[:first])


def first_sound(events: Sequence[tuple[float, CallEvent]]) -> float | None:
    """Seconds after the answer at which the caller first heard anything."""
    return next((at for at, event in events if isinstance(event, PlaybackStarted)), None)
