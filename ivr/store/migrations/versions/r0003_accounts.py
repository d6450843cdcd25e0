"""People of the house, their sessions, and the audit as a chain. What the audit holds already is chained too."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.model.audit import ChainEnd, Deed
from ivr.store.tables import JsonText, SafeText

revision = "accounts"
down_revision = "0002"
branch_labels = None
depends_on = None

AT_ONCE = 1_000

END = sa.table("audit_end", sa.column("id"), sa.column("number"), sa.column("hash"))
OLD = sa.table(
    "audit_before", *(sa.column(name) for name in ("id", "at_ms", "who", "action", "subject", "address"))
)  # fmt: skip
NEW = sa.table(
    "audit",
    *(sa.column(name) for name in ("number", "at_ms", "who", "action", "subject", "address", "previous", "hash")),
    sa.column("detail", JsonText()),
)


def upgrade() -> None:
    op.drop_index("ix_audit_subject", "audit")
    _put_aside()
    _create_audit()
    _chain()
    op.drop_table("audit_before")
    _create_users()
    _create_sessions()
    op.create_table(
        "login_failures",
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_login_failures")),
    )
    op.create_index(op.f("ix_login_failures_last_ms"), "login_failures", ["last_ms"], unique=False)


def downgrade() -> None:
    """The looks stay; the chain and the people are lost."""
    for table in ("login_failures", "sessions", "users", "audit_end"):
        op.drop_table(table)
    for index in ("ix_audit_subject", "ix_audit_at_ms"):
        op.drop_index(index, "audit")
    _put_aside()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        *(sa.Column(name, SafeText(), nullable=False) for name in ("who", "action", "subject", "address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    kept = "at_ms, who, action, subject, address"
    op.execute(f"INSERT INTO audit ({kept}) SELECT {kept} FROM audit_before ORDER BY number")
    op.drop_table("audit_before")


def _put_aside() -> None:
    op.rename_table("audit", "audit_before")
    # PostgreSQL keeps the names of what belongs to a table through its renaming, and they are one namespace.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_before RENAME CONSTRAINT pk_audit TO pk_audit_before")
        op.execute("ALTER SEQUENCE IF EXISTS audit_id_seq RENAME TO audit_before_id_seq")


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("action", SafeText(), nullable=False),
        sa.Column("subject", SafeText(), nullable=False),
        sa.Column("address", SafeText(), nullable=False),
        sa.Column("detail", JsonText(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_index(op.f("ix_audit_at_ms"), "audit", ["at_ms"], unique=False)
    op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_end")),
    )


def _chain() -> None:
    connection, end, last = op.get_bind(), ChainEnd(), 0
    while rows := connection.execute(
        sa.select(OLD).where(OLD.c.id > last).order_by(OLD.c.id).limit(AT_ONCE)
    ).all():  # fmt: skip
        chained: list[dict[str, Any]] = []
        for row in rows:
            entry = end.add(row.at_ms, Deed(row.who, row.action, row.subject, row.address))
            end = ChainEnd(entry.number, entry.hash)
            chained.append({
                "number": entry.number, "at_ms": row.at_ms, "who": row.who, "action": row.action,
                "subject": row.subject, "address": row.address, "detail": {}, "previous": entry.previous,
                "hash": entry.hash,
            })  # fmt: skip
        connection.execute(sa.insert(NEW), chained)
        last = rows[-1].id
    connection.execute(sa.insert(END), [{"id": 1, "number": end.number, "hash": end.hash}])


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("shown_as", SafeText(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("began_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name=op.f("fk_sessions_name"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_name"), "sessions", ["name"], unique=False)
    op.create_index(op.f("ix_sessions_seen_at_ms"), "sessions", ["seen_at_ms"], unique=False)
