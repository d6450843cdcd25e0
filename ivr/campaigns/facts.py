"""Pure: what a flow knows of the case it calls for."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ivr.model.campaigns import Case

MOST_ITEMS = 5
"""More than five transactions nobody answers one by one (domain.md 4.3)."""


def facts_of(case: Case, attempt_id: str) -> dict[str, Any]:
    """Facts by name: what the events gave, `items` to ask about, `case4` to quote, and which attempt this is."""
    given: Mapping[str, str] = {name: value for alert in reversed(case.alerts) for name, value in alert.facts.items()}
    items = [{name: str(value) for name, value in _worded(item).items()} for item in case.items[:MOST_ITEMS]]
    return {
        "title": "", "surname": "", "rpc_check": "none", "rpc_answer": "", **given, "items": items,
        "case4": case4(case.case_id), "attempt": attempt_id, "case_id": case.case_id, "campaign": case.campaign,
    }  # fmt: skip


def case4(case_id: str) -> str:
    """Four digits to quote, the same for every call of a case."""
    return f"{int(hashlib.sha256(case_id.encode()).hexdigest(), 16) % 10000:04d}"


def _worded(item: Mapping[str, Any]) -> dict[str, Any]:
    """`amount` as prompts word money: `1280.00 CNY`, from `amount_minor` in hundredths."""
    minor = item.get("amount_minor")
    amount = f"{int(minor) / 100:.2f} {item.get('currency', '')}".strip() if minor is not None else ""
    return {"merchant": "", "last4": "", "time": "", "place": "", "risk": "", "txn_id": "", "amount": amount, **item}
