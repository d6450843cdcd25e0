"""The first schema: calls, turns, journal, survey answers, surveys, audit."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_calls()
    _create_turns()
    _create_journal()
    _create_survey_answers()
    _create_surveys()
    _create_audit()


def downgrade() -> None:
    for table in ("audit", "surveys", "survey_answers", "journal", "turns", "calls"):
        op.drop_table(table)


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("node", SafeText(), nullable=False),
        sa.Column("leg_kind", sa.String(length=16), nullable=False),
        sa.Column("provider_ids", JsonText(), nullable=False),
        sa.Column("caller", SafeText(), nullable=False),
        sa.Column("called", SafeText(), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("flow", SafeText(), nullable=False),
        sa.Column("flow_version", SafeText(), nullable=False),
        sa.Column("language", SafeText(), nullable=False),
        sa.Column("arrived_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", SafeText(), nullable=False),
        sa.Column("disconnect_by", sa.String(length=16), nullable=False),
        sa.Column("handled_by", sa.String(length=16), nullable=False),
        sa.Column("outcome", SafeText(), nullable=False),
        sa.Column("escalation_reason", SafeText(), nullable=False),
        sa.Column("path", JsonText(), nullable=False),
        sa.Column("notes", JsonText(), nullable=False),
        sa.Column("recording", SafeText(), nullable=False),
        sa.Column("stats", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_arrived_at_ms_call_id"), "calls", ["arrived_at_ms", "call_id"], unique=False)
    op.create_index(op.f("ix_calls_node_ended_at_ms"), "calls", ["node", "ended_at_ms"], unique=False)


def _create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", SafeText(), nullable=False),
        sa.Column("heard", SafeText(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("keys", SafeText(), nullable=False),
        sa.Column("intent", SafeText(), nullable=False),
        sa.Column("intent_confidence", sa.Float(), nullable=False),
        sa.Column("said", JsonText(), nullable=False),
        sa.Column("began_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("latency", JsonText(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("no_match", sa.Boolean(), nullable=False),
        sa.Column("engine", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_turns_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "number", name=op.f("pk_turns")),
    )


def _create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("event", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_journal_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "seq", name=op.f("pk_journal")),
    )


def _create_survey_answers() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("value", SafeText(), nullable=False),
        sa.Column("kept_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f("fk_survey_answers_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "name", name=op.f("pk_survey_answers")),
    )


def _create_surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("answers", JsonText(), nullable=False),
        sa.Column("version", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_surveys_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_surveys")),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", SafeText(), nullable=False),
        sa.Column("action", SafeText(), nullable=False),
        sa.Column("subject", SafeText(), nullable=False),
        sa.Column("address", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
