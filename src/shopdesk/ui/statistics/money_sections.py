"""The money report as three tables: sales, payments, and what is open; for the page and for files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import Money
from shopdesk.domain.shop import Shop
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.message_catalogues import mark
from shopdesk.queries.money_report import KindReport, MoneyReport, total
from shopdesk.queries.statistics import TaxSales
from shopdesk.render import export, formatting
from shopdesk.render.export import Cell, FileKind
from shopdesk.render.report_pdf import ReportColumn, ReportHead, ReportPdf
from shopdesk.ui.base import display_names
from shopdesk.ui.base.i18n import language, tr, tr_marked


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of a report: its cells, and whether it is a sum of others."""

    cells: tuple[Cell, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A table of a report."""

    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]


def sales_columns() -> tuple[ReportColumn, ...]:
    """Return the columns of the sales."""
    return (
        ReportColumn(title=tr("Kind"), share=2.0),
        ReportColumn(title=tr("Tax rate"), share=2.0),
        _number(tr("Documents")),
        _number(tr("Net")),
        _number(tr("Tax")),
        _number(tr("Gross")),
    )


def payment_columns() -> tuple[ReportColumn, ...]:
    """Return the columns of the payments."""
    return (
        ReportColumn(title=tr("Paid by"), share=2.0),
        _number(tr("Payments")),
        _number(tr("Received")),
        _number(tr("Paid back")),
        _number(tr("Cash rounding")),
        _number(tr("Amount")),
    )


def open_columns() -> tuple[ReportColumn, ...]:
    """Return the columns of what is open."""
    return (ReportColumn(title=tr("Open"), share=4.0), _number(tr("Documents")), _number(tr("Amount")))


def sections(report: MoneyReport, shop: Shop, *, rate: TaxRate | None = None) -> tuple[ReportSection, ...]:
    """Return the tables of a report; with ``rate`` the sales at this rate only."""
    return (
        ReportSection(tr("Sales, by the date of the document"), sales_columns(), tuple(_sales(report, shop, rate))),
        ReportSection(tr("Payments, by the day they were taken"), payment_columns(), tuple(_payments(report))),
        ReportSection(tr("What is open"), open_columns(), tuple(_open(report))),
    )


def rate_name(rate: TaxRate, shop: Shop) -> str:
    """Return the name that the shop gave a rate, with its percentage; that of its category for a rate it has lost."""
    percent = formatting.percent(rate.milli, shop.locale)
    name = next((tax.name for tax in shop.taxes if tax.rate == rate), "")
    if not name and rate.category in _CATEGORIES:
        name = tr_marked(_CATEGORIES[rate.category])
    return f"{name} {percent}" if name else percent


_CATEGORIES = {
    Category.EXEMPT: mark("Exempt from tax"),
    Category.REVERSE_CHARGE: mark("Reverse charge"),
    Category.OUTSIDE: mark("Outside the scope of tax"),
}


def _number(title: str) -> ReportColumn:
    return ReportColumn(title=title, share=1.4, is_number=True)


def major(amount: Money) -> Decimal:
    """Return an amount as a number for a cell."""
    return Decimal(amount.minor).scaleb(-amount.currency.digits)


# --- rows -----------------------------------------------------------------------------------------------------------


def _sales(report: MoneyReport, shop: Shop, rate: TaxRate | None) -> Iterator[ReportRow]:
    for kind in report.kinds:
        shown = [one for one in kind.rates if rate in {None, one.rate}]
        for one in shown:
            # A document with several rates is in several rows, but in one count.
            count = kind.documents if len(kind.rates) == 1 else None
            yield ReportRow(_sales_row(display_names.kind(kind.kind), rate_name(one.rate, shop), count, [one], report))
        if len(shown) > 1:
            yield _kind_total(kind, report)
    rates = [one for one in report.rates if rate in {None, one.rate}]
    if rate is None:
        for one in rates:
            yield ReportRow(_sales_row(tr("All kinds"), rate_name(one.rate, shop), None, [one], report))
    label = tr("All rates") if rate is None else rate_name(rate, shop)
    documents = sum(kind.documents for kind in report.kinds) if rate is None else None
    yield ReportRow(_sales_row(tr("Total"), label, documents, rates, report), is_total=True)


def _kind_total(kind: KindReport, report: MoneyReport) -> ReportRow:
    return ReportRow(
        _sales_row(display_names.kind(kind.kind), tr("All rates"), kind.documents, kind.rates, report), is_total=True
    )


def _sales_row(
    name: str, rate: str, count: int | None, parts: Sequence[TaxSales], report: MoneyReport
) -> tuple[Cell, ...]:
    sums = (total((getattr(one, field) for one in parts), report.currency) for field in ("net", "tax", "gross"))
    return name, rate, count, *map(major, sums)


def _payments(report: MoneyReport) -> Iterator[ReportRow]:
    for one in report.methods:
        amounts = (one.received, one.refunded, one.rounding, one.moved)
        yield ReportRow((display_names.method(one.method), one.payments, *map(major, amounts)))
    fields = ("received", "refunded", "rounding", "moved")
    sums = (total((getattr(one, field) for one in report.methods), report.currency) for field in fields)
    yield ReportRow((tr("Total"), sum(one.payments for one in report.methods), *map(major, sums)), is_total=True)


def _open(report: MoneyReport) -> Iterator[ReportRow]:
    opening, closing = report.opening, report.closing
    yield ReportRow((tr("At the beginning"), opening.documents, major(opening.net)))
    yield ReportRow((tr("Sales of the period"), None, major(report.sales)))
    yield ReportRow((tr("Settled by payments"), None, major(-report.settled)))
    yield ReportRow((tr("At the end"), closing.documents, major(closing.net)), is_total=True)
    yield ReportRow((tr("of which customers owe"), None, major(closing.owed)))
    yield ReportRow((tr("of which the shop owes"), None, major(closing.owing)))


# --- files ----------------------------------------------------------------------------------------------------------


def report_head(title: str, period: str, shop: Shop, *, note: str = "", is_practice: bool = False) -> ReportHead:
    """Return what stands above a report of the shop, in the language of the windows."""
    seller = shop.seller
    tax_id = tr("Tax number {number}", number=seller.tax_id) if seller.tax_id else ""
    lines = (seller.name, *seller.address.splitlines(), tax_id)
    return ReportHead(
        title=title,
        period=period,
        seller=tuple(line for line in lines if line.strip()),
        language=regional(language(), seller.country),
        currency=shop.currency,
        note=note,
        is_practice=is_practice,
    )


def write(
    file: BinaryIO, kind: FileKind, head: ReportHead, parts: Sequence[ReportSection], *, made_at: datetime
) -> None:
    """Write the tables to an open file: one below the other on paper, and as one list for other programs.

    ``made_at`` is naive, in local time.
    """
    if kind is FileKind.PDF:
        pdf = ReportPdf(file, head, made_at=made_at)
        for part in parts:
            pdf.begin_table(part.columns, part.title)
            for row in part.rows:
                pdf.write([row.cells], bold=row.is_total)
        pdf.close()
        return
    titles = tuple(dict.fromkeys(column.title for part in parts for column in part.columns[1:]))
    writer = export.writer(kind, file, (tr("Part"), tr("Row"), *titles), title=head.title, made_at=made_at)
    for part in parts:
        names = [column.title for column in part.columns[1:]]
        for row in part.rows:
            cells = dict(zip(names, row.cells[1:], strict=True))
            writer.write([(part.title, row.cells[0], *(cells.get(name) for name in titles))])
    writer.close()
