"""The tables of what follows a call: how it is judged, the cases that make up for it, and what customers are worth."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from ivr.store.tables import JsonText, SafeText, tables

judgements = Table(
    "judgements",
    tables,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("value", Float),
    Column("explicit", Float),
    Column("implicit", Float),
    Column("basis", String(24), nullable=False),
    Column("known", Float, nullable=False),
    Column("band", String(16), nullable=False),
    Column("segment", String(32), nullable=False),
    Column("effort", Float, nullable=False),
    Column("flags", JsonText, nullable=False),
    Column("version", String(16), nullable=False),
    Index(None, "at_ms"),
    Index(None, "segment", "at_ms", "call_id"),
)
"""The satisfaction index of each call (domain.md 2.5). Without a row the call has not been judged yet."""

recovery_cases = Table(
    "recovery_cases",
    tables,
    Column("case_id", SafeText, primary_key=True),
    # Not tied to the call: a case outlives the retention of what was said in it.
    Column("call_id", SafeText, nullable=False),
    Column("customer", SafeText, nullable=False),
    Column("reasons", JsonText, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Column("owner", SafeText, nullable=False),
    Column("agent", SafeText, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("contacted_at_ms", BigInteger),
    Column("root_cause", String(24), nullable=False),
    Column("remedy", SafeText, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("loop_score", Integer),
    Column("closed_at_ms", BigInteger),
    Column("escalations", Integer, nullable=False),
    Column("escalated_at_ms", BigInteger),
    Index(None, "state", "due_at_ms"),
    Index(None, "opened_at_ms", "case_id"),
    Index(None, "call_id"),
)

survey_asked = Table(
    "survey_asked",
    tables,
    Column("customer", SafeText, primary_key=True),
    Column("any_at_ms", BigInteger, nullable=False),
    Column("nps_at_ms", BigInteger),
)
"""When each customer was last asked; for the rules of fatigue."""

survey_campaigns = Table(
    "survey_campaigns",
    tables,
    Column("campaign", SafeText, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("asked", Integer, nullable=False),
)

customer_values = Table(
    "customer_values",
    tables,
    Column("customer", SafeText, primary_key=True),
    Column("recency_days", Float),
    Column("frequency", Float),
    Column("money", Float),
    Column("potential", Float),
    Column("referrals", Float),
    Column("source", SafeText, nullable=False),
    Column("value", Float),
    Column("confidence", Float, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("below", Integer, nullable=False),
    Column("override_tier", String(16), nullable=False),
    Column("override_reason", SafeText, nullable=False),
    Column("override_until_ms", BigInteger),
    Column("is_active", Boolean, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Index(None, "tier"),
)
"""What a customer is worth, from observed facts with their source (domain.md 2.7)."""

customer_scores = Table(
    "customer_scores",
    tables,
    Column("customer", ForeignKey("customer_values.customer", ondelete="CASCADE"), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Float, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("model_version", String(16), nullable=False),
)
"""Every score there was; only ever added to."""
