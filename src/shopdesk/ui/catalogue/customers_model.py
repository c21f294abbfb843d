"""The list of customers, and the documents of one customer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from shopdesk.domain.customer import Customer
from shopdesk.queries.customers import CustomerOrder
from shopdesk.queries.documents import DocumentSummary
from shopdesk.render.export import Cell
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel


class CustomersModel(PagedModel[Customer]):
    """All customers, sorted by name."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        columns: tuple[ColumnOf[Customer], ...] = (
            ColumnOf(
                title=tr("Name"),
                text=lambda row: row.name,
                tip=lambda row: row.name,
                key="name",
                order=CustomerOrder.NAME,
            ),
            ColumnOf(title=tr("E-mail"), text=lambda row: row.email, tip=lambda row: row.email, rank=1, key="email"),
            ColumnOf(title=tr("Phone"), text=lambda row: row.phone, width=128, rank=2, key="phone"),
        )
        super().__init__(context, columns, parent=parent)


def file_head() -> tuple[str, ...]:
    """Return the column names of an exported list, which are those that the import reads."""
    return ("customer_id", "name", "email", "phone", "address", "tax_number", "language", "note")


def file_row(row: Customer) -> tuple[Cell, ...]:
    """Return a customer as a row of an exported list."""
    return (str(row.key), row.name, row.email, row.phone, row.address, row.tax_id, row.language, row.note)


class BoughtModel(PagedModel[DocumentSummary]):
    """The documents of one customer, newest first, in a narrow table."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        total = tr("Total, {currency}", currency=context.shop.currency.code)
        columns: tuple[ColumnOf[DocumentSummary], ...] = (
            ColumnOf(title=tr("Number"), text=lambda row: row.number, tip=_detail),
            ColumnOf(title=tr("Date"), text=lambda row: context.format.day(row.date_on), width=112),
            ColumnOf(
                title=total,
                text=lambda row: context.format.amount(row.gross.minor),
                width=92,
                is_number=True,
                tip=_detail,
            ),
        )
        super().__init__(context, columns, parent=parent)


def _detail(row: DocumentSummary) -> str:
    return f"{display_names.kind(row.kind)} {row.number}, {_paid(row).word}"


def _paid(row: DocumentSummary) -> StatusLook:
    return display_names.paid(row.kind, row.state, gross=row.gross, balance=row.balance)
