"""Messages that callers left."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import SafeText

revision = "messages"
down_revision = "routing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", SafeText(), nullable=False),
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("transcript", SafeText(), nullable=False),
        sa.Column("path", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_messages_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_call_id"), "messages", ["call_id"], unique=False)
    op.create_index(op.f("ix_messages_at_ms_message_id"), "messages", ["at_ms", "message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("messages")
