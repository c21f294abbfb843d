"""The accountant's export of a period: documents with their lines and taxes, payments, customers and products.

Documents count by their date, payments by the day they were taken, as in the money report. Lines and taxes are those of
the documents that count: not voided, and no quotes. Everything is read some hundred records at a
time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.document import Kind, State
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import split
from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries.accounts import permitted
from shopdesk.queries.keyset import rows_after
from shopdesk.render.export import Cell
from shopdesk.store import account_mappings, shop
from shopdesk.store.plain_rows import key_text, key_text_or_none, plain
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    customers,
    day_customers,
    document_lines,
    document_taxes,
    documents,
    payments,
    products,
    tax_rates,
    tills,
)


class ExportTable(StrEnum):
    """A table of the export; the value is the name of its file."""

    DOCUMENTS = "documents"
    LINES = "lines"
    TAXES = "taxes"
    PAYMENTS = "payments"
    CUSTOMERS = "customers"
    PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: its name in the mapping (“documents.number”), its usual heading, and whether its sum is told."""

    name: str
    label: Marked
    is_summed: bool = False


_LABELS: Mapping[ExportTable, Mapping[str, Marked]] = {
    ExportTable.DOCUMENTS: {
        "number": mark("Number"),
        "kind": mark("Kind"),
        "state": mark("State"),
        "counts": mark("Counts"),
        "date": mark("Date"),
        "due": mark("Due"),
        "issued": mark("Issued"),
        "till": mark("Till"),
        "issued_by": mark("Issued by"),
        "customer_key": mark("Customer key"),
        "customer": mark("Customer"),
        "customer_tax_id": mark("Tax number of the customer"),
        "currency": mark("Currency"),
        "net": mark("Net"),
        "tax": mark("Tax"),
        "gross": mark("Gross"),
        "paid": mark("Paid at the end"),
        "open": mark("Open at the end"),
        "receivable": mark("Receivables account"),
        "corrects": mark("Credits"),
        "corrected_by": mark("Credited by"),
        "replaces": mark("Replaces"),
        "note": mark("Note"),
    },
    ExportTable.LINES: {
        "number": mark("Number"),
        "position": mark("Position"),
        "date": mark("Date"),
        "item": mark("Item"),
        "product_key": mark("Product key"),
        "quantity": mark("Quantity"),
        "unit_price": mark("Unit price"),
        "rate": mark("Tax rate"),
        "category": mark("Tax category"),
        "amount": mark("Amount"),
        "gross": mark("Gross"),
        "revenue": mark("Revenue account"),
    },
    ExportTable.TAXES: {
        "number": mark("Number"),
        "kind": mark("Kind"),
        "date": mark("Date"),
        "rate": mark("Tax rate"),
        "category": mark("Tax category"),
        "net": mark("Net"),
        "tax": mark("Tax"),
        "gross": mark("Gross"),
        "revenue": mark("Revenue account"),
        "tax_account": mark("Tax account"),
    },
    ExportTable.PAYMENTS: {
        "date": mark("Date"),
        "taken": mark("Taken"),
        "number": mark("Number"),
        "method": mark("Paid by"),
        "settled": mark("Settled"),
        "rounding": mark("Cash rounding"),
        "moved": mark("Money moved"),
        "till": mark("Till"),
        "taken_by": mark("Taken by"),
        "account": mark("Account"),
        "receivable": mark("Receivables account"),
        "rounding_account": mark("Rounding account"),
    },
    ExportTable.CUSTOMERS: {
        "key": mark("Customer key"),
        "name": mark("Name"),
        "email": mark("E-mail"),
        "phone": mark("Phone"),
        "address": mark("Address"),
        "tax_id": mark("Tax number"),
        "receivable": mark("Receivables account"),
    },
    ExportTable.PRODUCTS: {
        "key": mark("Product key"),
        "code": mark("Code"),
        "barcode": mark("Barcode"),
        "name": mark("Name"),
        "department": mark("Department"),
        "price": mark("Price"),
        "rate": mark("Tax rate"),
        "revenue": mark("Revenue account"),
    },
}
_SUMMED = {
    ExportTable.DOCUMENTS: {"open"},
    ExportTable.LINES: {"gross"},
    ExportTable.TAXES: {"net", "tax", "gross"},
    ExportTable.PAYMENTS: {"settled", "rounding", "moved"},
}

COLUMNS: Mapping[ExportTable, tuple[ExportColumn, ...]] = {
    table: tuple(
        ExportColumn(f"{table.value}.{name}", label, name in _SUMMED.get(table, ())) for name, label in labels.items()
    )
    for table, labels in _LABELS.items()
}
"""All columns, in order."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """A document with its lines and taxes, or a payment, customer or product: rows of cells by their table.

    ``place`` is where the next page goes on: the step and the key of the record.
    """

    place: tuple[int, tuple[Any, ...]]
    rows: tuple[tuple[ExportTable, tuple[Cell, ...]], ...]


def mapping(session: Session, *, by: Actor) -> AccountMapping:
    """Return the accounts and headings chosen for the shop."""
    permitted(session, by, Right.STATISTICS)
    return account_mappings.current(session)


def page(
    session: Session, *, since: date, until: date, by: Actor, after: ExportRecord | None = None, limit: int = 500
) -> tuple[ExportRecord, ...]:
    """Return the next records. Requires the rights to see statistics and to export."""
    permitted(session, by, Right.STATISTICS)
    permitted(session, by, Right.EXPORT)
    return read(session, since=since, until=until, after=after, limit=limit)


def pages(session: Session, *, since: date, until: date) -> Iterator[tuple[ExportRecord, ...]]:
    """Yield all records in pages, for the command line, whose user can read the database in any case."""
    after = None
    while some := read(session, since=since, until=until, after=after):
        yield some
        after = some[-1]


def read(
    session: Session, *, since: date, until: date, after: ExportRecord | None = None, limit: int = 500
) -> tuple[ExportRecord, ...]:
    """Return the next records without asking for a right."""
    period = _Period(session, since, until)
    step, key = after.place if after else (0, None)
    found: list[ExportRecord] = []
    while step < len(_STEPS) and len(found) < limit:
        some = _STEPS[step](period, key, limit - len(found))
        found += [ExportRecord((step, place), rows) for place, rows in some]
        if len(found) < limit:
            step, key = step + 1, None
    return tuple(found)


_READ = {
    "documents": (
        "key", "number", "kind", "state", "date_on", "due_on", "issued_at", "till", "issued_by", "customer_key",
        "buyer_name", "buyer", "currency", "net_minor", "tax_minor", "gross_minor", "corrects", "corrected_by",
        "replaces", "note",
    ),
    "document_lines": (
        "document_key", "position", "item", "product_key", "quantity_milli", "unit_price_centi", "rate_milli",
        "category", "amount_minor",
    ),
    "document_taxes": ("document_key", "rate_milli", "category", "net_minor", "tax_minor", "gross_minor"),
    "payments": ("key", "method", "amount_minor", "rounding_minor", "paid_at", "paid_on", "by_name"),
}  # fmt: skip
"""The columns that are read of each document, its lines and taxes: most of the work of an export."""


class _RateCells(NamedTuple):
    """A tax rate in per cent, and the accounts of its revenue and of its tax."""

    decimal: Decimal
    revenue: str
    tax: str


_Rows = tuple[tuple[ExportTable, tuple[Cell, ...]], ...]
_Read = Iterator[tuple[tuple[Any, ...], _Rows]]


class _Period:
    """Reads the records of one period, with the accounts chosen for the shop."""

    def __init__(self, session: Session, since: date, until: date) -> None:
        self.session = session
        self.since, self.until = since, until
        self.currency = shop.current(session).currency
        self.accounts = account_mappings.current(session)
        self._rates: dict[tuple[int, str], _RateCells] = {}

    def documents(self, after: tuple[Any, ...] | None, limit: int) -> _Read:
        """Yield documents by date, the oldest first, in the order of ``ix_documents_dated``, with lines and taxes."""
        order = (documents.c.date_on, documents.c.issued_at, documents.c.key)
        some = select(*(documents.c[name] for name in _READ["documents"])).where(documents.c.date_on <= self.until)
        if after is None:
            some = some.where(documents.c.date_on >= self.since)
        else:
            here, last = rows_after(order, after)
            some = some.where(here > last)
        rows = self.session.execute(some.order_by(*order).limit(limit)).all()
        keys = [row.key for row in rows]
        paid, numbers = self._paid(keys), self._numbers(rows)
        taxes, lines = self._of_documents(document_taxes, keys), self._of_documents(document_lines, keys)
        for row in rows:
            own = [(ExportTable.DOCUMENTS, self._document(row, paid.get(row.key, 0), numbers))]
            if _counts(row):
                of_row, taxed = lines.get(str(row.key), ()), taxes.get(str(row.key), ())
                own += [(ExportTable.LINES, cells) for cells in self._lines(row, of_row, taxed)]
                own += [(ExportTable.TAXES, self._tax(row, tax)) for tax in taxed]
            yield (row.date_on, row.issued_at, row.key), tuple(own)

    def payments(self, after: tuple[Any, ...] | None, limit: int) -> _Read:
        """Yield the payments taken in the period, by their keys: in the order in which they were made."""
        some = (
            select(*(payments.c[name] for name in _READ["payments"]), documents.c.number, tills.c.name.label("till"))
            .join_from(payments, documents, payments.c.document_key == documents.c.key)
            .join(tills, payments.c.till_key == tills.c.key)
            .where(payments.c.paid_on.between(self.since, self.until), *_beyond(payments.c.key, after))
        )
        for row in self.session.execute(some.order_by(payments.c.key).limit(limit)):
            method = Method(row.method)
            moved = row.amount_minor + row.rounding_minor
            cells = (
                row.paid_on, _local(row.paid_at), row.number, method.value, self._amount(row.amount_minor),
                self._amount(row.rounding_minor), self._amount(0 if method is Method.OFFSET else moved), row.till,
                row.by_name, self.accounts.method(method), self.accounts.receivable, self.accounts.rounding,
            )  # fmt: skip
            yield (row.key,), ((ExportTable.PAYMENTS, cells),)

    def customers(self, after: tuple[Any, ...] | None, limit: int) -> _Read:
        """Yield the customers with documents in the period."""
        bought = select(day_customers.c.customer_key).where(
            day_customers.c.customer_key == customers.c.key, day_customers.c.day.between(self.since, self.until)
        )
        columns = (customers.c[name] for name in ("key", "name", "email", "phone", "address", "tax_id"))
        some = select(*columns).where(bought.exists(), *_beyond(customers.c.key, after))
        for key, *facts in self.session.execute(some.order_by(customers.c.key).limit(limit)):
            yield (key,), ((ExportTable.CUSTOMERS, (str(key), *facts, self.accounts.receivable)),)

    def products(self, after: tuple[Any, ...] | None, limit: int) -> _Read:
        """Yield all products of the shop, as they are today."""
        some = select(products, tax_rates.c.rate_milli, tax_rates.c.category.label("tax_category")).join_from(
            products, tax_rates, products.c.tax_key == tax_rates.c.key, isouter=True
        )
        for row in self.session.execute(
            some.where(*_beyond(products.c.key, after)).order_by(products.c.key).limit(limit)
        ):
            rate = None if row.rate_milli is None else TaxRate(row.rate_milli, Category(row.tax_category))
            cells = (
                str(row.key), row.code, row.barcode, row.name, row.department,
                _scaled(row.price_centi, self.currency.digits + 2), rate.decimal if rate else None,
                self.accounts.revenue(rate) if rate else "",
            )  # fmt: skip
            yield (row.key,), ((ExportTable.PRODUCTS, cells),)

    # --- the rows of documents ---

    def _document(self, row: Any, paid: int, numbers: Mapping[UUID, str]) -> tuple[Cell, ...]:
        buyer = json.loads(row.buyer)
        is_counted = _counts(row)
        return (
            row.number, row.kind, row.state, "yes" if is_counted else "no", row.date_on, row.due_on,
            _local(row.issued_at), row.till, row.issued_by, str(row.customer_key) if row.customer_key else "",
            row.buyer_name, buyer["tax_id"], row.currency, self._amount(row.net_minor), self._amount(row.tax_minor),
            self._amount(row.gross_minor), self._amount(paid),
            self._amount((row.gross_minor if is_counted else 0) - paid), self.accounts.receivable,
            numbers.get(row.corrects, ""), numbers.get(row.corrected_by, ""), numbers.get(row.replaces, ""), row.note,
        )  # fmt: skip

    def _lines(self, document: Any, lines: Sequence[Any], taxes: Sequence[Any]) -> Iterator[tuple[Cell, ...]]:
        """Yield the lines. Their gross amounts, after all discounts, add up to that of the document."""
        amounts: dict[tuple[int, str], dict[int, int]] = {}
        for line in lines:
            amounts.setdefault((line.rate_milli, line.category), {})[line.position] = line.amount_minor
        whole = {(tax.rate_milli, tax.category): tax.gross_minor for tax in taxes}
        gross: dict[int, int] = {}
        for key, of_rate in amounts.items():
            gross |= split(whole[key], of_rate)
        number, date_on, digits = document.number, document.date_on, self.currency.digits
        for _, at, item, product, quantity, price, milli, category, amount in lines:
            rate = self._rate(milli, category)
            yield (
                number, at + 1, date_on, item, _key_text(product), _scaled(quantity, 3), _scaled(price, digits + 2),
                rate.decimal, category, _scaled(amount, digits), _scaled(gross[at], digits), rate.revenue,
            )  # fmt: skip

    def _tax(self, document: Any, tax: Any) -> tuple[Cell, ...]:
        rate = self._rate(tax.rate_milli, tax.category)
        return (
            document.number, document.kind, document.date_on, rate.decimal, tax.category,
            self._amount(tax.net_minor), self._amount(tax.tax_minor), self._amount(tax.gross_minor),
            rate.revenue, rate.tax,
        )  # fmt: skip

    def _rate(self, milli: int, category: str) -> _RateCells:
        key = milli, category
        if (known := self._rates.get(key)) is None:
            rate = TaxRate(milli, Category(category))
            known = _RateCells(rate.decimal, self.accounts.revenue(rate), self.accounts.tax(rate))
            self._rates[key] = known
        return known

    def _of_documents(self, table: Table, keys: Sequence[UUID]) -> dict[str, list[Any]]:
        """Return the rows of some documents by the text of their keys, without an object for each value."""
        some = select(*plain((table.c[name] for name in _READ[table.name]), self.session.dialect))
        rows = self.session.execute(some.where(table.c.document_key.in_(keys)).order_by(*table.primary_key))
        return {key_text(key): list(group) for key, group in groupby(rows, key=itemgetter(0))}

    def _paid(self, keys: Sequence[UUID]) -> dict[UUID, int]:
        """Return what was paid for each document until the end of the period."""
        rows = self.session.execute(
            select(payments.c.document_key, func.sum(payments.c.amount_minor))
            .where(payments.c.document_key.in_(keys), payments.c.paid_on <= self.until)
            .group_by(payments.c.document_key)
        )
        return {key: int(minor) for key, minor in rows}

    def _numbers(self, rows: Sequence[Any]) -> dict[UUID, str]:
        keys = {key for row in rows for key in (row.corrects, row.corrected_by, row.replaces) if key}
        named = select(documents.c.key, documents.c.number).where(documents.c.key.in_(keys))
        return dict(self.session.execute(named).all()) if keys else {}

    def _amount(self, minor: int) -> Decimal:
        return _scaled(minor, self.currency.digits)


_STEPS: tuple[Callable[[_Period, tuple[Any, ...] | None, int], _Read], ...] = (
    _Period.documents,
    _Period.payments,
    _Period.customers,
    _Period.products,
)


def _counts(row: Any) -> bool:
    return bool(row.state != State.VOIDED.value and row.kind != Kind.QUOTE.value)


def _beyond(key: ColumnElement[UUID], after: tuple[Any, ...] | None) -> tuple[ColumnElement[bool], ...]:
    return (key > after[0],) if after else ()


@lru_cache(maxsize=512)
def _key_text(key: bytes | str | None) -> str:
    return key_text_or_none(key) or ""


@lru_cache(maxsize=512)
def _scaled(value: int, digits: int) -> Decimal:
    return Decimal(value).scaleb(-digits)


def _local(at: datetime) -> datetime:
    return at.astimezone().replace(tzinfo=None)
