"""Calls we make: events, cases, attempts, the ledger, refusals and consents, results on their way."""

import sqlalchemy as sa
from alembic import op

from ivr.store.tables import JsonText, SafeText

revision = "campaigns"
down_revision = "surveys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _campaign_events()
    _campaign_cases()
    _campaign_attempts()
    _campaign_stages()
    _do_not_call()
    _consents()
    _campaign_letters()
    _campaign_states()


def _campaign_events() -> None:
    op.create_table(
        "campaign_events",
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("event_id", SafeText(), nullable=False),
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_campaign_events")),
    )
    op.create_index(op.f("ix_campaign_events_case_id"), "campaign_events", ["case_id"])


def _campaign_cases() -> None:
    op.create_table(
        "campaign_cases",
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("open_key", SafeText(), nullable=True),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("next_phone", sa.Integer(), nullable=False),
        sa.Column("alerts", JsonText(), nullable=False),
        sa.Column("result", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_campaign_cases")),
        sa.UniqueConstraint("open_key", name=op.f("uq_campaign_cases_open_key")),
    )
    op.create_index(op.f("ix_campaign_cases_campaign_received_at_ms"), "campaign_cases", ["campaign", "received_at_ms"])


def _campaign_attempts() -> None:
    op.create_table(
        "campaign_attempts",
        sa.Column("attempt_id", SafeText(), nullable=False),
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("customer", SafeText(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dialled", SafeText(), nullable=False),
        sa.Column("trunk", SafeText(), nullable=False),
        sa.Column("provider_id", SafeText(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("rule", SafeText(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("call_id", SafeText(), nullable=False),
        sa.Column("run", SafeText(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("times", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["campaign_cases.case_id"], name=op.f("fk_campaign_attempts_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_campaign_attempts")),
    )
    op.create_index(
        op.f("ix_campaign_attempts_campaign_created_at_ms"), "campaign_attempts", ["campaign", "created_at_ms"]
    )
    op.create_index(op.f("ix_campaign_attempts_case_id"), "campaign_attempts", ["case_id"])
    op.create_index(
        op.f("ix_campaign_attempts_customer_created_at_ms"), "campaign_attempts", ["customer", "created_at_ms"]
    )
    op.create_index(
        op.f("ix_campaign_attempts_dialled_created_at_ms"), "campaign_attempts", ["dialled", "created_at_ms"]
    )


def _campaign_stages() -> None:
    op.create_table(
        "campaign_stages",
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["campaign_cases.case_id"], name=op.f("fk_campaign_stages_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "stage", name=op.f("pk_campaign_stages")),
    )


def _do_not_call() -> None:
    op.create_table(
        "do_not_call",
        sa.Column("party", SafeText(), nullable=False),
        sa.Column("purpose", SafeText(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party", "purpose", name=op.f("pk_do_not_call")),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("party", SafeText(), nullable=False),
        sa.Column("purpose", SafeText(), nullable=False),
        sa.Column("channel", SafeText(), nullable=False),
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("evidence", SafeText(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("party", "purpose", name=op.f("pk_consents")),
    )


def _campaign_letters() -> None:
    op.create_table(
        "campaign_letters",
        sa.Column("letter_id", SafeText(), nullable=False),
        sa.Column("case_id", SafeText(), nullable=False),
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("body", SafeText(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("delivered_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("trouble", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["campaign_cases.case_id"], name=op.f("fk_campaign_letters_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_campaign_letters")),
    )
    op.create_index(op.f("ix_campaign_letters_case_id"), "campaign_letters", ["case_id"])
    op.create_index(op.f("ix_campaign_letters_next_at_ms"), "campaign_letters", ["next_at_ms"])


def _campaign_states() -> None:
    op.create_table(
        "campaign_states",
        sa.Column("campaign", SafeText(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_campaign_states")),
    )


def downgrade() -> None:
    for name in (
        "campaign_states",
        "campaign_letters",
        "consents",
        "do_not_call",
        "campaign_stages",
        "campaign_attempts",
        "campaign_cases",
        "campaign_events",
    ):
        op.drop_table(name)
