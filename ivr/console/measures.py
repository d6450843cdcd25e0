"""Metrics in the visitor's language: what they are called, how they are counted, and the groups they are told by."""

from ivr.console.house import Visit
from ivr.insight.formulas import CHINESE
from ivr.insight.reports import ALL

MODES = {"standard": "标准", "strict": "严格", "genesys": "Genesys", "asterisk_sl": "Asterisk SL",
         "asterisk_sl2": "Asterisk SL2"}  # fmt: skip
"""Ways to count the service level."""


def named(visit: Visit, name: str) -> str:
    """What a metric is called."""
    if visit.language != "zh":
        return ALL[name].english.replace("_", " ")
    words, _, mode = ALL[name].chinese.partition("(")
    return f"{words}({MODES[mode[:-1]]})" if mode[:-1] in MODES else ALL[name].chinese


def formula(visit: Visit, name: str) -> str:
    """Numerator and denominator in words."""
    return CHINESE[name] if visit.language == "zh" else ALL[name].formula.replace("_", " ")


def grouped(visit: Visit, by: str, key: str) -> str:
    """What a group of a report (`ivr.insight.reports.By`) is called: intents as flows name them, queues in words."""
    match by:
        case _ if not key:
            return visit.t("none")
        case "intent" | "topic":
            return visit.topic(key)
        case "queue" | "language" | "direction":
            return visit.code(key)
        case "hour":
            return f"{int(key):02}:00" if key.isdigit() else key
        case _:
            return key
