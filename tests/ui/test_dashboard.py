"""The dashboard is right at once, and everything on it leads to what is behind it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from shopdesk.domain.account import Role
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.product import Product
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.database import Database
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.ports import Backups
from shopdesk.ui.documents.documents_model import KINDS_OF_ORDER
from shopdesk.ui.statistics.dashboard_screen import DashboardScreen
from shopdesk.ui.widgets.buttons import LinkButton
from shopdesk.usecases import documents, products
from support.context import NavigationSpy, Show
from support.qtbot import QtBot
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def cells(screen: DashboardScreen, row: int) -> list[str]:
    model = screen.model
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def numbers(screen: DashboardScreen) -> list[str]:
    return [row.number for row in screen.model.rows]


def sold(sample_shop: SampleShop, pounds: str, **fields: Any) -> Document:
    return sample_shop.issue(DraftRow("Tea", "1", pounds), **fields)


def test_the_five_latest_documents_stand_newest_first_by_time_of_issue(
    shop: SampleShop, context: Context, show: Show
) -> None:
    issued = []
    for days in range(7):  # dated the other way round
        draft = replace(shop.draft(DraftRow("Tea", "1", "2.00")), date_on=shop.today - timedelta(days=days))
        issued.append(shop.do(documents.issue, draft).number)
    screen = show(DashboardScreen(context))
    assert numbers(screen) == issued[:1:-1]


def test_a_row_says_number_kind_customer_total_paid_message_and_when(
    shop: SampleShop, context: Context, show: Show
) -> None:
    document = shop.issue(DraftRow("Tea", "2", "617.25"), kind=Kind.INVOICE, customer="Żaneta <zaneta@example.org>")
    shop.now += timedelta(minutes=2)
    screen = show(DashboardScreen(context))
    assert cells(screen, 0) == [document.number, "Invoice", "Żaneta", "1,234.50", "unpaid", "queued", "2 min ago"]


def test_the_figures_are_those_of_the_shop(shop: SampleShop, context: Context, show: Show) -> None:
    shop.now -= timedelta(days=7)
    sold(shop, "100.00", customer="Ben <ben@example.org>")
    shop.now += timedelta(days=7)
    sold(shop, "80.00", customer="")
    sold(shop, "28.00", kind=Kind.INVOICE)
    screen = show(DashboardScreen(context))
    assert screen.sales.accessibleName() == "Sales today: 108.00, 8% more than last Mon"
    assert screen.orders.accessibleName() == "Orders: 3, 2 today"
    assert screen.customers.accessibleName() == "Customers: 2"
    assert screen.unpaid.accessibleName() == "Unpaid: 28.00, 1 document"
    assert not screen.to_refund.isVisible()
    assert screen.not_delivered.accessibleName() == "Not delivered: 2, 2 waiting"


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("100.00", "50.00", "50% less than last Mon"),
        ("50.00", "50.00", "same as last Mon"),
        ("", "50.00", "no sales last Mon"),
    ],
)
def test_sales_today_are_compared_with_the_same_weekday_of_last_week(
    before: str, now: str, told: str, shop: SampleShop, context: Context, show: Show
) -> None:
    if before:
        shop.now -= timedelta(days=7)
        sold(shop, before)
        shop.now += timedelta(days=7)
    sold(shop, now)
    assert show(DashboardScreen(context)).sales.accessibleName() == f"Sales today: {now}, {told}"


def test_amounts_too_long_for_a_card_lose_their_decimals_and_keep_them_in_the_tip(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    sold(shop, "1234567.89")
    screen = show(DashboardScreen(context))
    assert screen.sales.value == "1,234,568"
    assert screen.sales.toolTip() == "USD 1,234,567.89".replace(" ", "\u00a0")
    sold(shop, "9876543210.00")
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: screen.sales.value == "9,878 million")


def test_each_figure_leads_to_what_is_behind_it(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(DashboardScreen(context))
    today = shop.today
    for card, wanted in (
        (screen.sales, ("documents_wanted", DocumentFilter(since=today, until=today))),
        (screen.orders, ("documents_wanted", DocumentFilter(kinds=KINDS_OF_ORDER))),
        (screen.customers, ("page_wanted", Page.CUSTOMERS)),
        (screen.unpaid, ("documents_wanted", DocumentFilter(unpaid=True))),
        (screen.not_delivered, ("page_wanted", Page.MESSAGES)),
    ):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        assert navigation.last == wanted
        card.setFocus()
        qtbot.keyClick(card, Qt.Key.Key_Space)
        assert navigation.last == wanted
    assert len(navigation.all) == 10


def test_new_sale_has_the_focus_and_create_invoice_stands_beside_it(
    qtbot: QtBot, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(DashboardScreen(context))
    named = {button.accessibleName(): button for button in screen.findChildren(QPushButton)}
    assert named["New sale"].hasFocus()
    qtbot.keyClick(named["New sale"], Qt.Key.Key_Return)
    assert "New invoice" in named["Create invoice"].text()
    qtbot.keyClick(named["Create invoice"], Qt.Key.Key_Return)
    assert navigation.all == [("new_document_wanted", None), ("new_document_wanted", Kind.INVOICE)]


def test_view_all_shows_every_document(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    sold(shop, "1.00")
    screen = show(DashboardScreen(context))
    (button,) = [one for one in screen.findChildren(QPushButton) if one.accessibleName() == "View all"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert navigation.all == [("documents_wanted", DocumentFilter())]


def test_enter_or_a_click_anywhere_in_a_row_opens_the_document(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    first, second = sold(shop, "1.00"), sold(shop, "2.00")
    screen = show(DashboardScreen(context))
    rect = screen.latest.visualRect(screen.model.index(1, 5))
    qtbot.mouseClick(screen.latest.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() - QPoint(3, 0))
    assert navigation.last == ("document_wanted", first.key)
    qtbot.keyClick(screen.latest, Qt.Key.Key_Up)
    qtbot.keyClick(screen.latest, Qt.Key.Key_Return)
    assert navigation.last == ("document_wanted", second.key)


def test_what_another_till_issues_stands_there_at_once(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    screen = show(DashboardScreen(context))
    document = sold(shop, "5.00")
    with qtbot.waitSignal(screen.shown):
        context.background.announce(frozenset({"documents"}))
    assert numbers(screen) == [document.number]
    assert screen.sales.value == "5.00"


def test_a_document_issued_here_stands_there_without_asking(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    screen = show(DashboardScreen(context))
    draft = shop.draft(DraftRow("Tea", "1", "3.00"))
    with qtbot.waitSignal(screen.shown):
        context.do(documents.issue, draft, owner=screen)
    assert len(screen.model.rows) == 1


def test_a_hidden_dashboard_reads_again_when_it_is_shown(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    screen = show(DashboardScreen(context))
    screen.hide()
    document = sold(shop, "5.00")
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: not context.background.is_busy)
    assert numbers(screen) == []
    with qtbot.waitSignal(screen.shown):
        screen.show()
    assert numbers(screen) == [document.number]


def test_the_messages_light_follows_the_delivery(qtbot: QtBot, shop: SampleShop, context: Context, show: Show) -> None:
    sold(shop, "5.00")
    screen = show(DashboardScreen(context))
    assert cells(screen, 0)[5] == "queued"
    worker = new_key()
    with shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=shop.now)
        assert key is not None
        outbox.save_body(session, key, b"the bytes", worker=worker)
        outbox.record_result(
            session, key, worker=worker, state=DeliveryStatus.FAILED, last_error="550 no such user", next_at=None
        )
    with qtbot.waitSignal(screen.shown):
        context.background.announce(frozenset({"outbox"}))
    assert cells(screen, 0)[5] == "failed"
    assert screen.not_delivered.value == "1"


def test_a_new_shop_is_told_the_first_act(
    qtbot: QtBot, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(DashboardScreen(context))
    assert screen.empty.isVisible()
    assert not screen.latest.isVisible()
    assert screen.empty.button is not None
    qtbot.mouseClick(screen.empty.button, Qt.MouseButton.LeftButton)
    assert navigation.all == [("new_document_wanted", Kind.RECEIPT)]


def test_time_passes_without_reading_again(
    shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    sold(shop, "5.00")
    screen = show(DashboardScreen(context))
    assert cells(screen, 0)[6] == "just now"
    shop.now += timedelta(hours=3)
    assert cells(screen, 0)[6] == "3 h ago"


def test_the_chart_tells_every_day_in_words_and_each_bar_opens_its_day(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    shop.now -= timedelta(days=1)
    sold(shop, "7.50")
    shop.now += timedelta(days=1)
    screen = show(DashboardScreen(context))
    bars = screen.chart.bars
    assert len(bars) == 14
    assert [bar.foot for bar in bars[-2:]] == ["Sun 22", "Today"]
    assert bars[-2].description == "Sun, 22 Nov 2026: $7.50, 1 order"
    assert bars[-2].description in screen.chart.accessibleDescription()
    screen.chart.setFocus()
    qtbot.keyClick(screen.chart, Qt.Key.Key_Left)
    qtbot.keyClick(screen.chart, Qt.Key.Key_Left)
    assert screen.chart.accessibleName() == f"Sales of the last 14 days: {bars[-2].description}"
    qtbot.keyClick(screen.chart, Qt.Key.Key_Return)
    yesterday = shop.today - timedelta(days=1)
    assert navigation.last == ("documents_wanted", DocumentFilter(since=yesterday, until=yesterday))
    first = QPoint(screen.chart.width() // 28, screen.chart.height() // 2)
    qtbot.mouseClick(screen.chart, Qt.MouseButton.LeftButton, pos=first)
    long_ago = shop.today - timedelta(days=13)
    assert navigation.last == ("documents_wanted", DocumentFilter(since=long_ago, until=long_ago))


def test_days_with_more_given_back_than_sold_hang_below_the_line(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show
) -> None:
    sold(shop, "3.00", kind=Kind.CREDIT_NOTE)
    screen = show(DashboardScreen(context))
    assert screen.chart.bars[-1].value == -300
    assert not screen.chart.grab().isNull()


def test_a_database_that_is_away_is_told_and_read_again_later(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    unreachable_database: Database,
) -> None:
    screen = show(DashboardScreen(context))
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: len(navigation.disconnections) == 1)  # the figures and the latest, told once
    context.background.attach(shop.database.sessions, shop.database.reads)
    screen.hide()
    with qtbot.waitSignal(screen.shown):
        screen.show()


def test_whoever_goes_on_at_the_till_is_greeted(shop: SampleShop, context: Context, show: Show) -> None:
    screen = show(DashboardScreen(context))
    assert screen.head.title.text().endswith(", Ada")
    context.switch_to(shop.staff(Role.CASHIER, name="Ben Miller"))
    assert screen.head.title.text().endswith(", Ben")


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        (Backups(), ""),  # the first one is made within minutes
        (Backups(last_at=NOW - timedelta(hours=47)), ""),
        (Backups(last_at=NOW - timedelta(days=3, hours=1)), "The last backup is 3 days old."),
        (Backups(last_at=NOW, checked_at=NOW - timedelta(days=34)), ""),
        (Backups(last_at=NOW, checked_at=NOW - timedelta(days=40)), "Everything was last checked 40 days ago."),
        (Backups(last_at=NOW, trouble="The disk is full."), "The last backup failed."),
        (Backups(last_at=NOW, trouble="…", is_away=True), "The backup disk is not connected."),
        (Backups(is_file=False), "No backup of the server was found."),
        (Backups(is_file=False, last_at=NOW - timedelta(days=6)), ""),
        (Backups(is_file=False, last_at=NOW - timedelta(days=8)), "The last backup is 8 days old."),
    ],
)
def test_a_backup_is_spoken_of_only_when_somebody_should_look(backups: Backups, said: str) -> None:
    assert display_names.backup_reminder(backups, now=NOW) == said


def steps(screen: DashboardScreen) -> dict[str, str]:
    """The first steps, each with what is said of it."""
    links = screen.first_steps.findChildren(LinkButton)
    return {link.text(): link.accessibleDescription().split(".")[0] for link in links if link.isVisible()}


def test_a_new_shop_has_a_list_of_first_steps_until_something_is_sold(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = show(DashboardScreen(context))
    qtbot.waitUntil(screen.first_steps.isVisible)
    names = ["Products", "Address of the shop", "Receipt printer", "Mail", "Your staff"]
    assert list(steps(screen)) == names
    assert set(steps(screen).values()) == {"to do"}
    (link,) = [one for one in screen.first_steps.findChildren(LinkButton) if one.text() == "Products"]
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert navigation.last == ("page_wanted", Page.PRODUCTS)
    shop.do(products.save, Product(key=new_key(), code="1", name="Tea", price=100))
    context.background.announce(frozenset({"products"}))
    qtbot.waitUntil(lambda: steps(screen).get("Products") == "done")
    sold(shop, "1.00")
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: not screen.first_steps.isVisible())
    assert screen.latest.isVisible()


def test_what_the_shop_owes_stands_by_itself_and_opens_its_documents(
    shop: SampleShop, context: Context, navigation: NavigationSpy, show: Show
) -> None:
    sold(shop, "5.00", kind=Kind.CREDIT_NOTE)
    screen = show(DashboardScreen(context))
    assert screen.to_refund.isVisible()
    assert screen.to_refund.accessibleName() == "To be refunded: $5.00, 1 document"
    assert cells(screen, 0)[4] == "to be refunded"
    screen.to_refund.click()
    assert navigation.all == [("documents_wanted", DocumentFilter(to_refund=True))]
