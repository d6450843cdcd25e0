"""Contacts as reports read them, what agents did when, the trainer's items, topic alerts."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "insight"
down_revision = "agent_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _contacts()
    _trainer()
    op.create_table(
        "agent_changes",
        sa.Column("agent_id", SafeText(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "since_ms", "state", name=op.f("pk_agent_changes")),
    )
    op.create_index(op.f("ix_agent_changes_since_ms"), "agent_changes", ["since_ms"], unique=False)
    op.create_table(
        "topic_alerts",
        sa.Column("alert_id", SafeText(), nullable=False),
        sa.Column("topic", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger()),
        sa.Column("facts", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_topic_alerts")),
    )
    op.create_index(op.f("ix_topic_alerts_at_ms"), "topic_alerts", ["at_ms"], unique=False)
    op.create_table(
        "insight_marks",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_insight_marks")),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", SafeText(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("issue_family", SafeText(), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("first_contact", sa.Boolean()),
        sa.Column("came_back_ms", sa.BigInteger()),
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("topic", SafeText(), nullable=False),
        sa.Column("facts", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["calls.call_id"], name=op.f("fk_contacts_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_arrived_at_ms_topic"), "contacts", ["arrived_at_ms", "topic"], unique=False)
    op.create_index(
        op.f("ix_contacts_customer_issue_family_arrived_at_ms"),
        "contacts",
        ["customer", "issue_family", "arrived_at_ms"],
        unique=False,
    )


def _trainer() -> None:
    op.create_table(
        "trainer_items",
        sa.Column("item_id", SafeText(), nullable=False),
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("language", SafeText(), nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("step", SafeText(), nullable=False),
        sa.Column("intent", SafeText(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("transferred", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("label_name", SafeText(), nullable=False),
        sa.Column("owner", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f("fk_trainer_items_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_trainer_items")),
    )
    op.create_index(
        op.f("ix_trainer_items_flow_status_at_ms"), "trainer_items", ["flow", "status", "at_ms"], unique=False
    )
    op.create_index(op.f("ix_trainer_items_call_id"), "trainer_items", ["call_id"], unique=False)


def downgrade() -> None:
    for name in ("insight_marks", "topic_alerts", "trainer_items", "contacts", "agent_changes"):
        op.drop_table(name)
