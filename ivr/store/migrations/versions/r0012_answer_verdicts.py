"""What trainers think of answers that no caller rated."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import SafeText

revision = "answer_verdicts"
down_revision = "webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_verdicts",
        sa.Column("contact_id", SafeText(), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("topic", SafeText(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_answer_verdicts")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["calls.call_id"], name=op.f("fk_answer_verdicts_contact_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_answer_verdicts_week_at_ms"), "answer_verdicts", ["week", "at_ms"])


def downgrade() -> None:
    op.drop_index(op.f("ix_answer_verdicts_week_at_ms"), table_name="answer_verdicts")
    op.drop_table("answer_verdicts")
