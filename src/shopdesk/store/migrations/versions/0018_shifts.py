"""Shifts of the tills with their counts, and the Z report of each close of the day.

What was closed before has no Z report. From now on the database refuses to change a close, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0018"
down_revision = "0017"

_KEPT = ("day_closes", "shifts", "cash_movements", "shift_counts")


def upgrade() -> None:
    op.create_table(
        "shifts",
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("number", WholeNumber(), nullable=False),
        sa.Column("opening_minor", WholeNumber(), nullable=False),
        sa.Column("opened_at", Instant(length=27), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("opened_seq", WholeNumber(), nullable=False),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_shifts_till_key_tills"),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_shifts_by_key_accounts"),
        sa.PrimaryKeyConstraint("till_key", "number", name="pk_shifts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cash_movements",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("shift", WholeNumber(), nullable=False),
        sa.Column("amount_minor", WholeNumber(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("moved_at", Instant(length=27), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        _of_shift("cash_movements"),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_cash_movements_by_key_accounts"),
        sa.PrimaryKeyConstraint("key", name="pk_cash_movements"),
    )
    op.create_index("ix_cash_movements_till_key_shift", "cash_movements", ["till_key", "shift"])
    op.create_table(
        "shift_counts",
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("shift", WholeNumber(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expected_minor", WholeNumber(), nullable=False),
        sa.Column("counted_minor", WholeNumber(), nullable=True),
        sa.Column("pieces", sa.Text(), nullable=False),
        sa.Column("counted_at", Instant(length=27), nullable=False),
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("until_seq", WholeNumber(), nullable=False),
        _of_shift("shift_counts"),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_shift_counts_by_key_accounts"),
        sa.PrimaryKeyConstraint("till_key", "shift", "attempt", name="pk_shift_counts"),
        sqlite_with_rowid=False,
    )
    op.add_column("day_closes", sa.Column("number", WholeNumber(), nullable=True))
    op.add_column("day_closes", sa.Column("report", sa.Text(), nullable=True))
    op.create_index("uq_day_closes_number", "day_closes", ["number"], unique=True)
    for table in _KEPT:
        _guard(table)


def downgrade() -> None:
    for table in _KEPT:
        _unguard(table)
    op.drop_index("uq_day_closes_number", table_name="day_closes")
    for name in ("number", "report"):
        op.execute(f"ALTER TABLE day_closes DROP COLUMN {name}")
    op.drop_table("shift_counts")
    op.drop_table("cash_movements")
    op.drop_table("shifts")


def _of_shift(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_till_key_shift_shifts"
    return sa.ForeignKeyConstraint(["till_key", "shift"], ["shifts.till_key", "shifts.number"], name=name)


def _guard(table: str) -> None:
    """Refuse every change of the rows of a table, whatever program tries it."""
    if op.get_bind().dialect.name == "postgresql":
        refuse = "EXECUTE FUNCTION shopdesk_refuse_always()"
        op.execute(f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER keep_{table}_whole BEFORE TRUNCATE ON {table} {refuse}")
        return
    for event in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER keep_{table}_{event} BEFORE {event.upper()} ON {table} FOR EACH ROW WHEN 1 "
            f"BEGIN SELECT RAISE(ABORT, 'kept for ever: {table}_{event}'); END"
        )


def _unguard(table: str) -> None:
    on = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
    for suffix in ("", "_whole") if on else ("_update", "_delete"):
        op.execute(f"DROP TRIGGER keep_{table}{suffix}{on}")
