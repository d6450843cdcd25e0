"""Pure: proof before publishing: what would go wrong on a call, found without one.

Errors keep a flow from being published, warnings do not. The rules by their codes are listed in docs/flows.md.
"""

from collections.abc import Callable, Mapping

from ivr.flow.check_graph import (
    check_loops,
    check_outcomes,
    check_people,
    check_reach,
    check_subflows,
    check_targets,
)
from ivr.flow.check_knowledge import check_knowledge
from ivr.flow.check_names import check_references, check_secrets, check_slots, check_variables
from ivr.flow.check_surroundings import Surroundings, check_surroundings
from ivr.flow.check_values import check_values
from ivr.flow.check_words import check_asking, check_languages, check_phrases
from ivr.flow.finding import Findings
from ivr.flow.knowledge import ParsedKnowledge
from ivr.flow.parsing import Parsed
from ivr.flow.patience import LONGEST_SECONDS, seconds_to_human
from ivr.flow.problems import Problem

Rule = Callable[[Findings], None]

NAMES: tuple[Rule, ...] = (check_targets, check_slots, check_references, check_subflows, check_knowledge)
"""Rules that make sure every name means something; the others rely on it."""

RULES: tuple[Rule, ...] = (
    check_reach,
    check_loops,
    check_people,
    check_outcomes,
    check_variables,
    check_values,
    check_secrets,
    check_languages,
    check_phrases,
    check_asking,
)


def check(
    parsed: Mapping[str, Parsed],
    knowledge: Mapping[str, ParsedKnowledge] | None = None,
    around: Surroundings | None = None,
) -> list[Problem]:
    """All findings about a flow, its subflows, and its knowledge files by `source_of`, by file and line.

    Args:
        around: what config.yaml gives flows; without it names of queues, telephones and facts are believed.
    """
    problems: list[Problem] = []
    for one in parsed.values():
        found = Findings(one, parsed, knowledge or {})
        for rule in (*NAMES, *RULES):
            rule(found)
        if around:
            check_surroundings(found, around)
        if not any(problem.level == "error" for problem in found.problems):
            _check_patience(found)
        problems += found.problems
    return sorted(problems, key=lambda one: (one.file, one.line, one.level, one.message))


def _check_patience(found: Findings) -> None:
    if found.file.kind != "call":
        return
    for name, seconds in seconds_to_human(found.file).items():
        if seconds > LONGEST_SECONDS:
            why = f"a caller who is not understood here needs {seconds:.0f} s to reach a person."
            remedy = "Shorten the prompts, or set `tries: 2`."
            found.warn(("steps", name), why, remedy, code="far_from_human")
