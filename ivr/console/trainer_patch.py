"""A patch in the editor: changed in place, proved by the flow check and the conversations, replayed, published."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from nicegui import ui

from ivr.console.house import Draft, Visit
from ivr.console.parts import Act, card, tried
from ivr.console.rooms import TrainerRoom
from ivr.console.trainer_proof import is_good, proof
from ivr.model.errors import IvrError, NotNow
from ivr.model.insight import Label, Patch, Tried


@dataclass(slots=True)
class Open:
    """For one page."""

    visit: Visit
    room: TrainerRoom
    flow: str
    patch: Patch
    items: Sequence[str]
    label: Label
    name: str
    """Of the intent or entry."""

    again: Act
    text: str = field(init=False)
    found: dict[str, Tried] = field(default_factory=dict)
    """What came of each text that was tried."""

    def __post_init__(self) -> None:
        self.text = self.patch.text

    @property
    def is_proved(self) -> bool:
        """As it stands in the editor now."""
        return self.text in self.found and is_good(self.found[self.text])


def new_lines(before: str, after: str) -> list[int]:
    """Numbers (from 1) of the lines of `after` that `before` does not have."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return [line + 1 for kind, _, _, low, high in matcher.get_opcodes() if kind != "equal" for line in range(low, high)]


@dataclass(frozen=True, slots=True)
class Controls:
    """What is pressed under the editor, and where it is told what came of it."""

    prove: ui.button
    replay: ui.button
    publish: ui.button
    told: ui.column


def patch_card(opened: Open) -> None:
    visit, t = opened.visit, opened.visit.t
    with card(opened.patch.file):
        ui.label(t("Nobody hears it before it is published. Lines that are new are marked; change them as you like."))
        editor = ui.codemirror(opened.text, language="YAML", indent="  ", line_wrapping=True, theme="vscodeLight")
        editor.classes("w-full patched border rounded overflow-hidden ruled").props("data-test=patch-editor")
        controls = _controls(visit)

    def show() -> None:
        lines = new_lines(opened.patch.before, opened.text)
        editor.decorations = [{"kind": "line", "line": line, "class": "patch-new"} for line in lines]
        controls.publish.set_enabled(opened.is_proved)

    def typed() -> None:
        opened.text = editor.value
        show()

    async def run(*, replay_too: bool) -> None:
        await _tried_out(opened, controls, replay_too=replay_too)
        show()

    async def live() -> None:
        controls.publish.disable()
        if await tried(visit, _publish(opened), t("Published: new calls get it at once.")):
            await opened.again()
        else:
            show()

    editor.on_value_change(typed)
    controls.prove.on_click(lambda: run(replay_too=False))
    controls.replay.on_click(lambda: run(replay_too=True))
    controls.publish.on_click(live)
    show()
    ui.timer(0.0, lambda: _settle(editor, opened), once=True)


def _controls(visit: Visit) -> Controls:
    t = visit.t
    with ui.row().classes("w-full items-center gap-2"):
        prove = ui.button(t("Prove"), icon="rule").props("no-caps data-test=prove")
        replay = ui.button(t("Prove and replay calls"), icon="replay").props("outline no-caps data-test=replay")
        publish = ui.button(t("Publish"), icon="publish").props("no-caps data-test=publish-patch")
    place = ui.column().classes("w-full gap-2").props("aria-live=polite data-test=proof")
    return Controls(prove, replay, publish, place)


async def _tried_out(opened: Open, controls: Controls, *, replay_too: bool) -> None:
    visit, text = opened.visit, opened.text
    controls.prove.disable()
    controls.replay.disable()
    controls.told.clear()
    with controls.told, ui.row().classes("items-center gap-2"):
        ui.spinner()
        ui.label(visit.t("Learning what callers say …"))
    try:
        await tried(visit, _prove(opened, text, replay=replay_too))
    finally:
        controls.prove.enable()
        controls.replay.enable()
        controls.told.clear()
    with controls.told:
        proof(visit, opened.found.get(text))


async def _settle(editor: ui.codemirror, opened: Open) -> None:
    """In the colours of the page, at the first line that is new."""
    if await ui.run_javascript('document.body.classList.contains("body--dark")', timeout=5.0):
        editor.theme = "vscodeDark"
    if lines := new_lines(opened.patch.before, opened.text):
        editor.reveal_line(lines[-1])


async def _prove(opened: Open, text: str, *, replay: bool) -> None:
    await opened.visit.look("trainer.prove", opened.flow, replay=replay)
    opened.found[text] = await opened.room.bench.proved(opened.flow, opened.patch.file, text, replay=replay)


async def _publish(opened: Open) -> None:
    """Into the folder and live; where it cannot go live, the folder gets back what it had.

    Raises:
        NotNow: it was not proved as it stands, or somebody else has changed the file meanwhile.
        IvrError: it cannot be published, and why.
    """
    visit, workshop = opened.visit, opened.visit.house.workshop
    await visit.needs("flows.publish")
    if not opened.is_proved:
        raise NotNow(visit.t("Prove it first, as it stands now."))
    draft = await workshop.draft(opened.flow)
    if draft.texts.get(opened.patch.file) != opened.patch.before:
        raise NotNow(visit.t("Somebody else has changed the file; write the patch again."))
    patched = Draft(draft.flow, {**draft.texts, opened.patch.file: opened.text})
    note = f"trainer desk: {opened.label} {opened.name}"
    await workshop.save(draft, patched, visit.by)
    try:
        await workshop.publish(opened.flow, visit.noted(note), "draft", untested=False)
    except IvrError:
        await workshop.save(patched, draft, visit.by)
        raise
    await visit.look("trainer.publish", opened.flow, items=len(opened.items), label=opened.label, name=opened.name)
    await opened.room.items.change(
        opened.items, status="deployed", label=opened.label, label_name=opened.name, owner=visit.user.name
    )  # fmt: skip
