"""What may help in a call, as the desk shows it: what to do next, answers, solved cases; one click notes any."""

from collections.abc import Callable, Mapping
from functools import partial

from nicegui import ui

from ivr.assist.next_best import Advice
from ivr.console.desk_advice import worded
from ivr.console.desk_names import Names, spoken
from ivr.console.desk_parts import title
from ivr.console.desk_scenes import Around
from ivr.console.desk_talk import Suggestion, Talk
from ivr.console.desk_words import DESK
from ivr.model.assist import SimilarCase

TODO_ICONS = {"red": "priority_high", "amber": "warning_amber", "accent": "lightbulb"}


class Kept:
    """A list whose parts keep their elements while they are in it: somebody may be about to press a button there."""

    def __init__(self, empty: str = "") -> None:
        self._empty = ui.label(empty).classes("soft") if empty else None
        self._list = ui.element("div").classes("assist")
        self._made: dict[str, ui.element] = {}

    def show(self, wanted: Mapping[str, Callable[[], ui.element]]) -> None:
        """By key: how to make what is not there yet. In this order."""
        if list(wanted) == list(self._made):
            return
        for gone in self._made.keys() - wanted.keys():
            self._made.pop(gone).delete()
        with self._list:
            self._made = {key: self._made[key] if key in self._made else make() for key, make in wanted.items()}
        for place, made in enumerate(self._made.values()):
            made.move(target_index=place)
        if self._empty:
            self._empty.set_visibility(not wanted)


class Assistance:
    """Everything that may help, into the element that is open."""

    def __init__(self, around: Around, talk: Talk, names: Names) -> None:
        self._around, self._talk, self._names = around, talk, names
        say = around.say
        title(say("next"))
        self._todo = Kept()
        title(say("suggested"))
        self._answers = Kept(say("suggested_empty"))
        self._sure: dict[str, ui.label] = {}
        title(say("similar"))
        self._cases = Kept(say("similar_empty"))

    def show(self, todo: list[Advice]) -> None:
        around, talk, names = self._around, self._talk, self._names
        self._todo.show({repr(one): partial(_todo, around, talk, one, names) for one in todo})
        answers = {f"{one.source} {one.text}": one for one in talk.suggestions}
        self._answers.show({key: partial(self._answer, key, one) for key, one in answers.items()})
        for key, one in answers.items():
            percent, source = round(one.confidence * 100), one.source.replace(".yaml", "")
            self._sure[key].set_text(f"{around.say('sure', percent=percent)} · {source}")
        self._cases.show({repr(one): partial(_case, around, talk, one, names) for one in talk.similar.cases})

    def _answer(self, key: str, found: Suggestion) -> ui.element:
        with ui.element("article").classes("suggestion").props('data-test="answer"') as made:
            ui.label(found.question).classes("question")
            ui.label(found.text).classes("answer")
            with ui.element("div").classes("suggestion-foot"):
                self._sure[key] = ui.label().classes("soft small")
                _into_notes(self._around, self._talk, found.text)
        return made


def _todo(around: Around, talk: Talk, one: Advice, names: Names) -> ui.element:
    text = worded(one, around.say, around.language, names)
    with ui.element("div").classes(f"todo {one.tone}").props(f'data-advice="{one.key or one.rule}"') as made:
        ui.icon(TODO_ICONS.get(one.tone, "chevron_right")).props('aria-hidden="true"')
        ui.label(text).classes("grow")
        _into_notes(around, talk, text, is_small=True)
    if one.rule:
        made.tooltip(around.say("of_the_house", name=spoken(one.rule)))
    return made


def _case(around: Around, talk: Talk, case: SimilarCase, names: Names) -> ui.element:
    say = around.say
    outcome = around.outcomes(talk).get(case.disposition) or (
        say(f"out_{case.disposition}") if f"out_{case.disposition}" in DESK else spoken(case.disposition)
    )
    heading = " · ".join(filter(None, (names.intent(case.intent), outcome)))
    with ui.element("article").classes("suggestion").props('data-test="case"') as made:
        ui.label(heading).classes("question")
        ui.label(case.note or say("no_note")).classes("answer" if case.note else "soft")
        with ui.element("div").classes("suggestion-foot"):
            day = case.at.astimezone().date().isoformat()
            ui.label(f"{say('alike', percent=round(case.likeness * 100))} · {day}").classes("soft small whole")
            if case.note:
                _into_notes(around, talk, case.note)
    return made


def _into_notes(around: Around, talk: Talk, text: str, *, is_small: bool = False) -> None:
    say = around.say
    made = ui.button("" if is_small else say("into_notes"), icon="note_add", color=None)
    made.props('flat dense no-caps data-act="note"').on("click", lambda: talk.note(text))
    if is_small:
        made.props(f'round aria-label="{say("into_notes")}"').tooltip(say("into_notes"))
