"""The shipped survey with its real understanding, and what a caller's words come to at one of its questions."""

from functools import cache
from pathlib import Path

from ivr.flow.engine import advance, begin
from ivr.flow.flow import Flow
from ivr.flow.loader import load_flow
from ivr.flow.progress import Answer, FlowState, Progress
from ivr.flow.vocabulary import vocabulary
from ivr.model.commands import Note
from ivr.model.meaning import Hypothesis
from ivr.model.ports import Understanding
from ivr.wiring.flows import wordings
from tests.understood import understood

PATH = Path(__file__).parents[2] / "flows" / "survey" / "post_call.yaml"


@cache
def survey() -> Flow:
    return load_flow(PATH, wordings())


@cache
def understanding(language: str) -> Understanding:
    return understood({language: vocabulary(survey(), language)})


@cache
def at(question: str, language: str) -> Progress:
    """The survey where it asks csat, resolved, or a third question."""
    progress = begin(survey(), {"survey_third": question}, language)
    keys = () if question == "csat" else ("5",) if question == "resolved" else ("5", "1")
    for key in keys:
        progress = advance(survey(), progress.state, Answer(digits=key))
    assert progress.state.step == question, progress.state.step
    return progress


def heard(
    progress: Progress, language: str, words: str, confidence: float = 0.9, others: tuple[Hypothesis, ...] = ()
) -> Progress:
    """`others` are what else a recognizer made of it."""
    assert progress.expect is not None
    hypotheses = (Hypothesis(words, confidence), *others)
    meaning = understanding(language).understand(hypotheses, progress.expect)
    answer = Answer(words, confidence=confidence, alternatives=others, meaning=meaning)
    return advance(survey(), progress.state, answer)


def noted(progress: Progress) -> dict[str, str]:
    return {action.name: action.value for action in progress.actions if isinstance(action, Note)}


def value_of(
    question: str, language: str, words: str, confidence: float = 0.9, others: tuple[Hypothesis, ...] = ()
) -> str:
    """What is noted; `?4` where it is asked about first; empty: not understood."""
    after = heard(at(question, language), language, words, confidence, others)
    if found := noted(after).get(f"survey.{question}"):
        return found
    asked = after.state.pending.get("question")
    return f"?{asked.value}" if asked is not None and asked.kind == "slot" else ""


def state_of(progress: Progress) -> FlowState:
    return progress.state
