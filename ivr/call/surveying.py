"""Pure: the survey of one call, which a rule may keep away when its moment has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.call.dialogue import Dialogue
from ivr.flow.progress import FlowState, Progress, Reply
from ivr.model.commands import HangUp

THIRD = "survey_third"
"""The fact that tells a survey flow which question rotates in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is decided about one call at its end."""

    reason_against: str = ""
    """Not empty: nobody is asked, and this is why."""

    third: str = ""


DecideOffer = Callable[[], Offer]


@dataclass(slots=True)
class OfferedSurvey:
    """A `Dialogue` that asks first whether the caller may be asked. Nobody notices where they may not."""

    survey: Dialogue
    decide: DecideOffer
    reason_against: str = ""

    @property
    def name(self) -> str:
        return self.survey.name

    @property
    def version(self) -> str:
        return self.survey.version

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress:
        offer = self.decide()
        self.reason_against = offer.reason_against
        if offer.reason_against:
            return Progress(FlowState((), language, finished=True), (HangUp(survey=False),))
        return self.survey.begin({**facts, THIRD: offer.third}, language)

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        return self.survey.advance(state, reply)

    def sentence(self, name: str, language: str, **places: str) -> str:
        return self.survey.sentence(name, language, **places)

    def worded(self, kind: str, value: str, language: str) -> str:
        return self.survey.worded(kind, value, language)
