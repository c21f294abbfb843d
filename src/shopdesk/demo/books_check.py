"""The check of a day's books: computes from what was typed what they must be, and compares the program's own."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from shopdesk.demo.tour_steps import require
from shopdesk.demo.ui_driver import WaitTimeout
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method

if TYPE_CHECKING:
    from shopdesk.domain.document import Document
    from shopdesk.domain.sales_report import SalesReport
    from shopdesk.store.session import Session

_EURO = Currency.of("EUR")
_CENT = Decimal("0.01")
_RATES = {"": Decimal(19), "7": Decimal(7), "Exempt": Decimal(0)}
"""The tax rates by what is typed in a row."""
_PIECES = tuple(map(Decimal, "200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01".split()))

Rates = Mapping[Decimal, tuple[Decimal, Decimal, Decimal]]
"""Net, tax and gross by tax rate."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One row of a document, as typed: text, with a decimal comma."""

    name: str
    quantity: str
    price: str
    discount: str
    tax: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in their order."""
        return self.name, self.quantity, self.price, self.discount, self.tax

    def of(self, quantity: str) -> TypedRow:
        """Return the row with another quantity."""
        return replace(self, quantity=quantity)

    @property
    def amount(self) -> Decimal:
        """The amount of the row, tax included."""
        return _less(_cents(number(self.quantity) * number(self.price)), self.discount)


@dataclass(frozen=True, slots=True)
class TypedDocument:
    """A document, as typed."""

    rows: tuple[TypedRow, ...]
    discount: str = ""

    def credited(self) -> TypedDocument:
        """Return its credit note."""
        return replace(self, rows=tuple(row.of(f"-{row.quantity}") for row in self.rows))

    @property
    def rates(self) -> Rates:
        """The sums by tax rate. The document discount is a percentage that leaves no part of a cent at any rate."""
        gross: dict[Decimal, Decimal] = {}
        for row in self.rows:
            gross[_RATES[row.tax]] = gross.get(_RATES[row.tax], Decimal(0)) + row.amount
        return {rate: _with_tax(_less(amount, self.discount), rate) for rate, amount in gross.items()}

    @property
    def gross(self) -> Decimal:
        """The total, tax included."""
        return sum((gross for _, _, gross in self.rates.values()), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The input of the day: documents by their numbers, payments, and the cash in the drawer."""

    documents: Mapping[str, TypedDocument]
    opening: str
    taken_out: str
    in_cash: tuple[TypedDocument, ...]
    by_card: tuple[TypedDocument, ...]
    by_transfer: str
    difference: Decimal
    invoice: str
    credit_note: str
    mistaken: str
    """The number of the document whose payment explains the difference of the count."""

    @property
    def paid(self) -> Mapping[Method, Decimal]:
        """The money that changed hands, by method."""
        return {
            Method.CASH: sum((one.gross for one in self.in_cash), Decimal(0)),
            Method.CARD: sum((one.gross for one in self.by_card), Decimal(0)),
            Method.TRANSFER: number(self.by_transfer),
        }

    @property
    def counted(self) -> Decimal:
        """The cash that is counted."""
        expected = number(self.opening) + self.paid[Method.CASH] - number(self.taken_out)
        return expected + self.difference

    @property
    def rates(self) -> Rates:
        """The sums of all documents by tax rate."""
        return _summed(one.rates for one in self.documents.values())

    @property
    def open(self) -> Decimal:
        """The sum that customers owe at the end of the day."""
        return sum((one.gross for one in self.documents.values()), Decimal(0)) - sum(self.paid.values(), Decimal(0))


def number(text: str) -> Decimal:
    """Return a typed number."""
    return Decimal(text.replace(",", "."))


def denomination_counts(amount: Decimal) -> Iterator[tuple[Decimal, int]]:
    """Yield the notes and coins that make up an amount of euros, the largest first."""
    for piece in _PIECES:
        count, amount = divmod(amount, piece)
        if count:
            yield piece, int(count)


def check(session: Session, folder: Path, books: Books) -> dict[str, Any]:
    """Return documents, reports and proposals for the summary. Raises WaitTimeout if something does not add up."""
    from shopdesk.queries import documents
    from shopdesk.store import day_closes

    found = [documents.get(session, one.key) for one in documents.recent(session, 1_000)][::-1]
    _check_documents(found, books)
    report = day_closes.report(session, 1)
    if report is None:
        raise WaitTimeout("The close of the day made no Z report.")
    require(day_closes.report(session, 2) is None, "the day was closed twice")
    _check_z_report(report, books)
    money = _check_money(session, report, books)
    proposals = _proposals(session, report, books)
    _check_files(folder, books)
    return {
        "documents": [_document(one) for one in found],
        "reports": {"z": _z_report(report), "money": money},
        "proposals": proposals,
    }


# --- documents and reports ------------------------------------------------------------------------------------------


def _check_documents(found: list[Document], books: Books) -> None:
    require({one.number for one in found} == set(books.documents), f"the documents are {[one.number for one in found]}")
    for one in found:
        groups = {group.rate.decimal: _decimals(group.net, group.tax, group.gross) for group in one.totals.groups}
        expected = books.documents[one.number].rates
        require(groups == expected, f"{one.number} has the sums {groups}, not {expected}")
    left = sum((one.balance.decimal for one in found), Decimal(0))
    require(left == books.open, f"{left} is open, not {books.open}")
    require(all(one.is_sealed for one in found), "a document is not sealed")


def _check_z_report(report: SalesReport, books: Books) -> None:
    figures = report.figures
    taxes = {one.rate.decimal: _decimals(one.net, one.tax, one.gross) for one in figures.taxes}
    require(taxes == books.rates, f"the Z report has the taxes {taxes}, not {books.rates}")
    paid = {one.method: _decimal(one.moved) for one in figures.payments if one.method is not Method.OFFSET}
    require(paid == books.paid, f"the Z report has the payments {paid}, not {books.paid}")
    count = len(books.documents)
    require((figures.sales.count, figures.credited.count) == (count, 3), "the Z report counts other documents")
    require(sum(span.count for span in figures.numbers) == count, "the Z report has other numbers")
    (shift,) = figures.shifts
    difference = shift.count.difference if shift.count else None
    require(difference == _minor(books.difference), f"the count of the drawer differs by {difference} cents")


def _check_money(session: Session, report: SalesReport, books: Books) -> dict[str, Any]:
    from shopdesk.queries import money_report

    money = money_report.read(session, since=report.day, until=report.day)
    rates = {one.rate.decimal: (one.net.decimal, one.tax.decimal, one.gross.decimal) for one in money.rates}
    require(rates == books.rates, f"the money report has the taxes {rates}, not {books.rates}")
    paid = {one.method: one.moved.decimal for one in money.methods}
    require(paid == books.paid, f"the money report has the payments {paid}, not {books.paid}")
    require(money.closing.net.decimal == books.open, f"the money report has {money.closing.net} open, not {books.open}")
    require(money.sales.minor == report.figures.sales.amount, "the money report differs from the Z report")
    return {
        "sales": str(money.sales.decimal),
        "taxes": _texts(rates),
        "payments": {method.value: str(amount) for method, amount in paid.items()},
        "open": str(money.closing.net.decimal),
    }


def _proposals(session: Session, report: SalesReport, books: Books) -> list[dict[str, str]]:
    """Return the proposals for the difference. Raises WaitTimeout if the mistaken payment is not among them."""
    from shopdesk.domain.cash_difference import explain
    from shopdesk.store import sales_reports, shifts

    (result,) = report.figures.shifts
    if result.count is None:
        raise WaitTimeout("The shift was not counted.")
    left = shifts.left_before(session, result.shift)
    entries = sales_reports.entries_of(session, result, result.count, left_before=left)
    found = explain(result.count.difference or 0, entries)
    require(any(one.number == books.mistaken for one in found), "no proposal names the mistaken payment")
    return [{"cause": one.cause.value, "number": one.number, "amount": str(_decimal(one.amount))} for one in found]


def _document(one: Document) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "state": one.state.value,
        "rows": len(one.lines),
        "net": str(_decimal(one.totals.net)),
        "tax": str(_decimal(one.totals.tax)),
        "gross": str(one.gross.decimal),
        "paid": str(one.paid.decimal),
        "open": str(one.balance.decimal),
    }


def _z_report(report: SalesReport) -> dict[str, Any]:
    figures = report.figures
    (shift,) = figures.shifts
    return {
        "number": report.number,
        "day": report.day.isoformat(),
        "documents": figures.sales.count,
        "sales": str(_decimal(figures.sales.amount)),
        "running_total": str(_decimal(report.running_total)),
        "taxes": _texts({one.rate.decimal: _decimals(one.net, one.tax, one.gross) for one in figures.taxes}),
        "payments": {one.method.value: str(_decimal(one.moved)) for one in figures.payments},
        "drawer_expected": str(_decimal(shift.expected)),
        "drawer_counted": str(_decimal((shift.count.counted if shift.count else None) or 0)),
    }


# --- files ----------------------------------------------------------------------------------------------------------


def _check_files(folder: Path, books: Books) -> None:
    for name, document, code in (("invoice", books.invoice, "380"), ("credit-note", books.credit_note, "381")):
        gross = abs(books.documents[document].gross)
        ubl = ET.fromstring((folder / f"{name}.ubl.xml").read_bytes())  # noqa: S314 - written just now
        found = ubl.findtext("{*}ID"), Decimal(ubl.findtext(".//{*}TaxInclusiveAmount") or 0)
        require(found == (document, gross), f"{name}.ubl.xml has {found}")
        pdf = (folder / f"{name}.pdf").read_bytes()
        cii = ET.fromstring(_attached(pdf))  # noqa: S314
        kind, total = cii.findtext(".//{*}ExchangedDocument/{*}TypeCode"), cii.findtext(".//{*}GrandTotalAmount")
        require((kind, Decimal(total or 0)) == (code, gross), f"the e-invoice in {name}.pdf is of {kind} over {total}")
        if name == "credit-note":
            credited = ubl.findtext(".//{*}BillingReference//{*}ID")
            require(credited == books.invoice, f"the credit note names {credited}")
    require((folder / "z-report.pdf").read_bytes().startswith(b"%PDF-"), "the Z report is no PDF")
    rows = _rows((folder / "number-report.csv").read_bytes())
    require({row["Number"] for row in rows} == set(books.documents), "the number report has other numbers")
    with ZipFile(folder / "accountant.zip") as archive:
        sold = [row for row in _rows(archive.read("documents.csv")) if row["Counts"]]
    gross = sum((number(row["Gross"]) for row in sold), Decimal(0))
    expected = sum((one.gross for one in books.documents.values()), Decimal(0))
    require(gross == expected, f"the accountant's documents come to {gross}, not {expected}")


def _attached(pdf: bytes) -> bytes:
    """Return the e-invoice in a PDF file. Raises WaitTimeout if there is none."""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\n?endstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        if b"CrossIndustryInvoice" in content:
            return content
    raise WaitTimeout("A PDF has no e-invoice inside.")


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- arithmetic -----------------------------------------------------------------------------------------------------


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _less(amount: Decimal, discount: str) -> Decimal:
    if discount.endswith("%"):
        return amount - _cents(amount * number(discount.removesuffix("%")) / 100)
    return amount - number(discount or "0").copy_sign(amount)


def _with_tax(gross: Decimal, rate: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    tax = _cents(gross * rate / (100 + rate))
    return gross - tax, tax, gross


def _summed(each: Iterable[Rates]) -> Rates:
    sums: dict[Decimal, tuple[Decimal, Decimal, Decimal]] = {}
    for rates in each:
        for rate, (net, tax, gross) in rates.items():
            before = sums.get(rate, (Decimal(0),) * 3)
            sums[rate] = (before[0] + net, before[1] + tax, before[2] + gross)
    return sums


def _minor(amount: Decimal) -> int:
    return int(amount / _CENT)


def _decimal(minor: int) -> Decimal:
    return Money(minor, _EURO).decimal


def _decimals(net: int, tax: int, gross: int) -> tuple[Decimal, Decimal, Decimal]:
    return _decimal(net), _decimal(tax), _decimal(gross)


def _texts(rates: Rates) -> dict[str, dict[str, str]]:
    names = ("net", "tax", "gross")
    return {f"{rate:f}": dict(zip(names, map(str, sums), strict=True)) for rate, sums in rates.items()}
