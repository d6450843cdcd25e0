"""Pure: what an entry of the audit means, in a sentence's worth of words."""

import json
from collections.abc import Mapping
from typing import Any

from ivr.console.words_codes import worded

DEEDS: Mapping[str, str] = {
    "agent.drop": "removed an agent",
    "agent.keep": "changed an agent",
    "agent.wrap_up": "ended an agent's wrap-up",
    "audit.list": "read the audit",
    "audit.verify": "verified the audit",
    "call.barge": "joined a live call",
    "call.dial": "read an attempt to call",
    "call.erase_recording": "deleted a recording",
    "call.handoff": "read what an agent was told about a call",
    "call.journal": "read what happened in a call",
    "call.monitor": "listened in on a live call",
    "call.notes": "wrote notes about a call",
    "call.play": "listened to a recording",
    "call.read": "read a call and its words",
    "call.recording": "fetched the sound of a recording",
    "call.transferred": "had a call transferred",
    "call.whisper": "whispered to an agent",
    "caller.erase": "erased a caller",
    "calls.list": "read the list of calls",
    "campaign.case": "read a case of a campaign",
    "campaign.cases": "read the cases of a campaign",
    "campaign.list": "read the campaigns",
    "campaign.paused": "paused a campaign",
    "campaign.read": "read a campaign",
    "campaign.running": "let a campaign run",
    "campaign.stopped": "stopped a campaign",
    "case.cancel": "cancelled a case",
    "customer.facts": "wrote facts about a customer",
    "customer.override": "set the tier of a customer",
    "customer.value": "read the value of a customer",
    "do_not_call.put": "forbade calls to somebody",
    "do_not_call.read": "read the do-not-call list",
    "do_not_call.remove": "allowed calls to somebody again",
    "erasure.read": "read how an erasure went",
    "flow.canary": "gave a flow to a share of calls",
    "flow.canary_off": "ended a canary",
    "flow.publish": "published a flow",
    "flow.rollback": "took a flow back",
    "flow.save": "saved a flow",
    "hold.lift": "lifted a legal hold",
    "hold.put": "put a legal hold",
    "holds.list": "read the legal holds",
    "insight.action": "noted what was done about a topic",
    "insight.escalated": "read calls that went on to a person",
    "insight.sample": "drew answers to judge",
    "insight.topics": "read what callers say about topics",
    "insight.verdict": "judged an answer",
    "live.watch": "watched live calls",
    "login": "logged in",
    "login.refused": "was refused at the log-in",
    "logout": "logged out",
    "message.audio": "fetched the sound of a message",
    "message.play": "listened to a message",
    "message.read": "read a message",
    "messages.list": "read the messages",
    "password.change": "chose a new password",
    "queue.entries": "looked at who waits",
    "queue.pull": "gave a caller to an agent",
    "queue.reprioritise": "moved a caller in the queue",
    "queue.why": "asked why a caller waits",
    "recovery_case.assign": "took a recovery case",
    "recovery_case.close": "closed a recovery case",
    "recovery_case.contact": "called an unhappy caller back",
    "recovery_case.escalate": "escalated a recovery case",
    "recovery_case.read": "read a recovery case",
    "recovery_cases.list": "read the recovery cases",
    "surveys.list": "read answers to surveys",
    "trainer.ignore": "dismissed questions of callers",
    "trainer.items": "read questions of callers",
    "trainer.patch": "wrote a proposal into a flow",
    "trainer.prove": "proved a proposal",
    "trainer.publish": "published a proposal",
    "user.add": "added a user",
    "user.change": "changed a user",
    "user.remove": "removed a user",
}
"""English words by action; an action that is not here is read as it is written."""

KINDS: Mapping[str, str] = {
    "": "everything",
    "call.": "calls and recordings",
    "message": "messages",
    "trainer.": "trainer desk",
    "flow.": "flows",
    "queue.": "queues",
    "campaign.": "campaigns",
    "do_not_call.": "do-not-call list",
    "user.": "users",
    "live.watch": "watched live calls",
    "login": "log-ins",
    "audit.": "the audit itself",
}
"""What can be chosen: the beginning of an action, and English words."""

DETAILS: Mapping[str, str] = {
    "reason": "reason", "role": "role", "items": "items", "label": "label", "name": "name", "verdict": "verdict",
    "note": "note", "agent": "agent", "priority": "priority", "share": "share", "version": "version",
    "replay": "replay", "is_active": "may log in",
}  # fmt: skip
"""English words by key of the details."""


CODED = frozenset({"role", "verdict", "label"})
"""Keys whose values are codes; other texts are somebody's own words."""


def detail_of(details: Mapping[str, Any], named: Mapping[str, str], language: str) -> str:
    """reason: complaint · role: trainer. `named`: what keys are called; others are read as they are written."""
    said = (
        f"{named.get(key, worded(key, language))}: {_value(key, value, language)}" for key, value in details.items()
    )
    return " · ".join(said)


def _value(key: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return worded("yes" if value else "no", language)
    if key in CODED:
        return worded(str(value), language)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
