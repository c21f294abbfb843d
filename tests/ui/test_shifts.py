"""The shift and the day in the windows: opened, counted blind by keys, closed after a question, and its reports."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QVBoxLayout, QWidget

from shopdesk.domain.account import Role
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.money import Currency, Money
from shopdesk.queries import shifts as ask
from shopdesk.ui.base.context import Context
from shopdesk.ui.shifts.cash_dialogs import MoveCashDialog, OpenShiftDialog
from shopdesk.ui.shifts.count_dialog import CountDialog, CountResultDialog
from shopdesk.ui.shifts.sales_reports_screen import LATEST, SalesReportsScreen
from shopdesk.ui.shifts.shift_acts import ShiftActs
from shopdesk.ui.shifts.shift_card import ShiftCard
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import shifts
from shopdesk.usecases.day_close import close_day
from support.context import NavigationSpy, Show
from support.keyboard_input import Typist
from support.shops import SampleShop

Until = Callable[..., None]
D = TypeVar("D", bound=QDialog)
FLOAT = Money(100_00, Currency.of("USD"))


@pytest.fixture
def card(context: Context, show: Show) -> ShiftCard:
    """The card of the till's shift, in a window of its own."""
    return shown_card(context, show)


def shown_card(context: Context, show: Show) -> ShiftCard:
    window = QWidget()
    card = ShiftCard(context, ShiftActs(context, window), window)
    QVBoxLayout(window).addWidget(card)
    show(window)
    return card


@pytest.fixture
def front(until: Until) -> Callable[[type[D]], D]:
    """Wait for a dialog of a class in front, and return it."""

    def wait(kind: type[D]) -> D:
        until(lambda: isinstance(QApplication.activeModalWidget(), kind))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, kind)
        dialog.activateWindow()
        until(lambda: dialog.focusWidget() is QApplication.focusWidget() is not None)
        return dialog

    return wait


def test_a_shift_is_opened_counted_and_explained_by_the_keyboard(
    card: ShiftCard, front: Callable[..., QDialog], typist: Typist, shop: SampleShop, until: Until
) -> None:
    assert (card.said.text(), card.count.isVisible(), card.move_cash.isEnabled()) == ("No shift is open", False, False)
    card.open_shift.click()
    front(OpenShiftDialog)
    typist.type("100")
    typist.enter()
    until(card.count.isVisible)
    shop.issue(DraftRow("Tea", "1", "12.50"), customer="")
    card.count.click()
    count = front(CountDialog)
    assert isinstance(count, CountDialog)
    assert [edit.accessibleName() for edit in count.numbers.values()][:2] == ["Number of 100.00", "Number of 50.00"]
    assert not any("112" in label.text() for label in count.findChildren(QLabel))  # what is expected is not shown
    typist.type("1")
    for _ in range(2):
        typist.enter()
    assert count.total.accessibleName() == "Total: $100.00"
    for _ in range(len(count.numbers) - 2):
        typist.enter()
    result = front(CountResultDialog)
    assert isinstance(result, CountResultDialog)
    assert (result.fact("Expected"), result.fact("Difference")) == ("$112.50", "$12.50 missing")
    assert result.proposals[0] == "$12.50 of R-A-2026-000001 is entered as cash. Was it paid by card?"
    result.no.click()
    again = front(CountDialog)
    assert isinstance(again, CountDialog)
    for piece, number in ((100_00, "1"), (10_00, "1"), (1_00, "2"), (50, "1")):
        again.numbers[piece].setText(number)
    again.accept()
    until(lambda: isinstance(QApplication.activeModalWidget(), CountResultDialog))
    last = front(CountResultDialog)
    assert isinstance(last, CountResultDialog)
    assert (last.fact("Difference"), last.no.isVisible()) == ("None: it is right", False)
    last.accept()
    until(card.open_shift.isVisible)


def test_a_count_with_letters_keeps_what_was_typed_and_says_what_is_wrong(
    card: ShiftCard, front: Callable[..., QDialog], shop: SampleShop, context: Context, until: Until
) -> None:
    shop.do(shifts.open_shift, FLOAT)
    context.background.changed.emit(frozenset({"shifts"}))
    until(card.count.isVisible)
    card.count.click()
    count = front(CountDialog)
    assert isinstance(count, CountDialog)
    count.numbers[20_00].setText("two")
    count.numbers[10_00].setText("3")
    count.accept()
    assert count.said.words.text() == "“two” is not a number of pieces. Type a whole number."
    assert count.numbers[20_00].accessibleDescription().startswith("20.00: “two”")
    assert (count.numbers[20_00].text(), count.numbers[10_00].text()) == ("two", "3")
    assert count.focusWidget() is count.numbers[20_00]
    count.reject()


@pytest.mark.parametrize(
    ("typed", "why"),
    [("-5", "The amount cannot be negative."), ("5 EUR", "The till counts in USD, not in EUR."), ("much", "much")],
)
def test_a_float_that_cannot_be_is_said_beside_its_field(
    card: ShiftCard, front: Callable[..., QDialog], until: Until, typed: str, why: str
) -> None:
    card.open_shift.click()
    opening = front(OpenShiftDialog)
    assert isinstance(opening, OpenShiftDialog)
    opening.opening.set_text(typed)
    opening.accept()
    until(lambda: why in opening.opening.fault)
    assert opening.opening.text() == typed
    opening.reject()


def test_cash_is_taken_out_with_a_reason(
    card: ShiftCard, front: Callable[..., QDialog], typist: Typist, shop: SampleShop, context: Context, until: Until,
    navigation: NavigationSpy,
) -> None:  # fmt: skip
    shop.do(shifts.open_shift, FLOAT)
    context.background.changed.emit(frozenset({"shifts"}))
    until(card.move_cash.isEnabled)
    card.move_cash.click()
    moving = front(MoveCashDialog)
    assert isinstance(moving, MoveCashDialog)
    typist.type("40")
    typist.enter()
    typist.enter()
    until(lambda: bool(moving.reason.fault))
    typist.type("Bank")
    typist.enter()
    until(lambda: navigation.words == ["Recorded."])
    (result,) = shop.ask(ask.x_report, by=shop.by, now=shop.now).figures.shifts
    assert [(one.amount, one.reason) for one in result.moved] == [(-40_00, "Bank")]


def test_the_day_is_closed_after_a_question_and_a_second_one_for_an_open_shift(
    card: ShiftCard, front: Callable[..., QDialog], shop: SampleShop, until: Until, navigation: NavigationSpy
) -> None:
    shop.issue()
    shop.do(shifts.open_shift, FLOAT)
    card.close_day.click()
    question = front(ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    assert question.no.isDefault()
    question.accept()
    until(lambda: QApplication.activeModalWidget() not in {None, question})
    again = front(ConfirmDialog)
    assert isinstance(again, ConfirmDialog)
    assert "still open at till A" in again.accessibleDescription()
    again.accept()
    until(lambda: bool(navigation.notes))
    assert navigation.words == ["The day is closed: Z report 1. 1 document sealed."]
    assert shop.ask(ask.till_state, shop.by.till.key).shift is None


def test_who_may_not_see_statistics_gets_no_reports(context: Context, show: Show, shop: SampleShop) -> None:
    context.actor = replace(context.actor, staff=shop.staff(Role.CASHIER))
    shown = shown_card(context, show)
    assert not shown.x_report.isEnabled()
    assert not shown.reports.isEnabled()
    assert shown.close_day.isEnabled()  # a manager may lend the right


@pytest.fixture
def reports(context: Context, show: Show, shop: SampleShop) -> SalesReportsScreen:
    """The page of reports of a shop that closed two days."""
    for _ in range(2):
        shop.issue()
        shop.do(close_day)
    return show(SalesReportsScreen(context))


def number_of(screen: SalesReportsScreen) -> int | None:
    return screen.report.number if screen.report else None


@pytest.mark.usefixtures("either_direction")
def test_the_latest_report_is_shown_and_another_one_by_its_row(reports: SalesReportsScreen, until: Until) -> None:
    until(lambda: reports.report is not None and reports.paper.page_count == 1)
    assert number_of(reports) == 2
    reports.table.setFocus()
    QTest.keyClick(reports.table, Qt.Key.Key_Down)
    until(lambda: number_of(reports) == 1)
    assert reports.table.selected == (reports.model.rows[1],)
    reports.show_report(0)
    until(lambda: number_of(reports) == 0)
    reports.show_report(LATEST)
    until(lambda: number_of(reports) == 2)


def test_a_report_is_saved_as_it_is_printed(
    reports: SalesReportsScreen, until: Until, tmp_path: Path, navigation: NavigationSpy
) -> None:
    until(lambda: reports.report is not None)
    assert reports.report is not None
    path = tmp_path / "z.pdf"
    reports.save_as(reports.report, path)
    until(lambda: bool(navigation.words))
    assert path.read_bytes() == reports.pdf(reports.report)()


def test_without_a_close_the_page_says_what_makes_a_report(context: Context, show: Show, until: Until) -> None:
    empty = show(SalesReportsScreen(context))
    until(empty.empty.isVisible)
    assert not empty.save.isEnabled()
