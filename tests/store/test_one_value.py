"""Whatever single value of the books is changed behind the program, ``verify`` names it, on both databases.

The values that it cannot know are in ``OUTSIDE``, each with its reason; ``docs/outside-the-chain.md`` tells owners.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Row,
    Table,
    and_,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.exc import StatementError

from shopdesk.domain.account import Identity, Role
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.paper_layout import PaperTexts
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.queries import shop as ask_shop
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import journaled_documents, outbox
from shopdesk.store.columns import Instant, UuidKey, WholeNumber
from shopdesk.store.database import Database
from shopdesk.store.session import Session
from shopdesk.store.tables import customers, metadata
from shopdesk.store.tables import documents as documents_table
from shopdesk.store.tables import products as products_table
from shopdesk.usecases import (
    accounts,
    documents,
    papers,
    pins,
    print_jobs,
    products,
    provider_identities,
    shifts,
)
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.day_close import UNCOUNTED, close_day
from shopdesk.usecases.period_sums import add_finished_day
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD = "four words in a row"

OUTSIDE = {
    **{
        f"customers.{column.name}": "an address book, which every cashier may edit; documents have copies"
        for column in customers.c
        if column.name not in {"name", "email", "email_folded", "sort_key"}
    },
    "sign_in_failures": "forgotten after a day",
    "search_words": "an index of customers and products",
    "drafts": "unfinished work",
    "draft_rows": "unfinished work",
    "import_layouts": "how a file's columns were read last: a convenience",
    "account_mappings": "headings and account numbers of an export; the journal tells who changed them",
    "backups": "a log of copies, not of sales",
    "tills.created_at": "shown nowhere",
    "tills.default_kind": "a convenience of the till",
    "tills.shortcuts": "a convenience of the till",
    "products.tile_colour": "how a button looks",
    "products.tile_page": "how a button looks",
    "products.tile_order": "how a button looks",
    "tax_rates.position": "the order of a list",
    "accounts.created_at": "the order of a list",
    "credentials.pin_failures": "forgotten at the next right PIN",
    "identities.linked_at": "the order of a list",
    **{
        f"products.{column.name}": "a word of a list; prices and taxes are covered, documents have copies"
        for column in products_table.c
        if column.name not in {"key", "price_centi", "tax_key"}
    },
    "print_jobs": "what a printer was told; that a document was printed, and as which copy, is in the journal",
    "outbox.body": "the message as sent: made of the journal's content, by the layout of its day",
    "outbox.body_hash": "of bytes that were dropped: they are made again when someone asks for the message",
    "outbox.body_size": "of bytes that were dropped",
    "outbox.headers": "of bytes that were dropped; the Message-ID in them is compared",
    "outbox.e_invoice": "of bytes that were dropped: made of the journal's content",
    "outbox.occasion": "why it was sent: another of the known reasons",
    "outbox.message_id": "the part after the @ is the shop's domain of its day",
    "outbox.attempts": "what happened at the mail server",
    "outbox.next_at": "what happened at the mail server",
    "outbox.last_error": "what the mail server said",
    "outbox.sent_at": "when the mail server took it",
    "outbox.lease_until": "of a worker that is sending",
    "outbox.claimed_by": "of a worker that is sending",
}
"""The tables and columns of which a changed value may be silent."""


_PARTS = {
    **dict.fromkeys(("accounts", "identities", "shop", "tax_rates", "products"), verify.value_violations),
    **dict.fromkeys(("documents", "document_lines", "document_taxes", "payments"), verify.document_violations),
    **dict.fromkeys(("journal", "tills"), verify.journal_violations),
    "series": verify.number_violations,
    "outbox": verify.message_violations,
    "day_closes": verify.close_violations,
    **dict.fromkeys(("shifts", "cash_movements", "shift_counts"), verify.shift_violations),
    "logos": verify.logo_violations,
    "customers": verify.customer_violations,
}
"""The part of the verification that is about a table, by default that of the sums: it is asked first, to save time."""


def full_shop(sample_shop: SampleShop) -> None:
    """Sell, correct, delete, pay, close, send and change settings, at two tills, by two people."""
    ben = sample_shop.staff(Role.MANAGER)
    with sample_shop.database.sessions.begin() as session:
        till_b = do_shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=sample_shop.now)
    his = sample_shop.as_(ben)
    his.by = replace(his.by, till=till_b)
    for one in (sample_shop, his):
        his.now = sample_shop.now
        one.do(shifts.open_shift, Money(5_000, Currency.of("USD")))
        bank = {"is_out": True, "movement_key": new_key()}
        one.do(shifts.move_cash, Money(1_000, Currency.of("USD")), "Bank", **bank)
        sample_shop.now = his.now
    sample_shop.change_shop(due_days=30)
    sample_shop.do(papers.set_logo, b"\x89PNG\r\n\x1a\n")
    changed = {(Kind.RECEIPT, "en"): PaperTexts(footer="Bye")}
    sample_shop.do(papers.change_texts, changed, has_barcode=True, base=sample_shop.ask(ask_shop.current))
    shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    for code, tax in (("1", shop.taxes[0]), ("2", shop.taxes[1])):
        tea = Product(key=new_key(), code=code, name="Tea", price=90_000, tax_key=tax.key)
        sample_shop.do(products.save, replace(sample_shop.do(products.save, tea), price=91_000))
    for one, subject in ((sample_shop, "7"), (his, "8")):
        with sample_shop.database.sessions.begin() as session:
            accounts.recover_owner(session, "ada", new=PASSWORD, now=sample_shop.now)
        if one is his:
            sample_shop.do(accounts.reset_password, ben.key, new="for one sign-in only")
            his.do(accounts.change_password, old="for one sign-in only", new=PASSWORD)
        one.do(pins.set_pin, "2580", password=PASSWORD, pepper=b"pepper")
        identity = Identity(issuer="https://id.example", subject=subject, label="Example")
        one.do(provider_identities.link, identity, password=PASSWORD)
    quote = sample_shop.issue(kind=Kind.QUOTE, discount="0.10")
    sample_shop.issue(customer="Eve <eve@example.org>", origin=quote.key)
    invoice = sample_shop.issue(DraftRow("Tea", "3", "0.99"), kind=Kind.INVOICE, discount="10 %", note="Thank you")
    card = Tender(method=Method.CARD, tendered=100)
    his.now = sample_shop.now
    his.do(documents.pay, invoice.key, card, payment_key=new_key())
    amended = his.issue()
    his.do(documents.correct, amended.key, his.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    sample_shop.do(documents.delete, sample_shop.issue(DraftRow("Pie", "2", "5", "50 %")).key)
    his.do(shifts.count_shift, ((2_000, 2), (25, 3)))
    sample_shop.now = his.now
    sample_shop.do(close_day, confirmed=frozenset({UNCOUNTED}))
    sample_shop.now += timedelta(days=1)
    with sample_shop.database.sessions.begin() as session:
        assert add_finished_day(session, today=sample_shop.today)
    sample_shop.do(documents.delete, invoice.key)
    sample_shop.do(products.save, Product(key=new_key(), code="3", name="Milk", department="Food", price=1))
    sample_shop.do(print_jobs.note_printed, invoice.key)
    sample_shop.do(close_day)
    today = sample_shop.today
    assert invoice.buyer.key is not None
    sample_shop.do(send_statement, invoice.buyer.key, since=today - timedelta(days=9), until=today)
    with sample_shop.database.sessions.begin() as session:
        for state, sent_at in ((DeliveryStatus.SENT, sample_shop.now), (DeliveryStatus.FAILED, None)):
            worker = new_key()
            key = outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=sample_shop.now)
            assert key is not None
            outbox.save_body(session, key, b"the bytes", worker=worker)
            outbox.record_result(session, key, worker=worker, state=state, sent_at=sent_at, next_at=None)


def changed(column: Column[Any], row: Row[Any], others: Sequence[Row[Any]]) -> Iterator[Any]:
    """Yield other values for a column of a row: one of its kind, the one of another row, and none."""
    value = row._mapping[column.name]
    match column.type:
        case UuidKey():
            yield new_key()
        case Boolean():
            yield not value
        case Instant():
            yield (value or NOW) + timedelta(seconds=1)
        case Date():
            yield (value or NOW.date()) + timedelta(days=1)
        case LargeBinary():
            yield (value or b"") + b"x"
            yield bytes([value[0] ^ 1, *value[1:]]) if value else b"y"
        case WholeNumber() | Integer():
            yield (value or 0) + 1
        case _:
            yield (value or "").replace("Ada", "Eve") if "Ada" in (value or "") else f"{value or ''}x"
    yield from [one for other in others if (one := other._mapping[column.name]) != value][:1]
    if value is not None and column.nullable:
        yield None


def shown(table: Table, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the rows that can be seen: sums that came back to zero count as no row."""
    width = len(table.primary_key)
    return [row for row in rows if not table.name.startswith(("day_", "month_", "year_")) or any(row[width:])]


def some(rows: Sequence[Row[Any]], count: int) -> Sequence[Row[Any]]:
    """Return the last row and the one in the middle, as many as there are."""
    return (rows[-1], rows[len(rows) // 2])[: min(count, len(rows))]


def in_books() -> list[Column[Any]]:
    """Every column of every table but for what is outside."""
    return [
        column
        for table in metadata.sorted_tables
        if table.name not in OUTSIDE
        for column in table.c
        if str(column) not in OUTSIDE
    ]


def test_no_single_value_of_the_books_changes_without_a_word(sample_shop: SampleShop) -> None:
    full_shop(sample_shop)
    silent = set()
    with unguarded(sample_shop.database) as connection:
        session = Session(connection)
        assert list(verify.book_violations(session)) == []
        is_file = connection.dialect.name == "sqlite"  # a server takes longer, and has the same rules
        rows = {table: shown(table, connection.execute(select(table)).all()) for table in metadata.sorted_tables}
        all_keys = select(documents_table.c.key).order_by(documents_table.c.key)
        keys = connection.execute(all_keys).scalars().all()
        assert set(journaled_documents.in_doubt(session, keys)) == {
            row.key for row in rows[documents_table] if row.corrects is not None
        }
        for column in in_books():
            assert rows[column.table], f"the test's shop has no {column.table.name}"
            last = len(rows[column.table]) - 1
            part = _PARTS.get(column.table.name, verify.rollup_violations)
            for row in sorted({0, last // 2, last}) if is_file else [last]:
                here = rows[column.table][row]
                for value in islice(changed(column, here, rows[column.table]), 1):
                    place = connection.begin_nested()
                    try:
                        set_value(connection, column, here, value)
                    except (StatementError, TypeError):
                        place.rollback()
                        continue  # the database says no
                    if is_file and part is verify.document_violations and row == last:
                        # By bytes and one by one, the same is found.
                        keys = connection.execute(all_keys).scalars().all()
                        assert list(part(session)) == list(verify.violations_of_each(session, keys)), str(column)
                    if not next(chain(part(session), verify.book_violations(session)), None):
                        silent.add((str(column), repr(here._mapping[column.name])[:60], repr(value)[:60]))
                    place.rollback()
    assert sorted(silent) == []


def set_value(connection: Connection, column: Column[Any], row: Row[Any], value: Any) -> None:
    table = column.table
    assert isinstance(table, Table)
    this = and_(*(key == row._mapping[key.name] for key in table.primary_key))
    connection.execute(update(table).where(this).values({column.name: value}))


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """A transaction without guards and foreign keys, which is rolled back."""
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=OFF").close()
        transaction = connection.begin()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            names = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.execute(names).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        transaction.rollback()
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=ON").close()
