"""Totals that add up: items after all discounts and with tax, the taxes of each day, and cash rounding by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import UuidKey, WholeNumber

revision = "0003"
down_revision = "0002"

_ITEMS = sa.table(
    "day_items",
    sa.column("day", sa.Date()),
    sa.column("till_key", UuidKey()),
    sa.column("item", sa.String()),
    sa.column("quantity_milli", WholeNumber()),
    sa.column("gross_minor", WholeNumber()),
)
_PAYMENTS = sa.table(
    "day_payments",
    sa.column("day", sa.Date()),
    sa.column("till_key", UuidKey()),
    sa.column("method", sa.String()),
    sa.column("rounding_minor", WholeNumber()),
)
_COUNTED = "d.state <> 'voided' AND d.kind <> 'quote'"


def upgrade() -> None:
    op.create_table(
        "day_taxes",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("rate_milli", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("net_minor", WholeNumber(), nullable=False),
        sa.Column("tax_minor", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_day_taxes_till_key_tills"),
        sa.PrimaryKeyConstraint("day", "till_key", "rate_milli", "category", name="pk_day_taxes"),
        sqlite_with_rowid=False,
    )
    op.execute(f"""
        INSERT INTO day_taxes (day, till_key, rate_milli, category, net_minor, tax_minor, gross_minor)
        SELECT d.date_on, d.till_key, t.rate_milli, t.category, sum(t.net_minor), sum(t.tax_minor), sum(t.gross_minor)
        FROM documents d JOIN document_taxes t ON t.document_key = d.key
        WHERE {_COUNTED} GROUP BY d.date_on, d.till_key, t.rate_milli, t.category""")
    op.add_column("day_payments", sa.Column("rounding_minor", WholeNumber(), server_default="0", nullable=False))
    _fill_rounding()
    op.execute("ALTER TABLE day_items RENAME COLUMN amount_minor TO gross_minor")
    _fill_items()
    if op.get_bind().dialect.name == "postgresql":
        _let_tills_in()


def downgrade() -> None:
    op.execute("ALTER TABLE day_items RENAME COLUMN gross_minor TO amount_minor")
    op.execute("DELETE FROM day_items")
    op.execute(f"""
        INSERT INTO day_items (day, till_key, item, quantity_milli, amount_minor)
        SELECT d.date_on, d.till_key, l.item, sum(l.quantity_milli), sum(l.amount_minor)
        FROM documents d JOIN document_lines l ON l.document_key = d.key
        WHERE {_COUNTED} GROUP BY d.date_on, d.till_key, l.item""")
    op.execute("ALTER TABLE day_payments DROP COLUMN rounding_minor")
    op.drop_table("day_taxes")


def _fill_rounding() -> None:
    found = sa.text(
        "SELECT paid_on, till_key, method, sum(rounding_minor) FROM payments WHERE rounding_minor <> 0"
        " GROUP BY paid_on, till_key, method"
    ).columns(sa.column("on", sa.Date()), sa.column("till", UuidKey()), sa.column("by", sa.String()), sa.column("sum"))
    rows = [
        {"on": on, "till": till, "by": method, "sum": int(rounding)}
        for on, till, method, rounding in op.get_bind().execute(found)
    ]
    if rows:
        columns = _PAYMENTS.c
        which = (
            columns.day == sa.bindparam("on"),
            columns.till_key == sa.bindparam("till"),
            columns.method == sa.bindparam("by"),
        )
        op.get_bind().execute(sa.update(_PAYMENTS).where(*which).values(rounding_minor=sa.bindparam("sum")), rows)


def _fill_items() -> None:
    """Compute the totals again, a day at a time: so the memory of one day is enough."""
    connection = op.get_bind()
    connection.execute(sa.delete(_ITEMS))
    days = list(connection.execute(sa.text(f"SELECT DISTINCT date_on FROM documents d WHERE {_COUNTED}")).scalars())
    for day in days:
        sums: dict[tuple[Any, ...], tuple[int, int]] = {}
        for key, quantity, gross in _sold_on(connection, day):
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + quantity, before[1] + gross)
        rows = [
            {"day": on, "till_key": till, "item": item, "quantity_milli": quantity, "gross_minor": gross}
            for (on, till, item), (quantity, gross) in sums.items()
        ]
        if rows:
            connection.execute(sa.insert(_ITEMS), rows)


def _sold_on(connection: sa.Connection, day: Any) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """Yield the key, the quantity and the gross of each line of a day's documents."""
    lines = sa.text(f"""
        SELECT l.document_key, l.rate_milli, l.category, d.date_on, d.till_key, l.item, l.quantity_milli,
               l.amount_minor, t.gross_minor
        FROM documents d JOIN document_lines l ON l.document_key = d.key
        JOIN document_taxes t
          ON t.document_key = l.document_key AND t.rate_milli = l.rate_milli AND t.category = l.category
        WHERE d.date_on = :day AND {_COUNTED} ORDER BY l.document_key, l.rate_milli, l.category, l.position""")
    typed = lines.columns(
        sa.column("document_key", UuidKey()),
        sa.column("rate_milli"),
        sa.column("category"),
        sa.column("date_on", sa.Date()),
        sa.column("till_key", UuidKey()),
        sa.column("item"),
        sa.column("quantity_milli"),
        sa.column("amount_minor"),
        sa.column("gross_minor"),
    )
    for _, group in groupby(connection.execute(typed, {"day": day}), key=itemgetter(0, 1, 2)):
        members = list(group)
        parts = _split(members[0].gross_minor, [line.amount_minor for line in members])
        for line, part in zip(members, parts, strict=True):
            yield (line.date_on, line.till_key, line.item), line.quantity_milli, part


def _split(amount: int, sums: list[int]) -> list[int]:
    """Split an amount in proportion to some sums by the largest remainder, as ``domain.totals.split`` did then."""
    whole = sum(sums)
    if not amount or not whole:
        return [0] * len(sums)
    shares = [abs(amount) * (one if whole > 0 else -one) for one in sums]
    parts = [share // abs(whole) for share in shares]
    by_claim = sorted(range(len(sums)), key=lambda at: (-(shares[at] % abs(whole)), -abs(sums[at]), at))
    for at in by_claim[: abs(amount) - sum(parts)]:
        parts[at] += 1
    return [part if amount > 0 else -part for part in parts]


def _let_tills_in() -> None:
    """Grant the rights to all roles that may insert into the journal: these are the tills' roles."""
    op.execute("""
        DO $$ DECLARE till name; BEGIN
            FOR till IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = current_schema() AND table_name = 'journal' AND privilege_type = 'INSERT'
                    AND grantee NOT IN (current_user, 'PUBLIC')
            LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE ON day_taxes TO %I', till);
            END LOOP;
        END $$""")
