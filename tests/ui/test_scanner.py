"""A scanner is told from fingers by its pace; its keys are taken back, in order, and its Enter presses nothing."""

import gc
import sys
import weakref
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDateEdit,
    QDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import delete

from shopdesk.ui.base import scanner
from shopdesk.ui.base.scanner import (
    FASTEST_FINGER_MS,
    LATEST_ENTER_MS,
    SHORTEST_CODE,
    Burst,
    Scan,
    ignore_scan,
    keep_scans,
    scan_guard,
)
from shopdesk.ui.widgets import calendar
from support.keyboard_input import SCANNER_MS, Typist
from support.qtbot import QtBot

CODE = "4006381333931"
UPC_E = "04252614"


def _typed(text: str, every: int, *, pause: int | None = None) -> str:
    burst = Burst()
    at = 0
    for letter in text:
        at += every
        burst.key(letter, at)
    return burst.take() if burst.is_followed(at + (every if pause is None else pause)) else ""


@pytest.mark.parametrize("every", [0, 1, 12, FASTEST_FINGER_MS])
@pytest.mark.parametrize(
    "code", [CODE, "]E0" + CODE, "F" + CODE, "LBL-12", "٤٠٠٦٣٨١٣٣٣٩٣١", "*A-1*", "COFFEE", "01\x1d10"]
)
def test_keys_faster_than_fingers_are_a_scan(every: int, code: str) -> None:
    assert _typed(code, every) == code


@pytest.mark.parametrize("every", [FASTEST_FINGER_MS + 1, 60, 200])
def test_keys_by_hand_are_typing(every: int) -> None:
    assert _typed(CODE, every) == ""


def test_a_scanner_may_wait_a_moment_before_it_ends_the_code() -> None:
    assert _typed(CODE, 5, pause=LATEST_ENTER_MS) == CODE
    assert _typed(CODE, 5, pause=LATEST_ENTER_MS + 1) == ""


@pytest.mark.parametrize(
    "text",
    [
        "12.5012",
        "12,34",
        "1234 56",
        "Fluid milk",
        "Bread",
        "Regards,Ada",
        "1" * (SHORTEST_CODE - 1),
        "A1",
        "12*",
        "1,255*",
    ],
)
def test_amounts_words_and_short_numbers_are_typing(text: str) -> None:
    assert _typed(text, 5) == ""


def test_digits_typed_by_hand_before_a_scan_do_not_belong_to_it() -> None:
    burst = Burst()
    assert burst.key("3", 0)
    assert burst.key("4", 500)
    for step, digit in enumerate(CODE[1:], 1):
        assert not burst.key(digit, 500 + 5 * step)
    assert burst.take() == CODE


class _Page(QWidget):
    """A page with a field, a note, a search box and a button, which records scans and presses."""

    looks_words_up = False

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[Scan] = []
        self.presses = 0
        self.answer: Callable[[Scan], object] | None = ignore_scan
        self.edit, self.note, self.search, self.button = QLineEdit(), QPlainTextEdit(), QLineEdit(), QPushButton("Yes")
        keep_scans(self.search)
        self.column = QVBoxLayout(self)
        for control in (self.edit, self.note, self.search, self.button):
            self.column.addWidget(control)
        self.button.setAutoDefault(True)
        self.button.clicked.connect(self._on_pressed)
        self.edit.returnPressed.connect(self._on_pressed)

    def _on_pressed(self) -> None:
        self.presses += 1

    @property
    def codes(self) -> list[str]:
        return [scan.code.text for scan in self.scans]

    def take_scan(self, scan: Scan) -> None:
        self.scans.append(scan)
        if self.answer is not None:
            self.answer(scan)


@pytest.fixture
def page(qtbot: QtBot) -> _Page:
    page = _Page()
    scan_guard()
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    page.activateWindow()
    page.edit.setFocus()
    qtbot.waitUntil(page.edit.hasFocus)
    return page


@pytest.mark.parametrize("number", ["R-A-2026-000412", "r-a-2026-000412"])
def test_a_documents_number_is_a_scan_without_anything_behind_it_and_with_caps_lock(
    page: _Page, typist: Typist, qtbot: QtBot, number: str
) -> None:
    typist.scan(number, end="")
    qtbot.waitUntil(lambda: page.codes == [number])


@pytest.mark.parametrize("end", ["enter", "tab", "line feed", "return and line feed"])
def test_a_field_gets_back_what_stood_in_it_before_a_scan(page: _Page, typist: Typist, end: str) -> None:
    typist.type("2.5")
    typist.scan(CODE, end=end)
    assert (page.edit.text(), page.codes, page.presses) == ("2.5", [CODE], 0)
    assert page.edit.hasFocus()
    page.note.setFocus()
    typist.type("Twice")
    typist.scan(CODE, end=end)
    assert (page.note.toPlainText(), page.codes) == ("Twice", [CODE, CODE])


def test_control_keys_belong_to_a_scan_also_where_they_have_no_text(page: _Page) -> None:
    for key, modifiers, text in (
        (Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier, "]"),
        *((0, Qt.KeyboardModifier.NoModifier, mark) for mark in "C10104006381333931"),
        (Qt.Key.Key_Control, Qt.KeyboardModifier.NoModifier, ""),
        (Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier, ""),
        *((0, Qt.KeyboardModifier.NoModifier, mark) for mark in "10A"),
        (Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier, ""),
    ):
        QApplication.sendEvent(page.edit, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))
    assert page.codes == ["0104006381333931\x1d10A"]
    assert page.edit.text() == ""


def test_a_code_without_an_end_is_over_after_a_pause(page: _Page, typist: Typist, qtbot: QtBot) -> None:
    page.edit.setText("64.20")
    page.edit.selectAll()
    typist.scan(CODE, end="")
    qtbot.waitUntil(lambda: page.codes == [CODE])
    assert (page.edit.text(), page.edit.selectedText()) == ("64.20", "64.20")


def test_the_next_key_ends_a_code_without_an_end(page: _Page, typist: Typist) -> None:
    typist.scan(CODE, end="")
    typist.type("7")
    assert (page.edit.text(), page.codes) == ("7", [CODE])


@pytest.fixture
def slow_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take any pace for that of a scanner: QTest's keys have the time at which this machine gets to press them."""
    monkeypatch.setattr(scanner, "FASTEST_FINGER_MS", 60_000)
    monkeypatch.setattr(scanner, "LATEST_ENTER_MS", 60_000)
    monkeypatch.setattr(scanner, "PAUSE_MS", 60_000)


@pytest.mark.usefixtures("slow_scanner")
def test_a_scan_over_a_menu_of_a_menu_is_one_too(
    page: _Page, qtbot: QtBot, expect_log: Callable[[str], object]
) -> None:
    expect_log("does not support")  # the offscreen platform shows menus, but with less
    menu = QMenu(page)
    inner = menu.addMenu("Sort by")
    inner.addAction("Number", page.button.click)
    menu.popup(page.mapToGlobal(QPoint(0, 0)))
    menu.setActiveAction(inner.menuAction())
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is inner)
    inner.setActiveAction(inner.actions()[0])
    QApplication.processEvents()
    QTest.keyClicks(inner, CODE)
    QTest.keyClick(inner, Qt.Key.Key_Return)
    assert (page.codes, page.presses) == ([CODE], 0)
    assert not menu.isVisible()


def test_a_scan_over_an_open_calendar_is_one_too(
    page: _Page, qtbot: QtBot, typist: Typist, expect_log: Callable[[str], object]
) -> None:
    expect_log("does not support")  # the offscreen platform shows calendars, but with less
    day = QDateEdit(page)
    day.setCalendarPopup(True)
    day.show()
    day.setFocus()
    QTest.mouseClick(day, Qt.MouseButton.LeftButton, pos=QPoint(day.width() - 5, day.height() // 2))
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    typist.scan(CODE)
    assert page.codes == [CODE]
    assert QApplication.activePopupWidget() is None


@pytest.fixture
def choice(page: _Page) -> QComboBox:
    """A choice among entries that a code could choose, which has the focus."""
    choice = QComboBox()
    choice.addItems(["3 %", "4 %", "7 %"])
    page.column.addWidget(choice)
    choice.show()
    choice.setFocus()
    return choice


def test_a_scan_on_a_choice_chooses_nothing(page: _Page, choice: QComboBox, typist: Typist) -> None:
    chosen = [choice.currentText()]
    choice.activated.connect(lambda at: chosen.append(choice.itemText(at)))
    typist.scan(CODE)
    assert (page.codes, choice.currentText()) == ([CODE], "3 %")
    assert chosen[1:2] == ["4 %"], "the first digit has chosen"
    assert chosen[-1] == "3 %", "who has followed it is told"
    typist.key(Qt.Key.Key_Down)
    assert choice.currentText() == "4 %"


def test_a_scan_on_a_list_leaves_its_row(page: _Page, typist: Typist) -> None:
    rows = QListWidget()
    rows.addItems(["3", "4", "7"])
    page.column.addWidget(rows)
    rows.setCurrentRow(2)
    rows.show()
    rows.setFocus()
    typist.scan(CODE[:-1], end="")
    assert rows.currentRow() == 1
    typist.scan(CODE[-1], pause=SCANNER_MS)
    assert (page.codes, rows.currentRow()) == ([CODE], 2)


@pytest.mark.usefixtures("slow_scanner")
@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_a_scan_over_the_open_list_of_a_choice_is_one_too(
    page: _Page, choice: QComboBox, qtbot: QtBot, expect_log: Callable[[str], object], end: Qt.Key
) -> None:
    expect_log("does not support")  # the offscreen platform shows lists, but with less

    def press_in_list(*keys: Any) -> None:
        """Press keys as the system does: each may override a shortcut first, and so does Enter in a list."""
        choice.showPopup()
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        popup = QApplication.activePopupWidget()
        assert popup is not None
        window = popup.windowHandle()
        for key in keys:
            QTest.keyClick(window, key)

    press_in_list(*CODE, end)
    assert (page.codes, choice.currentText()) == ([CODE], "3 %")
    assert QApplication.activePopupWidget() is None
    press_in_list(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert (page.codes, choice.currentText()) == ([CODE], "4 %")
    assert QApplication.activePopupWidget() is None


@pytest.mark.usefixtures("slow_scanner")
def test_a_scan_over_the_programs_own_calendar_picks_no_day(
    page: _Page, qtbot: QtBot, expect_log: Callable[[str], object]
) -> None:
    expect_log("does not support")  # the offscreen platform shows calendars, but with less
    picked: list[date] = []
    calendar.pick(date(2026, 5, 17), "en", page.edit, picked.append)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    window = popup.windowHandle()
    for key in (*CODE, Qt.Key.Key_Return):
        QTest.keyClick(window, key)
    assert (page.codes, picked) == ([CODE], [])
    assert QApplication.activePopupWidget() is None


@pytest.mark.parametrize("end", ["enter", "tab", "line feed"])
@pytest.mark.parametrize("code", [CODE, "250000", "LBL001"])
def test_a_scan_on_a_button_presses_nothing(page: _Page, typist: Typist, end: str, code: str) -> None:
    page.button.setFocus()
    typist.scan(code, end=end)
    assert (page.codes, page.presses) == ([code], 0)
    typist.enter()
    assert page.presses == 1


class _ScreenReader(QObject):
    """Gets each key of a window before the program, as Qt's bridge to a screen reader does, and forgets its time."""

    def __init__(self, window: QWindow) -> None:
        super().__init__(window)
        self.keys: list[QKeyEvent] = []
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            self.keys.append(event.clone())
            self.keys[-1].setTimestamp(0)
        return isinstance(event, QKeyEvent)


@pytest.mark.skipif(sys.platform != "linux", reason="keys keep their time there")
def test_digits_typed_by_hand_are_no_scan_where_a_screen_reader_hands_them_on_all_at_once(page: _Page) -> None:
    QAccessible.setActive(True)
    window = page.windowHandle()
    assert window is not None
    reader = _ScreenReader(window)
    page.button.setFocus()
    page.edit.setFocus()
    for at, letter in enumerate(f"{CODE}\r"):
        key = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_Return if letter == "\r" else 0, Qt.KeyboardModifier(0), letter
        )
        key.setTimestamp(1_000_000 + 120 * at)
        QApplication.sendEvent(window, key)
    for key in reader.keys:
        QApplication.sendEvent(page.edit, key)
    QAccessible.setActive(False)
    assert page.codes == []
    assert (page.edit.text(), page.presses) == (CODE, 1)


def test_a_word_typed_fast_stays_and_its_enter_counts(page: _Page, typist: Typist) -> None:
    typist.scan("Regards,Ada1")
    assert (page.edit.text(), page.presses) == ("Regards,Ada1", 1)


def test_a_search_box_keeps_a_scan(page: _Page, typist: Typist) -> None:
    page.search.setFocus()
    typist.scan(CODE)
    assert (page.search.text(), page.codes) == (CODE, [])


def test_keys_wait_in_order_for_the_answer(page: _Page, typist: Typist) -> None:
    page.answer = None
    typist.scan(CODE)
    typist.scan(UPC_E)
    typist.type("12")
    assert page.codes == [CODE]
    first = page.scans[0]
    first.take_back()
    first.finish()
    assert page.codes == [CODE, UPC_E]
    page.scans[1].take_back()
    page.scans[1].finish()
    assert page.edit.text() == "12"


def test_a_word_that_no_page_knows_is_typed_with_all_that_followed(page: _Page, typist: Typist) -> None:
    page.answer = None
    typist.scan("LBL001")
    typist.type("12")
    assert (page.edit.text(), page.presses) == ("LBL001", 0)
    page.scans[0].leave()
    assert (page.edit.text(), page.presses) == ("LBL00112", 1)


def test_a_burst_that_went_over_two_fields_is_taken_back_from_both(page: _Page, typist: Typist) -> None:
    page.edit.setText("1")
    page.note.setPlainText("2")
    page.edit.textChanged.connect(lambda text: page.note.setFocus() if len(text) == 4 else None)
    typist.scan(CODE)
    assert (page.edit.text(), page.note.toPlainText(), page.codes) == ("1", "2", [CODE])


def test_keys_do_not_wait_for_ever(page: _Page, typist: Typist, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    page.answer = None
    monkeypatch.setattr(scanner, "PATIENCE_MS", 20)
    typist.scan(CODE)
    typist.type("12")
    qtbot.waitUntil(lambda: page.edit.text().endswith("12"))


def test_what_must_come_after_a_scan_waits_for_it(page: _Page, typist: Typist) -> None:
    guard = scan_guard()
    done: list[list[str]] = []
    typist.scan(CODE, end="")
    guard.when_idle(lambda: done.append(page.codes))
    assert done == [[CODE]]
    page.answer = None
    typist.scan(UPC_E)
    guard.when_idle(lambda: done.append(page.codes))
    assert len(done) == 1
    page.scans[-1].finish()
    assert done[-1] == [CODE, UPC_E]


def test_a_question_is_not_answered_by_a_scan(page: _Page, typist: Typist, qtbot: QtBot) -> None:
    question = QDialog(page)
    question.setModal(True)
    yes = QPushButton("Yes", question)
    yes.clicked.connect(question.accept)
    question.show()
    question.activateWindow()
    yes.setFocus()
    qtbot.waitUntil(yes.hasFocus)
    typist.scan(CODE)
    assert question.isVisible()
    typist.key(Qt.Key.Key_Space)
    assert not question.isVisible()
    assert page.codes == []


def test_controls_that_are_destroyed_are_let_go(page: _Page, typist: Typist) -> None:
    box = QSpinBox(page)
    box.show()
    box.setFocus()
    typist.type("12", every=SCANNER_MS)
    held = weakref.ref(box.findChild(QLineEdit))  # of Qt's own: Python cannot tell that it was destroyed
    delete(box)
    del box
    gc.collect()
    assert held() is None
    page.edit.setFocus()
    typist.enter()
    assert page.scans == []


def test_keys_at_the_pace_of_a_scanner_are_no_scan_where_no_page_takes_any(qtbot: QtBot, typist: Typist) -> None:
    window = QWidget()
    edit = QLineEdit(window)
    scan_guard()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    typist.type(CODE, every=SCANNER_MS)
    typist.enter()
    assert edit.text() == CODE
