"""Published versions of flows, what is live, and who made it so."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("flow", "version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "flow_live",
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=False),
        sa.Column("canary_version", sa.String(length=16), nullable=False),
        sa.Column("canary_share", sa.Float(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_flow_live")),
    )
    op.create_table(
        "flow_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("address", SafeText(), nullable=False),
        sa.Column("note", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_history")),
    )
    op.create_index(op.f("ix_flow_history_flow"), "flow_history", ["flow"], unique=False)


def downgrade() -> None:
    for table in ("flow_history", "flow_live", "flow_versions"):
        op.drop_table(table)
