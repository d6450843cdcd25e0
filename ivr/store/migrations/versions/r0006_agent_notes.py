"""What agents write of calls."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import SafeText

revision = "agent_notes"
down_revision = "messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_notes",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("agent", SafeText(), nullable=False),
        sa.Column("queue", SafeText(), nullable=False),
        sa.Column("disposition", SafeText(), nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f("fk_agent_notes_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "agent", name=op.f("pk_agent_notes")),
    )


def downgrade() -> None:
    op.drop_table("agent_notes")
