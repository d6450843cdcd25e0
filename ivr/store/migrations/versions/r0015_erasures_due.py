"""Erasures that wait for a call to end."""

import sqlalchemy as sa
from alembic import op

revision = "erasures_due"
down_revision = "lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures_due",
        sa.Column("erasure_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_erasures_at_ms"), "erasures", ["at_ms"])


def downgrade() -> None:
    op.drop_index(op.f("ix_erasures_at_ms"), table_name="erasures")
    op.drop_table("erasures_due")
