"""Pure: how each step of a flow fares: visits, no matches, interruptions, hang-ups (domain.md 2.3.5 "per node")."""

from collections import Counter
from collections.abc import Sequence

from ivr.insight.metric import Metric
from ivr.model.calls import CallRecord, Turn
from ivr.model.insight import StepPart

SOURCE = "domain.md 2.3.5"


def step_parts(record: CallRecord, turns: Sequence[Turn]) -> tuple[StepPart, ...]:
    """What happened at each step. A turn belongs to the step it led to (`Turn.step`); one that was no match, to the
    step that asks again."""
    visits = Counter(record.path)
    by_step: dict[str, list[Turn]] = {step: [] for step in visits}
    for turn in turns:
        by_step.setdefault(turn.step, []).append(turn)
    left_at = record.path[-1] if record.path and record.end_reason == "abandoned_in_ivr" else ""
    return tuple(
        StepPart(
            step=step,
            visits=visits[step],
            turns=len(mine),
            no_matches=sum(turn.no_match for turn in mine),
            barge_ins=sum(turn.interrupted for turn in mine),
            hung_up=step == left_at,
            confidences=tuple(turn.confidence for turn in mine if turn.heard),
            response_seconds=tuple(turn.latency["total"] for turn in mine if "total" in turn.latency),
        )
        for step, mine in by_step.items()
        if step
    )


STEPS: tuple[Metric[StepPart], ...] = (
    Metric(
        "step_visits", "Visits", "访问次数", "times the step was entered", "visits", "count",
        lambda part: part.visits, lambda part: 1, source=SOURCE,
    ),
    Metric(
        "step_no_match_rate", "Not understood at the step", "节点未匹配率", "turns without a match / turns", "share",
        "share", lambda part: part.no_matches, lambda part: part.turns, source=SOURCE,
    ),
    Metric(
        "step_barge_in_rate", "Interrupted at the step", "节点打断率", "turns begun over a prompt / turns", "share",
        "share", lambda part: part.barge_ins, lambda part: part.turns, source=SOURCE,
    ),
    Metric(
        "step_hang_up_rate", "Hung up at the step", "节点挂断率", "contacts that hung up here / all that came here",
        "share", "share", lambda part: part.hung_up, lambda part: part.visits > 0, source="domain.md 2.5.6",
    ),
    Metric(
        "step_response", "Response at the step", "节点响应时长",
        "sum of (end of the caller's turn to first sound of the reply) / replies", "seconds", "mean",
        lambda part: sum(part.response_seconds), lambda part: len(part.response_seconds), None,
        lambda part: part.response_seconds, SOURCE,
    ),
    Metric(
        "step_asr_confidence", "Recognition confidence at the step", "节点识别置信度",
        "sum of confidences / turns heard; P50 beside it", "0 to 1", "mean",
        lambda part: sum(part.confidences), lambda part: len(part.confidences), None,
        lambda part: part.confidences, SOURCE,
    ),
)  # fmt: skip
"""Figures of one step over contacts."""
