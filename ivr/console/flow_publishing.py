"""Saving and publishing a draft, canaries, going back, and who did what when."""

from dataclasses import dataclass
from functools import partial

from nicegui import ui

from ivr.console.clocks import clock
from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Visit
from ivr.console.parts import Act, card, empty, share, told, tried
from ivr.flow.problems import ConversationsFailed
from ivr.model.errors import IvrError, NotNow
from ivr.store.flow_versions import FlowChange, FlowVersion, LiveFlow

DRAFT = "draft"


def publish_buttons(visit: Visit, draft: OpenDraft) -> None:
    """Save, publish, and how far the draft is from what is kept."""
    t = visit.t
    with ui.row().classes("items-center gap-2"):
        state = ui.label().classes("text-sm soft").props("data-test=draft-state")
        if not visit.may("flows.publish"):
            ui.badge(t("read only")).props("color=grey-7")
            return

        def show() -> None:
            errors = len(draft.errors)
            words = t("not saved") if draft.is_changed else t("saved")
            state.set_text(f"{words} · {t('{n} errors', n=errors)}" if errors else words)

        async def keep() -> None:
            await visit.needs("flows.publish")
            await _save(visit, draft)
            show()

        save = ui.button(
            t("Save"), icon="save", on_click=lambda: tried(visit, keep(), t("Saved; nobody hears it yet."))
        )
        save.props("outline no-caps data-test=save")
        publish = ui.button(t("Publish …"), icon="publish", on_click=partial(_ask_publish, visit, draft))
        publish.props("no-caps data-test=publish")
        draft.changed.append(show)
        show()


async def _save(visit: Visit, draft: OpenDraft) -> None:
    if draft.is_changed:
        await visit.house.workshop.save(draft.opened, draft.draft, visit.by)
        await visit.look("flow.save", draft.draft.flow)
        draft.opened = draft.draft


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was filled in before publishing."""

    note: ui.input
    to: ui.radio
    share: ui.slider
    untested: ui.checkbox
    sure: ui.input


def _ask_publish(visit: Visit, draft: OpenDraft) -> None:
    t = visit.t
    if draft.errors:
        ui.notify(t("Correct the errors first."), type="warning")
        return
    with (
        ui.context.client.content,
        ui.dialog(value=True).props("persistent") as dialog,
        ui.card().classes("w-[32rem] max-w-full gap-3"),
    ):
        ui.label(t("Publish {flow}", flow=draft.draft.flow)).classes("text-lg font-semibold")
        wish = _wish(visit)
        said = ui.column().classes("w-full max-h-60 overflow-auto")
        with ui.row().classes("w-full justify-end items-center"):
            busy = ui.spinner()
            busy.visible = False
            ui.button(t("Cancel"), on_click=dialog.close).props("flat no-caps")
            go = ui.button(t("Publish")).props("no-caps data-test=publish-now")

        async def publish() -> None:
            go.disable()
            busy.visible = True
            said.clear()
            try:
                live = await _publish(visit, draft, wish)
            except IvrError as error:
                with said:
                    _refused(visit, error)
            else:
                dialog.close()
                _published(visit, live)
            finally:
                go.enable()
                busy.visible = False
            await draft.check()

        go.on_click(publish)


def _wish(visit: Visit) -> _Wish:
    t = visit.t
    note = ui.input(t("What has changed, for the history")).classes("w-full").props("autofocus data-test=note")
    to = ui.radio({"all": t("All new calls"), "canary": t("A share of new calls (canary)")}, value="all")
    part = ui.slider(min=1, max=99, value=10).props("label-always").classes("mt-4")
    part.bind_visibility_from(to, "value", value="canary")
    untested = ui.checkbox(t("Without the conversation tests (emergencies; it is kept in the history)"))
    sure = ui.input(t("Write 'untested' to confirm")).classes("w-full")
    sure.bind_visibility_from(untested, "value")
    return _Wish(note, to, part, untested, sure)


async def _publish(visit: Visit, draft: OpenDraft, wish: _Wish) -> LiveFlow:
    """Raises IvrError: it is not published, and why."""
    await visit.needs("flows.publish")
    untested = bool(wish.untested.value)
    if untested and wish.sure.value != "untested":
        raise NotNow(visit.t("Write 'untested' to confirm."))
    await _save(visit, draft)
    name, by = draft.draft.flow, visit.noted(str(wish.note.value or ""))
    if wish.to.value == "canary":
        return await visit.house.workshop.canary(name, DRAFT, wish.share.value / 100, by, untested=untested)
    return await visit.house.workshop.publish(name, by, DRAFT, untested=untested)


def _published(visit: Visit, live: LiveFlow) -> None:
    if live.untested:
        ui.notify(visit.t("Published untested: no conversation was played; the history says so."), type="warning")
    else:
        words = visit.t("Published: new calls get it at once.")
        if live.canary:
            words = visit.t("Canary: {share} of new calls get it.", share=share(live.share))
        ui.notify(words, type="positive")


def _refused(visit: Visit, error: IvrError) -> None:
    with ui.column().classes("gap-1 w-full").props("role=alert data-test=refused"):
        if isinstance(error, ConversationsFailed):
            ui.label(visit.t("Not published: {why}; what is live stays live.", why=error.summary)).classes(
                "text-red-600"
            )
            for line in error.failures:
                ui.label(line).classes("text-xs font-mono whitespace-pre-wrap")
        else:
            ui.label(told(visit, error)).classes("text-red-600 whitespace-pre-wrap")


def versions_tab(visit: Visit, draft: OpenDraft) -> None:
    """Read again every few seconds, drawn again only where something has changed: a button that somebody has the focus
    on must stay."""
    place = ui.column().classes("w-full gap-3")
    seen: list[object] = []

    async def show() -> None:
        house, name = visit.house, draft.draft.flow
        try:
            live = (await house.versions.live()).get(name)
            kept, history = await house.versions.versions(name), await house.versions.history(name)
        except IvrError as error:
            ui.notify(told(visit, error), type="negative")
            return
        now = (live, kept, history, house.workshop.served().get(name))
        if seen == [now]:
            return
        seen[:] = [now]
        place.clear()
        with place:
            _live(visit, draft, live, show)
            _kept(visit, draft, kept, live, show)
            _history(visit, history)

    ui.timer(0.0, show, once=True)
    ui.timer(5.0, show)


def _live(visit: Visit, draft: OpenDraft, live: LiveFlow | None, again: Act) -> None:
    t, house = visit.t, visit.house
    if live is None:
        empty(t("never published: calls get the folder as it was at the start"), "unpublished")
        return
    name = draft.draft.flow
    with card():
        ui.label(t("live {version} since {at}", version=live.version, at=clock(live.since))).props("data-test=live")
        if served := house.workshop.served().get(name):
            ui.label(t("this server answers with {version}", version=served)).classes("text-sm").props(
                "data-test=served"
            )
        if live.canary:
            words = t("canary {version}: {share} of calls", version=live.canary, share=share(live.share))
            ui.label(words).classes("chip amber").props("data-test=canary")
        if visit.may("flows.publish"):
            _live_buttons(visit, name, live, again)


def _live_buttons(visit: Visit, name: str, live: LiveFlow, again: Act) -> None:
    """A canary goes to everybody or away; what was live before comes back."""
    t, house = visit.t, visit.house

    async def promote() -> None:
        await visit.needs("flows.publish")
        note = visit.noted(t("the canary was good"))
        await house.workshop.publish(name, note, live.canary, untested=False)
        await again()

    async def end() -> None:
        await visit.needs("flows.publish")
        await house.workshop.canary(name, "", 0.0, visit.by, untested=False)
        await again()

    async def back() -> None:
        await visit.needs("flows.publish")
        await house.versions.roll_back(name, visit.by)
        await again()

    def button(words: str, icon: str, test: str, do: Act) -> None:
        made = ui.button(words, icon=icon, on_click=lambda: _sure(visit, words, do))
        made.props(f"outline no-caps dense data-test={test}").classes("px-3")

    with ui.row().classes("gap-2"):
        if live.canary:
            button(t("Give {version} to all calls", version=live.canary), "publish", "promote", promote)
            button(t("End the canary"), "block", "end-canary", end)
        if live.previous:
            button(t("Go back to {version}", version=live.previous), "undo", "roll-back", back)


def _sure(visit: Visit, what: str, do: Act) -> None:
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("gap-3"):
        ui.label(f"{what}?").classes("text-lg")

        async def go() -> None:
            dialog.close()
            await tried(visit, do(), visit.t("Done."))

        with ui.row().classes("w-full justify-end"):
            ui.button(visit.t("Cancel"), on_click=dialog.close).props("flat no-caps autofocus")
            ui.button(what, on_click=go).props("no-caps data-test=sure")


def _kept(visit: Visit, draft: OpenDraft, kept: tuple[FlowVersion, ...], live: LiveFlow | None, again: Act) -> None:
    t, name = visit.t, draft.draft.flow
    for one in kept:
        with ui.row().classes("w-full items-center gap-2 border-t pt-1 ruled"):
            ui.label(one.version).classes("font-mono text-sm")
            is_live = live is not None and one.version == live.version
            if is_live:
                ui.badge(t("live")).props("color=positive")
            ui.label(f"{clock(one.at)} · {one.who} · {one.note}").classes("text-sm grow")

            def take(one: FlowVersion = one) -> None:
                draft.take(one.texts)
                ui.notify(t("The editor shows {version} now; it is not saved.", version=one.version))
                ui.timer(0.0, draft.check, once=True)

            async def publish(one: FlowVersion = one) -> None:
                await visit.needs("flows.publish")
                await visit.house.workshop.publish(name, visit.by, one.version, untested=False)
                await again()

            if visit.may("flows.publish"):
                ui.button(t("Open"), on_click=take).props("flat dense no-caps")
                if not is_live:
                    words = t("Publish {version}", version=one.version)
                    button = ui.button(t("Publish"), on_click=partial(_sure, visit, words, publish))
                    button.props("flat dense no-caps")


def _history(visit: Visit, history: tuple[FlowChange, ...]) -> None:
    with ui.expansion(visit.t("History"), value=True).classes("w-full").props("dense"):
        if not history:
            empty(visit.t("Nothing was published yet."), "history")
        for one in history:
            of = f" {share(one.share)}" if one.action.startswith("canary") and one.share else ""
            line = f"{clock(one.at)} · {visit.t(one.action)}{of} · {one.version} · {one.who} · {one.note}"
            ui.label(line).classes("text-sm break-words").props("data-test=history")
