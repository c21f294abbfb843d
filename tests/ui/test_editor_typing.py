"""Rows typed by hand: Enter, Tab, arrows, star, undo, and totals that follow every key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.editor_screen import EditorScreen
from support.context import NavigationSpy, Show
from support.keyboard_input import Typist

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
Until = Callable[..., None]


@pytest.fixture
def editor(context: Context, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


def _named(editor: EditorScreen, name: str, kind: type[QWidget] = QWidget) -> Any:
    return next(part for part in editor.findChildren(kind) if part.accessibleName() == name)


def _total(editor: EditorScreen) -> str:
    return str(_named(editor, "Total", QLineEdit).text())


def _rows(editor: EditorScreen) -> tuple[DraftRow, ...]:
    return editor.document.items.rows


def _cursor(editor: EditorScreen) -> tuple[int, int]:
    index = editor.table.currentIndex()
    return index.row(), index.column()


def test_everything_has_the_name_it_is_found_by(editor: EditorScreen) -> None:
    for name in ("Kind", "Customer", "Date", "Due", "Items", "Add row", "Save", "Done", "Net", "Total"):
        assert _named(editor, name).isVisible() or name == "Done"
    kinds = _named(editor, "Kind", QComboBox)
    assert [kinds.itemText(at) for at in range(kinds.count())] == [
        "Invoice", "Receipt", "Debit note", "Credit note", "Quote",
    ]  # fmt: skip
    assert "F12" in _named(editor, "Save", QAbstractButton).text()


def test_enter_goes_to_the_next_cell_and_from_the_last_into_a_new_row(
    editor: EditorScreen, typist: Typist, until: Until
) -> None:
    typist.row("Milk", "2", "0.89", "", "")
    typist.row("Bread", "1", "3.50", "0.50", "16")
    assert _rows(editor) == (DraftRow("Milk", "2", "0.89"), DraftRow("Bread", "1", "3.50", "0.50", "16 %"), DraftRow())
    assert _cursor(editor) == (2, ItemColumn.ITEM)
    until(lambda: _total(editor) == "4.78")
    assert _named(editor, "Net").text() == "4.12"
    assert _named(editor, "Tax 16%").text() == "0.66"


def test_the_total_follows_while_a_price_is_typed(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Milk", "2")
    typist.type("0.8")
    until(lambda: _total(editor) == "1.60")
    typist.type("9")
    until(lambda: _total(editor) == "1.78")
    assert editor.table.delegate.open is not None


def test_tab_goes_through_the_cells_and_out_of_the_table(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.type("Milk")
    for _ in range(2):
        typist.key(Qt.Key.Key_Tab)
    typist.type("0.89")
    typist.key(Qt.Key.Key_Backtab)
    assert _cursor(editor) == (0, ItemColumn.QUANTITY)
    for _ in range(4):
        typist.key(Qt.Key.Key_Tab)
    assert editor.add_row.hasFocus()
    assert _rows(editor) == (DraftRow("Milk", "", "0.89"),)
    typist.key(Qt.Key.Key_Backtab)
    assert editor.table.hasFocus()


def test_arrows_move_between_cells_and_take_over_what_is_typed(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "1", "1", "", "")
    typist.type("Bread")
    typist.key(Qt.Key.Key_Up)
    assert _cursor(editor) == (0, ItemColumn.ITEM)
    assert _rows(editor)[1].item == "Bread"
    typist.key(Qt.Key.Key_Right)
    typist.key(Qt.Key.Key_Down)
    assert _cursor(editor) == (1, ItemColumn.QUANTITY)


def test_escape_takes_back_what_was_typed_in_the_cell_and_then_leaves(
    editor: EditorScreen, typist: Typist, navigation: NavigationSpy, until: Until
) -> None:
    typist.type("Mil")
    until(lambda: _rows(editor) == (DraftRow("Mil"),))
    typist.type("k")
    typist.key(Qt.Key.Key_Escape)
    assert _rows(editor) == (DraftRow(),)
    typist.row("Milk", "2")
    typist.type("0.89")
    typist.key(Qt.Key.Key_Escape)
    assert _rows(editor) == (DraftRow("Milk", "2"),)
    assert editor.table.hasFocus()
    assert not navigation.all
    typist.key(Qt.Key.Key_Escape)
    assert navigation.last == ("page_wanted", "Dashboard")


def test_tab_goes_through_the_page_from_the_top_and_each_field_has_a_key(editor: EditorScreen, typist: Typist) -> None:
    for name, key, modifiers in (
        ("note", Qt.Key.Key_F11, NO_MODIFIER), ("discount", Qt.Key.Key_F10, NO_MODIFIER),
        ("customer", Qt.Key.Key_F9, NO_MODIFIER), ("date", Qt.Key.Key_D, CONTROL_SHIFT),
        ("kind", Qt.Key.Key_K, CONTROL_SHIFT),
    ):  # fmt: skip
        typist.key(key, modifiers)
        assert editor.fields.fields[name].control.hasFocus(), name
    passed: list[str] = []
    while not editor.save.hasFocus():
        typist.key(Qt.Key.Key_Tab)
        if passed[-1:] != [typist.focus.accessibleName()]:
            passed.append(typist.focus.accessibleName())
    assert passed == [
        "Customer", "Date", "Due", "Items", "Add row", "Document discount", "Done", "Note", "Why?", "Save",
    ]  # fmt: skip


def test_down_on_the_last_row_makes_a_row(editor: EditorScreen, typist: Typist) -> None:
    typist.key(Qt.Key.Key_Down)
    assert _rows(editor) == (DraftRow(),)  # it is blank already
    typist.type("Milk")
    typist.key(Qt.Key.Key_Down)
    assert (_rows(editor), _cursor(editor)) == ((DraftRow("Milk"), DraftRow()), (1, ItemColumn.ITEM))
    typist.key(Qt.Key.Key_Up)
    typist.key(Qt.Key.Key_Right)
    typist.key(Qt.Key.Key_Down)
    assert _cursor(editor) == (1, ItemColumn.QUANTITY)


def test_typing_over_a_cell_replaces_it_and_delete_empties_it(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "2", "0.89")
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.type("3")
    typist.enter()
    assert _rows(editor)[0].quantity == "3"
    typist.key(Qt.Key.Key_Delete)
    assert _rows(editor)[0].unit_price == ""


def test_digits_and_a_star_are_the_quantity_of_the_next_row(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "2", "0.89", "", "")
    typist.type("3*")
    assert _rows(editor)[1] == DraftRow(quantity="3")
    assert _cursor(editor) == (1, ItemColumn.ITEM)
    typist.type("Bread")
    typist.enter()
    assert _rows(editor)[1] == DraftRow("Bread", "3")


def test_digits_and_a_star_are_the_quantity_of_the_selected_row(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "2", "0.89")
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    typist.type("12*")
    assert _rows(editor) == (DraftRow("Milk", "12", "0.89"),)
    assert _cursor(editor) == (0, ItemColumn.UNIT_PRICE)
    editor.document.items.undo.undo()
    assert _rows(editor) == (DraftRow("Milk", "2", "0.89"),)


def test_a_star_after_letters_is_a_star(editor: EditorScreen, typist: Typist) -> None:
    typist.type("Paper A4*")
    typist.enter()
    assert _rows(editor)[0].item == "Paper A4*"


def test_a_row_is_removed_and_comes_back(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Milk", "1", "1", "", "")
    typist.row("Bread", "1", "2", "", "")
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [row.item for row in _rows(editor)] == ["Bread", ""]
    until(lambda: _total(editor) == "2.00")
    typist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [row.item for row in _rows(editor)] == ["Milk", "Bread", ""]
    assert _cursor(editor)[0] == 0
    until(lambda: _total(editor) == "3.00")


def test_a_row_is_removed_while_one_types_in_it(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "1", "1", "", "")
    typist.type("Bre")
    typist.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [row.item for row in _rows(editor)] == ["Milk"]
    typist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [row.item for row in _rows(editor)] == ["Milk", "Bre"]


def test_undo_in_a_cell_first_takes_back_what_is_typed_there(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "2")
    typist.type("5")
    typist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert _rows(editor)[0].unit_price == ""
    typist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert _rows(editor)[0].quantity == ""


def test_add_row_adds_a_row_with_the_cursor_in_it(editor: EditorScreen, typist: Typist) -> None:
    typist.type("Milk")
    editor.add_row.click()
    editor.add_row.click()
    assert _rows(editor) == (DraftRow("Milk"), DraftRow(), DraftRow())
    assert _cursor(editor) == (2, ItemColumn.ITEM)
    assert editor.table.hasFocus()


def test_a_click_on_the_cell_one_is_in_begins_to_type_and_loses_no_key(editor: EditorScreen, typist: Typist) -> None:
    typist.row("Milk", "2", "0.89")
    place = editor.table.visualRect(editor.document.items.index(0, ItemColumn.QUANTITY)).center()
    QTest.mouseClick(editor.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _cursor(editor) == (0, ItemColumn.QUANTITY)
    assert editor.table.delegate.open is None
    QTest.mouseClick(editor.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    typist.type("12")
    typist.enter()
    assert _rows(editor)[0].quantity == "12"


def test_any_alphabet_is_typed(editor: EditorScreen, typist: Typist, until: Until) -> None:
    for name, price in (("خبز طازج", "٢٫٥٠"), ("パン 🍞", "1"), ("Żółw", "1")):
        typist.row(name, "", price, "", "")
    assert [row.item for row in _rows(editor)[:3]] == ["خبز طازج", "パン 🍞", "Żółw"]
    until(lambda: _total(editor) == "4.50")


def test_text_of_any_length_stays_and_is_blamed(editor: EditorScreen, typist: Typist, until: Until) -> None:
    long = "x" * 10_000
    editor.table.edit(editor.table.currentIndex())
    cell = editor.table.delegate.open
    assert cell is not None
    cell.edit.insert(long)
    typist.enter()
    typist.row("1", "1")
    assert _rows(editor)[0].item == long
    until(lambda: "10,000 characters" in editor.line.words.text())


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        (ItemColumn.QUANTITY, "-2", "must be more than 0"),
        (ItemColumn.QUANTITY, "1000000", "must be less than"),
        (ItemColumn.UNIT_PRICE, "free", "is not a price"),
        (ItemColumn.UNIT_PRICE, "0.12345", "too many decimals"),
        (ItemColumn.DISCOUNT, "500", "more than the amount"),
        (ItemColumn.DISCOUNT, "120 %", "between 0 and 100"),
        (ItemColumn.TAX, "17", "does not have this tax rate"),
    ],
)
def test_what_cannot_be_gets_its_sentence_when_the_cell_is_left(
    editor: EditorScreen, typist: Typist, until: Until, column: ItemColumn, text: str, says: str
) -> None:
    typist.row("Milk", "2", "0.89")
    editor.table.go_to(0, column)
    typist.type(text)
    typist.enter()
    editor.table.go_to(0, ItemColumn.ITEM)
    until(lambda: says in editor.line.words.text())
    index = editor.document.items.index(0, column)
    assert says in index.data(Qt.ItemDataRole.ToolTipRole)
    assert editor.document.items.row(0) != DraftRow("Milk", "2", "0.89")


def test_the_kind_turns_the_sign_and_brings_the_usual_due_date(
    editor: EditorScreen, typist: Typist, until: Until, context: Context
) -> None:
    typist.row("Milk", "1", "2.00")
    kinds = _named(editor, "Kind", QComboBox)
    kinds.setCurrentText("Credit note")
    until(lambda: _total(editor) == "-2.00")
    assert _named(editor, "Due").text() == ""
    kinds.setCurrentText("Invoice")
    until(lambda: _total(editor) == "2.00")
    due = context.today() + timedelta(days=context.shop.due_days)
    until(lambda: _named(editor, "Due").text() == context.format.day(due))
    assert editor.head.title.text() == "New invoice"


def test_a_discount_on_everything_is_in_the_totals(editor: EditorScreen, typist: Typist, until: Until) -> None:
    typist.row("Milk", "1", "10")
    _named(editor, "Document discount").setFocus()
    typist.type("10 %")
    until(lambda: _total(editor) == "9.00")
    assert _named(editor, "Discount", QLineEdit).text() == "-1.00"


def test_a_thousand_rows_do_not_stall_typing(editor: EditorScreen, typist: Typist, until: Until) -> None:
    rows = tuple(DraftRow(f"Item {at}", "2", "1.25", "5 %", "16") for at in range(3000))
    editor.document.open(DraftForm(key=new_key(), kind=Kind.RECEIPT, rows=rows, row=2999), is_kept=False)
    assert _cursor(editor) == (2999, 0)
    assert _total(editor) == "7,110.00"
    editor.table.go_to(1500, ItemColumn.QUANTITY)
    read = len(editor.document._known)
    for text in ("3", "4", "5"):
        typist.type(text)
        editor.document.read_now()
    typist.enter()
    assert len(editor.document._known) - read <= 3  # rows read anew: the one that is typed in, at each change of it
    until(lambda: _total(editor) == "7,517.32")
