"""The keys that a cashier presses for each kind of sale, counted at the real window: the table of the counter.

Codes, letters and digits are not counted, nor what the scanner sends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.payment import Method
from shopdesk.domain.product import Product
from shopdesk.queries import documents as ask
from shopdesk.row_keys import new_key
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.usecases import customers, products
from shopdesk.usecases.day_close import close_day
from support.keyboard_input import Typist
from support.windows import Window

TEA = Product(key=new_key(), code="1001", name="Green tea", price=25000, barcode="4006381333931")
MILK = Product(key=new_key(), code="1002", name="Fluid milk", price=8900)
GRACE = Customer(key=new_key(), name="Grace Hopper")

WANTED = {
    "one scan, exact cash, from the dashboard": 3,
    "the same by card": 3,
    "each further item by name": 1,
    "customer after two rows": 2,
    "hold": 1,
    "resume": 2,
    "customer first": 2,
    "invoice on account": 4,
    "return of one row of an old receipt": 5,
    "void": 4,
    "a whole sale on the number pad": 4,
}
SHIFT, CONTROL, PAD = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


class Cashier:
    """Works the window by keys alone, and counts them."""

    def __init__(self, window: Window, typist: Typist) -> None:
        self.window = window
        self.typist = typist
        self.counted: dict[str, int] = {}
        self._keys = 0

    @contextmanager
    def counting(self, what: str) -> Iterator[None]:
        """Count the keys of a task."""
        self._keys = 0
        yield
        self.counted[what] = self._keys

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key that counts."""
        self._keys += 1
        QTest.keyClick(QApplication.activePopupWidget() or self.window.focus, key, modifiers)

    def type(self, text: str) -> None:
        """Type letters and digits, as fingers do."""
        self.until(self.window.focus.hasFocus)
        self.typist.type(text)

    def scan(self) -> None:
        """Scan the tea."""
        rows = self.rows if self.window.workspace.page == "New document" else 0
        self.until(self.window.focus.hasFocus)
        self.typist.scan(TEA.barcode)
        self.until(lambda: self.window.workspace.page == "New document" and self.rows > rows)
        self.window.rest()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition."""
        self.window.until(holds)

    def prompt(self) -> None:
        """Wait for a question."""
        self.until(lambda: QApplication.activeModalWidget() is not None)

    def at_done(self) -> None:
        """Wait for the view page of what was saved."""
        self.until(lambda: QApplication.activeModalWidget() is None and self.window.workspace.page == "view")
        self.window.until_at("Done")
        self.window.rest()

    def at_dashboard(self) -> None:
        """Wait for the dashboard."""
        self.until(lambda: self.window.workspace.page == "Dashboard")
        self.window.rest()

    @property
    def rows(self) -> int:
        """The rows of the open document that are not blank."""
        return sum(not row.is_blank for row in self.window.editor.document.items.rows)

    @property
    def cell(self) -> tuple[int, int]:
        """The cell with the cursor."""
        index = self.window.editor.table.currentIndex()
        return index.row(), index.column()

    def latest(self) -> Document:
        """Return the document that was issued last."""
        key = self.window.ask(ask.recent, 1)[0].key
        found = self.window.ask(ask.get, key)
        assert isinstance(found, Document)
        return found

    def do(self, usecase: Callable[..., Any], *args: Any) -> Any:
        """Run a use case as the owner."""
        return self.window.do(usecase, *args, by=self.window.workspace.context.actor, now=datetime.now(UTC))

    def name(self, text: str) -> None:
        """Type a name, and wait until it is suggested."""
        self.type(text)
        customer = self.window.editor.fields.customer
        popup = customer.suggestions if customer.edit.hasFocus() else self.window.editor.products.suggestions
        assert popup is not None
        self.until(lambda: popup.chosen is not None)

    def find(self, number: str) -> None:
        """Search for a document: two keys."""
        self.key(Qt.Key.Key_F3)
        self.window.until_at("Search")
        self.type(number)
        self.window.rest()
        self.until(lambda: self.window.sees(number) or self.window.see("Search") is not None)
        self.window.rest()
        self.key(Qt.Key.Key_Return)
        self.at_done()


@pytest.mark.usefixtures("no_flashes")
def test_every_sale_takes_as_few_keys_as_promised(program: Window, typist: Typist) -> None:
    program.open_shop()
    cashier = Cashier(program, typist)
    for product in (TEA, MILK):
        cashier.do(products.save, product)
    cashier.do(customers.save, GRACE)
    cashier.at_dashboard()

    with cashier.counting("one scan, exact cash, from the dashboard"):
        cashier.scan()
        cashier.key(Qt.Key.Key_F12)
        cashier.prompt()
        cashier.key(Qt.Key.Key_Return)
        cashier.at_done()
        cashier.key(Qt.Key.Key_Return)
    cashier.at_dashboard()
    sold = cashier.latest()
    assert (sold.kind, [one.method for one in sold.payments]) == (Kind.RECEIPT, [Method.CASH])

    with cashier.counting("the same by card"):
        cashier.scan()
        cashier.key(Qt.Key.Key_F12)
        cashier.prompt()
        cashier.key(Qt.Key.Key_F10)
        cashier.at_done()
        cashier.key(Qt.Key.Key_Return)
    cashier.at_dashboard()
    assert [one.method for one in cashier.latest().payments] == [Method.CARD]

    cashier.scan()
    with cashier.counting("each further item by name"):
        cashier.name("flu")
        cashier.key(Qt.Key.Key_Return)
    assert (cashier.rows, cashier.cell) == (2, (2, ItemColumn.ITEM))
    with cashier.counting("customer after two rows"):
        cashier.key(Qt.Key.Key_F9)
        cashier.name("gra")
        cashier.key(Qt.Key.Key_Return)
    assert program.editor.fields.customer.customer == GRACE
    assert program.editor.table.hasFocus()
    program.rest()
    with cashier.counting("hold"):
        cashier.key(Qt.Key.Key_F4)
    cashier.until(lambda: program.editor.document.is_blank)
    program.rest()
    with cashier.counting("resume"):
        cashier.key(Qt.Key.Key_F6)
        cashier.key(Qt.Key.Key_Return)
    cashier.until(lambda: cashier.rows == 2)
    assert program.editor.fields.customer.customer == GRACE
    cashier.key(Qt.Key.Key_F12)
    cashier.prompt()
    cashier.key(Qt.Key.Key_F12)
    cashier.at_done()
    of_two_rows = cashier.latest()

    cashier.key(Qt.Key.Key_F4)
    with cashier.counting("customer first"):
        cashier.key(Qt.Key.Key_F9)
        cashier.name("gra")
        cashier.key(Qt.Key.Key_Return)
    assert program.editor.fields.customer.customer == GRACE
    cashier.key(Qt.Key.Key_F2)

    with cashier.counting("invoice on account"):
        cashier.key(Qt.Key.Key_F4, SHIFT)
        cashier.name("gra")
        cashier.key(Qt.Key.Key_Return)
        cashier.scan()
        cashier.key(Qt.Key.Key_F12)
        cashier.prompt()
        cashier.key(Qt.Key.Key_Return)
        cashier.at_done()
    invoice = cashier.latest()
    assert (invoice.kind, invoice.balance, invoice.buyer.name) == (Kind.INVOICE, invoice.gross, "Grace Hopper")

    cashier.do(close_day)
    with cashier.counting("return of one row of an old receipt"):
        cashier.find(of_two_rows.number)
        cashier.key(Qt.Key.Key_R, CONTROL)
        cashier.prompt()
        cashier.key(Qt.Key.Key_Space)
        cashier.key(Qt.Key.Key_Return)
        cashier.at_done()
    cashier.until(lambda: cashier.latest().kind is Kind.CREDIT_NOTE)
    note = cashier.latest()
    assert (note.corrects, str(note.gross), [one.amount for one in note.payments]) == (of_two_rows.key, "-2.50", [-250])
    cashier.key(Qt.Key.Key_Return)

    cashier.at_dashboard()
    with cashier.counting("a whole sale on the number pad"):
        cashier.window.workspace.new_document()
        cashier.type("1001")
        cashier.key(Qt.Key.Key_Enter, PAD)
        cashier.until(lambda: cashier.cell == (1, ItemColumn.ITEM))
        cashier.key(Qt.Key.Key_Minus, PAD)
        cashier.prompt()
        cashier.key(Qt.Key.Key_Minus, PAD)
        cashier.at_done()
        cashier.key(Qt.Key.Key_Enter, PAD)
    cashier.at_dashboard()
    last = cashier.latest()
    assert str(last.paid) == "2.50"

    with cashier.counting("void"):
        cashier.find(last.number)
        cashier.key(Qt.Key.Key_Delete)
        cashier.prompt()
        cashier.key(Qt.Key.Key_F12)
        cashier.at_done()
    cashier.until(lambda: program.ask(ask.get, last.key).state is State.VOIDED)

    assert cashier.counted == WANTED
