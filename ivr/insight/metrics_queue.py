"""Pure: counts and speed of the queues (domain.md 2.3.1, 2.3.2)."""

from collections.abc import Callable

from ivr.insight.metric import Metric, Target
from ivr.insight.service_level import FORMULAS, MODES, Mode, ServiceLevel
from ivr.insight.visits import FLOW_OUT, is_short
from ivr.model.contacts import Contact, QueueVisit

Sum = Callable[[Contact], float]


def number_of(counts: Callable[[QueueVisit], bool]) -> Sum:
    return lambda contact: sum(counts(visit) for visit in contact.visits)


def waits_of(counts: Callable[[QueueVisit], bool]) -> Callable[[Contact], list[float]]:
    return lambda contact: [visit.wait for visit in contact.visits if counts(visit)]


def answered(visit: QueueVisit) -> bool:
    return visit.outcome == "connected"


def abandoned(visit: QueueVisit) -> bool:
    return visit.outcome == "abandoned"


def ended(visit: QueueVisit) -> bool:
    return visit.outcome in ("connected", "abandoned")


def flowed_out(visit: QueueVisit) -> bool:
    return visit.outcome in FLOW_OUT


def everything(visit: QueueVisit) -> bool:
    return True


def one(_: object) -> float:
    """A denominator that says nothing: the figure is a plain sum."""
    return 1.0


def _count(name: str, english: str, chinese: str, formula: str, sums: Sum) -> Metric[Contact]:
    return Metric(name, english, chinese, formula, "contacts", "count", sums, one, source="domain.md 2.3.1")


def _wait_sum(counts: Callable[[QueueVisit], bool]) -> Sum:
    return lambda contact: sum(visit.wait for visit in contact.visits if counts(visit))


def _longest(contact: Contact) -> float:
    return max((visit.wait for visit in contact.visits if ended(visit)), default=0.0)


def _service_level(mode: Mode) -> Metric[Contact]:
    rule = ServiceLevel(mode)
    name = "service_level" if mode == "standard" else f"service_level_{mode}"
    english, chinese = f"Service level ({mode})", f"服务水平({mode})"
    formula = FORMULAS[mode] + ", T = 20 s"
    goal = Target(at_least=0.8)
    return Metric(name, english, chinese, formula, "share", "share", rule.numerator, rule.denominator, goal)


COUNTS: tuple[Metric[Contact], ...] = (
    _count("offered", "Offered", "呼入量", "entered a queue", number_of(everything)),
    _count("answered", "Answered", "接通量", "bridged to an agent", number_of(answered)),
    _count("abandoned", "Abandoned", "放弃量", "hung up while waiting", number_of(abandoned)),
    _count("short_abandoned", "Short abandoned", "短时放弃", "hung up within 5 s", number_of(is_short)),
    _count("flow_out", "Flowed out", "流出量", "overflow + timeout + exit key + closed", number_of(flowed_out)),
    _count(
        "callback_converted",
        "Turned into callbacks",
        "转回拨",
        "kept the place for a callback",
        number_of(lambda visit: visit.outcome == "callback"),
    ),
    _count("in_queue", "In queue", "排队中", "still waiting", number_of(lambda visit: not visit.outcome)),
)

SPEED: tuple[Metric[Contact], ...] = (
    *(_service_level(mode) for mode in MODES),
    Metric(
        "asa",
        "Average speed of answer",
        "平均应答速度",
        "sum of waits of answered / answered; from joining, ringing included",
        "seconds",
        "mean",
        _wait_sum(answered),
        number_of(answered),
        Target(at_most=20.0),
        waits_of(answered),
    ),
    Metric(
        "max_wait",
        "Longest wait",
        "最长等待",
        "longest wait of answered and abandoned",
        "seconds",
        "highest",
        _longest,
        number_of(ended),
    ),
    Metric(
        "avg_wait",
        "Wait",
        "等待时长",
        "sum of waits / (answered + abandoned); P90 beside it",
        "seconds",
        "mean",
        _wait_sum(ended),
        number_of(ended),
        None,
        waits_of(ended),
    ),
    Metric(
        "abandonment_rate",
        "Abandonment",
        "放弃率",
        "(abandoned - short_abandoned) / (offered - short_abandoned)",
        "share",
        "share",
        number_of(lambda visit: abandoned(visit) and not is_short(visit)),
        number_of(lambda visit: not is_short(visit)),
        Target(at_most=0.05),
    ),
    Metric(
        "abandonment_rate_connect",
        "Abandonment (Amazon Connect)",
        "放弃率(Connect)",
        "abandoned / offered",
        "share",
        "share",
        number_of(abandoned),
        number_of(everything),
    ),
    Metric(
        "avg_time_to_abandon",
        "Time to abandon",
        "平均放弃时长",
        "sum of waits of abandoned / abandoned",
        "seconds",
        "mean",
        _wait_sum(abandoned),
        number_of(abandoned),
        None,
        waits_of(abandoned),
    ),
    Metric(
        "access_rate",
        "Access",
        "渠道接入率",
        "(answered_by_ivr + answered_direct) / arrived, lines busy included",
        "share",
        "share",
        lambda contact: contact.accepted,
        one,
        Target(at_least=0.99),
    ),
)
