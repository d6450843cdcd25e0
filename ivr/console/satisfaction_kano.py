"""What features mean to callers (KANO), and how many customers each tier of value has."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from ivr.console import charts
from ivr.console.house import Visit
from ivr.console.parts import column, empty, table
from ivr.insight.kano import Feature
from ivr.web.survey_figures import kano_of

CLASSES: Mapping[str, str] = {
    "A": "attractive", "O": "one-dimensional", "M": "must-be", "I": "indifferent", "R": "reverse", "Q": "questionable",
    "": "no answers",
}  # fmt: skip
FAULTS: Mapping[str, str] = {
    "few_answers": "fewer than 30 answers", "questionable": "many contradict themselves",
    "reverse": "most do not want it",
}  # fmt: skip
TIERS: Mapping[str, str] = {"vip": charts.PURPLE, "gold": charts.ORANGE, "standard": charts.BLUE}


def kano_card(visit: Visit, answers: Sequence[Mapping[str, str]]) -> None:
    t = visit.t
    found = kano_of(answers)
    if not found:
        empty(t("No survey has asked about features; a survey flow does, with questions kano_<feature>."), "category")
        return
    names = (("feature", t("Feature")), ("class", t("Class")), ("better", t("Having it")), ("worse", t("Lacking it")),
             ("n", t("Answers")), ("faults", t("Careful")))  # fmt: skip
    rows = [_row(visit, name, one) for name, one in found.items()]
    table([column(*one) for one in names], rows, "feature").props("data-test=kano")


def _row(visit: Visit, name: str, one: Feature) -> dict[str, object]:
    t = visit.t
    category = t(CLASSES[one.category]) + (f" ({t('mixed')})" if one.is_mixed else "")
    return {
        "feature": name.replace("_", " "), "class": category,
        "better": "–" if one.better is None else f"{one.better:+.2f}",
        "worse": "–" if one.worse is None else f"{one.worse:+.2f}", "n": sum(one.counts.values()),
        "faults": ", ".join(t(FAULTS[fault]) for fault in sorted(one.faults)),
    }  # fmt: skip


def tiers_card(visit: Visit, found: Mapping[str, int]) -> None:
    t = visit.t
    if not found:
        empty(t("No customer is scored yet: PUT facts to /api/customers/{id}/value.", id="{id}"), "workspace_premium")
        return
    parts = [(f"{t(tier)} ({count:,})", float(count), TIERS.get(tier, charts.GREY)) for tier, count in found.items()]
    ui.echart(charts.ring(parts)).classes("h-56 w-full").props("role=img data-test=tiers")
