"""Pure: what a caller's answer does at the step that listens. True: a step is to be entered now."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ivr.flow.believing import believe_intent, fill_slots, limits, reject, strong, usable
from ivr.flow.choosing import chose, keyed
from ivr.flow.collecting import collected, take_values
from ivr.flow.expecting import CHOICE, GO, YES_NO_KEYS, expecting, wanted
from ivr.flow.flow import Flow
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.progress import Answer
from ivr.flow.recovery import command, escape, no_match
from ivr.flow.schema_steps import AskStep, CollectStep, ConfirmStep, ListeningStep, MenuStep
from ivr.flow.settling import settled
from ivr.flow.telling import answer_step, missed, wondered
from ivr.flow.vocabulary import vocabulary
from ivr.flow.walk import Walk
from ivr.model.meaning import Control, Expect, Hypothesis, Meaning, SlotRule, SlotValue
from ivr.model.unfinished import part_that_is_said

SURE_COMMAND = 0.6
"""Confidence from which a universal command is carried out."""

AMBIGUITY_MARGIN = 0.15
"""Readings no further apart are equally likely (domain.md App. A, `nlu.ambiguity_margin`)."""

DOUBTED = 0.5
"""Below 0.6, so that it is asked about (domain.md 2.4.3)."""

_CHOSEN = ("choice", "yes_no")
_NOT_KEYED = ("choice", "yes_no", "free", "open", "date", "time")
"""Kinds of values whose keys are all listed."""

_ANSWERS = ("", "yes", "no", "dont_know")
"""Controls that answer a question rather than command."""


@lru_cache(maxsize=32)
def _plain(flow: Flow, language: str) -> PlainUnderstanding:
    return PlainUnderstanding(vocabulary(flow, language))


def answered(walk: Walk, answer: Answer) -> bool:
    """The caller spoke or keyed something."""
    expect = expecting(walk.flow, walk.state)
    if expect is None:
        return False
    walk.pend(heard=True)
    walk.drop("hold", "troubles")
    if answer.digits:
        return pressed(walk, answer.digits, expect)
    meaning = _as_heard(walk, _meaning(walk, answer, expect), answer, expect)
    wondered(walk, meaning, expect)
    corrected = _corrected(walk, meaning)
    if corrected is not None:
        return corrected
    best = max((guess.confidence for guess in usable(walk, meaning)), default=0.0)
    commands = meaning.control not in _ANSWERS and meaning.control_confidence >= max(SURE_COMMAND, best)
    asked = walk.question
    if asked is not None and asked.kind == "need":
        return _needed(walk, meaning)
    if commands and not _own_answer(walk, meaning):
        return command(walk, meaning.control)
    if expect.secret:
        return no_match(walk)
    if asked is not None and asked.kind == "person" and meaning.control not in ("yes", "no"):
        # Whoever would rather go on with what they want has answered, too.
        walk.drop("question", "asking")
        return _at_step(walk, meaning, expecting(walk.flow, walk.state) or expect)
    if asked is not None:
        return settled(walk, asked, meaning)
    return _at_step(walk, meaning, expect)


def _meaning(walk: Walk, answer: Answer, expect: Expect) -> Meaning:
    given = answer.meaning
    if given.text or given.guesses or given.slots or given.control or given.answers:
        return given  # somebody has read the words, if only to understand nothing
    readings = (Hypothesis(answer.text, answer.confidence), *answer.alternatives)
    return _plain(walk.flow, walk.state.language).understand(readings, expect)


def _as_heard(walk: Walk, meaning: Meaning, answer: Answer, expect: Expect) -> Meaning:
    """Values are no surer than the words they stand in were heard, where the flow says so; and asked about where words
    that sound nearly as likely say something else ("satisfied", "not satisfied")."""
    if not limits(walk).heard:
        return meaning
    plain = _plain(walk.flow, walk.state.language)
    close = [other for other in answer.alternatives if answer.confidence - other.confidence <= AMBIGUITY_MARGIN]
    others = [slot for each in close for slot in plain.understand((each,), expect).slots]
    return replace(meaning, slots=tuple(_doubted(each, answer.confidence, others) for each in meaning.slots))


def _doubted(value: SlotValue, heard: float, others: Sequence[SlotValue]) -> SlotValue:
    is_doubtful = any(other.name == value.name and other.value != value.value for other in others)
    return replace(value, confidence=min(value.confidence, heard, DOUBTED if is_doubtful else 1.0))


def _own_answer(walk: Walk, meaning: Meaning) -> bool:
    """At "anything else?", "that's all" is an answer."""
    step = walk.step
    return meaning.control == "goodbye" and isinstance(step, AskStep) and step.no is not None and not walk.question


def _corrected(walk: Walk, meaning: Meaning) -> bool | None:
    """One-step correction of what was repeated in passing: "no", or "no, Haidian" (domain.md 2.9.3)."""
    implicit = walk.state.pending.get("implicit")
    walk.drop("implicit")
    if implicit is None or meaning.control != "no":
        return None
    stack, kind, name = implicit
    value = meaning.slot(name) if kind == "slot" else None
    step, now = walk.step, walk.state
    own_no = isinstance(step, ConfirmStep) or (isinstance(step, ListeningStep) and step.no is not None)
    walk.keep(stack=stack)
    better = kind == "intent" and any(guess.intent != name for guess in usable(walk, meaning))
    if own_no and value is None and not better:
        walk.keep(stack=now.stack)
        return None
    walk.drop("question", "asking")
    reject(walk, name if kind == "intent" else f"{name}={now.variables.get(name, '')}")
    if value is not None:
        walk.remember({name: value.value})
        return True
    return believe_intent(walk, meaning) if better else no_match(walk)


def pressed(walk: Walk, digits: str, expect: Expect) -> bool:
    """Keys: one that means something by itself, or an entry."""
    does = expect.keys.choices.get(digits, "")
    if does and expect.kind in _CHOSEN and any(_stands_for(rule, does) for rule in expect.slots[:1]):
        value = SlotValue(expect.slots[0].name, does)
        return _at_step_or_question(walk, Meaning(slots=(value,)), expect)
    if does.startswith(GO):
        walk.drop("question", "asking")
        keyed(walk, digits, does.removeprefix(GO))
        walk.go(does.removeprefix(GO))
        return True
    if does in ("yes", "no"):
        control: Control = "yes" if does == "yes" else "no"
        return _at_step_or_question(walk, Meaning(control=control, control_confidence=1.0), expect)
    if does:
        return command(walk, does)
    step = walk.step
    fits = expect.keys.least <= len(digits) <= expect.keys.most and digits.isdecimal()
    if not isinstance(step, CollectStep) or walk.question is not None or not fits or expect.kind in _NOT_KEYED:
        return no_match(walk)
    return take_values(walk, step, [SlotValue((wanted(step, walk.state) or step.collect)[0], digits)])


def _stands_for(rule: SlotRule, does: str) -> bool:
    return does in rule.values or (rule.kind == "yes_no" and does in YES_NO_KEYS.values())


def _at_step_or_question(walk: Walk, meaning: Meaning, expect: Expect) -> bool:
    asked = walk.question
    return settled(walk, asked, meaning) if asked is not None else _at_step(walk, meaning, expect)


def _at_step(walk: Walk, meaning: Meaning, expect: Expect) -> bool:
    step = walk.step
    moved: bool | None = None
    anything = expect.kind in ("open", "free")
    if anything and _looked_up(walk, meaning):
        return True
    match step:
        case ConfirmStep():
            moved = _confirmed(walk, step, meaning)
        case MenuStep():
            moved = _chosen(walk, step, meaning)
        case CollectStep():
            moved = _collected(walk, step, meaning, expect)
    if moved is not None:
        return moved
    if not anything and _looked_up(walk, meaning):
        return True
    assert isinstance(step, ListeningStep)
    said = "no" if meaning.control == "goodbye" else meaning.control
    target = {"yes": step.yes, "no": step.no, "dont_know": step.dont_know}.get(said)
    if target is None or strong(walk, meaning):
        missed(walk, meaning)
        return believe_intent(walk, meaning)
    walk.go(target)
    return True


def _looked_up(walk: Walk, meaning: Meaning) -> bool:
    """On to the answer step, if the words are a question that the step's knowledge base knows."""
    target = answer_step(walk, meaning)
    if target is not None:
        walk.drop("question", "asking")
        walk.go(target)
    return target is not None


def _confirmed(walk: Walk, step: ConfirmStep, meaning: Meaning) -> bool | None:
    if meaning.control == "yes":
        fill_slots(walk, meaning)
        walk.go(step.yes)
        return True
    if meaning.control != "no":
        return None
    for name, target in step.correct.items():
        value = meaning.slot(name)
        if value is not None and value.value != walk.variables.get(name):
            walk.remember({name: value.value})
            walk.go(target)
            return True
    if strong(walk, meaning):
        return believe_intent(walk, meaning)
    walk.go(step.no)
    return True


def _chosen(walk: Walk, step: MenuStep, meaning: Meaning) -> bool | None:
    value = meaning.slot(CHOICE)
    if value is None or value.confidence < limits(walk).explicit:
        return None
    choice = next((choice for choice in step.choices if (choice.name or choice.then) == value.value), None)
    if choice is None:
        return None
    if step.remember:
        walk.remember({step.remember: value.value})
    fill_slots(walk, meaning)
    chose(walk, value.value, choice.then)
    walk.go(choice.then)
    return True


def _collected(walk: Walk, step: CollectStep, meaning: Meaning, expect: Expect) -> bool | None:
    if expect.kind == "free" and strong(walk, meaning):
        return None
    if meaning.control == "dont_know" and step.dont_know:
        return None
    if expect.kind == "free" and meaning.control in ("yes", "no") and getattr(step, meaning.control):
        return None
    moved = collected(walk, step, meaning)
    if (
        moved is None
        and expect.kind == "free"
        and (words := part_that_is_said(meaning.text.strip(), walk.state.language))
        and not (meaning.control or meaning.backchannel)
    ):
        name = (wanted(step, walk.state) or step.collect)[0]
        said = SlotValue(name, words)
        return collected(walk, step, Meaning(meaning.text, slots=(said,)))
    return moved


def _needed(walk: Walk, meaning: Meaning) -> bool:
    """The one question before a person was asked for: whatever was said, on to the person."""
    guesses = usable(walk, meaning)
    if guesses:
        walk.intent = guesses[0].intent
        fill_slots(walk, meaning, intent=walk.intent)
        walk.remember({"intent": walk.intent})
    return escape(walk, "direct_request")
