"""All tables of the shop. Migrations repeat them on purpose: a migration must not change when a table does.

Names: ``_at`` an instant, ``_on`` a date of the shop, ``_minor`` minor units of the row's currency, ``_milli``
thousandths (of a per cent, or of a quantity), ``_centi`` hundredths of a minor unit (unit prices).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    desc,
    text,
    true,
)

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# -- the shop and its people ---------------------------------------------------------------------------------------

shop = Table(
    "shop",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("country", String(2), nullable=False),
    Column("tax_id", String(60), nullable=False, server_default=""),
    Column("email", String(320), nullable=False, server_default=""),
    Column("phone", String(40), nullable=False, server_default=""),
    Column("footer", Text, nullable=False, server_default=""),
    Column("currency", String(3), nullable=False),
    Column("prices_include_tax", Boolean(create_constraint=False), nullable=False),
    Column("language", String(35), nullable=False),
    Column("seal", String(20), nullable=False),
    Column("smallest_coin", Integer, nullable=False, server_default="1"),
    Column("lock_after_minutes", Integer, nullable=False, server_default="10"),
    Column("due_days", Integer, nullable=False, server_default="14"),
    Column("cashier_discount_milli", Integer, nullable=False, server_default="20000"),
    Column("in_store_codes", String(200), nullable=False, server_default=""),
    Column("vat_number", String(20), nullable=False, server_default=""),
    Column("registration", String(60), nullable=False, server_default=""),
    Column("contact", String(200), nullable=False, server_default=""),
    Column("iban", String(34), nullable=False, server_default=""),
    Column("bic", String(11), nullable=False, server_default=""),
    Column("bank", String(100), nullable=False, server_default=""),
    Column("has_barcode", Boolean(create_constraint=False), nullable=False, server_default=true()),
    Column("logo", String(64), nullable=False, server_default=""),
    # JSON by kind, language and name of the text; empty without any.
    Column("own_texts", Text, nullable=False, server_default=""),
    # The channels of messages to customers, in the order in which they are tried (``domain/message_route``).
    Column("message_channels", String(20), nullable=False, server_default="email"),
    CheckConstraint("id = 1", name="one_shop"),
)

# The files of logos, by the SHA-256 of their content; documents name the one that they were issued with, so none goes.
logos = Table(
    "logos",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

tax_rates = Table(
    "tax_rates",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("rate_milli", Integer, nullable=False),
    Column("category", String(2), nullable=False),
    Column("is_default", Boolean(create_constraint=False), nullable=False),
    Column("is_retired", Boolean(create_constraint=False), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reason", String(300), nullable=False, server_default=""),
)

tills = Table(
    "tills",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("name", String(8), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    # The head of this till's journal chain; each till has its own, so that tills do not wait for the same row.
    Column("journal_seq", WholeNumber, nullable=False, server_default="0"),
    Column("journal_hash", LargeBinary(32), nullable=False),
    Column("default_kind", String(20), nullable=False, server_default="receipt"),
    Column("shortcuts", Text, nullable=False, server_default=""),
)

series = Table(
    "series",
    metadata,
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("user_name", String(64), nullable=False),
    Column("user_name_folded", String(128), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, server_default=""),
    Column("role", String(20), nullable=False),
    Column("standing", String(20), nullable=False),
    # Marks of the hashes in ``credentials``, which a till's role on a server cannot read.
    Column("password_mark", String(24), nullable=True),
    Column("pin_mark", String(16), nullable=True),
    Column("created_at", Instant, nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    Column("account_key", UuidKey, ForeignKey("accounts.key", ondelete="CASCADE"), primary_key=True),
    Column("password_hash", String(200), nullable=True),
    Column("pin_hash", String(200), nullable=True),
    # On a server wrong PINs and passwords of accounts are counted where a ROLLBACK cannot undo it: see ``acts_sql``.
    Column("pin_failures", Integer, nullable=False, server_default="0"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    # By the name typed, even without such an account, so that both are slowed down alike.
    Column("name", String(128), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("retry_at", Instant, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("account_key", UuidKey, ForeignKey("accounts.key"), nullable=False, index=True),
    Column("label", String(60), nullable=False),
    Column("linked_at", Instant, nullable=False),
)

# -- customers and products ----------------------------------------------------------------------------------------

customers = Table(
    "customers",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("name", String(320), nullable=False),
    Column("email", String(320), nullable=False, server_default=""),
    Column("email_folded", String(320), nullable=False, server_default=""),
    Column("phone", String(40), nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("tax_id", String(60), nullable=False, server_default=""),
    Column("language", String(35), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    # The order of the name in lists (``domain/collation``): bytes, which both databases compare alike.
    Column("sort_key", LargeBinary, nullable=False, server_default=""),
    # Documents are never rewritten: those of a merged customer are found through this.
    Column("merged_into", UuidKey, nullable=True),
    Column("erased_at", Instant, nullable=True),
    Column("country", String(2), nullable=False, server_default=""),
    Column("vat_number", String(20), nullable=False, server_default=""),
    Column("reference", String(100), nullable=False, server_default=""),
    Column("electronic_address", String(320), nullable=False, server_default=""),
    Column("preferred_channel", String(10), nullable=False, server_default=""),
    # The day on which the customer agreed to text messages, in ISO 8601; "" if they did not.
    Column("sms_consent_on", String(10), nullable=False, server_default=""),
    Index("ix_customers_sort_key_key", "sort_key", "key"),
    Index("ix_customers_name", "name"),
    Index("ix_customers_email_folded", "email_folded"),
    Index("ix_customers_phone", "phone"),
)

IS_MERGED = text("merged_into IS NOT NULL")
"""The condition of a partial index, word for word; see ``UNPAID``."""
Index("ix_customers_merged", customers.c.merged_into, sqlite_where=IS_MERGED, postgresql_where=IS_MERGED)
IS_ERASED = text("erased_at IS NOT NULL")
"""The same."""
Index("ix_customers_erased", customers.c.erased_at, sqlite_where=IS_ERASED, postgresql_where=IS_ERASED)

products = Table(
    "products",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("barcode", String(64), nullable=False, server_default=""),
    Column("gtin", String(14), nullable=False, server_default=""),
    Column("name", String(500), nullable=False),
    Column("department", String(100), nullable=False, server_default=""),
    Column("category", String(100), nullable=False, server_default=""),
    Column("price_centi", WholeNumber, nullable=False),
    Column("tax_key", UuidKey, ForeignKey("tax_rates.key"), nullable=True),
    Column("is_retired", Boolean(create_constraint=False), nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("sort_key", LargeBinary, nullable=False, server_default=""),
    # The tile in the editor: the name of a colour, "" for none; its page, "" for that of the department.
    Column("tile_colour", String(10), nullable=False, server_default=""),
    Column("tile_page", String(100), nullable=False, server_default=""),
    Column("tile_order", Integer, nullable=False, server_default="0"),
    Column("unit", String(3), nullable=False, server_default="C62"),
    Index("ix_products_sort_key_key", "sort_key", "key"),
    # Those that a search finds are sorted without being read.
    Index("ix_products_key_sort_key", "key", "sort_key"),
    Index("ix_products_department_sort_key_key", "department", "sort_key", "key"),
    Index("ix_products_tax_key_sort_key_key", "tax_key", "sort_key", "key"),
    Index("ix_products_price", "price_centi", "sort_key", "key"),
    # All that tells the department of an item (``department_of`` in ``queries/products``).
    Index("ix_products_name", "name", "is_retired", "key", "department"),
    Index("ix_products_barcode", "barcode"),
    Index("ix_products_gtin", "gtin"),
)
IS_TILE = text("tile_colour <> ''")
"""The condition of a partial index, word for word; see ``UNPAID``."""
Index("ix_products_tiles", products.c.tile_order, sqlite_where=IS_TILE, postgresql_where=IS_TILE)

search_words = Table(
    "search_words",
    metadata,
    # For prefix search with the same index on both databases: word >= 'ada' AND word < 'adb'. Of kind "customer<" and
    # "product<" are the ends of phone numbers and barcodes, back to front.
    Column("kind", String(10), primary_key=True),
    Column("word", String(64), primary_key=True),
    Column("key", UuidKey, primary_key=True),
    Index("ix_search_words_key", "key"),
    sqlite_with_rowid=False,
)

# -- documents -----------------------------------------------------------------------------------------------------

documents = Table(
    "documents",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("draft_key", UuidKey, nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("number", String(40), nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("till_key", UuidKey, ForeignKey("tills.key"), nullable=False),
    Column("till", String(8), nullable=False),
    # Seller and buyer as JSON: copies that are printed, never searched.
    Column("seller", Text, nullable=False),
    Column("buyer", Text, nullable=False),
    Column("customer_key", UuidKey, ForeignKey("customers.key"), nullable=True),
    Column("buyer_name", String(320), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("prices_include_tax", Boolean(create_constraint=False), nullable=False),
    Column("language", String(35), nullable=False),
    Column("discount_minor", WholeNumber, nullable=True),
    Column("discount_milli", Integer, nullable=True),
    Column("sum_minor", WholeNumber, nullable=False),
    Column("off_minor", WholeNumber, nullable=False),
    Column("net_minor", WholeNumber, nullable=False),
    Column("tax_minor", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    # A rollup of the payments, kept in the same transaction so that "unpaid" is an index; verify recomputes it.
    Column("paid_minor", WholeNumber, nullable=False),
    Column("note", Text, nullable=False),
    Column("date_on", Date, nullable=False),
    Column("due_on", Date, nullable=True),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", String(200), nullable=False),
    Column("issued_by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("sealed_at", Instant, nullable=True),
    Column("voided_at", Instant, nullable=True),
    Column("corrects", UuidKey, ForeignKey("documents.key"), nullable=True),
    Column("replaces", UuidKey, ForeignKey("documents.key"), nullable=True),
    Column("corrected_by", UuidKey, nullable=True),
    Column("origin", UuidKey, nullable=True),
    # The reasons of rates without tax as JSON, or nothing: printed, never searched.
    Column("exemptions", Text, nullable=False, server_default=""),
    # What it prints of the shop's choices, as in its snapshot; empty if an older program issued it.
    Column("layout", Text, nullable=False, server_default=""),
    CheckConstraint("net_minor + tax_minor = gross_minor", name="adds_up"),
)
_MADE_FROM = text("origin IS NOT NULL")
Index("ix_documents_origin", documents.c.origin, sqlite_where=_MADE_FROM, postgresql_where=_MADE_FROM)
# The order of all lists. Behind it is the customer, so that a search by name reads no document of others.
Index("ix_documents_issued", documents.c.issued_at, documents.c.key, documents.c.customer_key)
# Behind its order is the date, so that the documents of many customers are sorted by it without being read.
Index("ix_documents_customer", documents.c.customer_key, documents.c.issued_at, documents.c.key, documents.c.date_on)
# The order of numbers, with what lists in it ask of each document.
Index("ix_documents_numbered", documents.c.number, documents.c.key, documents.c.customer_key, documents.c.date_on)
Index("ix_documents_same", documents.c.customer_key, documents.c.gross_minor, documents.c.issued_at)
Index("ix_documents_issued_by", documents.c.issued_by_key, desc(documents.c.issued_at), desc(documents.c.key))
Index("ix_documents_kind", documents.c.kind, desc(documents.c.issued_at), desc(documents.c.key))
# The order of a period. Behind it is all that filters of a period and statistics by hour and by cashier need: they read
# no document that they leave out; and the number, to sort a period by it.
Index(
    "ix_documents_dated",
    documents.c.date_on,
    documents.c.issued_at,
    documents.c.key,
    documents.c.issued_by_key,
    documents.c.kind,
    documents.c.state,
    documents.c.gross_minor,
    documents.c.number,
)
NOT_ISSUED = text("state <> 'issued'")
"""The condition of a partial index, word for word; see ``UNPAID``."""
Index(
    "ix_documents_not_issued",
    documents.c.state,
    documents.c.issued_at,
    documents.c.key,
    sqlite_where=NOT_ISSUED,
    postgresql_where=NOT_ISSUED,
)
UNPAID = text("state = 'issued' AND kind <> 'quote' AND gross_minor <> paid_minor")
"""The condition in literals: SQLite uses a partial index only if the query has the same condition word for word."""
Index(
    "ix_documents_unpaid",
    desc(documents.c.issued_at),
    desc(documents.c.key),
    documents.c.gross_minor,
    documents.c.paid_minor,
    sqlite_where=UNPAID,
    postgresql_where=UNPAID,
)
Index(
    "ix_documents_open",
    documents.c.customer_key,
    documents.c.date_on,
    documents.c.key,
    documents.c.gross_minor,
    documents.c.paid_minor,
    sqlite_where=UNPAID,
    postgresql_where=UNPAID,
)
_UNSEALED = text("sealed_at IS NULL")
Index("ix_documents_unsealed", documents.c.date_on, sqlite_where=_UNSEALED, postgresql_where=_UNSEALED)

document_lines = Table(
    "document_lines",
    metadata,
    Column("document_key", UuidKey, ForeignKey("documents.key"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("product_key", UuidKey, nullable=True),
    Column("quantity_milli", WholeNumber, nullable=False),
    Column("unit_price_centi", WholeNumber, nullable=False),
    Column("discount_minor", WholeNumber, nullable=True),
    Column("discount_milli", Integer, nullable=True),
    Column("rate_milli", Integer, nullable=False),
    Column("category", String(2), nullable=False),
    Column("amount_minor", WholeNumber, nullable=False),
    Column("unit", String(3), nullable=False, server_default="C62"),
    Index("ix_document_lines_item", "item", "document_key"),
    sqlite_with_rowid=False,
)

document_taxes = Table(
    "document_taxes",
    metadata,
    Column("document_key", UuidKey, ForeignKey("documents.key"), primary_key=True),
    Column("rate_milli", Integer, primary_key=True, autoincrement=False),
    Column("category", String(2), primary_key=True),
    Column("sum_minor", WholeNumber, nullable=False),
    Column("off_minor", WholeNumber, nullable=False),
    Column("net_minor", WholeNumber, nullable=False),
    Column("tax_minor", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

payments = Table(
    "payments",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("document_key", UuidKey, ForeignKey("documents.key"), nullable=False, index=True),
    Column("method", String(20), nullable=False),
    Column("amount_minor", WholeNumber, nullable=False),
    Column("tendered_minor", WholeNumber, nullable=False),
    Column("change_minor", WholeNumber, nullable=False),
    Column("rounding_minor", WholeNumber, nullable=False),
    Column("paid_at", Instant, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("till_key", UuidKey, ForeignKey("tills.key"), nullable=False),
    # A copy of the document's, which never changes, for the documents paid by a method in the order of their numbers.
    Column("number", String(40), nullable=False, server_default=""),
    Index("ix_payments_method", "method", "paid_on", "document_key"),
    Index("ix_payments_number", "method", "number", "document_key", "paid_on"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), nullable=False, index=True),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    # As typed, even if it cannot be parsed, so that nothing typed is lost.
    Column("customer", Text, nullable=False),
    Column("customer_key", UuidKey, nullable=True),
    Column("on_text", Text, nullable=False),
    Column("due_text", Text, nullable=False),
    Column("discount_text", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("cursor_row", Integer, nullable=False),
    Column("cursor_column", Integer, nullable=False),
    Column("edits", UuidKey, nullable=True),
    Column("edits_revision", Integer, nullable=False),
    Column("origin", UuidKey, nullable=True),
    Column("rows", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

draft_rows = Table(
    "draft_rows",
    metadata,
    Column("draft_key", UuidKey, ForeignKey("drafts.key", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("unit_price", Text, nullable=False),
    Column("discount", Text, nullable=False),
    Column("tax", Text, nullable=False),
    Column("product_key", UuidKey, nullable=True),
    sqlite_with_rowid=False,
)

# -- journal and outbox ----------------------------------------------------------------------------------------------

journal = Table(
    "journal",
    metadata,
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("seq", WholeNumber, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("act", String(20), nullable=False),
    Column("document_key", UuidKey, nullable=True),
    Column("number", String(40), nullable=False),
    Column("by_key", UuidKey, nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("lender_name", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    # The canonical bytes, compressed by zlib where a till wrote them; the hash covers the previous hash + those bytes.
    Column("snapshot", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_journal_document_key_at", "document_key", "at"),
)

day_closes = Table(
    "day_closes",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("closed_at", Instant, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    Column("documents", Integer, nullable=False),
    # Of the Z report, which is its canonical JSON (``store/report_snapshots``); null for a close before there were any.
    Column("number", WholeNumber, nullable=True),
    Column("report", Text, nullable=True),
    Index("uq_day_closes_number", "number", unique=True),
)

# -- shifts --------------------------------------------------------------------------------------------------------
# Rows are added only; the database refuses every change. What belongs to a shift is told by the till's journal.

shifts = Table(
    "shifts",
    metadata,
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("number", WholeNumber, primary_key=True, autoincrement=False),
    Column("opening_minor", WholeNumber, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    # The row of its opening in the till's journal.
    Column("opened_seq", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

cash_movements = Table(
    "cash_movements",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("till_key", UuidKey, nullable=False),
    Column("shift", WholeNumber, nullable=False),
    Column("amount_minor", WholeNumber, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    ForeignKeyConstraint(["till_key", "shift"], ["shifts.till_key", "shifts.number"]),
    Index("ix_cash_movements_till_key_shift", "till_key", "shift"),
)

shift_counts = Table(
    "shift_counts",
    metadata,
    Column("till_key", UuidKey, primary_key=True),
    Column("shift", WholeNumber, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("expected_minor", WholeNumber, nullable=False),
    # Null if the day was closed without a count.
    Column("counted_minor", WholeNumber, nullable=True),
    # Coins and notes with their number, as JSON.
    Column("pieces", Text, nullable=False),
    Column("counted_at", Instant, nullable=False),
    Column("by_key", UuidKey, ForeignKey("accounts.key"), nullable=False),
    Column("by_name", String(200), nullable=False),
    # The last row of the till's journal that belongs to the shift.
    Column("until_seq", WholeNumber, nullable=False),
    ForeignKeyConstraint(["till_key", "shift"], ["shifts.till_key", "shifts.number"]),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", UuidKey, primary_key=True),
    # Null for a statement of a customer's account; its number is the first and the last day.
    Column("document_key", UuidKey, ForeignKey("documents.key"), nullable=True),
    Column("number", String(40), nullable=False),
    Column("buyer_name", String(320), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("occasion", String(20), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("language", String(35), nullable=False),
    Column("message_id", String(255), nullable=False, unique=True),
    # The exact bytes of the message, made once before the first attempt; null until then, and again once they are
    # dropped (``queries/sent_messages``): what stays is below.
    Column("body", LargeBinary, nullable=True),
    # The journal row whose snapshot the message prints, fixed when the message was queued.
    Column("journal_till", UuidKey, nullable=False),
    Column("journal_seq", WholeNumber, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=True),
    Column("claimed_by", UuidKey, nullable=True),
    Column("lease_until", Instant, nullable=True),
    Column("last_error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant, nullable=True),
    # Of a statement; the customer of another message is that of its document.
    Column("customer_key", UuidKey, nullable=True),
    # Of a sent message, once it is known if its bytes can be made again: their SHA-256 and number, its headers, and the
    # XML of an e-invoice. If the bytes are still there, they could not.
    Column("body_hash", LargeBinary(32), nullable=True),
    Column("body_size", Integer, nullable=True),
    Column("headers", Text, nullable=True),
    Column("e_invoice", LargeBinary, nullable=True),
)
UNSETTLED = text("state = 'sent' AND channel = 'email' AND body IS NOT NULL AND body_hash IS NULL")
"""The condition of a partial index, word for word; see ``UNPAID``."""
# The order is that of the messages of a document: a list shows the last one.
Index("ix_outbox_document", outbox.c.document_key, outbox.c.created_at, outbox.c.key)
Index("ix_outbox_unsettled", outbox.c.key, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
Index("ix_outbox_state_next_at", outbox.c.state, outbox.c.next_at)
Index("ix_outbox_created_at_key", desc(outbox.c.created_at), desc(outbox.c.key))

# A print belongs to the till that asked for it, whose program alone prints it.
print_jobs = Table(
    "print_jobs",
    metadata,
    Column("key", UuidKey, primary_key=True),
    Column("document_key", UuidKey, ForeignKey("documents.key"), nullable=False, index=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), nullable=False),
    Column("number", String(40), nullable=False),
    Column("form", String(20), nullable=False),
    Column("paper", String(10), nullable=False),
    # 0 for the original.
    Column("copy", Integer, nullable=False),
    # The row of the till's journal whose snapshot is printed, fixed when the print was asked for.
    Column("journal_seq", WholeNumber, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_by", UuidKey, nullable=True),
    Column("last_words", Text, nullable=False),
    # The job of the system's queue: it gives its numbers again after a power cut.
    Column("queue", String(200), nullable=False),
    Column("queue_number", Integer, nullable=True),
    Column("submitted_at", Instant, nullable=True),
    Column("created_at", Instant, nullable=False),
    # Null while anything may still follow, by itself or by a person who has to look.
    Column("ended_at", Instant, nullable=True),
)
Index("ix_print_jobs_till_key_ended_at", print_jobs.c.till_key, print_jobs.c.ended_at)
Index(
    "ix_print_jobs_till_key_created_at_key",
    print_jobs.c.till_key,
    desc(print_jobs.c.created_at),
    desc(print_jobs.c.key),
)

# -- daily totals for dashboard and statistics, written in the document's transaction ------------------------------
# One row per till, so that tills never wait for each other; queries sum over the tills.

day_sales = Table(
    "day_sales",
    metadata,
    Column("day", Date, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("documents", WholeNumber, nullable=False),
    Column("net_minor", WholeNumber, nullable=False),
    Column("tax_minor", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

day_items = Table(
    "day_items",
    metadata,
    Column("day", Date, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    # The item's text, with or without a product.
    Column("item", String(500), primary_key=True),
    Column("quantity_milli", WholeNumber, nullable=False),
    # After the discounts of line and document, and with tax: the items of a day add up to its sales.
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

day_taxes = Table(
    "day_taxes",
    metadata,
    Column("day", Date, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("rate_milli", Integer, primary_key=True, autoincrement=False),
    Column("category", String(2), primary_key=True),
    Column("net_minor", WholeNumber, nullable=False),
    Column("tax_minor", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

day_customers = Table(
    "day_customers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("customer_key", UuidKey, ForeignKey("customers.key"), primary_key=True),
    Column("documents", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    Index("ix_day_customers_customer_key_day", "customer_key", "day"),
    sqlite_with_rowid=False,
)

day_payments = Table(
    "day_payments",
    metadata,
    Column("day", Date, primary_key=True),
    Column("till_key", UuidKey, ForeignKey("tills.key"), primary_key=True),
    Column("method", String(20), primary_key=True),
    Column("payments", WholeNumber, nullable=False),
    # The money that changed hands, and the part of it that is cash rounding: the rest settles documents.
    Column("amount_minor", WholeNumber, nullable=False),
    Column("rounding_minor", WholeNumber, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

# -- sums of months and years --------------------------------------------------------------------------------------
# Of the days before ``summed_days.before``, all tills together: see ``store/period_sums``. ``begins`` is the first day
# of the month or year. ``sold_minor`` adds up the days (of each till) with more sales than returns: no part of the
# period has more. A merged customer counts as the one it was merged into.

summed_days = Table(
    "summed_days",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("before", Date, nullable=False),
    CheckConstraint("id = 1", name="one_mark"),
)


def _of_items(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("begins", Date, primary_key=True),
        Column("item", String(500), primary_key=True),
        Column("quantity_milli", WholeNumber, nullable=False),
        Column("gross_minor", WholeNumber, nullable=False),
        Column("sold_minor", WholeNumber, nullable=False),
        Index(f"ix_{name}_begins_sold_minor", "begins", "sold_minor"),
        sqlite_with_rowid=False,
    )


def _of_customers(name: str, *more: Column[Any] | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("begins", Date, primary_key=True),
        Column("customer_key", UuidKey, ForeignKey("customers.key"), primary_key=True),
        Column("documents", WholeNumber, nullable=False),
        Column("gross_minor", WholeNumber, nullable=False),
        Column("sold_minor", WholeNumber, nullable=False),
        *more,
        Index(f"ix_{name}_begins_sold_minor", "begins", "sold_minor"),
        Index(f"ix_{name}_customer_key_begins_documents", "customer_key", "begins", "documents"),
        sqlite_with_rowid=False,
    )


month_items, year_items = _of_items("month_items"), _of_items("year_items")
# The sums of the days by the department that each item is counted under, all tills together.
day_departments = Table(
    "day_departments",
    metadata,
    Column("department", String(100), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("quantity_milli", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)
# The items that are counted under a department that the product of their name may have left since.
former_departments = Table(
    "former_departments",
    metadata,
    Column("item", Text, primary_key=True),
    Column("department", String(100), nullable=False),
    sqlite_with_rowid=False,
)
month_customers = _of_customers(
    "month_customers",
    # The last month before this one in which the customer bought; year 1 if there is none, null if nothing was bought.
    Column("previous", Date, nullable=True),
    Index("ix_month_customers_begins_previous", "begins", "previous"),
)
year_customers = _of_customers("year_customers")

first_purchases = Table(
    "first_purchases",
    metadata,
    Column("customer_key", UuidKey, ForeignKey("customers.key"), primary_key=True),
    Column("first_on", Date, nullable=False),
    Index("ix_first_purchases_first_on", "first_on"),
    sqlite_with_rowid=False,
)


def _of_sales(name: str, *key: Column[Any], span: str = "day") -> Table:
    return Table(
        name,
        metadata,
        Column(span, Date, primary_key=True),
        *key,
        Column("documents", WholeNumber, nullable=False),
        Column("orders", WholeNumber, nullable=False),
        Column("gross_minor", WholeNumber, nullable=False),
        sqlite_with_rowid=False,
    )


# The quarter of an hour in which documents were issued, as its beginning: the local hour follows from it anywhere.
day_quarters = _of_sales("day_quarters", Column("quarter_at", Instant, primary_key=True))
day_cashiers = _of_sales("day_cashiers", Column("by_key", UuidKey, ForeignKey("accounts.key"), primary_key=True))
# The same of a month: a quarter of an hour of all days of the month of issue is at the first of them (UTC).
month_quarters = _of_sales("month_quarters", Column("quarter_at", Instant, primary_key=True), span="begins")

month_cohorts = Table(
    "month_cohorts",
    metadata,
    Column("begins", Date, primary_key=True),
    # The day of the customers' first purchase; the last day of the calendar for those that never bought.
    Column("first_on", Date, primary_key=True),
    Column("documents", WholeNumber, nullable=False),
    Column("gross_minor", WholeNumber, nullable=False),
    sqlite_with_rowid=False,
)

# -- imports -------------------------------------------------------------------------------------------------------

import_layouts = Table(
    "import_layouts",
    metadata,
    # The columns that the owner chose for a file, for the next file with the same headings (their hash).
    Column("subject", String(20), primary_key=True),
    Column("headings", String(64), primary_key=True),
    Column("layout", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# -- the accountant's export ---------------------------------------------------------------------------------------

account_mappings = Table(
    "account_mappings",
    metadata,
    # The accounts and headings chosen, as JSON; the subject is "accountant", the only export that has any.
    Column("subject", String(20), primary_key=True),
    Column("mapping", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# -- backups -------------------------------------------------------------------------------------------------------

backups = Table(
    "backups",
    metadata,
    # A log, so that every till can show how old the last backup is. The files are stored elsewhere.
    Column("key", UuidKey, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("till", String(8), nullable=False),
    Column("place", Text, nullable=False),
    Column("size", WholeNumber, nullable=False),
    Index("ix_backups_kind_at", "kind", "at"),
)
