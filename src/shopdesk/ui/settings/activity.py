"""Settings, Activity: who changed people, customers, prices, taxes and settings, when, from what and to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QStackedLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.queries import activity as ask
from shopdesk.queries.activity import ActivityEntry
from shopdesk.render.export import Cell
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import ExportSource
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.settings.activity_words import act, after, before, subject
from shopdesk.ui.widgets.page_parts import Card, EmptyState
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.section import Section, row
from shopdesk.ui.widgets.table import ChoosingTable

_ROWS = 11
"""The rows of the table in the smallest window."""


class ActivitySection(Section):
    """The list of changes, newest first; only for those who may change people."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Activity"),
            tr("Changes of people, customers, prices, taxes and settings, as the journal has them. Newest first."),
            right=Right.PEOPLE,
            is_wide=True,
        )
        self.export = ExportButton(context, self._listing)
        self.model = ActivityModel(context, parent=self)
        self.table = ChoosingTable(tr("Activity"))
        self.table.setProperty("role", "bare")
        self.table.setMinimumHeight(_ROWS * tokens.ROW)
        self.table.show_model(self.model)
        self.empty = EmptyState(
            "history",
            tr("No changes yet"),
            tr("A changed role, price, tax rate or setting appears here."),
        )
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        self.card = Card(margin=0)
        self.card.add(body)
        self.add(row(self.export))
        self.add(self.card)
        self.finish()
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        if not self.may:
            self.reason.set_text(tr("Only the owner can see this."))
            self.export.hide()
            self.card.hide()

    def refresh(self) -> None:
        """Read the list each time the section is opened."""
        if self.may:
            self.model.show(ask.page, by=self.context.actor)

    def _on_read(self) -> None:
        self._body.setCurrentWidget(self.table if self.model.rows else self.empty)
        self.export.setVisible(bool(self.model.rows))

    def _listing(self) -> ExportSource:
        head = (
            tr("When"), tr("Person"), tr("Approved by"), tr("Till"), tr("What"), tr("Of"), tr("From"), tr("To"),
        )  # fmt: skip
        return ExportSource(
            title=tr("Activity"),
            query=ask.page,
            given={"by": self.context.actor},
            head=head,
            row=partial(file_row, shown=self.context.format),
        )


class ActivityModel(PagedModel[ActivityEntry]):
    """All changes, newest first."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        columns: tuple[ColumnOf[ActivityEntry], ...] = (
            ColumnOf(title=tr("When"), text=lambda one: context.format.instant(one.at), width=168),
            ColumnOf(title=tr("Person"), text=lambda one: one.by_name, tip=_where, width=92, rank=1),
            ColumnOf(title=tr("What"), text=lambda one: act(one.act), width=116),
            _in_words(tr("Of"), subject, context.format),
            replace(_in_words(tr("From"), before, context.format), width=96, rank=2),
            replace(_in_words(tr("To"), after, context.format), width=96),
        )
        super().__init__(context, columns, parent=parent)


def _in_words(
    title: str, write: Callable[[ActivityEntry, Formatter], str], shown: Formatter
) -> ColumnOf[ActivityEntry]:
    def text(one: ActivityEntry) -> str:
        return write(one, shown)

    return ColumnOf(title=title, text=text, tip=text)


def file_row(one: ActivityEntry, shown: Formatter) -> tuple[Cell, ...]:
    """Return a change as a row of an exported list."""
    at = one.at.astimezone().replace(tzinfo=None)
    return (
        at, one.by_name, one.approver_name, one.till, act(one.act),
        subject(one, shown), before(one, shown), after(one, shown),
    )  # fmt: skip


def _where(one: ActivityEntry) -> str:
    said = tr("{person}, at till {till}", person=one.by_name, till=one.till)
    return said + (" " + tr("(approved by {name})", name=one.approver_name) if one.approver_name else "")
