"""Names sort as people do, search finds ends and national forms, and customers can be merged and erased.

The keys and words are made by the program's own functions: whatever they become, the lists and the search of the same
program match them, and a later change of them comes with a migration that fills them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdesk.domain import search_words
from shopdesk.domain.collation import sort_key
from shopdesk.domain.email_address import comparable
from shopdesk.domain.search_words import SearchWords
from shopdesk.store.columns import Instant, UuidKey

revision = "0005"
down_revision = "0004"

_AT_ONCE = 1000
_CUSTOMERS = sa.table(
    "customers",
    sa.column("key", UuidKey()),
    sa.column("name", sa.String()),
    sa.column("email", sa.String()),
    sa.column("email_folded", sa.String()),
    sa.column("phone", sa.String()),
    sa.column("sort_key", sa.LargeBinary()),
)
_PRODUCTS = sa.table(
    "products",
    sa.column("key", UuidKey()),
    sa.column("name", sa.String()),
    sa.column("code", sa.String()),
    sa.column("barcode", sa.String()),
    sa.column("sort_key", sa.LargeBinary()),
)
_WORDS = sa.table(
    "search_words", sa.column("kind", sa.String()), sa.column("word", sa.String()), sa.column("key", UuidKey())
)


def upgrade() -> None:
    for table in ("customers", "products"):
        op.add_column(table, sa.Column("sort_key", sa.LargeBinary(), server_default="", nullable=False))
    op.add_column("customers", sa.Column("merged_into", UuidKey(length=16), nullable=True))
    op.add_column("customers", sa.Column("erased_at", Instant(length=27), nullable=True))
    language = op.get_bind().execute(sa.text("SELECT language FROM shop")).scalar() or "en"
    op.execute(sa.delete(_WORDS))
    _fill(
        _CUSTOMERS,
        "customer",
        lambda row: {"sort_key": sort_key(row.name, language), "email_folded": comparable(row.email)},
        lambda row: search_words.of_customer(row.name, row.email, row.phone),
    )
    _fill(
        _PRODUCTS,
        "product",
        lambda row: {"sort_key": sort_key(row.name, language)},
        lambda row: search_words.of_product(row.name, row.code, row.barcode),
    )
    for table in ("customers", "products"):
        op.drop_index(f"ix_{table}_name_key", table)
        op.create_index(f"ix_{table}_name", table, ["name"])
        op.create_index(f"ix_{table}_sort_key_key", table, ["sort_key", "key"])
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"])


def downgrade() -> None:
    op.execute("DELETE FROM search_words WHERE kind LIKE '%<'")
    op.drop_index("ix_customers_merged_into", "customers")
    for table in ("customers", "products"):
        op.drop_index(f"ix_{table}_sort_key_key", table)
        op.drop_index(f"ix_{table}_name", table)
        op.create_index(f"ix_{table}_name_key", table, ["name", "key"])
        op.execute(f"ALTER TABLE {table} DROP COLUMN sort_key")
    for column in ("erased_at", "merged_into"):
        op.execute(f"ALTER TABLE customers DROP COLUMN {column}")


def _fill(
    table: sa.TableClause, kind: str, columns: Callable[[Any], dict[str, Any]], found_by: Callable[[Any], SearchWords]
) -> None:
    """Fill the columns and the words of a table, a thousand rows at a time."""
    connection = op.get_bind()
    change = sa.update(table).where(table.c.key == sa.bindparam("which"))
    for rows in _parts(table):
        filled = [columns(row) for row in rows]
        values: dict[str, Any] = {name: sa.bindparam(name) for name in filled[0]}
        given = [each | {"which": row.key} for each, row in zip(filled, rows, strict=True)]
        connection.execute(change.values(values), given)
        words = [
            {"kind": of_kind, "word": word, "key": row.key}
            for row in rows
            for found in [found_by(row)]
            for of_kind, some in ((kind, found.words), (f"{kind}<", found.endings))
            for word in some
        ]
        if words:
            connection.execute(sa.insert(_WORDS), words)


def _parts(table: sa.TableClause) -> Iterator[list[Any]]:
    statement = sa.select(table).order_by(table.c.key).limit(_AT_ONCE)
    after = None
    while rows := list(op.get_bind().execute(statement if after is None else statement.where(table.c.key > after))):
        yield rows
        after = rows[-1].key
