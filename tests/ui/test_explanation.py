"""Why is it this total, at the windows: F7 shows it on the editor and on the view page, and closes it again."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.widgets.explanation_dialog import ExplanationDialog
from shopdesk.usecases import documents
from support.context import Show
from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.shops import SampleShop

ROWS = (DraftRow("Tea", "3", "19.99", "10 %"), DraftRow("Cake", "2", "4.25"))


def sheet(qtbot: QtBot) -> ExplanationDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ExplanationDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExplanationDialog)
    qtbot.waitUntil(dialog.table.hasFocus)
    return dialog


def words(dialog: ExplanationDialog) -> list[tuple[str, ...]]:
    lines = (dialog.model.words(row) for row in range(dialog.model.rowCount()))
    return [tuple(word.strip() for word in line) for line in lines]


def test_the_editor_explains_what_is_typed_and_the_page_what_was_paid(
    qtbot: QtBot, context: Context, show: Show, shop: SampleShop, typist: Typist
) -> None:
    editor = show(EditorScreen(context))
    typist.row("Tea", "3", "19.99", "10 %")
    typist.key(Qt.Key.Key_F7)
    dialog = sheet(qtbot)
    assert ("1  Tea", "3 × 19.99", "59.97") in words(dialog)
    assert ("Discount", "10% of 59.97", "-6.00") in words(dialog)
    assert ("Total USD", "46.53 + 7.44", "53.97") in words(dialog)
    QTest.keyClick(dialog.table, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert editor.document.form.rows[0].item == "Tea"

    sold = shop.issue(*ROWS, kind=Kind.INVOICE, discount="5 %")
    shop.do(documents.pay, sold.key, Tender(method=Method.CASH, tendered=2000), payment_key=new_key())
    screen = DocumentScreen(context)
    screen.show_document(sold.key)
    show(screen)
    qtbot.waitUntil(lambda: screen.details is not None)
    QTest.keyClick(screen.done, Qt.Key.Key_F7)
    dialog = sheet(qtbot)
    told = words(dialog)
    assert ("Discount on the document", "5% of 62.47", "-3.12") in told
    assert ("Tax 16%, included in the prices", "", "") in told
    assert ("Tax 16%", "59.35 × 16 ÷ 116", "8.19") in told
    assert ("Cash", "", "20.00") in told
    assert told[-1] == ("Due", "59.35 − 20.00", "39.35")
    index = dialog.model.index(0, 0)
    assert dialog.model.data(dialog.model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole) == "1  Tea, 3 × 19.99, 59.97"
    assert index.data() == "Rows"
    QTest.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert len(copied) == len(told)
    assert len({len(line) for line in copied if line.rstrip()[-1].isdigit()}) == 1, "the amounts stand below each other"
    QTest.keyClick(dialog.table, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
