"""Products in the editor: suggested, taken by a code, and scanned from anywhere without ever landing in a price."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from sqlalchemy import event

from shopdesk.domain.barcode import with_check_digit
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.product import Product, TileColour
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import products
from support.accessibility import unnamed_controls
from support.context import NavigationSpy, Show
from support.keyboard_input import SCANNER_MS, Typist
from support.qtbot import QtBot
from support.shops import SampleShop

Until = Callable[..., None]
REDUCED = ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(8))
MILK = Product(key=new_key(), code="1001", name="Fluid milk 1 PT", price=8900, barcode="4006381333931")
CREAM = Product(key=new_key(), code="818980", name="Fluid cream", price=19900, tax_key=REDUCED.key)
BREAD = Product(key=new_key(), code="1003", name="Bread, white", price=25000, barcode="036000291452")

LABEL = Product(key=new_key(), code="1004", name="Own label", price=20000, barcode="LBL0012345")


@pytest.fixture
def shop(shop: SampleShop) -> SampleShop:
    """With four products and a reduced rate."""
    standard = shop.change_shop().taxes
    shop.change_shop(taxes=(*standard, REDUCED))
    for product in (MILK, CREAM, BREAD, LABEL):
        shop.do(products.save, product)
    return shop


@pytest.fixture
def editor(context: Context, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


def _rows(editor: EditorScreen) -> tuple[DraftRow, ...]:
    return editor.document.items.rows


def _row(product: Product, quantity: str, price: str, tax: str = "") -> DraftRow:
    return DraftRow(product.name, quantity, price, "", tax, product.key)


def _suggested(editor: EditorScreen) -> list[str]:
    popup = editor.products.suggestions
    return popup.texts if popup is not None else []


# --- tiles ---


def test_goods_without_a_code_have_tiles_that_add_a_row_by_one_tap_or_key(
    shop: SampleShop, editor: EditorScreen, context: Context, qtbot: QtBot, until: Until
) -> None:
    assert not editor.tiles.isVisible()
    apple = replace(BREAD, key=new_key(), code="A", barcode="", name="Apple, loose", department="Fruit")
    bag = replace(apple, key=new_key(), code="B", name="Bag & box", department="", tile_order=2)
    for product, page in ((apple, "Favourites"), (bag, "Favourites"), (MILK, "")):
        shop.do(products.save, replace(product, tile_colour=TileColour.GREEN, tile_page=page))
    context.background.changed.emit(frozenset({"products"}))
    until(lambda: len(editor.tiles.tiles) == 2)
    assert [editor.tiles.page.itemText(at) for at in range(editor.tiles.page.count())] == ["Favourites", "Others"]
    editor.tiles.page.setCurrentText("Favourites")
    assert [tile.accessibleName() for tile in editor.tiles.tiles] == ["Add Apple, loose, 2.50", "Add Bag & box, 2.50"]
    assert all(min(tile.width(), tile.height()) >= 64 for tile in editor.tiles.tiles)
    assert unnamed_controls(editor.tiles) == []
    qtbot.mouseClick(editor.tiles.tiles[0], Qt.MouseButton.LeftButton)
    assert editor.table.hasFocus()
    qtbot.keyClick(editor, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert editor.tiles.tiles[0].hasFocus()
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        qtbot.keyClick(editor.tiles.tiles[0], Qt.Key.Key_Left)
        assert editor.tiles.tiles[1].hasFocus()
        qtbot.keyClick(editor.tiles.tiles[1], Qt.Key.Key_Return)
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert [(row.item, row.quantity) for row in _rows(editor) if row.item] == [
        ("Apple, loose", "1"),
        ("Bag & box", "1"),
    ]
    for product in (apple, bag, MILK):
        shop.do(products.save, replace(product, tile_colour=None))
    context.background.changed.emit(frozenset({"products"}))
    until(lambda: not editor.tiles.isVisible())


# --- suggestions ---


def test_products_are_suggested_as_one_types_and_enter_takes(
    editor: EditorScreen, typist: Typist, until: Until
) -> None:
    typist.type("flu")
    until(lambda: _suggested(editor) == ["Fluid cream", "Fluid milk 1 PT", "Use “flu” as typed"])
    typist.key(Qt.Key.Key_Down)
    typist.enter()
    assert _rows(editor) == (_row(MILK, "", "0.89"), DraftRow())
    assert (editor.table.row, editor.table.currentIndex().column()) == (1, ItemColumn.ITEM)
    until(lambda: editor.totals.total.text() == "0.89")
    typist.type("flu")
    until(lambda: bool(_suggested(editor)))
    typist.key(Qt.Key.Key_Tab)
    assert (editor.table.row, editor.table.currentIndex().column()) == (1, ItemColumn.QUANTITY)
    typist.row("2")
    assert _rows(editor)[1] == _row(CREAM, "2", "1.99", "8 %")


def test_a_product_brings_its_tax(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.type("flu")
    until(lambda: bool(_suggested(editor)))
    typist.enter()
    assert _rows(editor) == (_row(CREAM, "", "1.99", "8 %"), DraftRow())


def test_the_suggestions_go_with_escape_and_what_was_typed_stays(
    editor: EditorScreen, typist: Typist, until: Until
) -> None:
    typist.type("flu")
    until(lambda: bool(_suggested(editor)))
    typist.key(Qt.Key.Key_Escape)
    assert not _suggested(editor)
    assert editor.table.delegate.open is not None
    typist.key(Qt.Key.Key_Tab)
    assert _rows(editor) == (DraftRow("flu"),)


def test_a_free_item_is_taken_as_it_is_typed(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.type("flu")
    until(lambda: bool(_suggested(editor)))
    typist.key(Qt.Key.Key_Up)
    typist.enter()
    assert _rows(editor) == (DraftRow("flu"),)
    typist.row("", "2.00")
    assert _rows(editor) == (DraftRow("flu", "", "2.00"),)


@pytest.mark.parametrize("typed", ["1001", "Fluid milk 1 PT", "fluid  MILK 1 pt"])
def test_a_code_or_a_name_and_enter_fill_the_row_without_looking(
    editor: EditorScreen, typist: Typist, until: Until, typed: str
) -> None:
    typist.row(typed)
    until(lambda: _rows(editor) == (_row(MILK, "", "0.89"), DraftRow()))


def test_a_barcode_typed_by_hand_is_a_product_too(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row(BREAD.barcode)
    until(lambda: _rows(editor) == (_row(BREAD, "", "2.50"), DraftRow()))


def test_after_an_unknown_code_the_cursor_is_back_in_the_item(
    editor: EditorScreen, typist: Typist, until: Until, shop: SampleShop
) -> None:
    typist.row("4711")
    until(lambda: "No product has the barcode 4711" in editor.line.words.text())
    assert (editor.table.row, editor.table.currentIndex().column()) == (0, ItemColumn.ITEM)
    typist.key(Qt.Key.Key_F8)
    typist.row("Cologne", "12")
    until(lambda: [row.item for row in _rows(editor)] == ["Cologne", ""])
    typist.key(Qt.Key.Key_Right)
    typist.scan("99887766")
    until(lambda: "99887766" in editor.line.words.text())
    assert (editor.table.row, editor.table.currentIndex().column()) == (1, ItemColumn.ITEM)


def test_unknown_text_is_simply_a_free_item(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Carrier bag", "", "0.05", "", "")
    until(lambda: not editor.document.faults)
    assert _rows(editor)[0] == DraftRow("Carrier bag", "", "0.05")


def test_a_number_in_a_name_is_no_beginning_of_another_number(
    editor: EditorScreen, typist: Typist, until: Until, settled: Callable[[], None]
) -> None:
    typist.row("Fluid milk 1")
    until(lambda: _rows(editor)[0].product_key == MILK.key)
    editor.table.go_to(0, ItemColumn.ITEM)
    typist.row("100")
    settled()
    assert _rows(editor)[0].item == "100"


def test_tab_takes_only_what_is_named_exactly(
    editor: EditorScreen, typist: Typist, until: Until, settled: Callable[[], None]
) -> None:
    typist.type("Fluid")
    typist.key(Qt.Key.Key_Tab)
    settled()
    assert _rows(editor) == (DraftRow("Fluid"),)
    editor.table.go_to(0, ItemColumn.ITEM)
    typist.type("1003")
    typist.key(Qt.Key.Key_Tab)
    until(lambda: _rows(editor) == (_row(BREAD, "", "2.50"),))


def test_a_price_typed_faster_than_the_answer_stays(
    editor: EditorScreen, typist: Typist, settled: Callable[[], None]
) -> None:
    typist.row("Fluid milk 1 PT", "2", "0.70")
    settled()
    assert _rows(editor) == (_row(MILK, "2", "0.70"),)


def test_a_taken_product_is_taken_back_at_once(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.type("1001")
    until(lambda: bool(_suggested(editor)))
    typist.enter()
    assert _rows(editor) == (_row(MILK, "", "0.89"), DraftRow())
    editor.document.items.undo.undo()
    assert _rows(editor) == (DraftRow(), DraftRow())


def test_the_shops_rates_are_suggested(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Tea", "", "1.00", "")
    typist.type("red")
    until(lambda: _suggested(editor) == ["16%", "0%", "8%"])
    typist.enter()
    assert _rows(editor)[0] == DraftRow("Tea", "", "1.00", "", "8 %")


# --- scans ---


def test_a_scan_adds_the_product_and_the_next_row_waits(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "1", "0.89"), DraftRow()))
    typist.scan(BREAD.barcode)
    until(lambda: len(_rows(editor)) == 3)
    assert _rows(editor) == (_row(MILK, "1", "0.89"), _row(BREAD, "1", "2.50"), DraftRow())
    assert (editor.table.row, editor.table.currentIndex().column()) == (2, ItemColumn.ITEM)
    assert "1 × Bread" in editor.line.words.text()


def test_the_same_scan_again_is_one_more(editor: EditorScreen, typist: Typist, until: Until) -> None:
    for _ in range(3):
        typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "3", "0.89"), DraftRow()))
    until(lambda: editor.totals.total.text() == "2.67")


def test_a_scan_is_taken_back_in_one_step(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.scan(MILK.barcode)
    until(lambda: len(_rows(editor)) == 2)
    typist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert _rows(editor) == (DraftRow(),)


def test_digits_a_star_and_a_scan_are_so_many(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.type("12*")
    typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "12", "0.89"), DraftRow()))
    typist.type("2*")
    typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "14", "0.89"), DraftRow()))


def test_a_product_at_another_price_gets_its_own_row(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.scan(MILK.barcode)
    until(lambda: len(_rows(editor)) == 2)
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    typist.type("0.50")
    typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "1", "0.50"), _row(MILK, "1", "0.89"), DraftRow()))


@pytest.mark.parametrize("column", [ItemColumn.QUANTITY, ItemColumn.UNIT_PRICE, ItemColumn.DISCOUNT, ItemColumn.TAX])
def test_a_scan_never_lands_in_the_cell_that_is_typed(
    editor: EditorScreen, typist: Typist, until: Until, column: ItemColumn
) -> None:
    typist.row("Tea", "1", "2.00")
    before = _rows(editor)[0]
    editor.table.go_to(0, column)
    typist.scan(MILK.barcode)
    until(lambda: len(_rows(editor)) == 3)
    assert _rows(editor) == (before, _row(MILK, "1", "0.89"), DraftRow())


def test_a_scan_into_a_price_that_is_being_typed_leaves_what_was_typed(
    editor: EditorScreen, typist: Typist, until: Until
) -> None:
    typist.row("Tea", "1")
    typist.type("2.5")
    typist.scan(MILK.barcode)
    until(lambda: len(_rows(editor)) == 3)
    assert _rows(editor)[0] == DraftRow("Tea", "1", "2.5")


def test_digits_that_came_too_fast_for_fingers_are_not_saved_as_a_price(
    editor: EditorScreen, typist: Typist, until: Until
) -> None:
    typist.row("Tea", "1")
    seen: list[str] = []
    editor.document.items.changed.connect(lambda rows: seen.append(_rows(editor)[0].unit_price))
    typist.type(MILK.barcode, every=SCANNER_MS)
    until(lambda: len(_rows(editor)) == 3)
    assert not any(seen)


def test_a_barcode_nobody_knows_is_told_and_written_nowhere(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Tea", "1")
    typist.scan("73513537")
    until(lambda: "No product has the barcode 73513537." in editor.line.words.text())
    assert _rows(editor) == (DraftRow("Tea", "1"),)


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("250000", "enter"), ("250000", "tab"), ("04252614", "line feed"), ("]E05901234123457", "enter"),
        ("F5901234123457", "tab"), ("٢٥٠٠٠٠", "enter"),
    ],
)  # fmt: skip
def test_an_unknown_code_never_stays_in_a_price(
    editor: EditorScreen, typist: Typist, until: Until, code: str, end: str
) -> None:
    typist.row("Piano", "1")
    typist.scan(code, end=end)
    until(lambda: "No product has the barcode" in editor.line.words.text())
    assert _rows(editor) == (DraftRow("Piano", "1"),)
    typist.type("5")
    typist.enter()
    assert _rows(editor) == (DraftRow("Piano", "1", "5"),)


@pytest.mark.parametrize(
    ("column", "scanned", "end"),
    [
        (ItemColumn.ITEM, "LBL0012345", "enter"), (ItemColumn.ITEM, "F036000291452", "tab"),
        (ItemColumn.QUANTITY, "LBL0012345", "tab"), (ItemColumn.QUANTITY, "]E04006381333931", "line feed"),
        (ItemColumn.UNIT_PRICE, "LBL0012345", ""), (ItemColumn.UNIT_PRICE, "4006381333931", ""),
        (ItemColumn.UNIT_PRICE, "٤٠٠٦٣٨١٣٣٣٩٣١", "enter"), (ItemColumn.DISCOUNT, "F036000291452", "line feed"),
        (ItemColumn.DISCOUNT, "LBL0012345", "enter"),
    ],
)  # fmt: skip
def test_a_scan_is_a_scan_whatever_stands_before_and_behind_it(
    editor: EditorScreen, typist: Typist, until: Until, column: ItemColumn, scanned: str, end: str
) -> None:
    typist.row("Tea", "1", "2.00")
    before = _rows(editor)[0]
    editor.table.go_to(0, column)
    typist.scan(scanned, end=end)
    until(lambda: len(_rows(editor)) == 3)
    name = {"L": LABEL, "F": BREAD}.get(scanned[0], MILK).name
    assert [(row.item, row.quantity) for row in _rows(editor)[1:]] == [(name, "1"), ("", "")]
    assert _rows(editor)[0] == before


@pytest.mark.parametrize(
    ("every", "milliseconds", "end"),
    [
        (0, 0, "enter"), (10, 0, "enter"), (20, 0, "tab"), (0, 50, "tab"), (10, 50, "enter"), (0, 200, "enter"),
        (20, 200, "enter"),
    ],
)  # fmt: skip
def test_codes_without_a_pause_are_rows_however_slow_the_look_up(
    editor: EditorScreen, typist: Typist, until: Until, shop: SampleShop, every: int, milliseconds: int, end: str
) -> None:
    _slow_down(shop, milliseconds)
    for product in (MILK, BREAD, MILK):
        typist.scan(product.barcode, end=end, every=every, pause=every)
    until(lambda: len(_rows(editor)) == 3 and _rows(editor)[0].quantity == "2")
    assert _rows(editor) == (_row(MILK, "2", "0.89"), _row(BREAD, "1", "2.50"), DraftRow())


def test_save_waits_for_the_scan_before_it(
    editor: EditorScreen, typist: Typist, until: Until, shop: SampleShop
) -> None:
    _slow_down(shop, 50)
    typist.scan(MILK.barcode)
    editor.do_save()
    until(lambda: editor.saving.prompt is not None)
    assert editor.saving.prompt is not None
    assert editor.saving.prompt.fact("Rows") == "1 row"
    editor.saving.prompt.reject()


def _slow_down(shop: SampleShop, milliseconds: int) -> None:
    """Let the connection be slow to answer what is asked about products."""

    @event.listens_for(shop.database.engine, "before_cursor_execute")
    def wait(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM products" in statement:
            threading.Event().wait(milliseconds / 1000)


@pytest.mark.parametrize("end", ["enter", "tab"])
def test_a_word_typed_fast_stays_where_it_was_typed(
    editor: EditorScreen, typist: Typist, settled: Callable[[], None], end: str
) -> None:
    typist.scan("Gift-wrap-2", end=end)
    settled()
    assert _rows(editor) == (DraftRow("Gift-wrap-2"),)
    assert editor.table.currentIndex().column() == ItemColumn.QUANTITY


@pytest.mark.parametrize("name", ["customer", "date", "due", "discount", "note"])
def test_a_scan_into_a_field_is_a_product(editor: EditorScreen, typist: Typist, until: Until, name: str) -> None:
    field = editor.fields.fields[name]
    field.control.setFocus()
    before = field.text()
    typist.scan(MILK.barcode)
    until(lambda: _rows(editor) == (_row(MILK, "1", "0.89"), DraftRow()))
    assert field.text() == before
    assert editor.table.hasFocus()


def test_a_scan_on_a_button_presses_nothing(editor: EditorScreen, typist: Typist, until: Until) -> None:
    for control in (editor.save, editor.add_row, editor.fields.kind_box):
        control.setFocus()
        typist.scan(MILK.barcode)
        until(editor.table.hasFocus)
    assert _rows(editor) == (_row(MILK, "3", "0.89"), DraftRow())
    assert QApplication.activeModalWidget() is None


def test_a_phone_number_typed_fast_stays_in_the_customer(editor: EditorScreen, typist: Typist, until: Until) -> None:
    customer = editor.fields.customer
    customer.edit.setFocus()
    typist.scan("2125550123")
    until(lambda: customer.edit.text() == "2125550123")
    until(lambda: "New customer" in _hint(customer))


def _hint(field: QWidget) -> str:
    return " ".join(label.text() for label in field.findChildren(QWidget) if hasattr(label, "text"))


def test_a_label_brings_its_weight_its_price_and_until_when_to_use_it(
    editor: EditorScreen, typist: Typist, until: Until, context: Context, shop: SampleShop
) -> None:
    shop.change_shop(in_store_codes="29 IIIII PPPPP C")
    typist.scan("]C101040063813339313103001255" + "10A-7")
    until(lambda: _rows(editor)[0].quantity == "1.255")
    assert _rows(editor)[0] == replace(_row(MILK, "1.255", "0.89"), item="Fluid milk 1 PT, batch A-7")
    typist.scan(with_check_digit("290100300750"))
    until(lambda: len(_rows(editor)) == 3)
    assert _rows(editor)[1] == _row(BREAD, "3", "2.50")
    shop.do(products.save, replace(LABEL, price=100_00_00))
    typist.scan(with_check_digit("290100400751"))
    until(lambda: len(_rows(editor)) == 4)
    assert _rows(editor)[2] == DraftRow("Own label, priced by its label", "1", "7.51")
    assert not editor.document.faults


def test_a_scanned_document_is_opened(
    editor: EditorScreen, typist: Typist, until: Until, navigation: NavigationSpy, shop: SampleShop
) -> None:
    document = shop.issue()
    typist.scan(document.number)
    until(lambda: bool(navigation.all))
    assert navigation.last == ("document_wanted", document.key)
    assert _rows(editor) == (DraftRow(),)


def test_a_retired_product_is_not_sold(editor: EditorScreen, typist: Typist, until: Until, shop: SampleShop) -> None:
    shop.do(products.save, replace(MILK, is_retired=True))
    typist.scan(MILK.barcode)
    until(lambda: "No product has the barcode" in editor.line.words.text())
    assert _rows(editor) == (DraftRow(),)
