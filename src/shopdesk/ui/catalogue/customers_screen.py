"""The customers page: a searchable list, and beside it the chosen customer's details and documents."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.customer import Balance, Customer
from shopdesk.domain.message_route import PreferredChannel
from shopdesk.domain.money import Money
from shopdesk.queries import customers as ask
from shopdesk.queries import documents
from shopdesk.queries.customers import CustomerDocuments
from shopdesk.queries.documents import DocumentFilter, DocumentSummary
from shopdesk.row_keys import new_key
from shopdesk.ui.base import country_defaults, document_languages, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, language, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.catalogue.account_pane import AccountPane
from shopdesk.ui.catalogue.customers_model import BoughtModel, CustomersModel, file_head, file_row
from shopdesk.ui.catalogue.detail_pane import DetailPane
from shopdesk.ui.catalogue.import_dialog import ImportDialog
from shopdesk.ui.catalogue.import_kinds import CUSTOMERS_IMPORT
from shopdesk.ui.catalogue.list_with_details import Editing, ListWithDetails
from shopdesk.ui.catalogue.merge_dialog import MergeDialog
from shopdesk.ui.catalogue.searchable_list import SearchableList, Shown
from shopdesk.ui.output.export import ExportSource, export_acts
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.widgets.buttons import Button, IconButton, LinkButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form, LongChoiceField, lines_field
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.table import RowAct, Table
from shopdesk.usecases import customers as usecase


class CustomersScreen(ListWithDetails[Customer]):
    """The list of customers on the left, the chosen customer and their documents on the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, _editing(), parent)
        self.new = Button(tr("New customer"), self.begin_new, icon="new")
        self.new.setEnabled(context.may(Right.SELL))
        self.import_file = Button(tr("Import …"), self._on_import, icon="import")
        self.import_file.setEnabled(context.may(Right.SELL))
        self.customers = CustomersModel(context, parent=self)
        customers = SearchableList(
            context,
            self.customers,
            ask.page,
            name=tr("Customers"),
            keep="customers",
            hint=tr("Name, e-mail or phone"),
            empty=EmptyState(
                "customers",
                tr("No customers yet"),
                tr("Customers named on a document are added automatically. You can also add one now."),
                (tr("New customer"), self.begin_new),
            ),
            foot=self._foot,
        )
        self.customers.balances_read.connect(customers.show_foot)
        customers.table.acts = self._acts
        self.merge = IconButton(tr("Merge with another customer"), self._on_merge, icon="merge")
        self.erase = IconButton(tr("Erase this customer"), self._on_erase, icon="delete")
        form = _form(context)
        self.bought = _Bought(context)
        self.account = AccountPane(context)
        details = DetailPane(
            [(tr("Details"), form), (tr("Documents"), self.bought), (tr("Account"), self.account)],
            EmptyState("customer", tr("Choose a customer"), tr("Their details and documents are shown here.")),
            acts=(self.merge, self.erase),
        )
        self.export = ExportButton(context, self._whole_list)
        self.lay_out(customers, form, details, self.export, self.import_file, self.new)
        form.dirtied.connect(lambda _: self._offer_acts())

    def _on_import(self) -> None:
        ImportDialog(CUSTOMERS_IMPORT, self._context, parent=self).open()

    def _whole_list(self) -> ExportSource:
        given = {"text": self.list.search.text()}
        return ExportSource(title=tr("Customers"), query=ask.page, given=given, head=file_head(), row=file_row)

    def _acts(self, rows: tuple[Customer, ...]) -> tuple[RowAct, ...]:
        return export_acts(self._context, self._whole_list, rows, parent=self)

    def _foot(self, shown: Shown) -> str:
        """Return how many customers there are, and what they owe and get back together."""
        count = len(shown.rows)
        said = (
            counted(count, "{count} customer selected", "{count} customers selected")
            if shown.are_selected
            else counted(count, "{count} customer", "{count} customers")
        )
        found = [self.customers.balances.get(row.key, Balance()) for row in shown.rows]
        owes, gets = sum(one.owes for one in found), sum(one.gets for one in found)
        money, currency = self._context.format.money, self._context.shop.currency
        said += " · " + tr("they owe {amount}", amount=money(Money(owes, currency))) if owes else ""
        return said + (" · " + tr("they get back {amount}", amount=money(Money(gets, currency))) if gets else "")

    def _on_changed(self, tables: frozenset[str]) -> None:
        super()._on_changed(tables)
        if tables & {"documents", "payments"} and self.isVisible():
            self.customers.forget_balances()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the balances again, which may have changed while another page was in front."""
        super().showEvent(event)
        self.customers.forget_balances()

    def show_entry(self, entry: Customer) -> None:
        """Show a customer and their documents."""
        super().show_entry(entry)
        may = self._context.may(Right.SELL)
        self.form.lock("" if may else tr("Your role cannot change customers."))
        self.bought.show_customer(entry)
        self.account.show_customer(entry)
        for page in (1, 2):
            self.details.set_enabled(page, bool(entry.name))
        self._offer_acts()

    def _offer_acts(self) -> None:
        """Offer to merge and erase a saved customer that is not being edited."""
        may = self._context.may(Right.CUSTOMERS)
        is_saved = self._entry is not None and bool(self._entry.name)
        tip = "" if may else tr("Your role may not merge or erase customers.")
        for button in (self.merge, self.erase):
            button.setVisible(is_saved)
            button.setEnabled(may and not self.form.is_dirty)
            button.setToolTip(tip or (tr("Save your changes first.") if self.form.is_dirty else ""))

    # --- merging and erasing ---

    def _on_merge(self) -> None:
        if self._entry is not None:
            MergeDialog(self._context, self._entry, self._on_merged, parent=self.window()).open()

    def _on_merged(self, customer: Customer) -> None:
        self._context.navigation.notify(tr("Merged into {name}.", name=customer.name))
        self.show_entry(customer)
        self.list.choose(customer.key)

    def _on_erase(self) -> None:
        customer = self._entry
        if customer is not None:
            then = partial(self._ask_to_erase, customer)
            self._context.ask(ask.documents_of, customer.key, owner=self, then=then)

    def _ask_to_erase(self, customer: Customer, kept: CustomerDocuments) -> None:
        facts = [(tr("Documents"), self._context.format.count(kept.count))]
        if kept.unsettled:
            facts.append((tr("Unpaid or to be refunded"), self._context.format.count(kept.unsettled)))
        question = ConfirmDialog(
            tr("Erase {name}?", name=customer.name),
            text=tr(
                "Name, addresses, phone, tax number and note are erased for good. Documents keep what is printed on "
                "them, as the law requires. Backups made so far keep everything until they are replaced."
            ),
            facts=facts,
            yes=tr("Erase"),
            is_dangerous=True,
            parent=self.window(),
        )
        question.ask(lambda: self._erase(customer))

    def _erase(self, customer: Customer) -> None:
        def erased(_: object) -> None:
            self._context.navigation.notify(tr("{name} was erased.", name=customer.name))
            self._entry = None
            self.list.choose_none()
            self.details.show_nothing()

        self._context.do(usecase.erase, customer.key, owner=self, then=erased)


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
        self.empty.hide()
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


def _form(context: Context) -> Form:
    form = Form(scrolls=True)
    form.add(Field(tr("Name"), name="name", compact=True))
    form.add(Field(tr("E-mail"), name="email", compact=True))
    form.add(Field(tr("Phone"), name="phone", compact=True))
    form.add(lines_field(tr("Address"), name="address", compact=True))
    form.add(_CountryField(tr("Country"), _countries(), name="country"))
    form.add(
        Field(tr("Tax number"), name="tax_id", compact=True), Field(tr("VAT number"), name="vat_number", compact=True)
    )
    printed = ChoiceField(tr("Language of receipts"), document_languages.choices(), name="language", compact=True)
    printed.offer([("", tr("Shop default")), *document_languages.choices()])
    form.add(printed)
    form.add_heading(tr("Messages"))
    form.add(ChoiceField(tr("Preferred channel"), _channels(), name="preferred_channel", compact=True))
    form.add(_ConsentField(context))
    form.add(lines_field(tr("Note"), name="note", rows=2, compact=True))
    form.add_heading(tr("E-invoices"))
    form.add(
        Field(tr("Reference"), name="reference", hint=tr("What the customer wants to find on invoices."), compact=True)
    )
    address = tr("E-mail address, or a number after its scheme: 0088:4012345000016.")
    form.add(Field(tr("Electronic address"), name="electronic_address", hint=address, compact=True))
    form.finish()
    return form


def _channels() -> list[tuple[str, str]]:
    return [
        (PreferredChannel.SHOP.value, tr("Shop default")),
        (PreferredChannel.EMAIL.value, tr("E-mail")),
        (PreferredChannel.SMS.value, tr("Text message")),
        (PreferredChannel.NONE.value, tr("None: wants no messages")),
    ]


class _ConsentField(CheckField):
    """The consent to text messages. Its text is the day on which it was given, or empty."""

    def __init__(self, context: Context) -> None:
        super().__init__(tr("Agreed to text messages"), name="sms_consent_on")
        self._context = context
        self._given_on = ""

    def text(self) -> str:
        """Return the day of the consent in ISO 8601: the stored one, or today if it is given now."""
        if not self.box.isChecked():
            return ""
        return self._given_on or self._context.today().isoformat()

    def set_text(self, text: str) -> None:
        """Check the box unless the day is empty, and show the day."""
        self._given_on = text
        super().set_text(text)
        day = self._context.format.day(date.fromisoformat(text)) if text else ""
        self.show_hint(StatusLook(tr("On {day}.", day=day), "info", Tone.SOFT) if day else None)


class _CountryField(LongChoiceField):
    """A country, or none. Its text is what was typed where that is no country, so that saving refuses it."""

    def text(self) -> str:
        """Return the code of the country, or what was typed."""
        return super().text() or self.combo.currentText().strip()


def _countries() -> list[tuple[str, str]]:
    return [("", ""), *((one.code, one.name) for one in country_defaults.countries(language()))]


def _editing() -> Editing[Customer]:
    return Editing(
        table="customers",
        title=tr("Customers"),
        new=tr("New customer"),
        unnamed=tr("the new customer"),
        blank=lambda: Customer(key=new_key(), name=""),
        get=ask.get,
        save=usecase.save,
        texts=_texts,
        entry=lambda before, texts: Customer(key=before.key, **texts),
        shown=_texts,
    )


def _texts(customer: Customer) -> dict[str, str]:
    names = [item.name for item in fields(Customer) if item.name != "key"]
    return {name: getattr(customer, name) for name in names}
