"""Pure: names that mean nothing: variables, slots, intents, lists, wordings, functions; secrets that would be heard."""

from collections.abc import Iterator

from ivr.flow.check_values import CALL_FACTS
from ivr.flow.expressions import BadExpression, check_expression
from ivr.flow.fill import WORDINGS, places
from ivr.flow.finding import Findings, heard_texts, spoken_in, spoken_texts, texts_in
from ivr.flow.flow import variables_of
from ivr.flow.problems import did_you_mean
from ivr.flow.schema import KEYED_KINDS, SLOT_KINDS
from ivr.flow.schema_steps import (
    BranchStep,
    CollectStep,
    ConfirmStep,
    FetchStep,
    ListeningStep,
    MenuStep,
    NoteStep,
    QueueStep,
    SetStep,
    SubflowStep,
    TransferStep,
)
from ivr.flow.sentences import SENTENCES

_Path = tuple[str, ...]


def check_slots(found: Findings) -> None:
    file = found.file
    for name, slot in file.slots.items():
        path: _Path = ("slots", name)
        kinds = (*SLOT_KINDS, *file.lists)
        if slot.kind not in kinds:
            why = f"slot '{name}' is of the kind '{slot.kind}', which is not known."
            found.add((*path, "kind"), why, did_you_mean(slot.kind, kinds), code="unknown_kind")
        if slot.secret and slot.kind not in KEYED_KINDS:
            why = f"slot '{name}' is secret, so it has to be keyed in, but '{slot.kind}' cannot be."
            found.add(path, why, "Make it `kind: digits`.", code="secret")
        for key, value in slot.keys.items():
            if slot.kind in file.lists and value not in file.lists[slot.kind]:
                why = f"key {key} of slot '{name}' gives '{value}', which is not in the list '{slot.kind}'."
                found.add((*path, "keys", key), why, did_you_mean(value, file.lists[slot.kind]), code="unknown_value")
    for where, words in heard_texts(file):
        mentioned = {name for texts in words.values() for text in texts for name, _ in places(text)}
        for name in sorted(mentioned - set(file.slots)):
            why = f"a phrase mentions {{{name}}}, but there is no such slot."
            found.add(where, why, did_you_mean(name, file.slots), code="unknown_slot")
    _check_use(found)


def _check_use(found: Findings) -> None:
    """Slots nobody fills or uses, and intents that lead nowhere, are left-overs."""
    file = found.file
    used = {name for step in file.steps.values() if isinstance(step, CollectStep) for name in step.collect}
    used |= {name for _, words in heard_texts(file) for t in words.values() for x in t for name, _ in places(x)}
    used |= {name for step in file.steps.values() if isinstance(step, ListeningStep) for name in step.also}
    for name in file.slots:
        if name not in used:
            why = f"slot '{name}' is never asked for and no phrase mentions it."
            found.warn(("slots", name), why, "Remove it, or collect it.", code="unused_slot")
    led = {name for step in file.steps.values() if isinstance(step, ListeningStep) for name in step.intents}
    for name in file.intents:
        if name not in led and name not in file.anywhere:
            why = f"intent '{name}' leads nowhere."
            found.warn(
                ("intents", name), why, "Add it to the `intents:` of a step, or remove it.", code="unused_intent"
            )


def check_references(found: Findings) -> None:
    """Slots, intents and sentences that steps name."""
    file = found.file
    for name in file.anywhere:
        _known(found, ("anywhere", name), "intent", name, file.intents)
    for name in file.sentences:
        _known(found, ("sentences", name), "sentence", name, SENTENCES["en"])
    for name, step in file.steps.items():
        path = ("steps", name)
        if not isinstance(step, ListeningStep):
            continue
        for intent in step.intents:
            _known(found, (*path, "intents", intent), "intent", intent, file.intents)
        for slot in step.also:
            _known(found, (*path, "also"), "slot", slot, file.slots)
        if isinstance(step, CollectStep):
            for slot in (*step.collect, *step.each):
                _known(found, (*path, "collect"), "slot", slot, file.slots)
        if isinstance(step, ConfirmStep):
            for slot in step.correct:
                _known(found, (*path, "correct", slot), "slot", slot, file.slots)
        if isinstance(step, MenuStep):
            _check_menu(found, path, step)


def _known(found: Findings, path: _Path, what: str, name: str, names: object) -> None:
    known = list(names) if isinstance(names, dict) else [str(name) for name in names]  # type: ignore[attr-defined]
    if name not in known:
        found.add(path, f"there is no {what} '{name}'.", did_you_mean(name, known), code=f"unknown_{what}")


def _check_menu(found: Findings, path: _Path, step: MenuStep) -> None:
    keys = [choice.key for choice in step.choices if choice.key]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        found.add((*path, "choices"), f"key {key} stands for two choices.", "Give each its own.", code="twice")
    for number, choice in enumerate(step.choices):
        if not choice.hear and not choice.key:
            why = "a choice can neither be said nor pressed."
            found.add((*path, "choices", str(number)), why, "Add `hear:` or `key:`.", code="deaf_choice")


def check_variables(found: Findings) -> None:
    known = {*variables_of(found.file), *CALL_FACTS}
    for path, text in _templates(found):
        for name, wording in places(text):
            if not name:
                why = f"{{{wording}}} cannot be filled: only a name, or name|wording, may stand in braces."
                found.add(path, why, code="template")
            elif name not in known:
                why = f"uses {{{name}}}, which nothing gives a value."
                found.add(path, why, did_you_mean(name, known), code="undefined_variable")
            if name and wording and wording not in WORDINGS:
                why = f"'{wording}' is not a way to word a value."
                found.add(path, why, did_you_mean(wording, WORDINGS), code="unknown_wording")
    for path, text in _expressions(found):
        try:
            used = check_expression(text)
        except BadExpression as error:
            found.add(path, f"{error}.", "See the table of conditions in docs/flows.md.", code="expression")
            continue
        for name in sorted(used - known):
            why = f"'{text}' uses {name}, which nothing gives a value."
            found.add(path, why, did_you_mean(name, known), code="undefined_variable")
    for name, step in found.file.steps.items():
        if isinstance(step, QueueStep | TransferStep):
            for variable in step.handoff:
                _known(found, ("steps", name, "handoff"), "variable", variable, list(known))


def _templates(found: Findings) -> Iterator[tuple[_Path, str]]:
    """Every text of the file with places that a variable fills."""
    for path, words in spoken_texts(found.file):
        if path[0] != "sentences":
            yield from ((path, text) for texts in words.values() for text in texts)
    for name, step in found.file.steps.items():
        path = ("steps", name)
        if isinstance(step, FetchStep):
            yield (*path, "fetch"), step.fetch
            yield from (((*path, "body"), text) for text in texts_in(step.body) if not text.startswith("="))
            yield from (((*path, "headers"), text) for text in step.headers.values())
        if isinstance(step, NoteStep):
            yield from (((*path, "note", key), text) for key, text in step.note.items())
        for field in ("set", "give"):
            for key, value in (getattr(step, field, {}) if isinstance(step, SetStep | SubflowStep) else {}).items():
                yield from (((*path, field, key), text) for text in texts_in(value) if not text.startswith("="))
        if isinstance(step, QueueStep):
            yield (*path, "queue"), step.queue
        if isinstance(step, TransferStep):
            yield (*path, "transfer"), step.transfer


def _expressions(found: Findings) -> Iterator[tuple[_Path, str]]:
    for name, step in found.file.steps.items():
        path = ("steps", name)
        if isinstance(step, BranchStep):
            yield from (((*path, "branch", str(n), "when"), case.when) for n, case in enumerate(step.branch))
        if isinstance(step, CollectStep) and step.check:
            yield (*path, "check"), step.check
        for field in ("set", "give", "body"):
            for text in texts_in(getattr(step, field, None)):
                if text.startswith("="):
                    yield (*path, field), text[1:].strip()


def check_secrets(found: Findings) -> None:
    """A secret is never spoken, noted, handed over, or put into an address that servers log."""
    secrets = found.file.secrets
    for name, step in found.file.steps.items():
        path = ("steps", name)
        told = [((*path, *where), text) for where, words in spoken_in(step) for t in words.values() for text in t]
        if isinstance(step, NoteStep):
            told += [((*path, "note", key), text) for key, text in step.note.items()]
        if isinstance(step, FetchStep):
            told.append(((*path, "fetch"), step.fetch))
        if isinstance(step, QueueStep | TransferStep):
            told += [((*path, "handoff"), f"{{{variable}}}") for variable in step.handoff]
        if isinstance(step, SetStep):
            told += [((*path, "set"), text) for text in texts_in(step.set)]
        for where, text in told:
            for variable in sorted(secrets & _mentioned(text)):
                why = f"'{variable}' is secret, but would be spoken, noted or handed over here."
                found.add(where, why, "Send it in the `body:` of a request instead.", code="secret")


def _mentioned(text: str) -> set[str]:
    if text.startswith("="):
        try:
            return set(check_expression(text[1:].strip()))
        except BadExpression:
            return set()
    return {name for name, _ in places(text)}
