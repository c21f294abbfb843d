"""The statistics page: the figures of a period against the previous one, a chart, and breakdowns.

Every figure, bar and row opens the documents behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.money import Money, rounded
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import TaxRate
from shopdesk.message_catalogues import mark
from shopdesk.queries.statistics import CustomerType, CustomerTypeSales, PartSales, RankedSales, TaxSales
from shopdesk.render.formatting import first_weekday
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.statistics.chart_card import ChartCard
from shopdesk.ui.statistics.figure_card import FigureCard
from shopdesk.ui.statistics.period import PeriodPicker
from shopdesk.ui.statistics.share_bars import Share, ShareBars
from shopdesk.ui.statistics.statistics_data import ORDERS, StatisticsData, find, read, usual_step
from shopdesk.ui.widgets.buttons import LinkButton
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Column, EmptyState, Head, Scroll

_TABLES = frozenset({"documents", "payments", "customers"})
_BEST = 10
_FEW = 4
_SOME = 6
_WEEK = 7
_MANY = 10
_LARGE = 100_000
"""The amount in whole units from which a figure is shown without decimals."""
_CUSTOMS = {
    CustomerType.NEW: mark("New"),
    CustomerType.RETURNING: mark("Returning"),
    CustomerType.WALK_IN: mark("Walk-ins"),
}


class StatisticsScreen(FocusedPage):
    """The page, or for roles without the right a notice that explains it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Statistics"))
        self._context = context
        self._is_stale = True
        self._asked = 0
        self.report: StatisticsData | None = None
        self._left: Iterator[None] = iter(())
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._show_next)
        self._make()
        self._not_for_them = EmptyState("lock", tr("You do not have access to statistics"))
        self._body = QStackedLayout(self)
        self._body.addWidget(self._not_for_them)
        self._body.addWidget(self._page())
        self.begin_at(self.period)
        self.period.changed.connect(self._on_period)
        self.chart.step_changed.connect(self._read)
        self.chart.opened.connect(self._on_bar)
        context.background.changed.connect(self._on_changed)
        context.shop_changed.connect(lambda: self._on_changed(_TABLES))
        context.actor_changed.connect(self._on_actor)
        shortcuts.bind(self, "refresh", self._read)
        self._on_actor()

    @property
    def is_complete(self) -> bool:
        """True once every card shows the report."""
        return self.report is not None and not self._turns.isActive()

    # --- building the page ---

    def _make(self) -> None:
        context = self._context
        self.period = PeriodPicker(context)
        self.reports = LinkButton(tr("Reports"), context.navigation.show_reports, icon="document")
        self.compared = Label(role="soft", wrap=True)
        self.sales = FigureCard(tr("Sales"), self._find)
        self.orders = FigureCard(tr("Orders"), lambda: self._find(kinds=ORDERS))
        self.customers = FigureCard(tr("Customers who bought"), lambda: self._find(kinds=ORDERS))
        self.average = FigureCard(tr("Average order"), lambda: self._find(kinds=ORDERS))
        self.chart = ChartCard(context, usual_step(self.period.span))
        documents, orders = tr("Documents"), tr("Orders")
        self.kinds = ShareBars(context, tr("By kind"), name=tr("Kind"), count=documents, rows=_FEW)
        self.methods = ShareBars(context, tr("By payment"), name=tr("Paid by"), count=tr("Payments"), rows=_SOME)
        self.taxes = ShareBars(context, tr("By tax rate"), name=tr("Rate"), count=tr("Tax"), rows=_SOME)
        self.customs = ShareBars(context, tr("New and returning"), name=tr("Customers"), count=orders, rows=_FEW)
        self.hours = ShareBars(context, tr("By hour"), name=tr("Hour"), count=orders, rows=_WEEK)
        self.weekdays = ShareBars(context, tr("By weekday"), name=tr("Weekday"), count=orders, rows=_WEEK)
        self.cashiers = ShareBars(context, tr("By cashier"), name=tr("Cashier"), count=orders, rows=_SOME)
        self.departments = ShareBars(
            context, tr("By department"), name=tr("Department"), count=tr("Quantity"), rows=_SOME
        )
        self.best_customers = ShareBars(context, tr("Best customers"), name=tr("Customer"), count=orders, rows=_BEST)
        self.best_items = ShareBars(context, tr("Best items"), name=tr("Item"), count=tr("Quantity"), rows=_BEST)

    def _page(self) -> QWidget:
        page = Column()
        page.column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        head = Head(tr("Statistics"))
        head.add(self.period)
        top = QVBoxLayout()
        top.setSpacing(0)
        top.addWidget(head)
        below = QHBoxLayout()
        below.addWidget(self.compared, 1)
        below.addWidget(self.period.own)
        below.addWidget(self.reports)
        top.addLayout(below)
        page.add(top)
        figures = QHBoxLayout()
        figures.setSpacing(tokens.M)
        for card in (self.sales, self.orders, self.customers, self.average):
            figures.addWidget(card, 1)
        page.add(figures)
        page.add(self.chart)
        parts = QGridLayout()
        parts.setSpacing(tokens.L)
        pairs = (
            (self.kinds, self.customs),
            (self.methods, self.taxes),
            (self.cashiers, self.departments),
            (self.hours, self.weekdays),
            (self.best_customers, self.best_items),
        )
        for row, pair in enumerate(pairs):
            for column, shares in enumerate(pair):
                parts.addWidget(shares, row, column)
        for at in range(parts.columnCount()):
            parts.setColumnStretch(at, 1)
        page.add(parts)
        page.column.addStretch(1)
        return Scroll(page)

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed."""
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def _on_actor(self) -> None:
        """Show the figures to a person with the right to see them, and the notice to others."""
        role = display_names.role(self._context.actor.staff.role)
        self._not_for_them.set_text(
            tr("You do not have access to statistics"),
            tr("Your role ({role}) does not include them. The owner assigns roles in Settings, People.", role=role),
        )
        self._is_stale = True
        self._body.setCurrentIndex(int(self._context.may(Right.STATISTICS)))
        if self.isVisible():
            self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES:
            self._is_stale = True
            if self.isVisible():
                self._read()

    def _on_period(self) -> None:
        self.chart.show_step(usual_step(self.period.span))
        self._read()

    def _read(self) -> None:
        if not self._context.may(Right.STATISTICS):
            return
        self._is_stale = False
        self._asked += 1
        asked = self._asked

        def then(report: StatisticsData) -> None:
            if asked == self._asked:  # ignore the answer to an older query
                self._show(report)

        span, step, by = self.period.span, self.chart.step, self._context.actor
        first = first_weekday(self._context.shop.locale)
        self._context.ask_slow(
            read, span=span, step=step, by=by, first_weekday=first, owner=self, then=then, failed=self._on_failed
        )

    def _on_failed(self, error: Exception) -> None:
        self._is_stale = True
        self._context.report_unanswered(error)

    # --- showing ---

    def _show(self, report: StatisticsData) -> None:
        self.report = report
        self._show_figures(report)
        self.chart.show_report(report)
        self._left = self._fill_parts(report)
        self._turns.start()

    def _show_next(self) -> None:
        """Fill the next card: one at a time, so that keys and clicks wait for one only."""
        is_done = next(self._left, True)
        if is_done:
            self._turns.stop()

    def _show_figures(self, report: StatisticsData) -> None:
        now, before, context = report.overview, report.overview.before or report.overview, self._context
        compared = tr("Compared with {days}.", days=self._days(*report.span.against))
        said = tr(
            "{days}, compared with {then}: {others}",
            days=self._days(report.span.since, report.span.until),
            then=report.span.then,
            others=self._days(*report.span.against),
        )
        if report.as_of is not None:
            said = tr(
                "{said}. The standby server is behind: figures as of {moment}.",
                said=said,
                moment=context.format.instant(report.as_of),
            )
        self.compared.setText(said)
        taxes = tr("Net {net}, tax {tax}.", net=context.format.money(now.net), tax=context.format.money(now.tax))
        for card, value, figure, then, tip in (
            (self.sales, self._short(now.sales), now.sales.minor, before.sales.minor, f"{taxes} {compared}"),
            (self.orders, context.format.count(now.orders), now.orders, before.orders, compared),
            (self.customers, context.format.count(now.customers), now.customers, before.customers, compared),
            (self.average, self._short(now.average), now.average.minor, before.average.minor, compared),
        ):
            change, tone, icon = self._change(figure, then)
            card.show_figure(value, change, tone=tone, icon=icon)
            card.setToolTip(tip)

    def _days(self, first: date, last: date) -> str:
        day = self._context.format.day
        return day(first) if first == last else tr("{first} – {last}", first=day(first), last=day(last))

    def _change(self, now: int, then: int) -> tuple[str, Tone, str]:
        """Return how a figure compares with the previous period: text, tone, icon."""
        if then <= 0:
            return (tr("nothing before") if now else ""), Tone.SOFT, ""
        if now > _MANY * then:
            return tr("{count} times as much", count=self._context.format.count(rounded(now, then))), Tone.GOOD, "up"
        change = rounded((now - then) * 100, then)
        percent = self._context.format.percent(abs(change) * 1000)
        if change > 0:
            return tr("{percent} more than before", percent=percent), Tone.GOOD, "up"
        if change < 0:
            return tr("{percent} less than before", percent=percent), Tone.SOFT, "down"
        return tr("the same as before"), Tone.SOFT, "level"

    def _short(self, amount: Money) -> str:
        """Format an amount to fit its card: a large one without decimals."""
        whole = rounded(amount.minor, amount.currency.scale)
        return self._context.format.count(whole) if abs(whole) >= _LARGE else self._context.format.amount(amount.minor)

    def _fill_parts(self, report: StatisticsData) -> Iterator[None]:
        """Fill the cards below the chart, and yield after each."""
        context, total = self._context, report.overview.sales.minor
        self.kinds.show_shares(
            [
                self._share(
                    report, display_names.kind(one.kind), one.count, one.gross, total, kinds=frozenset({one.kind})
                )
                for one in report.kinds
            ]
        )
        yield
        self.customs.show_shares(
            [
                self._share(report, self._named(one), one.orders, one.gross, total, kinds=ORDERS)
                for one in report.customs
                if one.orders or one.gross
            ]
        )
        yield
        self.methods.show_shares(self._settled(report))
        yield
        self.taxes.show_shares([self._tax(report, one) for one in report.taxes])
        yield
        self.cashiers.show_shares(
            [self._part(report, one, str(one.part), total, total, cashier_key=one.key) for one in report.cashiers]
        )
        yield
        self.departments.show_shares([self._department(report, one) for one in report.departments])
        yield
        most = max((one.gross.minor for one in report.hours), default=0)
        self.hours.show_shares(
            [
                self._part(report, one, self._hour(int(one.part)), total, most, hour=int(one.part))
                for one in report.hours
            ]
        )
        yield
        self.weekdays.show_shares(self._in_week(report))
        yield
        self.best_customers.show_shares(
            self._best(
                report, [(one, context.format.count(one.count), {"customer_key": one.key}) for one in report.customers]
            )
        )
        yield
        self.best_items.show_shares(
            self._best(report, [(one, context.format.quantity(one.count), {"item": one.name}) for one in report.items])
        )

    def _tax(self, report: StatisticsData, one: TaxSales) -> Share:
        share = self._share(report, self._rate(one.rate), 0, one.gross, report.overview.sales.minor)
        count = self._context.format.amount(one.tax.minor)
        return replace(share, count=count, cells=(_major(one.tax), _major(one.gross)))

    def _department(self, report: StatisticsData, one: RankedSales) -> Share:
        name, total = one.name or tr("Without a department"), report.overview.sales.minor
        share = self._share(report, name, 0, one.gross, total, department=one.name)
        count = self._context.format.quantity(one.count)
        return replace(share, count=count, cells=(Decimal(one.count).scaleb(-3), _major(one.gross)))

    def _in_week(self, report: StatisticsData) -> list[Share]:
        """Return the weekdays on which something was sold, from the first day of the shop's week on."""
        total, first = report.overview.sales.minor, first_weekday(self._context.shop.locale)
        most = max((one.gross.minor for one in report.weekdays), default=0)
        in_order = sorted(report.weekdays, key=lambda one: (int(one.part) - first) % 7)
        return [
            self._part(report, one, display_names.weekday(int(one.part)), total, most, weekday=int(one.part))
            for one in in_order
            if one.orders or one.gross
        ]

    def _part(self, report: StatisticsData, one: PartSales, name: str, whole: int, longest: int, **more: Any) -> Share:
        return Share(
            name=name,
            count=self._context.format.count(one.orders),
            amount=self._context.format.amount(one.gross.minor),
            share=_thousandths(one.gross.minor, whole),
            length=_thousandths(one.gross.minor, longest),
            find=find(report.span, **more),
            cells=(one.orders, _major(one.gross)),
        )

    def _hour(self, hour: int) -> str:
        """Return an hour as people write it: “09:00”, “9:00 AM”."""
        return display_names.hour(hour, self._context.language)

    def _settled(self, report: StatisticsData) -> list[Share]:
        """Return the payments, and what else the sales came to: not paid yet, and cash rounding."""
        total, settled = report.overview.sales.minor, report.settlement
        # A payment may belong to a document of another day, or to one that was voided later.
        shares = [
            self._share(
                report, display_names.method(one.method), one.count, one.amount, total, paid_by=one.method, **_ALL
            )
            for one in report.methods
        ]
        owed = settled.outstanding
        unpaid = owed.minor > 0
        rest: tuple[tuple[str, Money, dict[str, Any]], ...] = (
            (tr("Not paid yet") if unpaid else tr("Paid for earlier sales"), owed, {"unpaid": unpaid}),
            (tr("Cash rounding"), -settled.rounding, {"paid_by": Method.CASH, **_ALL}),
        )
        shares += [
            replace(self._share(report, name, 0, amount, total, **more), count="")
            for name, amount, more in rest
            if amount
        ]
        return shares

    def _rate(self, rate: TaxRate) -> str:
        """Return the name that the shop gave a rate, with its percentage."""
        percent = self._context.format.percent(rate.milli)
        name = next((tax.name for tax in self._context.shop.taxes if tax.rate == rate), "")
        return f"{name} {percent}" if name else percent

    def _named(self, entry: CustomerTypeSales) -> str:
        name = tr_marked(_CUSTOMS[entry.custom])
        return (
            name if entry.custom is CustomerType.WALK_IN else f"{name}: {self._context.format.count(entry.customers)}"
        )

    def _share(self, report: StatisticsData, name: str, count: int, amount: Money, whole: int, **more: Any) -> Share:
        share = _thousandths(amount.minor, whole)
        return Share(
            name=name,
            count=self._context.format.count(count),
            amount=self._context.format.amount(amount.minor),
            share=share,
            length=share,
            find=find(report.span, **more),
            cells=(count, _major(amount)),
        )

    def _best(self, report: StatisticsData, entries: Sequence[tuple[RankedSales, str, dict[str, Any]]]) -> list[Share]:
        """Return the best entries as rows; the bar of the first is full length."""
        total = report.overview.sales.minor
        longest = entries[0][0].gross.minor if entries else 0
        return [
            Share(
                name=entry.name or tr("Erased customer"),
                count=count,
                amount=self._context.format.amount(entry.gross.minor),
                share=_thousandths(entry.gross.minor, total),
                length=_thousandths(entry.gross.minor, longest),
                find=find(report.span, **more),
                cells=(entry.count if entry.key else Decimal(entry.count).scaleb(-3), _major(entry.gross)),
            )
            for entry, count, more in entries
        ]

    # --- opening other pages ---

    def _find(self, **more: Any) -> None:
        if self.report is not None:
            self._context.navigation.find_documents(find(self.report.span, **more))

    def _on_bar(self, at: int) -> None:
        if self.report is not None:
            since, until = self.report.days(at)
            self._find(since=since, until=until)


_ALL: dict[str, Any] = {"kinds": frozenset(), "states": frozenset()}


def _major(amount: Money) -> Decimal:
    return Decimal(amount.minor).scaleb(-amount.currency.digits)


def _thousandths(part: int, whole: int) -> int:
    return rounded(max(part, 0) * 1000, whole) if whole > 0 else 0
