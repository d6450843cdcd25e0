"""Ears for calls of ours: they also tell whether a person or a machine picked up."""

from ivr.call.reception import EarsFor, Plan
from ivr.model.ports import Ears
from telephony.answering_machine import AnsweringEars, GreetingJudge


def judging(ears_for: EarsFor) -> EarsFor:
    """The same ears, and for calls that have words for machines (`Plan.machine`) a judge between them and the call."""

    def made(plan: Plan, rate: int) -> Ears:
        ears = ears_for(plan, rate)
        return AnsweringEars(ears, GreetingJudge(plan.language), rate) if plan.machine else ears

    return made
