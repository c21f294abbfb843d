"""Sums of months and years for the statistics. They are empty: the program fills them day by day while it runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0026"
down_revision = "0025"

_PERIODS = ("month", "year")


def upgrade() -> None:
    op.create_table(
        "summed_days",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_summed_days_one_mark"),
        sa.PrimaryKeyConstraint("id", name="pk_summed_days"),
    )
    for period in _PERIODS:
        _create(f"{period}_items", "item", sa.Column("item", sa.String(length=500), nullable=False), "quantity_milli")
        customer: sa.Column[Any] = sa.Column("customer_key", UuidKey(length=16), nullable=False)
        previous = [sa.Column("previous", sa.Date(), nullable=True)] if period == "month" else []
        _create(f"{period}_customers", "customer_key", customer, "documents", *previous, _of_customer(period))
        op.create_index(
            f"ix_{period}_customers_customer_key_begins_documents",
            f"{period}_customers",
            ["customer_key", "begins", "documents"],
        )
    op.create_index("ix_month_customers_begins_previous", "month_customers", ["begins", "previous"])
    op.create_table(
        "first_purchases",
        sa.Column("customer_key", UuidKey(length=16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["customer_key"], ["customers.key"], name="fk_first_purchases_customer_key_customers"),
        sa.PrimaryKeyConstraint("customer_key", name="pk_first_purchases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_first_purchases_first_on", "first_purchases", ["first_on"])
    op.create_table(
        "month_cohorts",
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("documents", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.PrimaryKeyConstraint("begins", "first_on", name="pk_month_cohorts"),
        sqlite_with_rowid=False,
    )
    _create_of_days("day_quarters", sa.Column("quarter_at", Instant(length=27), nullable=False))
    _create_of_days(
        "day_cashiers",
        sa.Column("by_key", UuidKey(length=16), nullable=False),
        sa.ForeignKeyConstraint(["by_key"], ["accounts.key"], name="fk_day_cashiers_by_key_accounts"),
    )


def _create(name: str, key: str, of_key: sa.Column[Any], counted: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("begins", sa.Date(), nullable=False),
        of_key,
        sa.Column(counted, WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        sa.Column("sold_minor", WholeNumber(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("begins", key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{name}_begins_sold_minor", name, ["begins", "sold_minor"])


def _create_of_days(name: str, of_key: sa.Column[Any], *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("day", sa.Date(), nullable=False),
        of_key,
        sa.Column("documents", WholeNumber(), nullable=False),
        sa.Column("orders", WholeNumber(), nullable=False),
        sa.Column("gross_minor", WholeNumber(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("day", of_key.name, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def _of_customer(period: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer_key"], ["customers.key"], name=f"fk_{period}_customers_customer_key_customers"
    )


def downgrade() -> None:
    tables = [f"{period}_{of}" for period in _PERIODS for of in ("items", "customers")]
    for table in (*tables, "first_purchases", "month_cohorts", "day_quarters", "day_cashiers", "summed_days"):
        op.drop_table(table)
