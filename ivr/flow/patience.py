"""Pure: the worst case: how long a caller whom nobody understands needs to reach a person."""

from ivr.flow.expecting import FIRST_TURN_SECONDS
from ivr.flow.flow import words_in
from ivr.flow.graph import leads_on
from ivr.flow.recovery import SEVERE_TRIES, TRIES, prompt_of
from ivr.flow.schema import FlowFile
from ivr.flow.schema_steps import ListeningStep, QueueStep, SayStep, Step, TransferStep, Words

NO_INPUT_SECONDS = 5.0
"""Silence that counts as no input (domain.md 2.9.1)."""

LETTERS_PER_SECOND = {"zh": 4.5}
"""Speed of speech, in characters; other languages 15 (about 160 English words a minute)."""

OTHER_LETTERS_PER_SECOND = 15.0
LONGEST_SECONDS = 75.0
"""A worst case above this is reported."""

_FAR = float("inf")


def speaking_seconds(words: Words, language: str, nth: int = 0) -> float:
    texts = words_in(words, language)
    text = texts[min(nth, len(texts) - 1)] if texts else ""
    return len(text) / LETTERS_PER_SECOND.get(language, OTHER_LETTERS_PER_SECOND)


def ladder_seconds(step: ListeningStep, language: str) -> float:
    """Time at one step for a caller who never answers, until the ladder leads on."""
    tries = step.tries or (SEVERE_TRIES if step.severity == "severe" else TRIES)
    patience = step.no_input_seconds or max(NO_INPUT_SECONDS, FIRST_TURN_SECONDS)
    return sum(speaking_seconds(prompt_of(step), language, nth) + patience for nth in range(tries))


def seconds_to_human(file: FlowFile) -> dict[str, float]:
    """For each listening step, seconds from its first word until a queue or a transfer, if nothing is understood.

    The slowest language and the slower of silence and misunderstanding count; where the flow itself branches, the
    nearer way, and one that ends the call is left out. Infinite where no person can be reached.
    """
    found: dict[str, float] = {}
    for language in file.languages:
        ahead = _ahead(file, language)
        for name, step in file.steps.items():
            if isinstance(step, ListeningStep):
                slowest = max((ahead[way] for way in _given_up(file, step) if ahead[way] < _FAR), default=_FAR)
                found[name] = max(found.get(name, 0.0), ladder_seconds(step, language) + slowest)
    return found


def _given_up(file: FlowFile, step: ListeningStep) -> set[str]:
    """Where the ladders of a step lead."""
    return {target for target in (step.on_no_input or file.agent, step.on_no_match or file.agent) if target}


def _ahead(file: FlowFile, language: str) -> dict[str, float]:
    """Seconds from entering each step to a person (relaxed until nothing gets shorter)."""
    graph = leads_on(file)
    far = {name: 0.0 if isinstance(step, QueueStep | TransferStep) else _FAR for name, step in file.steps.items()}
    shorter = True
    while shorter:
        shorter = False
        for name, step in file.steps.items():
            on = _given_up(file, step) if isinstance(step, ListeningStep) else graph[name]
            seconds = _here(step, language) + min((far[target] for target in on), default=_FAR)
            if seconds < far[name]:
                far[name] = seconds
                shorter = True
    return far


def _here(step: Step, language: str) -> float:
    if isinstance(step, ListeningStep):
        return ladder_seconds(step, language)
    return speaking_seconds(step.say, language) if isinstance(step, SayStep) else 0.0
