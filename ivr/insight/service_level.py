"""Pure: service level in each way it is counted; the same day can read 96 % or 80 % (domain.md 2.3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ivr.insight.visits import FLOW_OUT
from ivr.model.contacts import Contact, QueueVisit

Mode = Literal["standard", "genesys", "asterisk_sl", "asterisk_sl2", "strict"]
MODES: tuple[Mode, ...] = ("standard", "genesys", "asterisk_sl", "asterisk_sl2", "strict")

FORMULAS: dict[Mode, str] = {
    "standard": "answered within T / (answered + abandoned - short_abandoned)",
    "genesys": "answered within T / (answered + abandoned [+ flow_out] [- short_abandoned] [- abandoned])",
    "asterisk_sl": "answered within T / answered",
    "asterisk_sl2": "(answered within T + abandoned within T) / (answered + abandoned)",
    "strict": "answered within T / offered",
}


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """How it is counted. The switches belong to `genesys`."""

    mode: Mode = "standard"
    within: float = 20.0
    """T, seconds (domain.md App. A)."""

    short_abandon: float = 5.0
    with_flow_out: bool = False
    without_short_abandoned: bool = False
    without_abandoned: bool = False

    def numerator(self, contact: Contact) -> float:
        return sum(self._good(visit) for visit in contact.visits)

    def denominator(self, contact: Contact) -> float:
        return sum(self._counts(visit) for visit in contact.visits)

    def _good(self, visit: QueueVisit) -> bool:
        good = visit.outcome == "connected" or (self.mode == "asterisk_sl2" and visit.outcome == "abandoned")
        return good and visit.wait <= self.within

    def _counts(self, visit: QueueVisit) -> bool:
        if visit.outcome == "connected" or self.mode == "strict":
            return True
        if visit.outcome == "abandoned":
            return self._abandoned_counts(visit.wait < self.short_abandon)
        return self.mode == "genesys" and self.with_flow_out and visit.outcome in FLOW_OUT

    def _abandoned_counts(self, short: bool) -> bool:
        match self.mode:
            case "standard":
                return not short
            case "genesys":
                return not self.without_abandoned and not (short and self.without_short_abandoned)
            case "asterisk_sl2":
                return True
            case _:
                return False


def service_level(contacts: Iterable[Contact], rule: ServiceLevel = ServiceLevel()) -> float | None:
    """Share, None where nothing counts."""
    known = list(contacts)
    below = sum(rule.denominator(contact) for contact in known)
    return sum(rule.numerator(contact) for contact in known) / below if below else None
