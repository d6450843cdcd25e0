"""Pure: one ended call to what is known of how it went: signals, index, segment (domain.md 2.5)."""

from collections.abc import Sequence

from ivr.insight.satisfaction import Effort, Ending, Index, Resolution, Signals, index, mean_sentiment
from ivr.insight.segments import segment
from ivr.model.calls import CallRecord, SurveyRecord
from ivr.model.recovery import Judgement

ENDINGS: dict[str, Ending] = {
    "abandoned_in_queue": "abandoned_in_queue",
    "abandoned_in_ivr": "left_bot_midway",
    "silent_line": "left_bot_midway",
    "timeout": "left_bot_midway",
}
"""By end reason; every other one is a normal close."""

UNSOLVED = frozenset({"abandoned_in_queue", "abandoned_in_ivr", "error"})
UNSOLVED_DISPOSITIONS = frozenset({"unresolved", "follow_up"})


def number(survey: SurveyRecord | None, name: str, lowest: int, highest: int) -> int | None:
    """An answer as a number; None where it was not given or is not on the scale."""
    given = survey.answers.get(name, "") if survey else ""
    return int(given) if given.isdecimal() and lowest <= int(given) <= highest else None


def said_resolved(survey: SurveyRecord | None) -> bool | None:
    return {"yes": True, "no": False}.get(survey.answers.get("resolved", "")) if survey else None


def signals_of(record: CallRecord, sentiments: Sequence[float] = (), *, ended_red: bool = False) -> Signals:
    """What one record tells.

    Args:
        sentiments: of the caller's turns, -1 to 1, in order; empty: not known.
        ended_red: the caller hung up right after a red alert.
    """
    survey = record.survey
    ending = ENDINGS.get(record.end_reason, "normal")
    return Signals(
        csat=number(survey, "csat", 1, 5),
        nps=number(survey, "nps", 0, 10),
        said_resolved=said_resolved(survey),
        resolution=resolution_of(record),
        effort=effort_of(record),
        sentiment=mean_sentiment(sentiments),
        ending="left_after_red_alert" if ended_red else ending,
        wait_seconds=float(record.stats.get("queue_seconds", 0.0)),
    )


def resolution_of(record: CallRecord) -> Resolution:
    """What the caller says counts first; then what people noted; then whether the flow achieved anything."""
    said = said_resolved(record.survey)
    if said is not None:
        return "solved" if said else "unsolved"
    if record.notes.get("disposition", "") in UNSOLVED_DISPOSITIONS or record.end_reason in UNSOLVED:
        return "unsolved"
    # Without an outcome of its own a record repeats its end reason there: nobody knows.
    achieved = record.outcome not in ("", record.end_reason) or record.notes.get("disposition") == "resolved"
    return "solved" if achieved else "unknown"


def effort_of(record: CallRecord) -> Effort:
    stats = record.stats
    return Effort(
        no_matches=sum(turn.no_match for turn in record.turns),
        no_inputs=int(stats.get("no_inputs", 0)),
        transfers=len(stats.get("agents", ())),
        repeated_info=int(stats.get("repeated_info", 0)),
        hold_seconds=float(stats.get("hold_seconds", 0.0)),
        auth_failures=int(stats.get("auth_failures", 0)),
    )


def judge(
    record: CallRecord,
    sentiments: Sequence[float] = (),
    *,
    ended_red: bool = False,
    more_flags: frozenset[str] = frozenset(),
) -> Judgement:
    """The index of a call that is over, as it is kept."""
    assert record.ended_at is not None
    signals = signals_of(record, sentiments, ended_red=ended_red)
    found: Index = index(signals)
    effort = signals.effort.points if signals.effort else 0.0
    return Judgement(
        record.call_id, record.ended_at, found.value, found.explicit, found.implicit, found.basis, found.known,
        found.band, segment(signals.csat, signals.resolution == "solved", effort), effort,
        found.flags | more_flags, found.version,
    )  # fmt: skip
