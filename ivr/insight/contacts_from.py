"""Pure: one ended call as a contact: what reports, insight and the trainer count (domain.md 2.1).

Times out of the journal are seconds since the answer; the contact holds moments in UTC. What the call cannot tell by
itself (a repeat within days) stays empty for `ivr.insight.repeats`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.insight.bot_part import Asked, bot_part, bot_turns, escalated, first_sound, is_resolved, questions
from ivr.insight.emotion import Mood, heard
from ivr.insight.escalation import why_escalated
from ivr.insight.leading_up import leading_up
from ivr.insight.sentiment import sentiment
from ivr.insight.steps import step_parts
from ivr.insight.visits_from import Company, company_of, company_without_events
from ivr.model.calls import Turn
from ivr.model.contacts import Contact
from ivr.model.insight import AgentChange, FlowFacts, KeptCall, KeptContact


def contact_from(call: KeptCall, flow: FlowFacts, agents: Sequence[AgentChange] = ()) -> KeptContact:
    """Everything that is kept of one call.

    Args:
        agents: what the agents of the call did after it; only the wrap-up is read from them.
    """
    record, began = call.record, call.record.answered_at
    spoken = bot_turns(call, flow)
    asked = questions(spoken, flow)
    company = company_of(call.routing) if call.routing else company_without_events(record, call.journal)
    mood = mood_of(spoken_turns := [one.turn for one in spoken])
    reason = why_escalated(leading_up(call, spoken, asked, mood)) if escalated(record) else None
    topic = next((one.topic for one in asked if one.matched), "")
    contact = Contact(
        contact_id=record.call_id,
        arrived_at=record.arrived_at,
        direction=record.direction,
        language=record.language,
        customer=record.customer,
        flow=record.flow,
        flow_version=record.flow_version,
        intent="" if topic == "knowledge" else topic,
        topic=record.notes.get("knowledge.answer", topic) if topic == "knowledge" else topic,
        issue_family=topic,
        agent=company.agent,
        disconnect_by=company.ended_by or record.disconnect_by,
        end_reason=record.end_reason,
        handled_by=record.handled_by,
        escalation_reason=reason.code if reason else "",
        answered_by_ivr_at=began,
        intent_recognized_at=_recognized(began, asked),
        first_response_at=_moment(began, first_sound([(entry.at, entry.event) for entry in call.journal])),
        customer_disconnected_at=record.ended_at,
        survey=record.survey,
        bot=bot_part(call, flow),
    )
    contact = _with_company(_with_self_service(contact, call, asked, flow), company, agents)
    parts = step_parts(record, spoken_turns)
    return KeptContact(contact, parts, reason.subcode if reason else "", mood.value, mood.level)


def mood_of(turns: Sequence[Turn]) -> Mood:
    """How the caller felt at the end of what they said."""
    mood = Mood()
    for turn in turns:
        if turn.heard:
            mood, _ = heard(mood, sentiment(turn.heard), turn.heard)
    return mood


def _moment(began: datetime | None, seconds: float | None) -> datetime | None:
    return began + timedelta(seconds=seconds) if began and seconds is not None else None


def _recognized(began: datetime | None, asked: Sequence[Asked]) -> datetime | None:
    """When the first question was understood: the end of the words, the wait for more, and the recognition."""
    turn = next((one.turn for one in asked if one.matched), None)
    if turn is None:
        return None
    spent = turn.latency.get("end_of_turn", 0.0) + turn.latency.get("recognition", 0.0)
    return _moment(began, turn.ended_at + spent)


def _with_self_service(contact: Contact, call: KeptCall, asked: Sequence[Asked], flow: FlowFacts) -> Contact:
    """Done when the answer to the last question that was resolved began."""
    if not contact.bot.task_completed:
        return contact
    spoken = bot_turns(call, flow)
    done = [one for one in asked if one.matched and is_resolved(one, asked, spoken, escalated=False)]
    last = done[-1].turn
    return replace(contact, self_service_done_at=_moment(call.record.answered_at, last.answered_at or last.ended_at))


def _with_company(contact: Contact, company: Company, agents: Sequence[AgentChange]) -> Contact:
    wrap_up = _wrap_up(company, agents)
    return replace(
        contact,
        visits=tuple(company.visits),
        agent_answered_at=company.answered_at,
        agent_disconnected_at=company.parted_at,
        talk_seconds=company.talk_seconds,
        hold_seconds=company.hold_seconds,
        holds=company.holds,
        transfers=company.transfers,
        wrapup_ended_at=wrap_up[1] if wrap_up else None,
        wrap_up_seconds=(wrap_up[1] - wrap_up[0]).total_seconds() if wrap_up else 0.0,
    )


def _wrap_up(company: Company, agents: Sequence[AgentChange]) -> tuple[datetime, datetime] | None:
    """Begin and end of the agent's wrap-up after they parted, if it is over."""
    if company.parted_at is None:
        return None
    parted = company.parted_at - timedelta(seconds=1)
    mine = [one for one in agents if one.agent == company.agent and one.at >= parted]
    is_known = len(mine) >= 2 and mine[0].state == "wrap_up"
    return (mine[0].at, mine[1].at) if is_known else None
