"""How a recovery case ends: cause, what was done for the customer, outcome, and their score of it, in one go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from nicegui import ui

from ivr.console.house import Visit
from ivr.model.recovery import CaseOutcome, RecoveryCase, RootCause
from ivr.surveys.recovery import closed, contacted, found_cause, remedied

CAUSES = {
    "": "not known", "agent": "the agent", "process": "our process", "product": "the product", "policy": "our policy",
    "expectation_mismatch": "they expected something else",
}  # fmt: skip
OUTCOMES = {
    "saved": "won back",
    "not_saved": "not won back",
    "unreachable": "not reached",
    "no_action": "nothing to do",
}
NOBODY_SPOKE = ("unreachable", "no_action")
"""Outcomes for which nobody has to have reached the customer."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What somebody wrote."""

    outcome: CaseOutcome
    cause: RootCause = ""
    remedy: str = ""
    score: int | None = None

    def of(self, case: RecoveryCase, now: datetime) -> RecoveryCase:
        """The case closed, with the steps before it that were left out.

        Raises:
            NotNow: cause or remedy are missing, or the score does not fit.
        """
        if case.contacted_at is None and self.outcome not in NOBODY_SPOKE:
            case = contacted(case, now)
        if self.cause and case.contacted_at is not None:
            case = found_cause(case, self.cause)
        if self.remedy and case.root_cause:
            case = remedied(case, self.remedy)
        return closed(case, self.outcome, now, self.score)


def ask_outcome(visit: Visit, close: Callable[[Callable[[RecoveryCase], RecoveryCase]], Awaitable[None]]) -> None:
    """A dialog; `close` gets what makes a closed case of an open one."""
    t = visit.t
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-[28rem] max-w-full gap-3"):
        ui.label(t("What came of it?")).classes("text-lg font-semibold")
        outcome = ui.select({key: t(words) for key, words in OUTCOMES.items()}, value="saved", label=t("Outcome"))
        cause = ui.select({key: t(words) for key, words in CAUSES.items()}, value="", label=t("Cause"))
        remedy = ui.input(t("What was done for them")).props("maxlength=2000 data-test=remedy")
        score = ui.select({0: "–", **{one: str(one) for one in range(1, 6)}}, value=0, label=t("Their score now"))
        for each, name in ((outcome, "outcome"), (cause, "cause"), (remedy, "remedy"), (score, "score")):
            each.classes("w-full").props(f"data-test={name}")

        async def go() -> None:
            chosen = next(one for one in get_args(CaseOutcome) if one == outcome.value)
            because = next(one for one in get_args(RootCause) if one == cause.value)
            ending = Ending(chosen, because, str(remedy.value or "").strip(), int(score.value) or None)
            dialog.close()
            await close(lambda case: ending.of(case, visit.house.utc()))

        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat no-caps")
            ui.button(t("Close the case"), on_click=go).props("no-caps data-test=close-now")
    dialog.on("hide", dialog.delete)
