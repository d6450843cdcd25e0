"""Pure: does the programme keep its promises: surveys, feedback, hand-overs, complaints (domain.md 2.3.7)."""

from collections.abc import Iterable

from ivr.insight.metric import Metric
from ivr.insight.metrics_bot import seconds_between
from ivr.insight.metrics_queue import one
from ivr.model.contacts import Case, Contact

SOURCE = "domain.md 2.3.7"


def _is_complaint(case: Case) -> bool:
    return case.kind == "complaint"


def _is_feedback(case: Case) -> bool:
    return case.kind == "feedback"


def _in_time(case: Case) -> bool:
    return bool(case.first_response_at and case.due_at and case.first_response_at <= case.due_at)


def _handed_over_in_time(case: Case) -> bool:
    return bool(case.handed_over_at and case.handover_due_at and case.handed_over_at <= case.handover_due_at)


def _first_response(case: Case) -> list[float]:
    return seconds_between(case.opened_at, case.first_response_at) if _is_complaint(case) else []


def _resolution(case: Case) -> list[float]:
    return seconds_between(case.opened_at, case.resolved_at) if _is_complaint(case) else []


def _liked(case: Case) -> int | None:
    return case.csat if _is_complaint(case) else None


CASES: tuple[Metric[Case], ...] = (
    Metric(
        "feedback_timeliness",
        "Feedback answered in time",
        "反馈及时率",
        "feedback answered within its SLA / feedback",
        "share",
        "share",
        lambda case: _is_feedback(case) and _in_time(case),
        _is_feedback,
        source=SOURCE,
    ),
    Metric(
        "info_transfer_timeliness",
        "Handed over in time",
        "信息传递及时率",
        "cases with their department within the SLA / cases to hand over",
        "share",
        "share",
        _handed_over_in_time,
        lambda case: case.handover_due_at is not None,
        source=SOURCE,
    ),
    Metric(
        "callback_rate",
        "Called back",
        "回访率",
        "cases called back / cases that need it",
        "share",
        "share",
        lambda case: case.needs_callback and case.called_back,
        lambda case: case.needs_callback,
        source=SOURCE,
    ),
    Metric(
        "complaint_first_response_time",
        "First response to complaints",
        "投诉首次响应时长",
        "first response - opened",
        "seconds",
        "mean",
        lambda case: sum(_first_response(case)),
        lambda case: len(_first_response(case)),
        None,
        _first_response,
        SOURCE,
    ),
    Metric(
        "complaint_resolution_time",
        "Complaints resolved after",
        "投诉解决时长",
        "resolved - opened",
        "seconds",
        "mean",
        lambda case: sum(_resolution(case)),
        lambda case: len(_resolution(case)),
        None,
        _resolution,
        SOURCE,
    ),
    Metric(
        "complaint_resolution_csat",
        "Content with the resolution",
        "投诉处理满意度",
        "answers of 4 or 5 / answers after complaints",
        "share",
        "share",
        lambda case: (_liked(case) or 0) >= 4,
        lambda case: _liked(case) is not None,
        source=SOURCE,
    ),
    Metric(
        "complaint_escalation_rate",
        "Complaints that went to the regulator",
        "投诉升级率",
        "escalated / complaints",
        "share",
        "share",
        lambda case: _is_complaint(case) and case.escalated,
        _is_complaint,
        source=SOURCE,
    ),
    Metric("cases", "Cases", "工单量", "cases opened", "cases", "count", one, one, source=SOURCE),
)


def survey_plan_completion_rate(contacts: Iterable[Contact], planned: int) -> float | None:
    """Completed surveys / planned ones; None where none was planned."""
    done = sum(contact.survey is not None and contact.survey.status == "completed" for contact in contacts)
    return done / planned if planned else None


def lost_customers(last_purchase_days: Iterable[float | None], churn_window_days: float = 365.0) -> int:
    """Customers without a purchase or contract in the window; days since the last one, None: never."""
    return sum(days is None or days > churn_window_days for days in last_purchase_days)
