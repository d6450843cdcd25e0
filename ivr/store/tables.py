"""The tables: what is kept of a call. Times are whole milliseconds since 1970 UTC; JSON is kept as ASCII text."""

import json  # noqa: I001 - the long list below is kept short
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger, Boolean, Column, Dialect, Float, ForeignKey, Index, Integer, MetaData, String,
    Table, Text, TypeDecorator,
)  # fmt: skip

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a later migration can change it on either database."""


class SafeText(TypeDecorator[str]):
    """Text from outside. PostgreSQL refuses NUL, and UTF-8 refuses lone surrogates: both become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else safe(value)


def safe(text: str) -> str:
    """What `SafeText` keeps of a text."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class JsonText(TypeDecorator[Any]):
    """JSON as escaped ASCII text: unlike the databases' own JSON types it holds NUL, lone surrogates and NaN."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(_plain(value), separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value) if value else None


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


tables = MetaData(naming_convention=NAMES)

calls = Table(
    "calls",
    tables,
    Column("call_id", SafeText, primary_key=True),
    Column("node", SafeText, nullable=False),
    Column("leg_kind", String(16), nullable=False),
    Column("provider_ids", JsonText, nullable=False),
    Column("caller", SafeText, nullable=False),
    Column("called", SafeText, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("flow", SafeText, nullable=False),
    Column("flow_version", SafeText, nullable=False),
    Column("language", SafeText, nullable=False),
    Column("arrived_at_ms", BigInteger, nullable=False),
    Column("answered_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("end_reason", SafeText, nullable=False),
    Column("disconnect_by", String(16), nullable=False),
    Column("handled_by", String(16), nullable=False),
    Column("outcome", SafeText, nullable=False),
    Column("escalation_reason", SafeText, nullable=False),
    Column("path", JsonText, nullable=False),
    Column("notes", JsonText, nullable=False),
    Column("recording", SafeText, nullable=False),
    Column("stats", JsonText, nullable=False),
    Index(None, "arrived_at_ms", "call_id"),
    Index(None, "ended_at_ms", "call_id"),
    Index(None, "node", "ended_at_ms"),
    # Lists are filtered by one of these and read in order.
    Index(None, "flow", "arrived_at_ms", "call_id"),
    Index(None, "outcome", "arrived_at_ms", "call_id"),
    Index(None, "caller", "arrived_at_ms", "call_id"),
)

turns = Table(
    "turns",
    tables,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", SafeText, nullable=False),
    Column("heard", SafeText, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("keys", SafeText, nullable=False),
    Column("intent", SafeText, nullable=False),
    Column("intent_confidence", Float, nullable=False),
    Column("said", JsonText, nullable=False),
    Column("began_at", Float, nullable=False),
    Column("ended_at", Float, nullable=False),
    Column("answered_at", Float),
    Column("latency", JsonText, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("no_match", Boolean, nullable=False),
    Column("engine", SafeText, nullable=False),
)

journal = Table(
    "journal",
    tables,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("event", JsonText, nullable=False),
)

survey_answers = Table(
    "survey_answers",
    tables,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("name", SafeText, primary_key=True),
    Column("value", SafeText, nullable=False),
    Column("kept_at_ms", BigInteger, nullable=False),
)

surveys = Table(
    "surveys",
    tables,
    # The primary key is the promise: one survey record per call, never two.
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("answers", JsonText, nullable=False),
    Column("version", SafeText, nullable=False),
    # When the call came: lists of calls by their survey are read in this order, page by page.
    Column("arrived_at_ms", BigInteger, nullable=False, server_default="0"),
    Index(None, "status", "arrived_at_ms", "call_id"),
)

messages = Table(
    "messages",
    tables,
    Column("message_id", SafeText, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Column("name", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("transcript", SafeText, nullable=False),
    Column("path", SafeText, nullable=False),
    Index(None, "call_id"),
    Index(None, "at_ms", "message_id"),
)
"""What callers left to be listened to; its sound goes with the recordings."""

agent_notes = Table(
    "agent_notes",
    tables,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("agent", SafeText, primary_key=True),
    Column("queue", SafeText, nullable=False),
    Column("disposition", SafeText, nullable=False),
    Column("text", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    tables,
    # Numbered by the chain, not by the database, whose own counters leave gaps.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("action", SafeText, nullable=False),
    Column("subject", SafeText, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("detail", JsonText, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "subject"),
    Index(None, "at_ms"),
)
"""Who did and looked at what, chained (`ivr.model.audit`). Never changed, and not tied to the call: it outlives it."""

audit_end = Table(
    "audit_end",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the last entry of the audit. Whoever appends locks it first, so that the chain never forks."""

flow_versions = Table(
    "flow_versions",
    tables,
    Column("flow", SafeText, primary_key=True),
    Column("version", String(16), primary_key=True),
    Column("texts", JsonText, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", SafeText, nullable=False),
)
"""Published flows with all their files; a row is never changed."""

flow_live = Table(
    "flow_live",
    tables,
    Column("flow", SafeText, primary_key=True),
    Column("version", String(16), nullable=False),
    Column("previous", String(16), nullable=False),
    Column("canary_version", String(16), nullable=False),
    Column("canary_share", Float, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)
"""What new calls get. A flow without a row is served from the supervisors' folder."""

flow_history = Table(
    "flow_history",
    tables,
    Column("id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("flow", SafeText, nullable=False),
    Column("action", String(16), nullable=False),
    Column("version", String(16), nullable=False),
    Column("share", Float, nullable=False),
    Column("who", SafeText, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("note", SafeText, nullable=False),
    Index(None, "flow"),
)
"""Who made what live. Only ever added to; its highest id tells a server that something has changed."""

agents = Table(
    "agents",
    tables,
    Column("agent_id", SafeText, primary_key=True),
    Column("name", SafeText, nullable=False),
    Column("skills", JsonText, nullable=False),
    Column("queues", JsonText, nullable=False),
    Column("phone", SafeText, nullable=False),
    Column("tier_level", Integer, nullable=False),
    Column("tier_position", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("one_shot", Boolean, nullable=False),
)

agent_states = Table(
    "agent_states",
    tables,
    Column("agent_id", SafeText, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("calls_today", Integer, nullable=False),
    Column("talk_today", Float, nullable=False),
    Column("logged_in_today", Float, nullable=False),
    Column("day", String(10), nullable=False),
)
"""What each agent was doing and has done today, so that a restart does not begin the day again."""

queue_entries = Table(
    "queue_entries",
    tables,
    Column("entry_id", SafeText, primary_key=True),
    Column("call_id", SafeText, nullable=False),
    Column("queue", SafeText, nullable=False),
    Column("caller", SafeText, nullable=False),
    Column("enqueued_at_ms", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("tier", SafeText, nullable=False),
    Column("language", SafeText, nullable=False),
    Column("skills", JsonText, nullable=False),
    Column("avoid", JsonText, nullable=False),
    Column("callback_number", SafeText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", SafeText, nullable=False),
)
"""Who waits now. A row goes when the caller is answered or gone."""

queue_events = Table(
    "queue_events",
    tables,
    Column("id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("name", String(32), nullable=False),
    Column("entry_id", SafeText, nullable=False),
    Column("queue", SafeText, nullable=False),
    Column("agent", SafeText, nullable=False),
    Column("offer_id", SafeText, nullable=False),
    Column("carries", JsonText, nullable=False),
    Index(None, "at_ms"),
    Index(None, "entry_id"),
)
"""What happened in the queues (domain.md 2.1). Only ever added to; no numbers and no words of callers."""
