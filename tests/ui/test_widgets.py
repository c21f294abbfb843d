"""The small parts: what they say, to eyes and to screen readers, and what keys do to them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopdesk.domain.document import Kind, State
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import display_names
from shopdesk.ui.base.notice import Notice, NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.statistics.figure_card import FigureCard
from shopdesk.ui.widgets.banner import Banner, BusyLine
from shopdesk.ui.widgets.buttons import Button, Density, IconButton, PrimaryButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_faults
from shopdesk.ui.widgets.labels import MoneyLabel, StateBadge
from shopdesk.ui.widgets.page_parts import Column, EmptyState, Scroll
from shopdesk.ui.window.notice_board import NoticeBoard
from support.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("themed_app")


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page)
    page.resize(800, 600)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    yield page
    QApplication.processEvents()


def put(page: QWidget, *parts: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    for part in parts:
        layout.addWidget(part)
        part.show()


# --- fields ---


def test_a_compact_field_makes_room_for_a_text_only_while_it_has_one(qtbot: QtBot, page: QWidget) -> None:
    field = Field("E-mail", name="email", compact=True)
    put(page, field)
    assert field.findChild(MessageLine) is None
    height = field.sizeHint().height()
    field.show_fault("This is not an e-mail address.")
    line = field.findChild(MessageLine)
    assert line is not None
    qtbot.waitUntil(lambda: line.isVisible() and line.y() >= field.control.geometry().bottom())
    field.clear_fault()
    assert not line.isVisible()
    qtbot.waitUntil(lambda: field.sizeHint().height() == height)


@pytest.mark.parametrize("control", [QLineEdit, QComboBox, QPlainTextEdit, QDateEdit])
def test_a_field_names_its_control_and_tells_its_fault_beside_it(page: QWidget, control: type[QWidget]) -> None:
    field = Field("E-mail", control(), name="email")
    put(page, field)
    assert field.control.accessibleName() == "E-mail"
    field.show_fault("This is not an e-mail address.")
    assert field.fault == "This is not an e-mail address."
    assert field.control.accessibleDescription() == "This is not an e-mail address."
    assert field.control.property("state") == "fault"


def test_a_fault_goes_away_when_the_field_is_edited(page: QWidget) -> None:
    field = Field("E-mail")
    put(page, field)
    field.show_fault("This is not an e-mail address.")
    QTest.keyClicks(field.control, "a")
    assert field.fault == ""
    assert field.control.accessibleDescription() == ""
    assert field.control.property("state") == ""


def test_a_fault_moves_nothing_on_the_page(page: QWidget) -> None:
    column, field, below = Column(), Field("E-mail"), Button("Save")
    column.add(field)
    column.add(below)
    column.column.addStretch(1)
    put(page, column)
    QApplication.processEvents()
    before = below.pos()
    field.show_fault("This is not an e-mail address.")
    QApplication.processEvents()
    assert below.pos() == before


def test_faults_stand_beside_their_fields_and_the_focus_is_on_the_first(page: QWidget) -> None:
    name, email = Field("Name", name="name"), Field("E-mail", name="email")
    put(page, name, email)
    refused = Refused(
        [
            FieldError(sentence("No address."), "email"),
            FieldError(sentence("No name."), "name"),
            FieldError(sentence("The shop is closed."), "shop"),
        ]
    )
    assert show_faults(refused, [name, email]) == (FieldError(sentence("The shop is closed."), "shop"),)
    assert (name.fault, email.fault) == ("No name.", "No address.")
    assert name.control.hasFocus()


def test_a_field_gives_and_takes_text_whatever_its_control(page: QWidget) -> None:
    kinds = QComboBox()
    kinds.addItem("Receipt", "receipt")
    kinds.addItem("Invoice", "invoice")
    fields = [Field("Name"), Field("Note", QPlainTextEdit()), Field("Kind", kinds)]
    put(page, *fields)
    for field, text in zip(fields, ["Ada", "two\nlines", "invoice"], strict=True):
        field.set_text(text)
        assert field.text() == text


def test_a_password_is_hidden_until_it_is_shown(page: QWidget) -> None:
    field = PasswordField("Password", judge=display_names.strength)
    put(page, field)
    QTest.keyClicks(field.edit, "correct horse")
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password
    eye = next(button for button in field.findChildren(IconButton) if button.accessibleName() == "Show password")
    QTest.mouseClick(eye, Qt.MouseButton.LeftButton)
    assert field.edit.echoMode() is QLineEdit.EchoMode.Normal
    assert eye.accessibleName() == "Hide password"
    field.clear()
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "At least 15"),
        ("short", "Too short: 10 more characters."),
        ("fourteen chars", "Too short: 1 more character."),
        ("aaaaaaaaaaaaaaaaaaaa", "Easy to guess"),
        ("sixteen letters!", "Good."),
        ("correct horse battery staple", "Strong."),
    ],
)
def test_the_strength_of_a_password_is_said_in_words(password: str, word: str) -> None:
    assert word in display_names.strength(password).word


def test_enter_goes_to_the_next_field_and_acts_in_the_last(page: QWidget) -> None:
    first, second, third = Field("One"), Field("Two", QComboBox()), Field("Three", QCheckBox("three"))
    put(page, first, second, third)
    done: list[str] = []
    EnterNavigation([first, second, third], lambda: done.append("done"), parent=page)
    first.control.setFocus()
    QTest.keyClick(first.control, Qt.Key.Key_Return)
    assert second.control.hasFocus()
    QTest.keyClick(second.control, Qt.Key.Key_Enter)
    assert third.control.hasFocus()
    QTest.keyClick(third.control, Qt.Key.Key_Return)
    assert done == ["done"]


# --- buttons, figures, states ---


def test_a_button_is_called_by_its_label_whatever_key_it_tells(page: QWidget) -> None:
    pressed: list[str] = []
    button = PrimaryButton("Save", lambda: pressed.append("save"), hint="F12", icon="save")
    put(page, button)
    assert button.accessibleName() == "Save"
    assert button.text().strip() == "Save   F12"
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert len(pressed) == 3


def test_the_tool_tip_has_what_a_narrow_button_leaves_out_beside_its_own_text(page: QWidget) -> None:
    button = Button("Save", hint="F12", icon="save")
    button.setAccessibleName("Save this document")
    put(page, button)
    button.set_density(Density.SHORT)
    button.setToolTip("Your role may not.")
    assert (button.text().strip(), button.toolTip()) == ("Save", "Your role may not.   F12")
    button.set_density(Density.ICON)
    assert (button.text(), button.toolTip()) == ("", "Save   Your role may not.   F12")
    button.setToolTip("")
    assert button.toolTip() == "Save   F12"
    button.set_density(Density.FULL)
    assert (button.text().strip(), button.toolTip()) == ("Save   F12", "")
    assert button.accessibleName() == "Save this document"


def test_an_act_is_called_without_what_qt_adds(page: QWidget) -> None:
    got: list[object] = []

    def act(kind: object = "nothing") -> None:
        got.append(kind)

    button = Button("New", act)
    put(page, button)
    button.click()
    assert got == ["nothing"]


def test_a_figure_says_its_label_number_and_change(page: QWidget) -> None:
    card = FigureCard("Sales today", lambda: None)
    put(page, card)
    card.show_figure("1,284.50", "+8 % on Sat", tone=Tone.GOOD, icon="up")
    assert card.accessibleName() == "Sales today: 1,284.50, +8 % on Sat"
    assert card.value == "1,284.50"


def test_an_amount_is_read_out_with_what_it_is(page: QWidget) -> None:
    total = MoneyLabel("0.00", "total", name="Total")
    total.show_amount("64.20")
    put(page, total)
    assert total.accessibleName() == "Total: 64.20"


def test_every_state_has_a_word_and_an_icon(page: QWidget) -> None:
    badge = StateBadge()
    put(page, badge)
    dollars = Currency.of("USD")
    looks = [display_names.delivery_status(state) for state in (*DeliveryStatus, None)]
    for kind, state in itertools.product(Kind, State):
        left = [Money(balance, dollars) for balance in (0, 50, 100)]
        looks += [display_names.paid(kind, state, gross=Money(100, dollars), balance=balance) for balance in left]
    for look in looks:
        badge.show_look(look)
        assert badge.word == badge.accessibleName() == look.word != ""
        assert look.icon


def test_an_empty_page_offers_the_first_act(page: QWidget) -> None:
    done: list[str] = []
    empty = EmptyState(
        "documents", "No documents yet", "They stand here.", ("Create invoice", lambda: done.append("new"))
    )
    put(page, empty)
    assert empty.button is not None
    empty.button.click()
    assert done == ["new"]


# --- questions ---


def question(page: QWidget, *, is_dangerous: bool, answers: list[str]) -> ConfirmDialog:
    asked = ConfirmDialog(
        "Delete receipt R-A-2026-000412?",
        text="It is voided; its number stays explained.",
        facts=[("Total", "64.20 USD")],
        yes="Delete",
        is_dangerous=is_dangerous,
        parent=page,
    )
    asked.ask(lambda: answers.append("yes"), lambda: answers.append("no"))
    return asked


@pytest.mark.parametrize(
    ("is_dangerous", "key", "answer"),
    [
        (False, Qt.Key.Key_Return, "yes"),
        (False, Qt.Key.Key_Escape, "no"),
        (True, Qt.Key.Key_Return, "no"),
        (True, Qt.Key.Key_Enter, "no"),
        (True, Qt.Key.Key_Escape, "no"),
    ],
)
def test_enter_takes_the_default_answer_and_escape_is_no(
    qtbot: QtBot, page: QWidget, is_dangerous: bool, key: Qt.Key, answer: str
) -> None:
    answers: list[str] = []
    asked = question(page, is_dangerous=is_dangerous, answers=answers)
    qtbot.waitUntil(asked.isVisible)
    QTest.keyClick(asked.focusWidget(), key)
    assert answers == [answer]


def test_a_dangerous_question_is_answered_yes_only_by_its_button(qtbot: QtBot, page: QWidget) -> None:
    answers: list[str] = []
    asked = question(page, is_dangerous=True, answers=answers)
    qtbot.waitUntil(asked.isVisible)
    QTest.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert answers == ["yes"]


def test_a_question_says_its_title_and_facts(page: QWidget) -> None:
    asked = question(page, is_dangerous=True, answers=[])
    assert asked.windowTitle() == asked.accessibleName() == "Delete receipt R-A-2026-000412?"
    assert "Total: 64.20 USD" in asked.accessibleDescription()
    assert asked.fact("Total") == "64.20 USD"
    asked.reject()


# --- pages ---


class PaintCounter(QLabel):
    """A label that counts how often it is painted."""

    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        super().paintEvent(event)


def test_a_page_that_scrolls_is_painted_once_when_it_is_shown(qtbot: QtBot, page: QWidget) -> None:
    stack, content, counter = QStackedWidget(), QWidget(), PaintCounter("12.00")
    QVBoxLayout(content).addWidget(counter)
    first, scroll = QWidget(), Scroll(content)
    stack.addWidget(first)
    stack.addWidget(scroll)
    put(page, stack)
    for _ in range(2):  # the second time it is laid out already
        stack.setCurrentWidget(first)
        QApplication.processEvents()
        counter.paints = 0
        stack.setCurrentWidget(scroll)
        qtbot.waitUntil(lambda: counter.paints > 0)
    assert counter.paints == 1


# --- notices ---


def test_a_notice_that_asks_for_nothing_goes_by_itself(
    qtbot: QtBot, page: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopdesk.ui.base.tokens.NOTICE_MS", 30)
    board = NoticeBoard(page)
    board.show(Notice(text="Saved."))
    assert board.texts == ["Saved."]
    qtbot.waitUntil(lambda: board.texts == [])


def test_a_notice_that_must_be_read_stays_and_its_action_is_done_once(qtbot: QtBot, page: QWidget) -> None:
    done: list[str] = []
    board = NoticeBoard(page)
    board.show(
        Notice(text="Not sent.", tone=Tone.BAD, stays=True, action=NoticeAction("Retry", lambda: done.append("retry")))
    )
    board.show(
        Notice(text="Not sent.", tone=Tone.BAD, stays=True, action=NoticeAction("Retry", lambda: done.append("retry")))
    )
    assert board.texts == ["Not sent."]
    (retry,) = (
        button for button in page.findChildren(Button) if button.accessibleName() == "Retry" and button.isVisible()
    )
    QTest.mouseClick(retry, Qt.MouseButton.LeftButton)
    assert done == ["retry"]
    assert board.texts == []


def test_what_only_confirms_is_said_one_at_a_time_and_what_must_be_read_stays(page: QWidget) -> None:
    board = NoticeBoard(page)
    board.show(Notice(text="Read me.", stays=True))
    for number in range(6):
        board.show(Notice(text=f"Saved {number}."))
    assert board.texts == ["Read me.", "Saved 5."]
    board.clear()
    assert board.texts == []


def test_a_banner_says_what_is_so_and_offers_what_to_do(page: QWidget) -> None:
    done: list[str] = []
    banner = Banner()
    put(page, banner)
    banner.hide()
    assert banner.text == ""
    banner.show_message("The database is away.", action=NoticeAction("Retry", lambda: done.append("retry")))
    assert banner.text == banner.accessibleName() == "The database is away."
    (retry,) = (button for button in banner.findChildren(Button) if button.isVisible())
    retry.click()
    assert done == ["retry"]


def test_the_busy_line_shows_only_what_takes_long(qtbot: QtBot, page: QWidget) -> None:
    line = BusyLine()
    put(page, line)
    line.set_busy(True)
    line.set_busy(False)
    assert not line.is_shown
    line.set_busy(True)
    qtbot.waitUntil(lambda: line.is_shown)
    line.set_busy(False)
    assert not line.is_shown
