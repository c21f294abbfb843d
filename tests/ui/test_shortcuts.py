"""One table binds the keys and tells them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from shopdesk.ui.base import shortcuts
from shopdesk.ui.base.shortcuts import SHORTCUTS, ShortcutScope
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.window.shortcut_sheet import ShortcutSheet
from support.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("themed_app")


def test_no_key_does_two_things_in_one_place() -> None:
    for place in ShortcutScope:
        reach = [
            row
            for row in SHORTCUTS
            if row.scope in {place, ShortcutScope.EVERYWHERE, ShortcutScope.PAGES} and not row.is_listed_only
        ]
        bound = [QKeySequence(written).toString() for row in reach for written in row.keys]
        assert sorted(bound) == sorted(set(bound)), place


def test_every_bound_key_is_one_that_qt_can_read() -> None:
    for row in SHORTCUTS:
        if not row.is_listed_only:
            assert all(QKeySequence(written).count() == 1 for written in row.keys), row.name


def test_the_sheet_tells_every_key(qtbot: QtBot, themed_app: QApplication) -> None:
    details = ShortcutSheet()
    qtbot.addWidget(details)
    details.show()
    told = {label.text() for label in details.findChildren(QLabel)}
    for row in SHORTCUTS:
        assert row.does in told
        for written in row.keys:
            assert {"Del": "Delete", "Ctrl+Del": "Ctrl+Delete", "Return": "Enter"}.get(written, written) in told


def test_each_key_of_a_row_does_it_while_the_focus_is_there(qtbot: QtBot, themed_app: QApplication) -> None:
    window, inside, outside = QWidget(), QLineEdit(), QLineEdit()
    qtbot.addWidget(window)
    part = QWidget()
    QVBoxLayout(part).addWidget(inside)
    column = QVBoxLayout(window)
    column.addWidget(part)
    column.addWidget(outside)
    done: list[str] = []
    shortcuts.bind(part, "save", lambda: done.append("saved"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    inside.setFocus()
    QTest.keyClick(inside, Qt.Key.Key_F12)
    QTest.keyClick(inside, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert done == ["saved", "saved"]
    outside.setFocus()
    QTest.keyClick(outside, Qt.Key.Key_F12)
    assert done == ["saved", "saved"]


def test_a_changed_key_works_and_is_shown_at_once_and_the_usual_one_no_more(
    qtbot: QtBot, themed_app: QApplication
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button, done = Button("Save", shortcut="save", parent=window), list[str]()
    shortcuts.bind(window, "save", lambda: done.append("saved"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    try:
        shortcuts.use({"save": ("Ctrl+Shift+S",), "undo": ("F3",), "nothing": ("F3",)})
        QTest.keyClick(window, Qt.Key.Key_F12)
        assert not done
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert done == ["saved"]
        assert (button.text(), button.accessibleName()) == ("Save   Ctrl+Shift+S", "Save")
        assert shortcuts.shortcut("undo").keys == ("Ctrl+Z",)
    finally:
        shortcuts.use({})
    assert button.text() == "Save   F12"


def test_letters_typed_in_a_field_trigger_no_key() -> None:
    """A key is a function key or a chord, and none that a field edits text with, wherever there are fields."""
    for row in SHORTCUTS:
        if row.can_change and row.scope is not ShortcutScope.VIEW and row.name != "remove row":
            assert shortcuts.read_keys(", ".join(row.keys), ()) == row.keys


def test_what_is_only_told_cannot_be_bound(qtbot: QtBot, themed_app: QApplication) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    with pytest.raises(ValueError, match="only shown"):
        shortcuts.bind(widget, "next cell", lambda: None)
