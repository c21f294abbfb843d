"""The facts of e-invoices: of the shop, its rates, customers and products, and those that a document keeps for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
_FROZEN = (
    "key draft_key kind number revision till_key till seller buyer customer_key buyer_name currency prices_include_tax "
    "language discount_minor discount_milli sum_minor off_minor net_minor tax_minor gross_minor note date_on due_on "
    "issued_at issued_by issued_by_key sealed_at voided_at corrects replaces origin"
).split()
"""The columns that never changed in a sealed document until now."""
_STEP = "NEW.state <> OLD.state AND NOT (OLD.state = 'issued' AND NEW.state = 'corrected')"


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for name, length in columns:
            op.add_column(table, sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    for table in _MEASURED:
        op.add_column(table, sa.Column("unit", sa.String(length=3), server_default="C62", nullable=False))
    op.add_column("documents", sa.Column("exemptions", sa.Text(), server_default="", nullable=False))
    _guard([*_FROZEN, "exemptions"])


def downgrade() -> None:
    _guard(_FROZEN)
    op.execute("ALTER TABLE documents DROP COLUMN exemptions")
    for table in _MEASURED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN unit")
    for table, columns in _ADDED.items():
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _guard(frozen: list[str]) -> None:
    """Refuse a change of these columns in a sealed document."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in frozen)
        op.execute("DROP TRIGGER keep_documents_sealed")
        op.execute(
            "CREATE TRIGGER keep_documents_sealed BEFORE UPDATE ON documents FOR EACH ROW "
            f"WHEN OLD.sealed_at IS NOT NULL AND ({changed} OR {_STEP}) "
            "BEGIN SELECT RAISE(ABORT, 'kept for ever: documents_sealed'); END"
        )
        return
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in frozen)
    op.execute(f"""
        CREATE OR REPLACE FUNCTION shopdesk_refuse_sealed_document() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            IF OLD.sealed_at IS NOT NULL AND ({changed} OR (
                {_STEP}
            )) THEN
                RAISE EXCEPTION 'kept for ever: documents_sealed';
            END IF;
            RETURN NEW;
        END $$""")
