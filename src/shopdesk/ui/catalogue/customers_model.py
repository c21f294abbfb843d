"""The list of customers, and the documents of one customer."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal

from shopdesk.domain.account import Right
from shopdesk.domain.customer import Balance, Customer
from shopdesk.domain.money import Money
from shopdesk.queries import customer_accounts
from shopdesk.queries.customer_accounts import OpenDocument
from shopdesk.queries.customers import CustomerOrder
from shopdesk.queries.documents import DocumentSummary
from shopdesk.render.export import Cell
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel


class CustomersModel(PagedModel[Customer]):
    """All customers with their balances, which are read for the rows shown."""

    balances_read = Signal()

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        self.balances: dict[UUID, Balance] = {}

        def balance(row: Customer) -> str:
            return _amount(self.balances.get(row.key, Balance()), context)

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
            ColumnOf(
                title=tr("Balance, {currency}", currency=context.shop.currency.code),
                text=balance,
                tip=lambda row: balance_in_words(self.balances.get(row.key, Balance()), context),
                width=104,
                is_number=True,
                key="balance",
                order=CustomerOrder.BALANCE,
            ),
        )
        super().__init__(context, columns, descending=False, parent=parent)
        self.read.connect(self._read_balances)

    def forget_balances(self) -> None:
        """Read the balances again, because a document or a payment changed them."""
        self.balances = {}
        self._read_balances()

    def _read_balances(self) -> None:
        keys = tuple(row.key for row in self.rows if row.key not in self.balances)
        if keys and self._context.may(Right.SELL):
            by = self._context.actor
            self._context.ask(
                customer_accounts.balances, keys, by=by, owner=self, then=self._on_balances, failed=lambda _: None
            )

    def _on_balances(self, found: dict[UUID, Balance]) -> None:
        self.balances |= found
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))
        self.balances_read.emit()


def _amount(balance: Balance, context: Context) -> str:
    return context.format.amount(balance.net) if balance.owes or balance.gets else ""


def balance_in_words(balance: Balance, context: Context) -> str:
    """Return what is open in a sentence: what the customer owes, and what it gets back."""
    money, currency = context.format.money, context.shop.currency
    parts = [tr("owes {amount}", amount=money(Money(balance.owes, currency)))] if balance.owes else []
    parts += [tr("gets back {amount}", amount=money(Money(balance.gets, currency)))] if balance.gets else []
    return " · ".join(parts) or tr("nothing open")


class OpenModel(PagedModel[OpenDocument]):
    """The open documents of a customer, oldest first; in a narrow table the columns of least importance give way."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        write, code = context.format, context.shop.currency.code

        def due(row: OpenDocument) -> str:
            return write.day(row.due_on) if row.due_on else "–"

        def late(row: OpenDocument) -> str:
            days = row.days_overdue(context.today())
            return write.count(days) if days else "–"

        columns: tuple[ColumnOf[OpenDocument], ...] = (
            ColumnOf(title=tr("Number"), text=lambda row: row.number, tip=lambda row: row.number),
            ColumnOf(title=tr("Date"), text=lambda row: write.day(row.date_on), width=104, rank=3),
            ColumnOf(title=tr("Due"), text=due, width=104, rank=2),
            ColumnOf(
                title=tr("Total"),
                text=lambda row: write.amount(row.gross.minor),
                width=92,
                is_number=True,
                rank=5,
            ),
            ColumnOf(title=tr("Paid"), text=lambda row: write.amount(row.paid.minor), width=92, is_number=True, rank=4),
            ColumnOf(
                title=tr("Open, {currency}", currency=code),
                text=lambda row: write.amount(row.balance.minor),
                width=92,
                is_number=True,
            ),
            ColumnOf(title=tr("Days late"), text=late, width=84, is_number=True),
        )
        super().__init__(context, columns, parent=parent)


_OF_MESSAGES = ("preferred_channel", "sms_consent_on")
_OF_E_INVOICES = ("country_code", "vat_number", "buyer_reference", "electronic_address")


def file_head() -> tuple[str, ...]:
    """Return the column names of an exported list, which are those that the import reads."""
    known = ("customer_id", "name", "email", "phone", "address", "tax_number", "language", "note")
    return (*known, *_OF_MESSAGES, *_OF_E_INVOICES)


def file_row(row: Customer) -> tuple[Cell, ...]:
    """Return a customer as a row of an exported list."""
    known = (str(row.key), row.name, row.email, row.phone, row.address, row.tax_id, row.language, row.note)
    of_e_invoices = (row.country, row.vat_number, row.reference, row.electronic_address)
    return (*known, row.preferred_channel, row.sms_consent_on, *of_e_invoices)


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
        super().__init__(context, columns, descending=True, parent=parent)


def _detail(row: DocumentSummary) -> str:
    return f"{display_names.kind(row.kind)} {row.number}, {_paid(row).word}"


def _paid(row: DocumentSummary) -> StatusLook:
    return display_names.paid(row.kind, row.state, gross=row.gross, balance=row.balance)
