"""The first database version: all tables, and the triggers that protect sealed documents and the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0001"
down_revision = None

TABLES = (
    "accounts",
    "customers",
    "search_words",
    "shop",
    "tax_rates",
    "sign_in_failures",
    "tills",
    "day_closes",
    "day_customers",
    "day_items",
    "day_payments",
    "day_sales",
    "documents",
    "drafts",
    "identities",
    "journal",
    "products",
    "series",
    "document_lines",
    "document_taxes",
    "draft_rows",
    "outbox",
    "payments",
)
"""All tables in the order of creation: each after those it refers to."""

_FROZEN = (
    "key draft_key kind number revision till_key till seller buyer customer_key buyer_name currency prices_include_tax "
    "language discount_minor discount_milli sum_minor off_minor net_minor tax_minor gross_minor note date_on due_on "
    "issued_at issued_by issued_by_key sealed_at voided_at corrects replaces"
).split()
"""The columns that never change in a sealed document. Not frozen: paid_minor, and the step issued -> corrected."""


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("user_name_folded", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), server_default="", nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_accounts"),
        sa.UniqueConstraint("user_name_folded", name="uq_accounts_user_name_folded"),
    )
    op.create_table(
        "customers",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=320), server_default="", nullable=False),
        sa.Column("email_folded", sa.String(length=320), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=40), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("language", sa.String(length=35), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", Instant(length=27), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_customers"),
    )
    op.create_index("ix_customers_email_folded", "customers", ["email_folded"], unique=False)
    op.create_index("ix_customers_name_key", "customers", ["name", "key"], unique=False)
    op.create_index("ix_customers_phone", "customers", ["phone"], unique=False)
    op.create_table(
        "search_words",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.PrimaryKeyConstraint("kind", "word", "key", name="pk_search_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_key", "search_words", ["key"], unique=False)
    op.create_table(
        "shop",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("tax_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("email", sa.String(length=320), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=40), server_default="", nullable=False),
        sa.Column("footer", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("seal", sa.String(length=20), nullable=False),
        sa.Column("smallest_coin", sa.Integer(), server_default="1", nullable=False),
        sa.Column("lock_after_minutes", sa.Integer(), server_default="10", nullable=False),
        sa.Column("due_days", sa.Integer(), server_default="14", nullable=False),
        sa.Column("cashier_discount_milli", sa.Integer(), server_default="20000", nullable=False),
        sa.CheckConstraint("id = 1", name="ck_shop_one_shop"),
        sa.PrimaryKeyConstraint("id", name="pk_shop"),
    )
    op.create_table(
        "tax_rates",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rate_milli", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tax_rates"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sign_in_failures"),
    )
    op.create_table(
        "tills",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("created_at", Instant(length=27), nullable=False),
        sa.Column("journal_seq", WholeNumber(), server_default="0", nullable=False),
        sa.Column("journal_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tills"),
        sa.UniqueConstraint("name", name="uq_tills_name"),
    )
    op.create_table(
        "day_closes",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("closed_at", Instant(length=27), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_day_closes_by_key_accounts"),
        sa.PrimaryKeyConstraint("key", name="pk_day_closes"),
    )
    op.create_table(
        "day_customers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("customer_key", UuidKey(length=16), nullable=False),
        sa.Column("documents", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["customer_key"], ["customers.key"], name="fk_day_customers_customer_key_customers"),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_day_customers_till_key_tills"),
        sa.PrimaryKeyConstraint("day", "till_key", "customer_key", name="pk_day_customers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_day_customers_customer_key_day", "day_customers", ["customer_key", "day"], unique=False)
    op.create_table(
        "day_items",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("item", sa.String(length=500), nullable=False),
        sa.Column("quantity_milli", WholeNumber(), nullable=False),
        sa.Column("amount_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_day_items_till_key_tills"),
        sa.PrimaryKeyConstraint("day", "till_key", "item", name="pk_day_items"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "day_payments",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("payments", WholeNumber(), nullable=False),
        sa.Column("amount_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_day_payments_till_key_tills"),
        sa.PrimaryKeyConstraint("day", "till_key", "method", name="pk_day_payments"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "day_sales",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("documents", WholeNumber(), nullable=False),
        sa.Column("net_minor", WholeNumber(), nullable=False),
        sa.Column("tax_minor", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_day_sales_till_key_tills"),
        sa.PrimaryKeyConstraint("day", "till_key", "kind", name="pk_day_sales"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "documents",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("draft_key", UuidKey(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("till", sa.String(length=8), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("customer_key", UuidKey(length=16), nullable=True),
        sa.Column("buyer_name", sa.String(length=320), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("discount_minor", WholeNumber(), nullable=True),
        sa.Column("discount_milli", sa.Integer(), nullable=True),
        sa.Column("sum_minor", WholeNumber(), nullable=False),
        sa.Column("off_minor", WholeNumber(), nullable=False),
        sa.Column("net_minor", WholeNumber(), nullable=False),
        sa.Column("tax_minor", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.Column("paid_minor", WholeNumber(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("date_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("issued_at", Instant(length=27), nullable=False),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("issued_by_key", UuidKey(length=16), nullable=False),
        sa.Column("sealed_at", Instant(length=27), nullable=True),
        sa.Column("voided_at", Instant(length=27), nullable=True),
        sa.Column("corrects", UuidKey(length=16), nullable=True),
        sa.Column("replaces", UuidKey(length=16), nullable=True),
        sa.Column("corrected_by", UuidKey(length=16), nullable=True),
        sa.CheckConstraint("net_minor + tax_minor = gross_minor", name="ck_documents_adds_up"),
        sa.ForeignKeyConstraint(["corrects"], ["documents.key"], name="fk_documents_corrects_documents"),
        sa.ForeignKeyConstraint(["customer_key"], ["customers.key"], name="fk_documents_customer_key_customers"),
        sa.ForeignKeyConstraint(["issued_by_key"], ["accounts.key"], name="fk_documents_issued_by_key_accounts"),
        sa.ForeignKeyConstraint(["replaces"], ["documents.key"], name="fk_documents_replaces_documents"),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_documents_till_key_tills"),
        sa.PrimaryKeyConstraint("key", name="pk_documents"),
        sa.UniqueConstraint("draft_key", name="uq_documents_draft_key"),
        sa.UniqueConstraint("number", name="uq_documents_number"),
    )
    op.create_index(
        "ix_documents_customer",
        "documents",
        ["customer_key", sa.literal_column("issued_at DESC"), sa.literal_column("key DESC")],
        unique=False,
    )
    op.create_index(
        "ix_documents_date_on",
        "documents",
        ["date_on", sa.literal_column("issued_at DESC"), sa.literal_column("key DESC")],
        unique=False,
    )
    op.create_index(
        "ix_documents_issued_at_key",
        "documents",
        [sa.literal_column("issued_at DESC"), sa.literal_column("key DESC")],
        unique=False,
    )
    op.create_index(
        "ix_documents_kind",
        "documents",
        ["kind", sa.literal_column("issued_at DESC"), sa.literal_column("key DESC")],
        unique=False,
    )
    op.create_index(
        "ix_documents_unpaid",
        "documents",
        [sa.literal_column("issued_at DESC"), sa.literal_column("key DESC"), "gross_minor", "paid_minor"],
        unique=False,
        sqlite_where=sa.text("state = 'issued' AND kind <> 'quote' AND gross_minor <> paid_minor"),
        postgresql_where=sa.text("state = 'issued' AND kind <> 'quote' AND gross_minor <> paid_minor"),
    )
    op.create_index(
        "ix_documents_unsealed",
        "documents",
        ["date_on"],
        unique=False,
        sqlite_where=sa.text("sealed_at IS NULL"),
        postgresql_where=sa.text("sealed_at IS NULL"),
    )
    op.create_table(
        "drafts",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("customer_key", UuidKey(length=16), nullable=True),
        sa.Column("on_text", sa.Text(), nullable=False),
        sa.Column("due_text", sa.Text(), nullable=False),
        sa.Column("discount_text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cursor_row", sa.Integer(), nullable=False),
        sa.Column("cursor_column", sa.Integer(), nullable=False),
        sa.Column("edits", UuidKey(length=16), nullable=True),
        sa.Column("edits_revision", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_drafts_by_key_accounts"),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_drafts_till_key_tills"),
        sa.PrimaryKeyConstraint("key", name="pk_drafts"),
    )
    op.create_index("ix_drafts_till_key", "drafts", ["till_key"], unique=False)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_key", UuidKey(length=16), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("linked_at", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["account_key"], ["accounts.key"], name="fk_identities_account_key_accounts"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_account_key", "identities", ["account_key"], unique=False)
    op.create_table(
        "journal",
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("seq", WholeNumber(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("document_key", UuidKey(length=16), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("lender_name", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_journal_till_key_tills"),
        sa.PrimaryKeyConstraint("till_key", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_document_key_at", "journal", ["document_key", "at"], unique=False)
    op.create_table(
        "products",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("barcode", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("department", sa.String(length=100), server_default="", nullable=False),
        sa.Column("category", sa.String(length=100), server_default="", nullable=False),
        sa.Column("price_centi", WholeNumber(), nullable=False),
        sa.Column("tax_key", UuidKey(length=16), nullable=True),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["tax_key"], ["tax_rates.key"], name="fk_products_tax_key_tax_rates"),
        sa.PrimaryKeyConstraint("key", name="pk_products"),
        sa.UniqueConstraint("code", name="uq_products_code"),
    )
    op.create_index("ix_products_barcode", "products", ["barcode"], unique=False)
    op.create_index("ix_products_name_key", "products", ["name", "key"], unique=False)
    op.create_table(
        "series",
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_series_till_key_tills"),
        sa.PrimaryKeyConstraint("till_key", "kind", "year", name="pk_series"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document_lines",
        sa.Column("document_key", UuidKey(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("product_key", UuidKey(length=16), nullable=True),
        sa.Column("quantity_milli", WholeNumber(), nullable=False),
        sa.Column("unit_price_centi", WholeNumber(), nullable=False),
        sa.Column("discount_minor", WholeNumber(), nullable=True),
        sa.Column("discount_milli", sa.Integer(), nullable=True),
        sa.Column("rate_milli", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("amount_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"], name="fk_document_lines_document_key_documents"),
        sa.PrimaryKeyConstraint("document_key", "position", name="pk_document_lines"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document_taxes",
        sa.Column("document_key", UuidKey(length=16), nullable=False),
        sa.Column("rate_milli", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("sum_minor", WholeNumber(), nullable=False),
        sa.Column("off_minor", WholeNumber(), nullable=False),
        sa.Column("net_minor", WholeNumber(), nullable=False),
        sa.Column("tax_minor", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"], name="fk_document_taxes_document_key_documents"),
        sa.PrimaryKeyConstraint("document_key", "rate_milli", "category", name="pk_document_taxes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft_rows",
        sa.Column("draft_key", UuidKey(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Text(), nullable=False),
        sa.Column("discount", sa.Text(), nullable=False),
        sa.Column("tax", sa.Text(), nullable=False),
        sa.Column("product_key", UuidKey(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_key"], ["drafts.key"], name="fk_draft_rows_draft_key_drafts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_key", "position", name="pk_draft_rows"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("document_key", UuidKey(length=16), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("buyer_name", sa.String(length=320), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("journal_till", UuidKey(length=16), nullable=False),
        sa.Column("journal_seq", WholeNumber(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(length=27), nullable=True),
        sa.Column("claimed_by", UuidKey(length=16), nullable=True),
        sa.Column("lease_until", Instant(length=27), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(length=27), nullable=False),
        sa.Column("sent_at", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"], name="fk_outbox_document_key_documents"),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
    )
    op.create_index(
        "ix_outbox_created_at_key",
        "outbox",
        [sa.literal_column("created_at DESC"), sa.literal_column("key DESC")],
        unique=False,
    )
    op.create_index("ix_outbox_document_key", "outbox", ["document_key"], unique=False)
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"], unique=False)
    op.create_table(
        "payments",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("document_key", UuidKey(length=16), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", WholeNumber(), nullable=False),
        sa.Column("tendered_minor", WholeNumber(), nullable=False),
        sa.Column("change_minor", WholeNumber(), nullable=False),
        sa.Column("rounding_minor", WholeNumber(), nullable=False),
        sa.Column("paid_at", Instant(length=27), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_payments_by_key_accounts"),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"], name="fk_payments_document_key_documents"),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_payments_till_key_tills"),
        sa.PrimaryKeyConstraint("key", name="pk_payments"),
    )
    op.create_index("ix_payments_document_key", "payments", ["document_key"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("refuse_always", "refuse_sealed_document", "refuse_sealed_part"):
            op.execute(f"DROP FUNCTION shopdesk_{function}()")


def _guard_sqlite() -> None:
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _FROZEN)
    step = "NEW.state <> OLD.state AND NOT (OLD.state = 'issued' AND NEW.state = 'corrected')"
    _sqlite_trigger(
        "documents_sealed", "BEFORE UPDATE ON documents", f"OLD.sealed_at IS NOT NULL AND ({changed} OR {step})"
    )
    _sqlite_trigger("documents_kept", "BEFORE DELETE ON documents", "1")
    for table in ("journal", "payments"):
        for act in ("UPDATE", "DELETE"):
            _sqlite_trigger(f"{table}_{act.lower()}", f"BEFORE {act} ON {table}", "1")
    for table in ("document_lines", "document_taxes"):
        for act, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            sealed = " OR ".join(
                f"EXISTS (SELECT 1 FROM documents d WHERE d.key = {row}.document_key AND d.sealed_at IS NOT NULL)"
                for row in rows
            )
            _sqlite_trigger(f"{table}_{act.lower()}", f"BEFORE {act} ON {table}", sealed)


def _sqlite_trigger(name: str, event: str, condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER keep_{name} {event} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, 'kept for ever: {name}'); END"
    )


def _guard_postgresql() -> None:
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _FROZEN)
    op.execute("""
        CREATE FUNCTION shopdesk_refuse_always() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'kept for ever: %', TG_TABLE_NAME; END $$""")
    op.execute(f"""
        CREATE FUNCTION shopdesk_refuse_sealed_document() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.sealed_at IS NOT NULL AND ({changed} OR (
                NEW.state <> OLD.state AND NOT (OLD.state = 'issued' AND NEW.state = 'corrected')
            )) THEN
                RAISE EXCEPTION 'kept for ever: documents_sealed';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE FUNCTION shopdesk_refuse_sealed_part() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND (SELECT sealed_at FROM documents WHERE key = OLD.document_key) IS NOT NULL THEN
                RAISE EXCEPTION 'kept for ever: %', TG_TABLE_NAME;
            END IF;
            IF TG_OP <> 'DELETE' AND (SELECT sealed_at FROM documents WHERE key = NEW.document_key) IS NOT NULL THEN
                RAISE EXCEPTION 'kept for ever: %', TG_TABLE_NAME;
            END IF;
            RETURN COALESCE(NEW, OLD);
        END $$""")
    _postgresql_trigger("documents_sealed", "BEFORE UPDATE ON documents", "refuse_sealed_document")
    _postgresql_trigger("documents_kept", "BEFORE DELETE ON documents", "refuse_always")
    for table in ("journal", "payments"):
        _postgresql_trigger(table, f"BEFORE UPDATE OR DELETE ON {table}", "refuse_always")
    for table in ("document_lines", "document_taxes"):
        _postgresql_trigger(table, f"BEFORE INSERT OR UPDATE OR DELETE ON {table}", "refuse_sealed_part")
    for table in ("documents", "document_lines", "document_taxes", "journal", "payments"):
        op.execute(
            f"CREATE TRIGGER keep_{table}_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION shopdesk_refuse_always()"
        )


def _postgresql_trigger(name: str, event: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER keep_{name} {event} FOR EACH ROW EXECUTE FUNCTION shopdesk_{function}()")
