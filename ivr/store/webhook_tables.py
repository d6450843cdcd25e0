"""The table of webhooks on their way; the others are in `ivr.store.tables`."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from ivr.store.tables import SafeText, tables

webhook_outbox = Table(
    "webhook_outbox",
    tables,
    Column("delivery_id", String(32), primary_key=True),
    Column("url", SafeText, nullable=False),
    Column("body", SafeText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Index(None, "due_at_ms"),
)
"""Webhooks that were not taken yet."""
