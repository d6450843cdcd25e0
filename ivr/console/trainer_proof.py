"""What came of a patch that was tried: findings of the flow check, conversations, and past calls held again."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ivr.console.house import Visit
from ivr.model.insight import Tried


def is_good(found: Tried) -> bool:
    """It may be published: no error, and every conversation goes as written."""
    return found.is_sound and found.failures is not None and not found.failures


def proof(visit: Visit, found: Tried | None) -> None:
    """None: it could not be tried; what went wrong was said."""
    if found is None:
        return
    t = visit.t
    _line(found.is_sound, t("The flow check finds no error.") if found.is_sound else t("The flow check finds errors."))
    for problem in found.problems[:10]:
        ui.label(problem).classes("text-sm font-mono break-words soft")
    if found.failures is not None:
        good = not found.failures
        _line(good, t("All conversations go as written.") if good else t("Some conversations go differently."))
        for line in found.failures[:20]:
            ui.label(line).classes("text-sm font-mono whitespace-pre-wrap break-words")
    if found.replay is not None:
        _replayed(visit, found.replay)
    elif found.not_replayed:
        _line(None, t("No calls were replayed: {why}", why=found.not_replayed))


def _replayed(visit: Visit, found: Mapping[str, Any]) -> None:
    t, calls = visit.t, int(found.get("calls", 0))
    before, after = int(found.get("contained_before", 0)), int(found.get("contained_after", 0))
    words = t("{n} past calls held again: the bot finished {before} of them before, {after} now.", n=calls,
              before=before, after=after)  # fmt: skip
    _line(after >= before, words)


def _line(good: bool | None, words: str) -> None:
    icon, colour = {True: ("check_circle", "positive"), False: ("cancel", "negative"), None: ("info", "grey-6")}[good]
    with ui.row().classes("items-center gap-2 no-wrap"):
        ui.icon(icon, color=colour, size="1.4rem").props("aria-hidden=true")
        ui.label(words).props(f"data-test={'proved' if good else 'not-proved'}")
