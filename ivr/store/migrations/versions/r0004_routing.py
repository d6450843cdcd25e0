"""Agents, who waits in queues, and what happened there."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "routing"
down_revision = "accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _agents()
    op.create_table(
        "queue_entries",
        sa.Column("entry_id", SafeText(), nullable=False),
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("queue", SafeText(), nullable=False),
        sa.Column("caller", SafeText(), nullable=False),
        sa.Column("enqueued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("tier", SafeText(), nullable=False),
        sa.Column("language", SafeText(), nullable=False),
        sa.Column("skills", JsonText(), nullable=False),
        sa.Column("avoid", JsonText(), nullable=False),
        sa.Column("callback_number", SafeText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_queue_entries")),
    )
    op.create_table(
        "queue_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("entry_id", SafeText(), nullable=False),
        sa.Column("queue", SafeText(), nullable=False),
        sa.Column("agent", SafeText(), nullable=False),
        sa.Column("offer_id", SafeText(), nullable=False),
        sa.Column("carries", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_events")),
    )
    op.create_index(op.f("ix_queue_events_at_ms"), "queue_events", ["at_ms"], unique=False)
    op.create_index(op.f("ix_queue_events_entry_id"), "queue_events", ["entry_id"], unique=False)


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("agent_id", SafeText(), nullable=False),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("skills", JsonText(), nullable=False),
        sa.Column("queues", JsonText(), nullable=False),
        sa.Column("phone", SafeText(), nullable=False),
        sa.Column("tier_level", sa.Integer(), nullable=False),
        sa.Column("tier_position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("one_shot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agents")),
    )
    op.create_table(
        "agent_states",
        sa.Column("agent_id", SafeText(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("calls_today", sa.Integer(), nullable=False),
        sa.Column("talk_today", sa.Float(), nullable=False),
        sa.Column("logged_in_today", sa.Float(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_states")),
    )


def downgrade() -> None:
    for table in ("queue_events", "queue_entries", "agent_states", "agents"):
        op.drop_table(table)
