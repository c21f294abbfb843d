"""Sums of months by quarter of an hour, filled from those of the days that are summed already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, WholeNumber

revision = "0028"
down_revision = "0027"

_OF_MONTH = {
    "sqlite": ("date(day, 'start of month')", "substr(quarter_at, 1, 8) || '01' || substr(quarter_at, 11)"),
    "postgresql": (
        "CAST(date_trunc('month', CAST(day AS timestamp)) AS date)",
        "date_trunc('month', quarter_at, 'UTC') + (quarter_at - date_trunc('day', quarter_at, 'UTC'))",
    ),
}


def upgrade() -> None:
    op.create_table(
        "month_quarters",
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("quarter_at", Instant(length=27), nullable=False),
        sa.Column("documents", WholeNumber(), nullable=False),
        sa.Column("orders", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.PrimaryKeyConstraint("begins", "quarter_at", name="pk_month_quarters"),
        sqlite_with_rowid=False,
    )
    begins, quarter = _OF_MONTH[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO month_quarters (begins, quarter_at, documents, orders, gross_minor) "
        f"SELECT {begins}, {quarter}, sum(documents), sum(orders), sum(gross_minor) FROM day_quarters "
        f"GROUP BY {begins}, {quarter}"
    )


def downgrade() -> None:
    op.drop_table("month_quarters")
