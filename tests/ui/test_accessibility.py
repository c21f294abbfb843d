"""What a screen reader, or a test from outside, is told: names of all combo boxes, toggles that act, totals."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QListWidget, QWidget

from shopdesk.ui.base.pages import Page
from shopdesk.ui.widgets.buttons import Segment
from support.qtbot import QtBot
from support.windows import Window


def said(of: QWidget, which: QAccessible.Text = QAccessible.Text.Name) -> str:
    """What is told of a control."""
    return QAccessible.queryAccessibleInterface(of).text(which)


def act(on: QWidget, name: str) -> None:
    """What a screen reader does with a control."""
    interface = QAccessible.queryAccessibleInterface(on).actionInterface()
    assert name in interface.actionNames()
    interface.doAction(name)


@pytest.mark.usefixtures("themed_app")
def test_a_combo_box_is_told_by_its_name_and_its_entry_is_the_value(qtbot: QtBot) -> None:
    for at in range(50):  # also when they come and go
        combo = QComboBox()
        qtbot.addWidget(combo)
        combo.setAccessibleName("Kind")
        combo.addItems(["Receipt", "Invoice"])
        combo.setCurrentIndex(at % 2)
        assert said(combo) == "Kind"
        assert said(combo, QAccessible.Text.Value) == combo.currentText()
        combo.setAccessibleDescription("Choose one.")
        assert said(combo, QAccessible.Text.Description) == f"{combo.currentText()} · Choose one."
        QAccessible.updateAccessibility(QAccessibleEvent(combo, QAccessible.Event.Focus))
        combo.close()
        gc.collect(0)


@pytest.mark.usefixtures("no_flashes")
def test_every_combo_box_of_every_page_has_a_name(program: Window) -> None:
    program.open_shop()
    nameless = []
    for page in Page:
        program.workspace.show_page(page)
        program.rest()
        if page is Page.SETTINGS:
            sections = program.find("Sections", QListWidget)
            for at in range(sections.count()):
                sections.setCurrentRow(at)
                program.rest()
        combos = program.workspace.opened(page).findChildren(QComboBox)
        nameless += [(page, combo) for combo in combos if not said(combo) or said(combo) == combo.currentText()]
    assert not nameless


@pytest.mark.usefixtures("themed_app")
def test_a_choice_acts_when_a_screen_reader_toggles_it_and_once_on_a_click(qtbot: QtBot) -> None:
    page, group, done = QWidget(), QButtonGroup(), list[str]()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    for name in ("Day", "Month"):
        segment = Segment(name, lambda name=name: done.append(name))  # type: ignore[misc]
        group.addButton(segment)
        row.addWidget(segment)
    table = Segment("As a table", lambda: done.append(f"table {table.isChecked()}"))
    row.addWidget(table)
    page.show()
    day, month = group.buttons()
    roles = [QAccessible.queryAccessibleInterface(button).role() for button in (day, month, table)]
    assert roles == [QAccessible.Role.RadioButton, QAccessible.Role.RadioButton, QAccessible.Role.CheckBox]
    day.setChecked(True)
    assert done == []
    act(month, "Toggle")
    assert done == ["Month"]
    qtbot.mouseClick(day, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(day, Qt.MouseButton.LeftButton)
    assert done == ["Month", "Day", "Day"]
    act(table, "Toggle")
    act(table, "Toggle")
    assert done[3:] == ["table True", "table False"]


def test_a_total_that_changes_is_announced(program: Window) -> None:
    QAccessible.setActive(True)
    program.open_shop()
    program.key(Qt.Key.Key_F4)
    program.until(lambda: program.workspace.page == Page.EDITOR)
    heard: list[str] = []
    program.editor.totals.announced.connect(heard.append)
    program.enter("Tea", "2", "4.50")
    program.until(lambda: "Total 9.00" in heard)
    program.enter("")
    program.rest()
    assert heard.count("Total 9.00") == 1
    QAccessible.setActive(False)
