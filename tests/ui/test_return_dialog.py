"""Return on the view page: what comes back is ticked, counted, given back once, and shown in both histories."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.queries import document_details
from shopdesk.queries import documents as ask
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.return_dialog import ReturnDialog
from shopdesk.usecases import documents, products
from support.context import NavigationSpy, Show
from support.keyboard_input import Typist
from support.shops import SampleShop

Until = Callable[..., None]
ROWS = (DraftRow("Tea", "3", "0.333"), DraftRow("Milk", "2", "0.89"))


@pytest.fixture
def opened(context: Context, show: Show, until: Until) -> Callable[[Document], tuple[DocumentScreen, ReturnDialog]]:
    """``opened(document)``: its page, and the dialog in front of it, opened by its key."""
    screen = show(DocumentScreen(context))

    def open_(document: Document) -> tuple[DocumentScreen, ReturnDialog]:
        screen.show_document(document.key)
        until(lambda: screen.details is not None and screen.take_back.isEnabled())
        screen.activateWindow()
        until(lambda: QApplication.focusWidget() is not None)
        Typist().key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        dialog = screen.findChildren(ReturnDialog)[-1]
        until(lambda: dialog.focusWidget() is not None and dialog.focusWidget().hasFocus())
        return screen, dialog

    return open_


Opened = Callable[[Document], tuple[DocumentScreen, ReturnDialog]]


def test_one_row_comes_back_by_card_as_it_was_paid(
    opened: Opened, typist: Typist, shop: SampleShop, until: Until, navigation: NavigationSpy
) -> None:
    shop.seal_at_issue()
    draft = shop.draft(*ROWS)
    card = Tender(method=Method.CARD, tendered=draft.totals().gross)
    sold = shop.do(documents.issue, draft, tenders=(card,))
    screen, dialog = opened(sold)
    assert (dialog.windowTitle(), dialog.method) == ("Return", Method.CARD)
    assert dialog.amount.accessibleName() == "To give back: $0.00"
    typist.enter()
    assert dialog.answer.words.text() == "Choose what comes back."
    typist.key(Qt.Key.Key_Down)
    typist.type("1")
    assert [row.quantity() for row in dialog.rows] == [0, 1000]
    assert dialog.amount.accessibleName() == "To give back: $0.89"
    typist.enter()
    until(lambda: bool(navigation.all) and bool(navigation.words))
    note = shop.ask(ask.get, navigation.last[1])
    assert [(one.method, one.amount) for one in note.payments] == [(Method.CARD, -89)]
    assert navigation.words[-1] == f"Credit note {note.number} issued. $0.89 is given back."
    screen.show_document(sold.key)
    until(lambda: screen.strip.text == "Goods came back: $0.89 was credited. Return takes more back.")
    assert not screen.edit.isEnabled()
    assert not screen.delete.isEnabled()
    assert any("Goods returned, credited by" in label for label in _texts(screen))
    _, again = opened(sold)
    assert [row.goods.left for row in again.rows] == [3000, 1000]
    typist.key(Qt.Key.Key_Down)
    typist.type("2")
    typist.enter()
    assert again.rows[1].fault.words.text() == "Only 1 of “Milk” can still come back."
    assert again.rows[1].edit.hasFocus()
    again.reject()
    assert len(shop.ask(document_details.details, sold.key).returns) == 1


def test_an_unsealed_receipt_is_changed_and_what_is_owed_is_set_off(
    opened: Opened, typist: Typist, shop: SampleShop, until: Until, navigation: NavigationSpy
) -> None:
    owed = shop.issue(*ROWS, kind=Kind.INVOICE)
    paid = shop.do(documents.pay, owed.key, Tender(method=Method.CASH, tendered=200), payment_key=new_key())
    screen, dialog = opened(paid)
    typist.key(Qt.Key.Key_Down)
    typist.key(Qt.Key.Key_Space)
    assert dialog.set_off.text() == "$0.78 is taken off what is still due."
    assert dialog.amount.accessibleName() == "To give back: $1.00"
    typist.key(Qt.Key.Key_F9)
    until(lambda: bool(navigation.words))
    after = shop.ask(ask.get, owed.key)
    assert (after.gross, after.balance) == (Money(100, after.currency), Money(0, after.currency))
    assert navigation.words[-1] == f"{owed.number} was changed: goods came back. $1.00 is given back."
    until(lambda: screen.details is not None and screen.details.document.revision == 2)


def test_what_is_only_set_off_is_not_said_to_be_given_back(
    opened: Opened, typist: Typist, shop: SampleShop, until: Until, navigation: NavigationSpy
) -> None:
    shop.seal_at_issue()
    opened(shop.issue(*ROWS, kind=Kind.INVOICE))
    typist.key(Qt.Key.Key_Space)
    typist.enter()
    until(lambda: bool(navigation.all) and bool(navigation.words))
    note = shop.ask(ask.get, navigation.last[1])
    assert [one.method for one in note.payments] == [Method.OFFSET]
    assert navigation.words[-1] == f"Credit note {note.number} issued."


def test_scanned_goods_are_counted_and_others_are_not_taken(
    opened: Opened, typist: Typist, shop: SampleShop, until: Until
) -> None:
    tea = Product(key=new_key(), code="1", name="Tea", price=10_000, barcode="4006381333931")
    shop.do(products.save, tea)
    other = shop.issue()
    sold = shop.issue(DraftRow("Tea", "3", "1", product_key=tea.key), *ROWS)
    _, dialog = opened(sold)
    for count in ("1", "2"):
        typist.scan(tea.barcode)
        until(lambda count=count: dialog.rows[0].edit.text() == count)
    typist.scan("73513537")
    until(lambda: "73513537 is not among these goods." in dialog.answer.words.text())
    typist.scan(sold.number)  # the slip in hand
    until(lambda: dialog.answer.words.text() == "")
    typist.scan(other.number)
    until(lambda: f"{other.number} is another document." in dialog.answer.words.text())
    assert [row.quantity() for row in dialog.rows] == [2000, 0, 0]
    dialog.reject()


def _texts(screen: DocumentScreen) -> list[str]:
    return [label.text() for label in screen.findChildren(QLabel)]
