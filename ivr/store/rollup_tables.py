"""Tables of what reports add up: contacts as numbers, their sums by quarter hour and day, agents' time by hour.

Nothing here says who called; sums outlive the calls they were made of.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table

from ivr.store.tables import SafeText, tables

contact_counts = Table(
    "contact_counts",
    tables,
    Column("contact_id", ForeignKey("contacts.contact_id", ondelete="CASCADE"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("counted_at_ms", BigInteger, nullable=False),
    Column("flow", SafeText, nullable=False),
    Column("flow_version", SafeText, nullable=False),
    Column("language", SafeText, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("intent", SafeText, nullable=False),
    Column("topic", SafeText, nullable=False),
    Column("agent", SafeText, nullable=False),
    Column("queue", SafeText, nullable=False),
    Column("sums", LargeBinary, nullable=False),
    Column("spread", LargeBinary, nullable=False),
    Column("recount_at_ms", BigInteger),
    Index(None, "counted_at_ms"),
    Index(None, "agent", "counted_at_ms"),
    Index(None, "recount_at_ms"),
)
"""`ivr.model.counts.CountedContact`; goes with the contact."""

rollups = Table(
    "rollups",
    tables,
    Column("cube", String(16), primary_key=True),
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("begin_s", BigInteger, primary_key=True, autoincrement=False),
    Column("flow", SafeText, primary_key=True),
    Column("key", SafeText, primary_key=True),
    Column("sums", LargeBinary, nullable=False),
    Column("spread", LargeBinary, nullable=False),
    Index(None, "cube", "seconds", "key", "begin_s"),
)
"""`ivr.model.counts.Cell`, by cube (`ivr.insight.rollups`) and length."""

rollup_spans = Table(
    "rollup_spans",
    tables,
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("begin_s", BigInteger, primary_key=True, autoincrement=False),
    Column("touched", BigInteger, nullable=False),
    Column("is_added_up", Boolean, nullable=False),
    Index(None, "is_added_up", "begin_s"),
)
"""Quarter hours and days that have contacts. `touched` grows with each change, so that nobody calls added up what has
changed meanwhile."""

agent_hours = Table(
    "agent_hours",
    tables,
    Column("begin_s", BigInteger, primary_key=True, autoincrement=False),
    Column("agent_id", SafeText, primary_key=True),
    Column("talk", Float, nullable=False),
    Column("hold", Float, nullable=False),
    Column("wrap_up", Float, nullable=False),
    Column("ring", Float, nullable=False),
    Column("idle", Float, nullable=False),
    Column("away", Float, nullable=False),
)
"""Where each agent's time went, hour by hour (UTC)."""
