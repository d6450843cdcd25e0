"""Pure: what had happened when a caller went on to a person, as `ivr.insight.escalation` asks for it."""

from collections.abc import Sequence

from ivr.insight.bot_part import Asked, Spoken
from ivr.insight.emotion import Mood
from ivr.insight.escalation import BeforeHandoff
from ivr.model.events import CallStalled, Fetched, HearingFailed, SpeakingFailed
from ivr.model.insight import KeptCall

BY_POLICY = "policy_human_only"
"""Reason that a flow writes at a step only people may do."""

POLICY_WORDS = {
    "emergency": "emergency",
    "fraud": "fraud_denied",
    "complaint": "complaint",
    "refund": "needs_negotiation",
    "cancel": "needs_negotiation",
    "vip": "vip",
}
"""Parts of queue names and intents that say which policy it was; else `staff_operation`."""


def leading_up(call: KeptCall, spoken: Sequence[Spoken], asked: Sequence[Asked], mood: Mood) -> BeforeHandoff:
    """The facts before the handoff. Turns are numbered from 1."""
    seconds = spoken[-1].turn.ended_at if spoken else 0.0
    # A question is answered by a knowledge entry, or by what the flow did for the intent; either was played only
    # where another turn of the caller followed it.
    answered = any(one.matched and one.place + 1 < len(spoken) for one in asked)
    return BeforeHandoff(
        system_error=_system_error(call),
        policy=_policy(call),
        need_stated=bool(asked),
        turns=len(spoken),
        no_match_turns=tuple(place for place, one in enumerate(spoken, 1) if one.turn.no_match),
        rejected_turns=_rejected(spoken),
        answered=answered,
        mood=mood.level,
        seconds=seconds,
    )


def _system_error(call: KeptCall) -> str:
    """Only what the flow itself says led to the person, or broke in the last stretch, counts."""
    events = [entry.event for entry in call.journal]
    if any(isinstance(event, Fetched) and not event.ok for event in events[-12:]) and _flow_says(call, "system"):
        return "timeout" if any(isinstance(e, Fetched) and e.error == "timeout" for e in events) else "backend_error"
    if any(isinstance(event, HearingFailed) for event in events) and _flow_says(call, "system", "misrecognized"):
        return "asr_down"
    if any(isinstance(event, CallStalled | SpeakingFailed) for event in events) and _flow_says(call, "system"):
        return "timeout"
    return "backend_error" if _flow_says(call, "system") else ""


def _flow_says(call: KeptCall, *reasons: str) -> bool:
    return call.record.escalation_reason in reasons


def _policy(call: KeptCall) -> str:
    if not _flow_says(call, BY_POLICY):
        return ""
    said = [str(name) for name in call.record.stats.get("queues", ())] + [turn.intent for turn in call.record.turns]
    return next((code for word, code in POLICY_WORDS.items() for name in said if word in name), "staff_operation")


def _rejected(spoken: Sequence[Spoken]) -> tuple[int, ...]:
    """Turns that said "no" right after we had asked back what was meant."""
    found = []
    for place, (before, one) in enumerate(zip(spoken, spoken[1:], strict=False), 2):
        asked_back = bool(before.meaning.guesses) and not before.turn.intent and not before.turn.no_match
        if asked_back and one.meaning.control == "no":
            found.append(place)
    return tuple(found)
