"""Judgements, recovery cases, when customers were asked, and what they are worth."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "surveys"
down_revision = "insight"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_judgements()
    _create_recovery_cases()
    _create_survey_asked()
    _create_survey_campaigns()
    _create_customer_values()
    _create_customer_scores()


def _create_judgements() -> None:
    op.create_table(
        "judgements",
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("explicit", sa.Float(), nullable=True),
        sa.Column("implicit", sa.Float(), nullable=True),
        sa.Column("basis", sa.String(24), nullable=False),
        sa.Column("known", sa.Float(), nullable=False),
        sa.Column("band", sa.String(16), nullable=False),
        sa.Column("segment", sa.String(32), nullable=False),
        sa.Column("effort", sa.Float(), nullable=False),
        sa.Column("flags", JsonText(), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_judgements_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_judgements")),
    )
    op.create_index(op.f("ix_judgements_at_ms"), "judgements", ["at_ms"], unique=False)


def _create_recovery_cases() -> None:
    op.create_table(
        "recovery_cases",
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("reasons", JsonText(), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("owner", SafeText(), nullable=False),
        sa.Column("agent", SafeText(), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("contacted_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("root_cause", sa.String(24), nullable=False),
        sa.Column("remedy", SafeText(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("loop_score", sa.Integer(), nullable=True),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("escalated_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_recovery_cases")),
    )
    op.create_index(
        op.f("ix_recovery_cases_opened_at_ms_case_id"), "recovery_cases", ["opened_at_ms", "case_id"], unique=False
    )
    op.create_index(op.f("ix_recovery_cases_call_id"), "recovery_cases", ["call_id"], unique=False)
    op.create_index(op.f("ix_recovery_cases_state_due_at_ms"), "recovery_cases", ["state", "due_at_ms"], unique=False)


def _create_survey_asked() -> None:
    op.create_table(
        "survey_asked",
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("any_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("nps_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("customer", name=op.f("pk_survey_asked")),
    )


def _create_survey_campaigns() -> None:
    op.create_table(
        "survey_campaigns",
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "day", name=op.f("pk_survey_campaigns")),
    )


def _create_customer_values() -> None:
    op.create_table(
        "customer_values",
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("recency_days", sa.Float(), nullable=True),
        sa.Column("frequency", sa.Float(), nullable=True),
        sa.Column("money", sa.Float(), nullable=True),
        sa.Column("potential", sa.Float(), nullable=True),
        sa.Column("referrals", sa.Float(), nullable=True),
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("override_tier", sa.String(16), nullable=False),
        sa.Column("override_reason", SafeText(), nullable=False),
        sa.Column("override_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer", name=op.f("pk_customer_values")),
    )
    op.create_index(op.f("ix_customer_values_tier"), "customer_values", ["tier"], unique=False)


def _create_customer_scores() -> None:
    op.create_table(
        "customer_scores",
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("model_version", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer_values.customer"], name=op.f("fk_customer_scores_customer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer", "at_ms", name=op.f("pk_customer_scores")),
    )


def downgrade() -> None:
    for table in (
        "customer_scores",
        "customer_values",
        "survey_campaigns",
        "survey_asked",
        "recovery_cases",
        "judgements",
    ):
        op.drop_table(table)
