"""Customers: found as one types, changed beside the list, nothing typed is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QWidget

from shopdesk.domain.account import Role
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import customers as ask
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.catalogue.account_pane import StatementDialog
from shopdesk.ui.catalogue.customers_screen import CustomersScreen
from shopdesk.ui.catalogue.merge_dialog import MergeDialog
from shopdesk.ui.documents.messages_screen import MessagesScreen
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.paged_model import PAGE
from shopdesk.usecases import customers
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show, line_edit, press
from support.qtbot import QtBot
from support.shops import SampleShop

CTRL = Qt.KeyboardModifier.ControlModifier


def keep(shop: SampleShop, name: str, **fields: str) -> Customer:
    return shop.do(customers.save, Customer(key=new_key(), name=name, **fields))


def names(screen: CustomersScreen) -> list[str]:
    return [row.name for row in screen.list.model.rows]


def field(screen: CustomersScreen, name: str) -> QWidget:
    return screen.form.fields[name].control


def choose(qtbot: QtBot, screen: CustomersScreen, row: int) -> None:
    rect = screen.list.table.visualRect(screen.list.model.index(row, 0))
    qtbot.mouseClick(screen.list.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def question(qtbot: QtBot) -> ConfirmDialog:
    found: list[ConfirmDialog] = []

    def look() -> bool:
        window = QApplication.activeModalWidget()
        found[:] = [window] if isinstance(window, ConfirmDialog) else []
        return bool(found)

    qtbot.waitUntil(look)
    return found[0]


def answer(qtbot: QtBot, name: str) -> None:
    asked = question(qtbot)
    (button,) = [one for one in asked.findChildren(QAbstractButton) if one.accessibleName() == name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_empty_list_says_what_it_is_for_and_offers_the_first_act(qtbot: QtBot, context: Context, show: Show) -> None:
    screen = show(CustomersScreen(context))
    empty = screen.list.empty
    assert empty.isVisible()
    assert empty.title.text() == "No customers yet"
    assert empty.button is not None
    qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert field(screen, "name").hasFocus()


def test_a_customer_typed_by_keyboard_alone_is_stored_and_chosen(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    screen = show(CustomersScreen(context))
    screen.new.setFocus()
    qtbot.keyClick(screen.new, Qt.Key.Key_Return)
    press(field(screen, "name"), "Żaneta Ørsted")
    qtbot.keyClick(field(screen, "name"), Qt.Key.Key_Return)
    assert field(screen, "email").hasFocus()
    press(field(screen, "email"), "zaneta@example.org")
    qtbot.keyClick(field(screen, "email"), Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: names(screen) == ["Żaneta Ørsted"])
    settled()
    assert screen.list.table.current().email == "zaneta@example.org"
    assert navigation.words == ["Żaneta Ørsted saved."]
    assert not screen.form.save.isEnabled()
    assert shop.ask(ask.page, text="zaneta", after=None)[0].name == "Żaneta Ørsted"


def test_faults_stand_beside_their_fields_and_the_focus_goes_to_the_first(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    press(field(screen, "email"), "nonsense")
    press(field(screen, "phone"), "12")
    country = screen.form.fields["country"].control
    assert isinstance(country, QComboBox)
    country.setCurrentText("Narnia")
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert "not an e-mail address" in screen.form.fields["email"].fault
    assert "not a phone number" in screen.form.fields["phone"].fault
    assert screen.form.fields["country"].fault == "Choose a country."
    assert screen.form.values()["country"] == "Narnia"
    assert field(screen, "email").hasFocus()
    assert field(screen, "email").accessibleDescription() == screen.form.fields["email"].fault
    assert screen.form.values()["email"] == "nonsense"  # nothing typed is lost
    press(field(screen, "email"), "@example.org")
    assert not screen.form.fields["email"].fault


def test_typing_narrows_the_list_wherever_the_focus_is_in_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    for name in ("Ada Lovelace", "Grace Hopper", "Ada Yonath"):
        keep(shop, name)
    screen = show(CustomersScreen(context))
    assert screen.list.search.hasFocus()
    press(screen.list.search, "ada")
    qtbot.waitUntil(lambda: names(screen) == ["Ada Lovelace", "Ada Yonath"])
    qtbot.keyClick(screen.list.search, Qt.Key.Key_Down)
    assert screen.list.table.hasFocus()
    qtbot.keyClick(screen.list.table, Qt.Key.Key_Down)
    assert screen.details.title.text() == "Ada Yonath"
    press(screen.list.table, "y")
    qtbot.waitUntil(lambda: screen.list.search.text() == "aday")
    qtbot.waitUntil(screen.list.empty.isVisible)
    assert screen.list.empty.title.text() == "Nothing found for “aday”"
    qtbot.keyClick(screen.list.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(screen)) == 3)
    settled()


def test_up_from_the_first_row_goes_back_to_the_search(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    qtbot.keyClick(screen.list.search, Qt.Key.Key_Return)
    assert screen.list.table.hasFocus()
    qtbot.keyClick(screen.list.table, Qt.Key.Key_Up)
    assert screen.list.search.hasFocus()


def test_the_list_reads_on_as_it_is_scrolled(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    for number in range(PAGE + 30):
        keep(shop, f"Customer {number:04}")
    screen = show(CustomersScreen(context))
    assert len(names(screen)) == PAGE
    screen.list.table.scrollToBottom()
    qtbot.waitUntil(lambda: len(names(screen)) == PAGE + 30)
    assert names(screen) == sorted(names(screen))
    settled()


@pytest.mark.parametrize(
    ("said", "shown", "kept"),
    [("Save", "Grace", "Ada Lovelace"), ("Do not save", "Grace", "Ada"), ("Keep editing", "Ada", "Ada")],
)
def test_choosing_another_while_changes_wait_asks_first(
    said: str,
    shown: str,
    kept: str,
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
) -> None:
    ada, _ = keep(shop, "Ada"), keep(shop, "Grace")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    press(field(screen, "name"), " Lovelace")
    choose(qtbot, screen, 1)
    answer(qtbot, said)
    qtbot.waitUntil(lambda: screen.details.title.text() == shown)
    settled()
    assert shop.ask(ask.get, ada.key).name == kept
    assert screen.form.values()["name"] == ("Ada Lovelace" if said == "Keep editing" else "Grace")
    assert screen.list.table.current().name.startswith(shown)


def test_a_new_customer_while_changes_wait_asks_too(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    press(field(screen, "note"), "likes tea")
    qtbot.mouseClick(screen.new, Qt.MouseButton.LeftButton)
    answer(qtbot, "Save")
    qtbot.waitUntil(lambda: screen.details.title.text() == "New customer")
    settled()
    assert shop.ask(ask.page, text="", after=None)[0].note == "likes tea"
    assert screen.form.values()["name"] == ""


def test_undo_brings_back_what_is_stored(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    settled()
    assert not screen.form.undo.isEnabled()
    press(field(screen, "name"), "!")
    assert screen.details._unsaved.isVisible()
    qtbot.mouseClick(screen.form.undo, Qt.MouseButton.LeftButton)
    assert screen.form.values()["name"] == "Ada"
    assert not screen.details._unsaved.isVisible()


def test_undoing_a_new_customer_leaves_nothing(qtbot: QtBot, context: Context, show: Show) -> None:
    screen = show(CustomersScreen(context))
    qtbot.mouseClick(screen.new, Qt.MouseButton.LeftButton)
    press(field(screen, "name"), "A")
    qtbot.mouseClick(screen.form.undo, Qt.MouseButton.LeftButton)
    assert not screen.form.isVisible()


def test_what_a_customer_bought_is_listed_and_leads_on(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    shop.issue(DraftRow("Tea", "1", "2.00"), customer="Grace <grace@example.org>")
    document = shop.issue(DraftRow("Tea", "1", "5.00"), kind=Kind.INVOICE, customer="Ada <ada@example.org>")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    qtbot.mouseClick(screen.details._group.button(1), Qt.MouseButton.LeftButton)
    settled()
    bought = screen.bought
    assert [str(bought.model.index(0, at).data()) for at in range(3)] == [document.number, "23 Nov 2026", "5.00"]
    assert bought.model.rowCount() == 1
    bought.table.setFocus()
    bought.table.selectRow(0)
    qtbot.keyClick(bought.table, Qt.Key.Key_Return)
    assert navigation.last == ("document_wanted", document.key)
    qtbot.mouseClick(bought.all, Qt.MouseButton.LeftButton)
    assert navigation.all[-1:] == [("documents_wanted", DocumentFilter(customer_key=document.buyer.key))]


def test_what_another_till_changes_is_shown_unless_somebody_is_typing(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    ada = keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    choose(qtbot, screen, 0)
    shop.do(customers.save, Customer(key=ada.key, name="Ada", note="new"))
    context.background.announce(frozenset({"customers"}))
    qtbot.waitUntil(lambda: screen.form.values()["note"] == "new")
    press(field(screen, "name"), "!")
    shop.do(customers.save, Customer(key=ada.key, name="Ada", note="newer"))
    context.background.announce(frozenset({"customers"}))
    settled()
    assert screen.form.values()["note"] == "new"
    assert screen.form.values()["name"] == "Ada!"


def test_what_two_tills_change_of_one_customer_is_put_together_and_told_where_it_cannot_be(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    ada = keep(shop, "Ada Lovelace", email="ada@example.org", phone="+12125550100")
    screen = show(CustomersScreen(context))
    qtbot.waitUntil(lambda: names(screen) == ["Ada Lovelace"])
    choose(qtbot, screen, 0)
    line_edit(screen.form.fields["email"]).setText("countess@example.org")
    shop.do(customers.save, replace(ada, email="ada@example.com", phone="+12125550199"), base=ada)
    screen.form.save.click()
    settled()
    assert screen.form.fields["email"].fault == (
        "Another user has changed this to “ada@example.com”. Save again to keep yours."
    )
    assert screen.form.values()["email"] == "countess@example.org"
    assert screen.form.values()["phone"] == "+12125550199"
    screen.form.save.click()
    settled()
    assert navigation.words == ["Ada Lovelace saved."]
    (kept,) = shop.ask(ask.page, text="", after=None)
    assert (kept.email, kept.phone) == ("countess@example.org", "+12125550199")


def test_a_cashier_may_enter_a_customer(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = show(CustomersScreen(context))
    qtbot.mouseClick(screen.new, Qt.MouseButton.LeftButton)
    press(field(screen, "name"), "Ada")
    qtbot.mouseClick(screen.form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(screen) == ["Ada"])
    settled()


def test_every_control_has_a_name_and_tab_comes_to_it(context: Context, show: Show) -> None:
    screen = show(CustomersScreen(context))
    screen.begin_new()
    assert not unnamed_controls(screen)
    assert not unreachable_by_tab(screen)


def test_the_list_is_exported(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    tmp_path: Path,
    navigation: NavigationSpy,
    expect_log: Callable[[str], object],
) -> None:
    expect_log("This plugin does not support (raise|grabbing)")  # the menu that pops up, off screen
    keep(shop, "Żaneta", email="zaneta@example.org", address="Market 1")
    screen = show(CustomersScreen(context))
    qtbot.mouseClick(screen.export, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    (dialog,) = screen.window().findChildren(QFileDialog)
    file = tmp_path / "customers.csv"
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(navigation.words) and navigation.words[-1].startswith("1 row written"))
    (zaneta,) = shop.ask(ask.page, text="", after=None)
    assert file.read_text("utf-8-sig").splitlines()[1] == f"{zaneta.key},Żaneta,zaneta@example.org,,Market 1,,,,,,,,,"


def test_an_address_that_another_has_is_asked_about_and_nothing_typed_is_lost(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "Ada", email="ada@example.org")
    screen = show(CustomersScreen(context))
    qtbot.waitUntil(lambda: names(screen) == ["Ada"])
    screen.new.click()
    press(field(screen, "name"), "Ben")
    press(field(screen, "email"), "ADA@example.org")
    qtbot.keyClick(field(screen, "email"), Qt.Key.Key_S, CTRL)
    assert "Ada has this e-mail address already" in question(qtbot).accessibleDescription()
    answer(qtbot, "Cancel")
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert screen.form.values()["email"] == "ADA@example.org"
    assert names(screen) == ["Ada"]
    screen.form.save.click()
    answer(qtbot, "Save anyway")
    qtbot.waitUntil(lambda: names(screen) == ["Ada", "Ben"])


def selected(qtbot: QtBot, screen: CustomersScreen, name: str) -> None:
    qtbot.waitUntil(lambda: name in names(screen))
    choose(qtbot, screen, names(screen).index(name))
    qtbot.waitUntil(lambda: screen.form.values()["name"] == name)


def test_two_customers_are_merged_with_the_values_that_were_chosen(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    keep(shop, "Ada", email="ada@example.org", note="Likes tea")
    keep(shop, "Ada Lovelace", email="countess@example.org", phone="+12125550123", note="Rings twice")
    screen = show(CustomersScreen(context))
    selected(qtbot, screen, "Ada")
    qtbot.mouseClick(screen.merge, Qt.MouseButton.LeftButton)
    dialog = question(qtbot)
    assert isinstance(dialog, MergeDialog)
    qtbot.waitUntil(lambda: dialog.found.count() == 1)  # those of that name, without herself
    assert not dialog.yes.isEnabled()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    assert set(dialog.choices) == {"name", "email", "phone"}
    assert [group.checkedId() for group in dialog.choices.values()] == [
        0,
        0,
        1,
    ]  # what she has, else what the other has
    dialog.choices["name"].button(1).click()
    assert not unnamed_controls(dialog)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(screen) == ["Ada Lovelace"])
    (kept,) = shop.ask(ask.page, text="", after=None)
    assert (kept.email, kept.phone, kept.note) == ("ada@example.org", "+12125550123", "Likes tea\nRings twice")
    assert screen.form.values()["name"] == "Ada Lovelace"
    assert "Merged into Ada Lovelace." in navigation.words


def test_a_customer_who_was_changed_meanwhile_is_not_merged_and_the_dialog_says_so(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "Ada")
    other = keep(shop, "Ada Lovelace")
    screen = show(CustomersScreen(context))
    selected(qtbot, screen, "Ada")
    screen.merge.click()
    dialog = question(qtbot)
    assert isinstance(dialog, MergeDialog)
    qtbot.waitUntil(lambda: dialog.found.count() == 1)
    dialog.found.setCurrentRow(0)
    shop.do(customers.save, replace(other, note="Moved"), base=other)
    dialog.yes.click()
    qtbot.waitUntil(lambda: "has been changed by another user" in dialog.problem.text())
    dialog.reject()
    assert len(shop.ask(ask.page, text="", after=None)) == 2


def test_erasing_asks_says_what_is_kept_and_leaves_the_list(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    shop.issue(customer="Ada <ada@example.org>", kind=Kind.INVOICE)
    screen = show(CustomersScreen(context))
    selected(qtbot, screen, "Ada")
    screen.erase.click()
    asked = question(qtbot)
    assert (asked.fact("Documents"), asked.fact("Unpaid or to be refunded")) == ("1", "1")
    assert "Documents keep what is printed on them, as the law requires" in asked.accessibleDescription()
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel is the default
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert names(screen) == ["Ada"]
    screen.erase.click()
    answer(qtbot, "Erase")
    qtbot.waitUntil(lambda: names(screen) == [])
    assert "Ada was erased." in navigation.words
    assert not screen.erase.isVisible()


def test_merging_and_erasing_wait_for_changes_to_be_saved_and_need_the_right(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    keep(shop, "Ada")
    screen = show(CustomersScreen(context))
    selected(qtbot, screen, "Ada")
    assert screen.merge.isEnabled()
    press(field(screen, "name"), "x")
    assert not screen.merge.isEnabled()
    assert screen.erase.toolTip() == "Save your changes first."
    screen.form.undo.click()
    cashier = shop.as_(shop.staff(Role.CASHIER))
    context.actor = cashier.by
    screen.show_entry(shop.ask(ask.page, text="", after=None)[0])
    assert not screen.erase.isEnabled()
    assert screen.erase.toolTip() == "Your role may not merge or erase customers."


def test_the_account_of_a_customer_is_shown_and_stated_on_paper_and_by_mail(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None], tmp_path: Path
) -> None:
    for price in ("100", "20"):
        shop.issue(DraftRow("Tea", "1", price), kind=Kind.INVOICE, customer="Ada <ada@example.org>")
        shop.now += timedelta(days=20)
    shop.issue(DraftRow("Tea", "1", "5"), kind=Kind.CREDIT_NOTE, customer="Ada <ada@example.org>")
    screen = show(CustomersScreen(context))
    qtbot.waitUntil(lambda: screen.list.model.index(0, 3).data() == "115.00")
    assert screen.list.foot.text() == "1 customer · they owe $120.00 · they get back $5.00"
    screen.list.table.selectRow(0)
    screen.details.show_page(2)
    qtbot.waitUntil(lambda: screen.account.balance.text() == "Owes $120.00 · gets back $5.00")
    settled()
    assert [screen.account.model.index(row, 6).data() for row in range(3)] == ["26", "6", "–"]
    screen.account.statement.click()
    (dialog,) = screen.window().findChildren(StatementDialog)
    dialog.period.set_text("year")
    qtbot.waitUntil(dialog.mail.isEnabled)
    settled()
    assert (dialog.opening.text(), dialog.closing.text()) == ("120.00", "115.00")
    assert unnamed_controls(dialog) == []
    dialog.save_to(tmp_path / "statement.pdf")
    qtbot.waitUntil(lambda: dialog.said.words.text().startswith("Saved:"))
    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF")
    dialog.mail.click()
    qtbot.waitUntil(lambda: dialog.said.words.text() == "On its way to ada@example.org")
    messages = show(MessagesScreen(context))
    settled()
    assert messages.model.index(0, 2).data().startswith("Statement, ")
