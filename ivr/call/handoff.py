"""Pure: everything the bot has learned, for the screen of the agent before they answer (domain.md 2.2.6)."""

from collections.abc import Sequence

from ivr.call.record import WITH_AGENT, CallLog
from ivr.model.calls import Turn
from ivr.model.commands import JoinQueue
from ivr.model.people import Handoff

LAST_TURNS = 3
SUMMARY_CHARACTERS = 280
"""domain.md 2.2.6, both."""

OPENED = ("customer", "tier", "authentication_level", "summary")
"""Facts with a place of their own."""


def handoff(log: CallLog, path: Sequence[str], request: JoinQueue) -> Handoff:
    """What `request` brings along, what was said last, what was tried. Keys of secret steps were hidden when they
    were logged, and a flow hands over no secret, so there is none in it."""
    facts = dict(request.facts)
    level = facts.get("authentication_level", "")
    return Handoff(
        call_id=log.record.call_id,
        caller=log.record.caller,
        language=request.language,
        queue=request.queue,
        reason=request.reason,
        intent=facts.get("intent", ""),
        facts={name: value for name, value in facts.items() if name not in OPENED},
        summary=_short(facts.get("summary", "")),
        last_turns=tuple(line for turn in log.turns[-LAST_TURNS:] for line in _lines(turn)),
        tried=tuple(dict.fromkeys(path)),
        customer=facts.get("customer", ""),
        tier=facts.get("tier", ""),
        authentication_level=int(level) if level.isdecimal() else 0,
        mood=log.mood,
        flow=log.record.flow,
    )


def _lines(turn: Turn) -> list[tuple[str, str]]:
    us = "agent" if turn.step == WITH_AGENT else "bot"
    theirs = [("caller", turn.heard or turn.keys)] if turn.heard or turn.keys else []
    return [*theirs, *([(us, " ".join(turn.said))] if turn.said else [])]


def _short(summary: str) -> str:
    return summary if len(summary) <= SUMMARY_CHARACTERS else summary[: SUMMARY_CHARACTERS - 1].rstrip() + "…"
