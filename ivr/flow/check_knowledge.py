"""Pure: answer steps and their knowledge files."""

from ivr.flow.finding import Findings
from ivr.flow.flow import words_in
from ivr.flow.graph import answering_steps
from ivr.flow.knowledge import check_knowledge_file, source_of
from ivr.flow.plain import plain_words
from ivr.flow.problems import did_you_mean
from ivr.flow.schema_steps import AnswerStep, ListeningStep


def check_knowledge(found: Findings) -> None:
    file = found.file
    answering = dict(answering_steps(file))
    for name, step in file.steps.items():
        target = step.knowledge if isinstance(step, ListeningStep) else None
        if target is not None and target in file.steps and target not in answering:
            why = f"'{target}' is not a step that answers."
            near = did_you_mean(target, answering) or "Add a step with `answer: knowledge.yaml`."
            found.add(("steps", name, "knowledge"), why, near, code="unknown_answer")
        if isinstance(step, AnswerStep) and step.not_found is None:
            why = "a question may have no answer, but nothing says what happens then."
            found.add(("steps", name), why, "Add `not_found: <step>`.", code="no_error_path")
    for source in dict.fromkeys(source_of(file.flow, step.answer) for step in answering.values()):
        found.problems += check_knowledge_file(found.knowledge[source], file.languages)
        _check_overlap(found, source)


def _check_overlap(found: Findings, source: str) -> None:
    """A question may not be an intent's phrase too: one of them would never be reached."""
    known = found.knowledge[source]
    for language in found.file.languages:
        asked = {
            plain_words(question): name
            for name, entry in known.file.entries.items()
            for question in words_in(entry.questions, language)
        }
        for name, intent in found.file.intents.items():
            for number, phrase in enumerate(words_in(intent.phrases, language)):
                entry = asked.get(plain_words(phrase))
                if entry is not None:
                    why = f"'{phrase}' is an example of '{name}' and a question of '{entry}' in {known.name}."
                    where = ("intents", name, "phrases", language, str(number))
                    found.add(where, why, "Keep it in one of them.", code="phrases_collide")
