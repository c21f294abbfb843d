"""Sums of days by department, filled for the days that are summed already; departments and the numbers of a period are
read from an index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import WholeNumber

revision = "0031"
down_revision = "0030"

_DATED = ["date_on", "issued_at", "key", "issued_by_key", "kind", "state", "gross_minor"]
_DEPARTMENT = """
    coalesce((SELECT p.department FROM products p WHERE p.name = d.item ORDER BY p.is_retired, p.key LIMIT 1), '')"""


def upgrade() -> None:
    op.drop_index("ix_products_name", "products")
    op.create_index("ix_products_name", "products", ["name", "is_retired", "key", "department"])
    op.drop_index("ix_documents_dated", "documents")
    op.create_index("ix_documents_dated", "documents", [*_DATED, "number"])
    op.create_table(
        "day_departments",
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quantity_milli", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.PrimaryKeyConstraint("department", "day", name="pk_day_departments"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "former_departments",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_former_departments"),
        sqlite_with_rowid=False,
    )
    op.execute(f"""
        INSERT INTO day_departments (department, day, quantity_milli, gross_minor)
        SELECT {_DEPARTMENT}, d.day, sum(d.quantity_milli), sum(d.gross_minor) FROM day_items d
        WHERE d.day < (SELECT before FROM summed_days) GROUP BY 1, 2""")


def downgrade() -> None:
    op.drop_table("former_departments")
    op.drop_table("day_departments")
    op.drop_index("ix_products_name", "products")
    op.create_index("ix_products_name", "products", ["name"])
    op.drop_index("ix_documents_dated", "documents")
    op.create_index("ix_documents_dated", "documents", _DATED)
