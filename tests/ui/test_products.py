"""Products: found, changed, and imported from a file with a verdict per line, all or nothing."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit, QWidget

from shopdesk.domain.account import Role
from shopdesk.domain.product import Product
from shopdesk.queries import products as ask
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.catalogue.prices_dialog import PricesDialog
from shopdesk.ui.catalogue.products_screen import ProductsScreen
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import products
from shopdesk.usecases.imports import Verdict
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show, line_edit, press
from support.qtbot import QtBot
from support.shops import SampleShop


def keep(shop: SampleShop, code: str, name: str, price: int = 8900) -> Product:
    return shop.do(products.save, Product(key=new_key(), code=code, name=name, price=price))


def names(screen: ProductsScreen) -> list[str]:
    return [row.name for row in screen.list.model.rows]


def field(screen: ProductsScreen, name: str) -> QWidget:
    return screen.form.fields[name].control


def choose(qtbot: QtBot, screen: ProductsScreen, row: int) -> None:
    rect = screen.list.table.visualRect(screen.list.model.index(row, 1))
    qtbot.mouseClick(screen.list.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def replace(widget: QLineEdit, text: str) -> None:
    widget.selectAll()
    press(widget, text)


def test_a_product_is_typed_and_stored(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    screen = show(ProductsScreen(context))
    qtbot.mouseClick(screen.new, Qt.MouseButton.LeftButton)
    assert field(screen, "code").hasFocus()
    for name, text in (("code", "100"), ("barcode", "4006381333931"), ("name", "Fluid milk"), ("price", "0.89")):
        press(field(screen, name), text)
    press(field(screen, "department"), "Dairy")
    screen.form.fields["tax"].set_text(str(context.shop.taxes[1].key))
    qtbot.keyClick(field(screen, "department"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(screen) == ["Fluid milk"])
    settled()
    found = shop.ask(ask.by_code, "4006381333931")
    assert found is not None
    assert (found.code, found.price, found.department, found.tax_key) == (
        "100",
        8900,
        "Dairy",
        context.shop.taxes[1].key,
    )
    assert navigation.words == ["Fluid milk saved."]


def test_a_price_that_two_tills_change_at_once_is_told_and_the_rest_stays_theirs(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    milk = shop.do(products.save, Product(key=new_key(), code="100", name="Milk", price=8900))
    screen = show(ProductsScreen(context))
    qtbot.waitUntil(lambda: names(screen) == ["Milk"])
    choose(qtbot, screen, 0)
    line_edit(screen.form.fields["price"]).setText("0.95")
    shop.do(products.save, dataclasses.replace(milk, price=9900, department="Dairy"), base=milk)
    screen.form.save.click()
    settled()
    assert screen.form.fields["price"].fault == ("Another user has changed this to “0.99”. Save again to keep yours.")
    screen.form.save.click()
    settled()
    kept = shop.ask(ask.by_code, "100")
    assert kept is not None
    assert (kept.price, kept.department) == (9500, "Dairy")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "The price is missing."),
        ("cheap", "“cheap” is not a price. Type it like 1234.56."),
        ("-1", "A price cannot be negative. To take something back, use a credit note."),
        ("1.234567", "“1.234567” has too many decimals. At most 4 are allowed here."),
    ],
)
def test_a_price_that_is_none_gets_its_sentence_beside_the_field(
    typed: str, told: str, qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "100", "Milk")
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    line_edit(screen.form.fields["price"]).clear()
    press(field(screen, "price"), typed)
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    assert screen.form.fields["price"].fault == told
    assert field(screen, "price").hasFocus()
    assert screen.form.values()["name"] == "Milk"


def test_a_code_another_product_has_is_refused_beside_the_field(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    keep(shop, "100", "Bread")
    keep(shop, "200", "Milk")
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 1)
    replace(line_edit(screen.form.fields["code"]), "100")
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert screen.form.fields["code"].fault == "The code 100 is already used by “Bread”."


def test_a_barcode_another_product_has_is_asked_about_and_nothing_typed_is_lost(
    qtbot: QtBot, show: Show, context: Context, shop: SampleShop
) -> None:
    shop.do(products.save, Product(key=new_key(), code="1001", name="Milk", price=8900, barcode="012345678905"))
    screen = show(ProductsScreen(context))
    qtbot.waitUntil(lambda: names(screen) == ["Milk"])
    screen.new.click()
    for name, text in (("code", "1002"), ("name", "Gum"), ("price", "0.50"), ("barcode", "0012345678905")):
        press(field(screen, name), text)
    screen.form.save.click()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    assert "Milk (1001) has this barcode already" in question.accessibleDescription()
    question.reject()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert screen.form.values()["barcode"] == "0012345678905"
    assert names(screen) == ["Milk"]
    screen.form.save.click()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
    again = QApplication.activeModalWidget()
    assert isinstance(again, ConfirmDialog)
    again.yes.click()
    qtbot.waitUntil(lambda: names(screen) == ["Gum", "Milk"])


def test_what_is_not_on_sale_any_more_says_so(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    keep(shop, "100", "Milk")
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    qtbot.keyClick(field(screen, "on_sale"), Qt.Key.Key_Space)
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.list.model.index(0, 1).data() == "Milk (not on sale)")
    settled()
    assert shop.ask(ask.by_code, "100") is None


def test_a_rate_that_was_retired_is_shown_and_stays_until_another_is_chosen(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    standard, other = context.shop.taxes
    milk = Product(key=new_key(), code="100", name="Milk", price=8900, tax_key=other.key)
    shop.do(products.save, milk)
    context.set_shop(shop.change_shop(taxes=(standard,)), context.symbols)
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    tax = screen.form.fields["tax"]
    assert isinstance(tax.control, QComboBox)
    assert tax.control.currentText() == "Retired rate"
    assert not screen.form.is_dirty
    tax.set_text("")
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    settled()
    found = shop.ask(ask.by_code, "100")
    assert found is not None
    assert found.tax_key is None


def test_a_cashier_looks_and_is_told_why_nothing_can_be_changed(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "100", "Milk")
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    assert screen.form.reason.text == "Your role cannot change products. Ask a manager."
    assert screen.form.reason.isVisible()
    press(field(screen, "name"), "!")
    assert screen.form.values()["name"] == "Milk"
    assert not screen.form.save.isVisible()
    assert not screen.new.isEnabled()
    assert not screen.import_file.isEnabled()


def test_whoever_comes_to_the_till_sees_what_they_may(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "100", "Milk")
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    owner = context.actor.staff
    context.switch_to(shop.staff(Role.CASHIER))
    assert not screen.new.isEnabled()
    assert not screen.export.isEnabled()
    assert not screen.form.save.isVisible()
    context.switch_to(owner)
    assert screen.new.isEnabled()
    assert screen.form.save.isVisible()


def test_every_control_has_a_name_and_tab_comes_to_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "100", "Milk")
    screen = show(ProductsScreen(context))
    choose(qtbot, screen, 0)
    press(field(screen, "name"), "!")
    assert not unnamed_controls(screen)
    assert not unreachable_by_tab(screen)


def test_what_is_listed_is_exported_and_can_be_imported_again(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    tmp_path: Path,
    navigation: NavigationSpy,
    expect_log: Callable[[str], object],
) -> None:
    expect_log("This plugin does not support (raise|grabbing)")  # the menu that pops up, off screen
    keep(shop, "100", "Milk", 8912)
    keep(shop, "200", "Bread")
    screen = show(ProductsScreen(context))
    press(screen.list.search, "milk")
    qtbot.waitUntil(lambda: names(screen) == ["Milk"])
    screen.export.setFocus()
    qtbot.keyClick(screen.export, Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    (dialog,) = screen.window().findChildren(QFileDialog)
    file = tmp_path / "products.csv"
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(navigation.words) and navigation.words[-1].startswith("1 row written"))
    assert file.read_text("utf-8-sig").splitlines()[1] == "100,,Milk,,,0.8912,,,yes,C62"
    check = shop.do(products.check_import, file.read_bytes())
    assert [line.verdict for line in check.lines] == [Verdict.SAME]
    assert check.ignored == ()


def test_many_prices_are_shown_before_they_are_changed_in_one_act(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None], navigation: NavigationSpy
) -> None:
    for code, name in (("1", "Bread"), ("2", "Milk"), ("3", "Tea")):
        keep(shop, code, name)
    screen = show(ProductsScreen(context))
    screen.list.table.selectAll()
    assert screen.list.foot.text() == "3 products selected"
    screen.prices.click()
    settled()
    (dialog,) = screen.window().findChildren(PricesDialog)
    qtbot.waitUntil(dialog.by.control.hasFocus)
    assert dialog.which.text() == "selected"
    assert unnamed_controls(dialog) == []
    dialog.rounding.set_text("nine")
    for typed, told in (
        ("lots", "“lots” is not a percentage. Type it like 12.5."),
        ("-10", ""),
    ):
        dialog.by.set_text(typed)
        qtbot.waitUntil(lambda told=told: dialog.by.fault == told and dialog.yes.isEnabled() is not bool(told))  # type: ignore[misc]
    qtbot.waitUntil(lambda: [dialog.model.index(row, 4).data() for row in range(3)] == ["0.79"] * 3)
    assert dialog.said.words.text() == "3 products change · 3 products chosen"
    milk = next(one for one in screen.list.model.rows if one.name == "Milk")
    shop.do(products.save, dataclasses.replace(milk, price=5000), base=milk)
    dialog.yes.click()
    settled()
    assert dialog.said.words.text().startswith("Another user has changed some of these products.")
    dialog.by.set_text("-20")
    qtbot.waitUntil(dialog.yes.isEnabled)
    dialog.yes.click()
    qtbot.waitUntil(lambda: "3 products were changed." in navigation.words)
    settled()
    assert [row.price for row in screen.list.model.rows] == [6900, 3900, 6900]
