"""Statistics: figures that agree with the documents, and lead to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel

from shopdesk.domain.account import Role
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries.documents import DocumentFilter
from shopdesk.queries.statistics import Step
from shopdesk.row_keys import new_key
from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.statistics.bar_chart import Bar, BarChart
from shopdesk.ui.statistics.period import Period, span
from shopdesk.ui.statistics.share_bars import ShareBars
from shopdesk.ui.statistics.statistics_data import COUNTED, ORDERS, SALES, usual_step
from shopdesk.ui.statistics.statistics_screen import StatisticsScreen
from shopdesk.usecases import documents
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show, retype
from support.qtbot import QtBot
from support.shops import SampleShop

TODAY = date(2026, 11, 23)  # a Monday
NO_RANGE = (TODAY, TODAY)


def sold(shop: SampleShop, pounds: str, *, days_ago: int = 0, item: str = "Tea", **fields: Any) -> Document:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    shop.now = noon - timedelta(days=days_ago)
    document = shop.issue(DraftRow(item, "1", pounds), **fields)
    shop.now = noon
    return document


def cells(shares: ShareBars) -> list[list[str]]:
    model = shares.model
    return [[str(model.index(row, at).data()) for at in range(3)] for row in range(model.rowCount())]


def chart(screen: StatisticsScreen) -> BarChart:
    return screen.chart.chart


def counted(**more: Any) -> DocumentFilter:
    found: dict[str, Any] = {"kinds": SALES, "states": COUNTED, "since": TODAY - timedelta(days=29), "until": TODAY}
    return DocumentFilter(**(found | more))


@pytest.fixture
def busy(shop: SampleShop) -> SampleShop:
    """Two periods of thirty days: 100.00 in the one before, 150.00 in the last one, of which 30.00 today."""
    sold(shop, "100.00", days_ago=40, customer="Ada <ada@example.org>")
    sold(shop, "80.00", days_ago=3, customer="Ada <ada@example.org>", item="Silver tea")
    invoice = sold(shop, "40.00", days_ago=3, kind=Kind.INVOICE, customer="Ben <ben@example.org>")
    sold(shop, "30.00", customer="")
    shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=4000), payment_key=new_key())
    return shop


@pytest.fixture
def opened(
    qtbot: QtBot, busy: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> StatisticsScreen:
    """The page of the busy shop, its chart there."""
    screen = show(StatisticsScreen(context))
    qtbot.waitUntil(lambda: screen.is_complete)
    settled()
    return screen


# --- periods ---


@pytest.mark.parametrize(
    ("period", "since", "against"),
    [
        (Period.TODAY, TODAY, (date(2026, 11, 16), date(2026, 11, 16))),
        (Period.THIS_WEEK, TODAY, (date(2026, 11, 16), date(2026, 11, 16))),
        (Period.THIS_MONTH, date(2026, 11, 1), (date(2026, 10, 1), date(2026, 10, 23))),
        (Period.LAST_30_DAYS, date(2026, 10, 25), (date(2026, 9, 25), date(2026, 10, 24))),
        (Period.THIS_YEAR, date(2026, 1, 1), (date(2025, 1, 1), date(2025, 11, 23))),
    ],
)
def test_what_has_only_begun_is_compared_with_as_much_of_the_time_before(
    period: Period, since: date, against: tuple[date, date]
) -> None:
    found = span(period, TODAY, NO_RANGE)
    assert (found.since, found.until, found.against) == (since, TODAY, against)


@pytest.mark.parametrize(
    ("period", "today", "days", "against"),
    [
        (Period.YESTERDAY, TODAY, ("2026-11-22", "2026-11-22"), ("2026-11-15", "2026-11-15")),
        (Period.LAST_MONTH, TODAY, ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        (Period.LAST_MONTH, date(2026, 1, 31), ("2025-12-01", "2025-12-31"), ("2025-11-01", "2025-11-30")),
        (Period.LAST_QUARTER, TODAY, ("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),
        (Period.LAST_QUARTER, date(2026, 2, 28), ("2025-10-01", "2025-12-31"), ("2025-07-01", "2025-09-30")),
    ],
)
def test_what_is_over_is_compared_with_the_whole_time_before(
    period: Period, today: date, days: tuple[str, str], against: tuple[str, str]
) -> None:
    found = span(period, today, NO_RANGE)
    assert (str(found.since), str(found.until), tuple(map(str, found.against))) == (*days, against)


def test_the_ends_of_months_and_leap_years_are_met() -> None:
    assert span(Period.THIS_MONTH, date(2026, 3, 31), NO_RANGE).against == (date(2026, 2, 1), date(2026, 2, 28))
    assert span(Period.THIS_YEAR, date(2028, 2, 29), NO_RANGE).against == (date(2027, 1, 1), date(2027, 2, 28))


def test_an_own_range_is_compared_with_as_many_days_before() -> None:
    found = span(Period.OWN, TODAY, (date(2026, 11, 2), date(2026, 11, 4)))
    assert (found.against, found.then) == ((date(2026, 10, 30), date(2026, 11, 1)), "the 3 days before")


def test_long_periods_are_read_by_week_and_month() -> None:
    steps = [
        usual_step(span(Period.OWN, TODAY, (TODAY - timedelta(days=days), TODAY))) for days in (0, 61, 62, 199, 200)
    ]
    assert steps == [Step.DAY, Step.DAY, Step.WEEK, Step.WEEK, Step.MONTH]


# --- figures ---


def test_the_figures_say_how_they_changed(opened: StatisticsScreen) -> None:
    assert opened.sales.accessibleName() == "Sales: 150.00, 50% more than before"
    assert opened.orders.accessibleName() == "Orders: 3, 200% more than before"
    assert opened.customers.accessibleName() == "Customers who bought: 2, 100% more than before"
    assert opened.average.accessibleName() == "Average order: 50.00, 50% less than before"
    assert opened.compared.text() == (
        "25 Oct 2026 – 23 Nov 2026, compared with the 30 days before: 25 Sept 2026 – 24 Oct 2026"
    )
    assert opened.sales.toolTip().startswith("Net $129.31, tax $20.69.")


def test_the_parts_add_up_to_the_whole(opened: StatisticsScreen) -> None:
    assert cells(opened.kinds) == [["Receipt", "2", "110.00"], ["Invoice", "1", "40.00"]]
    assert cells(opened.methods) == [["Cash", "2", "110.00"], ["Card", "1", "40.00"]]
    assert cells(opened.taxes) == [["Standard 16%", "20.69", "150.00"]]
    assert cells(opened.customs) == [
        ["New: 1", "1", "40.00"],
        ["Returning: 1", "1", "80.00"],
        ["Walk-ins", "1", "30.00"],
    ]
    assert cells(opened.best_customers) == [["Ada", "1", "80.00"], ["Ben", "1", "40.00"]]
    assert cells(opened.best_items) == [["Silver tea", "1", "80.00"], ["Tea", "2", "70.00"]]


def test_each_figure_leads_to_the_documents_behind_it(
    qtbot: QtBot, opened: StatisticsScreen, navigation: NavigationSpy
) -> None:
    for card, find in (
        (opened.sales, counted()),
        (opened.orders, counted(kinds=ORDERS)),
        (opened.customers, counted(kinds=ORDERS)),
        (opened.average, counted(kinds=ORDERS)),
    ):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        assert navigation.last == ("documents_wanted", find)


def test_each_row_leads_to_exactly_the_documents_it_counts(
    qtbot: QtBot, busy: SampleShop, opened: StatisticsScreen, navigation: NavigationSpy
) -> None:
    for shares in (opened.kinds, opened.methods, opened.best_customers, opened.best_items):
        for row in range(shares.model.rowCount()):
            shares.table.setFocus()
            shares.table.selectRow(row)
            qtbot.keyClick(shares.table, Qt.Key.Key_Return)
            name, find = navigation.last
            assert name == "documents_wanted"
            found = busy.ask(ask.page, find=find, after=None)
            assert len(found) == int(cells(shares)[row][1])


def test_a_refund_and_a_voided_document_are_told_truly(
    qtbot: QtBot, busy: SampleShop, opened: StatisticsScreen, context: Context
) -> None:
    voided = sold(busy, "999.00")
    busy.do(documents.delete, voided.key)
    sold(busy, "10.00", kind=Kind.CREDIT_NOTE)
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: opened.sales.value == "140.00" and opened.is_complete)
    assert cells(opened.kinds)[-1] == ["Credit note", "1", "-10.00"]


def test_payments_add_up_to_the_sales_with_what_is_not_paid_yet_and_the_rounding(
    qtbot: QtBot, busy: SampleShop, opened: StatisticsScreen, context: Context
) -> None:
    busy.change_shop(smallest_coin=5)
    sold(busy, "9.98")
    sold(busy, "70.00", kind=Kind.INVOICE)
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: opened.sales.value == "229.98" and opened.is_complete)
    assert cells(opened.methods) == [
        ["Cash", "3", "120.00"],
        ["Card", "1", "40.00"],
        ["Not paid yet", "", "70.00"],
        ["Cash rounding", "", "-0.02"],
    ]


# --- the chart ---


def test_every_day_has_its_bar_and_says_it_in_words(opened: StatisticsScreen) -> None:
    bars = chart(opened).bars
    assert len(bars) == 30
    assert bars[-1].description == "Mon 23 Nov 2026: $30.00, 1 order (before: 0.00)"
    assert [bar.value for bar in bars if bar.value] == [12_000, 3_000]
    assert chart(opened).accessibleDescription().count(";") == 29
    assert opened.chart.told.text() == "Best: Fri 20 Nov 2026: $120.00, 2 orders (before: 0.00)"
    assert opened.chart.legend.text() == "The line across each bar shows the 30 days before."


def test_the_keys_walk_along_the_bars_and_open_the_documents_of_one(
    qtbot: QtBot, opened: StatisticsScreen, navigation: NavigationSpy
) -> None:
    bars = chart(opened)
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.current == 29
    for _ in range(3):
        qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.accessibleName() == "Sales by day: Fri 20 Nov 2026: $120.00, 2 orders (before: 0.00)"
    assert opened.chart.told.text().startswith("Fri 20 Nov 2026: $120.00")
    qtbot.keyClick(bars, Qt.Key.Key_Return)
    day = date(2026, 11, 20)
    assert navigation.last == ("documents_wanted", counted(since=day, until=day))
    qtbot.keyClick(bars, Qt.Key.Key_Home)
    assert bars.current == 0
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.current == 0


def test_the_pointer_tells_a_bar_and_a_click_opens_it(
    qtbot: QtBot, opened: StatisticsScreen, navigation: NavigationSpy
) -> None:
    bars = chart(opened)
    for at in (26, 27, 28, 29):
        qtbot.mouseMove(bars, bars.column(at).center().toPoint())
    assert bars.cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert opened.chart.told.text().startswith("Mon 23 Nov 2026: $30.00")
    qtbot.mouseMove(bars, QPoint(1, 1))  # the scale
    assert opened.chart.told.text().startswith("Best: ")
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.column(29).center().toPoint())
    assert navigation.all == [("documents_wanted", counted(since=TODAY, until=TODAY))]


def test_bars_are_as_high_as_their_values_beside_the_scale(themed_app: QApplication, qtbot: QtBot) -> None:
    bars = BarChart("Sales", str)
    qtbot.addWidget(bars)
    bars.resize(600, 300)
    bars.show_bars([Bar(value, before, "", "") for value, before in ((400, None), (-100, None), (0, 200))])
    bars.show()
    qtbot.waitExposed(bars)
    picture, colours, plot = bars.grab().toImage(), tokens.colours(), bars.plot()

    def inked(at: int, ink: str) -> tuple[int, int]:
        """Return the highest and the lowest point of a colour in the middle of a column."""
        x = round(bars.column(at).center().x())
        found = [y for y in range(picture.height()) if picture.pixelColor(x, y) == QColor(ink)]
        return found[0], found[-1]

    unit = plot.height() / 600  # the scale goes from -200 to 400
    zero = plot.bottom() - 200 * unit
    assert inked(0, colours.accent) == pytest.approx((zero - 400 * unit, zero), abs=2)
    assert inked(1, colours.accent) == pytest.approx((zero, zero + 100 * unit), abs=2)
    assert inked(2, colours.text) == pytest.approx((zero - 200 * unit,) * 2, abs=2)


def test_the_chart_is_a_table_too(qtbot: QtBot, opened: StatisticsScreen, navigation: NavigationSpy) -> None:
    qtbot.mouseClick(opened.chart.as_table, Qt.MouseButton.LeftButton)
    table = opened.chart.table
    assert table.isVisible()
    assert not chart(opened).isVisible()
    assert table.hasFocus()
    row = [str(opened.chart.model.index(26, at).data()) for at in range(4)]
    assert row == ["Fri 20 Nov 2026", "2", "120.00", "0.00"]
    table.selectRow(29)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert navigation.last == ("documents_wanted", counted(since=TODAY, until=TODAY))
    qtbot.mouseClick(opened.chart.as_table, Qt.MouseButton.LeftButton)
    assert chart(opened).isVisible()


def test_another_step_draws_other_bars(
    qtbot: QtBot, opened: StatisticsScreen, settled: Callable[[], None], navigation: NavigationSpy
) -> None:
    qtbot.mouseClick(opened.chart.button(Step.WEEK), Qt.MouseButton.LeftButton)
    settled()
    bars = chart(opened).bars
    assert [bar.foot for bar in bars] == ["25 Oct", "1 Nov", "8 Nov", "15 Nov", "22 Nov"]  # Sundays: an American shop
    assert bars[0].description.startswith("25 Oct 2026 to 31 Oct 2026: $0.00")
    qtbot.mouseClick(opened.chart.button(Step.MONTH), Qt.MouseButton.LeftButton)
    settled()
    assert [bar.foot for bar in chart(opened).bars] == ["Oct 2026", "Nov 2026"]
    chart(opened).choose(1)
    chart(opened).setFocus()
    qtbot.keyClick(chart(opened), Qt.Key.Key_Space)
    assert navigation.last == ("documents_wanted", counted(since=date(2026, 11, 1), until=TODAY))


def test_a_short_period_stands_among_the_days_around_it(
    qtbot: QtBot, opened: StatisticsScreen, settled: Callable[[], None]
) -> None:
    qtbot.mouseClick(opened.period.button(Period.TODAY), Qt.MouseButton.LeftButton)
    settled()
    bars = chart(opened).bars
    assert len(bars) == 14
    assert [bar.is_inside for bar in bars] == [False] * 13 + [True]
    assert opened.chart.title.text() == "Sales by day, last 14 days"
    assert opened.chart.legend.text() == "Earlier days are shown in grey."
    assert opened.sales.accessibleName() == "Sales: 30.00, nothing before"


def test_an_own_range_is_typed(
    qtbot: QtBot, opened: StatisticsScreen, settled: Callable[[], None], navigation: NavigationSpy
) -> None:
    assert not opened.period.since.isVisible()
    opened.period.button(Period.OWN).setFocus()
    qtbot.keyClick(opened.period.button(Period.OWN), Qt.Key.Key_Return)
    assert opened.period.since.isVisible()
    retype(opened.period.since.edit, "2026-11-20")
    retype(opened.period.until.edit, "2026-11-20")
    settled()
    assert opened.sales.value == "120.00"
    qtbot.mouseClick(opened.sales, Qt.MouseButton.LeftButton)
    day = date(2026, 11, 20)
    assert navigation.last == ("documents_wanted", counted(since=day, until=day))
    retype(opened.period.until.edit, "2026-10-14")  # the wrong way round
    settled()
    assert opened.report is not None
    assert (opened.report.span.since, opened.report.span.until) == (date(2026, 10, 14), day)


def test_the_chart_follows_light_and_dark(opened: StatisticsScreen) -> None:
    bars = chart(opened)
    place = bars.column(26).center().toPoint()
    light = bars.grab().toImage().pixelColor(place)
    theme.show("dark")
    dark = bars.grab().toImage().pixelColor(place)
    assert (light, dark) == (QColor(tokens.LIGHT.accent), QColor(tokens.DARK.accent))


# --- who, when ---


def test_a_cashier_sees_a_sentence_instead(
    shop: SampleShop, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = show(StatisticsScreen(context))
    said = [label.text() for label in screen.findChildren(QLabel) if label.isVisible()]
    assert "You do not have access to statistics" in said
    assert screen.report is None


def test_whoever_comes_to_the_till_sees_figures_or_the_sentence(
    qtbot: QtBot, opened: StatisticsScreen, busy: SampleShop, context: Context, settled: Callable[[], None]
) -> None:
    owner = context.actor.staff
    context.switch_to(busy.staff(Role.CASHIER, name="Cleo"))
    assert not opened.sales.isVisible()
    sold(busy, "7.00")
    context.background.announce(frozenset({"documents"}))
    settled()
    context.switch_to(owner)
    assert opened.sales.isVisible()
    qtbot.waitUntil(lambda: opened.sales.value == "157.00" and opened.is_complete)


def test_an_empty_shop_says_that_nothing_was_sold(qtbot: QtBot, context: Context, show: Show) -> None:
    screen = show(StatisticsScreen(context))
    qtbot.waitUntil(screen.chart.nothing.isVisible)
    assert screen.sales.accessibleName() == "Sales: 0.00"
    assert screen.kinds.nothing.isVisible()
    assert not screen.kinds.table.isVisible()


def test_what_is_sold_meanwhile_is_counted_at_once(
    qtbot: QtBot, busy: SampleShop, opened: StatisticsScreen, context: Context
) -> None:
    draft = busy.draft(DraftRow("Tea", "1", "3.00"))
    context.do(documents.issue, draft, owner=opened)
    qtbot.waitUntil(lambda: opened.sales.value == "153.00" and opened.is_complete)
    qtbot.waitUntil(lambda: chart(opened).bars[-1].value == 3_300)


def test_every_control_has_a_name_and_tab_comes_to_it(opened: StatisticsScreen) -> None:
    assert not unnamed_controls(opened)
    assert not unreachable_by_tab(opened)


def test_no_card_says_that_there_is_nothing_before_it_is_known(qtbot: QtBot, context: Context, show: Show) -> None:
    screen = StatisticsScreen(context)
    cards = screen.findChildren(ShareBars)
    assert [card.nothing.text() for card in cards] == [""] * 10
    show(screen)
    qtbot.waitUntil(lambda: screen.is_complete)
    assert [card.nothing.text() for card in cards] == ["Nothing in this period"] * 10


@pytest.mark.parametrize(("country", "days"), [("US", ["Sunday", "Monday"]), ("DE", ["Monday", "Sunday"])])
def test_weekdays_are_in_the_order_of_the_shops_country(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, country: str, days: list[str]
) -> None:
    context.set_shop(replace(context.shop, seller=replace(context.shop.seller, country=country)), context.symbols)
    sold(shop, "10.00", days_ago=1)
    sold(shop, "20.00")
    screen = show(StatisticsScreen(context))
    qtbot.waitUntil(lambda: screen.is_complete)
    assert [row[0] for row in cells(screen.weekdays)] == days


def test_a_row_by_hour_weekday_cashier_or_department_opens_its_documents(
    opened: StatisticsScreen, navigation: NavigationSpy, context: Context
) -> None:
    for shares, field in (
        (opened.hours, "hour"),
        (opened.weekdays, "weekday"),
        (opened.departments, "department"),
        (opened.cashiers, "cashier_key"),
    ):
        share = next(share for share in shares.model.rows if share.find is not None)
        shares.table.opened.emit(share)
        name, find = navigation.last
        assert name == "documents_wanted"
        assert getattr(find, field) is not None
    assert navigation.last[1].cashier_key == context.actor.staff.key


def test_hours_weekdays_cashiers_and_departments_add_up_and_export_as_numbers(
    opened: StatisticsScreen,
) -> None:
    for shares in (opened.hours, opened.weekdays, opened.cashiers, opened.departments):
        assert sum(Decimal(row[2]) for row in cells(shares)) == 150
    assert [row[0] for row in cells(opened.cashiers)] == ["Ada"]
    assert [row[0] for row in cells(opened.departments)] == ["Without a department"]
    whole = opened.kinds.exported("By kind")
    found = whole.query(None, after=None, limit=10)
    assert [whole.row(one) for one in found] == [("Receipt", 2, Decimal("110.00")), ("Invoice", 1, Decimal("40.00"))]
    bars = opened.chart.exported()
    sold = [str(bars.row(bar)[2]) for bar in bars.query(None, after=None, limit=100)]
    assert sum(map(Decimal, sold)) == 150
