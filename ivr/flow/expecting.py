"""Pure: what the caller may answer now, from where the flow stands. Hearing and understanding work from it."""

import re
from collections.abc import Iterable, Mapping

from ivr.flow.flow import Flow, words_in
from ivr.flow.graph import answering_steps
from ivr.flow.knowledge import source_of
from ivr.flow.progress import FlowState
from ivr.flow.schema import KEYED_KINDS, FlowFile, Slot
from ivr.flow.schema_steps import CollectStep, ConfirmStep, ListeningStep, MenuStep
from ivr.flow.sentences import control_phrases
from ivr.flow.vocabulary import example_phrases, slot_rule
from ivr.flow.walk import Question
from ivr.model.meaning import AnswerKind, Expect, KeyRule, SlotRule
from ivr.model.patterns import is_pattern

MOST_PHRASES = 200
"""Phrases given to a recognizer for one step."""

FIRST_TURN_SECONDS = 6.0
"""Patience at the very first question (domain.md 2.9.1)."""

HOLD_SECONDS = 30.0
"""Patience after "hold on" (domain.md 2.9.1)."""

CHOICE = "choice"
"""Name of the slot that stands for one of a menu's choices, or of the things the engine asks about."""

GO = "go:"
"""What a key does that leads straight to a step: this and the step's name."""

LONGEST_KEYED = 20
YES_NO_KEYS = {"1": "yes", "2": "no"}
_MENTION = re.compile(r"\{(\w+)\}")
_KINDS: Mapping[str, AnswerKind] = {
    "number": "number", "digits": "digits", "phone": "digits", "money": "money", "date": "date", "time": "time",
    "yes_no": "yes_no", "duration": "time",
}  # fmt: skip
_ASKED: Mapping[str, AnswerKind] = {
    "intent": "yes_no", "slot": "yes_no", "choose": "choice", "need": "open", "person": "yes_no",
}  # fmt: skip
"""Of the engine's own questions."""

_ANYTHING = ("open", "free")
"""Kinds of answers that may be a question of the caller's own."""

_AT_ANY_STEP = ("agent", "repeat", "help", "back", "goodbye", "hold_on")


def offers(flow: Flow, state: FlowState) -> dict[str, tuple[int, str]]:
    """Intents that lead somewhere from here: to (frames to keep, step). A nearer frame wins, the step wins over all."""
    found: dict[str, tuple[int, str]] = {}
    for depth, frame in enumerate(state.stack, start=1):
        found.update({name: (depth, step) for name, step in flow.file(frame).anywhere.items()})
    own = getattr(flow.step(state.stack[-1]), "intents", {})
    found.update({name: (len(state.stack), target) for name, target in own.items()})
    return found


def wanted(step: CollectStep, state: FlowState) -> tuple[str, ...]:
    """Slots of a collect step that are still empty."""
    return tuple(name for name in step.collect if state.variables.get(name, "") in ("", None))


def expecting(flow: Flow, state: FlowState) -> Expect | None:
    """What the step waits for; None where the flow does not listen."""
    if state.finished or not state.stack:
        return None
    step = flow.step(state.stack[-1])
    if not isinstance(step, ListeningStep):
        return None
    file = flow.file(state.stack[-1])
    question: Question | None = state.pending.get("question")
    kind = _kind(file, step, state, question)
    slots = _slots(flow, state, step, question)
    secret = isinstance(step, CollectStep) and question is None and bool(file.secrets & set(wanted(step, state)))
    intents = tuple(offers(flow, state))
    return Expect(
        step=f"{state.stack[-1].flow}.{state.stack[-1].step}",
        kind=kind,
        language=state.language,
        phrases=() if secret else _phrases(flow, state, kind, slots, intents),
        patterns=() if secret else _patterns(flow, intents, state.language),
        intents=intents,
        slots=slots,
        knowledge=_knowledge(file, step, kind, question),
        keys=_keys(file, step, state, question),
        barge_in=step.barge_in,
        secret=secret,
        no_input_seconds=_patience(step, state),
        end_of_turn_seconds=step.end_of_turn_seconds,
        longest_seconds=step.longest_seconds,
    )


def _patience(step: ListeningStep, state: FlowState) -> float:
    if state.pending.get("hold"):
        return HOLD_SECONDS
    first = len(state.back) == 1 and not state.pending.get("heard")
    return step.no_input_seconds or (FIRST_TURN_SECONDS if first else 0.0)


def _kind(file: FlowFile, step: ListeningStep, state: FlowState, question: Question | None) -> AnswerKind:
    if question is not None:
        return _ASKED[question.kind]
    match step:
        case ConfirmStep():
            return "yes_no"
        case MenuStep():
            return "choice"
        case CollectStep():
            missing = wanted(step, state) or step.collect
            kind = file.slots[missing[0]].kind
            return "choice" if kind in file.lists else _KINDS.get(kind, "free")
        case _:
            return "open"


def _slots(flow: Flow, state: FlowState, step: ListeningStep, question: Question | None) -> tuple[SlotRule, ...]:
    file = flow.file(state.stack[-1])
    language = state.language
    rules: list[SlotRule] = []
    names: list[str] = []
    if question is not None and question.kind == "choose":
        ways = {name: _titles(flow, name, language) for name in question.options}
        return (SlotRule(CHOICE, CHOICE, values=ways),)
    if question is not None:
        names = [question.name] if question.kind == "slot" else []
    elif isinstance(step, MenuStep):
        rules.append(SlotRule(CHOICE, CHOICE, values=menu_values(step, language)))
    elif isinstance(step, CollectStep):
        names = [*wanted(step, state), *(name for name in step.collect if name not in wanted(step, state))]
    elif isinstance(step, ConfirmStep):
        names = list(step.correct)
    for intent in offers(flow, state):
        names.extend(sorted(mentioned(flow, intent, language) & set(file.slots)))
    names.extend(step.also)
    open_ones = (name for name in dict.fromkeys(names) if name not in file.secrets)
    return (*rules, *(slot_rule(file, name, language) for name in open_ones))


def mentioned(flow: Flow, intent: str, language: str) -> set[str]:
    """Slots that the phrases of an intent speak of."""
    known = flow.intent(intent)
    phrases = words_in(known.phrases, language) if known else ()
    return {name for phrase in phrases for name in _MENTION.findall(phrase)}


def menu_values(step: MenuStep, language: str) -> dict[str, tuple[str, ...]]:
    """The choices of a menu, by their name (else the step they lead to), and the ways to say them."""
    return {choice.name or choice.then: words_in(choice.hear, language) for choice in step.choices}


def _titles(flow: Flow, intent: str, language: str) -> tuple[str, ...]:
    known = flow.intent(intent)
    plain = intent.replace("_", " ")
    return (
        (plain,)
        if known is None
        else (*words_in(known.title, language), *example_phrases(words_in(known.phrases, language)), plain)
    )


def _knowledge(file: FlowFile, step: ListeningStep, kind: AnswerKind, question: Question | None) -> tuple[str, ...]:
    """Knowledge files to look into: the step's, and where anything can be said, all of the flow."""
    if question is not None:
        return ()
    named = dict(answering_steps(file))
    if step.knowledge is not None:
        named = named if kind in _ANYTHING else {step.knowledge: named[step.knowledge]}
    elif kind not in _ANYTHING:
        return ()
    return tuple(dict.fromkeys(source_of(file.flow, answers.answer) for answers in named.values()))


def _phrases(
    flow: Flow, state: FlowState, kind: AnswerKind, slots: tuple[SlotRule, ...], intents: tuple[str, ...]
) -> tuple[str, ...]:
    language = state.language
    said = control_phrases(language)
    found: list[str] = []
    if kind == "yes_no":
        found += [*said["yes"], *said["no"]]
    for rule in slots:
        found += [way for value, ways in rule.values.items() for way in (ways or (value,))]
    values = {rule.name: rule for rule in slots}
    for name in intents:
        known = flow.intent(name)
        said_so = words_in(known.phrases, language) if known else ()
        found += _expanded((phrase for phrase in said_so if not is_pattern(phrase)), values)
    for name in _AT_ANY_STEP:
        found += said[name]
    return tuple(dict.fromkeys(phrase for phrase in found if phrase))[:MOST_PHRASES]


def _patterns(flow: Flow, intents: Iterable[str], language: str) -> tuple[str, ...]:
    """Phrases with brackets of the intents that lead on from here."""
    known = (flow.intent(name) for name in intents)
    phrases = (phrase for intent in known if intent for phrase in words_in(intent.phrases, language))
    return tuple(dict.fromkeys(phrase for phrase in phrases if is_pattern(phrase)))


def _expanded(phrases: Iterable[str], slots: Mapping[str, SlotRule]) -> list[str]:
    """Phrases with each listed value in its place; an open value is left out."""
    found: list[str] = []
    for phrase in phrases:
        names = _MENTION.findall(phrase)
        rule = slots.get(names[0]) if len(names) == 1 else None
        ways = [way for value, ways in rule.values.items() for way in (ways or (value,))] if rule else []
        found += [_MENTION.sub(way, phrase) for way in ways] or [_MENTION.sub("", phrase).strip()]
    return found


def _keys(file: FlowFile, step: ListeningStep, state: FlowState, question: Question | None) -> KeyRule:
    """Keys by what they do: agent, repeat, yes, no, `go:step`; or the value or choice they stand for."""
    common = {"0": "agent", "*": "repeat", **{key: f"{GO}{target}" for key, target in file.keys.items()}}
    if question is not None:
        if question.kind == "choose":
            picks = {str(number): name for number, name in enumerate(question.options, start=1)}
            return KeyRule(choices={**common, **picks})
        return KeyRule(choices={**common, **(YES_NO_KEYS if question.kind != "need" else {})})
    own = {key: f"{GO}{target}" for key, target in step.keys.items()}
    match step:
        case ConfirmStep():
            return KeyRule(choices={**common, **YES_NO_KEYS, **own})
        case MenuStep():
            picks = {choice.key: choice.name or choice.then for choice in step.choices if choice.key}
            return KeyRule(choices={**common, **picks, **own})
        case CollectStep():
            missing = wanted(step, state) or step.collect
            return _entry(file.slots[missing[0]], step, common, own)
        case _:
            yes_no = {key: name for key, name in YES_NO_KEYS.items() if getattr(step, name)}
            return KeyRule(choices={**common, **yes_no, **own})


def _entry(slot: Slot, step: CollectStep, common: Mapping[str, str], own: Mapping[str, str]) -> KeyRule:
    values = {**(YES_NO_KEYS if slot.kind == "yes_no" else {}), **slot.keys}
    if slot.kind not in KEYED_KINDS or values:
        return KeyRule(choices={**common, **values, **own}, between_seconds=step.between_seconds)
    least, most = slot.span or (1, LONGEST_KEYED)
    shared = {key: name for key, name in common.items() if key in "*#" or least > 1}
    return KeyRule(least, most, step.end_key, step.between_seconds, {**shared, **own})
