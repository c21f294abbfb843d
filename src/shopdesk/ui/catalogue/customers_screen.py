"""The customers page: a searchable list, and beside it the chosen customer's details and documents."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.customer import Customer
from shopdesk.domain.errors import Refused
from shopdesk.keys import new_key
from shopdesk.queries import customers as ask
from shopdesk.queries import documents
from shopdesk.queries.documents import DocumentFilter, DocumentSummary
from shopdesk.ui.base import languages, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.catalogue.customers_model import BoughtModel, CustomersModel, file_head, file_row
from shopdesk.ui.catalogue.detail_pane import DetailPane
from shopdesk.ui.output.export import ExportSource
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.widgets.buttons import Button, LinkButton
from shopdesk.ui.widgets.cards import EmptyState, Head
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.form import ChoiceField, Form, lines_field
from shopdesk.ui.widgets.searchable_list import SearchableList
from shopdesk.ui.widgets.table import Table
from shopdesk.usecases import customers as usecase


class CustomersScreen(FocusedPage):
    """The list of customers on the left, the chosen customer on the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Customers"))
        self._context = context
        self._is_stale = True
        self.new = Button(tr("New customer"), self._on_new, icon="new")
        self.new.setEnabled(context.may(Right.SELL))
        self.list = SearchableList(
            context,
            CustomersModel(context, parent=self),
            ask.page,
            name=tr("Customers"),
            hint=tr("Name, e-mail or phone"),
            empty=EmptyState(
                "customers",
                tr("No customers yet"),
                tr("Customers named on a document are added automatically. You can also add one now."),
                (tr("New customer"), self._on_new),
            ),
        )
        self.form = _form()
        self.bought = _Bought(context)
        self.details = DetailPane(
            [(tr("Details"), self.form), (tr("Documents"), self.bought)],
            EmptyState("customer", tr("Choose a customer"), tr("Their details and documents are shown here.")),
        )
        self._customer: Customer | None = None
        self.export = ExportButton(context, self._whole_list)
        self._lay_out()
        self.begin_at(self.list.search)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(lambda _: self.form.fields["name"].control.setFocus())
        self.form.save_wanted.connect(self._save)
        self.form.dirtied.connect(lambda _: self._show_title())
        self.form.undone.connect(self._on_undone)
        context.background.changed.connect(self._on_changed)

    def _lay_out(self) -> None:
        head = Head(tr("Customers"))
        head.add(self.export)
        head.add(self.new)
        row = QHBoxLayout()
        row.setSpacing(tokens.L)
        row.addWidget(self.list, 1)
        row.addWidget(self.details)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(head)
        column.addLayout(row, 1)

    def _whole_list(self) -> ExportSource:
        given = {"text": self.list.search.text()}
        return ExportSource(title=tr("Customers"), query=ask.page, given=given, head=file_head(), row=file_row)

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._is_stale = False
            self.list.read()
            self._read_again()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "customers" in tables:
            self._refresh()

    def _refresh(self) -> None:
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.list.model.refresh()
            self._read_again()

    def _read_again(self) -> None:
        """Read the open customer again, as another till may have changed it; unsaved changes are left alone."""
        if self._customer is not None and self._customer.name and not self.form.is_dirty:
            self._context.ask(ask.get, self._customer.key, owner=self, then=self._on_read_again, failed=lambda _: None)

    def _on_read_again(self, customer: Customer) -> None:
        is_open = self._customer is not None and self._customer.key == customer.key
        if is_open and customer != self._customer and not self.form.is_dirty:
            self._show(customer)

    # --- choosing ---

    def _on_chosen(self, customer: Customer | None) -> None:
        if customer is None or (self._customer is not None and customer.key == self._customer.key):
            return
        if self.form.is_dirty:
            self._ask_first(customer)
            return
        self._show(customer)

    def _ask_first(self, wanted: Customer) -> None:
        """Ask to save or discard the unsaved changes before another customer is shown."""
        name = self.form.fields["name"].text().strip() or tr("the new customer")

        def discard() -> None:
            self._show(wanted)

        self.details.ask_to_save(name, save=lambda: self._save(then=wanted), discard=discard, keep=self._go_back)

    def _go_back(self) -> None:
        if self._customer is None:
            self.list.choose_none()
        else:
            self.list.choose(self._customer.key)
        self.form.fields["name"].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_new(self) -> None:
        if self.form.is_dirty:
            name = self.form.fields["name"].text().strip() or tr("the new customer")
            self.details.ask_to_save(
                name, save=lambda: self._save(then=_blank()), discard=self._edit_new, keep=_nothing
            )
            return
        self._edit_new()

    def _edit_new(self) -> None:
        self.list.choose_none()
        self._show(_blank())
        self.form.fields["name"].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_undone(self) -> None:
        if self._customer is not None and not self._customer.name:
            self._customer = None
            self.details.show_nothing()

    # --- showing ---

    def _show(self, customer: Customer) -> None:
        self._customer = customer
        self.form.fill(_texts(customer))
        may = self._context.may(Right.SELL)
        self.form.lock("" if may else tr("Your role cannot change customers."))
        self.bought.show_customer(customer)
        self.details.show_page(0 if not customer.name else None)
        self.details.set_enabled(1, bool(customer.name))
        self._show_title()

    def _show_title(self) -> None:
        customer = self._customer
        if customer is not None:
            self.details.set_title(customer.name or tr("New customer"), unsaved=self.form.is_dirty)

    # --- saving ---

    def _save(self, then: Customer | None = None) -> None:
        if self._customer is None:
            return
        before = self._customer
        customer = _customer(before, self.form.values())
        self.form.set_busy(True)

        def saved(kept: Customer) -> None:
            self.form.set_busy(False)
            self._context.navigation.notify(tr("{name} saved.", name=kept.name))
            self._show(then or kept)
            if then is None:
                self.list.choose(kept.key)

        base = before if before.name else None
        self._context.do(usecase.save, customer, base=base, owner=self, then=saved, failed=self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        self.details.show_page(0)
        if isinstance(error, MergeConflict):
            self._customer = error.theirs
            self.form.rebase(_texts(error.theirs), _texts(error.joined))
            self.form.show_conflicts(error, _texts(error.theirs))
        elif isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._context.report_error(error)


class _Bought(QWidget):
    """The documents of one customer."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._customer: Customer | None = None
        self._is_stale = False
        self.model = BoughtModel(context, parent=self)
        self.table = Table(tr("Documents of this customer"))
        self.table.setProperty("role", "bare")
        self.table.show_model(self.model)
        self.table.opened.connect(self._on_opened)
        self.empty = EmptyState("documents", tr("Nothing bought yet"))
        self.all = LinkButton(tr("Show in Documents"), self._on_all, icon="documents")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.all, alignment=Qt.AlignmentFlag.AlignLeft)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        context.background.changed.connect(self._on_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the documents again if they changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._is_stale = False
            self.model.refresh()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "documents" in tables:
            self._is_stale = not self.isVisible()
            if not self._is_stale:
                self.model.refresh()

    def show_customer(self, customer: Customer) -> None:
        """Show the documents of this customer."""
        self._customer = customer
        self.model.show(documents.page, find=DocumentFilter(customer_key=customer.key))

    def _on_read(self) -> None:
        for part in (self.table, self.all):
            part.setVisible(bool(self.model.rows))
        self.empty.setVisible(not self.model.rows)

    def _on_opened(self, row: DocumentSummary) -> None:
        self._context.navigation.open_document(row.key)

    def _on_all(self) -> None:
        if self._customer is not None:
            self._context.navigation.find_documents(DocumentFilter(customer_key=self._customer.key))


def _form() -> Form:
    form = Form(scrolls=True)
    form.add(Field(tr("Name"), name="name", compact=True))
    form.add(Field(tr("E-mail"), name="email", compact=True))
    form.add(Field(tr("Phone"), name="phone", compact=True))
    form.add(lines_field(tr("Address"), name="address", compact=True))
    form.add(Field(tr("Tax number"), name="tax_id", compact=True))
    language = ChoiceField(tr("Language of receipts"), languages.choices(), name="language", compact=True)
    language.offer([("", tr("Shop default")), *languages.choices()])
    form.add(language)
    form.add(lines_field(tr("Note"), name="note", rows=2, compact=True))
    form.finish()
    return form


def _blank() -> Customer:
    return Customer(key=new_key(), name="")


def _nothing() -> None:
    """Leave everything as it is."""


def _texts(customer: Customer) -> dict[str, str]:
    return {name: getattr(customer, name) for name in _FIELDS}


def _customer(before: Customer, texts: Mapping[str, str]) -> Customer:
    return Customer(key=before.key, **texts)


_FIELDS = ("name", "email", "phone", "address", "tax_id", "language", "note")
