"""The facts of e-invoices: of the shop, its rates, customers and products, and those that a document keeps for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.migrations.sealed_documents import FIRST_FROZEN, guard_sealed

revision = "0017"
down_revision = "0016"

_ADDED = {
    "shop": (
        ("vat_number", 20),
        ("registration", 60),
        ("contact", 200),
        ("iban", 34),
        ("bic", 11),
        ("bank", 100),
    ),
    "tax_rates": (("reason", 300),),
    "customers": (("country", 2), ("vat_number", 20), ("reference", 100), ("electronic_address", 320)),
}
_MEASURED = ("products", "document_lines")


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for name, length in columns:
            op.add_column(table, sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    for table in _MEASURED:
        op.add_column(table, sa.Column("unit", sa.String(length=3), server_default="C62", nullable=False))
    op.add_column("documents", sa.Column("exemptions", sa.Text(), server_default="", nullable=False))
    guard_sealed([*FIRST_FROZEN, "origin", "exemptions"])


def downgrade() -> None:
    guard_sealed([*FIRST_FROZEN, "origin"])
    op.execute("ALTER TABLE documents DROP COLUMN exemptions")
    for table in _MEASURED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN unit")
    for table, columns in _ADDED.items():
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
