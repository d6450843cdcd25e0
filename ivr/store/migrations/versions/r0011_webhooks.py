"""Webhooks on their way to other systems."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import SafeText

revision = "webhooks"
down_revision = "privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_outbox",
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("body", SafeText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_webhook_outbox")),
    )
    op.create_index(op.f("ix_webhook_outbox_due_at_ms"), "webhook_outbox", ["due_at_ms"])


def downgrade() -> None:
    op.drop_index(op.f("ix_webhook_outbox_due_at_ms"), table_name="webhook_outbox")
    op.drop_table("webhook_outbox")
