"""The page of this till's prints: what waits, what was printed, and what a cashier has to look at."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.print_job import STUCK, DocumentPrint, PrintState
from shopdesk.queries import print_jobs as ask
from shopdesk.ui.base import print_words, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_title, counted, tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.documents.prints_model import PrintsModel
from shopdesk.ui.widgets.buttons import Button, LinkButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState, Head
from shopdesk.ui.widgets.table import ChoosingTable, RowAct
from shopdesk.usecases import print_jobs

_OPEN = STUCK | {PrintState.QUEUED, PrintState.SENDING}


class PrintsScreen(FocusedPage):
    """The list of prints of this till, each with what a cashier can do about it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Prints"))
        self._context = context
        self._is_stale = True
        self.state = QComboBox()
        self.state.setAccessibleName(tr("State"))
        self.state.addItem(tr("All states"), frozenset())
        self.state.addItem(tr("Not printed"), _OPEN)
        for state in PrintState:
            self.state.addItem(as_title(print_words.print_state(state).word), frozenset({state}))
        self.model = PrintsModel(context, parent=self)
        self.table = ChoosingTable(tr("Prints"), keep="prints", many=True)
        self.table.show_model(self.model)
        self.table.acts = self._acts
        self.again = Button(tr("Print again"), lambda: self._print_again(self._left()), icon="print")
        self.settle = Button(tr("Not needed"), lambda: self._settle(self._left()), icon="done")
        self.table.selected_rows_changed.connect(self._enable)
        self.table.chosen.connect(lambda _: self._enable())
        self.foot = Label(role="small")
        self.empty = EmptyState(
            "print", tr("No prints yet"), tr("What this till prints appears here, with what became of it.")
        )
        self._lay_out()
        self.begin_at(self.table)
        self.state.currentIndexChanged.connect(lambda _: self._read())
        self.table.opened.connect(lambda job: context.navigation.open_document(job.document_key))
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        context.background.changed.connect(self._on_changed)
        shortcuts.bind(self, "refresh", self.model.refresh)

    def _lay_out(self) -> None:
        head = Head(tr("Prints of till {till}", till=self._context.actor.till.name))
        messages = LinkButton(tr("Messages"), lambda: self._context.navigation.show_page(Page.MESSAGES))
        head.add(messages)
        head.add(self.again)
        head.add(self.settle)
        head.add(self.state)
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        page = QVBoxLayout(self)
        page.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        page.setSpacing(tokens.M)
        page.addWidget(head)
        page.addWidget(body, 1)
        page.addWidget(self.foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._is_stale = False
            self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "print_jobs" in tables:
            self._is_stale = not self.isVisible()
            if not self._is_stale:
                self.model.refresh()

    def _read(self) -> None:
        self.model.show(ask.page, till_key=self._context.actor.till.key, states=self.state.currentData())

    def _on_read(self) -> None:
        rows = self.model.rows
        text = counted(len(rows), "{count} print", "{count} prints")
        if rows and not self.model.is_whole:
            count = self._context.format.count(len(rows))
            text = tr("Showing the first {count}. Scroll for more.", count=count)
        self.foot.setText(text if rows else " ")
        if self.state.currentData():
            self.empty.set_text(tr("Nothing found"), tr("No print is in this state."))
        else:
            self.empty.set_text(tr("No prints yet"), tr("What this till prints appears here, with what became of it."))
        self._body.setCurrentWidget(self.table if rows else self.empty)
        if rows and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._enable()

    # --- acting ---

    def _enable(self) -> None:
        left = self._left() if self.model.rows else ()
        for button in (self.again, self.settle):
            button.setEnabled(bool(left))
            button.setToolTip("" if left else tr("This print is done, or on its way."))

    def _left(self) -> tuple[DocumentPrint, ...]:
        """Return those of the selected prints that a cashier can do something about."""
        return tuple(filter(_is_left, self.table.selected))

    def _acts(self, rows: tuple[DocumentPrint, ...]) -> tuple[RowAct, ...]:
        left = tuple(filter(_is_left, rows))
        why_not = "" if left else tr("This print is done, or on its way.")
        again = RowAct(label=tr("Print again"), icon="print", act=lambda: self._print_again(left), why_not=why_not)
        settle = RowAct(label=tr("Not needed"), icon="done", act=lambda: self._settle(left), why_not=why_not)
        return again, settle

    def _print_again(self, jobs: tuple[DocumentPrint, ...]) -> None:
        """Print again; ask first if a customer may have the paper already."""
        unclear = [job for job in jobs if not job.printed_nothing]
        if not unclear:
            self._each(jobs)
            return
        question = ConfirmDialog(
            tr("Print it again?"),
            text=tr("It is unclear what is on paper. What is printed again is marked as a copy."),
            facts=[(tr("Document"), job.title) for job in unclear],
            yes=tr("Print again"),
            parent=self.window(),
        )
        question.ask(lambda: self._each(jobs))

    def _each(self, jobs: tuple[DocumentPrint, ...]) -> None:
        for job in jobs:
            self._context.do(
                print_jobs.print_again, job.key, owner=self, then=lambda _: self._context.ports.printing.resume()
            )

    def _settle(self, jobs: tuple[DocumentPrint, ...]) -> None:
        for job in jobs:
            self._context.do(print_jobs.settle, job.key, owner=self)


def _is_left(job: DocumentPrint) -> bool:
    return job.is_stuck or job.state is PrintState.QUEUED
