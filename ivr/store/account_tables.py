"""The tables of the people of the house: who they are, and that they are logged in."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from ivr.store.tables import SafeText, tables

users = Table(
    "users",
    tables,
    Column("name", SafeText, primary_key=True),
    Column("shown_as", SafeText, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
)
"""People of the house."""

sessions = Table(
    "sessions",
    tables,
    # Only the hash of the cookie is kept: who reads the database cannot act as anybody.
    Column("token_hash", String(64), primary_key=True),
    Column("name", ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("began_at_ms", BigInteger, nullable=False),
    Column("seen_at_ms", BigInteger, nullable=False),
    Column("address", SafeText, nullable=False),
    Index(None, "name"),
    Index(None, "seen_at_ms"),
)

login_failures = Table(
    "login_failures",
    tables,
    Column("name", SafeText, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Index(None, "last_ms"),
)
"""Wrong passwords in a row by name, of users and of names that nobody has: an answer must not tell them apart."""
