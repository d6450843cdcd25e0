"""Pages of calls and surveys, whatever they are filtered by, are read in their order."""

import sqlalchemy as sa
from alembic import op

revision = "lists"
down_revision = "rollups"
branch_labels = None
depends_on = None

LISTS = (
    ("calls", ["ended_at_ms", "call_id"]), ("calls", ["flow", "arrived_at_ms", "call_id"]),
    ("calls", ["outcome", "arrived_at_ms", "call_id"]), ("calls", ["caller", "arrived_at_ms", "call_id"]),
    ("surveys", ["status", "arrived_at_ms", "call_id"]), ("judgements", ["segment", "at_ms", "call_id"]),
    ("contacts", ["arrived_at_ms", "topic", "flow"]),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("surveys", sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE surveys SET arrived_at_ms ="
        " (SELECT calls.arrived_at_ms FROM calls WHERE calls.call_id = surveys.call_id)"
    )
    op.drop_index(op.f("ix_contacts_arrived_at_ms_topic"), table_name="contacts")
    for table, columns in LISTS:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def downgrade() -> None:
    for table_name, columns in LISTS:
        op.drop_index(op.f(f"ix_{table_name}_{'_'.join(columns)}"), table_name=table_name)
    op.create_index(op.f("ix_contacts_arrived_at_ms_topic"), "contacts", ["arrived_at_ms", "topic"])
    with op.batch_alter_table("surveys") as table:
        table.drop_column("arrived_at_ms")
