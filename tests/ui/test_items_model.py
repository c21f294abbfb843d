"""The table of the open document: text as typed, one undo for one thing done, faults when it is their time."""

from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import FieldError
from shopdesk.domain.money import Currency, NumberSymbols
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller, Shop, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.ui.editor.cell_format import CellFormat, ItemColumn
from shopdesk.ui.editor.items_model import FAULT_ROLE, ItemsModel
from support.qtbot import QtBot

SHOP = Shop(
    seller=Seller(name="Corner Shop", country="US"),
    currency=Currency.of("USD"),
    prices_include_tax=True,
    taxes=(ShopTax(key=UUID(int=1), name="Standard", rate=TaxRate.percent(16), is_default=True),),
)
MILK = DraftRow("Milk", "2", "0.89", product_key=UUID(int=7))
ROWS: tuple[DraftRow, ...] = (MILK, DraftRow("Bread", "", "3.5", "10 %"), DraftRow())


@pytest.fixture
def model(qtbot: QtBot) -> ItemsModel:
    model = ItemsModel(CellFormat(SHOP, NumberSymbols()))
    model.load(ROWS, model.notation)
    return model


def _cell(model: ItemsModel, row: int, column: ItemColumn, role: int = Qt.ItemDataRole.DisplayRole) -> str:
    return str(model.data(model.index(row, column), role) or "")


def _line(model: ItemsModel, row: int) -> list[str]:
    return [_cell(model, row, column) for column in ItemColumn]


def test_cells_are_shown_handsome_and_edited_as_typed(model: ItemsModel) -> None:
    model.show_reading((178, 315, None), ())
    assert _line(model, 0) == ["Milk", "2", "0.89", "–", "16%", "1.78"]
    assert _line(model, 1) == ["Bread", "1", "3.50", "10%", "16%", "3.15"]
    assert _line(model, 2) == ["", "", "", "", "", ""]
    assert _cell(model, 1, ItemColumn.UNIT_PRICE, Qt.ItemDataRole.EditRole) == "3.5"


def test_what_cannot_be_read_is_shown_as_typed(model: ItemsModel) -> None:
    model.write(0, ItemColumn.UNIT_PRICE, "about two")
    assert _cell(model, 0, ItemColumn.UNIT_PRICE) == "about two"


def test_the_columns_are_named_and_the_amount_is_nobodys_to_type(model: ItemsModel) -> None:
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in ItemColumn]
    assert titles == ["Item", "Quantity", "Unit price", "Discount", "Tax", "Amount"]
    assert not model.flags(model.index(0, ItemColumn.AMOUNT)) & Qt.ItemFlag.ItemIsEditable
    assert not model.setData(model.index(0, ItemColumn.AMOUNT), "1")


def test_typing_one_text_is_taken_back_at_once_and_another_by_itself(model: ItemsModel) -> None:
    for text in ("3", "3.", "3.7"):
        model.write(0, ItemColumn.QUANTITY, text)
    model.begin_typing()
    model.write(0, ItemColumn.UNIT_PRICE, "1")
    model.undo.undo()
    assert model.row(0) == DraftRow("Milk", "3.7", "0.89", product_key=MILK.product_key)
    model.undo.undo()
    assert model.rows == ROWS
    model.undo.redo()
    assert model.row(0).quantity == "3.7"


def test_a_removed_row_comes_back_where_it_was(model: ItemsModel) -> None:
    gone: list[tuple[int, int]] = []
    model.cursor_moved.connect(lambda row, column: gone.append((row, column)))
    model.remove(0)
    assert model.rows == ROWS[1:]
    model.undo.undo()
    assert model.rows == ROWS
    assert gone == [(0, 0)]


def test_the_only_row_is_emptied_instead_of_removed(model: ItemsModel) -> None:
    model.load((MILK,), model.notation)
    model.remove(0)
    assert model.rows == (DraftRow(),)
    model.undo.undo()
    assert model.rows == (MILK,)


def test_a_name_typed_over_a_product_is_that_product_no_more(model: ItemsModel) -> None:
    model.write(0, ItemColumn.QUANTITY, "3")
    assert model.row(0).product_key == MILK.product_key
    model.write(0, ItemColumn.ITEM, "Oat milk")
    assert model.row(0).product_key is None


def test_it_tells_which_rows_to_keep(model: ItemsModel) -> None:
    told: list[frozenset[int]] = []
    model.changed.connect(told.append)
    model.write(1, ItemColumn.QUANTITY, "2")
    model.insert(1)
    model.remove(3)
    assert told == [frozenset({1}), frozenset({1, 2, 3}), frozenset()]


def test_faults_follow_their_rows(model: ItemsModel) -> None:
    model.show_reading((178, None, None), [FieldError(sentence("Too much."), "discount", 1)])
    model.insert(0)
    assert model.fault(2, ItemColumn.DISCOUNT) == "Too much."
    model.remove(0)
    assert model.fault(1, ItemColumn.DISCOUNT) == "Too much."


def test_a_cell_is_blamed_when_it_is_left_and_a_row_for_what_is_missing_when_it_is_left(model: ItemsModel) -> None:
    model.load((DraftRow("Milk", "x"),), model.notation)
    faults = [
        FieldError(sentence("No quantity."), "quantity", 0),
        FieldError(sentence("The price is missing."), "unit_price", 0),
    ]
    model.attend(0, ItemColumn.QUANTITY)
    model.show_reading((None,), faults)
    assert not model.faults_of(0)
    model.attend(0)
    assert model.faults_of(0) == {ItemColumn.QUANTITY: "No quantity."}
    model.insert(1)
    model.attend(1)
    assert set(model.faults_of(0)) == {ItemColumn.QUANTITY, ItemColumn.UNIT_PRICE}


def test_after_save_was_tried_every_fault_shows(model: ItemsModel) -> None:
    model.load((DraftRow(),), model.notation)
    model.attend(0)
    model.show_reading((None,), [FieldError(sentence("The document is empty."), "items", 0)])
    assert not model.faults_of(0)
    model.check()
    index = model.index(0, ItemColumn.ITEM)
    assert index.data(FAULT_ROLE) == "The document is empty."
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "The document is empty."
    assert model.first_fault() == (0, ItemColumn.ITEM)


def test_only_rows_that_read_differently_are_drawn_again(model: ItemsModel) -> None:
    model.show_reading((178, 315, None), ())
    drawn: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom, roles: drawn.append((top.row(), bottom.row())))
    model.show_reading((178, 316, None), ())
    model.show_reading((178, 316, None), ())
    assert drawn == [(1, 1)]
