"""The decimal key of the number pad types the shop's decimal mark, whatever the keyboard layout types with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.money import NumberSymbols
from shopdesk.domain.payment import Method
from shopdesk.domain.shop import Shop
from shopdesk.queries import documents as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.render.formatting import number_symbols, typing_symbols
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.catalogue.products_screen import ProductsScreen
from shopdesk.ui.documents.payment_dialog import PaymentDialog
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.settings.taxes import TaxDialog
from support.context import NavigationSpy, Show, line_edit
from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.shops import SampleShop
from support.windows import Window

Until = Callable[..., None]
PAD = Qt.KeyboardModifier.KeypadModifier
NONE = Qt.KeyboardModifier.NoModifier
KEYS = {".": Qt.Key.Key_Period, ",": Qt.Key.Key_Comma}
COUNTRIES = {"DE": ("de", ","), "MX": ("es", ".")}


def send(widget: QWidget, text: str, *, modifiers: Qt.KeyboardModifier = PAD, key: int = 0, scan_code: int = 0) -> None:
    """A key press and release, as the platform delivers them."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers, scan_code, 0, 0, text))


def pad(text: str, layout: str) -> None:
    """Type a number on the pad of a layout whose decimal key is ``layout``; "." in ``text`` is that key."""
    for letter in text:
        focus = QApplication.focusWidget()
        assert focus is not None
        typed = layout if letter == "." else letter
        send(focus, typed, key=KEYS.get(typed, ord(letter)))


@pytest.fixture(params=[".", ","])
def layout(request: pytest.FixtureRequest) -> str:
    """What the decimal key of the pad types: by its layout, "." or ","."""
    return str(request.param)


@pytest.fixture(params=["DE", "MX"])
def local(request: pytest.FixtureRequest, shop: SampleShop, context: Context) -> Shop:
    """The shop in a country with a decimal comma, or with a point."""
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    language = COUNTRIES[request.param][0]
    changed = shop.change_shop(language=language, seller=replace(facts.seller, country=request.param))
    context.set_shop(changed, typing_symbols(changed.locale))
    assert context.symbols.decimal == COUNTRIES[request.param][1]
    return changed


@pytest.fixture
def editor(local: Shop, context: Context, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


def test_every_cell_reads_the_pads_number(editor: EditorScreen, typist: Typist, context: Context, layout: str) -> None:
    for column, number in (
        (ItemColumn.QUANTITY, "1.255"),
        (ItemColumn.UNIT_PRICE, "1.255"),
        (ItemColumn.DISCOUNT, "0.25"),
    ):
        editor.table.go_to(0, column)
        pad(number, layout)  # the first key opens the cell
        typist.enter()
    row = editor.document.items.row(0)
    mark = context.symbols.decimal
    assert (row.quantity, row.unit_price, row.discount) == (f"1{mark}255", f"1{mark}255", f"0{mark}25")
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    pad(".5", layout)  # the mark itself opens the cell
    typist.enter()
    assert editor.document.items.row(0).unit_price == f"{mark}5"


def test_a_quantity_with_decimals_is_starred_on_the_pad(
    editor: EditorScreen, context: Context, layout: str, typist: Typist
) -> None:
    editor.table.go_to(0, ItemColumn.ITEM)
    pad("1.255*", layout)
    assert editor.document.items.row(0).quantity == f"1{context.symbols.decimal}255"


def test_a_tax_rate_and_the_documents_discount_are_typed_on_the_pad(
    editor: EditorScreen, context: Context, layout: str
) -> None:
    editor.table.go_to(0, ItemColumn.TAX)
    pad("16.5", layout)
    assert QApplication.focusWidget().property("text") == f"16{context.symbols.decimal}5"  # type: ignore[union-attr]
    editor.fields.discount_box.setFocus()
    pad("1.50", layout)
    assert editor.document.form.discount == f"1{context.symbols.decimal}50"


def test_the_main_keyboard_types_what_it_shows(editor: EditorScreen, context: Context) -> None:
    other = "," if context.symbols.decimal == "." else "."
    editor.table.go_to(0, ItemColumn.QUANTITY)
    for text in f"1{other}255":
        send(editor.table if text == "1" else _focus(), text, modifiers=NONE, key=KEYS.get(text, ord(text)))
    assert _focus().property("text") == f"1{other}255"


def _focus() -> QWidget:
    focus = QApplication.focusWidget()
    assert focus is not None
    return focus


def test_cash_is_typed_on_the_pad_into_the_prompt(
    editor: EditorScreen, shop: SampleShop, typist: Typist, until: Until, navigation: NavigationSpy, layout: str
) -> None:
    typist.row("Tea", "1", "10")
    typist.key(Qt.Key.Key_F12)
    until(lambda: editor.saving.prompt is not None and editor.saving.prompt.isActiveWindow())
    prompt = editor.saving.prompt
    assert prompt is not None
    prompt.yes.setFocus()
    pad("12.50", layout)  # wherever the focus is
    assert prompt.payment.edit.text() == f"12{editor.document.items.notation.symbols.decimal}50"
    typist.enter()
    until(lambda: any(name == "document_wanted" for name, _ in navigation.all))
    (payment,) = shop.ask(ask.get, navigation.last[1]).payments
    assert (payment.method, payment.tendered, payment.change) == (Method.CASH, 12_50, 2_50)


def test_an_amount_is_typed_on_the_pad_into_the_payment_dialog(
    local: Shop, context: Context, shop: SampleShop, show: Show, layout: str
) -> None:
    invoice = shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE)
    dialog = show(PaymentDialog(invoice, context))
    edit = line_edit(dialog.amount)
    edit.setFocus()
    edit.selectAll()
    pad("2.55", layout)
    assert edit.text() == f"2{context.symbols.decimal}55"
    assert dialog._tender().tendered == 2_55


def test_a_price_and_the_numbers_of_the_settings_are_typed_on_the_pad(
    local: Shop, context: Context, show: Show, settled: Callable[[], None], layout: str
) -> None:
    products = show(ProductsScreen(context))
    products.begin_new()
    section: Any = show(SettingsScreen(context)).open("Shop")
    settled()
    dialog = TaxDialog(context, None, parent=section)
    edits = [line_edit(products.form.fields["price"]), line_edit(dialog.rate)]
    edits += [line_edit(section.form.fields[name]) for name in ("smallest_coin", "cashier_discount")]
    for edit in edits:
        edit.clear()
        for letter in "1.5":
            typed = layout if letter == "." else letter
            send(edit, typed, key=KEYS.get(typed, ord(letter)))
        assert edit.text() == f"1{context.symbols.decimal}5"
    dialog.reject()


@pytest.mark.parametrize("country", ["CH", "SE"])
def test_the_first_page_types_the_mark_of_the_chosen_country(program: Window, country: str, layout: str) -> None:
    program.register()
    box = program.find("Country", QComboBox)
    box.setCurrentIndex(box.findData(country))
    mark = number_symbols(f"en-{country}").decimal
    for name in ("Default tax rate", "Smallest coin"):
        edit = program.find(name, QLineEdit)
        edit.setFocus()
        edit.selectAll()
        pad("7.5", layout)
        assert edit.text() == f"7{mark}5"


# --- the key, as keyboards send it ----------------------------------------------------------------------------------


@pytest.fixture
def edit(qtbot: QtBot) -> QLineEdit:
    """A line in a shop with a decimal comma."""
    line = QLineEdit()
    qtbot.addWidget(line)
    KeypadDecimal(line, lambda: NumberSymbols(",", ".").decimal)
    return line


@pytest.mark.parametrize(
    ("text", "modifiers", "scan_code", "typed"),
    [
        (".", PAD, 0, ","),
        (",", PAD, 0, ","),
        (".", PAD, 91, ","),
        (".", NONE, 91, ","),  # fr(oss) does not say that the key is on the pad
        ("\u066b", PAD, 91, ","),
        (".", NONE, 60, "."),
        (",", NONE, 59, ","),
        (".", PAD, 129, "."),  # the second mark of a Brazilian pad
        ("5", PAD, 84, "5"),
        ("", PAD | Qt.KeyboardModifier.ControlModifier, 91, ""),
    ],
)
def test_only_the_decimal_key_of_the_pad_is_replaced(
    edit: QLineEdit, text: str, modifiers: Qt.KeyboardModifier, scan_code: int, typed: str
) -> None:
    send(edit, text, modifiers=modifiers, key=KEYS.get(text, 0), scan_code=scan_code)
    assert edit.text() == typed


def test_the_key_keeps_its_time_and_its_repeat_for_who_watches_the_keys(qtbot: QtBot) -> None:
    seen: list[tuple[str, int, bool]] = []

    class Watch(QWidget):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                seen.append((event.text(), event.timestamp(), event.isAutoRepeat()))
            return False

    line, watch = QLineEdit(), Watch()
    qtbot.addWidget(line)
    qtbot.addWidget(watch)
    line.installEventFilter(watch)
    KeypadDecimal(line, lambda: ",")
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Period, PAD, ".", True)
    event.setTimestamp(1234)
    QApplication.sendEvent(line, event)
    assert (line.text(), seen) == (",", [(",", 1234, True)])


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_End])
def test_a_pad_without_num_lock_is_told_once_in_the_table(
    editor: EditorScreen, navigation: NavigationSpy, key: Qt.Key
) -> None:
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    for _ in range(2):
        send(editor.table, "", key=key)
    told = "Num Lock is off: the number pad moves and deletes instead of typing. Press Num Lock."
    assert navigation.words.count(told) == 1
    send(editor.table, "", key=key, modifiers=NONE)
    assert navigation.words.count(told) == 1
