"""Audit of answers: a fixed draw of the week's answers that no caller rated, each judged right, wrong or unsure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import Filled, card, empty, figure, share, tried
from ivr.console.rooms import TrainerRoom, Week, week_of
from ivr.console.units import between
from ivr.insight.intervals import wilson
from ivr.model.insight import VERDICTS, AnswerVerdict, Verdict

WEEKS = {0: "This week", 1: "Last week", 2: "The week before"}
LOOKS: Mapping[Verdict, tuple[str, str, str]] = {
    "right": ("Right", "thumb_up", "positive"), "wrong": ("Wrong", "thumb_down", "negative"),
    "unsure": ("Unsure", "help", "grey-7"),
}  # fmt: skip
"""English word, icon, colour."""

CHIPS: Mapping[str, str] = {"right": "good", "wrong": "red", "unsure": "amber"}


async def audit_tab(visit: Visit, room: TrainerRoom, flow: str) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between gap-3"):
        ui.label(t("A fair draw over all topics; the same week draws the same answers.")).classes("text-sm soft")
        back = ui.select({key: t(words) for key, words in WEEKS.items()}, value=0).classes("min-w-36")
        back.props(f'dense outlined data-test=week aria-label="{t("Week")}"')
    place = Filled(visit)

    async def draw() -> None:
        week = week_of(visit.house.utc(), room.zone, int(back.value))
        await visit.look("insight.sample", flow)
        await place.fill(_read(room, week, flow), partial(_shown, visit, room, week))

    back.on_value_change(draw)
    await draw()


async def _read(room: TrainerRoom, week: Week, flow: str) -> tuple[list[Mapping[str, Any]], list[AnswerVerdict]]:
    return list(await room.drawn(week, flow)), await room.verdicts.verdicts(week.name)


def _shown(
    visit: Visit, room: TrainerRoom, week: Week, found: tuple[list[Mapping[str, Any]], list[AnswerVerdict]]
) -> None:
    answers, verdicts = found
    t, judged = visit.t, {one.contact_id: one for one in verdicts}
    if not answers:
        with card():
            empty(t("The bot has answered nobody in this week."), "fact_check")
        return
    figures = ui.row().classes("w-full gap-3 items-stretch")
    place = ui.column().classes("w-full gap-3")
    done = ui.column().classes("w-full gap-3")

    async def judge(answer: Mapping[str, Any], verdict: Verdict, note: ui.input) -> None:
        await visit.needs("flows.publish")
        await visit.look("insight.verdict", str(answer["call_id"]), verdict=verdict)
        one = AnswerVerdict(str(answer["call_id"]), week.name, verdict, str(answer["topic"]), visit.user.name,
                            visit.house.utc(), str(note.value or "").strip())  # fmt: skip
        await room.verdicts.put(one)
        judged[one.contact_id] = one
        draw()

    def draw() -> None:
        figures.clear()
        with figures:
            _figures(visit, answers, list(judged.values()))
        left = [one for one in answers if one["call_id"] not in judged]
        place.clear()
        with place:
            if left:
                _answer(visit, left[0], len(answers) - len(left) + 1, len(answers), judge)
            else:
                with card():
                    empty(t("Every answer of this draw is judged."), "task_alt")
        done.clear()
        with done:
            _judged(visit, answers, judged)

    draw()


def _figures(visit: Visit, answers: Sequence[Mapping[str, Any]], verdicts: Sequence[AnswerVerdict]) -> None:
    t = visit.t
    counts = {one: sum(each.verdict == one for each in verdicts) for one in VERDICTS}
    clear = counts["right"] + counts["wrong"]
    low, high = wilson(counts["right"], clear)
    note = f"{counts['right']} / {clear} · {between((low, high))}" if clear else t("nothing judged yet")
    figure(t("Right answers"), share(counts["right"] / clear if clear else None), note, test="right-share")
    known = {one["call_id"] for one in answers} | {one.contact_id for one in verdicts}
    figure(t("Judged"), f"{len(verdicts)} / {len(known)}", t("{n} unsure", n=counts["unsure"]), test="judged")
    wrong = {one.topic for one in verdicts if one.verdict == "wrong"}
    figure(t("Topics with a wrong answer"), str(len(wrong)), ", ".join(visit.topic(one) for one in sorted(wrong))[:60])


def _answer(visit: Visit, answer: Mapping[str, Any], number: int, total: int, judge: Any) -> None:
    t = visit.t
    with card(t("Answer {n} of {total}", n=number, total=total)):
        with ui.row().classes("w-full items-center gap-2").props("data-test=answer"):
            ui.label(visit.topic(str(answer["topic"])) or t("none")).classes("chip accent")
            for flag, words in (("went_to_a_person", "went on to a person"), ("hung_up_at_once", "hung up at once"),
                                ("came_back", "called again about it")):  # fmt: skip
                if answer[flag]:
                    ui.label(t(words)).classes("chip amber")
            at = answer["at"]
            ui.label(clock(at if isinstance(at, datetime) else None)).classes("text-sm soft figures ml-auto")
            ui.link(t("Call"), call_link(str(answer["call_id"]))).classes("text-sm")
        _said(t("The caller"), [str(answer["asked"])], "font-semibold")
        _said(t("The bot"), [str(one) for one in answer["answered"]], "")
        if answer["then"]:
            _said(t("Then the caller"), [str(one) for one in answer["then"]], "soft")
        note = ui.input(t("What is wrong with it (no words of callers)")).classes("w-full")
        note.props("dense outlined maxlength=300 data-test=verdict-note")
        with ui.row().classes("w-full gap-2"):
            for verdict, (words, icon, colour) in LOOKS.items():
                button = ui.button(t(words), icon=icon, color=colour)
                button.props(f"no-caps data-test=judge-{verdict}").classes("grow min-h-12")
                button.on_click(lambda verdict=verdict: tried(visit, judge(answer, verdict, note)))


def _said(who: str, lines: Sequence[str], classes: str) -> None:
    with ui.element("div").classes("w-full border-l-4 ruled pl-3"):
        ui.label(who).classes("text-xs soft")
        for line in lines:
            ui.label(line or "–").classes(f"text-base {classes}")


def _judged(visit: Visit, answers: Sequence[Mapping[str, Any]], judged: Mapping[str, AnswerVerdict]) -> None:
    if not judged:
        return
    asked = {str(one["call_id"]): str(one["asked"]) for one in answers}
    with card(visit.t("Judged")):
        for one in sorted(judged.values(), key=lambda each: each.at, reverse=True):
            row = ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled no-wrap")
            with row.props("data-test=judged-answer"):
                ui.label(visit.t(LOOKS[one.verdict][0])).classes(f"chip {CHIPS[one.verdict]}")
                with ui.column().classes("grow gap-0 min-w-0"):
                    ui.label(asked.get(one.contact_id, visit.topic(one.topic))).classes("text-sm")
                    ui.label(" · ".join(word for word in (one.who, one.note) if word)).classes("text-xs soft")
                ui.link(visit.t("Call"), call_link(one.contact_id)).classes("text-sm")
