"""Messages: the truth about each, in the server's own words, and once more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from shopdesk.domain.account import Role
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.queries import outbox as ask
from shopdesk.render.formatting import clock
from shopdesk.row_keys import new_key
from shopdesk.settings import MailSettings
from shopdesk.store import outbox
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.documents.messages_model import file_row, occasion
from shopdesk.ui.documents.messages_screen import MessagesScreen
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show
from support.qtbot import QtBot
from support.shops import SampleShop

REFUSED = "The mail server said: 550 5.1.1 No such user here."


def sold(shop: SampleShop, customer: str) -> Document:
    return shop.issue(DraftRow("Tea", "1", "5.00"), customer=f"{customer} <{customer.lower()}@example.org>")


def ended(shop: SampleShop, state: DeliveryStatus, words: str = "", *, again: timedelta | None = None) -> None:
    """Delivery takes the next message that is due, and this is how it ends."""
    worker = new_key()
    with shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=shop.now)
        assert key is not None
        next_at = shop.now + again if again else None
        outbox.save_body(session, key, b"the bytes", worker=worker)
        outbox.record_result(session, key, worker=worker, state=state, last_error=words, next_at=next_at)


def cells(screen: MessagesScreen, row: int) -> list[str]:
    return [str(screen.model.index(row, at).data()) for at in range(screen.model.columnCount())]


def states(screen: MessagesScreen) -> list[str]:
    return [cells(screen, row)[0] for row in range(screen.model.rowCount())]


def pressed(qtbot: QtBot, name: str) -> None:
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    (button,) = [one for one in asked.findChildren(QAbstractButton) if one.accessibleName() == name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def four(shop: SampleShop) -> list[Document]:
    """One delivered, one failed, one that waits for its third attempt, one nobody tried yet; the newest last."""
    documents = [sold(shop, "Ada")]
    ended(shop, DeliveryStatus.SENT, "250 2.0.0 Ok: queued as 4F1")
    documents.append(sold(shop, "Ben"))
    ended(shop, DeliveryStatus.FAILED, REFUSED)
    documents.append(sold(shop, "Cleo"))
    ended(shop, DeliveryStatus.QUEUED, "The mail server said: 451 Later.", again=timedelta(hours=2))
    documents.append(sold(shop, "Dora"))
    return documents


def test_each_message_says_how_it_stands_in_the_servers_own_words(
    four: list[Document], context: Context, show: Show
) -> None:
    screen = show(MessagesScreen(context))
    assert states(screen) == ["queued", "queued", "failed", "delivered"]
    assert cells(screen, 2)[1:6] == ["ben@example.org", four[1].number, "550 5.1.1 No such user here.", "1", ""]
    assert cells(screen, 1)[3:5] == ["451 Later.", "1"]
    assert cells(screen, 1)[5] == clock(context.now() + timedelta(hours=2, seconds=-1), "en")
    assert cells(screen, 0)[4:6] == ["0", "at once"]
    assert screen.waiting.text() == "1 failed, 2 waiting"


def test_the_chosen_message_tells_everything_about_itself(
    qtbot: QtBot, four: list[Document], context: Context, show: Show
) -> None:
    screen = show(MessagesScreen(context))
    assert screen.table.hasFocus()
    qtbot.keyClick(screen.table, Qt.Key.Key_Down)
    qtbot.keyClick(screen.table, Qt.Key.Key_Down)
    details = screen.details
    assert details.badge.word == "failed"
    assert details.to.text() == "Ben <ben@example.org>"
    assert details.said.text() == REFUSED
    assert "The order was placed" in details.about.text()
    assert "1 attempt" in details.about.text()
    assert details.retry.isEnabled()
    qtbot.keyClick(screen.table, Qt.Key.Key_Down)
    assert not details.retry.isEnabled()
    assert details.retry.toolTip()


def test_a_message_that_came_back_says_so_and_may_go_again(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    sold(shop, "Ada")
    ended(shop, DeliveryStatus.SENT, "250 OK")
    screen = show(MessagesScreen(context))
    (row,) = screen.model.rows
    with shop.database.sessions.begin() as session:
        outbox.record_bounce(session, row.key, REFUSED, at=shop.now)
    context.background.announce(frozenset({"outbox"}))
    settled()
    qtbot.waitUntil(lambda: states(screen) == ["came back"])
    settled()
    assert screen.waiting.text() == "1 came back"
    assert screen.details.said.text() == REFUSED
    qtbot.mouseClick(screen.details.retry, Qt.MouseButton.LeftButton)
    settled()
    assert states(screen) == ["queued"]


def test_only_an_invoice_or_a_receipt_is_an_order_placed(shop: SampleShop, context: Context, show: Show) -> None:
    for kind in Kind:
        shop.issue(DraftRow("Tea", "1", "5.00"), kind=kind, customer="Ada <ada@example.org>")
    screen = show(MessagesScreen(context))
    said = {row.summary.kind: occasion(row) for row in screen.model.rows}
    assert said == {
        Kind.INVOICE: "The order was placed",
        Kind.RECEIPT: "The order was placed",
        Kind.DEBIT_NOTE: "Debit note issued",
        Kind.CREDIT_NOTE: "Credit note issued",
        Kind.QUOTE: "Quote issued",
    }


def test_a_message_leads_to_its_document(
    qtbot: QtBot, four: list[Document], context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(MessagesScreen(context))
    qtbot.keyClick(screen.table, Qt.Key.Key_Return)
    assert navigation.last == ("document_wanted", four[3].key)
    screen.table.selectRow(2)
    qtbot.mouseClick(screen.details.open, Qt.MouseButton.LeftButton)
    assert navigation.last == ("document_wanted", four[1].key)


def test_a_click_only_chooses(
    qtbot: QtBot, four: list[Document], context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(MessagesScreen(context))
    place = screen.table.visualRect(screen.model.index(2, 1)).center()
    qtbot.mouseClick(screen.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert screen.details.to.text() == "Ben <ben@example.org>"
    assert navigation.all == []
    qtbot.mouseDClick(screen.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert navigation.last == ("document_wanted", four[1].key)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ("All states", 4),
        ("Not delivered", 3),
        ("Queued", 2),
        ("Failed", 1),
        ("Delivered", 1),
        ("Unknown", 0),
    ],
)
def test_the_list_is_filtered_by_state(
    chosen: str,
    left: int,
    four: list[Document],
    context: Context,
    show: Show,
    settled: Callable[[], None],
) -> None:
    screen = show(MessagesScreen(context))
    screen.state.setCurrentIndex(screen.state.findText(chosen))
    settled()
    assert len(states(screen)) == left
    assert screen.empty.isVisible() == (left == 0)
    assert screen.details.isVisible() == (left > 0)


def test_retry_lets_the_chosen_one_go_out_again(
    qtbot: QtBot,
    shop: SampleShop,
    four: list[Document],
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    settled: Callable[[], None],
) -> None:
    screen = show(MessagesScreen(context))
    screen.table.selectRow(2)
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.mouseClick(screen.details.retry, Qt.MouseButton.LeftButton)
    settled()
    assert states(screen) == ["queued", "queued", "queued", "delivered"]
    assert screen.table.currentIndex().row() == 2  # the same message is still the chosen one
    assert screen.details.badge.word == "queued"
    assert navigation.words == ["Sending 1 message again."]
    (message,) = shop.ask(ask.of_document, four[1].key)
    assert (message.state, message.next_at) == (DeliveryStatus.QUEUED, context.now())


def test_retry_all_lets_all_go_out_that_failed_or_wait(
    qtbot: QtBot,
    four: list[Document],
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    settled: Callable[[], None],
) -> None:
    screen = show(MessagesScreen(context))
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.mouseClick(screen.retry_all, Qt.MouseButton.LeftButton)
    settled()
    assert navigation.words == ["Sending 2 messages again."]
    assert [cells(screen, row)[5] for row in range(3)] == ["at once"] * 3
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.mouseClick(screen.retry_all, Qt.MouseButton.LeftButton)
    settled()
    assert navigation.words[-1] == "There is nothing to send again."


@pytest.mark.parametrize(("said", "after"), [("Cancel", "unknown"), ("Send again", "queued")])
def test_what_may_have_arrived_is_repeated_only_after_a_question(
    said: str,
    after: str,
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    settled: Callable[[], None],
) -> None:
    sold(shop, "Ada")
    ended(shop, DeliveryStatus.UNKNOWN, "The line broke after the message was handed over.")
    screen = show(MessagesScreen(context))
    qtbot.mouseClick(screen.details.retry, Qt.MouseButton.LeftButton)
    pressed(qtbot, said)
    settled()
    assert states(screen) == [after]


def test_the_list_follows_the_delivery_and_keeps_the_choice(
    qtbot: QtBot, shop: SampleShop, four: list[Document], context: Context, show: Show
) -> None:
    screen = show(MessagesScreen(context))
    assert screen.details.to.text() == "Dora <dora@example.org>"
    ended(shop, DeliveryStatus.SENT, "250 Ok")
    sold(shop, "Eva")
    context.background.announce(frozenset({"outbox"}))
    qtbot.waitUntil(lambda: states(screen) == ["queued", "delivered", "queued", "failed", "delivered"])
    assert screen.table.currentIndex().row() == 1
    qtbot.waitUntil(lambda: screen.details.badge.word == "delivered")
    qtbot.waitUntil(lambda: screen.waiting.text() == "1 failed, 2 waiting")


def test_a_hidden_page_reads_again_when_it_is_shown(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    screen = show(MessagesScreen(context))
    assert screen.empty.isVisible()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert screen.isAncestorOf(focus)  # there is no list to begin at
    assert screen.waiting.text() == ""
    screen.hide()
    sold(shop, "Ada")
    context.background.announce(frozenset({"outbox"}))
    settled()
    assert states(screen) == []
    screen.show()
    qtbot.waitUntil(lambda: states(screen) == ["queued"])
    settled()


def test_without_a_mail_server_the_page_says_that_messages_wait(
    qtbot: QtBot, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(MessagesScreen(context))
    assert screen.no_server.text == "No mail server is set up. Messages wait until there is one."
    (button,) = [one for one in screen.no_server.findChildren(QAbstractButton) if one.isVisible()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert navigation.last == ("page_wanted", Page.SETTINGS)
    context.settings = replace(context.settings, mail=MailSettings(host="smtp.example.org"))
    assert not screen.no_server.isVisible()


def test_a_cashier_is_told_who_sets_mail_up(shop: SampleShop, context: Context, show: Show) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = show(MessagesScreen(context))
    assert screen.no_server.text.endswith("The owner can set one up in Settings, Mail.")
    assert not [one for one in screen.no_server.findChildren(QAbstractButton) if one.isVisible()]


def test_every_control_has_a_name_and_tab_comes_to_it(four: list[Document], context: Context, show: Show) -> None:
    screen = show(MessagesScreen(context))
    assert not unnamed_controls(screen)
    assert not unreachable_by_tab(screen)


def test_whoever_comes_to_the_till_is_told_what_they_can_do_about_mail(
    shop: SampleShop, context: Context, show: Show
) -> None:
    screen = show(MessagesScreen(context))
    context.switch_to(shop.staff(Role.CASHIER))
    assert screen.no_server.text.endswith("The owner can set one up in Settings, Mail.")


def test_several_messages_are_counted_copied_exported_and_sent_again(
    shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    for number in range(3):
        shop.issue(DraftRow("Tea", "1", str(number + 1)), customer=f"Ada <ada{number}@example.org>")
    screen = show(MessagesScreen(context))
    assert screen.foot.text() == "3 messages"
    screen.table.sort_by(6, descending=False)
    settled()
    assert screen.model.rows[0].message.recipient == "ada0@example.org"
    screen.table.selectAll()
    assert screen.foot.text() == "3 messages selected"
    assert len(screen.table.copied().splitlines()) == 3
    acts = screen.table.acts(screen.table.selected)
    assert [act.label for act in acts] == ["Retry", "Export to CSV …", "Export to Excel (XLSX) …"]
    assert [bool(act.why_not) for act in acts] == [True, False, False]
    assert file_row(screen.model.rows[0])[1:4] == ("queued", "ada0@example.org", "Ada")
