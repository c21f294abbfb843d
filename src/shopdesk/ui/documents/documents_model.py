"""Table models of documents: their columns in a window, and the columns of the exported list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject

from shopdesk.domain.document import Kind, State
from shopdesk.domain.money import Currency, Money
from shopdesk.queries import documents
from shopdesk.queries.documents import DocumentOrder, DocumentSummary, DocumentSums
from shopdesk.render.export import Cell
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel

LATEST = 5
"""The number of documents on the dashboard."""


class DocumentsModel(PagedModel[DocumentSummary]):
    """All documents, newest first."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        super().__init__(context, _all_columns(context), descending=True, parent=parent)


class LatestModel(PagedModel[DocumentSummary]):
    """The ``LATEST`` documents issued last; ``show_latest`` reads them, ``refresh`` reads them again."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        super().__init__(context, _latest_columns(context), parent=parent)

    def show_latest(self) -> None:
        """Read and show the latest documents."""
        self.show(_latest)

    def update_ages(self) -> None:
        """Redraw the relative times, such as “1 min ago”, without reading the documents again."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))


def _latest(session: Any, *, after: DocumentSummary | None, limit: int) -> tuple[DocumentSummary, ...]:
    """Read the latest documents, with the signature of a paging query; there is only one page."""
    del after, limit
    return documents.recent(session, LATEST)


def buyer(summary: DocumentSummary) -> str:
    """Return the customer's name, or “Walk-in”."""
    return summary.buyer_name or tr("Walk-in")


def paid(summary: DocumentSummary) -> StatusLook:
    """Return the payment status in words, or the reason why there is none (a quote, a voided document)."""
    return display_names.paid(summary.kind, summary.state, gross=summary.gross, balance=summary.balance)


def _state(summary: DocumentSummary) -> StatusLook:
    return display_names.state(summary.state, sealed=summary.is_sealed)


def _message(summary: DocumentSummary) -> StatusLook:
    return display_names.delivery_status(summary.message)


def _number() -> ColumnOf[DocumentSummary]:
    return ColumnOf(
        title=tr("Number"),
        text=lambda row: row.number,
        width=156,
        key="number",
        order=DocumentOrder.NUMBER,
        tip=lambda row: row.number,
    )


def _kind() -> ColumnOf[DocumentSummary]:
    return ColumnOf(title=tr("Kind"), text=lambda row: display_names.kind(row.kind), width=104, rank=2, key="kind")


def _customer() -> ColumnOf[DocumentSummary]:
    return ColumnOf(title=tr("Customer"), text=buyer, tip=buyer, key="customer")


def _total(context: Context) -> ColumnOf[DocumentSummary]:
    title = tr("Total, {currency}", currency=context.shop.currency.code)
    return ColumnOf(
        title=title, text=lambda row: context.format.amount(row.gross.minor), width=116, is_number=True, key="total"
    )


def _paid(title: str) -> ColumnOf[DocumentSummary]:
    return ColumnOf(title=title, text=lambda row: paid(row).word, look=paid, width=112, key="state")


def _light() -> ColumnOf[DocumentSummary]:
    return ColumnOf(
        title=tr("Message"), text=lambda row: _message(row).word, look=_message, width=132, rank=3, key="message"
    )


def _latest_columns(context: Context) -> Sequence[ColumnOf[DocumentSummary]]:
    when: ColumnOf[DocumentSummary] = ColumnOf(
        title=tr("When"),
        text=lambda row: context.ago(row.issued_at),
        tip=lambda row: tr("{when} by {who}", when=context.format.instant(row.issued_at), who=row.issued_by),
        width=112,
        rank=1,
    )
    return (_number(), _kind(), _customer(), _total(context), _paid(tr("Paid")), _light(), when)


def _all_columns(context: Context) -> Sequence[ColumnOf[DocumentSummary]]:
    on: ColumnOf[DocumentSummary] = ColumnOf(
        title=tr("Date"),
        text=lambda row: context.format.day(row.date_on),
        tip=lambda row: tr("Issued {when} by {who}", when=context.format.instant(row.issued_at), who=row.issued_by),
        width=112,
        rank=1,
        key="date",
        order=DocumentOrder.DATE,
    )
    return (_number(), _kind(), _customer(), on, _total(context), _paid(tr("State")), _light())


def summed(rows: Sequence[DocumentSummary], currency: Currency) -> DocumentSums:
    """Return the sums of these rows, as ``queries.documents.sums`` does for a list."""
    counted = [row for row in rows if row.state is State.ISSUED and row.kind.is_sale and row.gross.currency == currency]
    gross, due = (sum(getattr(row, name).minor for row in counted) for name in ("gross", "balance"))
    return DocumentSums(len(rows), len(counted), Money(gross, currency), Money(due, currency))


def file_head() -> tuple[str, ...]:
    """Return the column titles of an exported list."""
    return (
        tr("Number"), tr("Kind"), tr("Customer"), tr("Date"), tr("Issued at"), tr("Issued by"), tr("Currency"),
        tr("Total"), tr("Due"), tr("Paid"), tr("State"), tr("Message"),
    )  # fmt: skip


def file_row(row: DocumentSummary) -> tuple[Cell, ...]:
    """Return a document as a row of an exported list: dates and amounts as values, states in words."""
    return (
        row.number,
        display_names.kind(row.kind),
        buyer(row),
        row.date_on,
        row.issued_at.astimezone().replace(tzinfo=None),  # local time: spreadsheets have no time zones
        row.issued_by,
        row.gross.currency.code,
        row.gross.decimal,
        row.balance.decimal,
        paid(row).word,
        _state(row).word,
        _message(row).word,
    )


KINDS_OF_ORDER = frozenset(kind for kind in Kind if kind.is_order)
"""The kinds counted in the figure “Orders”."""
