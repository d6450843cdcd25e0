"""Pure: questions that the knowledge base answers; what nobody can answer is kept for the trainer, never guessed."""

from ivr.flow.answers import told
from ivr.flow.believing import usable
from ivr.flow.knowledge import source_of
from ivr.flow.schema_steps import AnswerStep, ListeningStep
from ivr.flow.walk import Walk
from ivr.model.meaning import Expect, Meaning

MISS = "knowledge.miss"
"""Note with the words of a question without an answer, for the trainer."""

ANSWERED = "knowledge.answer"
"""Note with the entry that was told: `source#entry`."""


def wondered(walk: Walk, meaning: Meaning, expect: Expect) -> None:
    """Keep what was said at a question where anything can be asked: an answer step may follow."""
    if expect.knowledge and walk.question is None and meaning.text.strip():
        walk.pend(wondered=(meaning.text.strip(), meaning.answers))


def answer_step(walk: Walk, meaning: Meaning) -> str | None:
    """The answer step to go to, if the words are a question it knows and no intent is more likely."""
    step = walk.step
    target = step.knowledge if isinstance(step, ListeningStep) else None
    if target is None:
        return None
    best = max((guess.confidence for guess in usable(walk, meaning)), default=0.0)
    answers = walk.file.steps[target]
    assert isinstance(answers, AnswerStep)
    guess = meaning.answer(source_of(walk.frame.flow, answers.answer))
    return target if guess and guess.confidence >= answers.threshold and guess.confidence > best else None


def missed(walk: Walk, meaning: Meaning) -> None:
    """Words at a step with a knowledge base that were neither an intent nor a question it knows."""
    step = walk.step
    asked = isinstance(step, ListeningStep) and step.knowledge is not None
    if asked and meaning.text.strip() and not meaning.control and not usable(walk, meaning):
        walk.note(MISS, meaning.text.strip())


def tell(walk: Walk, step: AnswerStep) -> bool:
    """Answer what the caller asked last, or go where `not_found:` leads."""
    said, guesses = walk.state.pending.get("wondered", ("", ()))
    walk.drop("wondered")
    source = source_of(walk.frame.flow, step.answer)
    guess = next((each for each in guesses if each.source == source), None)
    file = walk.flow.knowledge[source]
    if guess is None or guess.confidence < step.threshold or guess.entry not in file.entries:
        if said:
            walk.note(MISS, said)
        assert step.not_found, "the check refuses a flow without it"
        walk.go(step.not_found)
        return True
    walk.note(ANSWERED, f"{source}#{guess.entry}")
    said = {value.name: value.value for value in guess.values}
    walk.say(told(file, file.entries[guess.entry], said, walk.state.language))
    walk.go(step.then)
    return True
