"""Tables of insight: contacts as reports read them, what agents did when, the trainer's items, topic alerts."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, String, Table, false

from ivr.store.tables import JsonText, SafeText, tables

contacts = Table(
    "contacts",
    tables,
    Column("contact_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("arrived_at_ms", BigInteger, nullable=False),
    Column("customer", SafeText, nullable=False),
    Column("issue_family", SafeText, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("first_contact", Boolean),
    Column("came_back_ms", BigInteger),
    Column("flow", SafeText, nullable=False),
    Column("topic", SafeText, nullable=False),
    Column("intent", SafeText, nullable=False, server_default=""),
    Column("reason", SafeText, nullable=False, server_default=""),
    Column("subcode", SafeText, nullable=False, server_default=""),
    Column("is_unrated", Boolean, nullable=False, server_default=false()),
    Column("facts", SafeText, nullable=False),
    # Each holds all that its reports read: the facts are wide, and reading past them is what takes long.
    Index(None, "arrived_at_ms", "topic"),
    Index(None, "reason", "arrived_at_ms", "flow", "intent", "subcode"),
    Index(None, "is_unrated", "arrived_at_ms", "flow", "topic", "contact_id"),
    Index(None, "customer", "issue_family", "arrived_at_ms"),
)
"""One row per ended call, made once (`ivr.insight.contacts_from`); goes with the call. `reason`, `subcode`: why the
caller went on to a person. `is_unrated`: the bot answered, and the caller did not say how they liked it."""

agent_changes = Table(
    "agent_changes",
    tables,
    Column("agent_id", SafeText, primary_key=True),
    Column("since_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(16), primary_key=True),
    Column("reason", SafeText, nullable=False),
    Index(None, "since_ms"),
)
"""What each agent began to do and when. Only ever added to."""

trainer_items = Table(
    "trainer_items",
    tables,
    Column("item_id", SafeText, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("flow", SafeText, nullable=False),
    Column("language", SafeText, nullable=False),
    Column("text", SafeText, nullable=False),
    Column("source", String(24), nullable=False),
    Column("step", SafeText, nullable=False),
    Column("intent", SafeText, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("transferred", Boolean, nullable=False),
    Column("status", String(24), nullable=False),
    Column("label", String(16), nullable=False),
    Column("label_name", SafeText, nullable=False),
    Column("owner", SafeText, nullable=False),
    Index(None, "flow", "status", "at_ms"),
    Index(None, "call_id"),
)

topic_alerts = Table(
    "topic_alerts",
    tables,
    Column("alert_id", SafeText, primary_key=True),
    Column("topic", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    Column("facts", SafeText, nullable=False),
    Index(None, "at_ms"),
)

insight_marks = Table(
    "insight_marks",
    tables,
    Column("name", String(32), primary_key=True),
    Column("value", JsonText, nullable=False),
)
"""How far the work has come: the last call that became a contact, the last hour looked at, the spikes open."""

answer_verdicts = Table(
    "answer_verdicts",
    tables,
    Column("contact_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("week", String(8), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("topic", SafeText, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", SafeText, nullable=False),
    Index(None, "week", "at_ms"),
)
"""What trainers think of answers nobody rated."""
