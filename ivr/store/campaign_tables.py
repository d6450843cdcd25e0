"""The tables of calls we make: events, cases, attempts, stages of the ledger, refusals, consents, results on their way.

Customers' numbers and what a call is about stand here as plainly as in the records of calls; words of calls never do.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from ivr.store.tables import JsonText, SafeText, tables

campaign_events = Table(
    "campaign_events",
    tables,
    # The primary key is the promise: one event is one case, however often and wherever it arrives.
    Column("source", SafeText, primary_key=True),
    Column("event_id", SafeText, primary_key=True),
    Column("campaign", SafeText, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("case_id", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index(None, "case_id"),
)

campaign_cases = Table(
    "campaign_cases",
    tables,
    Column("case_id", SafeText, primary_key=True),
    Column("campaign", SafeText, nullable=False),
    Column("customer", SafeText, nullable=False),
    # Campaign and customer while the case is open, else NULL: one open case each, whoever writes.
    Column("open_key", SafeText, unique=True),
    Column("lane", String(16), nullable=False),
    Column("state", String(32), nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("priority", Float, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False),
    Column("next_at_ms", BigInteger),
    Column("next_phone", Integer, nullable=False),
    Column("alerts", JsonText, nullable=False),
    Column("result", JsonText, nullable=False),
    Index(None, "campaign", "received_at_ms"),
)

campaign_attempts = Table(
    "campaign_attempts",
    tables,
    Column("attempt_id", SafeText, primary_key=True),
    Column("case_id", ForeignKey("campaign_cases.case_id", ondelete="CASCADE"), nullable=False),
    Column("campaign", SafeText, nullable=False),
    Column("customer", SafeText, nullable=False),
    Column("number", Integer, nullable=False),
    Column("dialled", SafeText, nullable=False),
    Column("trunk", SafeText, nullable=False),
    Column("provider_id", SafeText, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("rule", SafeText, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("call_id", SafeText, nullable=False),
    Column("run", SafeText, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("times", JsonText, nullable=False),
    Index(None, "case_id"),
    Index(None, "dialled", "created_at_ms"),
    Index(None, "customer", "created_at_ms"),
    Index(None, "campaign", "created_at_ms"),
)
"""Written before the carrier is asked to dial."""

campaign_stages = Table(
    "campaign_stages",
    tables,
    Column("case_id", ForeignKey("campaign_cases.case_id", ondelete="CASCADE"), primary_key=True),
    Column("stage", String(32), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)
"""The ledger: when each stage of a case was first reached."""

do_not_call = Table(
    "do_not_call",
    tables,
    Column("party", SafeText, primary_key=True),
    Column("purpose", SafeText, primary_key=True),
    Column("reason", SafeText, nullable=False),
    Column("source", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
"""Who does not want to be called, by number or by customer. Looked at whenever somebody is about to be dialled."""

consents = Table(
    "consents",
    tables,
    Column("party", SafeText, primary_key=True),
    Column("purpose", SafeText, primary_key=True),
    Column("channel", SafeText, nullable=False),
    Column("source", SafeText, nullable=False),
    Column("evidence", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
)

campaign_letters = Table(
    "campaign_letters",
    tables,
    Column("letter_id", SafeText, primary_key=True),
    Column("case_id", ForeignKey("campaign_cases.case_id", ondelete="CASCADE"), nullable=False),
    Column("campaign", SafeText, nullable=False),
    Column("body", SafeText, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("next_at_ms", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("delivered_at_ms", BigInteger),
    Column("trouble", SafeText, nullable=False),
    Index(None, "next_at_ms"),
    Index(None, "case_id"),
)
"""Results for the customer's systems, written with what they tell of; `next_at_ms` NULL: delivered or given up."""

campaign_states = Table(
    "campaign_states",
    tables,
    Column("campaign", SafeText, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)
