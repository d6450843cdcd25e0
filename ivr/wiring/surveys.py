"""The survey record of a call, from what its log and its conductor know."""

from ivr.call.conductor import Conductor
from ivr.call.reception import Plan
from ivr.call.record import CallLog
from ivr.model.calls import SurveyRecord
from ivr.surveys.record import conclude_survey

MANDATORY = ("csat", "resolved")


def conclude(log: CallLog, conductor: Conductor, plan: Plan) -> SurveyRecord:
    survey = plan.survey
    return conclude_survey(
        offered=conductor.surveying,
        declined=log.declined,
        answers=log.answers,
        mandatory=MANDATORY,
        hung_up_by=log.disconnect_by,
        reason_not_offered=plan.no_survey_because,
        version=f"{survey.name}@{survey.version}" if survey else "",
    )
