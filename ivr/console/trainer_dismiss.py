"""A heap that is none of the bot's business: put away with the reason, which stays in the audit."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.parts import Act, tried
from ivr.console.rooms import TrainerRoom
from ivr.model.insight import Label

REASONS: Mapping[Label, str] = {
    "ignore": "No question at all: noise, small talk",
    "asr_lexicon": "Misheard: the words are wrong",
    "policy": "A person must answer this",
}
"""By label of domain.md 2.10.3."""


async def dismiss(visit: Visit, room: TrainerRoom, flow: str, ids: Sequence[str], label: Label, why: str) -> None:
    """Raises StoreError: it could not be written."""
    await visit.needs("flows.publish")
    await visit.look("trainer.ignore", flow, items=len(ids), label=label, reason=why)
    await room.items.change(ids, status="ignored", label=label)


def ask_dismissal(visit: Visit, room: TrainerRoom, flow: str, ids: Sequence[str], again: Act) -> None:
    t = visit.t
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-[28rem] max-w-full gap-3"):
        ui.label(t("Why is nothing to be done?")).classes("text-lg font-semibold")
        label = ui.radio({key: t(words) for key, words in REASONS.items()}, value="ignore").props("data-test=why")
        why = ui.input(t("In your words, for the audit; no words of callers")).classes("w-full")
        why.props("autofocus maxlength=200 data-test=dismiss-reason")

        async def go() -> None:
            await dismiss(visit, room, flow, ids, label.value, str(why.value or "").strip())
            dialog.close()
            await again()

        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat no-caps")
            done = ui.button(t("Dismiss"), on_click=lambda: tried(visit, go(), t("Dismissed.")))
            done.props("no-caps data-test=dismiss-now")
    dialog.on("hide", dialog.delete)
