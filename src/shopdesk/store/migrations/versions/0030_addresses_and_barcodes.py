"""E-mail addresses compared by the domain that DNS knows, barcodes in groups or without their first zero as GTINs.

Signs that are several letters, such as “№”, are searched in small letters, and a user name is compared however its
accents are stored. The values are made by the program's own functions, as in 0005: whatever they become, those of one
program match.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdesk.domain import search_words
from shopdesk.domain.barcode import gtin
from shopdesk.domain.email_address import comparable
from shopdesk.domain.search_words import SearchWords
from shopdesk.store.accounts import folded
from shopdesk.store.columns import UuidKey

revision = "0030"
down_revision = "0029"

_CUSTOMERS = sa.table(
    "customers",
    sa.column("key", UuidKey()),
    *(sa.column(name, sa.String()) for name in ("name", "email", "email_folded", "phone")),
)
_PRODUCTS = sa.table(
    "products",
    sa.column("key", UuidKey()),
    *(sa.column(name, sa.String()) for name in ("name", "code", "barcode", "gtin")),
)
_ACCOUNTS = sa.table(
    "accounts",
    sa.column("key", UuidKey()),
    *(sa.column(name, sa.String()) for name in ("user_name", "user_name_folded")),
)
_WORDS = sa.table(
    "search_words", sa.column("kind", sa.String()), sa.column("word", sa.String()), sa.column("key", UuidKey())
)
_AT_ONCE = 1000


def upgrade() -> None:
    _fill(_CUSTOMERS, "email", "email_folded", comparable)
    _fill(_PRODUCTS, "barcode", "gtin", gtin)
    _fill(_ACCOUNTS, "user_name", "user_name_folded", folded)
    _search(_CUSTOMERS, "customer", lambda row: search_words.of_customer(row.name, row.email, row.phone))
    _search(_PRODUCTS, "product", lambda row: search_words.of_product(row.name, row.code, row.barcode))


def downgrade() -> None:
    pass


def _fill(table: sa.TableClause, typed: str, compared: str, form: Callable[[str], str]) -> None:
    """Fill a column that is compared from the one that was typed, where it has changed."""
    connection, columns = op.get_bind(), table.c
    found = connection.execute(sa.select(columns.key, columns[typed], columns[compared]).where(columns[typed] != ""))
    rows = [{"which": key, "form": new} for key, text, before in found if (new := form(text)) != before]
    change = sa.update(table).where(columns.key == sa.bindparam("which")).values({compared: sa.bindparam("form")})
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(change, rows[start : start + _AT_ONCE])


def _search(table: sa.TableClause, kind: str, found_by: Callable[[Any], SearchWords]) -> None:
    """Make the words anew by which the rows with such signs are found."""
    connection = op.get_bind()
    found_now = sa.select(table).where(table.c.key.in_(sa.select(_WORDS.c.key)))  # those merged or erased have no words
    for row in [row for row in connection.execute(found_now) if _has_hidden_capitals(row.name)]:
        found = found_by(row)
        connection.execute(sa.delete(_WORDS).where(_WORDS.c.key == row.key))
        words = [
            {"kind": of_kind, "word": word, "key": row.key}
            for of_kind, some in ((kind, found.words), (f"{kind}<", found.endings))
            for word in some
        ]
        connection.execute(sa.insert(_WORDS), words)


def _has_hidden_capitals(name: str) -> bool:
    return not name.isascii() and any(map(str.isupper, unicodedata.normalize("NFKD", name.casefold())))
