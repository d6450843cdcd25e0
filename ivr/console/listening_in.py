"""One click from the console into a talk: listen, whisper to the agent, join. The page that opens has the sound."""

from functools import partial

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.parts import tried
from ivr.model.errors import NotNow

MODES = (("monitor", "hearing", "Listen in"), ("whisper", "record_voice_over", "Whisper to the agent"),
         ("barge", "groups", "Join the call"))  # fmt: skip


def is_talking(visit: Visit, call_id: str) -> bool:
    """The caller talks with an agent."""
    entries = visit.house.routing.centre.floor.entries.values()
    return any(one.call_id == call_id and one.state == "connected" for one in entries)


def supervise_buttons(visit: Visit, call_id: str) -> None:
    """For who may; nothing for others."""
    if not visit.may("live.join"):
        return
    for mode, icon, words in MODES:
        button = ui.button(icon=icon, on_click=partial(_supervise, visit, call_id, mode)).tooltip(visit.t(words))
        button.props(f'flat dense round data-test=supervise-{mode} aria-label="{visit.t(words)}"')


async def _supervise(visit: Visit, call_id: str, mode: str) -> None:
    async def begin() -> None:
        await visit.needs("live.join")
        if visit.house.supervise is None:
            raise NotNow(visit.t("This server cannot put you into a call: open the desk first."))
        await visit.look(f"call.{mode}", call_id)
        if address := await visit.house.supervise(call_id, mode, visit.user.name):
            ui.navigate.to(address, new_tab=True)

    await tried(visit, begin())
