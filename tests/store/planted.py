"""A caller in every table: one row each, with their number, their customer id or their words wherever something of a
caller may stand (`ivr.store.personal.FATES`)."""

import json
from typing import Any

from ivr.store.rows import to_ms
from tests.store.samples import NOON

NUMBER, CUSTOMER, WORDS = "+8613800000009", "C-77", "my zebra limps"
AT = to_ms(NOON)
FACTS = {"contact": {"contact_id": "p1", "arrived_at": NOON.isoformat(), "customer": CUSTOMER,
                     "survey": {"status": "completed", "answers": {"csat": "2", "comment": WORDS}}}}  # fmt: skip
CARD = {"topic": "vet", "utterances": [WORDS, "what does a visit cost"]}
ALERT = {"source": "crm", "event_id": "e1", "customer": CUSTOMER, "phones": [{"e164": NUMBER}],
         "occurred_at": NOON.isoformat(), "items": [{"what": WORDS}], "facts": {"name": WORDS}}  # fmt: skip


def outbound_call() -> dict[str, Any]:
    """The other way round: we called them."""
    ours = {"call_id": "p3", "caller": "+15555550100", "called": NUMBER, "direction": "outbound", "recording": ""}
    return rows()["calls"] | ours


def rows(ended_at_ms: int | None = AT + 60_000) -> dict[str, dict[str, Any]]:
    """By table, in an order in which they can be written."""
    return {
        "calls": {
            "call_id": "p1", "node": "main", "leg_kind": "sip", "provider_ids": {"sip": f"{WORDS}@carrier"},
            "caller": NUMBER, "called": "+15555550100", "direction": "inbound", "flow": "vet/hotline",
            "flow_version": "v1", "language": "en", "arrived_at_ms": AT, "answered_at_ms": AT,
            "ended_at_ms": ended_at_ms, "end_reason": "", "disconnect_by": "customer", "handled_by": "bot",
            "outcome": "", "escalation_reason": "", "path": [], "notes": {"customer": CUSTOMER, "animal": WORDS},
            "recording": f"2026/{WORDS}.wav", "stats": {},
        },
        "turns": {
            "call_id": "p1", "number": 1, "step": "a", "heard": WORDS, "confidence": 1.0, "keys": WORDS, "intent": "",
            "intent_confidence": 0.0, "said": [WORDS], "began_at": 0.0, "ended_at": 1.0, "latency": {},
            "interrupted": False, "no_match": False, "engine": "",
        },
        "journal": {"call_id": "p1", "seq": 1, "at": 1.0, "event": {"kind": "heard", "text": WORDS}},
        "survey_answers": {"call_id": "p1", "name": "comment", "value": WORDS, "kept_at_ms": AT},
        "surveys": {"call_id": "p1", "status": "completed", "reason": "", "answers": {"csat": "2", "comment": WORDS},
                    "version": ""},
        "messages": {"message_id": "p1-1", "call_id": "p1", "name": WORDS, "at_ms": AT, "seconds": 1.0,
                     "transcript": WORDS, "path": f"2026/{WORDS}.wav"},
        "agent_notes": {"call_id": "p1", "agent": "ann", "queue": "q", "disposition": "", "text": WORDS, "at_ms": AT},
        "queue_entries": {
            "entry_id": "p1.1", "call_id": "p1", "queue": "q", "caller": NUMBER, "enqueued_at_ms": AT, "priority": 0,
            "emergency": False, "tier": "", "language": "en", "skills": [], "avoid": [], "callback_number": NUMBER,
            "attempts": 0, "reason": WORDS,
        },
        "contacts": {
            "contact_id": "p1", "arrived_at_ms": AT, "customer": CUSTOMER, "issue_family": "", "direction": "inbound",
            "flow": "vet/hotline", "topic": "vet", "facts": json.dumps(FACTS),
        },
        "trainer_items": {
            "item_id": "p1:1", "call_id": "p1", "at_ms": AT, "flow": "vet/hotline", "language": "en", "text": WORDS,
            "source": "no_match", "step": "a", "intent": "", "confidence": 0.0, "transferred": False, "status": "new",
            "label": "", "label_name": "", "owner": "",
        },
        "topic_alerts": {"alert_id": "vet@1", "topic": "vet", "at_ms": AT + 3_600_000, "facts": json.dumps(CARD)},
        "answer_verdicts": {"contact_id": "p1", "week": "2026-W47", "verdict": "wrong", "topic": "vet", "who": "tim",
                            "at_ms": AT, "note": WORDS},
        "recovery_cases": {
            "case_id": "r-p1", "call_id": "p1", "customer": CUSTOMER, "reasons": ["low_score"], "opened_at_ms": AT,
            "due_at_ms": AT, "owner": "bob", "agent": "ann", "tier": "standard", "state": "open", "root_cause": "",
            "remedy": WORDS, "outcome": "", "escalations": 0,
        },
        "survey_asked": {"customer": CUSTOMER, "any_at_ms": AT},
        "customer_values": {
            "customer": CUSTOMER, "source": WORDS, "confidence": 0.0, "tier": "vip", "below": 0, "override_tier": "",
            "override_reason": WORDS, "is_active": True, "changed_at_ms": AT,
        },
        "customer_scores": {"customer": CUSTOMER, "at_ms": AT, "value": 1.0, "tier": "vip", "model_version": "1"},
        "campaign_cases": {
            "case_id": "k1", "campaign": "vet", "customer": CUSTOMER, "open_key": f"vet\n{CUSTOMER}",
            "lane": "routine", "state": "completed", "reason": "", "priority": 0.0, "received_at_ms": AT,
            "next_phone": 0, "alerts": [ALERT], "result": {"said": WORDS},
        },
        "campaign_attempts": {
            "attempt_id": "k1-1", "case_id": "k1", "campaign": "vet", "customer": CUSTOMER, "number": 1,
            "dialled": NUMBER, "trunk": "", "provider_id": WORDS, "outcome": "human", "rule": "", "counts": True,
            "asked": 1, "call_id": "", "run": "", "created_at_ms": AT, "times": {},
        },
        "campaign_letters": {
            "letter_id": "l1", "case_id": "k1", "campaign": "vet", "body": json.dumps({"customer": CUSTOMER}),
            "created_at_ms": AT, "tries": 1, "trouble": "",
        },
        "webhook_outbox": {"delivery_id": "d1", "url": "https://crm", "body": json.dumps({"caller": NUMBER}),
                           "attempts": 0, "due_at_ms": AT},
        "erasures_due": {"erasure_id": "e1", "number": NUMBER, "customer": CUSTOMER, "reason": WORDS},
        "do_not_call": {"party": NUMBER, "purpose": "*", "reason": WORDS, "source": "call", "at_ms": AT},
        "consents": {"party": f"customer:{CUSTOMER}", "purpose": "survey", "channel": "voice", "source": "web",
                     "evidence": WORDS, "at_ms": AT},
        "legal_holds": {"subject": "+4930000000", "reason": "somebody else's", "who": "root", "at_ms": AT},
    }  # fmt: skip
