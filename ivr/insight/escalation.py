"""Pure: why a caller went on to a person: the first reason that fits (domain.md 2.10.4)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "system",
    "policy_human_only",
    "direct_request",
    "misrecognized",
    "answer_not_solving",
    "emotion",
    "effort",
    "unknown",
]
SUBCODES: dict[Code, tuple[str, ...]] = {
    "system": ("asr_down", "backend_error", "timeout"),
    "policy_human_only": (
        "emergency", "fraud_denied", "complaint", "not_public", "needs_negotiation", "staff_operation", "vip",
    ),
    "direct_request": ("before_need", "after_greeting", "habitual"),
    "misrecognized": (
        "asr_error", "nlu_wrong_intent", "no_match", "multi_intent", "out_of_vocabulary", "noise_or_dialect",
    ),
    "answer_not_solving": (
        "incomplete", "outdated", "too_generic", "not_understood", "cannot_act", "disagrees_with_policy", "distrust",
    ),
    "emotion": ("amber", "red"),
    "effort": ("too_long", "too_many_steps"),
    "unknown": (),
}  # fmt: skip
"""Every code with its subcodes; some only a person can tell apart, when labelling."""

TURNS_LOOKED_BACK = 2
HABITUAL_OF_LAST_THREE = 2
TOO_MANY_TURNS = 2.0


@dataclass(frozen=True, slots=True)
class BeforeHandoff:
    """What had happened when the caller went on to a person."""

    system_error: str = ""
    """A subcode of `system`, if there was an error event."""

    policy: str = ""
    """A subcode of `policy_human_only`, if the step says that a person must do it."""

    need_stated: bool = True
    turns: int = 0
    """Of the caller, the request included."""

    direct_requests_in_last_three: int = 0
    """Of the customer's last three contacts."""

    no_match_turns: tuple[int, ...] = ()
    """Numbers of the turns (from 1) without a match."""

    rejected_turns: tuple[int, ...] = ()
    """Numbers of the turns where the caller said "no" to what we had understood."""

    answered: bool = False
    """An answer was played before the request or the rephrasing."""

    mood: Literal["none", "amber", "red"] = "none"
    median_turns: float | None = None
    """Of the intent; None: not known."""

    seconds: float = 0.0
    median_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    code: Code
    subcode: str = ""


def why_escalated(before: BeforeHandoff) -> Reason:
    """The first rule that fits, in the order of the taxonomy."""
    if before.system_error:
        return Reason("system", before.system_error)
    if before.policy:
        return Reason("policy_human_only", before.policy)
    if not before.need_stated:
        return Reason("direct_request", _direct(before))
    if before.turns and _lately(before, before.rejected_turns):
        return Reason("misrecognized", "nlu_wrong_intent")
    if before.turns and _lately(before, before.no_match_turns):
        return Reason("misrecognized", "no_match")
    if before.answered:
        return Reason("answer_not_solving")
    if before.mood != "none":
        return Reason("emotion", before.mood)
    return _effort(before)


def _direct(before: BeforeHandoff) -> str:
    if before.direct_requests_in_last_three >= HABITUAL_OF_LAST_THREE:
        return "habitual"
    return "after_greeting" if before.turns <= 1 else "before_need"


def _lately(before: BeforeHandoff, turns: tuple[int, ...]) -> bool:
    return any(turn >= before.turns - TURNS_LOOKED_BACK for turn in turns)


def _effort(before: BeforeHandoff) -> Reason:
    if before.median_turns is not None and before.turns > TOO_MANY_TURNS * before.median_turns:
        return Reason("effort", "too_many_steps")
    if before.median_seconds is not None and before.seconds > TOO_MANY_TURNS * before.median_seconds:
        return Reason("effort", "too_long")
    return Reason("unknown")


def pareto(reasons: Iterable[tuple[str, int]]) -> list[tuple[str, int, float]]:
    """(code, how often, cumulative share), most frequent first; contacts without a reason are left out.

    Args:
        reasons: code and how often; the same one may come several times.
    """
    counts: Counter[str] = Counter()
    for reason, count in reasons:
        counts[reason] += count if reason else 0
    everything, so_far, found = sum(counts.values()), 0, []
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if count:
            so_far += count
            found.append((code, count, so_far / everything))
    return found


def agreement(ours: Mapping[str, str], labelled: Mapping[str, str]) -> float | None:
    """Share of contacts that a person labelled with our code; the goal is 0.8. None: nothing labelled."""
    both = [contact for contact in labelled if contact in ours]
    return sum(ours[contact] == labelled[contact] for contact in both) / len(both) if both else None
