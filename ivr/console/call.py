"""One call: what was said beside its sound, where the seconds went, the way through the flow, how it ended."""

from nicegui import ui

from ivr.console import charts
from ivr.console.calls import lasted
from ivr.console.clocks import clock, lasting
from ivr.console.graph import MERMAID, NARROW, SHOW_BEGIN, drawn, steps_in, way_of
from ivr.console.house import Visit, caller_shown
from ivr.console.links import ROOT, flow_link
from ivr.console.parts import card, crumbs, empty, heading, trouble
from ivr.console.sound import Player, player
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts
from ivr.flow.schema import FlowFile
from ivr.model.calls import CallRecord, Turn
from ivr.model.errors import FlowError, IvrError, NotThere

STYLE = """
.turn { border-left: 4px solid var(--line); border-radius: 2px; transition: background .15s; }
.turn.now { border-left-color: var(--accent); background: var(--tint); }
"""


async def call(visit: Visit, call_id: str) -> None:
    """Raises nothing: what cannot be shown says why."""
    t = visit.t
    try:
        await visit.look("call.read", call_id)
        record = await visit.house.archive.call(call_id)
    except IvrError as error:
        crumbs(visit, t("Calls"), f"{ROOT}/calls")
        heading(t("Call"))
        trouble(visit, error)
        return
    ui.add_css(STYLE)
    crumbs(visit, t("Calls"), f"{ROOT}/calls", clock(record.arrived_at))
    heading(f"{caller_shown(record)} · {visit.code(record.outcome or record.end_reason) or t('on the line')}")
    with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-5 gap-3"):
        with ui.column().classes("lg:col-span-3 gap-3 min-w-0"):
            playing = player(visit, record)
            with card(t("What was said")):
                _transcript(visit, record, playing)
        with ui.column().classes("lg:col-span-2 gap-3 min-w-0"):
            with card(t("About this call")):
                _facts(visit, _about(visit, record))
            with card(t("Survey")):
                _survey(visit, record)
            if record.notes:
                with card(t("Notes of the flow")):
                    _facts(visit, {visit.code(name): visit.code(value) for name, value in record.notes.items()})
            with card(t("People and figures")):
                _facts(visit, {visit.code(name): _stat(visit, name, value) for name, value in record.stats.items()})
    with card(t("Where the seconds went")):
        _latencies(visit, record)
    with card(t("Way through the flow")):
        await _way(visit, record)


def _transcript(visit: Visit, record: CallRecord, playing: Player) -> None:
    if not record.turns:
        empty(visit.t("Nothing was said in this call."), "voice_over_off")
    for turn in record.turns:
        with ui.element("div").classes("w-full turn pl-3 py-1").props(f'data-test=turn data-at="{turn.began_at:.2f}"'):
            _turn_line(visit, turn, playing)
            words = turn.heard or (visit.t("pressed {keys}", keys=turn.keys) if turn.keys else "")
            if words:
                said = ui.label(words).classes("font-semibold")
                said.props("data-test=caller").tooltip(visit.t("confidence {c}", c=f"{turn.confidence:.2f}"))
            for line in turn.said:
                ui.label(line).classes("soft").props("data-test=bot")


def _turn_line(visit: Visit, turn: Turn, playing: Player) -> None:
    with ui.row().classes("gap-2 items-center text-xs soft"):
        minutes, seconds = divmod(turn.began_at, 60)
        at = f"{minutes:.0f}:{seconds:04.1f}"
        jump = ui.button(at, icon="play_arrow", on_click=lambda: playing.jump(turn.began_at))
        jump.props(f'flat dense size=sm no-caps aria-label="{visit.t("Listen from here")} {at}"')
        ui.label(turn.step).tooltip(visit.t("step of the flow"))
        if turn.intent:
            ui.badge(f"{visit.topic(turn.intent)} {turn.intent_confidence:.0%}").props("color=primary outline")
        if turn.no_match:
            ui.badge(visit.t("not understood")).props("color=negative")
        if turn.interrupted:
            ui.badge(visit.t("spoke over us")).props("color=warning text-color=black")
        if total := turn.latency.get("total"):
            ui.label(f"{total:.2f} s").tooltip(visit.t("from the last word to the first sound of the answer"))


def _about(visit: Visit, record: CallRecord) -> dict[str, str]:
    t = visit.t
    return {
        t("Arrived"): clock(record.arrived_at), t("Lasted"): lasted(record), t("Caller"): caller_shown(record),
        t("Called"): record.called, t("Line"): visit.code(record.leg.kind), t("Flow"): record.flow,
        t("Version"): record.flow_version, t("Language"): visit.code(record.language),
        t("Handled by"): t(f"by {record.handled_by or 'none'}"), t("End"): visit.code(record.end_reason),
        t("Hung up by"): _hung_up(visit, record), t("Why to a person"): visit.code(record.escalation_reason),
        t("Number of the call"): record.call_id,
    }  # fmt: skip


def _hung_up(visit: Visit, record: CallRecord) -> str:
    """`system` is not a failure here, but our side."""
    return visit.t("our system") if record.disconnect_by == "system" else visit.code(record.disconnect_by)


def _stat(visit: Visit, name: str, value: object) -> str:
    """A figure of the record: times as times, lists in words."""
    if isinstance(value, list):
        return ", ".join(visit.code(str(one)) if name == "queues" else str(one) for one in value)
    if name.endswith("_seconds") and isinstance(value, int | float):
        return lasting(value)
    return str(value)


def _facts(visit: Visit, facts: dict[str, str]) -> None:
    shown = {name: value for name, value in facts.items() if value}
    if not shown:
        empty(visit.t("Nothing is known."), "help_outline")
    with ui.element("dl").classes("grid grid-cols-3 gap-x-3 gap-y-1 text-sm w-full"):
        for name, value in shown.items():
            with ui.element("dt").classes("soft break-words"):
                ui.label(name)
            with ui.element("dd").classes("col-span-2 break-words m-0"):
                ui.label(value)


def _survey(visit: Visit, record: CallRecord) -> None:
    survey = record.survey
    if survey is None:
        empty(visit.t("The call has not ended yet."), "hourglass_empty")
        return
    with ui.row().classes("items-center gap-2"):
        ui.badge(visit.t(survey.status)).props(f"color={'positive' if survey.status == 'completed' else 'grey-7'}")
        if survey.reason:
            reason = known if (known := visit.t(survey.reason)) != survey.reason else visit.code(survey.reason)
            ui.label(reason).classes("text-sm")
    answers = {_asked(visit, name): _answer(visit, name, value) for name, value in survey.answers.items()}
    _facts(visit, answers or {visit.t("Answers"): "–"})


def _asked(visit: Visit, name: str) -> str:
    return known if (known := visit.t(name)) != name else visit.code(name)


def _answer(visit: Visit, name: str, value: str) -> str:
    """A comment is what the caller said; what was asked is a list of questions; the rest are codes or numbers."""
    if name == "comment":
        return value
    return ", ".join(_asked(visit, one.strip()) for one in value.split(",")) if name == "asked" else visit.code(value)


def _latencies(visit: Visit, record: CallRecord) -> None:
    turns = [turn for turn in record.turns if turn.latency]
    if not turns:
        empty(visit.t("No turn of this call was answered by speech."), "timeline")
        return
    parts = {
        visit.t(words): (colour, [round(turn.latency.get(name, 0.0), 3) for turn in turns])
        for name, (words, colour) in charts.LATENCIES.items()
    }
    names = [f"{turn.number} {turn.step.rpartition('.')[2]}" for turn in turns]
    ui.label(visit.t("Seconds from the caller's last word to the first sound of the answer, turn by turn.")).classes(
        "text-xs soft"
    )
    plot = ui.echart(charts.stacked(names, parts, " s")).classes("w-full").style(f"height: {90 + 34 * len(turns)}px")
    plot.props(f'role=img aria-label="{visit.t("Where the seconds went")}"')


async def _way(visit: Visit, record: CallRecord) -> None:
    try:
        flow = await _flow_of(visit, record)
    except (NotThere, FlowError):
        empty(visit.t("The version of the flow that this call had is not kept any more."), "account_tree")
        ui.label(" → ".join(record.path)).classes("text-sm break-words")
        return
    for name, file in flow.files.items():
        walked = steps_in(record.path, name)
        if not walked:
            continue
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(file.title or name).classes("text-sm font-semibold")
            if visit.may("flows.read"):
                ui.link(visit.t("Open in the editor"), flow_link(record.flow)).classes("text-sm")
        ui.label(" → ".join(walked)).classes("text-xs soft break-words")
        _graph(visit, file, walked)


def _graph(visit: Visit, file: FlowFile, walked: list[str]) -> None:
    whole = ui.switch(visit.t("Show the whole flow")).props("dense")
    place = ui.element("div").classes("w-full overflow-auto max-h-[34rem] bg-white rounded").props("data-test=way")

    def draw() -> None:
        place.clear()
        with place:
            if whole.value:
                ui.mermaid(drawn(file, walked), config=MERMAID)
                ui.run_javascript(SHOW_BEGIN % place.id)
            else:
                ui.mermaid(way_of(file, walked), config=NARROW).classes("w-full flex justify-center")

    whole.on_value_change(draw)
    draw()


async def _flow_of(visit: Visit, record: CallRecord) -> Flow:
    """The flow as this call had it. Raises NotThere, FlowError."""
    house = visit.house
    try:
        kept = await house.versions.version(record.flow, record.flow_version)
        return flow_of_texts(kept.texts, f"{record.flow}.yaml")
    except NotThere:
        flow, _ = await house.workshop.check(await house.workshop.draft(record.flow))
        if flow is None or flow.version != record.flow_version:
            raise
        return flow
