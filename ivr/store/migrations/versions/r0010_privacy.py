"""Erasures of callers, and legal holds."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "privacy"
down_revision = "campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String(32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("subject_hash", sa.String(64), nullable=False),
        sa.Column("certificate", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_subject_hash"), "erasures", ["subject_hash"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("subject", SafeText(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_legal_holds")),
    )


def downgrade() -> None:
    op.drop_table("legal_holds")
    op.drop_table("erasures")
