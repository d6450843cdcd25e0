"""Pure: which columns hold something of a caller, and what an erasure makes of each (domain.md 2.11).

Every column of text stands here, in `FATES` or in `OURS`: a test fails for one that does not, and plants a caller into
every column of `FATES` to see that nothing of them is left. Who adds a table says here what becomes of it.
"""

from collections.abc import Mapping
from typing import Literal

Fate = Literal["cleared", "pseudonym", "row_goes", "figures_stay", "stays"]
"""cleared: empty afterwards. pseudonym: one name for all of one erasure. row_goes: the row is deleted. figures_stay:
what is on a scale stays. stays: kept on purpose, and the certificate says so."""

FATES: Mapping[str, Mapping[str, Fate]] = {
    "calls": {
        "caller": "pseudonym", "called": "pseudonym", "provider_ids": "cleared", "notes": "cleared",
        "recording": "cleared",
    },
    "turns": {"heard": "cleared", "keys": "cleared", "said": "cleared"},
    "journal": {"event": "row_goes"},
    "survey_answers": {"value": "figures_stay"},
    "surveys": {"answers": "figures_stay"},
    "messages": {"name": "row_goes", "transcript": "row_goes", "path": "row_goes"},
    "agent_notes": {"text": "cleared"},
    "queue_entries": {"caller": "row_goes", "callback_number": "row_goes", "reason": "row_goes"},
    "contacts": {"customer": "pseudonym", "facts": "figures_stay"},
    "trainer_items": {"text": "row_goes"},
    "topic_alerts": {"facts": "figures_stay"},
    "answer_verdicts": {"note": "cleared"},
    "recovery_cases": {"customer": "pseudonym", "remedy": "cleared"},
    "survey_asked": {"customer": "row_goes"},
    "customer_values": {"customer": "row_goes", "source": "row_goes", "override_reason": "row_goes"},
    "customer_scores": {"customer": "row_goes"},
    "campaign_cases": {"customer": "pseudonym", "open_key": "cleared", "alerts": "figures_stay", "result": "cleared"},
    "campaign_attempts": {"customer": "pseudonym", "dialled": "pseudonym", "provider_id": "cleared"},
    "campaign_letters": {"body": "cleared"},
    "webhook_outbox": {"body": "row_goes"},
    "erasures_due": {"number": "row_goes", "customer": "row_goes", "reason": "row_goes"},
    "do_not_call": {"party": "stays", "reason": "stays"},
    "consents": {"party": "stays", "evidence": "stays"},
    "legal_holds": {"subject": "stays", "reason": "stays"},
}  # fmt: skip

OURS: Mapping[str, frozenset[str]] = {
    "calls": frozenset({
        "call_id", "node", "leg_kind", "direction", "flow", "flow_version", "language", "end_reason", "disconnect_by",
        "handled_by", "outcome", "escalation_reason", "path", "stats",
    }),
    "turns": frozenset({"call_id", "step", "intent", "latency", "engine"}),
    "journal": frozenset({"call_id"}),
    "survey_answers": frozenset({"call_id", "name"}),
    "surveys": frozenset({"call_id", "status", "reason", "version"}),
    "messages": frozenset({"message_id", "call_id"}),
    "agent_notes": frozenset({"call_id", "agent", "queue", "disposition"}),
    "queue_entries": frozenset({"entry_id", "call_id", "queue", "tier", "language", "skills", "avoid"}),
    "queue_events": frozenset({"name", "entry_id", "queue", "agent", "offer_id", "carries"}),
    "contacts": frozenset({
        "contact_id", "issue_family", "direction", "flow", "topic", "intent", "reason", "subcode",
    }),
    "contact_counts": frozenset({
        "contact_id", "flow", "flow_version", "language", "direction", "intent", "topic", "agent", "queue",
    }),
    # Sums of all who called in a quarter hour; what they add up says nothing of who it was.
    "rollups": frozenset({"cube", "flow", "key"}),
    "agent_hours": frozenset({"agent_id"}),
    "trainer_items": frozenset({
        "item_id", "call_id", "flow", "language", "source", "step", "intent", "status", "label", "label_name", "owner",
    }),
    "topic_alerts": frozenset({"alert_id", "topic"}),
    "answer_verdicts": frozenset({"contact_id", "week", "verdict", "topic", "who"}),
    "insight_marks": frozenset({"name", "value"}),
    "judgements": frozenset({"call_id", "basis", "band", "segment", "flags", "version"}),
    "recovery_cases": frozenset({
        "case_id", "call_id", "reasons", "owner", "agent", "tier", "state", "root_cause", "outcome",
    }),
    "survey_campaigns": frozenset({"campaign", "day"}),
    "customer_values": frozenset({"tier", "override_tier"}),
    "customer_scores": frozenset({"tier", "model_version"}),
    # The id of an event is what keeps the same event from calling twice; its digest is a hash.
    "campaign_events": frozenset({"source", "event_id", "campaign", "digest", "case_id"}),
    "campaign_cases": frozenset({"case_id", "campaign", "lane", "state", "reason"}),
    "campaign_attempts": frozenset({
        "attempt_id", "case_id", "campaign", "trunk", "outcome", "rule", "call_id", "run", "times",
    }),
    "campaign_stages": frozenset({"case_id", "stage"}),
    "campaign_letters": frozenset({"letter_id", "case_id", "campaign", "trouble"}),
    "campaign_states": frozenset({"campaign", "state"}),
    "do_not_call": frozenset({"purpose", "source"}),
    "consents": frozenset({"purpose", "channel", "source"}),
    "webhook_outbox": frozenset({"delivery_id", "url"}),
    # The audit is never changed, so nothing of a caller may go in: numbers are shortened before.
    "audit": frozenset({"who", "action", "subject", "address", "detail", "previous", "hash"}),
    "audit_end": frozenset({"hash"}),
    "erasures": frozenset({"erasure_id", "who", "subject_hash", "certificate"}),
    "erasures_due": frozenset({"erasure_id"}),
    "legal_holds": frozenset({"who"}),
    "agent_changes": frozenset({"agent_id", "state", "reason"}),
}  # fmt: skip

OF_THE_HOUSE = frozenset(
    {"flow_versions", "flow_live", "flow_history", "agents", "agent_states", "users", "sessions", "login_failures"}
)
"""Tables of flows and of people who work here; no caller is ever in them."""
