"""Pure: how a survey ended, from what happened in the call. Every answered call gets exactly one record."""

from collections.abc import Mapping, Sequence

from ivr.model.calls import DisconnectBy, SurveyRecord

HUNG_UP_FIRST = "customer_hung_up_first"
SYSTEM_ERROR = "system_error"


def conclude_survey(
    *,
    offered: bool,
    declined: bool = False,
    answers: Mapping[str, str],
    asked: Sequence[str] = (),
    mandatory: Sequence[str] = (),
    hung_up_by: DisconnectBy = "",
    reason_not_offered: str = "",
    version: str = "",
    follow_up: bool = False,
) -> SurveyRecord:
    """The one survey record of a call (domain.md 2.4.1 and 4.4).

    Args:
        offered: the invitation was spoken (or the first question, where there is no invitation).
        declined: the caller said no, or pressed star.
        answers: question name to canonical answer, as far as the call got. Empty values do not count.
        asked: questions that were put to the caller; all of them count as mandatory where `mandatory` is empty.
        mandatory: questions without which a survey is not `completed`.
        hung_up_by: who ended the call, as in the call record.
        reason_not_offered: why a rule kept the survey away: disabled_for_flow, fatigue_rule, abandoned …
        follow_up: a caller who left before the invitation is asked later by message or call: `deferred`.
    """
    given = {name: value for name, value in answers.items() if value}
    if given:
        needed = tuple(mandatory) or tuple(asked)
        complete = all(name in given for name in needed)
        return SurveyRecord("completed" if complete else "partial", "", given, version)
    if offered:
        return SurveyRecord("declined" if declined else "no_response", _how_it_broke(declined, hung_up_by), {}, version)
    if reason_not_offered:
        return SurveyRecord("not_offered", reason_not_offered, {}, version)
    if hung_up_by in ("customer", "network"):
        return SurveyRecord("deferred" if follow_up else "hung_up_before", HUNG_UP_FIRST, {}, version)
    # We (or an agent) ended the call, no rule kept the survey away, and it was not offered: that is our failure.
    return SurveyRecord("not_offered", SYSTEM_ERROR, {}, version)


def _how_it_broke(declined: bool, hung_up_by: DisconnectBy) -> str:
    """Why an invitation led nowhere: silence and hanging up are told apart for the drop-off report."""
    return "hung_up_in_survey" if hung_up_by in ("customer", "network") and not declined else ""
