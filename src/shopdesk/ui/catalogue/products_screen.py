"""The products page: a searchable list, the chosen product beside it, and the import of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import read_price
from shopdesk.domain.product import Product
from shopdesk.keys import new_key
from shopdesk.queries import products as ask
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.catalogue.detail_pane import DetailPane
from shopdesk.ui.catalogue.import_dialog import ImportDialog
from shopdesk.ui.catalogue.products_model import ProductsModel, file_head, file_row
from shopdesk.ui.output.export import ExportSource
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.cards import EmptyState, Head
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form
from shopdesk.ui.widgets.searchable_list import SearchableList
from shopdesk.usecases import products as usecase


class ProductsScreen(FocusedPage):
    """The list of products on the left, the chosen product on the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Products"))
        self._context = context
        self._is_stale = True
        self._product: Product | None = None
        self.new = Button(tr("New product"), self._on_new, icon="new")
        self.import_file = Button(tr("Import …"), self._on_import, icon="import")
        self.export = ExportButton(context, self._whole_list)
        self.list = SearchableList(
            context,
            ProductsModel(context, parent=self),
            ask.page,
            name=tr("Products"),
            hint=tr("Name, code or barcode"),
            empty=self._empty(),
        )
        self.form = _form()
        self.details = DetailPane(
            [(tr("Details"), self.form)],
            EmptyState("products", tr("Choose a product"), tr("Its price, tax and codes are shown here.")),
        )
        self._lay_out()
        self.begin_at(self.list.search)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(lambda _: self.form.fields["price"].control.setFocus())
        self.form.save_wanted.connect(self._save)
        self.form.dirtied.connect(lambda _: self._show_title())
        self.form.undone.connect(self._on_undone)
        context.background.changed.connect(self._on_changed)
        context.shop_changed.connect(self._offer_taxes)
        context.actor_changed.connect(self._offer)
        self._offer_taxes()
        self._offer()

    def _empty(self) -> EmptyState:
        title, text = tr("No products yet"), tr("Products here are suggested while you type and found by barcode.")
        return EmptyState("products", title, text, (tr("Import a catalogue"), self._on_import))

    def _lay_out(self) -> None:
        head = Head(tr("Products"))
        head.add(self.export)
        head.add(self.import_file)
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
        currency = self._context.shop.currency
        return ExportSource(
            title=tr("Products"),
            query=ask.page,
            given={"text": self.list.search.text()},
            head=file_head(),
            row=lambda product: file_row(product, currency),
        )

    def _offer(self) -> None:
        """Enable what the signed-in person may do; called again when another person signs in."""
        may = self._context.may(Right.CATALOGUE)
        for button in (self.new, self.import_file, self.list.empty.button):
            if button is not None:
                button.setEnabled(may)
                button.setToolTip("" if may else _reason())
        self.form.lock("" if may else _reason())

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._is_stale = False
            self.list.read()
            self._read_again()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "products" in tables:
            self._is_stale = not self.isVisible()
            if not self._is_stale:
                self.list.model.refresh()
                self._read_again()

    def _read_again(self) -> None:
        """Read the open product again, as another till may have changed it; unsaved changes are left alone."""
        if self._product is not None and self._product.name and not self.form.is_dirty:
            self._context.ask(ask.get, self._product.key, owner=self, then=self._on_read_again, failed=lambda _: None)

    def _on_read_again(self, product: Product) -> None:
        is_open = self._product is not None and self._product.key == product.key
        if is_open and product != self._product and not self.form.is_dirty:
            self._show(product)

    def _offer_taxes(self) -> None:
        field = self.form.fields["tax"]
        if isinstance(field, ChoiceField):
            shop, percent = self._context.shop, self._context.format.percent
            standard = tr("Shop default ({rate})", rate=percent(shop.default_tax.rate.milli))
            rates = [(str(tax.key), f"{tax.name} {percent(tax.rate.milli)}") for tax in shop.taxes]
            field.offer([("", standard), *rates])

    def _offer_retired(self, product: Product) -> None:
        """Offer the product's rate even if the shop has retired it, so that saving does not change it silently."""
        self._offer_taxes()
        field, offered = self.form.fields["tax"], {tax.key for tax in self._context.shop.taxes}
        if isinstance(field, ChoiceField) and product.tax_key not in {None, *offered}:
            field.combo.addItem(tr("Retired rate"), str(product.tax_key))

    # --- choosing ---

    def _on_chosen(self, product: Product | None) -> None:
        if product is None or (self._product is not None and product.key == self._product.key):
            return
        if self.form.is_dirty:
            self.details.ask_to_save(
                self._name(),
                save=lambda: self._save(then=product),
                discard=lambda: self._show(product),
                keep=self._go_back,
            )
            return
        self._show(product)

    def _name(self) -> str:
        return self.form.fields["name"].text().strip() or tr("the new product")

    def _go_back(self) -> None:
        if self._product is None:
            self.list.choose_none()
        else:
            self.list.choose(self._product.key)
        self.form.fields["name"].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_new(self) -> None:
        if self.form.is_dirty:
            self.details.ask_to_save(
                self._name(), save=lambda: self._save(then=_blank()), discard=self._edit_new, keep=_nothing
            )
            return
        self._edit_new()

    def _edit_new(self) -> None:
        self.list.choose_none()
        self._show(_blank())
        self.form.fields["code"].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_undone(self) -> None:
        if self._product is not None and not self._product.name:
            self._product = None
            self.details.show_nothing()

    # --- showing ---

    def _show(self, product: Product) -> None:
        self._product = product
        self._offer_retired(product)
        self.form.fill(self._texts(product))
        self.details.show_page(0)
        self._show_title()

    def _texts(self, product: Product) -> dict[str, str]:
        return {
            "code": product.code,
            "barcode": product.barcode,
            "name": product.name,
            "price": self._context.format.price(product.price) if product.name else "",
            "tax": str(product.tax_key or ""),
            "department": product.department,
            "category": product.category,
            "on_sale": "" if product.is_retired else "yes",
        }

    def _show_title(self) -> None:
        if self._product is not None:
            self.details.set_title(self._product.name or tr("New product"), unsaved=self.form.is_dirty)

    # --- saving ---

    def _save(self, then: Product | None = None) -> None:
        before = self._product
        if before is None:
            return
        try:
            product = self._read(before, self.form.values())
        except Refused as refused:
            self._on_failed(refused)
            return
        self.form.set_busy(True)

        def saved(kept: Product) -> None:
            self.form.set_busy(False)
            self._context.navigation.notify(tr("{name} saved.", name=kept.name))
            self._show(then or kept)
            if then is None:
                self.list.choose(kept.key)

        base = before if before.name else None
        self._context.do(usecase.save, product, base=base, owner=self, then=saved, failed=self._on_failed)

    def _read(self, before: Product, texts: Mapping[str, str]) -> Product:
        """Return the product as typed. Raises Refused if the price is missing or not a number."""
        if not texts["price"].strip():
            raise Refused(tr("The price is missing."), field="price")
        try:
            price = read_price(texts["price"], self._context.symbols, self._context.shop.currency)
        except Refused as refused:
            raise Refused([FieldError(fault.text, "price") for fault in refused.faults]) from None
        return replace(
            before,
            code=texts["code"],
            barcode=texts["barcode"],
            name=texts["name"],
            department=texts["department"],
            category=texts["category"],
            price=price,
            tax_key=UUID(texts["tax"]) if texts["tax"] else None,
            is_retired=not texts["on_sale"],
        )

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, MergeConflict):
            self._product = error.theirs
            self.form.rebase(self._texts(error.theirs), self._texts(error.joined))
            named = [FieldError(fault.text, _FIELDS.get(fault.field, fault.field)) for fault in error.faults]
            self.form.show_conflicts(Refused(named), self._shown(error.theirs))
        elif isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._context.report_error(error)

    def _shown(self, product: Product) -> dict[str, str]:
        """Return the fields as they are shown to people."""
        tax = next((tax.name for tax in self._context.shop.taxes if tax.key == product.tax_key), tr("Shop default"))
        on_sale = tr("no") if product.is_retired else tr("yes")
        return self._texts(product) | {"tax": tax, "on_sale": on_sale}

    def _on_import(self) -> None:
        ImportDialog(self._context, parent=self).open()


_FIELDS = {"tax_key": "tax", "is_retired": "on_sale"}
"""Fields of a product that have another name in the form."""


def _form() -> Form:
    form = Form(scrolls=True)
    form.add(Field(tr("Name"), name="name", compact=True))
    form.add(Field(tr("Code"), name="code", compact=True), Field(tr("Barcode"), name="barcode", compact=True))
    form.add(Field(tr("Price"), name="price", compact=True), ChoiceField(tr("Tax"), name="tax", compact=True))
    form.add(Field(tr("Department"), name="department", compact=True))
    form.add(Field(tr("Category"), name="category", compact=True))
    form.add(CheckField(tr("On sale"), name="on_sale", hint=tr("If off, it is not suggested and cannot be scanned.")))
    form.finish()
    return form


def _reason() -> str:
    return tr("Your role cannot change products. Ask a manager.")


def _blank() -> Product:
    return Product(key=new_key(), code="", name="", price=0)


def _nothing() -> None:
    """Leave everything as it is."""
