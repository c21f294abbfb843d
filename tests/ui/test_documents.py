"""The list of documents: found, filtered, opened, paged by key, and written to files."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu

from shopdesk.domain.account import Role
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import outbox
from shopdesk.queries.documents import DocumentFilter, page
from shopdesk.render.export import FileKind
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.documents.documents_model import file_head, file_row
from shopdesk.ui.documents.documents_screen import DocumentsScreen
from shopdesk.ui.documents.filters import DateFilter
from shopdesk.ui.output.export import ExportDialog, ExportSource
from shopdesk.usecases import documents
from support.context import NavigationSpy, Show, press, retype
from support.qtbot import QtBot
from support.shops import SampleShop


def sold(sample_shop: SampleShop, price: str, **fields: Any) -> Document:
    return sample_shop.issue(DraftRow("Tea", "1", price), **fields)


def numbers(screen: DocumentsScreen) -> list[str]:
    return [row.number for row in screen.model.rows]


def button(screen: DocumentsScreen, name: str) -> QAbstractButton:
    (found,) = [one for one in screen.findChildren(QAbstractButton) if one.accessibleName() == name and one.isVisible()]
    return found


def is_offered(screen: DocumentsScreen, name: str) -> bool:
    return any(one.accessibleName() == name and one.isVisible() for one in screen.findChildren(QAbstractButton))


def choose(screen: DocumentsScreen, period: DateFilter) -> None:
    screen.filters.period.setCurrentIndex(screen.filters.period.findData(period))


def test_every_document_stands_in_the_list_newest_first(shop: SampleShop, context: Context, show: Show) -> None:
    issued = [sold(shop, f"{price}.00").number for price in (1, 2, 3)]
    screen = show(DocumentsScreen(context))
    assert numbers(screen) == issued[::-1]
    assert screen.foot.text() == "3 documents · total $6.00"


def test_typing_a_customer_or_a_number_narrows_the_list(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    zaneta = sold(shop, "1.00", customer="Żaneta Nowak <zaneta@example.org>")
    ben = sold(shop, "2.00", customer="Ben")
    screen = show(DocumentsScreen(context))
    assert screen.filters.search.hasFocus()
    press(screen.filters.search, "żan")
    qtbot.waitUntil(lambda: numbers(screen) == [zaneta.number])
    screen.filters.search.clear()
    press(screen.filters.search, ben.number[:-1])
    qtbot.waitUntil(lambda: numbers(screen) == [ben.number, zaneta.number])
    press(screen.filters.search, ben.number[-1])
    qtbot.waitUntil(lambda: numbers(screen) == [ben.number])


def test_enter_in_the_search_box_opens_the_one_document_found(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    wanted = sold(shop, "1.00")
    sold(shop, "2.00")
    screen = show(DocumentsScreen(context))
    press(screen.filters.search, wanted.number)  # as a scanner does: no pause before Enter
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(navigation.all))
    assert navigation.all == [("document_wanted", wanted.key)]


def test_enter_goes_to_the_first_of_several_and_enter_again_opens_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    sold(shop, "1.00")
    newest = sold(shop, "2.00")
    screen = show(DocumentsScreen(context))
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Return)
    qtbot.waitUntil(screen.table.hasFocus)
    assert navigation.all == []
    qtbot.keyClick(screen.table, Qt.Key.Key_Return)
    assert navigation.all == [("document_wanted", newest.key)]


def test_down_leads_into_the_list_and_typing_there_back_into_the_search(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    sold(shop, "1.00", customer="Xenia")
    sold(shop, "2.00", customer="Ben")
    screen = show(DocumentsScreen(context))
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Down)
    assert screen.table.hasFocus()
    assert [index.row() for index in screen.table.selectionModel().selectedRows()] == [0]
    qtbot.keyClicks(screen.table, "x")
    assert screen.filters.search.hasFocus()
    qtbot.waitUntil(lambda: len(numbers(screen)) == 1)
    assert screen.filters.search.text() == "x"
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(numbers(screen)) == 2)


def test_a_click_on_a_row_opens_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    document = sold(shop, "1.00")
    screen = show(DocumentsScreen(context))
    place = screen.table.visualRect(screen.model.index(0, 3)).center()
    qtbot.mouseClick(screen.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert navigation.all == [("document_wanted", document.key)]


def test_what_is_to_be_refunded_has_its_filter_and_its_state(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    credit, invoice = sold(shop, "2.00", kind=Kind.CREDIT_NOTE), sold(shop, "3.00", kind=Kind.INVOICE)
    screen = show(DocumentsScreen(context))
    screen.filters.to_refund.setChecked(True)
    qtbot.waitUntil(lambda: numbers(screen) == [credit.number])
    assert "to be refunded" in [screen.model.index(0, at).data() for at in range(screen.model.columnCount())]
    screen.filters.unpaid.setChecked(True)
    qtbot.waitUntil(lambda: numbers(screen) == [invoice.number, credit.number])
    screen.find(DocumentFilter(to_refund=True))
    assert (screen.filters.unpaid.isChecked(), screen.filters.to_refund.isChecked()) == (False, True)


def test_kind_unpaid_and_period_filter_together(qtbot: QtBot, shop: SampleShop, context: Context, show: Show) -> None:
    shop.now -= timedelta(days=1)
    yesterday = sold(shop, "1.00", kind=Kind.INVOICE)
    shop.now += timedelta(days=1)
    invoice, receipt = sold(shop, "2.00", kind=Kind.INVOICE), sold(shop, "3.00")
    screen = show(DocumentsScreen(context))
    screen.filters.kind.setCurrentText("Invoice")
    qtbot.waitUntil(lambda: numbers(screen) == [invoice.number, yesterday.number])
    choose(screen, DateFilter.TODAY)
    qtbot.waitUntil(lambda: numbers(screen) == [invoice.number])
    shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=invoice.gross.minor), payment_key=new_key())
    screen.filters.unpaid.setChecked(True)
    qtbot.waitUntil(lambda: numbers(screen) == [])
    assert screen.empty.title.text() == "Nothing found"
    qtbot.mouseClick(button(screen, "Show all documents"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(numbers(screen)) == 3)
    assert numbers(screen)[0] == receipt.number
    assert screen.filters.wanted == DocumentFilter()
    assert (screen.filters.kind.currentText(), screen.filters.unpaid.isChecked()) == ("All kinds", False)


def test_a_period_of_ones_own_has_its_first_and_last_day(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    shop.now -= timedelta(days=40)
    old = sold(shop, "1.00")
    shop.now += timedelta(days=40)
    new = sold(shop, "2.00")
    screen = show(DocumentsScreen(context))
    assert not screen.filters.since.isVisible()
    choose(screen, DateFilter.CHOSEN)
    assert screen.filters.since.isVisible()
    qtbot.waitUntil(lambda: numbers(screen) == [new.number])  # this month, to begin with
    on = old.date_on
    retype(screen.filters.since.edit, on.isoformat())
    qtbot.waitUntil(lambda: len(numbers(screen)) == 2)
    retype(screen.filters.until.edit, on.isoformat())
    qtbot.waitUntil(lambda: numbers(screen) == [old.number])


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (DateFilter.ALL, (None, None)),
        (DateFilter.TODAY, ("2026-03-18", "2026-03-18")),
        (DateFilter.YESTERDAY, ("2026-03-17", "2026-03-17")),
        (DateFilter.THIS_WEEK, ("2026-03-16", "2026-03-18")),
        (DateFilter.THIS_MONTH, ("2026-03-01", "2026-03-18")),
        (DateFilter.LAST_MONTH, ("2026-02-01", "2026-02-28")),
        (DateFilter.THIS_YEAR, ("2026-01-01", "2026-03-18")),
    ],
)
def test_a_period_is_these_days_on_a_wednesday_of_march(
    period: DateFilter, days: tuple[str | None, str | None]
) -> None:
    first, last = period.days(date(2026, 3, 18))
    assert (first and first.isoformat(), last and last.isoformat()) == days


def test_today_moves_on_at_midnight(qtbot: QtBot, shop: SampleShop, context: Context, show: Show) -> None:
    sold(shop, "1.00")
    screen = show(DocumentsScreen(context))
    choose(screen, DateFilter.TODAY)
    qtbot.waitUntil(lambda: screen.filters.wanted.since == shop.today)
    shop.now += timedelta(days=1)
    tomorrow = sold(shop, "2.00")
    screen.filters.unpaid.setChecked(True)
    screen.filters.unpaid.setChecked(False)
    qtbot.waitUntil(lambda: numbers(screen) == [tomorrow.number])


def test_a_figure_sets_the_filters_and_what_they_cannot_say_stands_as_a_word(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    ada, ben = sold(shop, "1.00"), sold(shop, "2.00", customer="Ben")
    shop.do(documents.delete, sold(shop, "3.00").key)
    screen = show(DocumentsScreen(context))
    screen.find(
        DocumentFilter(
            customer_key=ada.buyer.key, states=frozenset({State.ISSUED}), item="Tea", since=shop.today, until=shop.today
        )
    )
    qtbot.waitUntil(lambda: numbers(screen) == [ada.number])
    assert DateFilter(screen.filters.period.currentData()) is DateFilter.TODAY
    qtbot.waitUntil(lambda: button(screen, "Customer: Ada") is not None)
    qtbot.mouseClick(button(screen, "Customer: Ada"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: numbers(screen) == [ben.number, ada.number])
    qtbot.mouseClick(button(screen, "Issued"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(numbers(screen)) == 3)
    qtbot.mouseClick(button(screen, "Item: Tea"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.filters.wanted == DocumentFilter(since=shop.today, until=shop.today))


def test_taking_a_word_off_leaves_the_other_filters_as_they_are_now(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    invoice = sold(shop, "1.00", kind=Kind.INVOICE)
    sold(shop, "2.00")
    screen = show(DocumentsScreen(context))
    screen.find(DocumentFilter(item="Tea"))
    screen.filters.kind.setCurrentText("Invoice")
    qtbot.mouseClick(button(screen, "Item: Tea"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: numbers(screen) == [invoice.number])
    assert screen.filters.wanted == DocumentFilter(kinds=frozenset({Kind.INVOICE}))


def test_documents_paid_by_card_say_so_as_a_word(qtbot: QtBot, shop: SampleShop, context: Context, show: Show) -> None:
    invoice = sold(shop, "2.00", kind=Kind.INVOICE)
    sold(shop, "3.00")
    shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=200), payment_key=new_key())
    screen = show(DocumentsScreen(context))
    screen.find(DocumentFilter(paid_by=Method.CARD, since=shop.today, until=shop.today))
    qtbot.waitUntil(lambda: numbers(screen) == [invoice.number])
    assert button(screen, "Paid by: Card").isVisible()


def test_documents_of_a_cashier_weekday_hour_and_department_say_so_in_words(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    mine = sold(shop, "2.00")
    shop.as_(shop.staff(Role.CASHIER)).issue(DraftRow("Tea", "1", "3.00"))
    hour, weekday = shop.now.astimezone().hour, shop.today.weekday()
    screen = show(DocumentsScreen(context))
    screen.find(DocumentFilter(cashier_key=shop.by.staff.key, weekday=weekday, hour=hour, department=""))
    qtbot.waitUntil(lambda: numbers(screen) == [mine.number])
    at = f"From {display_names.hour(hour, context.language)}, one hour"
    for chip in ("Cashier: Ada", "Monday", at, "Without a department"):
        qtbot.waitUntil(partial(is_offered, screen, chip))
        qtbot.mouseClick(button(screen, chip), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(numbers(screen)) == 2)
    assert screen.filters.wanted == DocumentFilter()


def test_states_are_told_in_words(shop: SampleShop, context: Context, show: Show) -> None:
    sold(shop, "1.00", kind=Kind.QUOTE)
    sold(shop, "2.00", kind=Kind.INVOICE)
    shop.do(documents.delete, sold(shop, "3.00", customer="").key)
    screen = show(DocumentsScreen(context))
    told = [[str(screen.model.index(row, column).data()) for column in (1, 2, 4, 5, 6)] for row in range(3)]
    assert told == [
        ["Receipt", "Walk-in", "3.00", "voided", "no message"],
        ["Invoice", "Ada", "2.00", "unpaid", "queued"],
        ["Quote", "Ada", "1.00", "offer", "queued"],
    ]


def test_only_what_is_in_sight_is_read(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    many(shop, 450)
    screen = show(DocumentsScreen(context))
    assert len(screen.model.rows) == 200
    assert screen.foot.text() == "Showing the first 200. Scroll for more."
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Down)
    screen.table.scrollToBottom()
    qtbot.waitUntil(lambda: len(screen.model.rows) == 400)
    screen.table.scrollToBottom()
    qtbot.waitUntil(lambda: len(screen.model.rows) == 450)
    assert screen.model.is_whole
    assert len(set(numbers(screen))) == 450
    assert screen.foot.text() == "450 documents · total $900.00"


def test_a_date_or_a_number_is_gone_to_in_one_step(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    many(shop, 450)
    screen = show(DocumentsScreen(context))
    qtbot.keyClick(screen, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert screen.go_to.hasFocus()
    qtbot.keyClicks(screen.go_to, "120")
    with qtbot.waitSignal(screen.model.read):
        qtbot.keyClick(screen.go_to, Qt.Key.Key_Return)
    assert screen.table.current().number == "R-A-2026-000120"
    assert screen.table.hasFocus()
    assert screen.go_to.text() == ""
    assert screen.foot.text() == "Showing the last 120. Scroll up for more."
    screen.go_to.setText("451")
    qtbot.keyClick(screen.go_to, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.foot.text() == "No document in this list has the number 451.")
    assert screen.go_to.text() == "451"
    screen.go_to.setText("2020-01-01")
    with qtbot.waitSignal(screen.model.read):
        qtbot.keyClick(screen.go_to, Qt.Key.Key_Return)
    assert numbers(screen)[-1] == "R-A-2026-000001"


def many(shop: SampleShop, count: int) -> None:
    """Documents written in one transaction: a thousand commits would take the test's time."""
    draft = shop.draft(DraftRow("Tea", "1", "2.00"))
    with shop.database.sessions.begin() as session:
        for _ in range(count):
            shop.now += timedelta(seconds=1)
            documents.issue(session, replace(draft, key=new_key()), by=shop.by, now=shop.now)


def test_what_another_till_issues_stands_in_the_list_at_once_and_the_chosen_row_stays(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    old = sold(shop, "1.00")
    screen = show(DocumentsScreen(context))
    qtbot.keyClick(screen.filters.search, Qt.Key.Key_Down)
    new = sold(shop, "2.00")
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: numbers(screen) == [new.number, old.number])
    assert screen.table.current().number == old.number


def test_an_empty_shop_is_told_what_the_page_is_for(context: Context, show: Show) -> None:
    screen = show(DocumentsScreen(context))
    assert screen.empty.isVisible()
    assert screen.empty.title.text() == "No documents yet"
    assert screen.empty.button is not None
    assert not screen.empty.button.isVisible()


def test_a_database_that_is_away_is_told(
    qtbot: QtBot, context: Context, show: Show, navigation: NavigationSpy, unreachable_database: Database
) -> None:
    screen = show(DocumentsScreen(context))
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    screen.filters.unpaid.setChecked(True)
    qtbot.waitUntil(lambda: bool(navigation.disconnections))


# --- files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def popups(expect_log: Callable[[str], object]) -> None:
    """Offscreen, Qt says for each menu what that platform cannot do."""
    expect_log(r"This plugin does not support (raise\(\)|grabbing the keyboard)")


def answer_save(qtbot: QtBot, path: Path) -> None:
    """What a person does in the dialog: another name, then Save."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.selectFile(str(path))
    dialog.accept()


def export_by_menu(qtbot: QtBot, screen: DocumentsScreen, entry: int, path: Path) -> None:
    qtbot.mouseClick(screen.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in range(entry):
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    answer_save(qtbot, path)


def test_what_is_shown_is_exported_as_csv(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    tmp_path: Path,
    popups: None,
    survives_power_cut: Callable[[Path], bool],
) -> None:
    invoice = sold(shop, "2.00", kind=Kind.INVOICE, customer="=cmd|' /C calc'!A0")
    credit = sold(shop, "12.50", kind=Kind.CREDIT_NOTE, customer="Żaneta, née Łoś")
    sold(shop, "3.00")
    screen = show(DocumentsScreen(context))
    screen.filters.unpaid.setChecked(False)
    screen.find(DocumentFilter(kinds=frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})))
    path = tmp_path / "list.csv"
    export_by_menu(qtbot, screen, 0, path)
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert navigation.words == [f"2 rows written to {path}."]
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["Number"] for row in rows] == [credit.number, invoice.number]
    assert [row["Total"] for row in rows] == ["-12.50", "2.00"]
    assert [row["Due"] for row in rows] == ["-12.50", "2.00"]
    assert [row["Customer"] for row in rows] == ["Żaneta, née Łoś", "'=cmd|' /C calc'!A0"]
    assert [row["Date"] for row in rows] == ["2026-11-23", "2026-11-23"]
    assert list(tmp_path.glob(".*.part")) == []
    assert survives_power_cut(path)


def test_what_is_shown_is_exported_as_xlsx(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    tmp_path: Path,
    popups: None,
    survives_power_cut: Callable[[Path], bool],
) -> None:
    sold(shop, "1234.50", customer='=HYPERLINK("https://example.org")')
    screen = show(DocumentsScreen(context))
    path = tmp_path / "list.xlsx"
    export_by_menu(qtbot, screen, 1, path)
    qtbot.waitUntil(lambda: bool(navigation.notes))
    details = openpyxl.load_workbook(path).active
    assert details is not None
    head, row = details.iter_rows()
    cells = {str(name.value): cell for name, cell in zip(head, row, strict=True)}
    assert cells["Total"].value == 1234.5
    assert cells["Total"].number_format == "#,##0.00"
    assert cells["Customer"].data_type == "s"
    assert cells["Customer"].value == '=HYPERLINK("https://example.org")'
    assert survives_power_cut(path)


def whole_list() -> ExportSource:
    return ExportSource(
        title="Documents", query=page, given={"find": DocumentFilter()}, head=file_head(), row=file_row, page=10
    )


def test_a_long_list_is_written_page_by_page_and_counted(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    tmp_path: Path,
) -> None:
    many(shop, 21)
    screen = show(DocumentsScreen(context))
    dialog = ExportDialog(whole_list(), FileKind.CSV, tmp_path / "long.csv", context, screen)
    counted: list[int] = []
    dialog.export.counted.connect(counted.append)
    with qtbot.waitSignal(dialog.done_with):
        dialog.start()
    assert counted == [10, 20, 21]
    written = (tmp_path / "long.csv").read_text("utf-8-sig").splitlines()
    assert len(written) == 22
    assert len(set(written)) == len(written)


def test_cancel_leaves_no_file(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    tmp_path: Path,
) -> None:
    many(shop, 21)
    screen = show(DocumentsScreen(context))
    dialog = ExportDialog(whole_list(), FileKind.XLSX, tmp_path / "long.xlsx", context, screen)
    dialog.export.counted.connect(lambda _: dialog.cancel.click())
    with qtbot.waitSignal(dialog.done_with):
        dialog.start()
    assert navigation.words == ["Export cancelled. No file was saved."]
    assert list(tmp_path.glob("*.xlsx")) + list(tmp_path.glob(".*.part")) == []


def test_a_place_that_cannot_be_written_is_told_in_words_and_an_older_file_stays(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    tmp_path: Path,
) -> None:
    screen = show(DocumentsScreen(context))
    dialog = ExportDialog(whole_list(), FileKind.CSV, tmp_path / "nowhere" / "list.csv", context, screen)
    with qtbot.waitSignal(dialog.done_with):
        dialog.start()
    (said,) = navigation.words
    assert "cannot be written: No such file or directory" in said
    assert navigation.notes[0].stays


def test_a_database_that_goes_away_leaves_the_older_file(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    unreachable_database: Database,
    tmp_path: Path,
) -> None:
    screen = show(DocumentsScreen(context))
    path = tmp_path / "list.csv"
    path.write_text("the older one")
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    dialog = ExportDialog(whole_list(), FileKind.CSV, path, context, screen)
    with qtbot.waitSignal(dialog.done_with):
        dialog.start()
    assert path.read_text("utf-8") == "the older one"
    assert list(tmp_path.glob(".*.part")) == []
    assert navigation.notes[0].stays


def test_who_may_not_export_is_told_why(qtbot: QtBot, shop: SampleShop, context: Context, show: Show) -> None:
    screen = show(DocumentsScreen(context))
    assert screen.export.isEnabled()
    context.switch_to(shop.staff(Role.CASHIER))
    assert not screen.export.isEnabled()
    assert "may not export" in screen.export.toolTip()


def test_every_control_has_a_name_and_tab_reaches_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    sold(shop, "1.00")
    screen = show(DocumentsScreen(context))
    reached = []
    for _ in range(8):
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.append(focus.accessibleName())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert {"Search", "Kind", "Period", "Unpaid only", "Documents", "Export"} <= {
        *reached,
        screen.filters.unpaid.text(),
    }


# --- order, sums, several at once ---


def head_of(screen: DocumentsScreen, title: str) -> QPoint:
    header = screen.table.horizontalHeader()
    at = next(at for at, column in enumerate(screen.model.columns) if column.title == title)
    return QPoint(header.sectionViewportPosition(at) + 20, header.height() // 2)


def shows(screen: DocumentsScreen, expected: list[str]) -> bool:
    return numbers(screen) == expected


def test_a_click_on_a_title_sorts_and_the_next_one_turns_the_order_round(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    invoice = sold(shop, "1.00", kind=Kind.INVOICE).number
    quote = sold(shop, "2.00", kind=Kind.QUOTE).number
    receipt = sold(shop, "3.00").number
    screen = show(DocumentsScreen(context))
    header = screen.table.horizontalHeader()
    for is_descending in (False, True):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=head_of(screen, "Number"))
        expected = sorted((invoice, quote, receipt), reverse=is_descending)
        qtbot.waitUntil(partial(shows, screen, expected))
    before = (header.sortIndicatorSection(), header.sortIndicatorOrder())
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=head_of(screen, "Customer"))
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == before  # cannot be sorted by it


def test_the_sums_below_the_list_are_of_it_or_of_what_is_selected(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    sold(shop, "1.00", kind=Kind.INVOICE)
    sold(shop, "100.00", kind=Kind.QUOTE)
    sold(shop, "3.00")
    screen = show(DocumentsScreen(context))
    assert screen.foot.text() == "3 documents · total $4.00 · due $1.00 · 1 does not count"
    screen.table.setFocus()
    screen.table.selectRow(0)
    qtbot.keyClick(screen.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert screen.foot.text() == "2 documents selected · total $3.00 · 1 does not count"


def test_several_documents_are_saved_exported_and_sent_at_once(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy, tmp_path: Path
) -> None:
    issued = [sold(shop, "1.00"), sold(shop, "2.00", customer=""), sold(shop, "3.00")]
    screen = show(DocumentsScreen(context))
    screen.table.setFocus()
    qtbot.keyClick(screen.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    acts = {action.text().split("\t")[0]: action for action in screen.table.menu_now().actions()}
    assert list(acts)[:5] == ["Print", "Save PDF", "Send again", "Export to CSV …", "Export to Excel (XLSX) …"]
    screen.several.save_in(screen.table.selected, tmp_path)
    qtbot.waitUntil(lambda: navigation.words == [f"3 PDF files saved: {tmp_path}"])
    assert sorted(file.name for file in tmp_path.glob("*.pdf")) == sorted(f"{one.number}.pdf" for one in issued)
    acts["Send again"].trigger()
    qtbot.waitUntil(lambda: "2 messages are on their way. 1 customer cannot be reached." in navigation.words)
    assert [len(shop.ask(outbox.of_document, one.key)) for one in issued] == [2, 0, 2]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (DateFilter.LAST_WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        (DateFilter.THIS_QUARTER, date(2026, 10, 1), date(2026, 11, 23)),
        (DateFilter.LAST_QUARTER, date(2026, 7, 1), date(2026, 9, 30)),
        (DateFilter.LAST_YEAR, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_the_periods_are_those_of_the_calendar(period: DateFilter, first: date, last: date) -> None:
    assert period.days(date(2026, 11, 23)) == (first, last)
    assert DateFilter.LAST_WEEK.days(date(2026, 11, 24), first_weekday=6) == (date(2026, 11, 15), date(2026, 11, 21))
    assert DateFilter.LAST_QUARTER.days(date(2026, 2, 28)) == (date(2025, 10, 1), date(2025, 12, 31))
