"""Product entry: suggestions while typing, a code and Enter, and scans from anywhere on the page.

A lookup takes a moment while the cashier types on. Its result fills only the cells that were not changed since.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from shopdesk.domain.barcode import Barcode, gtin, read_barcode
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import QUANTITY_UNIT, read_quantity
from shopdesk.domain.product import Product
from shopdesk.queries import scans
from shopdesk.queries.scans import ScanMeaning, ScannedItem
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.scan_sound import beep_bad, beep_good
from shopdesk.ui.base.scanner import Scan, not_found
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor import lookup
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.cell_line_edit import CellLineEdit
from shopdesk.ui.editor.items_table import ItemsTable
from shopdesk.ui.editor.live_query import LiveQuery
from shopdesk.ui.editor.suggestions import Suggestion, Suggestions


class ProductEntry(QObject):
    """The product entry of an items table."""

    notice = Signal(object)  # StatusLook: the result of a scan
    unknown = Signal(str)  # emitted with a code of digits that is no product

    def __init__(self, table: ItemsTable, context: Context) -> None:
        super().__init__(table)
        self._table = table
        self._items = table.items
        self._context = context
        self._known: dict[str, Product] = {}
        self._is_told_of_layout = False
        self.suggestions: Suggestions | None = None
        table.opened.connect(self._on_opened)
        table.named.connect(self._on_named)

    # --- suggestions ---

    def _on_opened(self, edit: CellLineEdit) -> None:
        self.suggestions = None
        if edit.column is ItemColumn.ITEM:
            self._suggest_products(edit)
        elif edit.column is ItemColumn.TAX:
            self._suggest_taxes(edit)
        edit.holds = lambda: self._context.scans.is_busy

    def _suggest_products(self, edit: CellLineEdit) -> None:
        popup = self.suggestions = Suggestions(
            edit, self._on_taken, tabbed=partial(self._on_taken, is_tabbed=True), name=tr("Products")
        )

        def show(text: str, found: tuple[Product, ...]) -> None:
            if text != edit.text() or not edit.hasFocus():
                return
            rows = [Suggestion(one.name, self._priced(one), one) for one in found]
            if rows:
                rows.append(Suggestion(tr("Use “{text}” as typed", text=text.strip()), icon="edit"))
            popup.offer(rows, choose=lookup.match(text, found, lookup.product_names))

        asking = LiveQuery(self._context, lookup.products_for, show, parent=edit)

        def typed(text: str) -> None:
            if text.strip() and edit.hasFocus():
                asking.ask(text)
            else:
                asking.cancel()
                popup.hide()

        edit.textChanged.connect(typed)

    def _suggest_taxes(self, edit: CellLineEdit) -> None:
        notation = self._items.notation

        def take(text: str) -> None:
            edit.setText(text)
            edit.entered.emit()

        popup = self.suggestions = Suggestions(edit, take, name=tr("Tax rates"), least=tokens.NARROW // 2)

        def show(text: str) -> None:
            taxes = notation.shop.taxes
            rows = [Suggestion(notation.rate(tax.rate), tax.name, notation.tax(tax.rate)) for tax in taxes]
            typed = text.strip().casefold()
            at = next((at for at, row in enumerate(rows) if typed and _begins(typed, row)), -1)
            if edit.hasFocus():
                popup.offer(rows if len(rows) > 1 else (), choose=at)

        edit.textChanged.connect(show)

    def _priced(self, product: Product) -> str:
        notation = self._items.notation
        price = notation.shown(notation.row_with(DraftRow(), product), ItemColumn.UNIT_PRICE)
        return f"{product.code} · {price}" if product.code else price

    def _on_taken(self, product: Product | None, *, is_tabbed: bool = False) -> None:
        """Take a product and begin the next row, or with Tab go on to its quantity; a free text needs its price."""
        cell = self._table.delegate.open
        if cell is None:
            return
        if product is not None:
            self._items.retype(
                cell.row, ItemColumn.ITEM, self._items.notation.row_with(self._items.row(cell.row), product)
            )
            cell.edit.setText(product.name)
        cell.edit.accept()
        self._table.commit()
        self._table.go_on() if product is None or is_tabbed else self._table.begin_next()

    # --- a name or a code typed without using the suggestions ---

    def _on_named(self, at: int, text: str, is_entered: bool) -> None:
        if not text.strip():
            return
        then = self._items.row(at)
        query = lookup.product_meant if is_entered else lookup.product_named

        def unanswered(error: Exception) -> None:
            self._context.report_unanswered(error)
            self._fill(at, then, self._known.get(text.strip()))

        def found(product: Product | None) -> None:
            self._fill(at, then, product)
            if is_entered:
                self._go_on_from(at, text, product)

        self._context.ask(query, text, owner=self, then=found, failed=unanswered)

    def _go_on_from(self, at: int, text: str, product: Product | None) -> None:
        """After Enter, begin the next row; or go back to the item, if it is an unknown code. Not if typing went on."""
        here = (self._table.row, self._table.currentIndex().column())
        is_there = at < self._items.rowCount() and here == (at, ItemColumn.QUANTITY)
        if not is_there or self._table.delegate.open is not None or self._context.scans.is_busy:
            return
        if product is not None:
            self._table.begin_next()
        elif (code := read_barcode(text.strip())).is_number and self._items.row(at).item == text:
            self._table.go_to(at, ItemColumn.ITEM)
            self.report_unknown(code)

    def _fill(self, at: int, then: DraftRow, product: Product | None) -> None:
        """Fill the row with a product; cells changed since it was ``then`` keep their text."""
        if product is None or at >= self._items.rowCount():
            return
        self._remember(product)
        now = self._items.row(at)
        if now.item != then.item or now.product_key != then.product_key:
            return
        filled = self._items.notation.row_with(now, product)
        kept = {name: getattr(now, name) for name in ("unit_price", "tax") if self._is_touched(at, name, then, now)}
        self._items.replace(at, replace(filled, **kept))

    def _is_touched(self, at: int, name: str, then: DraftRow, now: DraftRow) -> bool:
        cell = self._table.delegate.open
        is_open = cell is not None and cell.row == at and cell.column.field == name and cell.edit.is_changed
        return is_open or getattr(now, name) != getattr(then, name)

    # --- scans ---

    def take(self, scan: Scan, *, may_stay: bool = False) -> None:
        """Add the product of a scan. An unknown code is removed from its field, unless it ``may_stay`` there."""
        code = scan.code
        stays = not scan.is_sure or (not code.is_certain and may_stay)
        if not stays:
            scan.take_back()

        def looked_up(found: ScanMeaning | None) -> None:
            if found is None and stays and scan.is_typing:
                scan.leave()
                return
            scan.take_back()
            if found is not None:
                self.apply(found)
            else:
                if self._waiting_row() == self._table.row:  # a row that is being typed goes on where it was
                    self._table.go_to(self._table.row, ItemColumn.ITEM)
                self.report_unknown(code)
            scan.finish()

        def unanswered(error: Exception) -> None:
            self._context.report_unanswered(error)
            known = next((self._known[text] for text in (code.text, *code.gtins) if text in self._known), None)
            if known is not None or (stays and scan.is_typing):
                looked_up(ScanMeaning(item=ScannedItem(product=known)) if known is not None else None)
                return
            said = tr(
                "The database is unreachable, so {code} cannot be looked up. Enter the item by hand.", code=code.text
            )
            scan.take_back()
            self._say_bad(said)
            scan.finish()

        self._context.look_up(scans.meaning, code, owner=self, then=looked_up, failed=unanswered)

    def apply(self, found: ScanMeaning) -> None:
        """Add the scanned item, or open the scanned document."""
        if found.is_garbled and not self._is_told_of_layout:
            self._is_told_of_layout = True
            text = tr(
                "The scanner is set to another keyboard layout than this computer, so it types other letters. Scan the "
                "code for this computer's layout in the scanner's manual."
            )
            self._context.navigation.notify(text, tone=Tone.WARN, stays=True)
        beep_good(self._context.settings.till.scan_sound)
        if found.document_key is not None:
            self._open(found.document_key)
        elif found.item is not None:
            self._remember(found.item.product)
            self.add(found.item)

    def _open(self, document: UUID) -> None:
        """Open a document; say that a sale in hand is kept, and offer the way back to it."""
        is_in_hand = self._table.isVisible() and any(not row.is_blank for row in self._items.rows)
        self._context.navigation.open_document(document)
        if is_in_hand:
            back = NoticeAction(tr("Back to the sale"), lambda: self._context.navigation.show_page(Page.EDITOR))
            self._context.navigation.notify(tr("The sale in hand is kept."), action=back)

    def report_unknown(self, code: Barcode) -> None:
        """Report a code that is no product, and offer to add it."""
        self._say_bad(not_found(code))
        if code.is_number:
            self.unknown.emit(code.text)

    def _remember(self, product: Product) -> None:
        """Remember a product by its codes, so that it can be sold while the database is unreachable."""
        for code in (product.code, product.barcode, gtin(product.barcode)):
            if code:
                self._known[code] = product

    def _say_bad(self, text: str) -> None:
        beep_bad(self._context.settings.till.scan_sound, self)
        self.notice.emit(StatusLook(text, "warn", Tone.BAD))

    def add(self, item: ScannedItem) -> None:
        """Add a product: to its row, else to the row waiting for a product, else to a new row."""
        self._table.commit()
        self._items.undo.beginMacro("")
        at = self._added(item)
        last = self._items.rowCount() - 1
        if not self._items.row(last).is_blank:
            last += 1
            self._items.insert(last)
        self._items.undo.endMacro()
        self._table.go_to(last, ItemColumn.ITEM)
        self._table.setFocus()
        row = self._items.row(at)
        shown = self._items.notation.shown(row, ItemColumn.QUANTITY)
        self.notice.emit(StatusLook(tr("{quantity} × {item}", quantity=shown, item=row.item), "good", Tone.GOOD))

    def _added(self, item: ScannedItem) -> int:
        notation, product = self._items.notation, item.product
        target = self._waiting_row(product.code)
        waiting = self._items.row(target) if target < self._items.rowCount() else DraftRow()
        known = self._items.place_of(product.key) if item.is_plain else None
        if known is not None and self._items.row(known).unit_price == notation.price(product.price):
            more = notation.add_quantity(self._items.row(known), self._count(waiting))
            if more is not None:
                self._items.replace(known, more)
                if target < self._items.rowCount():
                    self._items.replace(target, DraftRow())
                return known
        row = notation.row_with(replace(waiting, quantity=waiting.quantity or "1"), product)
        if not item.is_plain:
            row = self._with_label(row, item, self._count(waiting))
        if target < self._items.rowCount():
            self._items.replace(target, row)
        else:
            self._items.insert(target, row)
        return target

    def _with_label(self, row: DraftRow, item: ScannedItem, count: int) -> DraftRow:
        """Return a row with what the label says: its weight, its price, its batch and until when to use it."""
        notation = self._items.notation
        if item.quantity is not None:
            row = replace(row, quantity=notation.quantity(item.quantity * count // QUANTITY_UNIT))
        if item.price is not None:
            # Not the product's own price: the row is no longer compared with it, as a discount would be.
            row = replace(row, unit_price=notation.price(item.price), product_key=None)
        words = [row.item] if item.price is None else [row.item, tr("priced by its label")]
        if item.batch:
            words.append(tr("batch {batch}", batch=item.batch))
        if item.expires_on is not None:
            words.append(tr("use by {date}", date=self._context.format.day(item.expires_on)))
        return replace(row, item=", ".join(words))

    def _waiting_row(self, code: str = "") -> int:
        """Return the row for the next product: the current or last one if it has at most a quantity, else a new one.

        A row that has only the ``code`` of the product waits for it, too.
        """
        for at in (self._table.row, self._items.rowCount() - 1):
            row = self._items.row(at)
            item = "" if row.item.strip() == code else row.item
            if replace(row, quantity="", tax="", item=item).is_blank:
                return at
        return self._items.rowCount()

    def _count(self, row: DraftRow) -> int:
        try:
            return read_quantity(row.quantity, self._items.notation.symbols) if row.quantity.strip() else QUANTITY_UNIT
        except Refused:
            return QUANTITY_UNIT


def _begins(typed: str, row: Suggestion) -> bool:
    return any(str(text).casefold().startswith(typed) for text in (row.value, row.text, row.detail))
