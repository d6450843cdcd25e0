"""What may help in a call, as the desk shows it: what to do next, answers, solved cases; one click notes any."""

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


def assistance(around: Around, talk: Talk, todo: list[Advice], names: Names) -> None:
    """Everything, into the element that is open."""
    say = around.say
    title(say("next"))
    for one in todo:
        _todo(around, talk, one, names)
    title(say("suggested"))
    if not talk.suggestions:
        ui.label(say("suggested_empty")).classes("soft")
    for found in talk.suggestions:
        _answer(around, talk, found)
    title(say("similar"))
    if not talk.similar.cases:
        ui.label(say("similar_empty")).classes("soft")
    for case in talk.similar.cases:
        _case(around, talk, case, names)


def _todo(around: Around, talk: Talk, one: Advice, names: Names) -> None:
    text = worded(one, around.say, around.language, names)
    with ui.element("div").classes(f"todo {one.tone}").props(f'data-advice="{one.key or one.rule}"') as made:
        ui.icon(TODO_ICONS.get(one.tone, "chevron_right")).props('aria-hidden="true"')
        ui.label(text).classes("grow")
        _into_notes(around, talk, text, is_small=True)
    if one.rule:
        made.tooltip(around.say("of_the_house", name=spoken(one.rule)))


def _answer(around: Around, talk: Talk, found: Suggestion) -> None:
    with ui.element("article").classes("suggestion").props('data-test="answer"'):
        ui.label(found.question).classes("question")
        ui.label(found.text).classes("answer")
        with ui.element("div").classes("suggestion-foot"):
            percent, source = round(found.confidence * 100), found.source.replace(".yaml", "")
            ui.label(f"{around.say('sure', percent=percent)} · {source}").classes("soft small")
            _into_notes(around, talk, found.text)


def _case(around: Around, talk: Talk, case: SimilarCase, names: Names) -> None:
    say = around.say
    outcome = around.outcomes(talk).get(case.disposition) or (
        say(f"out_{case.disposition}") if f"out_{case.disposition}" in DESK else spoken(case.disposition)
    )
    heading = " · ".join(filter(None, (names.intent(case.intent), outcome)))
    with ui.element("article").classes("suggestion").props('data-test="case"'):
        ui.label(heading).classes("question")
        ui.label(case.note or say("no_note")).classes("answer" if case.note else "soft")
        with ui.element("div").classes("suggestion-foot"):
            day = case.at.astimezone().date().isoformat()
            ui.label(f"{say('alike', percent=round(case.likeness * 100))} · {day}").classes("soft small whole")
            if case.note:
                _into_notes(around, talk, case.note)


def _into_notes(around: Around, talk: Talk, text: str, *, is_small: bool = False) -> None:
    say = around.say
    made = ui.button("" if is_small else say("into_notes"), icon="note_add", color=None)
    made.props('flat dense no-caps data-act="note"').on("click", lambda: talk.note(text))
    if is_small:
        made.props(f'round aria-label="{say("into_notes")}"').tooltip(say("into_notes"))
