"""Scans on the pages of the real window: they begin a sale, open a document, offer to add a product, or do nothing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.product import Product
from shopdesk.domain.sentence import sentence
from shopdesk.queries import documents, products
from shopdesk.row_keys import new_key
from shopdesk.ui.base.pages import Page
from shopdesk.ui.catalogue.products_screen import ProductsScreen
from shopdesk.usecases import products as do_products
from support.keyboard_input import Typist
from support.windows import PASSWORD, Window

MILK = Product(key=new_key(), code="1001", name="Milk", price=8900, barcode="4006381333931")
Until = Callable[..., None]
LABEL = Product(key=new_key(), code="1002", name="Own label", price=20000, barcode="LBL-0012345")


@pytest.fixture
def shop(program: Window) -> Window:
    program.open_shop()
    context = program.workspace.context
    for product in (MILK, LABEL):
        program.do(do_products.save, product, by=context.actor, now=context.now())
    return program


def _rows(shop: Window) -> list[tuple[str, str]]:
    return [(row.item, row.quantity) for row in shop.editor.document.items.rows if not row.is_blank]


def _products_page(shop: Window) -> ProductsScreen:
    page = shop.workspace.opened(Page.PRODUCTS)
    assert isinstance(page, ProductsScreen)
    return page


def _focus(shop: Window, control: QWidget) -> None:
    control.setFocus(Qt.FocusReason.OtherFocusReason)
    shop.until(lambda: shop.focus in (control, control.focusProxy() or control))


def test_a_scan_begins_a_sale_wherever_nothing_else_is_typed(shop: Window, typist: Typist) -> None:
    workspace = shop.workspace
    shop.until_at("New sale")
    for end, code in (("enter", MILK.barcode), ("tab", LABEL.barcode), ("", MILK.barcode)):
        workspace.show_page(Page.DASHBOARD)
        shop.until_at("New sale")
        typist.scan(code, end=end)
        shop.until(lambda: workspace.page == Page.EDITOR and len(_rows(shop)) == 1)
        name = MILK.name if code == MILK.barcode else LABEL.name
        assert _rows(shop) == [(name, "1")]
    for page in (Page.DOCUMENTS, Page.STATISTICS, Page.CUSTOMERS, Page.SETTINGS):
        workspace.show_page(page)
        shop.rest()
        typist.scan(MILK.barcode)
        shop.until(lambda: workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])
    workspace.show_page(Page.PRODUCTS)
    shop.rest()
    _focus(shop, _products_page(shop).list.table)
    typist.scan(MILK.barcode)
    shop.until(lambda: workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])
    typist.scan(MILK.barcode)  # the sale goes on
    shop.until(lambda: _rows(shop) == [("Milk", "2")])
    assert shop.ask(documents.recent, 5) == ()


def test_a_scan_on_the_view_page_presses_no_done_and_a_documents_number_opens_it(shop: Window, typist: Typist) -> None:
    workspace = shop.workspace
    typist.scan(MILK.barcode)
    shop.until(lambda: workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])
    editor = shop.editor
    editor.do_save()
    shop.until(lambda: editor.saving.prompt is not None and editor.saving.prompt.isActiveWindow())
    typist.enter()
    shop.until(lambda: workspace.page == "view")
    (sold,) = shop.ask(documents.recent, 5)
    shop.rest()
    for garbled in (sold.number, sold.number.replace("-", "?")):
        workspace.show_page(Page.DOCUMENTS)
        shop.until_at("Search")
        typist.scan(garbled)
        shop.until(lambda: workspace.page == "view" and shop.view.document.number == sold.number)
    shop.rest()
    typist.scan(MILK.barcode, end="line feed")
    shop.until(lambda: workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])
    typist.scan(sold.number.lower(), end="")  # in the middle of a sale, by a scanner that sends nothing behind it
    shop.until(lambda: workspace.page == "view" and shop.view.document.number == sold.number)
    shop.press("Back to the sale")
    shop.until(lambda: workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])


def test_the_number_of_no_document_begins_no_sale_and_is_not_told_as_a_products(shop: Window, typist: Typist) -> None:
    shop.until_at("New sale")
    typist.scan("R-Z-2026-000007")
    shop.find_text("No document has the number R-Z-2026-000007.")
    assert shop.workspace.page == Page.DASHBOARD
    typist.scan("r-z-2026-000008", end="")
    shop.find_text("No document has the number R-Z-2026-000008.")
    assert shop.workspace.page == Page.DASHBOARD


def test_a_scan_where_something_is_typed_or_searched_begins_no_sale(shop: Window, typist: Typist) -> None:
    workspace = shop.workspace
    workspace.show_page(Page.PRODUCTS)
    shop.rest()
    page = _products_page(shop)
    _focus(shop, page.list.search)
    typist.scan(MILK.barcode)
    assert page.list.search.text() == MILK.barcode
    shop.press("New product")
    for name, stays in (("barcode", "4006381333931"), ("name", ""), ("price", "")):
        control = page.form.fields[name].control
        _focus(shop, control)
        typist.scan(MILK.barcode)
        shop.rest()
        assert page.form.fields[name].text() == stays
    shop.find_text("is a barcode. Leave the field to sell it.")
    _focus(shop, page.form.fields["name"].control)
    typist.scan("Regards,Ada1")
    assert page.form.fields["name"].text() == "Regards,Ada1"
    assert workspace.page == Page.PRODUCTS


@pytest.mark.parametrize("code", [MILK.barcode, "04252614"])
def test_a_scan_at_the_lock_and_at_sign_in_is_nothing(shop: Window, typist: Typist, code: str) -> None:
    shop.main.lock()
    shop.rest()
    typist.scan(code)
    shop.rest()
    lock = shop.main.lock_page
    assert lock is not None
    assert lock.isVisible()
    assert [edit.text() for edit in lock.findChildren(QLineEdit)] == [""] * len(lock.findChildren(QLineEdit))
    assert not lock.answer.words.text()
    shop.main.sign_out()
    shop.ready()
    for name in ("User name", "Password"):
        _focus(shop, shop.see(name))
        typist.scan(code)
        shop.rest()
        edit = shop.focus
        assert isinstance(edit, QLineEdit)
        assert edit.text() == ""
    shop.sign_in(password=PASSWORD)
    shop.rest()
    assert shop.workspace.page == Page.DASHBOARD


def test_a_scan_presses_nothing_where_there_is_nothing_to_sell(shop: Window, typist: Typist) -> None:
    retries: list[bool] = []
    shop.main.retry_wanted.connect(lambda: retries.append(True))
    shop.main.show_trouble(Unavailable(sentence("The database is gone.")))
    trouble = shop.main.trouble
    assert trouble is not None
    _focus(shop, trouble.retry)
    typist.scan(MILK.barcode)
    assert not retries
    typist.enter()
    assert retries
    shop.main.pages.setCurrentWidget(shop.workspace)


def test_a_scan_over_an_open_menu_takes_none_of_its_acts(
    shop: Window, until: Until, expect_log: Callable[[str], object]
) -> None:
    expect_log("does not support")  # the offscreen platform shows menus, but with less
    menu = shop.workspace.account.menu()
    menu.popup(shop.workspace.mapToGlobal(QPoint(0, 0)))
    menu.setActiveAction(menu.actions()[0])
    until(menu.isVisible)
    QTest.keyClicks(menu, MILK.barcode)  # a menu gets the keys while it is open
    QTest.keyClick(menu, Qt.Key.Key_Return)
    until(lambda: shop.workspace.page == Page.EDITOR and _rows(shop) == [("Milk", "1")])
    assert not menu.isVisible()


def test_an_unknown_code_is_added_in_one_line_and_the_sale_goes_on(shop: Window, typist: Typist) -> None:
    workspace = shop.workspace
    typist.scan("5901234123457")
    shop.until(lambda: workspace.page == Page.EDITOR and shop.editor.unknown.isVisible())
    line = shop.editor.unknown
    assert line.question.text() == "Add 5901234123457"
    assert shop.editor.table.hasFocus()
    typist.scan(MILK.barcode)
    shop.until(lambda: _rows(shop) == [("Milk", "1")])
    shop.key(Qt.Key.Key_F8)
    assert line.name.hasFocus()
    typist.type("Bread")
    typist.scan(MILK.barcode)
    shop.until(lambda: _rows(shop) == [("Milk", "2")])
    assert line.name.text() == "Bread"
    shop.key(Qt.Key.Key_F8)
    typist.enter()
    typist.enter()
    assert line.answer.words.text() == "The price is missing."
    typist.type("cheap")
    typist.enter()
    assert "is not a price" in line.answer.words.text()
    line.price.clear()
    typist.type("2.50")
    typist.enter()
    shop.until(lambda: _rows(shop) == [("Milk", "2"), ("Bread", "1")])
    assert not line.isVisible()
    assert shop.editor.table.hasFocus()
    bread = shop.ask(products.by_code, "5901234123457")
    assert (bread.name, bread.price, bread.tax_key) == ("Bread", 25000, None)
    typist.scan("5901234123457")
    shop.until(lambda: _rows(shop) == [("Milk", "2"), ("Bread", "2")])


def test_an_unknown_code_need_not_be_added(shop: Window, typist: Typist) -> None:
    typist.scan("5901234123457")
    shop.until(lambda: shop.workspace.page == Page.EDITOR and shop.editor.unknown.isVisible())
    shop.key(Qt.Key.Key_F8)
    shop.key(Qt.Key.Key_Escape)
    assert not shop.editor.unknown.isVisible()
    assert shop.workspace.page == Page.EDITOR
    assert shop.editor.table.hasFocus()


def test_the_scanner_is_tried_in_settings(shop: Window, typist: Typist) -> None:
    shop.workspace.show_section("Scanner")
    trial = shop.find("Try the scanner", QLineEdit)
    _focus(shop, trial)
    typist.scan(MILK.barcode)
    shop.find_text("Read: 04006381333931")
    trial.clear()
    typist.type('\'àà-"_&"""ç"&', every=4)
    shop.find_text("Read as 4006381333931, but the scanner has another keyboard layout.")
