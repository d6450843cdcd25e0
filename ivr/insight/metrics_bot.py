"""Pure: how well the bot does, and whether what looks solved is solved (domain.md 2.3.5, 2.3.6)."""

from datetime import datetime

from ivr.insight.answers import answer, scored
from ivr.insight.metric import Metric, Target
from ivr.model.contacts import Contact

SOURCE = "domain.md 2.3.5"


def in_bot(contact: Contact) -> bool:
    return contact.answered_by_ivr_at is not None


def _is_over(contact: Contact) -> bool:
    return in_bot(contact) and bool(contact.end_reason)


def contained(contact: Contact) -> bool:
    """Ended without an agent; who gave up in the queue for one is not contained, who went back to the bot is."""
    went_back = all(visit.outcome == "exited_with_key" for visit in contact.visits)
    return _is_over(contact) and contact.handled_by == "bot" and went_back


def _solved(contact: Contact) -> bool:
    csat = scored(contact, "csat", 5)
    done = contact.bot.task_completed or answer(contact, "resolved") == "yes"
    return done and (csat is None or csat > 2)


def verified(contact: Contact) -> bool:
    """Contained, solved, liked well enough, and the caller did not come back."""
    return contained(contact) and contact.repeated is False and _solved(contact)


def _mature(contact: Contact) -> bool:
    return _is_over(contact) and contact.repeated is not None


def seconds_between(begin: datetime | None, end: datetime | None) -> list[float]:
    return [(end - begin).total_seconds()] if begin and end else []


def _to_intent(contact: Contact) -> list[float]:
    return seconds_between(contact.answered_by_ivr_at, contact.intent_recognized_at)


def _to_resolution(contact: Contact) -> list[float]:
    return seconds_between(contact.arrived_at, contact.self_service_done_at)


def _first_response(contact: Contact) -> list[float]:
    return seconds_between(contact.answered_by_ivr_at or contact.agent_answered_at, contact.first_response_at)


QUALITY: tuple[Metric[Contact], ...] = (
    Metric(
        "bot_match_rate",
        "Questions matched",
        "问题匹配率",
        "matched_questions / valid_questions",
        "share",
        "share",
        lambda contact: contact.bot.matched,
        lambda contact: contact.bot.questions,
        Target(at_least=0.95),
        source=SOURCE,
    ),
    Metric(
        "bot_resolution_rate",
        "Matched questions resolved",
        "问题解决率",
        "resolved_questions / matched_questions",
        "share",
        "share",
        lambda contact: contact.bot.resolved,
        lambda contact: contact.bot.matched,
        Target(at_least=0.90),
        source=SOURCE,
    ),
    Metric(
        "bot_end_to_end_rate",
        "Questions resolved",
        "端到端解决率",
        "match x resolution = resolved_questions / valid_questions",
        "share",
        "share",
        lambda contact: contact.bot.resolved,
        lambda contact: contact.bot.questions,
        Target(at_least=0.85),
        source=SOURCE,
    ),
    Metric(
        "instant_answer_rate",
        "Answered at once",
        "秒回率",
        "answer began within 1.5 s / matched simple questions",
        "share",
        "share",
        lambda contact: contact.bot.instant_answers,
        lambda contact: contact.bot.simple_matched,
        Target(at_least=0.85),
        source=SOURCE,
    ),
    Metric(
        "no_match_rate",
        "Not understood",
        "未匹配率",
        "turns without a match / turns",
        "share",
        "share",
        lambda contact: contact.bot.no_matches,
        lambda contact: contact.bot.turns,
        source=SOURCE,
    ),
    Metric(
        "no_input_rate",
        "Silence",
        "未输入率",
        "silences / (turns + silences)",
        "share",
        "share",
        lambda contact: contact.bot.no_inputs,
        lambda contact: contact.bot.turns + contact.bot.no_inputs,
        source=SOURCE,
    ),
    Metric(
        "barge_in_rate",
        "Prompts interrupted",
        "打断率",
        "prompts interrupted / prompts",
        "share",
        "share",
        lambda contact: contact.bot.barge_ins,
        lambda contact: contact.bot.prompts,
        source=SOURCE,
    ),
    Metric(
        "asr_confidence",
        "Recognition confidence",
        "识别置信度",
        "sum of confidences / turns heard; P50 beside it",
        "0 to 1",
        "mean",
        lambda contact: sum(contact.bot.confidences),
        lambda contact: len(contact.bot.confidences),
        None,
        lambda contact: contact.bot.confidences,
        SOURCE,
    ),
    Metric(
        "turns_per_task",
        "Turns per task",
        "每任务轮次",
        "turns / contacts that completed their task",
        "turns",
        "mean",
        lambda contact: contact.bot.turns if contact.bot.task_completed else 0,
        lambda contact: contact.bot.task_completed,
        None,
        lambda contact: [contact.bot.turns] if contact.bot.task_completed else [],
        SOURCE,
    ),
)

CONTAINMENT: tuple[Metric[Contact], ...] = (
    Metric(
        "containment_rate",
        "Contained",
        "自助闭环率(未核实)",
        "ended without an agent / contacts that entered the bot; never a goal by itself",
        "share",
        "share",
        contained,
        _is_over,
        source=SOURCE,
    ),
    Metric(
        "verified_containment_rate",
        "Contained and solved",
        "自助闭环率",
        "contained, completed or resolved, no repeat within 7 days, survey not <= 2 / mature contacts of the bot",
        "share",
        "share",
        verified,
        _mature,
        source=SOURCE,
    ),
    Metric(
        "false_containment_rate",
        "Contained, not solved",
        "虚假闭环率",
        "(contained - verified) / mature contacts of the bot",
        "share",
        "share",
        lambda contact: _mature(contact) and contained(contact) and not verified(contact),
        _mature,
        source=SOURCE,
    ),
    Metric(
        "direct_agent_request_rate",
        "Asked for a person at once",
        "直接转人工率",
        "asked for a person before any need / contacts that entered the bot",
        "share",
        "share",
        lambda contact: in_bot(contact) and contact.bot.asked_for_agent_first,
        in_bot,
        source=SOURCE,
    ),
    Metric(
        "escalation_rate",
        "Went on to a person",
        "转人工率",
        "contacts with an escalation reason / contacts that entered the bot",
        "share",
        "share",
        lambda contact: in_bot(contact) and bool(contact.escalation_reason),
        in_bot,
        source=SOURCE,
    ),
)

TIMES: tuple[Metric[Contact], ...] = (
    Metric(
        "time_to_intent",
        "Time to intent",
        "意图识别时长",
        "intent recognized - answered by the bot; P50 <= 10 s",
        "seconds",
        "mean",
        lambda contact: sum(_to_intent(contact)),
        lambda contact: len(_to_intent(contact)),
        Target(at_most=10.0, of_median=True),
        _to_intent,
        SOURCE,
    ),
    Metric(
        "time_to_resolution_self_service",
        "Time to resolution by the bot",
        "自助解决时长",
        "self-service done - arrived; P50 <= 30 s",
        "seconds",
        "mean",
        lambda contact: sum(_to_resolution(contact)),
        lambda contact: len(_to_resolution(contact)),
        Target(at_most=30.0, of_median=True),
        _to_resolution,
        SOURCE,
    ),
    Metric(
        "first_response",
        "First response",
        "首响",
        "first sound of bot or agent - call answered",
        "seconds",
        "mean",
        lambda contact: sum(_first_response(contact)),
        lambda contact: len(_first_response(contact)),
        Target(at_most=5.0),
        _first_response,
        "domain.md 2.3.6",
    ),
    Metric(
        "avg_response",
        "Response",
        "平响",
        "sum of (end of the caller's turn to first sound of the reply) / replies",
        "seconds",
        "mean",
        lambda contact: sum(contact.bot.response_seconds),
        lambda contact: len(contact.bot.response_seconds),
        Target(at_most=1.5),
        lambda contact: contact.bot.response_seconds,
        "domain.md 2.3.6",
    ),
    Metric(
        "reply_rate",
        "Turns that got a reply",
        "回复率",
        "turns with a reply / turns",
        "share",
        "share",
        lambda contact: contact.bot.replied_turns,
        lambda contact: contact.bot.turns,
        Target(at_least=0.99),
        source="domain.md 2.3.6",
    ),
)
