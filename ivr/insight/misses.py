"""Pure: what the bot should have dealt with better in a call, as items for the trainer (domain.md 2.10.3)."""

from collections.abc import Sequence

from ivr.insight.bot_part import Asked, Spoken, bot_turns, escalated, questions
from ivr.model.insight import FlowFacts, KeptCall, TrainerItem, TrainerSource
from ivr.model.redaction import redact

LOW_CONFIDENCE = 0.6
"""An intent that was acted on with less is worth a look (`nlu.implicit`, domain.md App. A)."""

FEWEST_LETTERS = 2
LONGEST_TEXT = 300
MISS_NOTE = "knowledge.miss"

Found = dict[int, tuple[TrainerSource, str]]
"""By place of the bot turn: why, and the nearest intent. The first reason found stands."""


def items_of(call: KeptCall, flow: FlowFacts) -> tuple[TrainerItem, ...]:
    """At most one item for each turn of the caller; redacted, oldest first."""
    spoken = bot_turns(call, flow)
    asked = questions(spoken, flow)
    found: Found = {}
    _not_understood(spoken, flow, call.record.notes.get(MISS_NOTE, ""), found)
    _rejected(spoken, found)
    _did_not_help(call, asked, found)
    made = [_item(call, place, spoken[place], *found[place]) for place in sorted(found)]
    return tuple(item for item in made if sum(map(str.isalnum, item.text)) >= FEWEST_LETTERS)


def _not_understood(spoken: Sequence[Spoken], flow: FlowFacts, missed: str, found: Found) -> None:
    for place, one in enumerate(spoken):
        turn, meaning = one.turn, one.meaning
        if not turn.heard or meaning.backchannel:
            continue
        if missed and turn.heard.strip() == missed:
            found[place] = "knowledge_miss", meaning.intent
        elif turn.no_match and not meaning.control and (flow.open_steps is None or turn.step in flow.open_steps):
            found[place] = "no_match", meaning.intent
        elif turn.intent and meaning.intent == turn.intent and meaning.confidence < LOW_CONFIDENCE:
            found[place] = "low_confidence", turn.intent


def _rejected(spoken: Sequence[Spoken], found: Found) -> None:
    """We asked back what was meant, and it was not that."""
    for place, (one, after) in enumerate(zip(spoken, spoken[1:], strict=False)):
        asked_back = bool(one.meaning.guesses) and not one.turn.intent and not one.turn.no_match
        if asked_back and after.meaning.control == "no":
            found.setdefault(place, ("rejected", one.meaning.intent))


def _did_not_help(call: KeptCall, asked: Sequence[Asked], found: Found) -> None:
    last = next((one for one in reversed(asked) if one.matched), None)
    if last is None or last is not asked[-1] or not last.turn.heard:
        return
    if escalated(call.record) and call.record.escalation_reason in ("", "direct_request", "misrecognized"):
        found.setdefault(last.place, ("transfer_after_answer", last.turn.intent))
    elif call.record.survey and call.record.survey.answers.get("resolved") == "no":
        found.setdefault(last.place, ("survey_no", last.turn.intent))


def _item(call: KeptCall, place: int, one: Spoken, source: TrainerSource, intent: str) -> TrainerItem:
    record, turn = call.record, one.turn
    return TrainerItem(
        item_id=f"{record.call_id}:{turn.number}:{source}",
        call_id=record.call_id,
        at=record.arrived_at,
        flow=record.flow,
        language=record.language,
        text=redact(turn.heard)[:LONGEST_TEXT],
        source=source,
        step=turn.step,
        intent=intent,
        confidence=round(one.meaning.confidence, 4),
        transferred=escalated(record),
    )
