"""The window at work: pages by key and click, lock, sign out, notices, the database away, and a clean end."""

from __future__ import annotations

import gc
import re
import threading
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QPlainTextEdit, QTabBar, QWidget

from shopdesk import __version__, paths
from shopdesk.background import ProgramOutdated
from shopdesk.crash_reports import UncleanExit
from shopdesk.domain.errors import DatabaseUnavailable, MailSignInFailed, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store.database import connect
from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.customer_view import CustomerView
from shopdesk.ui.base.notice import Notice
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.mail import MailSection
from shopdesk.ui.widgets import calendar
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.window.about_screen import PARTS
from shopdesk.ui.window.customer_display import CustomerDisplay
from shopdesk.ui.window.notice_board import NoticeCard
from shopdesk.ui.window.report_dialog import ReportDialog
from shopdesk.ui.window.shortcut_sheet import ShortcutSheet
from support.windows import PASSWORD, Begin, Window

POPUP = "This plugin does not support (raise|grabbing)"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shop(program: Window) -> Window:
    """A shop that has just been opened, with its owner at the dashboard."""
    program.open_shop()
    return program


def test_the_tabs_are_called_as_they_are_written(shop: Window) -> None:
    tabs = shop.find("Pages", QTabBar)
    names = [tabs.tabText(at) for at in range(tabs.count())]
    assert names == [
        "Dashboard",
        "New document",
        "Documents",
        "Statistics",
        "Customers",
        "Products",
        "Messages",
        "Settings",
    ]
    told = QAccessible.queryAccessibleInterface(tabs)
    assert told.role() is QAccessible.Role.PageTabList
    assert [told.child(at).text(QAccessible.Text.Name) for at in range(len(names))] == names


@pytest.mark.parametrize("at", range(8))
def test_ctrl_and_a_digit_opens_a_page_and_the_tab_shows_it(shop: Window, at: int) -> None:
    page = list(Page)[at]
    shop.key(Qt.Key(Qt.Key.Key_1 + at), CTRL)
    assert shop.workspace.page == page
    assert shop.workspace.tabs.currentIndex() == at
    shop.rest()


@pytest.mark.parametrize("size", [(800, 500), (960, 540)])
def test_every_page_total_and_save_are_in_sight_at_200_percent(shop: Window, size: tuple[int, int]) -> None:
    shop.main.resize(*size)
    shop.key(Qt.Key.Key_F4)
    shop.until(lambda: shop.workspace.page == Page.EDITOR)
    shop.main.notices.show(Notice(text="Read me.", stays=True))
    shop.rest()
    QApplication.processEvents()
    tabs = shop.workspace.tabs
    for at in range(tabs.count()):
        assert tabs.rect().contains(tabs.tabRect(at)), tabs.tabText(at)
    assert {part.accessibleName() for part in (shop.editor.save, shop.editor.totals.total) if is_cut(part)} == set()
    row = shop.editor.table.visualRect(shop.editor.table.currentIndex())
    assert shop.editor.table.viewport().visibleRegion().boundingRect().contains(row)
    assert shop.see("Ada Lovelace").isVisible()
    shop.rest()


def is_cut(part: QWidget) -> bool:
    """True if some of it is outside what is in sight."""
    return part.visibleRegion().boundingRect() != part.rect()


def test_a_click_on_a_tab_opens_its_page_also_when_it_is_marked_already(shop: Window) -> None:
    sample_shop = shop.workspace
    tabs = sample_shop.tabs
    middle = tabs.tabRect(2).center()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=middle)
    assert sample_shop.page == Page.DOCUMENTS
    shop.key(Qt.Key.Key_F, CTRL)
    assert sample_shop.page == "search"
    assert tabs.currentIndex() == 2
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=middle)
    assert sample_shop.page == Page.DOCUMENTS
    shop.rest()


def test_f2_is_the_dashboard_and_f4_a_new_document(shop: Window) -> None:
    shop.key(Qt.Key.Key_F4)
    assert shop.workspace.page == Page.EDITOR
    shop.rest()
    shop.key(Qt.Key.Key_F2)
    assert shop.workspace.page == Page.DASHBOARD
    shop.rest()


def test_f1_is_the_sheet_of_all_keys(shop: Window) -> None:
    shop.key(Qt.Key.Key_F1)
    details = QApplication.activeModalWidget()
    assert isinstance(details, ShortcutSheet)
    shop.key(Qt.Key.Key_Return)
    shop.until(lambda: QApplication.activeModalWidget() is None)


def test_a_desk_leads_from_one_screen_to_another(shop: Window) -> None:
    sample_shop = shop.workspace
    sample_shop.context.navigation.show_page(Page.MESSAGES)
    assert sample_shop.page == Page.MESSAGES
    sample_shop.context.navigation.new_document()
    assert sample_shop.page == Page.EDITOR
    shop.rest()


def test_ctrl_l_locks_and_the_password_opens_what_was_open(shop: Window) -> None:
    shop.key(Qt.Key.Key_5, CTRL)
    sample_shop = shop.workspace
    shop.key(Qt.Key.Key_L, CTRL)
    shop.see("Unlock")
    assert not sample_shop.isVisible()
    lock = shop.main.lock_page
    assert lock is not None
    assert "Ada Lovelace" in lock.lead.text()
    shop.key(Qt.Key.Key_1, CTRL)  # no key reaches the counter
    assert sample_shop.page == Page.CUSTOMERS
    shop.type("wrong password, long")
    shop.key(Qt.Key.Key_Return)
    shop.until(lambda: bool(lock.answer.words.text()))
    assert not sample_shop.isVisible()
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    shop.until(sample_shop.isVisible)
    assert shop.main.workspace is sample_shop
    assert sample_shop.page == Page.CUSTOMERS
    shop.rest()


def test_a_question_that_is_open_does_not_stand_over_the_lock(shop: Window) -> None:
    shop.key(Qt.Key.Key_F1)
    assert QApplication.activeModalWidget() is not None
    shop.main.lock()
    assert QApplication.activeModalWidget() is None
    shop.see("Unlock")


def over_the_lock(shop: Window) -> list[QWidget]:
    """The visible windows and notices besides the lock page."""
    others = [window for window in QApplication.topLevelWidgets() if window.isVisible() and window is not shop.main]
    return others + [notice for notice in shop.main.findChildren(NoticeCard) if notice.isVisible()]


def unlock(shop: Window) -> None:
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    shop.until(shop.workspace.isVisible)


def test_nothing_that_is_open_stays_over_the_lock(shop: Window, expect_log: Callable[[str], object]) -> None:
    expect_log(POPUP)
    acted: list[bool] = []
    ReportDialog("what happened", parent=shop.main).show()
    shop.main.notices.show(Notice(text="Sent to ada@example.org.", tone=Tone.GOOD))
    shop.main.notices.show(Notice(text="Not sent to ben@example.org.", tone=Tone.WARN, stays=True))
    calendar.pick(date(2026, 11, 23), "en", shop.workspace, lambda _day: acted.append(True))
    assert len(over_the_lock(shop)) >= 3
    shop.main.lock()
    shop.see("Unlock")
    shop.until(lambda: not over_the_lock(shop))
    assert not shop.main.notices.strip.isVisible()
    unlock(shop)
    assert shop.main.notices.texts == ["Not sent to ben@example.org."]
    assert shop.main.notices.strip.isVisible()
    assert acted == []
    shop.rest()


def test_nothing_that_comes_while_it_is_locked_shows_or_acts(shop: Window, expect_log: Callable[[str], object]) -> None:
    expect_log(POPUP)
    shop.main.lock()
    shop.see("Unlock")
    answers: list[str] = []
    question = ConfirmDialog("Send it again?", text="To ada@example.org", yes="Yes", parent=shop.workspace)
    question.ask(lambda: answers.append("yes"), lambda: answers.append("no"))
    menu = QMenu(shop.main)
    menu.addAction("Act").triggered.connect(lambda: answers.append("act"))
    menu.popup(QPoint(0, 0))
    shop.main._background.error_reported.emit(RuntimeError("ada@example.org"))
    shop.main._background.error_reported.emit(Unavailable(sentence("Not sent to ada@example.org.")))
    shop.main.come_forward()
    shop.until(lambda: not over_the_lock(shop))
    assert answers == ["no"]
    assert not shop.main.notices.strip.isVisible()
    tip = QLabel("Show password", shop.main.lock_page, Qt.WindowType.ToolTip)
    tip.show()
    QApplication.processEvents()
    assert tip.isVisible()
    tip.hide()
    unlock(shop)
    assert len(shop.main.notices.texts) == 2
    assert shop.main.notices.strip.isVisible()
    question = ConfirmDialog("Again?", yes="Yes", parent=shop.main)
    question.ask(lambda: None)
    QApplication.processEvents()
    assert question.isVisible()
    question.reject()
    shop.rest()


def test_who_signs_in_after_the_lock_sees_no_notice_of_the_one_before(shop: Window) -> None:
    shop.main.notices.show(Notice(text="Not sent to ben@example.org.", tone=Tone.WARN, stays=True))
    shop.main.lock()
    shop.main.sign_out()
    shop.sign_in()
    shop.until(shop.workspace.isVisible)
    assert shop.main.notices.texts == []
    shop.rest()


def test_the_customer_display_is_blank_while_the_till_is_locked(shop: Window) -> None:
    screen = shop.main.customer_screen
    assert screen is not None
    assert screen.display is None  # one screen
    screen.display = display = CustomerDisplay()
    display.show_shop("Corner Shop", "en", is_practice=False)
    display.show()
    shop.workspace.context.navigation.show_to_customer(CustomerView(item="Tea", sums=()))
    shown = [display.texts]
    shop.key(Qt.Key.Key_L, CTRL)
    shop.see("Unlock")
    assert display.isVisible()
    shown.append(display.texts)
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    shop.until(shop.workspace.isVisible)
    shown.append(display.texts)
    assert shown == [("Tea",), (), ("Tea",)]
    shop.main.sign_out()
    assert not display.isVisible()


def test_a_till_nobody_touches_locks_itself(shop: Window) -> None:
    assert shop.main._idle is not None
    shop.main._idle.start(20)
    shop.see("Unlock")
    shop.rest()


def test_keys_keep_the_till_open(shop: Window) -> None:
    idle = shop.main._idle
    assert idle is not None
    idle.start(60_000)
    before = idle._timer.remainingTime()
    shop.until(lambda: idle._timer.remainingTime() < before)
    shop.key(Qt.Key.Key_F2)
    assert idle._timer.remainingTime() >= before - 1000
    shop.rest()


def test_signing_out_leaves_nothing_of_the_person(shop: Window) -> None:
    shop.workspace.context.navigation.notify("Saved.", stays=True)
    shop.main.sign_out()
    assert shop.main.workspace is None
    assert shop.main.notices.texts == []
    assert shop.main.windowTitle() == "shopdesk"
    shop.see("Sign in")
    assert shop.main.sign_in_flow.sign_in.user_name.text() == ""
    shop.sign_in()
    assert shop.workspace.isVisible()
    shop.rest()


def test_what_the_rules_refuse_is_a_notice(shop: Window) -> None:
    shop.workspace.context.report_error(Refused(sentence("The shop is closed.")))
    assert shop.main.notices.texts == ["The shop is closed."]


def test_the_network_away_is_a_notice_that_stays(shop: Window) -> None:
    shop.workspace.context.report_error(
        Unavailable(sentence("The mail server does not answer."), advice=sentence("Check the network."))
    )
    assert shop.main.notices.texts == ["The mail server does not answer. Check the network."]
    assert not shop.main.banner.isVisible()


def test_a_mailbox_that_lets_no_one_in_leads_to_its_settings(shop: Window) -> None:
    what = sentence("Google no longer lets shopdesk use the mailbox.")
    shop.workspace.context.report_error(MailSignInFailed(what))
    shop.press("Set up mail")
    assert shop.workspace.page == Page.SETTINGS
    (mail,) = shop.main.findChildren(MailSection)
    assert mail.isVisible()
    shop.rest()


def test_the_database_away_is_a_banner_until_it_answers(shop: Window, tmp_path: Path, sqlite_shop_url: str) -> None:
    elsewhere = tmp_path / "share"
    database = connect(f"sqlite:///{elsewhere / 'shop.db'}")
    background = shop.main._background
    background.attach(database.sessions, database.reads)
    shop.workspace.show_page("Documents")
    shop.until(shop.main.banner.isVisible)
    assert "The shop's file cannot be opened." in shop.main.banner.text
    assert "You can keep typing" in shop.main.banner.text
    assert shop.workspace.status.database.text == "Database unreachable"
    assert not shop.main.notices.texts
    heard: list[frozenset[str]] = []
    background.changed.connect(heard.append)
    elsewhere.mkdir()
    (tmp_path / "shop.db").rename(elsewhere / "shop.db")
    shop.press("Retry")
    shop.until(lambda: not shop.main.banner.isVisible())
    assert shop.workspace.status.database.text == "Database ready"
    assert "documents" in heard[0]
    shop.rest()
    background.run_on_database_thread(database.close, owner=background)
    shop.rest()


def test_a_database_newer_than_the_program_is_told_again_when_it_is_back(shop: Window) -> None:
    outdated, watch = ProgramOutdated(), shop.main._background.watch
    shop.workspace.context.report_error(outdated)
    assert shop.main.banner.text == str(outdated)
    watch.disconnected.emit(
        DatabaseUnavailable(sentence("The database cannot be opened."), advice=sentence("Check the network."))
    )
    assert shop.main.banner.text.startswith("The database cannot be opened.")
    watch.reconnected.emit()
    assert shop.main.banner.text == str(outdated)
    shop.rest()


def test_an_act_that_the_database_did_not_do_is_told(shop: Window) -> None:
    shop.workspace.context.report_error(
        DatabaseUnavailable(sentence("The database server's disk is full."), advice=sentence("Make room."))
    )
    assert shop.main.notices.texts == ["Not done. The database server's disk is full. Make room."]


def test_a_bug_is_an_apology_with_a_report_to_copy(shop: Window) -> None:
    shop.workspace.context.report_error(ZeroDivisionError("password=secret words"))
    assert "Something went wrong." in shop.main.notices.texts[0]
    shop.press("Report")
    report = shop.find("Report", QPlainTextEdit)
    assert "ZeroDivisionError" in report.toPlainText()
    assert "secret words" not in report.toPlainText()
    shop.press("Copy")
    assert QApplication.clipboard().text() == report.toPlainText()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    dialog.reject()


def test_how_the_run_before_ended_is_told_until_somebody_has_read_it(shop: Window) -> None:
    shop.main.sign_out()
    shop.main.show_unclean_exit(UncleanExit(datetime.now(UTC) - timedelta(days=1), "where in the code"))
    (told,) = shop.main.notices.texts
    assert re.fullmatch(r"shopdesk ended unexpectedly yesterday at \d\d:\d\d\. Nothing was lost\.", told)
    shop.sign_in()
    assert shop.workspace.isVisible()
    shop.until(lambda: told in shop.main.notices.texts)  # who came in was faster than it was read
    shop.press("Report")
    assert shop.find("Report", QPlainTextEdit).toPlainText() == "where in the code"
    shop.press("Close")
    shop.main.sign_out()
    shop.sign_in()
    assert shop.workspace.isVisible()
    assert told not in shop.main.notices.texts
    shop.rest()


def test_what_a_screen_says_is_shown(shop: Window) -> None:
    shop.workspace.context.navigation.notify("Receipt R-A-2026-000001 saved.")
    assert shop.main.notices.texts == ["Receipt R-A-2026-000001 saved."]
    shop.main.notices.show(Notice(text="Read me.", stays=True))
    shop.main.resize(1000, 650)
    shop.main.notices.show(Notice(text="Another one saved."))  # what only confirms is said one at a time
    assert shop.main.notices.texts == ["Read me.", "Another one saved."]


@pytest.mark.parametrize("size", [(1024, 700), (800, 500)])
def test_a_notice_covers_nothing_of_the_page(shop: Window, size: tuple[int, int]) -> None:
    shop.main.resize(*size)
    page, tabs = shop.see("Dashboard"), shop.workspace.tabs
    before = tabs.mapTo(shop.main, tabs.rect().topLeft())
    for text in ("Saved.", "Read me: " + "a long story " * 20):
        shop.main.notices.show(Notice(text=text, stays="story" in text))
    strip, stack = shop.main.notices.strip, shop.workspace.stack
    shop.until(lambda: strip.isVisible() and strip.height() > 2 * tokens.CONTROL)
    QApplication.processEvents()
    assert stack.mapTo(shop.main, QPoint()).y() >= strip.mapTo(shop.main, QPoint(0, strip.height())).y()
    assert tabs.mapTo(shop.main, tabs.rect().topLeft()) == before
    for label in strip.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
    assert page.isVisible()


def test_notices_go_at_lock_and_are_seen_again_only_by_whom_they_were_for(shop: Window) -> None:
    notices = shop.main.notices
    notices.show(Notice(text="Ben owes 5.00."))
    notices.show(Notice(text="Mail to Ben failed.", stays=True))
    shop.main.lock()
    notices.show(Notice(text="Receipt of Ben printed."))
    assert notices.texts == ["Mail to Ben failed."]
    assert not notices.strip.isVisible()
    shop.type_into("Password", PASSWORD)
    shop.key(Qt.Key.Key_Return)
    shop.until(notices.strip.isVisible)
    assert shop.sees("Mail to Ben failed.")
    shop.rest()


def test_a_change_of_the_shop_reaches_the_desk_and_the_title(shop: Window) -> None:
    from dataclasses import replace

    from shopdesk.usecases import shop as acts

    context = shop.workspace.context
    changed = replace(context.shop, seller=replace(context.shop.seller, name="The Other Corner"))
    with shop.qtbot.waitSignal(context.shop_changed):
        context.do(acts.change, changed, owner=shop.main)
    assert context.shop.seller.name == "The Other Corner"
    assert "The Other Corner" in shop.main.windowTitle()
    shop.rest()


def test_the_page_of_an_unknown_document_says_so_and_the_program_goes_on(shop: Window) -> None:
    shop.workspace.context.navigation.open_document(uuid4())
    shop.rest()
    shop.key(Qt.Key.Key_F2)
    assert shop.workspace.page == Page.DASHBOARD
    shop.rest()


@pytest.mark.parametrize(("width", "height"), [(1024, 700), (960, 540), (1600, 1000)])
def test_every_page_fits_the_window(shop: Window, width: int, height: int) -> None:
    shop.main.resize(width, height)
    for page in Page:
        shop.workspace.show_page(page)
        shop.rest()
        assert shop.main.width() == width, page
        assert shop.main.height() == height, page
        assert shop.main.minimumSizeHint().width() <= width, page
        assert shop.main.minimumSizeHint().height() <= height, page
        if page in {Page.CUSTOMERS, Page.PRODUCTS}:  # lists and forms scroll by themselves
            opened = shop.workspace.opened(page)
            shop.until(partial(lambda one: one.height() == one.parentWidget().height(), opened))


def test_garbage_is_collected_from_the_first_paint_on(request: pytest.FixtureRequest, begin: Begin) -> None:
    request.addfinalizer(gc.enable)
    gc.disable()  # as the command does
    begin().until(gc.isenabled)


def test_the_window_comes_back_as_it_was_left(begin: Begin, program: Window) -> None:
    program.open_shop()
    program.main.resize(800, 560)  # within the offscreen platform's screen
    again = begin()
    assert (again.main.width(), again.main.height()) == (800, 560)
    again.ready()
    again.rest()


def test_the_end_leaves_no_thread(begin: Begin, program: Window) -> None:
    program.open_shop()
    assert {"database_0", "delivery email", "delivery sms"} <= {thread.name for thread in threading.enumerate()}
    again = begin()  # closes the first one
    again.ready()
    again.rest()
    assert sum(thread.name == "delivery email" for thread in threading.enumerate()) == 1


def test_what_the_window_remembers_lies_with_the_data(program: Window, home: Path) -> None:
    program.open_shop()
    program.main.close()
    program.until((home / "shopdesk" / "shopdesk.ini").exists)


# --- theme and About ---


def menu_entry(shop: Window, *names: str) -> QAction:
    """An entry of the account's menu, by the names that lead to it."""
    entries: list[QAction] = shop.workspace.account.menu().actions()
    for name in names[:-1]:
        menu = next(one for one in entries if one.text() == name).menu()
        assert isinstance(menu, QMenu)
        entries = menu.actions()
    return next(one for one in entries if one.text().split("\t")[0] == names[-1])


def test_light_and_dark_are_a_choice_of_the_machine_until_the_system_is_followed_again(
    shop: Window, begin: Begin
) -> None:
    assert menu_entry(shop, "Theme", "As the system").isChecked()
    menu_entry(shop, "Theme", "Dark").trigger()
    assert tokens.colours() is tokens.DARK
    again = begin()
    again.sign_in()
    assert again.workspace.isVisible()
    again.rest()
    assert theme.chosen() is theme.Theme.DARK
    assert menu_entry(again, "Theme", "Dark").isChecked()
    menu_entry(again, "Theme", "As the system").trigger()
    assert tokens.colours() is tokens.LIGHT  # that of the offscreen platform


def test_about_tells_what_support_asks_for(shop: Window) -> None:
    menu_entry(shop, "About shopdesk").trigger()
    shop.until(lambda: shop.workspace.page == "About")
    shop.find_text(f"shopdesk {__version__} · Python")
    shop.press("Copy Data and settings")
    assert QApplication.clipboard().text() == str(paths.home())
    shop.find_text("LGPL-3.0-only")
    shop.key(Qt.Key.Key_Escape)
    assert shop.workspace.page == Page.DASHBOARD
    shop.rest()


def test_about_names_every_package_the_program_depends_on() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[\[<>=!]", line)[0].strip().lower() for line in project["dependencies"]}
    assert {part.name.lower() for part in PARTS} == needed
