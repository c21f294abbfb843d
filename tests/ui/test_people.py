"""People: the owner lets them in, gives them roles, keeps them out; everybody changes their own password."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from shopdesk.domain.account import AccountStatus, Role, Staff
from shopdesk.queries import accounts as ask
from shopdesk.ui.base.context import Context
from shopdesk.ui.settings.people import PeopleSection, ResetPassword
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.settings.staff_row import PersonRow
from shopdesk.ui.sign_in.password_form import PasswordForm
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import accounts
from support.context import NavigationSpy, Show, line_edit, press
from support.qtbot import QtBot
from support.shops import SampleShop

NEW = "eleven green bottles hang"


def registered(shop: SampleShop, name: str) -> Staff:
    """Somebody fills in the register page."""
    return shop.do(
        lambda session, by, now: accounts.register(
            session, accounts.NewAccount(user_name=name.lower(), name=name, password="four grey geese graze"), now=now
        )
    )


def now(shop: SampleShop, staff: Staff) -> Staff:
    found = shop.ask(ask.staff, staff.key)
    assert found is not None
    return found


def named(root: QWidget, name: str) -> QWidget:
    (found,) = [part for part in root.findChildren(QWidget) if part.accessibleName() == name and part.isVisible()]
    return found


def click(qtbot: QtBot, root: QWidget, name: str) -> None:
    qtbot.mouseClick(named(root, name), Qt.MouseButton.LeftButton)


def answer(qtbot: QtBot, name: str) -> None:
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    (button,) = [one for one in asked.findChildren(QAbstractButton) if one.accessibleName() == name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose_role(qtbot: QtBot, row: PersonRow, role: Role) -> None:
    """With the keys, as somebody without a mouse does."""
    row.role.setFocus()
    wanted = [row.role.itemData(at) for at in range(row.role.count())].index(role)
    while row.role.currentIndex() != wanted:
        down = row.role.currentIndex() < wanted
        qtbot.keyClick(row.role, Qt.Key.Key_Down if down else Qt.Key.Key_Up)


@pytest.fixture
def open_people(context: Context, show: Show, settled: Callable[[], None]) -> Callable[[], PeopleSection]:
    def opened() -> PeopleSection:
        screen = show(SettingsScreen(context))
        section = screen.open("People")
        settled()
        assert isinstance(section, PeopleSection)
        return section

    return opened


def test_who_waits_stands_on_top_and_is_let_in_with_a_role(
    qtbot: QtBot,
    shop: SampleShop,
    open_people: Callable[[], PeopleSection],
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    ben = registered(shop, "Ben")
    people = open_people()
    assert people.waiting.isVisible()
    assert people.waiting.y() < people.everyone.y()
    assert people.person("Ben").parentWidget() is people.waiting
    choose_role(qtbot, people.person("Ben"), Role.MANAGER)
    click(qtbot, people, "Let in Ben")
    settled()
    assert (now(shop, ben).status, now(shop, ben).role) == (AccountStatus.ACTIVE, Role.MANAGER)
    assert not people.waiting.isVisible()
    assert people.person("Ben").parentWidget() is people.everyone
    assert people.person("Ben").accessibleName() == "Ben, Manager, active"
    assert navigation.words == ["Ben can now sign in as manager."]


def test_who_registers_while_the_page_is_open_appears(
    qtbot: QtBot, shop: SampleShop, context: Context, open_people: Callable[[], PeopleSection]
) -> None:
    people = open_people()
    assert not people.waiting.isVisible()
    registered(shop, "Ben")
    context.background.announce(frozenset({"accounts"}))
    qtbot.waitUntil(people.waiting.isVisible)


@pytest.mark.parametrize(("said", "role"), [("Give this role", Role.OWNER), ("Cancel", Role.CASHIER)])
def test_a_role_is_given_only_after_saying_what_it_may(
    said: str,
    role: Role,
    qtbot: QtBot,
    shop: SampleShop,
    open_people: Callable[[], PeopleSection],
    settled: Callable[[], None],
) -> None:
    ben = shop.staff(Role.CASHIER)
    people = open_people()
    row = people.person("Ben")
    row.role.setCurrentIndex(2)
    row.role.activated.emit(2)  # chosen in the list that pops up
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    assert "let people in" in asked.fact("Rights")
    answer(qtbot, said)
    settled()
    assert now(shop, ben).role is role
    assert row.role.currentData() == role


def test_the_last_owner_stays_one_and_the_page_says_why(
    qtbot: QtBot, shop: SampleShop, open_people: Callable[[], PeopleSection], settled: Callable[[], None]
) -> None:
    people = open_people()
    row = people.person("Ada")
    row.role.setCurrentIndex(0)
    row.role.activated.emit(0)
    answer(qtbot, "Give this role")
    settled()
    assert people.answer.words.text() == "The shop needs an owner. Make another person an owner first."
    assert row.role.currentData() == Role.OWNER
    assert not [part for part in row.findChildren(QWidget) if part.accessibleName() == "Block Ada" and part.isVisible()]


def test_somebody_is_blocked_after_a_question_and_opened_again(
    qtbot: QtBot, shop: SampleShop, open_people: Callable[[], PeopleSection], settled: Callable[[], None]
) -> None:
    ben = shop.staff(Role.CASHIER)
    people = open_people()
    click(qtbot, people, "Block Ben")
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    assert asked.no.isDefault()
    answer(qtbot, "Cancel")
    settled()
    assert now(shop, ben).status is AccountStatus.ACTIVE
    click(qtbot, people, "Block Ben")
    answer(qtbot, "Block")
    settled()
    assert now(shop, ben).status is AccountStatus.BLOCKED
    assert people.person("Ben").badge.word == "blocked"
    assert not people.person("Ben").role.isEnabled()
    click(qtbot, people, "Unblock Ben")
    settled()
    assert now(shop, ben).status is AccountStatus.ACTIVE


def test_who_waits_can_be_turned_away(
    qtbot: QtBot, shop: SampleShop, open_people: Callable[[], PeopleSection], settled: Callable[[], None]
) -> None:
    ben = registered(shop, "Ben")
    people = open_people()
    click(qtbot, people, "Reject Ben")
    answer(qtbot, "Block")
    settled()
    assert now(shop, ben).status is AccountStatus.BLOCKED


def test_a_password_is_reset_once_it_will_do(
    qtbot: QtBot,
    shop: SampleShop,
    open_people: Callable[[], PeopleSection],
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    ben = registered(shop, "Ben")
    shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    people = open_people()
    click(qtbot, people, "Reset password of Ben")
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ResetPassword)
    press(asked.new.control, "short")
    answer(qtbot, "Set password")
    settled()
    assert asked.isVisible()
    assert asked.new.fault.startswith("A password needs at least")
    press(asked.new.control, " of eleven green bottles")
    qtbot.keyClick(asked.new.control, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: navigation.words == ["Ben has a new password."])
    settled()
    signed_in = shop.do(
        lambda session, by, now: accounts.sign_in(
            session, user_name="ben", password="short of eleven green bottles", now=now
        )
    )
    assert isinstance(signed_in, Staff)


def test_whoever_may_not_let_people_in_is_told_who_does(
    shop: SampleShop, context: Context, open_people: Callable[[], PeopleSection]
) -> None:
    context.actor = shop.as_(shop.staff(Role.MANAGER)).by
    people = open_people()
    assert people.reason.text == "Only the owner can let people in and assign roles."
    assert not people.everyone.isVisible()


def test_everybody_changes_their_own_password_after_the_present_one(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    ben = registered(shop, "Ben")
    shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    context.actor = shop.as_(now(shop, ben)).by
    mine = show(PasswordForm(context))
    for field, text in ((mine.old, "wrong"), (mine.new, NEW), (mine.again, NEW + "!")):
        press(field.control, text)
    qtbot.mouseClick(mine.form.save, Qt.MouseButton.LeftButton)
    assert mine.again.fault == "The passwords do not match."
    line_edit(mine.again).clear()
    press(mine.again.control, NEW)
    qtbot.mouseClick(mine.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert "password is wrong" in mine.old.fault
    assert mine.old.control.hasFocus()
    line_edit(mine.old).clear()
    press(mine.old.control, "four grey geese graze")
    for field in (mine.old, mine.new):
        qtbot.keyClick(field.control, Qt.Key.Key_Return)
    qtbot.keyClick(mine.again.control, Qt.Key.Key_Return)  # the last field saves
    qtbot.waitUntil(lambda: navigation.words == ["Your password has been changed."])
    settled()
    assert mine.form.values() == {"old_password": "", "password": "", "again": ""}
    signed_in = shop.do(lambda session, by, now: accounts.sign_in(session, user_name="ben", password=NEW, now=now))
    assert isinstance(signed_in, Staff)
