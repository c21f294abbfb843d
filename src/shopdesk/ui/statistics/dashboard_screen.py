"""The dashboard: figures of the shop, the latest documents, and the button for a new document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.document import Kind
from shopdesk.domain.money import Money, rounded
from shopdesk.message_catalogues import mark
from shopdesk.queries import accounts, dashboard, print_jobs
from shopdesk.queries.dashboard import DaySales, Figures
from shopdesk.queries.documents import DocumentFilter, DocumentSummary
from shopdesk.queries.print_jobs import PrintTrouble
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, tr_marked
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.ports import Backups
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.documents_model import KINDS_OF_ORDER, LATEST, LatestModel
from shopdesk.ui.statistics.figure_card import FigureCard
from shopdesk.ui.statistics.first_steps import FirstSteps
from shopdesk.ui.statistics.sparkline import Sparkline, SparklineBar
from shopdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.page_parts import Card, EmptyState, Head, set_margins
from shopdesk.ui.widgets.table import Table

_TABLES = frozenset({"documents", "payments", "outbox", "customers", "day_sales"})
_OF_FIRST_STEPS = frozenset({"products", "shop", "accounts"})
"""The tables the page is read from; it is read again when one of them changes."""
_REFRESH_MS = 30_000
"""Interval at which relative times (“2 min ago”) and the greeting are updated, in milliseconds."""
_WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
_MILLION = 1_000_000


class DashboardScreen(QWidget):
    """Figures, the latest documents and the sales of the last 14 days; each opens the documents behind it."""

    shown = Signal()  # emitted once both the figures and the documents are on the page

    def __init__(self, context: Context, parent: QWidget | None = None, *, shift_card: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.shift = shift_card
        self._is_stale = True
        self._days: tuple[DaySales, ...] = ()
        self._waiting: set[str] = set()
        self.head = Head("")
        self.create_invoice = Button(tr("New invoice"), self._create, icon="document", shortcut="new invoice")
        self.create_invoice.setAccessibleName(tr("Create invoice"))
        self.new_sale = PrimaryButton(tr("New sale"), context.navigation.new_document, icon="new", shortcut="new")
        self.waiting = LinkButton("", lambda: context.navigation.show_section(tr("People")), icon="people")
        self.head.add(self.waiting)
        self.waiting.hide()
        self.prints = LinkButton("", context.navigation.show_prints, icon="print")
        self.head.add(self.prints)
        self.prints.hide()
        self.head.add(self.create_invoice)
        self.head.add(self.new_sale)
        self.reminder = _Reminder(lambda: context.navigation.show_section("Backup"))
        self.head.add_after_title(self.reminder)
        self._make_figures()
        self.model = LatestModel(context, parent=self)
        self.latest = Table(tr("Latest documents"))
        self.latest.setProperty("role", "bare")
        self.latest.show_model(self.model)
        self.latest.setFixedHeight((LATEST + 1) * tokens.ROW + tokens.RING)
        self.latest.opened.connect(self._on_opened)
        self.chart = Sparkline(tr("Sales of the last 14 days"))
        self.chart.opened.connect(self._on_day)
        self._lay_out()
        self.setFocusProxy(self.new_sale)
        self.model.read.connect(lambda: self._arrived("latest"))
        self.model.failed.connect(self._on_failed)
        context.background.changed.connect(self._on_changed)
        context.shop_changed.connect(self._refresh)
        context.actor_changed.connect(self._greet)
        self._clock = QTimer(self, interval=_REFRESH_MS)
        self._clock.timeout.connect(self._on_clock)
        self._greet()

    # --- building the page ---

    def _make_figures(self) -> None:
        context = self._context
        self.sales = FigureCard(tr("Sales today"), lambda: self._find(since=context.today(), until=context.today()))
        self.orders = FigureCard(tr("Orders"), lambda: self._find(kinds=KINDS_OF_ORDER))
        self.customers = FigureCard(tr("Customers"), lambda: context.navigation.show_page(Page.CUSTOMERS))
        self.unpaid = FigureCard(tr("Unpaid"), lambda: self._find(unpaid=True))
        self.not_delivered = FigureCard(tr("Not delivered"), lambda: context.navigation.show_page(Page.MESSAGES))
        self.figures = (self.sales, self.orders, self.customers, self.unpaid, self.not_delivered)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.M, tokens.XL, tokens.M)
        column.setSpacing(tokens.M)
        column.addWidget(self.head)
        figures = QHBoxLayout()
        figures.setSpacing(tokens.M)
        for card in self.figures:
            figures.addWidget(card, 1)
        column.addLayout(figures)
        self.first_steps = FirstSteps(self._context)
        column.addWidget(self.first_steps)
        column.addWidget(self._latest_card())
        if self.shift is not None:
            column.addWidget(self.shift)
        self._chart_card = Card(spacing=tokens.S)
        self._chart_card.column.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.S)
        title = QHBoxLayout()
        title.addWidget(Label(tr("Sales, last 14 days"), "heading"))
        title.addStretch(1)
        self._sum = Label(role="soft")
        title.addWidget(self._sum)
        self._chart_card.add(title)
        self._chart_card.add(self.chart, 1)
        self._chart_card.setMaximumHeight(tokens.READING // 2)
        column.addWidget(self._chart_card, 1)
        column.addStretch()

    def _latest_card(self) -> Card:
        card = Card(margin=0, spacing=0)
        title = QHBoxLayout()
        set_margins(title, tokens.L, tokens.S, tokens.S, 0)
        title.addWidget(Label(tr("Latest documents"), "heading"))
        title.addStretch(1)
        self.view_all = LinkButton(tr("View all"), lambda: self._context.navigation.find_documents(DocumentFilter()))
        self.to_refund = LinkButton("", lambda: self._find(to_refund=True), icon="money")
        self.to_refund.hide()
        title.addWidget(self.to_refund)
        title.addWidget(self.view_all)
        card.add(title)
        self.empty = EmptyState(
            "receipt",
            tr("Nothing sold yet"),
            tr("Your latest documents will appear here, with their payment and delivery status."),
            (tr("First sale"), lambda: self._context.navigation.new_document(Kind.RECEIPT)),
        )
        card.add(self.latest)
        card.add(self.empty)
        self.empty.hide()
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return card

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        self._greet()
        self._check_backups()
        self._check_people()
        self._check_prints()
        self._clock.start()
        if self._is_stale:
            self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop the clock while the page is hidden."""
        super().hideEvent(event)
        self._clock.stop()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES:
            self._refresh()
        if "backups" in tables:
            self._check_backups()
        if "accounts" in tables:
            self._check_people()
        if "print_jobs" in tables:
            self._check_prints()
        if tables & _OF_FIRST_STEPS and self.first_steps.isVisible():
            self.first_steps.refresh()

    def _on_clock(self) -> None:
        self._greet()
        self.model.update_ages()
        if self._days and self._days[-1].on != self._context.today():
            self._refresh()  # midnight has passed

    def _refresh(self) -> None:
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        self._waiting = {"figures", "latest"}
        self._context.ask(
            dashboard.figures, today=self._context.today(), owner=self, then=self._show_figures, failed=self._on_failed
        )
        self.model.show_latest()

    def _check_people(self) -> None:
        """Read who waits to be let in, for the owner."""
        context = self._context
        if self.isVisible() and context.may(Right.PEOPLE):
            context.ask(
                accounts.waiting, by=context.actor, owner=self, then=self._show_waiting, failed=lambda _: None
            )  # a link that is not there is no fault

    def _show_waiting(self, names: tuple[str, ...]) -> None:
        many = counted(len(names), "{count} person waits to be let in", "{count} people wait to be let in")
        self.waiting.set_label(tr("{name} waits to be let in", name=names[0]) if len(names) == 1 else many)
        self.waiting.setVisible(bool(names))
        self.head.fit()

    def _check_prints(self) -> None:
        """Read which prints of this till a cashier has to look at."""
        context = self._context
        if self.isVisible():
            context.ask(
                print_jobs.trouble,
                context.actor.till.key,
                owner=self,
                then=self._show_prints,
                failed=context.report_unanswered,
            )

    def _show_prints(self, trouble: PrintTrouble) -> None:
        count = len(trouble.stuck)
        self.prints.set_label(counted(count, "{count} print needs a look", "{count} prints need a look"))
        self.prints.setVisible(count > 0)

    def _check_backups(self) -> None:
        """Read the state of the backups and show a reminder if one is due; hide it if they cannot be read."""
        context = self._context
        if self.isVisible():
            reach = context.background.run_in_pool
            reach(
                context.ports.backup.state,
                owner=self,
                then=self._show_backups,
                failed=lambda _: self.reminder.set_text(""),
            )

    def _show_backups(self, backups: Backups) -> None:
        context = self._context
        may_help = backups.is_file or context.may(Right.SETTINGS)
        self.reminder.set_text(display_names.backup_reminder(backups, now=context.now()) if may_help else "")

    def _on_failed(self, error: Exception) -> None:
        self._is_stale = True
        self._context.report_unanswered(error)

    def _arrived(self, what: str) -> None:
        if what == "latest":
            self.latest.setVisible(bool(self.model.rows))
            self.empty.setVisible(not self.model.rows)
            self.view_all.setVisible(bool(self.model.rows))
            self._chart_card.setVisible(bool(self.model.rows))
            if self.model.rows:
                self.first_steps.hide()
            else:
                self.first_steps.refresh()
        self._waiting.discard(what)
        if not self._waiting:
            self.shown.emit()

    # --- showing ---

    def _greet(self) -> None:
        greeting = display_names.greeting(self._context.actor.staff.name, self._context.now().astimezone())
        self.head.title.setText(greeting)
        self.head.fit()
        self.setAccessibleName(tr("Dashboard"))

    def _show_figures(self, figures: Figures) -> None:
        context = self._context
        self._show_sales(figures)
        self.orders.show_figure(
            context.format.count(figures.orders), tr("{count} today", count=context.format.count(figures.orders_today))
        )
        self.customers.show_figure(context.format.count(figures.customers))
        owed = counted(figures.unpaid_count, "{count} document", "{count} documents")
        self._show_money(self.unpaid, figures.unpaid, owed if figures.unpaid_count else tr("all paid"))
        self._show_to_refund(figures)
        look = display_names.not_delivered(figures.not_delivered)
        count = context.format.count(figures.not_delivered.total)
        self.not_delivered.show_figure(count, look.word, tone=look.tone, icon=look.icon)
        self._show_days(figures.last_days)
        self._arrived("figures")

    def _show_to_refund(self, figures: Figures) -> None:
        """Show what the shop owes its customers, while it owes anything."""
        returned = counted(figures.to_refund_count, "{count} document", "{count} documents")
        amount = self._context.format.money(figures.to_refund)
        self.to_refund.set_label(tr("To be refunded: {amount}, {documents}", amount=amount, documents=returned))
        self.to_refund.setVisible(figures.to_refund_count > 0)

    def _show_sales(self, figures: Figures) -> None:
        now, then = figures.sales_today.minor, figures.sales_same_weekday.minor
        day = tr_marked(_WEEKDAYS[self._context.today().weekday()])
        if then <= 0:
            self._show_money(self.sales, figures.sales_today, tr("no sales last {day}", day=day))
            return
        change = rounded((now - then) * 100, then)
        percent = self._context.format.percent(abs(change) * 1000)
        if change > 0:
            told, tone, icon = tr("{percent} more than last {day}", percent=percent, day=day), Tone.GOOD, "up"
        elif change < 0:
            told, tone, icon = tr("{percent} less than last {day}", percent=percent, day=day), Tone.SOFT, "down"
        else:
            told, tone, icon = tr("same as last {day}", day=day), Tone.SOFT, "level"
        self._show_money(self.sales, figures.sales_today, told, tone=tone, icon=icon)

    def _show_money(
        self, card: FigureCard, amount: Money, change: str, *, tone: Tone = Tone.SOFT, icon: str = ""
    ) -> None:
        card.show_figure(self._short(amount), change, tone=tone, icon=icon)
        card.setToolTip(self._context.format.money(amount, with_code=True))

    def _short(self, amount: Money) -> str:
        """Format an amount to fit its card: from 100,000 without decimals, from a thousand million in millions."""
        whole = rounded(amount.minor, amount.currency.scale)
        if abs(whole) >= 1000 * _MILLION:
            return tr("{millions} million", millions=self._context.format.count(rounded(whole, _MILLION)))
        return (
            self._context.format.count(whole)
            if abs(whole) >= _MILLION // 10
            else self._context.format.amount(amount.minor)
        )

    def _show_days(self, days: tuple[DaySales, ...]) -> None:
        self._days = days
        total = sum(day.gross.minor for day in days)
        self._sum.setText(
            tr("{amount} in total", amount=self._context.format.money(Money(total, days[-1].gross.currency)))
        )
        self.chart.show_bars([self._bar(day) for day in days])

    def _bar(self, day: DaySales) -> SparklineBar:
        amount = self._context.format.money(day.gross)
        orders = counted(day.orders, "{count} order", "{count} orders")
        told = tr("{day}: {amount}, {orders}", day=self._day(day.on), amount=amount, orders=orders)
        foot = (
            tr("Today") if day.on == self._context.today() else f"{tr_marked(_WEEKDAYS[day.on.weekday()])} {day.on.day}"
        )
        return SparklineBar(value=day.gross.minor, foot=foot, amount=amount, description=told)

    def _day(self, on: date) -> str:
        return f"{tr_marked(_WEEKDAYS[on.weekday()])}, {self._context.format.day(on)}"

    # --- opening other pages ---

    def _create(self) -> None:
        self._context.navigation.new_document(Kind.INVOICE)

    def _find(self, **find: object) -> None:
        self._context.navigation.find_documents(DocumentFilter(**find))  # type: ignore[arg-type]

    def _on_opened(self, row: DocumentSummary) -> None:
        self._context.navigation.open_document(row.key)

    def _on_day(self, at: int) -> None:
        on = self._days[at].on
        self._find(since=on, until=on)


class _Reminder(QWidget):
    """A one-line backup reminder beside the greeting; showing it does not move the page below."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.text = Label(role="soft")
        self.link = LinkButton(tr("Backup"), act)
        row = QHBoxLayout(self)
        set_margins(row, tokens.L, 0, 0, 0)
        row.setSpacing(tokens.S)
        row.addWidget(Drawing("warn", Tone.WARN))
        row.addWidget(self.text)
        row.addWidget(self.link)
        self.hide()

    def set_text(self, text: str) -> None:
        """Show the text; hide the reminder if it is empty."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
