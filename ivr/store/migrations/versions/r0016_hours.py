"""Reports by topic, version, language, direction and agent are added up by hour too, from what there is already."""

from alembic import op

revision = "hours"
down_revision = "erasures_due"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO rollup_spans (seconds, begin_s, touched, is_added_up)"
        " SELECT DISTINCT 3600, begin_s - begin_s % 3600, 1, FALSE FROM rollup_spans WHERE seconds = 900"
    )


def downgrade() -> None:
    for table in ("rollups", "rollup_spans"):
        op.execute(f"DELETE FROM {table} WHERE seconds = 3600")  # noqa: S608 - our own names
