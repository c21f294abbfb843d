"""The products page: a searchable list, the chosen product beside it, and the import of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import LARGEST_MINOR, read_count, read_price
from shopdesk.domain.product import Product, TileColour
from shopdesk.domain.sentence import sentence
from shopdesk.domain.unit import Unit
from shopdesk.queries import products as ask
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, tr_marked
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.scanner import keep_scans
from shopdesk.ui.base.unit_names import unit_choices, unit_name
from shopdesk.ui.catalogue.detail_pane import DetailPane
from shopdesk.ui.catalogue.import_dialog import ImportDialog
from shopdesk.ui.catalogue.import_kinds import PRODUCTS_IMPORT
from shopdesk.ui.catalogue.list_with_details import Editing, ListWithDetails
from shopdesk.ui.catalogue.prices_dialog import PricesDialog
from shopdesk.ui.catalogue.products_model import TILE_COLOURS, ProductsModel, file_head, file_row
from shopdesk.ui.catalogue.searchable_list import SearchableList, Shown
from shopdesk.ui.output.export import ExportSource, export_acts
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.table import RowAct
from shopdesk.usecases import products as usecase


class ProductsScreen(ListWithDetails[Product]):
    """The list of products on the left, the chosen product on the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, _editing(context), parent)
        self.new = Button(tr("New product"), self.begin_new, icon="new")
        self.import_file = Button(tr("Import …"), self._on_import, icon="import")
        self.export = ExportButton(context, self._whole_list)
        self.prices = Button(tr("Change prices …"), self._on_prices, icon="price")
        products = SearchableList(
            context,
            ProductsModel(context, parent=self),
            ask.page,
            name=tr("Products"),
            keep="products",
            hint=tr("Name, code or barcode"),
            finds_codes=True,
            empty=self._empty(),
            foot=_foot,
        )
        products.table.acts = self._acts
        form = _form()
        for name in ("code", "barcode"):
            keep_scans(form.fields[name].control)
        KeypadDecimal(form.fields["price"].control, lambda: context.symbols.decimal)
        details = DetailPane(
            [(tr("Details"), form)],
            EmptyState("products", tr("Choose a product"), tr("Its price, tax and codes are shown here.")),
        )
        self.lay_out(products, form, details, self.export, self.import_file, self.prices, self.new)
        context.shop_changed.connect(self._offer_taxes)
        context.actor_changed.connect(self._offer)
        self._offer_taxes()
        self._offer()

    def _empty(self) -> EmptyState:
        title, text = tr("No products yet"), tr("Products here are suggested while you type and found by barcode.")
        return EmptyState("products", title, text, (tr("Import a catalogue"), self._on_import))

    def _whole_list(self) -> ExportSource:
        shop = self._context.shop
        return ExportSource(
            title=tr("Products"),
            query=ask.page,
            given={"text": self.list.search.text()},
            head=file_head(with_tax=shop.prices_include_tax),
            row=lambda product: file_row(product, shop.currency),
        )

    def _acts(self, rows: tuple[Product, ...]) -> tuple[RowAct, ...]:
        why_not = "" if self._context.may(Right.CATALOGUE) else _reason()
        change = RowAct(label=tr("Change prices …"), icon="price", act=lambda: self._on_prices(rows), why_not=why_not)
        return (change, *export_acts(self._context, self._whole_list, rows, parent=self))

    def _on_prices(self, rows: tuple[Product, ...] | None = None) -> None:
        selected = self.list.table.selected
        if rows is None:
            rows = selected if len(selected) > 1 else ()

        def then(departments: list[str]) -> None:
            text = self.list.search.text()
            names = tuple(name for name in departments if name or len(departments) > 1)
            PricesDialog(self._context, text=text, selected=rows, departments=names, parent=self.window()).open()

        self._context.ask(ask.departments, owner=self, then=then)

    def _offer(self) -> None:
        """Enable what the signed-in person may do; called again when another person signs in."""
        may = self._context.may(Right.CATALOGUE)
        for button in (self.new, self.import_file, self.prices, self.list.empty.button):
            if button is not None:
                button.setEnabled(may)
                button.setToolTip("" if may else _reason())
        self.form.lock("" if may else _reason())

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

    def show_entry(self, entry: Product) -> None:
        """Show a product."""
        self._offer_retired(entry)
        super().show_entry(entry)

    def _on_import(self) -> None:
        ImportDialog(PRODUCTS_IMPORT, self._context, parent=self).open()


def _form() -> Form:
    form = Form(scrolls=True)
    form.add(Field(tr("Name"), name="name", compact=True))
    form.add(Field(tr("Code"), name="code", compact=True), Field(tr("Barcode"), name="barcode", compact=True))
    form.add(Field(tr("Price"), name="price", compact=True), ChoiceField(tr("Tax"), name="tax", compact=True))
    form.add(Field(tr("Department"), name="department", compact=True))
    form.add(
        Field(tr("Category"), name="category", compact=True),
        ChoiceField(tr("Unit"), unit_choices(), name="unit", compact=True),
    )
    tile = ChoiceField(tr("Show as tile"), _tiles(), name="tile", compact=True)
    tile.combo.setToolTip(tr("For goods without a code: a button in a new document. One tap adds a row."))
    page = Field(tr("Page of tiles"), name="tile_page", compact=True)
    line = page.control
    if isinstance(line, QLineEdit):
        line.setPlaceholderText(tr("as the department"))
    form.add(tile, Field(tr("Place of the tile"), name="tile_order", compact=True))
    form.add(page)
    form.add(CheckField(tr("On sale"), name="on_sale", hint=tr("If off, it is not suggested and cannot be scanned.")))
    form.finish()
    return form


def _tiles() -> list[tuple[str, str]]:
    return [("", tr("No")), *((colour.value, tr_marked(word)) for colour, word in TILE_COLOURS.items())]


def _foot(shown: Shown) -> str:
    if shown.are_selected:
        return counted(len(shown.rows), "{count} product selected", "{count} products selected")
    return counted(len(shown.rows), "{count} product", "{count} products")


def _reason() -> str:
    return tr("Your role cannot change products. Ask a manager.")


def _editing(context: Context) -> Editing[Product]:
    return Editing(
        table="products",
        title=tr("Products"),
        new=tr("New product"),
        unnamed=tr("the new product"),
        first="code",
        opened="price",
        blank=lambda: Product(key=new_key(), code="", name="", price=0),
        get=ask.get,
        save=usecase.save,
        texts=partial(_texts, context),
        entry=partial(_product, context),
        shown=partial(_shown, context),
        field_of={"tax_key": "tax", "is_retired": "on_sale", "tile_colour": "tile"},
    )


def _texts(context: Context, product: Product) -> dict[str, str]:
    return {
        "code": product.code,
        "barcode": product.barcode,
        "name": product.name,
        "price": context.format.price(product.price) if product.name else "",
        "tax": str(product.tax_key or ""),
        "department": product.department,
        "category": product.category,
        "unit": product.unit.value,
        "tile": product.tile_colour.value if product.tile_colour else "",
        "tile_page": product.tile_page,
        "tile_order": str(product.tile_order) if product.tile_order else "",
        "on_sale": "" if product.is_retired else "yes",
    }


def _shown(context: Context, product: Product) -> dict[str, str]:
    """Return the fields as they are shown to people."""
    tax = next((tax.name for tax in context.shop.taxes if tax.key == product.tax_key), tr("Shop default"))
    on_sale = tr("no") if product.is_retired else tr("yes")
    tile = tr_marked(TILE_COLOURS[product.tile_colour]) if product.tile_colour else tr("No")
    shown = {"tax": tax, "on_sale": on_sale, "tile": tile, "unit": unit_name(product.unit)}
    return _texts(context, product) | shown


def _product(context: Context, before: Product, texts: Mapping[str, str]) -> Product:
    """Return the product as typed. Raises Refused if the price is missing or not a number."""
    if not texts["price"].strip():
        raise Refused(sentence("The price is missing."), field="price")
    try:
        price = read_price(texts["price"], context.symbols, context.shop.currency)
    except Refused as refused:
        raise Refused([FieldError(fault.text, "price") for fault in refused.faults]) from None
    place = read_count(texts["tile_order"].strip() or "0", LARGEST_MINOR)
    if place is None:
        raise Refused(sentence("Type a whole number, such as 10. The lowest place comes first."), field="tile_order")
    return replace(
        before,
        tile_colour=TileColour(texts["tile"]) if texts["tile"] else None,
        tile_page=texts["tile_page"],
        tile_order=place,
        code=texts["code"],
        barcode=texts["barcode"],
        name=texts["name"],
        department=texts["department"],
        category=texts["category"],
        unit=Unit(texts["unit"]),
        price=price,
        tax_key=UUID(texts["tax"]) if texts["tax"] else None,
        is_retired=not texts["on_sale"],
    )
