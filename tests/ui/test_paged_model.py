"""Lists that page by key: what is on the screen is read, never all; and the table they are shown in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QHoverEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget
from sqlalchemy import NullPool, create_engine

from shopdesk.background import Background
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store.session import Sessions
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.paged_model import PAGE, ColumnOf, PagedModel
from shopdesk.ui.widgets.table import RowAct, Table
from support.qtbot import QtBot


@dataclass(frozen=True, slots=True)
class Thing:
    key: int
    name: str


class QueryContext:
    """The part of a context that a list needs: it runs queries."""

    def __init__(self, background: Background) -> None:
        self.background = background
        self.ask = background.ask


class ManyRows:
    """A query over a million rows that records its calls."""

    def __init__(self, rows: int = 1_000_000) -> None:
        self.rows = rows
        self.asked: list[tuple[int | None, int]] = []
        self.changed: dict[int, str] = {}
        self.is_unreachable = False

    def page(self, session: Any, *, after: Thing | None, limit: int, text: str = "") -> tuple[Thing, ...]:
        self.asked.append((after.key if after else None, limit))
        if self.is_unreachable:
            raise Unavailable(sentence("The database is unreachable."))
        start = after.key + 1 if after else 0
        keys = [key for key in range(start, min(start + limit, self.rows)) if text in str(key)]
        return tuple(Thing(key, self.changed.get(key, f"Thing {key}")) for key in keys)


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    engine = create_engine("sqlite://", poolclass=NullPool)
    background = Background(Sessions(engine))
    yield background
    background.close()


COLUMNS: list[ColumnOf[Thing]] = [
    ColumnOf(title="Name", text=lambda thing: thing.name),
    ColumnOf(title="Number", text=lambda thing: f"{thing.key:,}", is_number=True, width=120),
    ColumnOf(
        title="State", text=lambda _: "delivered", look=lambda _: StatusLook("delivered", "good", Tone.GOOD), width=120
    ),
]


@pytest.fixture
def model(background: Background) -> Iterator[PagedModel[Thing]]:
    model = PagedModel[Thing](QueryContext(background), COLUMNS)  # type: ignore[arg-type]
    yield model
    model.deleteLater()


@pytest.fixture
def table(qtbot: QtBot, themed_app: object, model: PagedModel[Thing]) -> Iterator[Table]:
    page = QWidget()
    qtbot.addWidget(page)
    table = Table("Things")
    QVBoxLayout(page).addWidget(table)
    table.show_model(model)
    page.resize(700, 500)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    table.setFocus()
    yield table
    table.setModel(None)


def test_only_what_is_looked_at_is_read(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    rows = ManyRows()
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    assert model.rowCount() == PAGE
    assert rows.asked == [(None, PAGE)]
    table.scrollToBottom()
    qtbot.waitUntil(lambda: model.rowCount() == 2 * PAGE)
    assert rows.asked == [(None, PAGE), (PAGE - 1, PAGE)]
    assert model.rows[PAGE] == Thing(PAGE, f"Thing {PAGE}")


class TurnedRows(ManyRows):
    """The same, in either direction; ``middle`` reads from a key on."""

    def page(
        self, session: Any, *, after: Thing | None, limit: int, text: str = "", descending: bool = False
    ) -> tuple[Thing, ...]:
        self.asked.append((after.key if after else None, limit))
        last = self.rows if descending else -1
        start = after.key if after else last
        step = -1 if descending else 1
        keys = [key for key in range(start + step, start + step * (limit + 1), step) if 0 <= key < self.rows]
        return tuple(Thing(key, f"Thing {key}") for key in keys)

    def middle(self, session: Any, *, limit: int, key: int) -> tuple[Thing | None, tuple[Thing, ...]]:
        return Thing(key - 1, ""), self.page(session, after=Thing(key - 1, ""), limit=limit)


@pytest.fixture
def turned(background: Background) -> Iterator[PagedModel[Thing]]:
    """A model of a list that can be read from its end."""
    model = PagedModel[Thing](QueryContext(background), COLUMNS, descending=False)  # type: ignore[arg-type]
    yield model
    model.deleteLater()


def test_one_key_goes_to_the_last_of_a_million_rows_and_one_to_the_first(
    qtbot: QtBot, turned: PagedModel[Thing], table: Table
) -> None:
    table.show_model(turned)
    rows = TurnedRows()
    with qtbot.waitSignal(turned.read):
        turned.show(rows.page)
    with qtbot.waitSignal(turned.read):
        QTest.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert table.current() == Thing(999_999, "Thing 999999")
    assert table.selected == (table.current(),)
    assert (turned.rowCount(), turned.has_first, turned.has_last) == (PAGE, False, True)
    assert rows.asked[1] == (None, PAGE + 1)
    assert table.visualRect(table.currentIndex()).bottom() <= table.viewport().height()
    with qtbot.waitSignal(turned.read):
        QTest.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert table.current() == Thing(0, "Thing 0")
    assert turned.has_first


def test_the_rows_before_are_read_as_one_scrolls_up_and_nothing_jumps(
    qtbot: QtBot, turned: PagedModel[Thing], table: Table
) -> None:
    table.show_model(turned)
    rows = TurnedRows(rows=5 * PAGE)
    with qtbot.waitSignal(turned.read):
        turned.show(rows.page)
    with qtbot.waitSignal(turned.read):
        turned.to_last()
    row = turned.index(12, 0)
    table.scrollTo(row, Table.ScrollHint.PositionAtTop)
    before = table.visualRect(turned.index(12, 0)).top()
    bar = table.verticalScrollBar()
    with qtbot.waitSignal(turned.rowsInserted):
        bar.setValue(bar.value() - 3 * tokens.ROW)
    assert turned.rowCount() == 2 * PAGE
    assert [row.key for row in turned.rows] == list(range(3 * PAGE, 5 * PAGE))
    assert table.visualRect(turned.index(PAGE + 12, 0)).top() == before + 3 * tokens.ROW
    turned.refresh()
    with qtbot.waitSignal(turned.read):
        pass
    assert [row.key for row in turned.rows] == list(range(3 * PAGE, 5 * PAGE))


def test_a_list_is_shown_from_its_middle_and_goes_on_both_ways(
    qtbot: QtBot, turned: PagedModel[Thing], table: Table
) -> None:
    rows = TurnedRows()
    with qtbot.waitSignal(turned.read):
        turned.show(rows.page)
    arrived: list[int] = []
    with qtbot.waitSignal(turned.read):
        turned.show_from(rows.middle, key=700_000, then=lambda: arrived.append(1), failed=lambda _: None)
    assert arrived == [1]
    assert turned.rows[0] == Thing(700_000, "Thing 700000")
    with qtbot.waitSignal(turned.read):
        turned.read_previous()
    with qtbot.waitSignal(turned.read):
        turned.fetchMore(QModelIndex())
    assert [row.key for row in turned.rows] == list(range(700_000 - PAGE, 700_000 + 2 * PAGE))


def test_the_end_is_known_and_not_asked_for_again(qtbot: QtBot, model: PagedModel[Thing]) -> None:
    rows = ManyRows(rows=PAGE + 7)
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    assert model.canFetchMore(QModelIndex())
    with qtbot.waitSignal(model.read):
        model.fetchMore(QModelIndex())
    assert model.rowCount() == PAGE + 7
    assert model.is_whole
    assert not model.canFetchMore(QModelIndex())


def test_the_answer_to_an_older_question_is_not_shown(qtbot: QtBot, model: PagedModel[Thing]) -> None:
    rows = ManyRows(rows=50)
    model.show(rows.page, text="1")
    with qtbot.waitSignal(model.read):
        model.show(rows.page, text="49")
    assert [thing.key for thing in model.rows] == [49]


def test_a_refresh_keeps_the_place_and_the_chosen_row(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    rows = ManyRows(rows=2 * PAGE)
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    table.selectRow(30)
    with qtbot.waitSignal(model.read):
        model.fetchMore(QModelIndex())
    rows.changed[30] = "Another name"
    with qtbot.waitSignal(model.dataChanged):
        model.refresh()
    assert rows.asked[-1] == (None, 2 * PAGE)
    assert table.current() == Thing(30, "Another name")
    rows.rows -= 100  # rows went away: the list is another one, the chosen row is still chosen
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    assert table.current() == Thing(30, "Another name")


def test_a_page_that_fails_is_told_once_and_the_rows_stay(qtbot: QtBot, model: PagedModel[Thing]) -> None:
    rows = ManyRows()
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    rows.is_unreachable = True
    with qtbot.waitSignal(model.failed) as told:
        model.fetchMore(QModelIndex())
    assert isinstance(told.args[0], Unavailable)
    assert model.rowCount() == PAGE
    assert not model.canFetchMore(QModelIndex())
    rows.is_unreachable = False
    with qtbot.waitSignal(model.read):
        model.refresh()
    assert model.canFetchMore(QModelIndex())


def test_a_cell_says_its_text_its_side_and_its_state(
    qtbot: QtBot, themed_app: object, model: PagedModel[Thing]
) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=5000).page)
    role = Qt.ItemDataRole
    assert [model.headerData(at, Qt.Orientation.Horizontal) for at in range(3)] == ["Name", "Number", "State"]
    assert model.index(7, 1).data() == "7"
    assert model.index(7, 1).data(role.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight.value
    assert model.index(7, 2).data() == "delivered"
    assert not model.index(7, 2).data(role.DecorationRole).isNull()
    assert model.index(7, 2).data(role.ForegroundRole) is not None
    assert model.index(7, 0).data(role.UserRole) == Thing(7, "Thing 7")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_opens_the_row(qtbot: QtBot, model: PagedModel[Thing], table: Table, key: Qt.Key) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    table.selectRow(3)
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table, key)
    assert opened.args == [Thing(3, "Thing 3")]


def test_a_click_opens_the_row(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    where = table.visualRect(model.index(2, 0)).center()
    with qtbot.waitSignal(table.opened) as opened:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened.args == [Thing(2, "Thing 2")]


def test_typing_in_a_list_searches_instead_of_walking_its_rows(
    qtbot: QtBot, model: PagedModel[Thing], table: Table
) -> None:
    rows = ManyRows()
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    table.selectRow(0)
    with qtbot.waitSignal(table.typed) as typed:
        QTest.keyClick(table, Qt.Key.Key_Z)
    assert typed.args == ["z"]
    assert table.currentIndex().row() == 0
    assert len(rows.asked) == 1


def test_rows_are_as_high_as_a_finger(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=3).page)
    assert table.rowHeight(0) == tokens.ROW
    assert table.accessibleName() == "Things"


def ground(table: Table, row: int, column: int) -> str:
    """The colour painted behind a cell, near its right edge, where no text is."""
    cell = table.visualRect(table.model().index(row, column))
    picture = table.viewport().grab().toImage()
    return picture.pixelColor(cell.right() - 2, cell.center().y() - 10).name().upper()


def test_a_list_that_takes_the_focus_paints_its_current_row(
    qtbot: QtBot, model: PagedModel[Thing], table: Table
) -> None:
    other = QLineEdit(table.parentWidget())
    other.show()
    other.setFocus()
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    table.setFocus(Qt.FocusReason.TabFocusReason)
    assert table.current() == Thing(0, "Thing 0")
    assert {ground(table, 0, column) for column in range(3)} == {tokens.LIGHT.tint}
    assert ground(table, 1, 0) == tokens.LIGHT.surface


def test_a_list_with_the_focus_that_gets_its_rows_later_paints_its_current_row(
    qtbot: QtBot, model: PagedModel[Thing], table: Table
) -> None:
    assert table.hasFocus()
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    assert ground(table, 0, 0) == tokens.LIGHT.tint


@pytest.mark.usefixtures("either_direction")
def test_a_row_is_selected_whichever_side_its_columns_begin_at(
    qtbot: QtBot, model: PagedModel[Thing], table: Table
) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    table.selectRow(4)
    assert table.current() == Thing(4, "Thing 4")
    assert table.selected == (Thing(4, "Thing 4"),)
    with qtbot.waitSignal(model.read):
        model.refresh()
    assert table.selected == (Thing(4, "Thing 4"),)


def test_hover_has_the_shape_of_the_selection(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    where = QPointF(table.visualRect(model.index(4, 1)).center())
    hover = QHoverEvent(QHoverEvent.Type.HoverMove, where, where, where)
    QApplication.sendEvent(table.viewport(), hover)
    assert [ground(table, 4, column) for column in range(3)] == [tokens.LIGHT.hover] * 3
    assert ground(table, 5, 1) == tokens.LIGHT.surface
    QApplication.sendEvent(table.viewport(), QHoverEvent(QHoverEvent.Type.HoverLeave, where, where, where))
    assert ground(table, 4, 1) == tokens.LIGHT.surface


# --- columns ---

MANY: list[ColumnOf[Thing]] = [
    ColumnOf(title="Number", text=lambda thing: str(thing.key), width=100, key="number"),
    ColumnOf(title="Name", text=lambda thing: thing.name, key="name"),
    ColumnOf(title="State", text=lambda thing: f"waiting for {thing.name}", width=80, rank=1, key="state"),
    ColumnOf(title="Message", text=lambda _: "no message", width=120, rank=2, key="message"),
]


@pytest.fixture
def listed(qtbot: QtBot, themed_app: object, background: Background) -> Callable[[int], Table]:
    """``listed(width)``: a table of that width whose columns are kept on this machine."""
    tables: list[Table] = []

    def make(width: int) -> Table:
        table = Table("Things", keep="things")
        tables.append(table)
        qtbot.addWidget(table)
        model = PagedModel[Thing](QueryContext(background), MANY, parent=table)  # type: ignore[arg-type]
        table.show_model(model)
        table.resize(width, 300)
        table.show()
        with qtbot.waitSignal(model.read):
            model.show(ManyRows(rows=10).page)
        return table

    return make


def titles(table: Table) -> list[str]:
    header = table.horizontalHeader()
    places = map(header.logicalIndex, range(header.count()))
    return [MANY[at].title for at in places if not table.isColumnHidden(at)]


def test_columns_give_way_by_importance_and_come_back(listed: Callable[[int], Table]) -> None:
    table = listed(700)
    assert titles(table) == ["Number", "Name", "State", "Message"]
    table.resize(480, 300)
    assert titles(table) == ["Number", "Name", "State"]
    table.resize(300, 300)
    assert titles(table) == ["Number", "Name"]
    assert table.columnWidth(1) >= 140
    table.resize(700, 300)
    assert titles(table) == ["Number", "Name", "State", "Message"]


def test_a_column_grows_until_its_texts_are_not_cut_also_in_a_larger_font(listed: Callable[[int], Table]) -> None:
    table = listed(900)
    for size in (tokens.BODY, 22):
        table.setFont(tokens.font(size))
        for column in (2, 3):
            index = table.model().index(3, column)
            words = QFontMetrics(table.font()).horizontalAdvance(index.data())
            assert table.columnWidth(column) >= words + 2 * tokens.M


class Sums(PagedModel[Thing]):
    """A list whose last row is in bold."""

    def font(self, row: Thing) -> QFont | None:
        return tokens.font(weight=QFont.Weight.Black) if row.key == 3 else None


@pytest.mark.parametrize(
    "names",
    [("iiiiiiiiiiiiii", "WWWWWWWWWW", "mm", "x"), ("wide and plain", "i", "m", "wide and plain"), ("", "", "", "")],
)
def test_a_column_is_as_wide_as_its_widest_text_in_letters_and_in_bold(
    qtbot: QtBot, themed_app: object, background: Background, names: tuple[str, ...]
) -> None:
    table = Table("Things")
    qtbot.addWidget(table)
    columns: list[ColumnOf[Thing]] = [
        ColumnOf(title="", text=lambda thing: thing.name, width=10),
        ColumnOf(title="", text=lambda thing: f"{10**thing.key:,}.11", width=10, is_number=True),
    ]
    model = Sums(QueryContext(background), columns, parent=table)  # type: ignore[arg-type]
    table.show_model(model)
    table.resize(900, 300)
    table.show()
    many = ManyRows(rows=4)
    many.changed = dict(enumerate(names))
    with qtbot.waitSignal(model.read):
        model.show(many.page)
    wanted = [max(table.sizeHintForColumn(at) + tokens.XS, tokens.ROW) for at in (0, 1)]
    assert [table.columnWidth(at) for at in (0, 1)] == wanted


def test_widths_and_order_of_the_columns_are_kept(qtbot: QtBot, listed: Callable[[int], Table]) -> None:
    table = listed(900)
    header = table.horizontalHeader()
    edge = QPoint(table.columnWidth(0) - 1, header.height() // 2)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    for step in (10, 30, 60):
        QTest.mouseMove(header.viewport(), edge + QPoint(step, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(60, 0))
    assert table.columnWidth(0) == 160
    header.moveSection(3, 0)
    again = listed(900)
    assert titles(again) == ["Message", "Number", "Name", "State"]
    assert again.columnWidth(0) == 160


@pytest.mark.parametrize(
    "kept", ["no JSON", "[]", '{"order": 3}', '{"order": ["gone", "state"], "widths": {"number": "x"}}']
)
def test_columns_that_were_kept_wrongly_are_the_usual_ones(listed: Callable[[int], Table], kept: str) -> None:
    QSettings().setValue("lists/things", kept)
    assert set(titles(listed(900))) == {"Number", "Name", "State", "Message"}


# --- copying, the context menu, several rows ---


def test_rows_are_copied_as_a_spreadsheet_takes_them(qtbot: QtBot, model: PagedModel[Thing], table: Table) -> None:
    rows = ManyRows(rows=10)
    rows.changed[3] = "One\tname\non two lines"
    with qtbot.waitSignal(model.read):
        model.show(rows.page)
    table.selectRow(3)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "One name on two lines\t3\tdelivered"
    table.setSelectionMode(Table.SelectionMode.ExtendedSelection)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected == (Thing(3, rows.changed[3]), Thing(4, "Thing 4"))
    assert table.copied().splitlines()[1] == "Thing 4\t4\tdelivered"


def test_the_menu_key_offers_what_can_be_done_with_the_row(
    qtbot: QtBot, model: PagedModel[Thing], table: Table, expect_log: Callable[[str], object]
) -> None:
    expect_log("raise|grabbing")  # the offscreen platform, of the menu
    done: list[str] = []
    table.acts = lambda rows: (
        RowAct(label=f"Print {rows[0].name} & more", icon="print", act=lambda: done.append("print")),
        RowAct(label="Export", icon="export", act=lambda: done.append("export"), why_not="Your role may not."),
    )
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    table.selectRow(2)
    place = table.viewport().rect().center()
    QApplication.sendEvent(table.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, place))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.text().split("\t")[0] for action in menu.actions()]
    assert names == ["Open", "Print Thing 2 && more", "Export", "Copy 1 row"]
    assert [action.isEnabled() for action in menu.actions()] == [True, True, False, True]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert done == ["print"]


def test_a_right_click_chooses_the_row_below_it(
    qtbot: QtBot, model: PagedModel[Thing], table: Table, expect_log: Callable[[str], object]
) -> None:
    expect_log("raise|grabbing")
    with qtbot.waitSignal(model.read):
        model.show(ManyRows(rows=10).page)
    where = table.visualRect(model.index(5, 1)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, table.viewport().mapToGlobal(where))
    QApplication.sendEvent(table.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    with qtbot.waitSignal(table.opened) as opened:
        menu.actions()[0].trigger()
    menu.close()
    assert opened.args == [Thing(5, "Thing 5")]
