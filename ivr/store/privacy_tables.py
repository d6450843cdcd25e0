"""The tables of the right to be forgotten: what was erased and for whom, and what must not be."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from ivr.store.tables import JsonText, SafeText, tables

erasures = Table(
    "erasures",
    tables,
    Column("erasure_id", String(32), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("subject_hash", String(64), nullable=False),
    Column("certificate", JsonText, nullable=False),
    Index(None, "subject_hash"),
    Index(None, "at_ms"),
)
"""Tombstones: that somebody was forgotten, by a keyed hash of their number, and its certificate. Never changed."""

erasures_due = Table(
    "erasures_due",
    tables,
    Column("erasure_id", String(32), primary_key=True),
    Column("number", SafeText, nullable=False),
    Column("customer", SafeText, nullable=False),
    Column("reason", SafeText, nullable=False),
)
"""Who must be erased once more when what goes on with them is over; the row goes with it."""

legal_holds = Table(
    "legal_holds",
    tables,
    Column("subject", SafeText, primary_key=True),
    Column("reason", SafeText, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
"""Calls (by id) and callers (by number) of whom nothing may be deleted, and why."""
