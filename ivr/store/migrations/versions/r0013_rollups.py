"""Contacts as numbers and their sums by quarter hour and day, agents' time by hour; indexes for pages of many calls."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import SafeText

revision = "rollups"
down_revision = "answer_verdicts"
branch_labels = None
depends_on = None

CONTACTS = (
    ("ix_contacts_reason_arrived_at_ms_flow_intent_subcode", ["reason", "arrived_at_ms", "flow", "intent", "subcode"]),
    ("ix_contacts_is_unrated_arrived_at_ms_flow_topic_contact_id",
     ["is_unrated", "arrived_at_ms", "flow", "topic", "contact_id"]),
)  # fmt: skip


def upgrade() -> None:
    for name in ("intent", "reason", "subcode"):
        op.add_column("contacts", sa.Column(name, SafeText(), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("is_unrated", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, columns in CONTACTS:
        op.create_index(op.f(name), "contacts", columns)
    _counts()
    _sums()
    # Contacts there are already are counted with the next look of the server: what is due is what has no numbers.
    op.execute(
        "INSERT INTO contact_counts (contact_id, part, counted_at_ms, flow, flow_version, language, direction, intent,"
        " topic, agent, queue, sums, spread, recount_at_ms)"
        " SELECT contact_id, 0, arrived_at_ms, flow, '', '', direction, '', topic, '', '', '', '', 0 FROM contacts"
    )


def _counts() -> None:
    op.create_table(
        "contact_counts",
        sa.Column("contact_id", SafeText(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_at_ms", sa.BigInteger(), nullable=False),
        *(sa.Column(name, SafeText(), nullable=False) for name in ("flow", "flow_version", "language")),
        sa.Column("direction", sa.String(16), nullable=False),
        *(sa.Column(name, SafeText(), nullable=False) for name in ("intent", "topic", "agent", "queue")),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.Column("spread", sa.LargeBinary(), nullable=False),
        sa.Column("recount_at_ms", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_contact_counts_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "part", name=op.f("pk_contact_counts")),
    )
    for columns in (["counted_at_ms"], ["agent", "counted_at_ms"], ["recount_at_ms"]):
        op.create_index(op.f(f"ix_contact_counts_{'_'.join(columns)}"), "contact_counts", columns)


def _sums() -> None:
    op.create_table(
        "rollups",
        sa.Column("cube", sa.String(16), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begin_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("key", SafeText(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.Column("spread", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cube", "seconds", "begin_s", "flow", "key", name=op.f("pk_rollups")),
    )
    op.create_index(op.f("ix_rollups_cube_seconds_key_begin_s"), "rollups", ["cube", "seconds", "key", "begin_s"])
    op.create_table(
        "rollup_spans",
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begin_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("is_added_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seconds", "begin_s", name=op.f("pk_rollup_spans")),
    )
    op.create_index(op.f("ix_rollup_spans_is_added_up_begin_s"), "rollup_spans", ["is_added_up", "begin_s"])
    op.create_table(
        "agent_hours",
        sa.Column("begin_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agent_id", SafeText(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("talk", "hold", "wrap_up", "ring", "idle", "away")),
        sa.PrimaryKeyConstraint("begin_s", "agent_id", name=op.f("pk_agent_hours")),
    )


def downgrade() -> None:
    for name in ("agent_hours", "rollup_spans", "rollups", "contact_counts"):
        op.drop_table(name)
    for name, _ in CONTACTS:
        op.drop_index(op.f(name), table_name="contacts")
    with op.batch_alter_table("contacts") as table:
        for name in ("intent", "reason", "subcode", "is_unrated"):
            table.drop_column(name)
