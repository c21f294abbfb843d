"""Shops to measure on: small ones through the use cases, large ones filled by plain SQL in a few seconds."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import raw_connection
from shopdesk.domain.collation import sort_key
from shopdesk.store import upgrade
from shopdesk.store.database import connect
from support.shops import SampleShop, open_shop

PRODUCTS = 13_243
"""A supermarket's."""


def shop(folder: Path) -> Path:
    """An opened shop with nothing in it, as a closed file."""
    path = folder / "shop.db"
    database = connect(f"sqlite:///{path}")
    upgrade.open_ready(database)
    open_shop(database)
    database.close()
    return path


def copy(path: Path, name: str) -> Path:
    """The same shop once more."""
    return Path(shutil.copyfile(path, path.with_name(name)))


def sample_shop(path: Path) -> SampleShop:
    """Somebody at a till of the shop in this file."""
    from shopdesk.domain.account import Actor
    from shopdesk.store import accounts
    from shopdesk.store import shop as shops

    database = connect(f"sqlite:///{path}")
    with database.reads() as session:
        staff, till = accounts.everyone(session)[0], shops.all_tills(session)[0]
    return SampleShop(database, Actor(staff, till), datetime.now(UTC))


def fill_with_products(path: Path, count: int) -> None:
    """That many products, with codes P000001 … and barcodes 4000000000001 …"""
    with raw_connection(path) as connection:
        connection.create_function("sort_key", 2, sort_key, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            f"""INSERT INTO products (key, code, barcode, name, sort_key, price_centi, tax_key, is_retired)
            SELECT randomblob(16), printf('P%06d', n), printf('4%012d', n), printf('Item %06d of the shelf', n),
                   sort_key(printf('Item %06d of the shelf', n), 'en'), 10000 + n % 90000, NULL, 0 FROM ({_NUMBERS})""",
            (count,),
        )
        connection.execute("COMMIT")


def fill_with_documents(path: Path, count: int) -> None:
    """That many sealed receipts of another till, one in five minutes until now, a hundred of them unpaid."""
    with raw_connection(path) as connection:
        connection.create_function("sort_key", 2, sort_key, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        for statement in _FILL:
            connection.execute(statement, {"count": count, "step": 300} if ":count" in statement else {})
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) SELECT n FROM numbers"
)
_NAMED = _NUMBERS.replace("?", ":count")
_AT = "unixepoch() - (:count - n) * :step"

_FILL = (
    "INSERT INTO tills (key, name, created_at, journal_hash) VALUES (randomblob(16), 'B', '2026', zeroblob(32))",
    f"""INSERT INTO customers (key, name, sort_key, email, email_folded, created_at)
    SELECT randomblob(16), printf('Customer %05d', n), sort_key(printf('Customer %05d', n), 'en'),
           printf('c%d@example.org', n), printf('c%d@example.org', n), '2026'
    FROM ({_NAMED}) WHERE n <= 5000""",
    "CREATE TEMP TABLE customer (number INTEGER PRIMARY KEY, key BLOB, name TEXT, email TEXT)",
    "INSERT INTO customer (key, name, email) SELECT key, name, email FROM customers",
    f"""INSERT INTO documents
    SELECT randomblob(16), randomblob(16), 'receipt', printf('R-B-2026-%07d', n), 'issued', 1, tills.key, 'B',
           json_object('name', 'Corner Shop', 'address', '', 'country', 'US', 'tax_id', '', 'email', '', 'phone', '',
                       'footer', ''),
           json_object('key', NULL, 'name', c.name, 'email', c.email, 'phone', '', 'address', '', 'tax_id', '',
                       'language', ''),
           c.key, c.name, 'USD', 1, 'en', NULL, NULL, 1160 + n, 0, 1000 + n, 160, 1160 + n,
           CASE WHEN n % 1000 = 7 THEN 0 ELSE 1160 + n END, '', date({_AT}, 'unixepoch'), NULL,
           strftime('%Y-%m-%dT%H:%M:%S.000000Z', {_AT}, 'unixepoch'), 'Ada', accounts.key,
           strftime('%Y-%m-%dT%H:%M:%S.000000Z', {_AT}, 'unixepoch'), NULL, NULL, NULL, NULL, NULL, '', ''
    FROM ({_NAMED}) JOIN customer AS c ON c.number = 1 + n % 5000, (SELECT key FROM tills WHERE name = 'B') AS tills,
         (SELECT key FROM accounts LIMIT 1) AS accounts""",
    """INSERT INTO day_sales SELECT date_on, till_key, kind, count(*), sum(net_minor), sum(tax_minor), sum(gross_minor)
    FROM documents GROUP BY 1, 2, 3""",
    """INSERT INTO outbox (key, document_key, number, buyer_name, channel, occasion, recipient, language, message_id,
                           journal_till, journal_seq, state, attempts, last_error, created_at)
    SELECT randomblob(16), key, number, buyer_name, 'email', 'order placed', 'c@example.org', 'en', hex(key), till_key,
           0, CASE WHEN paid_minor = 0 THEN 'failed' ELSE 'sent' END, 1, '250 OK', issued_at
    FROM documents""",
    "DROP TABLE customer",
)
