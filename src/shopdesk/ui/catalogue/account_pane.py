"""A customer's account: the balance and what is open, and the dialog for statements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.customer import Balance, Customer
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.statement import Statement
from shopdesk.message_catalogues import mark
from shopdesk.queries import customer_accounts as ask
from shopdesk.queries.customer_accounts import OpenDocument
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.catalogue.customers_model import OpenModel, balance_in_words
from shopdesk.ui.output.export import ask_where, save_bytes
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.date_field import FilterDate
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.table import Table
from shopdesk.usecases.statements_by_mail import send_statement

_TABLES = frozenset({"documents", "payments", "customers"})
_ROWS = 5
_WAIT_MS = 100
"""The time after the last change of the period until the statement is read."""


class AccountPane(QWidget):
    """The balance of a customer, the open documents, and the button for a statement."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._customer: Customer | None = None
        self.balance = Label(role="strong", wrap=True)
        self.model = OpenModel(context, parent=self)
        self.table = Table(tr("Open items"))
        self.table.setProperty("role", "bare")
        self.table.show_model(self.model)
        self.table.opened.connect(self._on_opened)
        self.empty = EmptyState("done", tr("Nothing open"))
        self.empty.hide()
        self.statement = Button(tr("Statement …"), self._on_statement, icon="document")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addWidget(self.balance)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.statement)
        foot.addStretch(1)
        column.addLayout(foot)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        context.background.changed.connect(self._on_changed)

    def show_customer(self, customer: Customer) -> None:
        """Show the account of this customer, once the pane is in sight."""
        self._customer = customer
        if self.isVisible():
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the account, which may have changed."""
        super().showEvent(event)
        self._ask()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES and self.isVisible():
            self._ask()

    def _ask(self) -> None:
        customer, by = self._customer, self._context.actor
        may = self._context.may(Right.SELL)
        self.statement.setEnabled(may)
        if customer is None or not customer.name or not may:
            return

        def then(found: dict[UUID, Balance]) -> None:
            if customer is self._customer:
                said = balance_in_words(found[customer.key], self._context)
                self.balance.setText(said[:1].upper() + said[1:])

        self._context.ask(ask.balances, (customer.key,), by=by, owner=self, then=then, failed=lambda _: None)
        self.model.show(ask.open_documents, customer_key=customer.key, by=by)

    def _on_read(self) -> None:
        self.table.setVisible(bool(self.model.rows))
        self.empty.setVisible(not self.model.rows)

    def _on_opened(self, row: OpenDocument) -> None:
        self._context.navigation.open_document(row.key)

    def _on_statement(self) -> None:
        if self._customer is not None:
            StatementDialog(self._context, self._customer, parent=self.window()).open()


_PERIODS = (
    ("month", mark("This month")),
    ("last month", mark("Last month")),
    ("quarter", mark("Last quarter")),
    ("year", mark("This year")),
    ("own", mark("Own range")),
)


def period(name: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a period by its name in ``_PERIODS``."""
    first = today.replace(day=1)
    if name == "last month":
        last = first - timedelta(days=1)
        return last.replace(day=1), last
    if name == "quarter":
        begun = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
        last = begun - timedelta(days=1)
        return date(last.year, last.month - 2, 1), last
    return (date(today.year, 1, 1) if name == "year" else first), today


class StatementDialog(ConfirmDialog):
    """The statement of a period: its balances and what is open, to be saved as PDF or sent."""

    def __init__(self, context: Context, customer: Customer, *, parent: QWidget) -> None:
        super().__init__(
            tr("Statement for {name}", name=customer.name), yes=tr("Save PDF"), no=tr("Close"), parent=parent
        )
        self._context = context
        self._customer = customer
        self._statement: Statement | None = None
        self._asked = 0
        room = parent.window().width() - 2 * tokens.XL
        self.setMinimumWidth(max(tokens.READING, min(room, tokens.KEY_SHEET.width() - tokens.DETAILS)))
        choices = [(name, tr_marked(word)) for name, word in _PERIODS]
        self.period = ChoiceField(tr("Period"), choices, name="period", compact=True)
        self.since = FilterDate(context, tr("From"), context.today())
        self.until = FilterDate(context, tr("Until"), context.today())
        self.opening, self.closing = Label(role="strong"), Label(role="strong")
        self.ages = [Label() for _ in range(4)]
        self.model = OpenModel(context, parent=self)
        self.table = Table(tr("Open items"))
        self.table.show_model(self.model)
        self.table.setFixedHeight((_ROWS + 1) * tokens.ROW)
        self.said = MessageLine()
        self.mail = Button(tr("Send by e-mail"), self._on_mail, icon="send")
        self.answers.insertWidget(0, self.mail)
        self._lay_out()
        self._pause = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._pause.timeout.connect(self._ask)
        self.period.edited.connect(self._on_period)
        for day in (self.since, self.until):
            day.picked.connect(self._on_day)
        self.table.opened.connect(self._on_opened)
        self.model.show(ask.open_documents, customer_key=customer.key, by=context.actor)
        self.model.failed.connect(context.report_unanswered)
        self._offer()
        self._on_period()

    def _lay_out(self) -> None:
        days = QHBoxLayout()
        days.setSpacing(tokens.M)
        days.addWidget(self.period, 1)
        for name, day in ((tr("From"), self.since), (tr("Until"), self.until)):
            column = QVBoxLayout()
            column.setSpacing(tokens.XS)
            column.addWidget(Label(name, "label"))
            column.addWidget(day)
            column.addStretch(1)
            days.addLayout(column)
        facts = QGridLayout()
        facts.setHorizontalSpacing(tokens.L)
        facts.setVerticalSpacing(tokens.XS)
        names = (tr("At the beginning"), tr("At the end"))
        ages = (tr("0–30 days late"), tr("31–60"), tr("61–90"), tr("over 90"))
        for at, (name, value) in enumerate(zip((*names, *ages), (self.opening, self.closing, *self.ages), strict=True)):
            facts.addWidget(Label(name, "label"), 0, at)
            facts.addWidget(value, 1, at)
        for part in (days, facts):
            self.body.addLayout(part)
        self.body.addWidget(Label(tr("Open today"), "label"))
        self.body.addWidget(self.table)
        self.body.addWidget(self.said)

    # --- the period ---

    def _on_period(self) -> None:
        if self.period.text() != "own":
            for edit, day in zip(
                (self.since, self.until), period(self.period.text(), self._context.today()), strict=True
            ):
                edit.set_date(day)
        self._pause.start()

    def _on_day(self) -> None:
        self.period.set_text("own")
        self._pause.start()

    def _ask(self) -> None:
        self._asked += 1
        asked = self._asked
        self._statement = None
        self._offer()

        def then(statement: Statement) -> None:
            if asked == self._asked:
                self._statement = statement
                self._show(statement)

        self._context.ask_slow(
            ask.statement,
            self._customer.key,
            since=self.since.chosen,
            until=self.until.chosen,
            by=self._context.actor,
            owner=self,
            then=then,
            failed=self._on_failed,
        )

    def _show(self, statement: Statement) -> None:
        amount = self._context.format.amount
        for label, minor in zip(
            (self.opening, self.closing, *self.ages),
            (statement.opening, statement.closing, *statement.ageing),
            strict=True,
        ):
            label.setText(amount(minor))
        count = counted(len(statement.lines), "{count} line", "{count} lines")
        to = statement.buyer.email
        where = tr("E-mail goes to {address}.", address=to) if to else tr("The customer has no e-mail address.")
        self.said.show_state(StatusLook(f"{count}. {where}", "info", Tone.SOFT))
        self._offer()

    def _offer(self) -> None:
        statement = self._statement
        self.yes.setEnabled(statement is not None)
        self.mail.setEnabled(statement is not None and bool(statement.buyer.email))

    # --- saving and sending ---

    def accept(self) -> None:
        """Ask where to save the PDF; the dialog stays open."""
        if self._statement is not None:
            title, until = tr("Statement"), self._statement.until.isoformat()
            name = f"{title} {self._customer.name} {until}.pdf"
            ask_where(tr("Save PDF"), name.replace("/", "-"), ["PDF (*.pdf)"], self, self.save_to)

    def save_to(self, path: Path) -> None:
        """Save the statement as PDF."""

        def saved(_: object) -> None:
            self.said.show_state(StatusLook(tr("Saved: {file}", file=str(path)), "good", Tone.GOOD))

        self._context.background.run_in_pool(
            _write, self._statement, path, self._context.now(), owner=self, then=saved, failed=self._on_failed
        )

    def _on_mail(self) -> None:
        self.mail.setEnabled(False)

        def queued(address: str) -> None:
            self._context.navigation.resume_sending()
            self.said.show_state(StatusLook(tr("On its way to {address}", address=address), "good", Tone.GOOD))

        self._context.do(
            send_statement,
            self._customer.key,
            since=self.since.chosen,
            until=self.until.chosen,
            owner=self,
            then=queued,
            failed=self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, (Refused, Unavailable)):
            self.said.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self._context.report_error(error)

    def _on_opened(self, row: OpenDocument) -> None:
        self.reject()
        self._context.navigation.open_document(row.key)


def _write(statement: Statement, path: Path, made_at: datetime) -> None:
    from shopdesk.render.statement_pdf import statement_pdf

    save_bytes(path, statement_pdf(statement, made_at=made_at))
